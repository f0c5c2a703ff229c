"""A group: a few commands in their topic, and what happens to the group, told by Telegram."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.notices import Help, NoTasks, NotUnderstood
from bot.services import outbox
from bot.services.floods import Allowance
from bot.services.rehousing import rehouse
from bot.services.work import Refusal
from bot.store.tables import AlertThreadRow, BoardRow, ChatRow, FloodRow, OfficeChatRow, OutboxRow, PersonRow
from handlers import groups
from handlers.conversation import Incoming, Kind, Response, said
from handlers.dispatch import dispatch
from tests.services.conftest import BOT_ID

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from tests.gateway.conftest import Gateway
    from tests.services.conftest import Town

pytestmark = pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Incoming]]:
    """Obey /papan, refuse /lanjut, and note what happens to groups; returns who was heard, in order."""
    heard: list[tuple[str, Incoming]] = []

    def papan(_work: Work, actor: Actor, incoming: Incoming) -> Response:
        heard.append((actor.name, incoming))
        return said(NoTasks())

    def lanjut(_work: Work, _actor: Actor, _incoming: Incoming) -> Response:
        raise Refusal(NotUnderstood())

    def happened(_work: Work, incoming: Incoming) -> Response:
        heard.append((incoming.kind.name, incoming))
        return Response()

    monkeypatch.setattr(groups, "GROUP_COMMANDS", {"papan": papan, "lanjut": lanjut})
    monkeypatch.setattr(groups, "HAPPENED", dict.fromkeys(groups.HAPPENED, happened))
    return heard


def in_group(town: Town, who: str, kind: Kind = Kind.COMMAND, *, update_id: int = 1, **more: object) -> list[OutboxRow]:
    """Let the bot hear something from a group; returns what it queued."""
    before = town.mark()
    incoming = Incoming(update_id, kind, -5, town.ids.get(who, 0), who, private=False, **more)  # type: ignore[arg-type] # fields
    town.run(dispatch, BOT_ID, incoming)
    return [row for row in town.rows(OutboxRow) if row.id > before]


def test_a_group_s_command_is_obeyed_and_its_answer_belongs_to_nobody(
    gateway: Gateway, staffed: Town, heard: list[tuple[str, Incoming]]
) -> None:
    phone = gateway.phone("Sari")
    group = gateway.server.group(phone, "Sekretariat")
    gateway.takes_in()
    gateway.delivers()
    phone.says("/papan semua", chat=group)
    phone.waits_for("", chat=group)
    (joined, joining), (who, said_) = heard
    assert (joined, joining.chat_id, joining.chat_title) == ("GROUP_JOINED", group, "Sekretariat")
    assert (who, said_.chat_id, said_.text, said_.private) == ("Sari", group, "semua", False)
    (row,) = staffed.rows(OutboxRow)
    # A refusal of the group would otherwise make the person unreachable.
    assert (row.chat_id, row.person_id, row.cause_id) == (group, None, staffed.person_id("Sari"))


@pytest.mark.parametrize("who", ["Orang", "Sari"])
def test_a_stranger_s_command_and_a_private_one_get_the_same_words(
    staffed: Town, heard: list[tuple[str, Incoming]], who: str
) -> None:
    staffed.stranger(who)
    before = len(staffed.rows(PersonRow))
    command = "papan" if who == "Orang" else "tugas"
    (row,) = in_group(staffed, who, command=command, topic=40)
    assert (row.notice, row.person_id, row.topic) == ("PrivateOnly", None, 40)
    assert (heard, len(staffed.rows(PersonRow))) == ([], before)


def test_a_refusal_is_said_in_the_topic_it_is_about(staffed: Town, heard: list[tuple[str, Incoming]]) -> None:
    (row,) = in_group(staffed, "Sari", command="lanjut", topic=40)
    assert (row.notice, row.topic, heard) == ("NotUnderstood", 40, [])


def test_what_is_said_in_a_group_makes_nobody_reachable(staffed: Town, heard: list[tuple[str, Incoming]]) -> None:
    def blocked(work: Work) -> None:
        work.session.get_one(PersonRow, staffed.person_id("Sari")).unreachable_since = work.at

    staffed.run(blocked)
    in_group(staffed, "Sari", command="papan")
    assert [who for who, _ in heard] == ["Sari"]
    assert next(row for row in staffed.rows(PersonRow) if row.name == "Sari").unreachable_since is not None


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.OTHER, Kind.EDITED])
def test_talk_among_others_is_neither_obeyed_nor_counted(staffed: Town, kind: Kind) -> None:
    assert in_group(staffed, "Sari", kind, text="1:done:1") == []
    assert "flood" not in staffed.counts()


def test_a_flood_ends_obedience_in_groups_but_no_fact_is_lost(staffed: Town, heard: list[tuple[str, Incoming]]) -> None:
    staffed.library = replace(staffed.library, allowance=Allowance(capacity=2, per_second=0.001))
    for update_id in range(1, 6):
        in_group(staffed, "Sari", command="papan", update_id=update_id)
    assert len(heard) == 2
    in_group(staffed, "Sari", Kind.GROUP_JOINED, update_id=6)
    in_group(staffed, "Sari", Kind.GROUP_LEFT, update_id=7)
    assert [who for who, _ in heard[2:]] == ["GROUP_LEFT"]


def test_a_group_that_moves_takes_along_what_waits_for_it(
    gateway: Gateway, staffed: Town, heard: list[tuple[str, Incoming]]
) -> None:
    phone = gateway.phone("Sari")
    group = gateway.server.group(phone, "Sekretariat")
    staffed.run(outbox.put, group, Help())
    successor = gateway.server.upgrade_group(group)
    gateway.takes_in()
    gateway.server.wait_until_all_taken()
    moved = next(incoming for who, incoming in heard if who == "GROUP_MOVED")
    assert (moved.chat_id, moved.moved_to) == (group, successor)
    assert [row.chat_id for row in staffed.rows(OutboxRow)] == [successor]
    assert [(chat.id, chat.moved_to) for chat in staffed.rows(ChatRow)] == [(group, successor)]
    gateway.delivers()
    gateway.wait(gateway.settled, "not sent")
    assert len(gateway.requests("sendMessage")) == 1  # the old id is not even tried


def test_a_group_that_moves_takes_its_board_along_unless_it_has_one_there(staffed: Town) -> None:
    case = staffed.starts()

    def settle(work: Work) -> None:
        work.session.add(OfficeChatRow(office_id="dinas", chat_id=-5, title="Sekretariat", set_at=work.at))
        for office, chat, message in (("dinas", -5, 7), ("badan", -5, 8), ("badan", -1005, 2)):
            work.session.add(BoardRow(office_id=office, chat_id=chat, message_id=message, pinned_at=work.at))
        work.session.add(AlertThreadRow(chat_id=-5, case_id=case, message_id=9))
        work.session.flush()
        rehouse(work, -5, -1005)
        rehouse(work, -5, -1005)  # told by the group and by a refusal

    staffed.run(settle)
    assert [row.chat_id for row in staffed.rows(OfficeChatRow)] == [-1005]
    # What was message 7 in the group may be anything in the supergroup.
    boards = [(row.office_id, row.chat_id, row.message_id) for row in staffed.rows(BoardRow)]
    assert boards == [("dinas", -1005, None), ("badan", -5, 8), ("badan", -1005, 2)]
    assert [(row.chat_id, row.message_id) for row in staffed.rows(AlertThreadRow)] == [(-1005, None)]


def test_being_thrown_out_is_heard_whoever_did_it(
    gateway: Gateway, staffed: Town, heard: list[tuple[str, Incoming]]
) -> None:
    phone = gateway.phone("Orang")
    group = gateway.server.group(phone, "Sekretariat")
    gateway.server.remove_bot(group, by=phone)
    gateway.takes_in()
    gateway.server.wait_until_all_taken()
    assert [(who, incoming.chat_id) for who, incoming in heard] == [("GROUP_JOINED", group), ("GROUP_LEFT", group)]
    in_group(staffed, "nobody", Kind.GROUP_LEFT, update_id=1)
    assert len(heard) == 3
    assert [row.telegram_id for row in staffed.rows(FloodRow)] == [phone.id]  # nobody is not counted
