"""Papers on their way: drawn when they leave, sent again by what Telegram calls them, lost alone where they fail."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.demo.telegram.images import size_of
from bot.domain.budget import Budget, Unit
from bot.domain.notices import Apology, CasePicture, Help, Notice, SopPicture
from bot.domain.sop import Step
from bot.drawing.draw import draw
from bot.drawing.paper import Form, Paper
from bot.gateway import papers, telegram_api
from bot.gateway.papers import Arrived
from bot.messages.message import Message
from bot.messages.papers.flow import flow_paper, sop_flow
from bot.messages.render import Recipient, render
from bot.services import deliver, outbox, papers_sent, parcels
from bot.services.complete_task import complete_task
from bot.services.outbox import Delivery
from bot.services.pacing import Limits
from bot.services.papers_sent import Uploaded
from bot.services.seal_case import seal_case
from bot.services.undelivered import TIME_TO_LIVE
from bot.services.work import Work
from bot.store.tables import ChatRow, OutboxRow, PaperSentRow, SendSlotRow
from tests.services.conftest import PK, SENDER

if TYPE_CHECKING:
    from bot.demo.telegram import Person
    from bot.demo.telegram.seen import SeenMessage
    from tests.gateway.conftest import Gateway
    from tests.services.conftest import Town

pytestmark = pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
LONG = replace(PK, steps=tuple(Step(n, f"Kegiatan ke-{n} " * 20, ("staf",), Budget(1, Unit.DAY)) for n in range(1, 15)))
SECRET_WORD = "Melati"  # noqa: S105 - a title, not a password


class Drawings:
    """What was really drawn, and what is to go wrong with it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.drawn: list[Paper] = []
        self.breaks: BaseException | None = None
        self.threads: set[str] = set()
        self._real = draw
        monkeypatch.setattr(papers, "draw", self)

    def __call__(self, asked: Paper) -> tuple[bytes, ...]:
        self.threads.add(threading.current_thread().name)
        self.drawn.append(asked)
        if self.breaks is not None:
            raise self.breaks
        return self._real(asked)


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> Drawings:
    return Drawings(monkeypatch)


@pytest.fixture
def album(monkeypatch: pytest.MonkeyPatch) -> Paper:
    """Let an apology be a picture of several pages."""
    pages = flow_paper(sop_flow(LONG), Form.PICTURE, portrait=True, name="panjang")
    message = Message("<b>Panjang</b>", paper=pages)

    def rendered(work: Work, notice: Notice, recipient: Recipient) -> Message | None:
        return message if isinstance(notice, Apology) else render(work, notice, recipient)

    monkeypatch.setattr(parcels, "render", rendered)
    return pages


def asks(gateway: Gateway, town: Town, notice: Notice, who: str = "Sari") -> Person:
    phone = gateway.phone(who)
    town.run(outbox.put, phone.id, notice, person_id=town.person_id(who))
    return phone


def delivers(gateway: Gateway, town: Town, notice: Notice, who: str = "Sari") -> list[SeenMessage]:
    """Return what arrives when somebody asks for a paper."""
    phone = asks(gateway, town, notice, who)
    courier = gateway.delivers()
    gateway.wake(courier)
    gateway.wait(gateway.settled, "not sent")
    gateway.stop()
    return phone.chat()


def state(town: Town) -> str:
    return str(town.rows(OutboxRow)[-1].state)


