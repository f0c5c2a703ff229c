"""Forgetting a person: nothing leads to them any more, and the record of what was done stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from bot.domain.notices import NotUnderstood
from bot.messages.actions import Action, Verb
from bot.services import outbox
from bot.services.boards import post
from bot.services.deliver import purge
from bot.services.evidence.log import Scope
from bot.services.evidence.verify import Tally, verify
from bot.services.forget import StillAdminError, UnknownPersonError, forget, list_people
from bot.services.invitations import new_invitation
from bot.services.menu_buttons import note_buttons
from bot.services.outbox import Delivery
from bot.services.updates import keep_failed
from bot.store.tables import (
    CaseRow,
    ChatRow,
    EventRow,
    FloodRow,
    HoldingRow,
    InvitationRow,
    OutboxRow,
    PersonRow,
    QuietRow,
)
from tests.services.conftest import BOT_ID, Town

if TYPE_CHECKING:
    from bot.services.work import Runner, Work

ACCOUNT = 81_234_567_890
NAME = "Drs. Bowo Santoso"


@pytest.fixture
def leaving(staffed: Town) -> Town:
    """Return the town after somebody was invited by name, acted, was asked, flooded, and made an update fail."""
    staffed.ids["Bowo"] = ACCOUNT
    code = staffed.run(lambda work: new_invitation(work, "dinas", "kasubag", name=NAME)[1])
    staffed.says("Bowo", f"/start {code}")
    staffed.leaves("Bagus", "kasubag")
    case = staffed.starts()
    staffed.says("Sinta", "/selesai")
    staffed.deliver()
    staffed.says("Bowo", "/selesai dari meja saya")
    staffed.says("Endah", "/selesai")
    staffed.says("Bowo", "/tolak")
    assert staffed.task(case).step == 4  # which waits for sekretaris or kasubag
    sent = {"update_id": 900, "message": {"from": {"id": ACCOUNT, "first_name": NAME}, "text": "halo"}}
    staffed.run(keep_failed, BOT_ID, 900, "ValueError()", sent)
    staffed.run(note_buttons, BOT_ID, "https://bot.example/papan/", given={ACCOUNT}, taken=())
    other = {"update_id": 901, "message": {"from": {"id": 7001, "first_name": "Kemal"}, "text": "halo"}}
    staffed.run(keep_failed, BOT_ID, 901, "ValueError()", other)
    bowo = staffed.person_id("Bowo")
    staffed.run(lambda work: post(work, "dinas", ACCOUNT, person_id=bowo))
    staffed.run(lambda work: work.session.add(QuietRow(person_id=bowo, until=work.at, made_at=work.at)))
    return staffed


def problems(town: Town) -> list[object]:
    """Return what is wrong with the hash chains of the whole database."""
    return list(verify(cast("Runner", SimpleNamespace(run_now=town.run)), Scope(), Tally()))


def test_no_cell_of_the_database_holds_name_or_account_any_more(leaving: Town) -> None:
    person = leaving.person_id("Bowo")
    assert all(trace in repr(leaving.dump()) for trace in (str(ACCOUNT), NAME))
    done = leaving.run(forget, person)
    assert not any(trace in repr(leaving.dump()) for trace in (str(ACCOUNT), NAME))
    assert done.person.name == NAME
    assert {kind: bool(count) for kind, count in done.removed.items()} == dict.fromkeys(done.removed, True)
    assert done.removed["updates"] == done.removed["invitations"] == 1
    assert leaving.rows(QuietRow) == []


def test_the_record_of_what_was_done_stays_valid_and_says_who_by_number(leaving: Town) -> None:
    person, before = leaving.person_id("Bowo"), leaving.rows(EventRow)
    assert person in {event.by for event in before}
    leaving.run(forget, person)
    assert [event.hash for event in leaving.rows(EventRow)] == [event.hash for event in before]
    assert problems(leaving) == []
    leaving.says("Sari", "/riwayat PK-2026-001")
    [history] = [mail for mail in leaving.deliver() if mail.to == "Sari" and "(data dihapus)" in mail.text]
    assert "dari meja saya" in history.text  # what was written into the case is the office's


def test_the_post_is_empty_then_and_the_sekretariat_hears_of_the_task_that_waits(leaving: Town) -> None:
    before = leaving.told()
    leaving.run(forget, leaving.person_id("Bowo"))
    assert leaving.told() - before == {("Sari", "EmptyPosts"): 1}
    assert {row.post_id for row in leaving.rows(HoldingRow) if row.until == leaving.at} == {"kasubag"}


def test_who_was_forgotten_comes_back_as_a_stranger_and_hears_of_nothing(leaving: Town) -> None:
    task = leaving.task(leaving.rows(CaseRow)[-1].id)
    leaving.run(forget, leaving.person_id("Bowo"))
    leaving.deliver()
    mark = leaving.mark()
    spoken = leaving.presses("Bowo", Action(Verb.DONE, task.id).data())
    assert "belum terdaftar" in spoken.text
    leaving.says("Sari", "/batal PK-2026-001 salah mulai")
    leaving.presses("Sari", Action(Verb.PICK, leaving.question().id, 0).data())
    leaving.says("Bowo", "/status")
    assert leaving.told(mark)[("Bowo", "Stranger")] == 1
    assert [row for row in leaving.rows(OutboxRow) if row.id > mark and row.chat_id == 0] == []
    assert leaving.run(list_people)[-1].telegram_id is None
    assert len([row for row in leaving.rows(PersonRow) if row.telegram_id == ACCOUNT]) == 0


def test_what_is_on_its_way_at_that_moment_is_let_go(leaving: Town) -> None:
    leaving.says("Bowo", "/tugas")
    [row] = [row for row in leaving.rows(OutboxRow) if row.notice == "TaskList"]
    leaving.run(lambda work: setattr(work.session.get_one(OutboxRow, row.id), "state", Delivery.SENDING))
    leaving.says("Bowo", "/status")
    leaving.run(forget, leaving.person_id("Bowo"))
    [left] = [row for row in leaving.rows(OutboxRow) if row.chat_id == 0]
    assert (left.id, left.state, left.person_id) == (row.id, Delivery.DROPPED, None)
    assert str(ACCOUNT) not in repr(leaving.dump())
    assert [mail for mail in leaving.deliver() if mail.to == "Bowo"] == []


def test_an_invitation_of_a_namesake_keeps_its_name(leaving: Town) -> None:
    number = leaving.run(lambda work: new_invitation(work, "badan", "staf", name=NAME)[0].id)
    leaving.run(forget, leaving.person_id("Bowo"))
    names = {row.id: row.name for row in leaving.rows(InvitationRow)}
    assert {name for key, name in names.items() if key != number} == {None}
    assert names[number] == NAME


def test_what_a_busy_moment_leaves_behind_goes_by_itself_or_with_a_second_time(leaving: Town) -> None:
    person = leaving.person_id("Bowo")

    def late(work: Work) -> None:
        """Write what a transaction leaves that knew the person before, and a courier after it."""
        work.session.add(FloodRow(telegram_id=ACCOUNT, level=1.0, at=work.at))
        work.session.add(ChatRow(id=ACCOUNT))
        outbox.put(work, ACCOUNT, NotUnderstood(), person_id=person)

    leaving.run(forget, person)
    leaving.run(late)
    assert leaving.run(forget, person).removed["outbox"] == 1
    assert str(ACCOUNT) in repr(leaving.dump())
    leaving.at += timedelta(days=1)
    leaving.run(purge)
    assert str(ACCOUNT) not in repr(leaving.dump())


def test_the_last_sekretariat_may_be_forgotten_and_the_operator_is_told(leaving: Town) -> None:
    done = leaving.run(forget, leaving.person_id("Sari"))
    assert done.unwatched == ("dinas",)


def test_forgetting_again_finds_nothing_and_an_administrator_is_not_forgotten(leaving: Town) -> None:
    person = leaving.person_id("Bowo")
    leaving.run(forget, person)
    when = next(row.forgotten_at for row in leaving.rows(PersonRow) if row.id == person)
    leaving.at += timedelta(days=1)
    again = leaving.run(forget, person)
    assert again.removed["outbox"] == again.removed["questions"] == again.removed["holdings"] == 0
    assert next(row.forgotten_at for row in leaving.rows(PersonRow) if row.id == person) == when
    leaving.library = replace(leaving.library, admin_ids=frozenset({leaving.ids["Sari"]}))
    with pytest.raises(StillAdminError):
        leaving.run(forget, leaving.person_id("Sari"))
    for nobody in (0, -1, 10**6, 2**63):
        with pytest.raises(UnknownPersonError):
            leaving.run(forget, nobody)
