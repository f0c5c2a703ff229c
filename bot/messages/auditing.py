"""What the auditor found, for the sekretariat: which case, what does not fit, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.messages.case_view import CaseLine, case_view
from bot.messages.labels import label
from bot.messages.limits import html_units
from bot.messages.view import Context
from bot.store.tables import FindingRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain import notices as n
    from bot.messages.view import View

_SHOWN = 10
_LIST_UNITS = 3200  # leaves room for the opening and the closing lines
_ITEM_UNITS = 60  # tags and words around the values of one item


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference; ``case`` and ``step`` (as printed) where it is about one."""

    what: str
    case: CaseLine | None
    step: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFindingContext(Context):
    """``left_out`` counts the findings beyond those shown."""

    items: tuple[Finding, ...]
    left_out: int


def audit_finding(view: View, notice: n.AuditFinding) -> AuditFindingContext | None:
    """Return what still does not fit in the recipient's offices, or None where all does by now."""
    rows = [view.session.get(FindingRow, finding_id) for finding_id in notice.finding_ids]
    items = [_finding(view, row) for row in rows if row is not None and _concerns(view, row)]
    if not items:
        return None
    shown = _that_fit(items)
    return AuditFindingContext(items=shown, left_out=len(items) - len(shown))


def _concerns(view: View, row: FindingRow) -> bool:
    return row.resolved_at is None and row.office_id is not None and view.is_secretariat(row.office_id)


def _finding(view: View, row: FindingRow) -> Finding:
    case = case_view(view, row.case_id) if row.case_id else None
    step, person, event = (row.detail.get(name) for name in ("step", "person", "event"))
    who = view.person(person) if person else label("person.nameless")
    what = label(f"finding.{row.kind}", person=who, event=event)
    return Finding(what, case.line if case else None, label("step.short", number=step) if step else None)


def _that_fit(items: Sequence[Finding]) -> tuple[Finding, ...]:
    room = _LIST_UNITS
    for count, item in enumerate(items[:_SHOWN]):
        case = item.case
        texts = (case.code, case.title, case.office or "") if case else ()
        room -= _ITEM_UNITS + html_units(item.what, item.step or "", *texts)
        if room < 0:
            return tuple(items[: max(1, count)])
    return tuple(items[:_SHOWN])
