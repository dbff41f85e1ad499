"""A running scope: SpiffWorkflow's workflow and sub-workflow, without tree, prediction or script engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from bpmn.errors import BPMNError

if TYPE_CHECKING:
    from bpmn.machine import Machine
    from bpmn.steps.base import Step
    from bpmn.steps.events import EventStart
    from bpmn.steps.gateways import Inclusive
    from bpmn.steps.token import Token


class ScopeSpec(BpmnProcessSpec):  # type: ignore[misc]
    """The specification of one scope; it is shared by all runs and never changed by one."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        # The joints that SpiffWorkflow adds would take the names Start and End from the diagram.
        self.task_specs.clear()
        self.begin: list[Step] = []
        self.alerts: list[EventStart] = []
        self.inclusive: list[Inclusive] = []


class NoScripts(PythonScriptEngine):  # type: ignore[misc]
    """Refuses everything: no text of a model ever reaches Python."""

    def __init__(self) -> None:
        """Take no environment."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise BPMNError("A model tried to run a script.")

    validate = evaluate = execute = call_service = _refuse


NO_SCRIPTS = NoScripts()


class Case(BpmnWorkflow):  # type: ignore[misc]
    """The outermost scope of a run."""

    tasks: dict[int, Token]
    subprocesses: dict[int, Inner]

    def __init__(self, spec: ScopeSpec, run: Machine) -> None:
        super().__init__(spec, {}, NO_SCRIPTS, deserializing=True)
        self.run = run

    def get_task_from_id(self, task_id: int) -> Token:
        """Find a token in any scope."""
        scopes: list[Any] = [self, *self.subprocesses.values()]
        for scope in scopes:
            if task_id in scope.tasks:
                token: Token = scope.tasks[task_id]
                return token
        raise KeyError(task_id)

    @property
    def host(self) -> None:
        """The outermost scope stands in no activity."""
        return


class Inner(BpmnSubWorkflow):  # type: ignore[misc]
    """The scope of a running sub-process or called process."""

    tasks: dict[int, Token]

    def __init__(self, spec: ScopeSpec, host: Token, top: Case) -> None:
        self.host = host
        self.run = top.run
        super().__init__(spec, host.id, top, deserializing=True)

    @property
    def parent_workflow(self) -> Any:
        """Give the scope round this one; SpiffWorkflow would look for the host in every scope."""
        return self.host.workflow
