"""The REST API: the same functions as the pages, for programs of the office."""

from fastapi import APIRouter

from web.api import cases, session, tasks
from web.api.shapes import Refusal

router = APIRouter(
    prefix="/api/v1",
    responses={
        401: {"model": Refusal, "description": "Not signed in"},
        403: {"model": Refusal, "description": "Not allowed"},
        404: {"model": Refusal, "description": "Not there, or in somebody else's area"},
        409: {"model": Refusal, "description": "Somebody else was first"},
        429: {"model": Refusal, "description": "Too many attempts to sign in; see Retry-After"},
        422: {"model": Refusal, "description": "Wrong content, one entry per field"},
    },
)
for part in (session, tasks, cases):
    router.include_router(part.router)
