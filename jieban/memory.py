import gc

_YOUNG = 10_000


def settle() -> None:
    """Take what a process has loaded at its start out of the collector's sight: it stays until the process ends.

    Otherwise every full collection walks through all modules, mappings and models again, in the middle of somebody's step.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
