from jieban.audit.records import record_admin, record_read
from jieban.audit.sweeps import sweep_failed, sweep_ok, sweep_reached, sweep_started

__all__ = ["record_admin", "record_read", "sweep_failed", "sweep_ok", "sweep_reached", "sweep_started"]
