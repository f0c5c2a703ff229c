"""/plh and /jabatan: who holds a post, from when until when; *Ambil* and *Lepas* on a shared one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from bot.domain.notices import (
    AskFirstDay,
    AskLastDay,
    AskLetter,
    ChooseAbsent,
    ChooseMove,
    ChooseStandin,
    ChooseSuccessor,
    ConfirmMove,
    ConfirmStandin,
    DayUnclear,
    InviteFirst,
    NothingToRemove,
    Notice,
    QuestionDropped,
)
from bot.domain.posts import HoldingKind
from bot.messages.actions import Action, Verb
from bot.services.act import person_of
from bot.services.authorise import UNKNOWN, Capability, require
from bot.services.claims import claim_task, release_task
from bot.services.day_text import read_day, read_letter
from bot.services.invitations import invite
from bot.services.mutations import movable, move_post, successors, to_move
from bot.services.outbox import edit
from bot.services.questions import Kind, ask, settle
from bot.services.standins import (
    Wish,
    appoint_standin,
    candidates_for,
    check,
    check_first,
    check_reachable,
    today,
    wishes,
)
from bot.services.work import Refusal
from handlers.area import Area
from handlers.conversation import Incoming, Response, said

if TYPE_CHECKING:
    from typing import Any

    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow

_FRIDAY = 4
_WEEK = timedelta(days=7)


# --- /plh -------------------------------------------------------------------------------------


def plh(work: Work, actor: Actor, _incoming: Incoming) -> Response:
    """Let the sekretariat choose who is absent, or which vacant post it is."""
    options = [wish.to_data() for wish in wishes(work, actor)]
    if not options:
        raise Refusal(NothingToRemove())
    return said(ChooseAbsent(ask(work, person_of(actor), Kind.CHOOSE_ABSENT, {"options": options}).id))


def picked_absent(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Ask who stands in."""
    wish = Wish.from_data(question.about["options"][index])
    require(work, actor, Capability.APPOINT, wish.office_id)
    people = candidates_for(work, wish)
    settle(work, question, {"index": index})
    return said(ChooseStandin(_ask(work, actor, Kind.CHOOSE_STANDIN, wish, [*people, UNKNOWN])))


