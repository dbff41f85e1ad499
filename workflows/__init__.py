import os

# Prefect tells its makers when it is imported at a terminal. Our programs are started with this setting; whoever imports
# the flows otherwise, in a shell or a script, is not to be reported either: nothing leaves the machine.
os.environ.setdefault("DO_NOT_TRACK", "1")
