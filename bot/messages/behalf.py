"""On behalf of somebody else, and late entries: what is asked for one, answered and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.domain import events as ev
from bot.messages.actions import Action, Verb
from bot.messages.asking import QuestionContext, choice, confirmation, question_of
from bot.messages.card_life import undo_buttons
from bot.messages.case_view import CaseLine, CaseView, TaskLine, Where, task_and_case
from bot.messages.keyboards import button
from bot.messages.labels import label
from bot.messages.limits import REASON_LIMIT, REASON_LINES, shorten
from bot.messages.message import Attachment
from bot.messages.view import Context
from bot.services.authorise import hands
from bot.services.people import known
from bot.services.questions import Kind
from bot.store.tables import AttachmentRow, CaseRow, PersonRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain import notices as n
    from bot.messages.message import Button
    from bot.messages.story import Word
    from bot.messages.view import View
    from bot.store.tables import QuestionRow, TaskRow

_LISTED = 12
_PLACEHOLDERS: Mapping[str, str] = {
    Kind.RECORD_REASON: "placeholder.record_reason",
    Kind.RECORD_PROOF: "placeholder.record_proof",
    Kind.RECORD_MOMENT: "placeholder.record_moment",
    Kind.RECORD_WHY: "placeholder.record_why",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A task to choose from, and who holds it."""

    case: CaseLine
    task: TaskLine
    holders: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What is known of a decision so far. ``file`` tells that there is a picture of the paper."""

    who: str = ""
    rejected: bool = False
    reason: str = ""
    medium: str = ""
    remark: str = ""
    file: bool = False
    moment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordStepContext(QuestionContext):
    """``kind`` is what is asked; ``earliest`` and ``zone`` are for the moment of a late entry."""

    kind: str
    late: bool
    secret: bool = False
    items: tuple[Listed, ...] = ()
    case: CaseLine | None = None
    task: TaskLine | None = None
    decision: Decision | None = None
    earliest: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LateContext(Context):
    """``late`` is for /susulan."""

    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskContext(Context):
    """A task of a case."""

    case: CaseLine
    task: TaskLine


@dataclass(frozen=True, slots=True, kw_only=True)
class NotHeldThenContext(Context):
    """Who, and when."""

    case: CaseLine
    task: TaskLine
    who: str
    moment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundsContext(Context):
    """The two moments between which another one must lie."""

    case: CaseLine
    earliest: str
    latest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecordedContext(Context):
    """What was recorded, and where the case is now."""

    case: CaseLine
    task: TaskLine
    who: str
    rejected: bool
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedToldContext(Context):
    """``state`` is ``open`` (one may object until ``until``), ``objected``, ``undone`` or ``late``."""

    state: str
    case: CaseLine
    task: TaskLine
    recorder: str
    decision: Decision
    recorded_at: str
    until: str


def disowned(case: CaseView, back: ev.StepRejected | ev.CaseReturned) -> bool:
    """Return whether a case went back because a decider objected to what was recorded for them."""
    objections = [event for event in case.story.log if isinstance(event, ev.DecisionObjected)]
    return isinstance(back, ev.CaseReturned) and any(objection.at == back.at for objection in objections)


def card_lines(_view: View, _case: CaseView, _task: TaskRow) -> Sequence[str]:
    """Return nothing: what an objection says stands where the card says whom the task comes from."""
    return ()


def card_buttons(_view: View, _case: CaseView, _task: TaskRow) -> Sequence[Button]:
    """Return nothing: what is recorded on somebody's behalf begins with a command."""
    return ()


