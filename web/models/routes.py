from fastapi import APIRouter

from web.models import drafts, pages

router = APIRouter()
router.include_router(pages.router)
router.include_router(drafts.router)
