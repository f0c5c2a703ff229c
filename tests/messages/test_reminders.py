"""Reminders, to holders and to those who watch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import Reminders
from bot.domain.reminders import ReminderKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from tests.messages.conftest import World


def test_an_early_reminder_asks_the_holder_and_replies_to_the_card(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case = world.staff().case()
    task = world.to_step(case, 4)
    world.card(task, "Rina Marlina", message_id=41)
    world.at = at(26, 9)
    notice = Reminders((world.reminder(task, ReminderKind.EARLY, 50),))
    assert shown(world.render(notice, "Rina Marlina")) == snapshot


def test_when_the_time_is_up_the_holder_reads_waktu_habis(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case = world.staff().case()
    world.at = at(24, 9, 10)
    notice = Reminders((world.reminder(world.task(case), ReminderKind.DUE),))
    text = shown(world.render(notice, "Bambang Wijaya"))
    assert text == snapshot
    assert "waktu habis" in text.lower()


def test_when_the_time_is_up_the_sekretariat_reads_who_holds_it(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case = world.staff().case()
    world.at = at(24, 9, 11)
    notice = Reminders((world.reminder(world.task(case), ReminderKind.DUE),))
    text = shown(world.render(notice, "Siti Rahmawati"))
    assert text == snapshot
    assert "waktu habis" in text.lower()


def test_a_late_reminder(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case = world.staff().case()
    world.at = at(24, 10, 10)
    notice = Reminders((world.reminder(world.task(case), ReminderKind.LATE, 1),))
    assert shown(world.render(notice, "Bambang Wijaya")) == snapshot


def test_a_superior_is_asked_courteously(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case = world.staff().case()
    world.to_step(case, 2)
    world.at = at(24, 15)
    notice = Reminders((world.reminder(world.task(case), ReminderKind.SUPERIOR),))
    assert shown(world.render(notice, "Dewi Lestari")) == snapshot


def test_the_sekretariat_reads_an_escalation_as_a_report(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case = world.staff().case()
    world.to_step(case, 2)
    world.leave("Agus Salim", "kasubag")
    world.at = at(24, 15)
    notice = Reminders((world.reminder(world.task(case), ReminderKind.SUPERIOR),))
    assert shown(world.render(notice, "Siti Rahmawati")) == snapshot


def test_the_head_is_asked_courteously(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case = world.staff().case()
    world.to_step(case, 2)
    world.at = at(26, 10)
    notice = Reminders((world.reminder(world.task(case), ReminderKind.HEAD),))
    assert shown(world.render(notice, "Bambang Wijaya")) == snapshot


def test_several_reminders_are_one_list(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    first, second = world.staff().case(), world.case("PK-2026-002", "Perubahan 2026")
    world.to_step(first, 2)
    world.to_step(second, 2)
    world.at = at(24, 10, 40)
    ids = (
        world.reminder(world.task(first), ReminderKind.EARLY, 80),
        world.reminder(world.task(second), ReminderKind.EARLY, 80),
    )
    assert shown(world.render(Reminders(ids), "Agus Salim")) == snapshot


def test_a_list_for_the_sekretariat_names_the_holders(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    first, second = world.staff().case(), world.case("PK-2026-002", "Perubahan 2026")
    world.to_step(first, 2)
    world.person("Siti Rahmawati", "kepala")
    world.at = at(24, 13, 10)
    ids = (
        world.reminder(world.task(first), ReminderKind.DUE),
        world.reminder(world.task(second), ReminderKind.LATE, 1),
    )
    assert shown(world.render(Reminders(ids), "Siti Rahmawati")) == snapshot


def test_a_list_for_a_superior_opens_courteously(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    first, second = world.staff().case(), world.case("PK-2026-002", "Perubahan 2026")
    world.to_step(first, 2)
    world.to_step(second, 2)
    world.at = at(24, 15)
    ids = [world.reminder(world.task(case), ReminderKind.SUPERIOR) for case in (first, second)]
    text = shown(world.render(Reminders(tuple(ids)), "Dewi Lestari"))
    assert text == snapshot
    assert text.startswith("Dengan hormat, ")
    assert "berkenan mengingatkan" in text


def test_a_superior_with_a_task_of_their_own_is_not_told_that_it_is_late(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    late, own = world.staff().case(), world.case("PK-2026-002", "Perubahan 2026")
    world.to_step(late, 2)
    world.at = at(24, 14)
    world.to_step(own, 3)
    world.at = at(24, 15)
    ids = (
        world.reminder(world.task(own), ReminderKind.EARLY, 50),
        world.reminder(world.task(late), ReminderKind.SUPERIOR),
    )
    assert shown(world.render(Reminders(ids), "Dewi Lestari")) == snapshot


def test_a_list_begins_with_what_is_due_soonest(
    world: World, shown: Callable[[Message | None], str], at: Callable[..., datetime]
) -> None:
    later, sooner = world.staff().case(), world.case("PK-2026-002", "Perubahan 2026")
    world.to_step(sooner, 2)
    world.at = at(24, 9, 30)
    world.to_step(later, 2)
    assert world.task(sooner).due_at < world.task(later).due_at
    ids = [world.reminder(world.task(case), ReminderKind.EARLY, 50) for case in (later, sooner)]
    text = shown(world.render(Reminders(tuple(ids)), "Agus Salim"))
    assert text.index("PK-2026-002") < text.index("PK-2026-001")


def test_a_long_list_counts_what_it_leaves_out(
    world: World, shown: Callable[[Message | None], str], at: Callable[..., datetime]
) -> None:
    world.staff()
    cases = [world.case(f"PK-2026-{number:03d}", "&" * 120) for number in range(1, 15)]
    world.at = at(24, 9, 5)
    ids = [world.reminder(world.task(case), ReminderKind.EARLY, 50) for case in cases]
    text = shown(world.render(Reminders(tuple(ids)), "Bambang Wijaya"))
    left_out = 14 - text.count("<b>PK-2026-")
    assert left_out > 4
    assert f"Masih ada {left_out} lainnya." in text
    assert "\n\nTombol tindakan: /tugas\n[" in text


def test_only_the_last_word_on_a_task_is_said(
    world: World, shown: Callable[[Message | None], str], at: Callable[..., datetime]
) -> None:
    case = world.staff().case()
    world.at = at(24, 10, 10)
    kinds = (ReminderKind.EARLY, ReminderKind.DUE, ReminderKind.LATE)
    ids = tuple(world.reminder(world.task(case), kind) for kind in kinds)
    text = shown(world.render(Reminders(ids), "Bambang Wijaya"))
    assert text.startswith("<b>Terlambat 1 jam</b>")
    assert "waktu habis" in text.lower()


def test_an_early_reminder_that_was_held_up_past_the_deadline_says_so(
    world: World, shown: Callable[[Message | None], str], at: Callable[..., datetime]
) -> None:
    case = world.staff().case()
    notice = Reminders((world.reminder(world.task(case), ReminderKind.EARLY, 50),))
    world.at = at(24, 9, 12)
    assert shown(world.render(notice, "Bambang Wijaya")).startswith("<b>Waktu habis</b>")
    world.at = at(24, 9, 30)
    assert shown(world.render(notice, "Bambang Wijaya")).startswith("<b>Terlambat 20 menit</b>")


def test_a_reminder_of_an_ended_task_is_not_sent(world: World) -> None:
    case = world.staff().case()
    notice = Reminders((world.reminder(world.task(case), ReminderKind.DUE),))
    world.done(case, "Bambang Wijaya")
    assert world.render(notice, "Bambang Wijaya") is None
    assert world.render(notice, "Siti Rahmawati") is None


def test_who_has_reported_is_not_reminded_any_more(world: World) -> None:
    case = world.staff().case()
    task = world.to_step(case, 4)
    ids = [world.reminder(task, kind) for kind in (ReminderKind.EARLY, ReminderKind.DUE, ReminderKind.LATE)]
    world.done(case, "Agus Salim")
    assert [world.render(Reminders((key,)), "Agus Salim") for key in ids] == [None] * 3
    assert world.render(Reminders((ids[0],)), "Rina Marlina") is not None


def test_who_left_the_office_is_told_nothing(world: World) -> None:
    case = world.staff().case()
    notice = Reminders((world.reminder(world.task(case), ReminderKind.HEAD),))
    world.leave("Dewi Lestari", "sekretaris")
    assert world.render(notice, "Dewi Lestari") is None
