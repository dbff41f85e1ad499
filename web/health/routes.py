from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from workflows.health import check_health

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def healthz(request: Request) -> JSONResponse:
    """Say whether the installation is well; 503 as soon as one part is not."""
    state = request.app.state
    health = check_health(state.database, state.settings.prefect_api_url, state.clock())
    return JSONResponse(health.as_json(), 200 if health.ok else 503)
