"""/sekretariat and /papan: where an office's alerts go, and its living board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import AlertsWhere, BoardReleased, ChooseOffice, ChooseOfficeInPrivate, NoAlertGroup
from bot.services import boards, office_chats, outbox, pins
from bot.services.act import person_of
from bot.services.authorise import Capability, offices_where, require
from bot.services.groups import chat_for, group_in
from bot.services.outbox import Priority
from bot.services.questions import Kind, ask, settle
from bot.services.work import Refusal
from handlers.area import Area
from handlers.conversation import Incoming, Response, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.notices import Notice
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow

LET_GO = "lepas"
"""The word after a command that ends what the command begins."""


# --- in private -----------------------------------------------------------------------------


def sekretariat(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Say where the alerts go, or end the alert group."""
    offices = offices_where(work, actor, Capability.WATCH)
    if not _lets_go(incoming):
        return said(AlertsWhere())
    grouped = [office for office in offices if chat_for(work, office) is not None]
    if not grouped:
        raise Refusal(NoAlertGroup())
    if len(grouped) > 1:
        return said(_choose(work, actor, grouped, LET_GO))
    return said(office_chats.release(work, actor, grouped[0]))


def papan(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Show the board here, kept up to date from now on, or end it."""
    offices = offices_where(work, actor, Capability.WATCH)
    if _lets_go(incoming):
        for office in offices:
            boards.close(work, office, incoming.chat_id)
        return said(BoardReleased())
    if len(offices) > 1:
        return said(_choose(work, actor, offices, "papan"))
    return _show(work, actor, offices[0])


def picked_office(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Go on with the chosen office."""
    settle(work, question, {"index": index})
    about, office_id = question.about, question.about["options"][index]
    if about["then"] == LET_GO:
        return said(office_chats.release(work, actor, office_id))
    if about["then"] == "papan":
        return _show(work, actor, office_id)
    chat_id, topic = about["chat_id"], about["topic"]
    notice = office_chats.set_group(work, actor, office_id, chat_id, topic=topic, title=about["title"])
    outbox.put(work, chat_id, notice, cause_id=person_of(actor).id, priority=Priority.ANSWER, topic=topic)
    return Response()


def _show(work: Work, actor: Actor, office_id: str) -> Response:
    require(work, actor, Capability.WATCH, office_id)
    person = person_of(actor)
    boards.post(work, office_id, person.account, person_id=person.id, priority=Priority.ANSWER)
    return Response()


def _choose(work: Work, actor: Actor, offices: Sequence[str], then: str, **about: object) -> ChooseOffice:
    options = {"options": list(offices), "then": then, **about}
    return ChooseOffice(ask(work, person_of(actor), Kind.CHOOSE_OFFICE, options).id)


def _lets_go(incoming: Incoming) -> bool:
    return incoming.text.strip().lower() == LET_GO


# --- in a group -----------------------------------------------------------------------------


def sekretariat_here(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Make the group the office's alert group, or end that."""
    offices = offices_where(work, actor, Capability.WATCH)
    present = group_in(work, incoming.chat_id)
    if _lets_go(incoming):
        if present is None or present.office_id not in offices:
            raise Refusal(NoAlertGroup())
        return said(office_chats.release(work, actor, present.office_id, chat_id=incoming.chat_id))
    if present is not None and present.office_id in offices:
        offices = (present.office_id,)  # said again, perhaps in another topic
    place = {"chat_id": incoming.chat_id, "topic": incoming.topic, "title": incoming.chat_title}
    if len(offices) > 1:
        outbox.tell(work, person_of(actor), _choose(work, actor, offices, "sekretariat", **place))
        return said(ChooseOfficeInPrivate())
    return said(_set(work, actor, offices[0], incoming))


def _set(work: Work, actor: Actor, office_id: str, incoming: Incoming) -> Notice:
    title = incoming.chat_title
    return office_chats.set_group(work, actor, office_id, incoming.chat_id, topic=incoming.topic, title=title)


def papan_here(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Show the board anew in the office's group."""
    offices = offices_where(work, actor, Capability.WATCH)
    present = group_in(work, incoming.chat_id)
    if present is None or present.office_id not in offices:
        raise Refusal(NoAlertGroup())
    boards.post(work, present.office_id, incoming.chat_id, topic=present.topic, priority=Priority.ANSWER)
    return Response()


def joined(work: Work, incoming: Incoming) -> Response:
    """Pin what waits for it: the bot was taken into a group, or its rights there changed."""
    pins.pin_again(work, incoming.chat_id)
    return Response()


def left(work: Work, incoming: Incoming) -> Response:
    """Note that the bot was thrown out of a group."""
    office_chats.lose(work, incoming.chat_id, office_chats.LEFT)
    return Response()


def moved(_work: Work, _incoming: Incoming) -> Response:
    """Leave a group that became a supergroup to the next sweep, which shows its board anew; all else has moved."""
    return Response()


AREA = Area(
    commands={"sekretariat": sekretariat, "papan": papan},
    picks={Kind.CHOOSE_OFFICE: picked_office},
    questions={Kind.CHOOSE_OFFICE: ChooseOffice},
    group_commands={"sekretariat": sekretariat_here, "papan": papan_here},
)
