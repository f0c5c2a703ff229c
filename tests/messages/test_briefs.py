"""What a chief reads: the start of the day, what a meeting kept back, and the words around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import notices as n
from bot.domain.reminders import ReminderKind
from bot.messages.chief import closing
from bot.messages.limits import CAPTION_LIMIT, MESSAGE_LIMIT, units
from bot.messages.message import Attachment, Message
from bot.services.outbox import Delivery, Priority
from bot.store.tables import DigestRow, OutboxRow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syrupy.assertion import SnapshotAssertion

    from tests.messages.conftest import World

CHIEF = "Bambang Wijaya"


def _staff(world: World) -> None:
    """Fill every post; the head is the sekretaris as well, whose step asks for a decision."""
    world.staff().hold(CHIEF, "sekretaris")


def _late_step(world: World, code: str) -> int:
    """Start a case whose second step is late by far; returns a reminder of it for the superiors."""
    case = world.case(code, "Rencana Aksi 2026")
    return world.reminder(world.to_step(case, 2), ReminderKind.HEAD)


def _kept(world: World, *notices: n.Notice) -> list[int]:
    """Keep notices from the chief; return their rows."""
    person = world.people[CHIEF]
    ids = []
    for notice in notices:
        row = OutboxRow(
            chat_id=person.account,
            person_id=person.id,
            notice=type(notice).__name__,
            data=notice.to_data(),
            edit=False,
            silent=False,
            priority=Priority.ORDINARY,
            created_at=world.at,
            not_before=world.at,
            state=Delivery.DROPPED,
            attempts=0,
        )
        ids.append(world.add(row).id)
    return ids


def _brief(world: World, tasks: list[int], kept: list[int] | None = None) -> int:
    """Make a start-of-day message by hand; return its digest."""
    data = {"tasks": tasks, "kept": kept or []}
    row = DigestRow(office_id="kesbangpol", kind="chief:1", day=world.at.date(), data=data, created_at=world.at)
    return world.add(row).id


def test_the_start_of_a_day_with_decisions_and_news(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    _staff(world)
    first, second, ended = (
        world.case(),
        world.case("PK-2026-002", "Perjanjian Kinerja Perubahan"),
        world.case("PK-2026-003"),
    )
    tasks = [world.to_step(case, 5).id for case in (first, second)]
    rejected = world.rejected(first, "Dewi Lestari", "Target indikator ketiga belum sesuai RPJMD.")
    tasks[0] = world.to_step(first, 5).id
    world.cancelled(ended, "Siti Rahmawati", "Salah memilih SOP.")
    late = _late_step(world, "PK-2026-004")
    world.at = at(25, 7, 30)
    kept = _kept(
        world, n.TaskCard(tasks[1]), n.RejectionTold(rejected.id), n.CaseCancelled(ended.id), n.Reminders((late,))
    )
    assert shown(world.render(n.ChiefBrief(_brief(world, tasks, kept)), CHIEF)) == snapshot


def test_one_task_has_plain_buttons(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    _staff(world)
    task = world.to_step(world.case(), 5)
    world.at = at(25, 7, 30)
    assert shown(world.render(n.ChiefBrief(_brief(world, [task.id])), CHIEF)) == snapshot


def test_after_a_press_it_shows_what_was_decided(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    _staff(world)
    cases = [world.case(), world.case("PK-2026-002"), world.case("PK-2026-003")]
    tasks = [world.to_step(case, 5).id for case in cases]
    digest = _brief(world, tasks)
    world.at = at(25, 8)
    world.done(cases[0], CHIEF)
    world.rejected(cases[1], CHIEF, "Belum ditandatangani.")
    assert shown(world.render(n.ChiefBrief(digest, again=True), CHIEF)) == snapshot


def test_news_alone(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    _staff(world)
    case = world.case()
    world.to_step(case, 7)
    world.done(case, "Rina Marlina")
    world.at = at(25, 7, 30)
    digest = _brief(world, [], _kept(world, n.CaseFinished(case.id), n.CaseFinished(case.id)))
    assert shown(world.render(n.ChiefBrief(digest), CHIEF)) == snapshot


def test_what_a_meeting_kept_back(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    _staff(world)
    tasks = [world.to_step(world.case(code), 5) for code in ("PK-2026-001", "PK-2026-002")]
    kept = _kept(world, *(n.TaskCard(task.id) for task in tasks))
    assert shown(world.render(n.KeptBack(tuple(kept)), CHIEF)) == snapshot


def test_where_nothing_true_is_left_nothing_is_said(world: World) -> None:
    _staff(world)
    case = world.case()
    task = world.to_step(case, 5)
    digest, kept = _brief(world, [task.id]), _kept(world, n.TaskCard(task.id))
    world.done(case, CHIEF)
    assert world.render(n.ChiefBrief(digest), CHIEF) is None
    assert world.render(n.KeptBack(tuple(kept)), CHIEF) is None
    assert world.render(n.ChiefBrief(digest), "Rina Marlina") is None, "only a chief is told"


def test_eight_are_listed_and_the_rest_is_counted_in_a_message_that_fits(world: World) -> None:
    _staff(world)
    cases = [world.case(f"PK-2026-{number:03d}", "Perjanjian <Kinerja> & Rencana " * 9) for number in range(1, 12)]
    tasks = [world.to_step(case, 5).id for case in cases]
    finished = [n.CaseFinished(case.id) for case in cases] * 5
    message = world.render(n.ChiefBrief(_brief(world, tasks, _kept(world, *finished))), CHIEF)
    assert message is not None
    assert units(message.html) <= MESSAGE_LIMIT
    assert "dan 3 lainnya: /tugas" in message.html
    assert len(message.buttons) == 9
    assert "…</i>" not in message.html


def test_a_meeting(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    _staff(world)
    notices = [n.MeetingBegun(at(24, 13).isoformat()), n.MeetingOver(3), n.MeetingOver(0), n.NotAllowed("chief")]
    assert [shown(world.render(notice, CHIEF)) for notice in notices] == snapshot


def test_the_last_message_of_a_day_says_so_however_long_it_is() -> None:
    for limit, attachment in ((MESSAGE_LIMIT, None), (CAPTION_LIMIT, Attachment("BQAC1"))):
        message = closing(Message("<b>" + "x" * (limit - 7) + "</b>", attachment=attachment))
        assert units(message.html) <= limit
        assert message.html.endswith("hari kerja berikutnya.</i>")
