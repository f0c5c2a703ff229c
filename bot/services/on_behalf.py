"""Use case: somebody records what another person decided on paper, by voice or during an outage.

What is asked for one after the other is a draft, carried by the questions: ``task_id``, ``late`` (an outage),
``person_id``, ``decision`` (``done``, ``reject``), ``reason``, ``medium`` (``paper``, ``voice``, ``outage``),
``remark``, ``file`` (see Offered), ``real_at`` (ISO, UTC).
"""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.domain.case import Complete, Origin, Reject
from bot.domain.notices import (
    DecisionRecorded,
    FileRefused,
    NobodyDecides,
    NotHeldThen,
    NothingToRecord,
    Notice,
    RecordStep,
    TaskOver,
)
from bot.services.act import act, decide, person_of
from bot.services.attach import Offered, check_size, keep
from bot.services.authorise import UNKNOWN, Capability, hands, may, offices_where, require
from bot.services.late_entry import holders_since
from bot.services.ledger import lock
from bot.services.people import known
from bot.services.questions import Kind, ask
from bot.services.recorded import tell_decider
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import CaseRow, PersonRow, TaskRow

if TYPE_CHECKING:
    from bot.services.work import Actor, Work

Draft = dict[str, Any]  # any: JSON
DONE, REJECT = "done", "reject"
PAPER, VOICE, OUTAGE = "paper", "voice", "outage"
_TEXTS = frozenset({Kind.RECORD_REASON, Kind.RECORD_PROOF, Kind.RECORD_MOMENT, Kind.RECORD_WHY})


def begin_entry(work: Work, actor: Actor, case: CaseRow | None, *, late: bool) -> Notice:
    """Begin an entry on a case's open task, or ask which task is meant; raises Refusal."""
    if case is not None:
        task = queries.open_task(work.session, case.id)
        return go_on(work, actor, {"task_id": task.id if task else _last_task(work, case), "late": late})
    offices = offices_where(work, actor, _needs(late))
    running = queries.running_cases(work.session, offices)
    tasks = [task.id for case, task in running if task.held_at is None and deciders(work, actor, case, task, late=late)]
    if not tasks:
        raise Refusal(NothingToRecord(late))
    if len(tasks) == 1:
        return go_on(work, actor, {"task_id": tasks[0], "late": late})
    return RecordStep(ask(work, person_of(actor), Kind.RECORD_TASK, {"options": tasks, "late": late}).id)


def go_on(work: Work, actor: Actor, draft: Draft) -> Notice:
    """Ask for what the draft still lacks, at last for the confirmation; raises Refusal."""
    case, task = task_meant(work, actor, draft)
    kind, options = _lacking(work, actor, case, task, draft)
    if kind is Kind.CONFIRM_RECORD:
        _try(work, actor, case, task, draft)
    about = {**draft, **({"options": options} if options else {})}
    return RecordStep(ask(work, person_of(actor), kind, about, awaits_text=kind in _TEXTS).id)


def with_proof(work: Work, draft: Draft, *, file: Offered | None = None, remark: str | None = None) -> Draft | None:
    """Return the draft with what proves the decision; None where that does not: paper is shown. Raises Refusal."""
    if file is not None:
        if _is_secret(work, draft):
            raise Refusal(FileRefused("secret", draft["task_id"]))
        check_size(file, draft["task_id"])
        return {**draft, "file": asdict(file), "remark": remark}
    wants_file = draft["medium"] == PAPER and not _is_secret(work, draft)
    return None if wants_file else {**draft, "file": None, "remark": remark}


def record_decision(work: Work, actor: Actor, draft: Draft) -> Notice:
    """Record the decision and tell whose it is; return the answer. Raises Refusal."""
    case, task = task_meant(work, actor, draft)
    _try(work, actor, case, task, draft)  # what is refused leaves no evidence behind
    recorder, decider = person_of(actor), work.session.get_one(PersonRow, draft["person_id"])
    file = draft.get("file")
    # One that was sent before the case became secret is not kept either.
    evidence = keep(work, task, recorder, Offered(**file)).id if file and not case.secret else None
    act(work, actor, case, _command(work, actor, case, task, draft, evidence=evidence), task_id=task.id)
    tell_decider(work, task, decider, recorder)
    return DecisionRecorded(task.id)


