class JiebanError(Exception):
    """Something could not be done; the sentence says what to do about it."""

    def __init__(self, message: str | None = None, /, **details: object) -> None:
        self.message = message or (self.__doc__ or "").strip()
        self.details = details
        super().__init__(self.message)


class NotFound(JiebanError):  # noqa: N818 - reads as the sentence it is
    """没有找到，或您无权查看。"""


class NotAllowed(JiebanError):  # noqa: N818
    """您没有办理此事项的权限。"""


class Conflict(JiebanError):  # noqa: N818
    """该事项已被他人更改，请刷新后再试。"""


class Invalid(JiebanError):  # noqa: N818
    """填写的内容有误，请按提示修改。"""

    def __init__(self, message: str | None = None, /, errors: list[dict[str, str]] | None = None) -> None:
        self.errors = errors or []
        super().__init__(message, errors=self.errors)
