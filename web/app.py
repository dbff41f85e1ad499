from collections.abc import Callable
from datetime import datetime
from importlib import resources
from typing import Any

from fastapi import Depends, FastAPI
from starlette.datastructures import State
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import jieban
from jieban import clock, memory
from jieban.database import Database
from jieban.settings import Settings, read_settings
from notifications.channels import attach, read_channels
from web.absences import routes as absences
from web.account import routes as account
from web.admin import calendars, channels, linked, rules, standards, users
from web.admin import health as admin_health
from web.api import routes as api
from web.bell import routes as bell
from web.cases import actions, extensions, importing, listing, papers, registering
from web.cases import routes as cases
from web.contacts import routes as contacts
from web.errors import install_error_answers
from web.health import routes as health
from web.inbox import routes as inbox
from web.matters import routes as matters
from web.models import incidents
from web.models import routes as models
from web.monthly import routes as monthly
from web.orders import routes as orders
from web.overdue import routes as overdue
from web.payments import routes as payments
from web.progress import routes as progress
from web.security.body_limit import BodyLimit
from web.security.headers import SecurityHeaders
from web.security.origin import guard
from web.signin import routes as signin
from web.supply import routes as supply
from web.watch import Watch
from web.work import routes as work

_PAGES = (
    signin.router,
    inbox.router,
    work.router,
    listing.router,
    registering.router,
    matters.router,
    importing.router,
    cases.router,
    papers.router,
    payments.router,
    actions.router,
    extensions.router,
    bell.router,
    models.router,
    incidents.router,
    overdue.router,
    monthly.router,
    orders.router,
    contacts.router,
    absences.router,
    progress.router,
    users.router,
    rules.router,
    standards.router,
    linked.router,
    calendars.router,
    admin_health.router,
    channels.router,
    account.router,
    supply.router,
    health.router,
)


def create_app(
    settings: Settings | None = None,
    database: Database | None = None,
    *,
    clock: Callable[[], datetime] = clock.now,
) -> FastAPI:
    """Make the web application; without arguments from the environment, as the web server starts it."""
    alone = settings is None
    settings = settings or read_settings()
    app = make_app(secure=settings.secure_cookies)
    equip(app, settings, database or Database(settings.database_url), clock)
    if alone:
        memory.settle()
    return app


def make_app(*, secure: bool) -> FastAPI:
    """Make the application with all its addresses, but without the office it works for; `equip` gives it one."""
    app = FastAPI(
        title="jieban 接办",
        version=jieban.__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        dependencies=[Depends(guard)],
    )
    install_error_answers(app)
    for router in _PAGES:
        app.include_router(router, include_in_schema=False)
    app.include_router(api.router)
    dist = resources.files("web").joinpath("static", "dist")
    app.mount("/static", _Assets(directory=str(dist), check_dir=False), name="static")
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders, secure=secure)
    return app


def equip(app: FastAPI, settings: Settings, database: Database, clock: Callable[[], datetime]) -> None:
    """Give the application an office to work for; of an earlier one nothing is left."""
    known = read_channels(settings.channels)
    attach(database, known)
    app.state = State(
        {"settings": settings, "database": database, "channels": known, "clock": clock, "watch": Watch()}
    )


class _Assets(StaticFiles):
    """Files whose address changes with their content, so a browser may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Any:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if scope["query_string"] else "no-cache"
        )
        return answer
