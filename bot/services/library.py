"""What the program has read from files: SOP definitions and calendars, by office."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from bot.services.floods import Allowance
from bot.services.keyring import Keyring
from bot.sop_files.as_json import definition_from_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.domain.sop import Office, OfficeId, Sop, SopId
    from bot.domain.worktime import Calendar
    from bot.sop_files.calendars import Calendars
    from bot.store.tables import SopVersionRow


@dataclass(frozen=True)
class Library:
    """The served definitions. Pinned versions of running cases are decoded once and kept.

    Beside them what else the composition root decides for every use case: who administers, the key that
    invitations are made with, and how much one person may ask.
    """

    sops: Mapping[SopId, Sop]
    calendars: Calendars
    admin_ids: frozenset[int] = frozenset()
    keyring: Keyring = field(default_factory=Keyring.passing, repr=False)
    allowance: Allowance = field(default_factory=Allowance)
    _pinned: dict[int, Sop] = field(default_factory=dict, compare=False, repr=False)

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
        """Return the working-time calendar of an office."""
        return self.calendars.for_office(office)
