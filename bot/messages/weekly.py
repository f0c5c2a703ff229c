"""The weekly digest: how an office's cases stand, and the fingerprints of their logs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.domain import chain
from bot.domain.case import Status
from bot.messages.dates import Clock
from bot.messages.limits import html_units
from bot.messages.view import Context
from bot.store.tables import DigestRow

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.view import View

_LIST_UNITS = 3300  # leaves room for the heading and the closing lines
_LINE_UNITS = 20  # tags and signs around a code and its fingerprint


@dataclass(frozen=True, slots=True)
class Marked:
    """A case with the fingerprint of its log at the digest's moment."""

    code: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeeklyDigestContext(Context):
    """Numbers count cases; ``ended`` are those since ``since``; ``left_out`` have no line of their own."""

    office: str
    day: str
    since: str
    running: int
    late: int
    finished: int
    cancelled: int
    shown_running: tuple[Marked, ...]
    shown_ended: tuple[Marked, ...]
    left_out: int
    fingerprint: str


def weekly_digest(view: View, notice: n.WeeklyDigest) -> WeeklyDigestContext | None:
    """Return the digest as it was made; None for whoever is no longer the office's sekretariat."""
    row = view.session.get_one(DigestRow, notice.digest_id)
    if not view.is_secretariat(row.office_id):
        return None
    data: dict[str, Any] = row.data
    clock = Clock(view.work.calendar_for(view.work.offices()[row.office_id]), view.at)
    by_status = {status: [case for case in data["cases"] if case["status"] == status] for status in Status}
    running = by_status[Status.RUNNING]
    ended = by_status[Status.FINISHED] + by_status[Status.CANCELLED]
    shown = _that_fit([*ended, *running])
    return WeeklyDigestContext(
        office=view.office(row.office_id),
        day=clock.moment(row.created_at),
        since=clock.moment(datetime.fromisoformat(data["since"])),
        running=len(running),
        late=data["late"],
        finished=len(by_status[Status.FINISHED]),
        cancelled=len(by_status[Status.CANCELLED]),
        shown_running=tuple(shown[len(ended) :]),
        shown_ended=tuple(shown[: len(ended)]),
        left_out=len(data["cases"]) - len(shown),
        fingerprint=chain.fingerprint(data["hash"]),
    )


def _that_fit(cases: list[dict[str, Any]]) -> list[Marked]:
    """Return the cases that have room, ended ones first: their fingerprint will not be told again."""
    shown: list[Marked] = []
    room = _LIST_UNITS
    for case in cases:
        marked = Marked(case["code"], chain.fingerprint(case["head"]))
        room -= _LINE_UNITS + html_units(marked.code, marked.fingerprint)
        if room < 0:
            break
        shown.append(marked)
    return shown