def actions(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [action for record in caplog.records if (action := getattr(record, "action", ""))]


# --- what arrives ---------------------------------------------------------------------------


def test_a_picture_is_drawn_off_the_loop_and_says_its_case(gateway: Gateway, staffed: Town, drawings: Drawings) -> None:
    case = staffed.starts(title="Nota <dinas> & #let x = 1")
    messages = delivers(gateway, staffed, CasePicture(case))
    assert "PK-2026-001" in messages[0].text
    assert "Nota <dinas> & #let x = 1" in messages[0].text
    content = gateway.server.telegram.files[str(messages[0].file_id)].content
    assert size_of(content) == messages[0].sides
    assert drawings.threads.isdisjoint({"gateway", "MainThread"})
    assert "Nota <dinas> & #let x = 1" in drawings.drawn[0].data


def test_an_outage_delivers_the_picture_of_today(gateway: Gateway, staffed: Town, drawings: Drawings) -> None:
    case = staffed.starts()
    phone = asks(gateway, staffed, CasePicture(case))
    staffed.do("Sinta", complete_task, staffed.task(case).id)
    staffed.at += timedelta(minutes=5)
    gateway.delivers()
    gateway.wait(gateway.settled, "not sent")
    assert "Langkah 2" in next(message.text for message in phone.chat() if message.file_id)
    assert '"state": "done"' in drawings.drawn[0].data


def test_nothing_of_what_a_case_is_about_leaves_once_it_is_secret(
    gateway: Gateway, staffed: Town, drawings: Drawings
) -> None:
    case = staffed.starts(title=SECRET_WORD)
    phone = asks(gateway, staffed, CasePicture(case))
    staffed.do("Sari", seal_case, case)
    gateway.delivers()
    gateway.wait(gateway.settled, "not sent")
    said = drawings.drawn[0].data + phone.chat()[-1].text
    assert "PK-2026-001" in said
    about = (SECRET_WORD, PK.name, *(step.activity for step in PK.steps))
    assert [words for words in about if words in said] == []


@pytest.mark.parametrize("notice", [SopPicture("dinas-pk"), SopPicture("badan-lama")])
def test_a_sop_s_picture_is_for_its_office_and_while_it_is_served(
    gateway: Gateway, staffed: Town, drawings: Drawings, notice: Notice
) -> None:
    assert delivers(gateway, staffed, notice, "Yosef") == []
    assert (state(staffed), drawings.drawn) == (Delivery.DROPPED, [])


def test_a_case_s_picture_is_not_for_another_office(gateway: Gateway, staffed: Town, drawings: Drawings) -> None:
    assert delivers(gateway, staffed, CasePicture(staffed.starts()), "Yosef") == []
    assert drawings.drawn == []


def test_pages_leave_as_an_album_in_order_with_one_caption(gateway: Gateway, staffed: Town, album: Paper) -> None:
    messages = delivers(gateway, staffed, Apology())
    assert len(messages) > 2
    assert (len({message.album for message in messages}), messages[0].album is not None) == (1, True)
    assert [message.text for message in messages] == ["Panjang", *[""] * (len(messages) - 1)]
    files = gateway.server.telegram.files
    sent = tuple(files[str(message.file_id)].content for message in messages)
    assert sent == draw(album)
    assert staffed.rows(OutboxRow)[-1].message_id == messages[0].id


@pytest.mark.parametrize("pages", [(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes([0, 0, 0x27, 0, 0, 0, 0x27, 0]),), ()])
def test_what_is_no_photo_for_telegram_leaves_as_a_document(
    gateway: Gateway, staffed: Town, drawings: Drawings, monkeypatch: pytest.MonkeyPatch, pages: tuple[bytes, ...]
) -> None:
    """Too large a page, and more pages than an album takes."""
    one = draw(flow_paper(sop_flow(PK), Form.PICTURE, portrait=True, name="x"))
    drawings.drawn.clear()

    def large(asked: Paper) -> tuple[bytes, ...]:
        drawn = drawings(asked)
        return drawn if asked.form is Form.PDF else pages or one * 11

    monkeypatch.setattr(papers, "draw", large)
    for _ in range(2):
        [message] = delivers(gateway, staffed, SopPicture("dinas-pk"))
        assert (message.file_kind, message.file_name) == ("document", "SOP-dinas-pk.pdf")
    assert [asked.form for asked in drawings.drawn] == [Form.PICTURE, Form.PDF]


def test_what_is_far_too_long_for_an_album_is_never_drawn_as_one(
    gateway: Gateway, staffed: Town, drawings: Drawings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To draw its dozens of pages as pictures takes longer than a send may take."""
    monkeypatch.setattr(papers, "LONGEST_PICTURE", 100)
    [message] = delivers(gateway, staffed, SopPicture("dinas-pk"))
    assert (message.file_kind, message.file_name) == ("document", "SOP-dinas-pk.pdf")
    assert [asked.form for asked in drawings.drawn] == [Form.PDF]


# --- sent again -----------------------------------------------------------------------------


def test_what_telegram_has_is_neither_drawn_nor_uploaded_again(
    gateway: Gateway, staffed: Town, drawings: Drawings, album: Paper
) -> None:
    pages = len(draw(album))
    first = delivers(gateway, staffed, Apology())
    uploaded = len(gateway.server.telegram.files)
    again = delivers(gateway, staffed, Apology(), "Kemal")
    assert [m.file_unique_id for m in again] == [m.file_unique_id for m in first]
    assert (len(drawings.drawn), len(gateway.server.telegram.files)) == (1, uploaded)
    assert [message.text for message in again] == ["Panjang", *[""] * (pages - 1)]


def test_a_case_that_has_moved_is_drawn_anew(gateway: Gateway, staffed: Town, drawings: Drawings) -> None:
    case = staffed.starts()
    delivers(gateway, staffed, CasePicture(case))
    staffed.do("Sinta", complete_task, staffed.task(case).id)
    delivers(gateway, staffed, CasePicture(case))
    assert len(drawings.drawn) == 2


@pytest.mark.parametrize("known", ["AgACAgUAAxkBAA" + "x" * 57, "kosong"])
def test_a_file_that_telegram_has_forgotten_is_uploaded_in_the_same_delivery(
    gateway: Gateway, staffed: Town, drawings: Drawings, caplog: pytest.LogCaptureFixture, known: str
) -> None:
    delivers(gateway, staffed, SopPicture("dinas-pk"))
    [row] = staffed.rows(PaperSentRow)
    stale = Uploaded((known,) * len(row.file_ids), photos=True)
    asked = drawings.drawn[0]
    staffed.run(papers_sent.remember, gateway.bot.id, asked, stale)
    messages = delivers(gateway, staffed, SopPicture("dinas-pk"))
    assert {message.file_kind for message in messages} == {"photo"}
    assert (state(staffed), staffed.rows(OutboxRow)[-1].attempts) == (Delivery.SENT, 1)
    assert staffed.run(papers_sent.find, gateway.bot.id, asked) == Uploaded(
        tuple(str(message.file_id) for message in messages), photos=True
    )
    assert "delivery.file_forgotten" in actions(caplog)


def test_another_refusal_is_no_reason_to_upload_again(gateway: Gateway, staffed: Town, drawings: Drawings) -> None:
    delivers(gateway, staffed, SopPicture("dinas-pk"))
    for method in ("sendPhoto", "sendMediaGroup"):
        gateway.server.fault("status", method=method, status=400, description="Bad Request: CHAT_SEND_PHOTOS_FORBIDDEN")
    delivers(gateway, staffed, SopPicture("dinas-pk"))
    assert (state(staffed), len(drawings.drawn)) == (Delivery.DEAD, 1)


# --- bad weather ----------------------------------------------------------------------------


class PanicError(BaseException):
    """What the typesetter's panic is for Python: no Exception."""


@pytest.mark.parametrize("fault", [ValueError(f"expected string, found {SECRET_WORD}"), PanicError(SECRET_WORD)])
def test_what_cannot_be_drawn_is_one_lost_message_and_the_log_does_not_say_what_it_held(
    gateway: Gateway, staffed: Town, drawings: Drawings, caplog: pytest.LogCaptureFixture, fault: BaseException
) -> None:
    drawings.breaks = fault
    phone = asks(gateway, staffed, CasePicture(staffed.starts(title=SECRET_WORD)), "Kemal")
    staffed.run(outbox.put, phone.id, Help(), person_id=staffed.person_id("Kemal"))
    gateway.delivers()
    gateway.wait(gateway.settled, "not sent")
    mine = [row for row in staffed.rows(OutboxRow) if row.chat_id == phone.id]
    assert [row.state for row in mine] == [Delivery.DEAD, Delivery.SENT]
    assert mine[0].error == "NotDrawnError"
    assert any(row.notice == "MessageUndelivered" for row in staffed.rows(OutboxRow))
    assert actions(caplog).count("delivery.undrawn") == 1
    assert SECRET_WORD not in caplog.text


def test_drawing_belongs_to_the_time_that_a_send_may_take(
    gateway: Gateway, staffed: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on = threading.Event()

    def slowly(_: Paper) -> tuple[bytes, ...]:
        goes_on.wait(10)
        return ()

    monkeypatch.setattr(papers, "draw", slowly)
    monkeypatch.setattr(telegram_api, "SEND_DEADLINE", timedelta(seconds=0.1))
    asks(gateway, staffed, SopPicture("dinas-pk"))
    gateway.delivers()
    gateway.wait(lambda: state(staffed) == Delivery.PENDING and staffed.rows(OutboxRow)[-1].attempts == 1, "no end")
    goes_on.set()


@pytest.mark.parametrize("fault", ["retry_after", "status"])
def test_an_album_that_telegram_does_not_take_now_is_sent_later_and_once(
    gateway: Gateway, staffed: Town, album: Paper, fault: str
) -> None:
    gateway.server.fault(fault, method="sendMediaGroup", seconds=7, status=502)
    phone = asks(gateway, staffed, Apology())
    courier = gateway.delivers()
    gateway.wait(lambda: (state(staffed), staffed.rows(OutboxRow)[-1].attempts) == ("pending", 1), "not put back")
    assert phone.chat() == []
    staffed.at += timedelta(seconds=8)
    gateway.wake(courier)
    gateway.wait(gateway.settled, "not sent")
    assert len({message.album for message in phone.chat()}) == 1
    assert len(phone.chat()) == len(draw(album))


def test_who_dies_between_the_upload_and_its_note_sends_the_picture_once_more(
    gateway: Gateway, staffed: Town, album: Paper, caplog: pytest.LogCaptureFixture
) -> None:
    phone = asks(gateway, staffed, Apology())
    [parcel] = staffed.run(deliver.take, SENDER, limit=5).parcels
    arrived: Arrived = gateway.loop.run(telegram_api.send(gateway.bot, parcel))
    assert arrived.uploaded is not None  # and nobody notes it
    gateway.delivers()
    gateway.wait(gateway.settled, "not sent")
    assert (len(phone.chat()), state(staffed)) == (2 * len(draw(album)), Delivery.SENT)
    assert "delivery.maybe_repeated" in actions(caplog)


def test_a_picture_that_telegram_never_takes_is_given_up_with_its_time(
    gateway: Gateway, staffed: Town, drawings: Drawings
) -> None:
    asks(gateway, staffed, SopPicture("dinas-pk"))
    [parcel] = staffed.run(deliver.take, SENDER, limit=5).parcels
    staffed.at += TIME_TO_LIVE
    staffed.run(deliver.postpone, parcel, timedelta(0), "Bad Gateway")
    assert state(staffed) == Delivery.DEAD
    assert drawings.drawn == []


# --- pace -----------------------------------------------------------------------------------


def test_after_an_album_its_chat_rests_for_every_page_and_the_token_has_so_many_slots_less(
    gateway: Gateway, staffed: Town, album: Paper
) -> None:
    phone = asks(gateway, staffed, Apology())
    gateway.delivers(Limits())
    gateway.wait(gateway.settled, "not sent")
    gateway.stop()
    pages = len(draw(album))
    [chat] = [row for row in staffed.rows(ChatRow) if row.id == phone.id]
    assert chat.blocked_until is not None
    assert timedelta(seconds=pages - 0.5) < chat.blocked_until - staffed.at <= timedelta(seconds=pages)
    assert sum(row.free_at > staffed.at for row in staffed.rows(SendSlotRow)) == pages


def test_telegram_s_limits_are_kept_with_albums_between(gateway: Gateway, staffed: Town, album: Paper) -> None:
    gateway.server.pace(private_per_second=20, burst=len(draw(album)), overall_per_second=30)
    phone = asks(gateway, staffed, Apology())
    for notice in (Apology(), Help(), Help()):
        staffed.run(outbox.put, phone.id, notice, person_id=staffed.person_id("Sari"))
    gateway.clock.runs_since = time.monotonic()
    gateway.delivers(Limits(private_gap=0.1))
    gateway.wait(gateway.settled, "not sent")
    assert len(phone.chat()) == 2 * len(draw(album)) + 2
    assert gateway.server.state()["violations"] == 0
