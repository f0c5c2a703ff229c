"""Task cards and task lists, as the official reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import CardReplaced, TaskCard, TaskList

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from tests.messages.conftest import World


def test_a_card_asks_for_the_step_and_says_until_when(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.done(case, "Bambang Wijaya", note="Mohon dikerjakan bersama format tahun lalu.")
    assert shown(world.render(TaskCard(world.task(case).id), "Agus Salim")) == snapshot


def test_the_first_step_has_no_reject_button(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    assert shown(world.render(TaskCard(world.task(case).id), "Bambang Wijaya")) == snapshot


def test_after_a_rejection_the_card_says_who_rejected_and_why(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case = world.staff().case()
    world.to_step(case, 5)
    world.at = at(25, 10)
    world.rejected(case, "Dewi Lestari", "Target triwulan II belum diisi.\nMohon dilengkapi.")
    assert shown(world.render(TaskCard(world.task(case).id), "Rina Marlina")) == snapshot


def test_a_card_of_a_step_that_one_of_several_may_do(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    assert shown(world.render(TaskCard(world.to_step(case, 3).id), "Dewi Lestari")) == snapshot


def test_a_card_of_a_step_that_all_must_do_says_who_is_awaited(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    task = world.to_step(case, 4)
    world.done(case, "Agus Salim")
    assert shown(world.render(TaskCard(task.id), "Rina Marlina")) == snapshot


def test_a_card_of_a_decision_that_is_late(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case = world.staff().case()
    task = world.to_step(case, 5)
    world.at = at(25, 9, 40)
    assert shown(world.render(TaskCard(task.id), "Dewi Lestari")) == snapshot


def test_a_skipped_number_does_not_read_as_an_error(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.to_step(case, 5)
    world.done(case, "Dewi Lestari")
    assert shown(world.render(TaskCard(world.task(case).id), "Rina Marlina")) == snapshot


def test_the_office_is_named_to_somebody_of_two_offices(world: World, shown: Callable[[Message | None], str]) -> None:
    case = world.staff().case()
    world.person("Bambang Wijaya", "kepala", office="disbudpar")
    text = shown(world.render(TaskCard(world.task(case).id), "Bambang Wijaya"))
    assert "Perjanjian Kinerja 2026 · Badan Kesbangpol Provinsi Jawa Tengah" in text


def test_a_card_after_my_own_part_says_who_is_awaited(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    task = world.to_step(case, 4)
    world.done(case, "Agus Salim")
    assert shown(world.render(TaskCard(task.id), "Agus Salim")) == snapshot


def test_a_card_after_the_step_was_done(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case = world.staff().case()
    world.card(world.to_step(case, 3), "Bambang Wijaya")
    world.at = at(24, 10, 5)
    task = world.done(case, "Dewi Lestari", note="Notulen terlampir.")
    assert shown(world.render(TaskCard(task.id), "Bambang Wijaya")) == snapshot


def test_a_card_after_the_step_was_rejected(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.card(world.to_step(case, 5), "Dewi Lestari")
    task = world.rejected(case, "Dewi Lestari", "Belum lengkap")
    assert shown(world.render(TaskCard(task.id), "Dewi Lestari")) == snapshot


def test_a_card_after_the_case_was_cancelled(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.card(world.to_step(case, 2), "Agus Salim")
    task = world.cancelled(case, "Siti Rahmawati", "Dibuat dua kali")
    assert shown(world.render(TaskCard(task.id), "Agus Salim")) == snapshot


def test_who_lost_the_post_reads_only_who_holds_it_now(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    task = world.to_step(case, 2)
    world.card(task, "Agus Salim")
    world.leave("Agus Salim", "kasubag")
    world.person("Wahyu Hidayat", "kasubag")
    text = shown(world.render(TaskCard(task.id), "Agus Salim"))
    assert text == snapshot
    assert "Perjanjian Kinerja 2026" not in text


def test_who_left_the_office_reads_nothing_of_how_the_task_ended(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    task = world.to_step(case, 2)
    world.card(task, "Agus Salim")
    world.done(case, "Agus Salim", note="rahasia")
    world.leave("Agus Salim", "kasubag")
    assert shown(world.render(TaskCard(task.id), "Agus Salim")) == snapshot


def test_a_card_that_was_never_sent_is_not_sent_after_the_end(world: World) -> None:
    case = world.staff().case()
    task = world.to_step(case, 2)
    world.card(task, "Agus Salim", message_id=None)
    assert world.render(TaskCard(task.id), "Agus Salim") is not None
    world.done(case, "Agus Salim")
    assert world.render(TaskCard(task.id), "Agus Salim") is None


def test_a_card_that_a_newer_one_replaces_says_so_in_one_line(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    message = world.render(CardReplaced(), "Agus Salim")
    assert message is not None
    assert shown(message) == snapshot
    assert message.buttons == ()
    assert "\n" not in message.html


def test_a_task_list_with_a_greeting(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    first = world.staff().case()
    world.to_step(first, 4)
    second = world.case("PK-2026-002", "Perjanjian Kinerja Perubahan 2026")
    world.to_step(second, 2)
    world.at = at(24, 11, 40)
    assert shown(world.render(TaskList(greet=True), "Agus Salim")) == snapshot


def test_a_task_list_counts_what_it_leaves_out(world: World, shown: Callable[[Message | None], str]) -> None:
    world.staff()
    for number in range(1, 12):
        world.case(f"PK-2026-{number:03d}")
    text = shown(world.render(TaskList(), "Bambang Wijaya"))
    assert "<b>11 tugas</b>" in text
    assert "Masih ada 3 tugas lain" in text
    assert text.count("[Selesai PK-2026-") == 8


def test_an_empty_task_list_is_friendly(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    assert shown(world.render(TaskList(greet=True), "Rina Marlina")) == snapshot
    assert shown(world.render(TaskList())) == snapshot(name="for an unknown person")