def record_step(view: View, notice: n.RecordStep) -> RecordStepContext | None:
    """Return one question of an entry; None where it closed before it was sent, or waits for no text any more."""
    question = question_of(view, notice.question_id)
    if question.kind == Kind.RECORD_TASK:
        return _which_task(view, question)
    case, task = task_and_case(view, question.about["task_id"])
    state = _state(view, case, question)
    if state is None:
        return None
    return RecordStepContext(
        kind=question.kind,
        late=question.about["late"],
        secret=case.row.secret,
        case=case.line,
        task=case.task_line(task),
        decision=_drafted(case, task, question.about),
        earliest=case.moment(task.given_at),
        zone=case.calendar.zone.value,
        **state,
    )


def _which_task(view: View, question: QuestionRow) -> RecordStepContext | None:
    found = [task_and_case(view, task_id) for task_id in question.about["options"]]
    labels = [
        (index, label("button.task", code=case.row.code, number=task.step)) for index, (case, task) in enumerate(found)
    ]
    state = choice(view, question, labels)
    if state is None:
        return None
    items = tuple(Listed(case.line, case.task_line(task), case.waited_for(task)) for case, task in found[:_LISTED])
    return RecordStepContext(kind=question.kind, late=question.about["late"], items=items, **state)


def _state(view: View, case: CaseView, question: QuestionRow) -> dict[str, Any] | None:
    """Return a question's state as fields of its context."""
    if question.kind in _PLACEHOLDERS:
        return None if question.answered_at is not None else {"force_reply": label(_placeholder(case, question))}
    if question.kind == Kind.CONFIRM_RECORD:
        return confirmation(view, question, label("button.yes_record"))
    options = question.about["options"]
    if question.kind == Kind.RECORD_PERSON:
        _, task = task_and_case(view, question.about["task_id"])
        labels = [(index, _decider(case, task, person_id)) for index, person_id in enumerate(options)]
    else:
        key = "button.decided_" if question.kind == Kind.RECORD_DECISION else "button.by_"
        labels = [(index, label(key + option)) for index, option in enumerate(options)]
    return choice(view, question, labels)


def _placeholder(case: CaseView, question: QuestionRow) -> str:
    """Return what the input field invites to: of paper only a picture is taken, of a secret case nothing is kept."""
    if question.kind != Kind.RECORD_PROOF:
        return _PLACEHOLDERS[question.kind]
    if case.row.secret:
        return "placeholder.record_secret"
    return "placeholder.record_photo" if question.about["medium"] == "paper" else "placeholder.record_proof"


def _drafted(case: CaseView, task: TaskRow, about: dict[str, Any]) -> Decision:
    real_at = about.get("real_at")
    moment = datetime.fromisoformat(real_at) if real_at else None
    return Decision(
        who=_decider(case, task, about["person_id"], moment) if "person_id" in about else "",
        rejected=about.get("decision") == "reject",
        reason=case.prose(about["reason"]) if about.get("reason") else "",
        medium=about.get("medium", ""),
        remark=case.prose(about["remark"]) if about.get("remark") else "",
        file=bool(about.get("file")),
        moment=case.moment(moment) if moment else "",
    )


def _decider(case: CaseView, task: TaskRow, person_id: int, at: datetime | None = None) -> str:
    """Return a person as what they hold the task for, now or at another moment."""
    work, office_id = case.view.work, case.row.office_id
    person = work.session.get_one(PersonRow, person_id)
    then = replace(work, at=at or work.at)
    held = hands(then, known(work, person), office_id, task)
    posts = [post for post in case.posts(task) if post in held.posts]
    return case.as_held(person_id, posts, held.standin, held.acting) if posts else case.view.person(person_id)


def nothing_to_record(_view: View, notice: n.NothingToRecord) -> LateContext:
    """Return for which command there is nothing."""
    return LateContext(late=notice.late)


def about_task(view: View, notice: n.NobodyDecides) -> TaskContext:
    """Return which task it is about."""
    case, task = task_and_case(view, notice.task_id)
    return TaskContext(case=case.line, task=case.task_line(task))


