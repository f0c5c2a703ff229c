"""A case read for paper: no name, reason or title is shortened, and every moment says its year."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bot.domain.posts import SECRETARIAT
from bot.messages.case_view import CaseView
from bot.messages.dates import Clock
from bot.messages.labels import label
from bot.messages.limits import shorten
from bot.messages.view import View
from bot.store import queries
from bot.store.tables import CaseRow

if TYPE_CHECKING:
    from datetime import date, datetime

    from bot.store.tables import PersonRow

_LONGEST, _LINES = 20_000, 200
"""More than anybody can send: only what cannot be printed is taken out of a text."""


def clean(text: str | None) -> str:
    """Return text from people fit to stand on paper: as it was typed, without control characters."""
    return shorten(text or "", _LONGEST, lines=_LINES)


class PaperClock(Clock):
    """An office's clock on a paper that is read years later."""

    __slots__ = ()

    def moment(self, when: datetime) -> str:
        """Return a moment in full, such as "Jumat, 27 Nov 2026 14.30 WIB"."""
        local = self.calendar.local(when)
        weekday = label(f"date.weekday.{local.weekday()}")
        return label("paper.date", weekday=weekday, **self._parts(local), **self._time(local))

    def brief(self, when: datetime) -> str:
        """Return a moment as "27 Nov 2026, 14.30 WIB"."""
        local = self.calendar.local(when)
        return label("paper.brief", **self._parts(local), **self._time(local))

    def _parts(self, day: date) -> dict[str, object]:
        return {"day": day.day, "month": label(f"date.month.{day.month}"), "year": day.year}


@dataclass(frozen=True)
class PaperView(View):
    """The store as a paper shows it."""

    def office(self, office_id: str) -> str:
        """Return an office's whole name."""
        return clean(self.work.office_name(office_id))

    @cached_property
    def _posts(self) -> dict[str, dict[str, str]]:
        """The names of posts by office, read once: a log names them hundreds of times."""
        return {}

    def post(self, office_id: str, post_id: str) -> str:
        """Return a post's whole name; also of the reserved ones."""
        if office_id not in self._posts:
            self._posts[office_id] = queries.post_names(self.session, office_id)
        name = self._posts[office_id].get(post_id)
        if name is None:
            name = label(f"capacity.{post_id}") if post_id in {SECRETARIAT, "admin"} else post_id
        return clean(name)

    def _name(self, person: PersonRow) -> str:
        return clean(person.name) or label("person.nameless")


@dataclass(frozen=True)
class PaperCase(CaseView):
    """One case as a paper shows it; of a secret one what messages show too."""

    @cached_property
    def clock(self) -> PaperClock:
        """The office's clock."""
        return PaperClock(self.calendar, self.view.at)


def paper_case(view: View, case_id: int) -> PaperCase:
    """Return the case that exists, read for paper on behalf of whom ``view`` is for."""
    return PaperCase(PaperView(view.work, view.recipient), view.session.get_one(CaseRow, case_id))
