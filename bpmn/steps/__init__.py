"""How each kind of node behaves, as task specifications of SpiffWorkflow."""
