import importlib.util
from collections.abc import Callable
from datetime import datetime
from importlib import import_module, resources
from typing import Any

from fastapi import Depends, FastAPI
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import jieban
from jieban import clock
from jieban.database import Database
from jieban.settings import Settings, read_settings
from web.errors import install_error_answers
from web.security.body_limit import BodyLimit
from web.security.headers import SecurityHeaders
from web.security.origin import guard

_PAGES = (
    "web.signin.routes",
    "web.inbox.routes",
    "web.work.routes",
    "web.cases.listing",
    "web.cases.registering",
    "web.cases.importing",
    "web.cases.routes",
    "web.cases.papers",
    "web.cases.actions",
    "web.cases.extensions",
    "web.bell.routes",
    "web.models.routes",
    "web.overdue.routes",
    "web.progress.routes",
    "web.admin.users",
    "web.admin.rules",
    "web.admin.health",
    "web.health.routes",
    "web.api.routes",
)


def create_app(
    settings: Settings | None = None,
    database: Database | None = None,
    *,
    clock: Callable[[], datetime] = clock.now,
) -> FastAPI:
    """Make the web application; without arguments from the environment, as the web server starts it."""
    settings = settings or read_settings()
    app = FastAPI(
        title="jieban 接办",
        version=jieban.__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        dependencies=[Depends(guard)],
    )
    app.state.settings = settings
    app.state.database = database or Database(settings.database_url)
    app.state.clock = clock
    install_error_answers(app)
    for name in _PAGES:
        if importlib.util.find_spec(name.rpartition(".")[0]) and importlib.util.find_spec(name):
            app.include_router(import_module(name).router, include_in_schema=name.startswith("web.api"))
    dist = resources.files("web").joinpath("static", "dist")
    app.mount("/static", _Assets(directory=str(dist), check_dir=False), name="static")
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders, secure=settings.secure_cookies)
    return app


class _Assets(StaticFiles):
    """Files whose address changes with their content, so a browser may keep them."""

    async def get_response(self, path: str, scope: Scope) -> Any:
        answer = await super().get_response(path, scope)
        answer.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if scope["query_string"] else "no-cache"
        )
        return answer
