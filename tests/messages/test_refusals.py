"""Refusals: short, and saying what to do next."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain import notices as n
from bot.messages.limits import TOAST_LIMIT, units
from bot.messages.render import Recipient, Role, command_list, label, toast

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from bot.domain.notices import Notice
    from bot.domain.sop import Sop
    from bot.messages.message import Message
    from tests.messages.conftest import World

PLAIN = [
    n.Stranger(),
    n.PrivateOnly(),
    n.EditedNotObeyed(),
    n.NotUnderstood(),
    n.Apology(),
    n.CodeUnknown("PK-2026-999"),
    n.CodeNeeded("riwayat"),
    n.CodeNeeded("batal"),
    n.NoTasks(),
    n.TaskOver(4711),
    n.NotAllowed("secretariat"),
    n.NotAllowed("starter"),
    n.NotAllowed("member"),
    n.SopUnknown("pk<2>"),
    n.NothingToStart(),
    n.NothingToRemove(),
    n.AlreadyChosen(),
]


@pytest.mark.parametrize(
    "notice", PLAIN, ids=lambda notice: f"{type(notice).__name__}-{'-'.join(map(str, notice.to_data().values()))}"
)
def test_a_refusal_is_short(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, notice: Notice
) -> None:
    world.staff()
    message = world.render(notice, "Rina Marlina")
    assert shown(message) == snapshot
    assert message is not None
    assert units(message.html) < 260


def test_unknown_and_foreign_codes_get_the_same_words(
    world: World, shown: Callable[[Message | None], str], sops: dict[str, Sop]
) -> None:
    world.staff()
    world.person("Nur Aini", "staf", office="disbudpar")
    world.case("PK-2026-001")
    world.case("IKU-2026-001", sop=sops["kesbangpol-iku"])
    foreign = shown(world.render(n.CodeUnknown("IKU-2026-001"), "Nur Aini"))
    unknown = shown(world.render(n.CodeUnknown("IKU-2026-777"), "Nur Aini"))
    assert foreign.replace("001", "777") == unknown
    assert "tidak ditemukan" in unknown


def test_a_stranger_is_told_how_to_be_invited_and_no_names(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    assert shown(world.render(n.NotAllowed("secretariat"))) == snapshot
    assert "Siti" not in shown(world.render(n.Stranger()))


def test_who_holds_the_task_is_named(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.to_step(case, 4)
    assert shown(world.render(n.HeldByOthers(case.id), "Dewi Lestari")) == snapshot
    world.cancelled(case, "Siti Rahmawati", "Keliru")
    assert shown(world.render(n.HeldByOthers(case.id), "Dewi Lestari")) == snapshot(name="ended")


def test_a_task_that_is_over_says_who_did_what_and_where_the_case_is(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.to_step(case, 5)
    rejected = world.rejected(case, "Dewi Lestari", "Belum lengkap")
    assert shown(world.render(n.TaskOver(rejected.id), "Dewi Lestari")) == snapshot(name="rejected")
    world.to_step(case, 5)
    done = world.done(case, "Dewi Lestari")
    assert shown(world.render(n.TaskOver(done.id), "Dewi Lestari")) == snapshot(name="done")
    assert shown(world.render(n.TaskOver(world.task(case).id), "Dewi Lestari")) == snapshot(name="open")
    last = world.done(case, "Rina Marlina")
    assert shown(world.render(n.TaskOver(last.id), "Rina Marlina")) == snapshot(name="finished")


def test_a_task_of_a_cancelled_case_is_over(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    task = world.cancelled(case, "Siti Rahmawati", "Keliru")
    assert shown(world.render(n.TaskOver(task.id), "Bambang Wijaya")) == snapshot


def test_a_part_that_was_reported_before(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.to_step(case, 4)
    task = world.done(case, "Agus Salim")
    assert shown(world.render(n.PartAlreadyReported(task.id), "Agus Salim")) == snapshot
    world.done(case, "Rina Marlina")
    assert shown(world.render(n.PartAlreadyReported(task.id), "Agus Salim")) == snapshot(name="ended")


def test_a_case_that_is_over_says_how_it_ended(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    assert shown(world.render(n.CaseOver(case.id), "Agus Salim")) == snapshot(name="running")
    world.cancelled(case, "Siti Rahmawati", "Keliru")
    assert shown(world.render(n.CaseOver(case.id), "Agus Salim")) == snapshot(name="cancelled")
    other = world.case("PK-2026-002")
    world.to_step(other, 5)
    world.done(other, "Dewi Lestari")
    world.done(other, "Rina Marlina")
    assert shown(world.render(n.CaseOver(other.id), "Agus Salim")) == snapshot(name="finished")


def test_the_first_step_cannot_be_rejected(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    notice = n.FirstStep(world.task(case).id)
    assert shown(world.render(notice, "Bambang Wijaya")) == snapshot
    assert shown(world.render(notice, "Siti Rahmawati")) == snapshot(name="sekretariat")


def test_holdings_that_cannot_be_removed(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    held = world.leave("Rina Marlina", "staf")
    assert shown(world.render(n.HoldingOver(held.id), "Siti Rahmawati")) == snapshot(name="over")
    monitor = world.hold("Rina Marlina", "sekretariat")
    assert shown(world.render(n.LastSecretariat(monitor.id), "Siti Rahmawati")) == snapshot(name="last")


@pytest.mark.parametrize("name", [None, "Rina Marlina", "Siti Rahmawati"])
def test_help_lists_what_the_recipient_may_do(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, name: str | None
) -> None:
    world.staff()
    assert shown(world.render(n.Help(), name)) == snapshot


@pytest.mark.parametrize("role", list(Role))
def test_the_command_lists_are_what_telegram_takes(role: Role, snapshot: SnapshotAssertion) -> None:
    commands = command_list(role)
    assert [f"{command.name}: {command.about}" for command in commands] == snapshot
    assert all(command.name.islower() and 1 <= len(command.about) <= 256 for command in commands)
    assert all(command.use.startswith(f"/{command.name}") for command in commands)


def test_a_toast_is_plain_text_that_fits(world: World, snapshot: SnapshotAssertion) -> None:
    case = world.staff().case(title="A & <b>")
    world.to_step(case, 4)
    person = world.people["Dewi Lestari"]
    recipient = Recipient(person.account, person.id)
    assert toast(world.work, n.HeldByOthers(case.id), recipient) == snapshot
    long = toast(world.work, n.CaseStatus(case.id), recipient)
    assert units(long) <= TOAST_LIMIT
    assert long.endswith("…")
    assert "A & <b>" in long


def test_who_sends_too_many_messages_reads_how_long_to_wait_and_it_fits_a_button(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    notice = n.TooManyMessages((world.at + timedelta(seconds=29.2)).isoformat())
    assert shown(world.render(notice, "Siti Rahmawati")) == snapshot
    assert "30 detik" in toast(world.work, notice, Recipient(1, None))
    assert "Sekarang" in toast(world.work, n.TooManyMessages(world.at.isoformat()), Recipient(1, None))


def test_a_toast_of_nothing_is_empty(world: World) -> None:
    case = world.staff().case()
    assert toast(world.work, n.RejectionTold(world.task(case).id), Recipient(1, None)) == ""


def test_an_unknown_label_is_an_error() -> None:
    with pytest.raises(KeyError):
        label("no.such")