def not_held_then(view: View, notice: n.NotHeldThen) -> NotHeldThenContext:
    """Return who could not decide at which moment."""
    case, task = task_and_case(view, notice.task_id)
    moment = case.moment(datetime.fromisoformat(notice.at))
    return NotHeldThenContext(
        case=case.line, task=case.task_line(task), who=view.person(notice.person_id), moment=moment
    )


def moment_refused(view: View, notice: n.MomentRefused) -> BoundsContext:
    """Return the bounds of a late entry."""
    case, _ = task_and_case(view, notice.task_id)
    bounds = (case.moment(datetime.fromisoformat(iso)) for iso in (notice.earliest, notice.latest))
    earliest, latest = bounds
    return BoundsContext(case=case.line, earliest=earliest, latest=latest)


def decision_recorded(view: View, notice: n.DecisionRecorded) -> DecisionRecordedContext | None:
    """Return what was recorded; None where it was taken back before this was sent."""
    case, task = task_and_case(view, notice.task_id)
    word = next(iter(reversed(words_recorded(case.story.standing, task.number))), None)
    if word is None:
        return None
    return DecisionRecordedContext(
        case=case.line,
        task=case.task_line(task),
        who=case.acted(word, word.on_behalf_of),
        rejected=isinstance(word, ev.StepRejected),
        where=case.where(),
        buttons=undo_buttons(case, task) if notice.undo is not None else (),
    )


def recorded_told(view: View, notice: n.RecordedTold) -> RecordedToldContext | None:
    """Return what was recorded as the recipient's decision, and whether they may still object."""
    question = question_of(view, notice.question_id)
    case, task = task_and_case(view, question.about["task_id"])
    words = [word for word in words_recorded(case.story.log, task.number) if word.on_behalf_of == question.person_id]
    word = next((word for word in reversed(words) if word.at <= question.asked_at), None)
    if word is None:
        return None
    until = case.calendar.due(word.at, view.work.rules_of(case.row.office_id).objection)
    state = _objection_state(case, word, until)
    objects = button(label("button.object"), Action(Verb.OBJECT, question.id))
    return RecordedToldContext(
        state=state,
        case=case.line,
        task=case.task_line(task),
        recorder=case.recorder(word),
        decision=_decided(case, word),
        recorded_at=case.moment(word.at),
        until=case.moment(until),
        attachment=_evidence(view, word),
        buttons=((objects,),) if state == "open" else (),
    )


def _objection_state(case: CaseView, word: Word, until: datetime) -> str:
    objected = any(isinstance(e, ev.DecisionObjected) and e.task == word.task for e in case.story.log)
    if objected:
        return "objected"
    if word not in case.story.standing:
        return "undone"
    return "open" if case.view.at <= until else "late"


def _decided(case: CaseView, word: Word) -> Decision:
    return Decision(
        who=case.acted(word, word.on_behalf_of),
        rejected=isinstance(word, ev.StepRejected),
        reason=long_text(word.reason) if isinstance(word, ev.StepRejected) else "",
        medium=word.medium or "",
        remark=long_text(word.remark),
        file=word.evidence is not None,
        moment=case.moment(word.real_at) if word.real_at else "",
    )


def _evidence(view: View, word: Word) -> Attachment | None:
    row = view.session.get(AttachmentRow, word.evidence) if word.evidence else None
    hidden = row is None or view.session.get_one(CaseRow, row.case_id).secret
    return None if row is None or hidden else Attachment(row.file_id, row.photo)


def words_recorded(log: Sequence[ev.Event], task: int) -> list[Word]:
    """Return what was recorded on somebody's behalf for a task, in order."""
    found = [event for event in log if isinstance(event, ev.PartDone | ev.StepRejected)]
    return [event for event in found if event.task == task and event.on_behalf_of is not None]


def long_text(text: str | None) -> str:
    """Return what somebody wrote, fit to be shown; empty where they wrote nothing."""
    return shorten(text or "", REASON_LIMIT, lines=REASON_LINES)
