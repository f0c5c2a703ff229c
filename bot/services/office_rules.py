"""What an office has set, as it counts in this transaction: what was set in chat, else what its file says."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bot.domain.office_rules import DEFAULT_RULES, OfficeRules, rules_from_dict
from bot.store.tables import OfficeSettingRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session, SessionTransaction

    from bot.domain.sop import Office, OfficeId
    from bot.domain.worktime import Calendar
    from bot.services.library import Library
    from bot.services.work import Work

log = logging.getLogger(__name__)

_READ = "office_rules"


@dataclass(frozen=True, slots=True)
class Setting:
    """The rules that count now. ``version`` 0 is the file's, or nothing; ``key`` tells equal contents."""

    version: int
    rules: OfficeRules
    key: str = ""


def setting_of(work: Work, office_id: OfficeId) -> Setting:
    """Return what counts in an office now: one query in each transaction, and one after each lock on the office."""
    read = _read_in(work.session)
    if office_id not in read:
        read[office_id] = _fetch(work, office_id)
    return read[office_id]


def rules_of(work: Work, office_id: OfficeId) -> OfficeRules:
    """Return the office's rules as they count now."""
    return setting_of(work, office_id).rules


def calendar_for(work: Work, office: Office) -> Calendar:
    """Return the office's calendar with its own rules in it. The one way to any calendar."""
    setting = setting_of(work, office.id)
    return work.library.calendar_under(office, setting.rules, setting.key)


def read_anew(work: Work) -> None:
    """Forget what was read of the offices' rules: a lock was waited for, or they have changed just now."""
    work.session.info.pop(_READ, None)


def _read_in(session: Session) -> dict[OfficeId, Setting]:
    """Return what this very transaction (or savepoint) has read: one taken back takes what it read with it."""
    current = session.get_nested_transaction() or session.get_transaction()
    known: tuple[SessionTransaction | None, dict[OfficeId, Setting]] | None = session.info.get(_READ)
    if known is None or known[0] is not current:
        known = session.info[_READ] = (current, {})
    return known[1]


def _fetch(work: Work, office_id: OfficeId) -> Setting:
    stored = select(OfficeSettingRow.version, OfficeSettingRow.data).where(OfficeSettingRow.office_id == office_id)
    row = work.session.execute(stored.order_by(OfficeSettingRow.version.desc()).limit(1)).first()
    in_file = work.library.rules.get(office_id, DEFAULT_RULES)
    if row is None:
        return Setting(0, in_file)
    return _stored(work.library, office_id, row.version, row.data, in_file)


def _stored(library: Library, office_id: OfficeId, version: int, data: dict[str, Any], in_file: OfficeRules) -> Setting:
    key = json.dumps(data, sort_keys=True)
    known = library.read_rules.get(key)
    if known is None:
        try:
            known = library.read_rules[key] = rules_from_dict(data)
        except (AttributeError, KeyError, TypeError, ValueError):
            # Of a younger program, or altered past this one: an office must not stand still for that.
            log.exception("office rules not read", extra={"action": "rules.unreadable", "office_id": office_id})
            return Setting(version, in_file)
    return Setting(version, known, key)
