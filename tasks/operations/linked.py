"""Cases that come out of a case: they are opened in the same transaction, for the same person (GX-09, JC-08, TK-21)."""

from dataclasses import replace
from decimal import Decimal

from tasks.operations.records import told
from tasks.operations.registry import Asked, Fact, ToOpen, service_operation


@service_operation(
    "open_linked",
    "转办并立案",
    "Open a linked case",
    ("procedure", "kind", "tell", "given", "keep_acceptance", "channel", "place"),
)
def open_linked(asked: Asked) -> None:
    """Open a case of another procedure for the same person; `tell` hands facts of this case over as fields of its form.

    `given` are literal fields ("lane=urgent, origin=warning"). With `keep_acceptance` the new case keeps the day on which
    this one was accepted, so that splitting an application costs nobody time (GX-09). `channel` says how it came in;
    `place` names the fact that holds the village of the new case, where this one is not about a village.
    """
    params, facts = asked.params, {}
    if params.get("keep_acceptance") == "true" and asked.case.accepted_at:
        facts["accepted_with"] = asked.case.accepted_at.isoformat()
    given = (one.partition("=") for one in params.get("given", "").split(",") if "=" in one)
    data: dict[str, Fact] = {name.strip(): _literal(value.strip()) for name, _, value in given}
    # An amount goes as a form sends it: as text, without losing a cent.
    data |= {
        name: str(one) if isinstance(one, Decimal) else one
        for name, one in told(params.get("tell", ""), asked.facts).items()
        if one is not None
    }
    wish = ToOpen(params["procedure"], params.get("kind", "linked"), facts, data)
    place = str(asked.facts.get(params.get("place", "")) or "")
    asked.to_open.append(replace(wish, channel=params.get("channel", wish.channel), place=place))


def _literal(text: str) -> str | bool | int:
    if text in {"true", "false"}:
        return text == "true"
    return int(text) if text.isdecimal() else text
