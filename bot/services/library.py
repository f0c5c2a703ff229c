"""What the program has read from files: SOP definitions and calendars, by office."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from bot.domain.office_rules import DEFAULT_RULES, calendar_with
from bot.services.floods import Allowance
from bot.services.keyring import Keyring
from bot.sop_files.as_json import definition_from_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.domain.office_rules import OfficeRules
    from bot.domain.sop import Office, OfficeId, Sop, SopId, Zone
    from bot.domain.worktime import Calendar
    from bot.sop_files.calendars import Calendars
    from bot.store.tables import SopVersionRow

    Place = tuple[OfficeId, Zone, str]


@dataclass(frozen=True)
class Library:
    """The served definitions. Pinned versions of running cases are decoded once and kept.

    Beside them what else the composition root decides for every use case: who administers, the key that
    invitations are made with, and how much one person may ask. ``rules`` are what the offices' own files set.
    """

    sops: Mapping[SopId, Sop]
    calendars: Calendars
    admin_ids: frozenset[int] = frozenset()
    keyring: Keyring = field(default_factory=Keyring.passing, repr=False)
    allowance: Allowance = field(default_factory=Allowance)
    rules: Mapping[OfficeId, OfficeRules] = field(default_factory=dict)
    _pinned: dict[int, Sop] = field(default_factory=dict, compare=False, repr=False)
    # Not shared with a copy: that one may have other calendars.
    read_rules: dict[str, OfficeRules] = field(default_factory=dict, init=False, compare=False, repr=False)
    _calendars: dict[Place, Calendar] = field(default_factory=dict, init=False, compare=False, repr=False)

    @cached_property
    def offices(self) -> Mapping[OfficeId, Office]:
        """The offices that any served definition names."""
        return {sop.office.id: sop.office for sop in self.sops.values()}

    def of_office(self, office_id: OfficeId) -> tuple[Sop, ...]:
        """Return the served SOPs of one office, in id order."""
        return tuple(self.sops[key] for key in sorted(self.sops) if self.sops[key].office.id == office_id)

    def pinned(self, version_id: int, fetch: Callable[[], SopVersionRow]) -> Sop:
        """Return the definition that a case began with, whatever the files say now; ``fetch`` reads its row once."""
        if version_id not in self._pinned:
            self._pinned[version_id] = definition_from_dict(fetch().definition)
        return self._pinned[version_id]

    def calendar(self, office: Office) -> Calendar:
        """Return an office's calendar as the files have it; what counts now is ``Work.calendar_for``."""
        return self.calendar_under(office, self.rules.get(office.id, DEFAULT_RULES), "")

    def calendar_under(self, office: Office, rules: OfficeRules, key: str) -> Calendar:
        """Return an office's calendar under rules, made once for each ``key``; that of the file's is empty."""
        place = (office.id, office.zone, key)
        known = self._calendars.get(place)
        if known is None:
            known = self._calendars[place] = calendar_with(self.calendars.for_office(office), rules)
        return known