def picked_standin(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Ask from when on."""
    wish = replace(_wish(work, actor, question), person_id=question.about["options"][index])
    if wish.person_id == UNKNOWN:
        settle(work, question, {"index": index})
        return said(InviteFirst())
    check_reachable(work, wish.person_id)
    settle(work, question, {"index": index})
    now = today(work, wish.office_id)
    days = [now, now + timedelta(days=1), now + timedelta(days=7 - now.weekday())]
    options = [day.isoformat() for day in days]
    return said(AskFirstDay(_ask(work, actor, Kind.FIRST_DAY, wish, options, text=True)))


def picked_first(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Go on with a first day that was offered."""
    return said(_after_first(work, actor, question, date.fromisoformat(question.about["options"][index])))


def typed_first(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Go on with a first day that was written."""
    notice = _after_first(work, actor, question, _day(work, actor, question, text))
    return _closed(work, question, notice)


def _after_first(work: Work, actor: Actor, question: QuestionRow, first: date) -> Notice:
    wish = replace(_wish(work, actor, question), first=first)
    check_first(work, wish)
    settle(work, question, {"day": first.isoformat()})
    friday = first + timedelta(days=(_FRIDAY - first.weekday()) % 7)
    days: list[date | None] = [*dict.fromkeys([first, friday, friday + _WEEK])]
    if wish.kind is HoldingKind.ACTING:
        days.append(None)
    options = [day.isoformat() if day else None for day in days]
    return AskLastDay(_ask(work, actor, Kind.LAST_DAY, wish, options, text=True))


def picked_last(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Go on with a last day that was offered, or with none."""
    day = question.about["options"][index]
    return said(_after_last(work, actor, question, date.fromisoformat(day) if day else None, {"index": index}))


def typed_last(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Go on with a last day that was written."""
    day = _day(work, actor, question, text)
    return _closed(work, question, _after_last(work, actor, question, day, {"day": day.isoformat()}))


def _after_last(work: Work, actor: Actor, question: QuestionRow, last: date | None, answer: dict[str, Any]) -> Notice:
    wish = replace(_wish(work, actor, question), last=last)
    # Refused here, the question stays open: another day may do.
    check(work, wish)
    settle(work, question, answer)
    return AskLetter(_ask(work, actor, Kind.LETTER, wish, ["none"], text=True))


def picked_letter(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Go on without a surat tugas."""
    wish = _wish(work, actor, question)
    settle(work, question, {"index": index})
    return said(ConfirmStandin(_ask(work, actor, Kind.CONFIRM_STANDIN, wish)))


def typed_letter(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Go on with the surat tugas."""
    wish = _wish(work, actor, question)
    number, day = read_letter(text, today(work, wish.office_id))
    settle(work, question, {"typed": number})
    wish = replace(wish, letter=number, letter_date=day)
    return _closed(work, question, ConfirmStandin(_ask(work, actor, Kind.CONFIRM_STANDIN, wish)))


def confirmed_standin(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Set the Plh or Plt, or leave everything as it is."""
    wish = _wish(work, actor, question)
    settle(work, question, {"index": index})
    if index != 0:
        return Response(edit=QuestionDropped(), toast=QuestionDropped())
    return said(appoint_standin(work, actor, wish))


def _ask(
    work: Work, actor: Actor, kind: Kind, wish: Wish, options: list[Any] | None = None, *, text: bool = False
) -> int:
    about = {"wish": wish.to_data()} | ({} if options is None else {"options": options})
    return ask(work, person_of(actor), kind, about, awaits_text=text).id


def _wish(work: Work, actor: Actor, question: QuestionRow) -> Wish:
    """Return what is known so far; raises Refusal for whoever may not appoint any more."""
    wish = Wish.from_data(question.about["wish"])
    require(work, actor, Capability.APPOINT, wish.office_id)
    return wish


def _day(work: Work, actor: Actor, question: QuestionRow, text: str) -> date:
    day = read_day(text, today(work, _wish(work, actor, question).office_id))
    if day is None:
        raise Refusal(DayUnclear())
    return day


def _closed(work: Work, question: QuestionRow, following: Notice) -> Response:
    """Go on after a written answer; the buttons of the question go, as they would after a press."""
    shown = _QUESTIONS[Kind(question.kind)](question.id)
    edit(work, question.chat_id, shown, person_id=question.person_id, anchor=f"question:{question.id}")
    return said(following)


# --- /jabatan ---------------------------------------------------------------------------------


def jabatan(work: Work, actor: Actor, _incoming: Incoming) -> Response:
    """Let the sekretariat choose the post that moves."""
    options = movable(work, actor)
    if not options:
        raise Refusal(NothingToRemove())
    return said(ChooseMove(ask(work, person_of(actor), Kind.CHOOSE_MOVE, {"options": options}).id))


def picked_move(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Ask who takes it."""
    row = to_move(work, actor, question.about["options"][index])
    settle(work, question, {"index": index})
    about = {"holding_id": row.id, "options": [*successors(work, row), UNKNOWN]}
    return said(ChooseSuccessor(ask(work, person_of(actor), Kind.CHOOSE_SUCCESSOR, about).id))


def picked_successor(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Ask for the confirmation, or make the link by which somebody new takes it."""
    row = to_move(work, actor, question.about["holding_id"])
    person_id = question.about["options"][index]
    settle(work, question, {"index": index})
    if person_id == UNKNOWN:
        return said(invite(work, actor, row.office_id, row.post_id, replaces=row.id))
    about = {"holding_id": row.id, "person_id": person_id}
    return said(ConfirmMove(ask(work, person_of(actor), Kind.CONFIRM_MOVE, about).id))


def confirmed_move(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Move the post, or leave everything as it is."""
    settle(work, question, {"index": index})
    if index != 0:
        return Response(edit=QuestionDropped(), toast=QuestionDropped())
    return said(move_post(work, actor, question.about["holding_id"], question.about["person_id"]))


# --- a shared post ----------------------------------------------------------------------------


def pressed_claim(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Claim the task of the button."""
    return Response(toast=claim_task(work, actor, action.subject))


def pressed_release(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Let go of it."""
    return Response(toast=release_task(work, actor, action.subject))


_QUESTIONS = {
    Kind.CHOOSE_ABSENT: ChooseAbsent,
    Kind.CHOOSE_STANDIN: ChooseStandin,
    Kind.FIRST_DAY: AskFirstDay,
    Kind.LAST_DAY: AskLastDay,
    Kind.LETTER: AskLetter,
    Kind.CONFIRM_STANDIN: ConfirmStandin,
    Kind.CHOOSE_MOVE: ChooseMove,
    Kind.CHOOSE_SUCCESSOR: ChooseSuccessor,
    Kind.CONFIRM_MOVE: ConfirmMove,
}

AREA = Area(
    commands={"plh": plh, "jabatan": jabatan},
    buttons={Verb.CLAIM: pressed_claim, Verb.RELEASE: pressed_release},
    picks={
        Kind.CHOOSE_ABSENT: picked_absent,
        Kind.CHOOSE_STANDIN: picked_standin,
        Kind.FIRST_DAY: picked_first,
        Kind.LAST_DAY: picked_last,
        Kind.LETTER: picked_letter,
        Kind.CONFIRM_STANDIN: confirmed_standin,
        Kind.CHOOSE_MOVE: picked_move,
        Kind.CHOOSE_SUCCESSOR: picked_successor,
        Kind.CONFIRM_MOVE: confirmed_move,
    },
    texts={Kind.FIRST_DAY: typed_first, Kind.LAST_DAY: typed_last, Kind.LETTER: typed_letter},
    questions=_QUESTIONS,
)