def task_meant(work: Work, actor: Actor, draft: Draft) -> tuple[CaseRow, TaskRow]:
    """Return the locked case and the open task that a draft is about; raises Refusal."""
    task = work.session.get(TaskRow, draft["task_id"])
    office = work.session.get_one(CaseRow, task.case_id).office_id if task else ""
    if task is None or not may(work, actor, Capability.VIEW, office):
        raise Refusal(TaskOver(UNKNOWN))
    case = lock(work, task.case_id)
    work.session.refresh(task)
    require(work, actor, _needs(draft["late"]), office)
    if task.ended_at is not None:
        raise Refusal(TaskOver(task.id))
    return case, task


def deciders(work: Work, actor: Actor, case: CaseRow, task: TaskRow, *, late: bool) -> list[int]:
    """Return whose decision on a task can be recorded (person ids): somebody else's, or in an outage anybody's."""
    waiting = [row.post_id for row in queries.task_posts(work.session, task.id) if row.reported_at is None]
    if late:
        return holders_since(work, case, task, waiting)
    people = queries.holders_of(work.session, case.office_id, waiting, work.at, strategic=task.strategic)
    return [person.id for person in people if person.id != person_of(actor).id]


def _needs(late: bool) -> Capability:  # noqa: FBT001 - the draft's own field
    return Capability.BACKDATE if late else Capability.RECORD


def _last_task(work: Work, case: CaseRow) -> int:
    return queries.tasks_of_case(work.session, case.id)[-1].id


def _is_secret(work: Work, draft: Draft) -> bool:
    task = work.session.get_one(TaskRow, draft["task_id"])
    return work.session.get_one(CaseRow, task.case_id).secret


def _lacking(work: Work, actor: Actor, case: CaseRow, task: TaskRow, draft: Draft) -> tuple[Kind, list[Any]]:
    """Return what to ask next, with its options; what leaves no choice goes into the draft by itself."""
    if "person_id" not in draft:
        people = deciders(work, actor, case, task, late=draft["late"])
        if not people:
            raise Refusal(NobodyDecides(task.id))
        if len(people) > 1:
            return Kind.RECORD_PERSON, people
        draft["person_id"] = people[0]
    if "decision" not in draft:
        if work.sop_of(case).reject_target(task.step) is not None:
            return Kind.RECORD_DECISION, [DONE, REJECT]
        draft["decision"] = DONE
    if draft["decision"] == REJECT and "reason" not in draft:
        return Kind.RECORD_REASON, []
    return _lacking_origin(draft)


def _lacking_origin(draft: Draft) -> tuple[Kind, list[Any]]:
    if draft["late"]:
        draft["medium"] = OUTAGE
        for key, kind in (("real_at", Kind.RECORD_MOMENT), ("remark", Kind.RECORD_WHY)):
            if key not in draft:
                return kind, []
    if "medium" not in draft:
        return Kind.RECORD_MEDIUM, [PAPER, VOICE]
    if not draft["late"] and "file" not in draft:
        return Kind.RECORD_PROOF, []
    return Kind.CONFIRM_RECORD, []


def _try(work: Work, actor: Actor, case: CaseRow, task: TaskRow, draft: Draft) -> None:
    """Raise Refusal where the decision could not be recorded."""
    decide(work, case, _command(work, actor, case, task, draft), task_id=task.id)


def _command(
    work: Work, actor: Actor, case: CaseRow, task: TaskRow, draft: Draft, *, evidence: int | None = None
) -> Complete | Reject:
    recorder, decider = person_of(actor).id, work.session.get_one(PersonRow, draft["person_id"])
    real_at = datetime.fromisoformat(draft["real_at"]) if draft.get("real_at") else None
    moment = real_at or work.at
    # What counts is what the person held when they decided.
    held = hands(replace(work, at=moment), known(work, decider), case.office_id, task)
    waiting = {row.post_id for row in queries.task_posts(work.session, task.id) if row.reported_at is None}
    if not held.posts & waiting:
        raise Refusal(NotHeldThen(task.id, decider.id, moment.isoformat()))
    origin = Origin(decider.id, draft["medium"], draft.get("remark"), evidence, real_at)
    capacities: Any = {"standin": held.standin, "acting": held.acting, "origin": origin}
    if draft["decision"] == REJECT:
        return Reject(recorder, held.posts, task.number, draft["reason"], **capacities)
    return Complete(recorder, held.posts, task.number, **capacities)
