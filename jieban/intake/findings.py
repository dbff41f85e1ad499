"""What a check found: the field, what stands there, and what to do."""

Finding = dict[str, str]


def finding(field: str, value: object, message: str) -> Finding:
    """Make one finding about a field."""
    return {"field": field, "value": "" if value is None else str(value), "message": message}
