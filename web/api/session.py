from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from jieban.staff import sessions
from web.api.shapes import Credentials, SessionOut
from web.security.visitor import COOKIE, Visitor, find_visitor, keep_cookie, signed_in
from web.signin.routes import sign_in

router = APIRouter(tags=["session"])


@router.post("/session", status_code=201, summary="Sign in")
def start(request: Request, response: Response, credentials: Credentials) -> SessionOut:
    """Start a session. Wrong credentials, unknown names and closed accounts are told the same."""
    state = request.app.state
    token, must_change = sign_in(request, credentials.username, credentials.password)
    with state.database.read() as session:
        found = sessions.find(session, token, state.clock())
        assert found is not None
        user, web_session = found
    keep_cookie(response, token, secure=state.settings.secure_cookies)
    return SessionOut(
        token=token,
        csrf=web_session.csrf,
        must_change_password=must_change,
        name=user.name,
        area_code=user.area_code,
        roles=sorted(row.role for row in user.roles),
    )


@router.get("/session", summary="Who is signed in")
def show(visitor: Annotated[Visitor, Depends(signed_in)]) -> SessionOut:
    """Say who the session belongs to; the token itself is not repeated."""
    return SessionOut(
        token="",
        csrf=visitor.csrf,
        must_change_password=visitor.must_change_password,
        name=visitor.actor.name,
        area_code=visitor.actor.area_code,
        roles=sorted(visitor.actor.roles),
    )


@router.delete("/session", status_code=204, summary="Sign out")
def end(visitor: Annotated[Visitor | None, Depends(find_visitor)]) -> Response:
    """End the session; an unknown one has ended already."""
    if visitor:
        with visitor.database.write() as session:
            sessions.end(session, visitor.token)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/")
    return response
