"""Use cases of /atur: walk through the menu, read what was typed, show what a change means, apply it."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from bot.domain.notices import (
    AskSetting,
    ChooseSetting,
    ConfirmSettings,
    Notice,
    SettingNotRead,
    SettingsChanged,
    SettingsRefused,
    SettingsUnchanged,
)
from bot.domain.office_rules import FastingMonth, OfficeRules, QuietHours, patch_between
from bot.services.act import person_of
from bot.services.authorise import Capability, offices_where, require
from bot.services.change_rules import (
    RulesMovedOnError,
    RulesRefusedError,
    apply_patch,
    preview,
    refuse_impossible,
)
from bot.services.day_text import months_in_figures
from bot.services.office_rules import rules_of, setting_of
from bot.services.questions import Kind, ask, settle
from bot.services.settings_menu import (
    TYPED,
    Desk,
    Place,
    Topic,
    choose,
    options_at,
    with_day,
    with_month,
    with_quiet,
)
from bot.services.work import Refusal
from bot.sop_files.hours import parse_range

if TYPE_CHECKING:
    from bot.domain.sop import OfficeId
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow

_DAY = r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})"
_NAMED_DAY = re.compile(_DAY + r"\s+(\S.*)", re.DOTALL)
_TWO_DAYS = re.compile(_DAY + r"\s*(?:-|–|s\.?\s?d\.?|sampai|hingga)\s*" + _DAY)
_FARTHEST = timedelta(days=3 * 366)
_LONGEST_NAME = 100


def open_menu(work: Work, actor: Actor) -> Notice:
    """Return the menu of the office's settings, or the choice of the office first; raises Refusal."""
    offices = offices_where(work, actor, Capability.SETTINGS)
    if len(offices) == 1:
        return _go(work, actor, Place(offices[0]))
    about = {"topic": "office", "options": list(offices)}
    return ChooseSetting(ask(work, person_of(actor), Kind.CHOOSE_SETTING, about).id)


def chosen(work: Work, actor: Actor, question: QuestionRow, index: int) -> Notice:
    """Go on with what was chosen: the next question, or what the change would mean; raises Refusal."""
    about = question.about
    option = about["options"][index]
    settle(work, question, {"index": index})
    if about["topic"] == "office":
        require(work, actor, Capability.SETTINGS, option)
        return _go(work, actor, Place(option))
    place = Place.of(about)
    require(work, actor, Capability.SETTINGS, place.office_id)
    desk = Desk.of(work, place.office_id)
    if option not in options_at(desk, place):
        return _go(work, actor, place)  # it has gone meanwhile: what there is by now
    following = choose(desk, place, option)
    return _go(work, actor, following) if isinstance(following, Place) else _ask(work, actor, place, following)


def typed(work: Work, actor: Actor, question: QuestionRow, text: str) -> Notice:
    """Go on with what was written; a text that cannot be read leaves the question open. Raises Refusal."""
    place = Place.of(question.about)
    require(work, actor, Capability.SETTINGS, place.office_id)
    desk = Desk.of(work, place.office_id)
    wanted = _read(desk, place.topic, " ".join(text.split()))
    if wanted is None:
        raise Refusal(SettingNotRead(place.topic.value))
    notice = _ask(work, actor, place, wanted)
    settle(work, question, {"text": text})
    return notice


def confirmed(work: Work, actor: Actor, question: QuestionRow) -> Notice:
    """Apply the change that was shown; raises Refusal, with the new state of things where others were quicker."""
    about = question.about
    office_id, patch = about["office_id"], about["patch"]
    require(work, actor, Capability.SETTINGS, office_id)
    try:
        applied = apply_patch(work, office_id, patch, by=person_of(actor), version=about["version"])
    except RulesMovedOnError:
        settle(work, question, {"dropped": True})
        raise Refusal(_confirmation(work, actor, office_id, patch)) from None
    except RulesRefusedError as error:
        raise Refusal(_refused(office_id, error)) from error
    settle(work, question, {"index": 0})
    if not applied.changed:
        return SettingsUnchanged(office_id)
    return SettingsChanged(office_id, applied.version, len(applied.moves))


def _go(work: Work, actor: Actor, place: Place) -> Notice:
    person = person_of(actor)
    if place.topic in TYPED:
        return AskSetting(ask(work, person, Kind.TYPE_SETTING, place.about(), awaits_text=True).id)
    about = place.about() | {"options": options_at(Desk.of(work, place.office_id), place)}
    return ChooseSetting(ask(work, person, Kind.CHOOSE_SETTING, about).id)


def _ask(work: Work, actor: Actor, place: Place, wanted: OfficeRules) -> Notice:
    """Ask whether to apply what was chosen; raises Refusal where it cannot be."""
    office_id = place.office_id
    patch = patch_between(rules_of(work, office_id), wanted)
    if not patch:
        return SettingsUnchanged(office_id)
    try:
        refuse_impossible(work, office_id, wanted)
        preview(work, office_id, wanted)
    except RulesRefusedError as error:
        raise Refusal(_refused(office_id, error)) from error
    return _confirmation(work, actor, office_id, patch)


def _confirmation(work: Work, actor: Actor, office_id: OfficeId, patch: dict[str, Any]) -> ConfirmSettings:
    about = {"office_id": office_id, "patch": patch, "version": setting_of(work, office_id).version}
    return ConfirmSettings(ask(work, person_of(actor), Kind.CONFIRM_SETTINGS, about).id)


def _refused(office_id: OfficeId, error: RulesRefusedError) -> SettingsRefused:
    return SettingsRefused(office_id, tuple((problem.fault.value, problem.detail) for problem in error.problems))


# --- reading what was typed -------------------------------------------------------------------


def _read(desk: Desk, topic: Topic, text: str) -> OfficeRules | None:
    if topic is Topic.QUIET_RANGE:
        hours = parse_range(text)
        return with_quiet(desk.rules, QuietHours(*hours)) if hours else None
    if topic is Topic.RAMADAN_RANGE:
        days = _two_days(text)
        return with_month(desk.rules, FastingMonth(*days)) if days and days[0] <= days[1] else None
    named = _named_day(text)
    if named is None or abs(named[0] - desk.today) > _FARTHEST:
        return None
    return with_day(desk.rules, topic, *named)


def _named_day(text: str) -> tuple[date, str] | None:
    match = _NAMED_DAY.fullmatch(text) or _NAMED_DAY.fullmatch(months_in_figures(text, 1))
    day = _date(*match.groups()[:3]) if match else None
    return (day, match[4][:_LONGEST_NAME]) if match and day else None


def _two_days(text: str) -> tuple[date, date] | None:
    match = _TWO_DAYS.fullmatch(months_in_figures(text))
    if match is None:
        return None
    first, last = _date(*match.groups()[:3]), _date(*match.groups()[3:])
    return (first, last) if first and last else None


def _date(day: str, month: str, year: str) -> date | None:
    with suppress(ValueError):
        return date(int(year), int(month), int(day))
    return None
