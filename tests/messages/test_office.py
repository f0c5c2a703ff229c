"""The settings of an office: the menu, what a change would mean, and what it has meant."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain import notices as n
from bot.domain.budget import Budget, Unit
from bot.domain.office_rules import (
    SIX_DAYS,
    SIX_DAYS_RAMADAN,
    FastingMonth,
    Fault,
    Ladders,
    OfficeRules,
    QuietHours,
    patch_between,
    rules_to_dict,
)
from bot.domain.reminders import Audience, EarlyRung, Ladder, ReminderKind
from bot.domain.worktime import DayException, DayKind, Period
from bot.messages.labels import label
from bot.services.settings_menu import TYPED, Desk, Place, Topic, options_at
from bot.store.tables import OfficeSettingRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from tests.messages.conftest import World

    Shown = Callable[[Message | None], str]

OFFICE = "kesbangpol"
SITI = "Siti Rahmawati"
ADDED = date(2026, 11, 26)
EVERYTHING = OfficeRules(
    hours=SIX_DAYS,
    ramadan_hours=SIX_DAYS_RAMADAN,
    ramadan=(FastingMonth(date(2027, 2, 8), date(2027, 3, 9)),),
    holidays={
        date(2026, 11, 30): DayException(DayKind.CANCELLED, "Perubahan SKB"),
        ADDED: DayException(DayKind.JOINT_LEAVE, "Perubahan SKB <2026>"),
        date(2026, 12, 1): DayException(DayKind.LOCAL_HOLIDAY, "Hari jadi"),
        date(2026, 12, 31): DayException(DayKind.SPECIAL_HOURS, "Tutup tahun", (Period(time(7, 30), time(11)),)),
    },
    ladders=Ladders(
        Ladder(early=()),
        {"kesbangpol-pk": Ladder(late_after=Budget(2, Unit.HOUR))},
        {("kesbangpol-pk", 4): Ladder(early=(EarlyRung(80, Budget(1, Unit.HOUR)),))},
    ),
    audiences={ReminderKind.EARLY: frozenset(), ReminderKind.LATE: frozenset({Audience.HOLDERS, Audience.SUPERIOR})},
    quiet=QuietHours(time(20), time(6)),
    via_secretary="sekretaris",
    chief_cap=5,
    hold_reminder_days=2,
    objection=Budget(4, Unit.HOUR),
    recorders=frozenset({"staf", "kasubag"}),
    extension_max=Budget(5, Unit.DAY),
)
CHOSEN: dict[Topic, dict[str, str]] = {
    Topic.STEPS: {"sop": "kesbangpol-pk"},
    Topic.LADDER: {"sop": "kesbangpol-pk", "step": "4"},
    Topic.HEARD: {"kind": "due"},
}


def stored(world: World, rules: OfficeRules, version: int = 1, by: str | None = SITI) -> None:
    """Let the office have set this."""
    person = world.people[by] if by else None
    row = OfficeSettingRow(
        office_id=OFFICE, version=version, data=rules_to_dict(rules), by=person.id if person else None, at=world.at
    )
    world.add(row)


def choosing(world: World, topic: Topic) -> n.ChooseSetting:
    """Ask for what the menu offers at a place."""
    place = Place(OFFICE, topic, CHOSEN.get(topic, {}))
    about = place.about() | {"options": options_at(Desk.of(world.work, OFFICE), place)}
    return n.ChooseSetting(world.question(SITI, "choose_setting", about))


def confirming(world: World, rules: OfficeRules) -> n.ConfirmSettings:
    """Ask whether to apply these rules."""
    patch = patch_between(world.work.rules_of(OFFICE), rules)
    return n.ConfirmSettings(
        world.question(SITI, "confirm_settings", {"office_id": OFFICE, "version": 0, "patch": patch})
    )


@pytest.mark.parametrize("topic", [topic for topic in Topic if topic not in TYPED], ids=str)
def test_a_place_of_the_menu(world: World, shown: Shown, snapshot: SnapshotAssertion, topic: Topic) -> None:
    world.staff()
    stored(world, EVERYTHING)
    assert shown(world.render(choosing(world, topic), SITI)) == snapshot


@pytest.mark.parametrize("topic", [Topic.MENU, Topic.HOURS, Topic.HOLIDAYS, Topic.RAMADAN, Topic.QUIET], ids=str)
def test_a_place_of_the_menu_where_nothing_was_set(
    world: World, shown: Shown, snapshot: SnapshotAssertion, topic: Topic
) -> None:
    world.staff()
    assert shown(world.render(choosing(world, topic), SITI)) == snapshot


def test_a_monitor_of_two_offices_chooses_one_and_sees_which(
    world: World, shown: Shown, snapshot: SnapshotAssertion
) -> None:
    world.staff().person(SITI, "sekretariat", office="disbudpar")
    about = {"topic": "office", "options": [OFFICE, "disbudpar"]}
    first = n.ChooseSetting(world.question(SITI, "choose_setting", about))
    said = [shown(world.render(notice, SITI)) for notice in (first, choosing(world, Topic.MENU))]
    assert "\n---\n".join(said) == snapshot


@pytest.mark.parametrize("topic", sorted(TYPED), ids=str)
def test_what_is_to_be_written(world: World, shown: Shown, snapshot: SnapshotAssertion, topic: Topic) -> None:
    world.staff()
    asked = n.AskSetting(world.question(SITI, "type_setting", Place(OFFICE, topic).about()))
    said = [shown(world.render(notice, SITI)) for notice in (asked, n.SettingNotRead(topic.value))]
    assert "\n---\n".join(said) == snapshot


CHANGES: dict[str, OfficeRules] = {
    "everything": EVERYTHING,
    "a day off": OfficeRules(holidays={ADDED: DayException(DayKind.LOCAL_HOLIDAY, "Hari jadi")}),
    "a day worked": OfficeRules(holidays={date(2026, 11, 30): DayException(DayKind.CANCELLED, "Perubahan SKB")}),
    "a limit": OfficeRules(chief_cap=5),
}


@pytest.mark.parametrize("rules", CHANGES.values(), ids=CHANGES)
def test_what_a_change_would_mean(world: World, shown: Shown, snapshot: SnapshotAssertion, rules: OfficeRules) -> None:
    world.staff()
    for number in range(1, 8):
        world.to_step(world.case(f"PK-2026-{number:03}"), 4)
    assert shown(world.render(confirming(world, rules), SITI)) == snapshot


def test_a_confirmation_that_is_over_says_only_what_was_chosen(
    world: World, shown: Shown, snapshot: SnapshotAssertion
) -> None:
    world.staff()
    notice = confirming(world, OfficeRules(chief_cap=5))
    world.answered(notice.question_id, {"index": 0})
    assert shown(world.render(notice, SITI)) == snapshot


@pytest.mark.parametrize("by", [SITI, "Wati Susilo", None])
def test_what_was_changed(world: World, shown: Shown, snapshot: SnapshotAssertion, by: str | None) -> None:
    world.staff().person("Wati Susilo", "sekretariat")
    stored(world, OfficeRules(holidays={ADDED: DayException(DayKind.LOCAL_HOLIDAY, "Hari jadi")}))
    stored(world, OfficeRules(chief_cap=5), 2, by)
    said = [shown(world.render(n.SettingsChanged(OFFICE, 2, moved), SITI)) for moved in (0, 3)]
    assert "\n---\n".join(said) == snapshot


def test_who_has_less_time_reads_how_much_and_why(world: World, shown: Shown, snapshot: SnapshotAssertion) -> None:
    world.staff()
    task = world.to_step(world.case(), 4)
    stored(world, OfficeRules(hours=SIX_DAYS))
    assert shown(world.render(n.DeadlinesEarlier((task.id,), 1), "Agus Salim")) == snapshot
    task.ended_at = world.at
    world.session.flush()
    assert world.render(n.DeadlinesEarlier((task.id,), 1), "Agus Salim") is None


def test_what_cannot_be_set_is_said_with_what_to_do(world: World, shown: Shown, snapshot: SnapshotAssertion) -> None:
    world.staff()
    problems = tuple((fault.value, "31") for fault in Fault)
    assert shown(world.render(n.SettingsRefused(OFFICE, problems), SITI)) == snapshot
    assert shown(world.render(n.SettingsUnchanged(OFFICE), SITI)) == "Sudah diatur demikian; tidak ada yang diubah."


def test_nothing_of_an_office_reaches_whoever_has_left_it(world: World) -> None:
    world.staff()
    task = world.to_step(world.case(), 4)
    stored(world, EVERYTHING)
    about = Place(OFFICE, Topic.QUIET_RANGE).about()
    waiting: list[Any] = [
        choosing(world, Topic.HOLIDAYS),
        n.AskSetting(world.question(SITI, "type_setting", about)),
        confirming(world, OfficeRules()),
        n.SettingsChanged(OFFICE, 1, 2),
        n.DeadlinesEarlier((task.id,), 1),
    ]
    assert all(world.render(notice, SITI) for notice in waiting)
    world.leave(SITI, "sekretariat")
    assert [world.render(notice, SITI) for notice in waiting] == [None] * len(waiting)


def test_every_fault_and_every_choice_has_its_words() -> None:
    for fault in Fault:
        assert label(f"settings.fault.{fault}", detail="")
    for topic in Topic:
        assert label(f"settings.placeholder.{topic}" if topic in TYPED else f"settings.place.{topic}")
