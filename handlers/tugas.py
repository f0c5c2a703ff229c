"""/tugas, /selesai and /tolak: what is on my desk, and moving it on or back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import AskReason, CaseFinished, CasePicture, CaseStatus, ChooseTask, Notice, TaskList
from bot.messages.actions import Action, Verb
from bot.services import cards
from bot.services.act import person_of
from bot.services.authorise import in_view
from bot.services.briefs import shown_in
from bot.services.checklist import named_missing, show_reason_given
from bot.services.complete_task import complete_task
from bot.services.find import member_offices, my_task
from bot.services.notes import add_note
from bot.services.questions import Kind, settle
from bot.services.reject_task import reject_task
from bot.services.undo import below
from bot.store import queries
from bot.store.tables import CaseRow, TaskRow
from handlers.area import Area
from handlers.conversation import Incoming, Response, said, split_code
from handlers.kelengkapan import reason_naming
from handlers.status import picked_view

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow


def tugas(work: Work, actor: Actor, _incoming: Incoming) -> Response:
    """Show my open tasks."""
    member_offices(work, actor)
    return said(TaskList())


def selesai(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Complete my task."""
    code, note = split_code(incoming.text)
    task_id = my_task(work, actor, code, verb="done", command="selesai", text=note)
    return said(below(work, actor, complete_task(work, actor, task_id, note)))


def tolak(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Reject my task, or ask for the reason."""
    code, reason = split_code(incoming.text)
    task_id = my_task(work, actor, code, verb="reject", command="tolak", text=reason)
    return said(below(work, actor, reject_task(work, actor, task_id, reason)))


def pressed_done(work: Work, actor: Actor, incoming: Incoming, action: Action) -> Response:
    """Complete the task of the button: one press, no further question."""
    notice = complete_task(work, actor, action.subject)
    card = queries.card_of(work.session, action.subject, person_of(actor).id)
    say: tuple[Notice, ...] = (notice,) if isinstance(notice, CaseFinished) else ()
    if card is not None and card.folded_at is not None and card.message_id is None:
        say = (below(work, actor, notice),)  # decided in a chief's brief: no card shows how to take it back
    return Response(say=say, edit=list_to_refresh(work, actor, incoming, action), toast=notice)


def pressed_reject(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Ask for the reason."""
    return said(reject_task(work, actor, action.subject, None))


def pressed_detail(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Show the task's case in full, and behind it how far it is as a picture."""
    task = work.session.get(TaskRow, action.subject)
    case = in_view(work, actor, work.session.get(CaseRow, task.case_id) if task else None)
    if actor.person is not None:
        cards.open_folded(work, action.subject, actor.person)
    return said(CaseStatus(case.id), CasePicture(case.id))


def picked_task(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Complete or reject the chosen task, or leave a note on it."""
    settle(work, question, {"index": index})
    task_id, text = question.about["options"][index], question.about["text"]
    if question.about["verb"] == "done":
        return said(below(work, actor, complete_task(work, actor, task_id, text)))
    if question.about["verb"] == "note":
        return said(add_note(work, actor, task_id, text))
    return said(below(work, actor, reject_task(work, actor, task_id, text)))


def answered_reason(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Reject with the reason that was asked for."""
    missing = named_missing(work, question)
    settle(work, question, {"text": text})
    show_reason_given(work, question)
    reason = reason_naming(missing, text)
    answer = reject_task(work, actor, question.about["task_id"], reason, missing=missing)
    return said(below(work, actor, answer))


def list_to_refresh(work: Work, actor: Actor, incoming: Incoming, action: Action) -> Notice | None:
    """Return the list for a press on a list; the card itself is refreshed with its task."""
    if (brief := shown_in(work, incoming.chat_id, incoming.message_id)) is not None:
        return brief
    card = queries.card_of(work.session, action.subject, person_of(actor).id)
    if card is None or card.message_id == incoming.message_id:
        return None
    if card.message_id is None:
        # The card reached the chat but its answer was lost on the way: the press tells its id.
        card.message_id = incoming.message_id
        cards.refresh_card(work, card)
        return None
    return TaskList()


AREA = Area(
    commands={"tugas": tugas, "selesai": selesai, "tolak": tolak},
    buttons={Verb.DONE: pressed_done, Verb.REJECT: pressed_reject, Verb.DETAIL: pressed_detail},
    picks={Kind.CHOOSE_TASK: picked_task},
    texts={Kind.REJECT_REASON: answered_reason},
    questions={Kind.CHOOSE_TASK: ChooseTask, Kind.REJECT_REASON: AskReason},
    case_picks={"selesai": picked_view, "tolak": picked_view},
)
