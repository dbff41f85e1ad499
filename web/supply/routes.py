"""The supply list of a county: which services and charity projects its providers offer, with places, and what is lacking."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.areas.tables import Area
from jieban.audit import record_admin
from jieban.care import supply
from jieban.care.supply import NewSupply
from jieban.care.tables import CareSupply
from jieban.care.words import CHARITY_ITEMS, ITEMS, PROVIDERS, SERVICES
from jieban.errors import Conflict, Invalid, NotAllowed, NotFound
from jieban.staff.actor import Actor
from web.i18n import N_, translate
from web.pages import redirect, render
from web.security.visitor import Visitor, may

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=300)]
_YEAR = timedelta(days=365)
_COUNTY = 6
WORDS = {
    "visit": N_("访视"),
    "nursing": N_("看护照料"),
    "rehabilitation": N_("康复训练"),
    "meals_bath": N_("助餐助浴"),
    "mobility_cleaning": N_("助行助洁"),
    "counselling": N_("心理疏导"),
    "inclusion": N_("社会融入"),
    "money": N_("救助资金"),
    "goods": N_("生活物资"),
    "medical": N_("医疗帮扶"),
    "education": N_("助学"),
    "volunteering": N_("志愿服务"),
    "institution": N_("养老、康复等服务机构"),
    "social_work": N_("社会工作服务机构"),
    "company": N_("家政等企业"),
    "volunteer": N_("志愿服务组织"),
    "charity": N_("慈善组织"),
}
"""The words of jieban.care.words, so that they have English ones."""


@dataclass(frozen=True)
class Filled:
    """What was filled in."""

    provider: str = ""
    kind: str = ""
    item: str = ""
    name: str = ""
    contact: str = ""
    phone: str = ""
    capacity: str = ""
    note: str = ""
    active: bool = True


def filled_in(
    provider: Text = "",
    kind: Text = "",
    item: Text = "",
    name: Text = "",
    contact: Text = "",
    phone: Text = "",
    capacity: Text = "",
    note: Text = "",
    *,
    active: Annotated[bool, Form()] = False,
) -> Filled:
    """Read the form of a line."""
    return Filled(
        provider.strip(),
        kind,
        item,
        name.strip(),
        contact.strip(),
        phone.strip(),
        capacity.strip(),
        note.strip(),
        active,
    )


@router.get("/supply")
def show(
    request: Request,
    visitor: Annotated[Visitor, Depends(may("supply.read"))],
    county: str = "",
    edit: uuid.UUID | None = None,
) -> Response:
    """Show the list of a county, and to whoever may change it the form of one line."""
    filled = Filled()
    if edit is not None:
        with visitor.database.read() as session:
            row = session.get(CareSupply, edit)
        if row is None or not _covers(visitor.actor, row.county_code):
            raise NotFound
        county = row.county_code
        capacity = "" if row.capacity is None else str(row.capacity)
        filled = Filled(
            row.provider, row.kind, row.item, row.name, row.contact, row.phone, capacity, row.note, row.active
        )
    return _page(request, visitor, county, edit, filled, {})


@router.post("/supply")
def save(
    request: Request,
    visitor: Annotated[Visitor, Depends(may("supply.edit"))],
    filled: Annotated[Filled, Depends(filled_in)],
    county: Text = "",
    supply_id: Annotated[uuid.UUID | None, Form()] = None,
) -> Response:
    """Add a line, or change one; nothing is removed, a line that is not offered any more is marked so."""
    if len(county) != _COUNTY or not _covers(visitor.actor, county):
        raise NotAllowed
    errors: dict[str, str] = {}
    if filled.capacity and not filled.capacity.isdecimal():
        errors["capacity"] = translate(visitor.locale, "应为整数；没有限制的不填。")
    else:
        try:
            _save(visitor, county, supply_id, filled)
        except Invalid as wrong:
            errors = {one["field"]: one["message"] for one in wrong.errors}
        except Conflict as same:
            errors["name"] = same.message
    if errors:
        return _page(request, visitor, county, supply_id, filled, errors)
    return redirect(f"/supply?county={county}", translate(visitor.locale, "供给清单已保存。"))


def _save(visitor: Visitor, county: str, supply_id: uuid.UUID | None, filled: Filled) -> None:
    wanted = NewSupply(
        filled.provider,
        filled.kind,
        filled.item,
        filled.name,
        filled.contact,
        filled.phone,
        int(filled.capacity) if filled.capacity else None,
        filled.note,
        filled.active,
    )
    with visitor.database.write() as session:
        held = session.get(CareSupply, supply_id) if supply_id else None
        if supply_id and (held is None or held.county_code != county):
            raise NotFound
        row = supply.save(session, county, wanted, visitor.now, supply_id=supply_id)
        data = {"county": county, "label": row.label, "active": row.active, "capacity": row.capacity}
        record_admin(session, kind="supply.saved", now=visitor.now, actor=visitor.actor, data=data)


def _page(
    request: Request,
    visitor: Visitor,
    county: str,
    supply_id: uuid.UUID | None,
    filled: Filled,
    errors: dict[str, str],
) -> Response:
    with visitor.database.read() as session:
        places = _counties(session, visitor.actor)
        chosen = county if county in dict(places) else (places[0][0] if places else "")
        query = select(CareSupply).where(CareSupply.county_code == chosen)
        rows = list(
            session.scalars(query.order_by(CareSupply.active.desc(), CareSupply.item, CareSupply.label))
        )
        lacking = supply.gaps(session, chosen, visitor.now - _YEAR)

    def named(table: dict[str, str]) -> list[tuple[str, str]]:
        return [(key, translate(visitor.locale, WORDS[key])) for key in table]

    return render(
        request,
        "supply.html",
        status=422 if errors else 200,
        places=places,
        county=chosen,
        services=[row for row in rows if row.item in SERVICES],
        projects=[row for row in rows if row.item in CHARITY_ITEMS],
        lacking=lacking,
        filled=filled,
        supply_id=supply_id,
        errors=errors,
        words=dict(named({**ITEMS, **PROVIDERS})),
        kinds=named(PROVIDERS),
        items=named(ITEMS),
    )


def _within(actor: Actor) -> str | None:
    """Give the area whose lists the actor sees: of a township its county; whoever keeps the rules of all sees all."""
    if actor.area_code:
        return actor.area_code[:_COUNTY]
    return "" if actor.may("rules.edit") else None


def _covers(actor: Actor, county: str) -> bool:
    within = _within(actor)
    return within is not None and county.startswith(within)


def _counties(session: Session, actor: Actor) -> list[tuple[str, str]]:
    within = _within(actor)
    if within is None:
        return []
    query = select(Area.code, Area.full_name).where(
        Area.level == "county", Area.code.startswith(within, autoescape=True)
    )
    return [(row.code, row.full_name) for row in session.execute(query.order_by(Area.code))]
