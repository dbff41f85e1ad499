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
        started = False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > _LARGEST_BODY:
                raise _TooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, counted, noted)
        except _TooLargeError:
            if started:
                raise
            await _refuse(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    answer: Response = answer_error(Request(scope), 413, _TOO_LARGE)
    answer.headers["Connection"] = "close"
    await send({"type": "http.response.start", "status": 413, "headers": answer.raw_headers})
    await send({"type": "http.response.body", "body": bytes(answer.body), "more_body": True})
    # A browser reads the answer only when it could send what it began; it is thrown away as it comes.
    thrown = 0
    while thrown < _DRAINED:
        message = await receive()
        thrown += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            break
    await send({"type": "http.response.body", "body": b"", "more_body": False})
