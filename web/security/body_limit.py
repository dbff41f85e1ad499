from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.errors import answer_error
from web.i18n import N_

LARGEST_FILE = 25 * 1024 * 1024
"""Papers are scans and photographs; what is larger was scanned too finely."""

_LARGEST_BODY = LARGEST_FILE + 1024 * 1024
_DRAINED = 100 * 1024 * 1024
_TOO_LARGE = N_("上传的内容超过 25 MB，请压缩或分开后再上传。本次没有保存任何内容。")


class _TooLargeError(Exception):
    """The body turned out to be larger than it said."""


class BodyLimit:
    """Refuses a body that is too large before anything of it is kept."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "")
        if length.isdigit() and int(length) > _LARGEST_BODY:
            await _refuse(scope, receive, send)
            return
        received = 0
        refused = started = ended = False

        async def counted() -> Message:
            nonlocal received, refused, ended
            message = await receive()
            ended = not message.get("more_body", False)
            received += len(message.get("body", b""))
            if received > _LARGEST_BODY:
                refused = not started
                raise _TooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            if refused:
                return  # whatever the application makes of a body that broke off
            started = True
            await send(message)

        try:
            await self.app(scope, counted, noted)
        except _TooLargeError:
            if not refused:
                raise
        if refused:
            await _refuse(scope, receive, send, ended=ended)


async def _refuse(scope: Scope, receive: Receive, send: Send, *, ended: bool = False) -> None:
    answer: Response = answer_error(Request(scope), 413, _TOO_LARGE)
    answer.headers["Connection"] = "close"
    await send({"type": "http.response.start", "status": 413, "headers": answer.raw_headers})
    await send({"type": "http.response.body", "body": bytes(answer.body), "more_body": True})
    # A browser reads the answer only when it could send what it began; it is thrown away as it comes.
    thrown = 0
    while not ended and thrown < _DRAINED:
        message = await receive()
        thrown += len(message.get("body", b""))
        ended = message["type"] == "http.disconnect" or not message.get("more_body")
    await send({"type": "http.response.body", "body": b"", "more_body": False})
