"""A file that comes in finds what asked for it, else the card or the case that it is for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.demo.telegram.seen import Attachment
from bot.domain.notices import NoTasks, NotUnderstood
from bot.services.questions import LAPSES_AFTER, ask
from bot.services.questions import Kind as Question
from bot.store.tables import CardRow, OutboxRow, PersonRow, QuestionRow
from handlers import dispatch, lampiran
from handlers.conversation import Incoming, IncomingFile, Kind, Response, said
from tests.services.conftest import BOT_ID

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from tests.gateway.conftest import Gateway
    from tests.services.conftest import Town

pytestmark = pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
NOTA = Attachment("nota.pdf", b"%PDF-1.7 nota")
FOTO = Attachment("foto.jpg", b"\xff\xd8\xff foto", "image/jpeg", kind="photo")


class Ears:
    """Two handlers that note which file came to whom."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, Incoming]] = []
        self.unasked: list[Incoming] = []

    def hear(self, _work: Work, _actor: Actor, question: QuestionRow, incoming: Incoming) -> Response:
        self.asked.append((question.id, incoming))
        return said(NoTasks())

    def find(self, _work: Work, _actor: Actor, incoming: Incoming) -> Response:
        self.unasked.append(incoming)
        return said(NotUnderstood())


@pytest.fixture
def ears(monkeypatch: pytest.MonkeyPatch) -> Ears:
    ears = Ears()
    monkeypatch.setattr(dispatch, "FILES", {Question.REJECT_REASON: ears.hear})
    monkeypatch.setattr(lampiran, "unasked", ears.find)
    return ears


def asks(town: Town, who: str, kind: Question = Question.REJECT_REASON) -> int:
    """Ask somebody for a message."""

    def question(work: Work) -> int:
        person = work.session.get_one(PersonRow, town.person_id(who))
        return ask(work, person, kind, {"task_id": 1}, awaits_text=True).id

    return town.run(question)


def file_from(town: Town, who: str, update_id: int, **more: Any) -> None:
    """Let somebody send a file that replies to something."""
    account = town.ids[who]
    file = IncomingFile("BQAC1", "AQ1", "nota.pdf", "application/pdf", 5)
    town.run(dispatch.dispatch, BOT_ID, Incoming(update_id, Kind.FILE, account, account, who, file=file, **more))


def test_documents_and_photos_answer_the_question_that_awaits_one(gateway: Gateway, staffed: Town, ears: Ears) -> None:
    question = asks(staffed, "Sari")
    phone = gateway.phone("Sari")
    phone.sends(NOTA, "lengkap")
    phone.sends(FOTO)
    gateway.takes_in()
    gateway.server.wait_until_all_taken()
    (first, nota), (second, foto) = ears.asked
    assert (first, second, ears.unasked) == (question, question, [])
    assert nota.file is not None
    assert (nota.text, nota.file.name, nota.file.mime_type, nota.file.photo) == (
        "lengkap", "nota.pdf", "application/pdf", False)  # fmt: skip
    assert nota.file.size == len(NOTA.content)
    assert foto.file is not None
    assert (foto.text, foto.file.name, foto.file.photo) == ("", "", True)
    assert gateway.server.telegram.files[nota.file.file_id].content == NOTA.content


@pytest.mark.parametrize("kind", [None, Question.CANCEL_REASON])
def test_a_file_that_no_question_awaits_is_unasked(staffed: Town, ears: Ears, kind: Question | None) -> None:
    if kind is not None:
        asks(staffed, "Sari", kind)
    file_from(staffed, "Sari", 1)
    assert (len(ears.asked), len(ears.unasked)) == (0, 1)


def test_a_file_put_on_a_card_is_for_that_card_whatever_was_asked_since(staffed: Town, ears: Ears) -> None:
    staffed.starts()
    staffed.deliver()
    (card,) = staffed.rows(CardRow)
    question = asks(staffed, "Sinta")
    file_from(staffed, "Sinta", 1, reply_to=card.message_id)
    file_from(staffed, "Sinta", 2, reply_to=(card.message_id or 0) + 1000)
    assert [incoming.update_id for incoming in ears.unasked] == [1]
    assert [(asked, incoming.update_id) for asked, incoming in ears.asked] == [(question, 2)]


def test_a_file_that_comes_too_late_is_not_taken(staffed: Town, ears: Ears) -> None:
    asks(staffed, "Sari")
    staffed.at += LAPSES_AFTER
    file_from(staffed, "Sari", 1)
    assert not ears.asked
    assert [row.notice for row in staffed.rows(OutboxRow)] == ["QuestionDropped"]


def test_a_text_does_not_answer_a_question_that_awaits_a_file_only(
    staffed: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "TEXTS", {})
    asks(staffed, "Sari")
    staffed.says("Sari", "nota")
    assert [row.notice for row in staffed.rows(OutboxRow)] == ["NotUnderstood"]


def test_a_stranger_s_file_is_kept_by_nobody(staffed: Town, ears: Ears) -> None:
    staffed.stranger("Orang")
    file_from(staffed, "Orang", 1)
    assert (ears.asked, ears.unasked) == ([], [])
    assert [row.notice for row in staffed.rows(OutboxRow)] == ["Stranger"]
