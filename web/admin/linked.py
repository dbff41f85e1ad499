"""The page of the nine linked classes: type a new base, see all nine, and take them on through the preview of an import."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response

from jieban.clock import local_day
from jieban.rules import standards
from jieban.rules.standards.items import BASES, items
from jieban.rules.standards.linking import nine
from jieban.rules.standards.reading import Reading, Wanted, check_behind, check_value
from jieban.rules.standards.values import Values, load_values
from web.admin.rules import CITABLE, PROVENANCES
from web.admin.standards import keep
from web.i18n import N_, translate
from web.pages import redirect, render
from web.security.visitor import Visitor, may

router = APIRouter(include_in_schema=False)
_SHORT, _LONG = 30, 200
_NAMES = ("urban", "rural")


@dataclass(frozen=True)
class Asked:
    """What was typed into the page."""

    area: str
    urban: str
    rural: str
    since: str
    source: str
    article: str
    provenance: str


def _from_address(
    area: Annotated[str, Query(max_length=_SHORT)] = "",
    urban: Annotated[str, Query(max_length=_SHORT)] = "",
    rural: Annotated[str, Query(max_length=_SHORT)] = "",
    since: Annotated[str, Query(max_length=_SHORT)] = "",
    source: Annotated[str, Query(max_length=_LONG)] = "",
    article: Annotated[str, Query(max_length=_LONG)] = "",
    provenance: Annotated[str, Query(max_length=_SHORT)] = "",
) -> Asked:
    return Asked(area, urban, rural, since, source, article, provenance)


def _from_form(
    area: Annotated[str, Form(max_length=_SHORT)] = "",
    urban: Annotated[str, Form(max_length=_SHORT)] = "",
    rural: Annotated[str, Form(max_length=_SHORT)] = "",
    since: Annotated[str, Form(max_length=_SHORT)] = "",
    source: Annotated[str, Form(max_length=_LONG)] = "",
    article: Annotated[str, Form(max_length=_LONG)] = "",
    provenance: Annotated[str, Form(max_length=_SHORT)] = "",
) -> Asked:
    return Asked(area, urban, rural, since, source, article, provenance)


@router.get("/admin/rules/linked")
def show(
    request: Request,
    visitor: Annotated[Visitor, Depends(may("rules.read"))],
    asked: Annotated[Asked, Depends(_from_address)],
) -> Response:
    """Show all nine classes for the bases that were typed, or as they are now."""
    return _page(request, visitor, asked, {})


@router.post("/admin/rules/linked")
def take_on(
    request: Request,
    visitor: Annotated[Visitor, Depends(may("rules.edit"))],
    asked: Annotated[Asked, Depends(_from_form)],
) -> Response:
    """Go on to the preview of what the bases and all that follows from them would change."""
    bases, day, errors = _read(asked, visitor.locale)
    if asked.provenance not in PROVENANCES:
        errors["provenance"] = translate(visitor.locale, N_("请选择出处程度。"))
    elif said := check_behind(asked.source, asked.provenance):
        errors["source"] = said
    if len(bases) < len(BASES):
        for key, name in zip(BASES, _NAMES, strict=True):
            if key not in bases:
                errors.setdefault(name, translate(visitor.locale, N_("请填写新的标准。")))
    if day is None:
        errors.setdefault("since", translate(visitor.locale, N_("请填写生效日期。")))
    if errors or day is None:
        return _page(request, visitor, asked, errors)
    wanted = [
        Wanted(
            sheet="联动",
            row=0,
            area_code=asked.area,
            key=key,
            value=f"{value:f}",
            effective_from=day,
            source=asked.source.strip(),
            article=asked.article.strip(),
            provenance=asked.provenance,
        )
        for key, value in bases.items()
    ]
    preview_id, rejected = keep(visitor, Reading(bases=wanted), file="九类标准联动", sha256="")
    if preview_id is None:
        said = "；".join(dict.fromkeys(one.reason for one in rejected))
        return _page(request, visitor, asked, {"area": said})
    return redirect(f"/admin/rules/import/{preview_id}")


def _page(request: Request, visitor: Visitor, asked: Asked, errors: dict[str, str]) -> Response:
    bases, day, wrong = _read(asked, visitor.locale)
    today = local_day(visitor.now)
    with visitor.database.read() as session:
        places = standards.counties(session, visitor.actor.area_code)
        values = load_values(session, items())
    area = asked.area or (places[0][0] if places else "")
    shown_day = day or _first_of_next_month(today)
    rows = nine(values, values, area, shown_day, _with_present(values, area, shown_day, bases))
    context: dict[str, Any] = {"asked": asked, "area": area, "rows": rows, "errors": {**wrong, **errors}}
    return render(
        request,
        "rules_linked.html",
        block="nine",
        status=422 if errors else 200,
        places=places,
        day=shown_day,
        citable=CITABLE,
        provenances=PROVENANCES,
        sureness=[(key, translate(visitor.locale, name)) for key, name in PROVENANCES.items()],
        missing=any(row.new is None for row in rows),
        **context,
    )


def _with_present(values: Values, area: str, day: date, bases: dict[str, Decimal]) -> dict[str, Decimal]:
    """Put the present standard where none was typed, so that one alone can be tried out."""
    present = {key: value.number for key in BASES if (value := values.at(area, key, day))}
    return present | bases


def _read(asked: Asked, locale: str) -> tuple[dict[str, Decimal], date | None, dict[str, str]]:
    bases, errors = {}, {}
    for key, name in zip(BASES, _NAMES, strict=True):
        text = getattr(asked, name).strip().replace(",", "")
        if not text:
            continue
        try:
            value = Decimal(text)
            said = check_value(items()[key], value) if value.is_finite() else ""
        except InvalidOperation:
            value, said = Decimal("NaN"), ""
        if said or not value.is_finite():
            errors[name] = said or translate(locale, N_("应为数字，如 1060。"))
        else:
            bases[key] = value
    try:
        day = date.fromisoformat(asked.since) if asked.since else None
    except ValueError:
        day, errors["since"] = None, translate(locale, N_("日期应写成 2027-01-01 的样子。"))
    return bases, day, errors


def _first_of_next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
