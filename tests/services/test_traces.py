"""What is left of people whom nobody can ask the bot to forget: nothing, after a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.services.deliver import KEEP_SENT, give_up, purge, take
from bot.services.invitations import VALID_FOR, new_invitation
from bot.services.traces import KEEP_NAMES
from bot.store.tables import ChatRow, InvitationRow, OutboxRow, QuietRow
from tests.services.conftest import SENDER, Town

ACCOUNT = 81_234_567_890
SECOND = timedelta(seconds=1)


@pytest.fixture
def greeted(staffed: Town) -> Town:
    """Return the town after a stranger and a member have said hello."""
    staffed.ids["Orang"] = ACCOUNT
    for who in ("Orang", "Kemal"):
        staffed.says(who, "/start")
    return staffed


def test_a_stranger_who_said_hello_is_in_no_cell_once_the_answer_is_forgotten(greeted: Town) -> None:
    greeted.deliver()
    greeted.at += KEEP_SENT
    greeted.run(purge)
    assert str(ACCOUNT) in repr(greeted.dump())  # the answer is kept like any other, and its chat with it
    greeted.at += SECOND
    greeted.run(purge)
    assert str(ACCOUNT) not in repr(greeted.dump())
    assert [row.id for row in greeted.rows(ChatRow)] == [greeted.ids["Kemal"]]
    greeted.says("Orang", "/start")
    assert [mail.to for mail in greeted.deliver()] == ["Orang"]


def test_so_is_one_who_shut_the_bot_out_before_its_answer(greeted: Town) -> None:
    for parcel in greeted.run(take, SENDER, limit=9).parcels:
        greeted.run(give_up, parcel, "Forbidden")
    greeted.at += KEEP_SENT + SECOND
    greeted.run(purge)
    assert str(ACCOUNT) not in repr(greeted.dump())
    assert [row.chat_id for row in greeted.rows(OutboxRow) if row.notice == "TaskList"] == [greeted.ids["Kemal"]]


def test_a_chat_that_rests_is_leased_or_has_moved_is_kept(staffed: Town) -> None:
    later = staffed.at + timedelta(minutes=1)
    kept = [
        ChatRow(id=-1, blocked_until=later),
        ChatRow(id=-2, lease_owner="there", lease_until=later),
        ChatRow(id=-3, moved_to=-30),
    ]
    staffed.run(lambda work: work.session.add_all([*kept, ChatRow(id=-4, blocked_until=staffed.at)]))
    assert staffed.run(purge) == 1
    assert [row.id for row in staffed.rows(ChatRow)] == [-3, -2, -1]


def test_an_invitation_forgets_thirty_days_after_its_end_whom_it_was_for(staffed: Town) -> None:
    staffed.run(new_invitation, "dinas", "staf", name="Drs. Bowo Santoso")
    staffed.at += VALID_FOR + KEEP_NAMES
    assert staffed.run(purge) == 0
    staffed.at += SECOND
    assert staffed.run(purge) == 1
    assert [row.name for row in staffed.rows(InvitationRow)] == [None]
    assert staffed.run(purge) == 0


def test_what_somebody_put_off_is_forgotten_thirty_days_after_it_was_over(staffed: Town) -> None:
    kemal, until = staffed.person_id("Kemal"), staffed.at
    staffed.run(lambda work: work.session.add(QuietRow(person_id=kemal, until=until, made_at=until)))
    staffed.at += KEEP_SENT
    assert staffed.run(purge) == 0
    staffed.at += SECOND
    assert staffed.run(purge) == 1
    assert staffed.rows(QuietRow) == []
