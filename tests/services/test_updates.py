"""Every update counts once; one that fails on its own account is kept and apologised for."""

from __future__ import annotations

import pytest

from bot.domain.case import Status
from bot.services.updates import is_new
from bot.store.tables import CaseRow, OutboxRow, PersonRow, UpdateRow
from handlers.conversation import Incoming, Kind
from handlers.dispatch import Spoken, apologise, dispatch
from tests.services.conftest import BOT_ID, Town


def test_a_repeated_update_does_nothing_and_answers_nothing(staffed: Town) -> None:
    for _ in range(3):
        staffed.says("Sari", "/mulai dinas-pk", update_id=77)
    assert len(staffed.rows(CaseRow)) == 1
    assert len([row for row in staffed.rows(OutboxRow) if row.notice == "CaseStarted"]) == 1


def test_update_ids_may_start_anywhere_after_a_quiet_week(staffed: Town) -> None:
    for update_id in (900, 5, 10**12):
        staffed.says("Sari", "/mulai dinas-pk", update_id=update_id)
    assert len(staffed.rows(CaseRow)) == 3


def test_two_bots_on_one_database_have_their_own_numbers(staffed: Town) -> None:
    assert [staffed.run(is_new, bot, 1) for bot in (1, 2, 1)] == [True, True, False]


def test_a_redelivery_at_the_same_moment_counts_once(staffed: Town) -> None:
    incoming = Incoming(
        5, Kind.COMMAND, staffed.ids["Sari"], staffed.ids["Sari"], "Sari", command="mulai", text="dinas-pk"
    )
    staffed.run_at_once(*[lambda work: dispatch(work, BOT_ID, incoming)] * 4)
    assert len(staffed.rows(CaseRow)) == 1


def test_a_failed_update_is_kept_with_its_body_and_apologised_for(staffed: Town) -> None:
    body = {"update_id": 9, "message": {"text": "\x00 \ud800 <b>"}}
    incoming = Incoming(9, Kind.TEXT, staffed.ids["Sari"], staffed.ids["Sari"], "Sari", text="x", body=body)
    staffed.run(apologise, BOT_ID, incoming, "ValueError('\\x00')")
    (row,) = staffed.rows(UpdateRow)
    assert (row.update_id, row.failure) == (9, "ValueError('\\x00')")
    assert [mail.to for mail in staffed.deliver()] == ["Sari"]
    assert staffed.run(dispatch, BOT_ID, incoming) == Spoken()


@pytest.mark.parametrize(("kind", "answers"), [(Kind.COMMAND, ["PrivateOnly"]), (Kind.TEXT, []), (Kind.BUTTON, [])])
def test_in_a_group_the_bot_only_says_that_it_works_in_private(staffed: Town, kind: Kind, answers: list[str]) -> None:
    incoming = Incoming(
        1, kind, -4_000_001, staffed.ids["Sari"], "Sari", private=False, command="mulai", text="dinas-pk"
    )
    staffed.run(dispatch, BOT_ID, incoming)
    assert [row.notice for row in staffed.rows(OutboxRow)] == answers
    assert staffed.rows(CaseRow) == []


@pytest.mark.parametrize(
    ("kind", "text", "command"),
    [
        (Kind.COMMAND, "", "status"),
        (Kind.COMMAND, "PK-2026-001", "status"),
        (Kind.COMMAND, "", "undang"),
        (Kind.COMMAND, "", "entah"),
        (Kind.TEXT, "halo", ""),
        (Kind.OTHER, "", ""),
        (Kind.EDITED, "", "mulai"),
    ],
)
def test_a_stranger_learns_how_to_be_invited_and_nothing_else(
    staffed: Town, kind: Kind, text: str, command: str
) -> None:
    staffed.starts(title="Rahasia")
    staffed.stranger("Orang")
    mark = staffed.mark()
    staffed.hears("Orang", kind, text, command=command)
    assert [row.notice for row in staffed.queued(mark)] == ["Stranger"]
    assert [row for row in staffed.rows(PersonRow) if row.name == "Orang"] == []


def test_an_edited_command_is_not_obeyed_and_an_edited_text_is_passed_over(staffed: Town) -> None:
    staffed.hears("Sari", Kind.EDITED, "dinas-pk", command="mulai")
    staffed.hears("Sari", Kind.EDITED, "halo")
    assert [row.notice for row in staffed.rows(OutboxRow)] == ["EditedNotObeyed"]
    assert staffed.rows(CaseRow) == []


def test_a_hostile_title_is_kept_as_typed(staffed: Town) -> None:
    title = "<b>&amp; 😀\n" + "x" * 4000
    staffed.says("Sari", f"/mulai dinas-pk {title}")
    (case,) = staffed.rows(CaseRow)
    assert (case.title, case.status) == (title, Status.RUNNING)
    assert all(len(mail.text) <= 4096 * 6 for mail in staffed.deliver())
