from tasks.amounts.registry import Granted, amount_by, home_of
from tasks.operations.registry import Done


@amount_by("status")
def status(done: Done) -> Granted:
    """Grant a status without money, as that of a household on the margin (BY-01, GX-04)."""
    return Granted(None, home_of(done).members, method="status")
