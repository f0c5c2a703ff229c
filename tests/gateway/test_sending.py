"""What a message may be besides a text: a file with its caption, said in a topic, pinned once it is there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.demo.telegram.seen import Attachment as PhoneFile
from bot.domain.notices import Apology, Help, Notice
from bot.messages import render as rendering
from bot.messages.catalogue import Entry
from bot.messages.message import Attachment, Message
from bot.messages.render import Recipient, render
from bot.messages.view import Context, View
from bot.services import deliver, outbox, parcels
from bot.services.outbox import PIN, Delivery
from bot.services.pacing import Limits, Sender
from bot.services.work import Work
from bot.store.tables import BoardRow, OutboxRow
from tests.services.conftest import BOT_ID, SENDER

if TYPE_CHECKING:
    from bot.demo.telegram import Person
    from tests.gateway.conftest import Gateway
    from tests.services.conftest import Town

pytestmark = pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
FILES = {
    False: PhoneFile("nota.pdf", b"%PDF-1.7 nota"),
    True: PhoneFile("foto.jpg", b"\xff\xd8\xff foto", "image/jpeg", kind="photo"),
}


@pytest.fixture
def says(monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """Let an apology say what the list holds last."""
    said: list[Message] = []

    def rendered(work: Work, notice: Notice, recipient: Recipient) -> Message | None:
        return said[-1] if isinstance(notice, Apology) else render(work, notice, recipient)

    monkeypatch.setattr(parcels, "render", rendered)
    return said


def in_group(gateway: Gateway, *, forum: bool = False) -> tuple[Person, int]:
    """Make a group in which the bot may pin."""
    phone = gateway.phone("Sari")
    group = gateway.server.group(phone, "Sekretariat", forum=forum)
    gateway.server.make_admin(group, by=phone)
    return phone, group


def states(town: Town) -> list[tuple[str, str]]:
    return [(row.notice, row.state) for row in town.rows(OutboxRow)]


def actions(caplog: pytest.LogCaptureFixture) -> set[str]:
    return {getattr(record, "action", "") for record in caplog.records}


# --- files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("photo", [False, True])
def test_a_file_is_sent_with_its_caption_and_only_the_caption_is_edited(
    gateway: Gateway, staffed: Town, says: list[Message], *, photo: bool
) -> None:
    phone = gateway.phone("Sari")
    sent = phone.sends(FILES[photo])
    file_id = next(key for key in reversed(gateway.server.telegram.files))
    says.append(Message("<b>Nota</b>", attachment=Attachment(file_id, photo)))
    staffed.run(outbox.put, phone.id, Apology())
    courier = gateway.delivers()
    gateway.wait(gateway.settled, "not sent")
    message = phone.chat()[-1]
    assert (message.text, message.file_name) == ("Nota", sent.file_name)
    says.append(Message("<b>Nota</b>, dihapus", attachment=Attachment(file_id, photo)))
    staffed.run(outbox.edit, phone.id, Apology(), person_id=None, message_id=message.id)
    gateway.wake(courier)
    gateway.wait(gateway.settled, "not edited")
    assert [message.text for message in phone.chat()][1:] == ["Nota, dihapus"]
    assert {state for _, state in states(staffed)} == {Delivery.SENT}


def test_a_caption_is_cut_to_what_a_file_may_say(staffed: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def long(_view: View, _notice: Notice) -> Context:
        return Context(attachment=Attachment("BQAC1"))

    monkeypatch.setattr(rendering, "CATALOGUE", {Apology: Entry(long, "apology")})
    monkeypatch.setattr(rendering, "_fill", lambda *_: f"<b>{'&amp;' * 2000}</b>")
    staffed.run(outbox.put, staffed.ids["Sari"], Apology())
    (parcel,) = staffed.run(deliver.take, SENDER, limit=5).parcels
    assert len(parcel.message.html) <= 1024
    assert parcel.message.html.endswith(";…</b>")


# --- boards and groups ----------------------------------------------------------------------


def test_a_board_whose_message_is_gone_forgets_it(gateway: Gateway, staffed: Town) -> None:
    _, group = in_group(gateway)

    def board(work: Work) -> None:
        work.session.add(BoardRow(office_id="dinas", chat_id=group, message_id=None))
        work.session.flush()
        outbox.put(work, group, Help(), anchor="board:1")

    staffed.run(board)
    courier = gateway.delivers()
    gateway.wait(gateway.settled, "not sent")
    assert [row.message_id for row in staffed.rows(BoardRow)] == [staffed.rows(OutboxRow)[0].message_id]
    gateway.server.fault(
        "status", method="editMessageText", status=400, description="Bad Request: message to edit not found"
    )
    staffed.run(outbox.edit, group, Apology(), person_id=None, anchor="board:1")
    gateway.wake(courier)
    gateway.wait(gateway.settled, "not edited")
    assert [row.message_id for row in staffed.rows(BoardRow)] == [None]


def test_what_a_group_will_not_take_is_known(gateway: Gateway, staffed: Town, caplog: pytest.LogCaptureFixture) -> None:
    phone, group = in_group(gateway)
    gateway.server.remove_bot(group, by=phone)
    staffed.run(outbox.put, group, Help())
    gateway.delivers()
    gateway.wait(lambda: states(staffed) == [("Help", Delivery.DEAD)], "not refused")
    assert "delivery.unheard" in actions(caplog)


# --- topics ---------------------------------------------------------------------------------


def test_what_was_to_go_to_a_topic_that_is_gone_goes_to_the_group_all_the_same(gateway: Gateway, staffed: Town) -> None:
    phone, group = in_group(gateway, forum=True)
    topic = gateway.server.open_topic(group, phone, "Berkas")
    staffed.run(outbox.put, group, Help(), topic=topic)
    courier = gateway.delivers()
    gateway.wait(gateway.settled, "not sent")
    gateway.server.delete_topic(group, topic, phone)
    for _ in range(2):
        staffed.run(outbox.put, group, Help(), topic=topic)
    gateway.wake(courier)
    gateway.wait(gateway.settled, "not sent")
    asked = [request["parameters"].get("message_thread_id") for request in gateway.requests("sendMessage")]
    assert asked == [str(topic), str(topic), None, None]
    assert states(staffed) == [("Help", Delivery.SENT)] * 3


# --- pins -----------------------------------------------------------------------------------


def test_a_message_is_pinned_once_it_is_there(
    gateway: Gateway, staffed: Town, says: list[Message], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    phone, group = in_group(gateway)
    says.append(Message("Papan", pin=True))
    staffed.run(outbox.put, group, Apology())
    courier = gateway.delivers()
    gateway.wait(lambda: len(states(staffed)) == 2 and gateway.settled(), "not pinned")
    (board,) = [message for message in phone.chat(group) if message.from_bot]
    assert gateway.server.telegram.chats[group].pinned == [board.id]
    (pin,) = gateway.requests("pinChatMessage")
    assert pin["parameters"]["disable_notification"] == "true"
    assert states(staffed) == [("Apology", Delivery.SENT), (PIN, Delivery.SENT)]
    assert "delivery.pinned" in actions(caplog)
    # What is pinned already is not pinned anew with every edit.
    says.append(Message("Papan, lebih baru", pin=True))
    staffed.run(outbox.edit, group, Apology(), person_id=None, message_id=board.id)
    gateway.wake(courier)
    gateway.wait(gateway.settled, "not edited")
    assert len(gateway.requests("pinChatMessage")) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        {"status": 400, "description": "Bad Request: not enough rights to manage pinned messages in the chat"},
        {"status": 403, "description": "Forbidden: bot was kicked from the group chat"},
        {"status": 400, "description": "Bad Request: MESSAGE_ID_INVALID"},
    ],
)
def test_a_refused_pin_is_no_failure_of_the_message_and_is_told(
    gateway: Gateway, staffed: Town, says: list[Message], caplog: pytest.LogCaptureFixture, refusal: dict[str, Any]
) -> None:
    _, group = in_group(gateway)
    gateway.server.fault("status", method="pinChatMessage", **refusal)
    says.append(Message("Papan", pin=True))
    staffed.run(outbox.put, group, Apology())
    gateway.delivers()
    gateway.wait(lambda: (PIN, Delivery.DROPPED) in states(staffed), "not refused")
    assert states(staffed) == [("Apology", Delivery.SENT), (PIN, Delivery.DROPPED)]  # and nobody is alarmed
    assert "delivery.unpinned" in actions(caplog)


def test_a_pin_that_telegram_does_not_take_now_is_tried_again(
    gateway: Gateway, staffed: Town, says: list[Message]
) -> None:
    _, group = in_group(gateway)
    gateway.server.fault("retry_after", method="pinChatMessage", seconds=7)
    says.append(Message("Papan", pin=True))
    staffed.run(outbox.put, group, Apology())
    courier = gateway.delivers()
    gateway.wait(lambda: any(row.notice == PIN and row.error for row in staffed.rows(OutboxRow)), "not put back")
    assert not gateway.server.telegram.chats[group].pinned
    staffed.at += timedelta(seconds=7)
    gateway.wake(courier)
    gateway.wait(gateway.settled, "not pinned")
    assert len(gateway.server.telegram.chats[group].pinned) == 1


def test_a_pin_waits_for_its_chat_like_any_message(staffed: Town, says: list[Message]) -> None:
    sender = Sender("here", BOT_ID, Limits(group_gap=3.0))
    staffed.run(deliver.begin, sender)
    says.append(Message("Papan", pin=True))
    staffed.run(outbox.put, -5, Apology())
    (board,) = staffed.run(deliver.take, sender, limit=5).parcels
    staffed.run(deliver.sent, board, 77)
    assert not staffed.run(deliver.take, sender, limit=5).parcels
    staffed.at += timedelta(seconds=3)
    (pin,) = staffed.run(deliver.take, sender, limit=5).parcels
    staffed.run(deliver.sent, pin, None)
    staffed.run(outbox.put, -5, Help())
    assert not staffed.run(deliver.take, sender, limit=5).parcels  # and what comes next waits for the pin


def test_a_pin_survives_the_death_of_its_process(staffed: Town, says: list[Message]) -> None:
    says.append(Message("Papan", pin=True))
    staffed.run(outbox.put, -5, Apology())
    (board,) = staffed.run(deliver.take, SENDER, limit=5).parcels
    staffed.run(deliver.sent, board, 77)
    (pin,) = staffed.run(deliver.take, SENDER, limit=5).parcels  # and then the power went
    assert pin.pins == 77
    staffed.at += timedelta(minutes=5)
    (again,) = staffed.run(deliver.take, SENDER, limit=5).parcels
    assert (again.pins, again.attempts) == (77, 2)
    staffed.run(deliver.sent, pin, None)  # the dead one's outcome comes too late to count
    pending = staffed.store.run_now(lambda session: session.scalars(select(OutboxRow.state)).all())
    assert list(pending) == [Delivery.SENT, Delivery.SENDING]
    staffed.run(deliver.sent, again, None)
    assert states(staffed) == [("Apology", Delivery.SENT), (PIN, Delivery.SENT)]
