"""Plh, Plt, mutasi and shared posts, as their readers see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain import notices as n
from bot.domain.posts import Fault, HoldingKind
from bot.services.standins import Wish
from bot.store import queries
from bot.store.tables import HoldingRow, TaskPostRow
from tests.messages.conftest import World, wib

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message

    Shown = Callable[[Message | None], str]

MONITOR, KEPALA, SEKRETARIS, KASUBAG, STAF = (
    "Siti Rahmawati",
    "Bambang Wijaya",
    "Dewi Lestari",
    "Agus Salim",
    "Rina Marlina",
)


def _held(world: World, name: str, post: str) -> HoldingRow:
    held = queries.holdings_of(world.session, world.people[name].id, world.at)
    return next(row for row in held if row.post_id == post)


def _standin(
    world: World, *, acting: bool = False, days: tuple[int, int] = (25, 28), letter: bool = True
) -> HoldingRow:
    """Let the Sekretaris stand in for the Kepala Badan, or act on that post, in November; the 24th is today."""
    absent = _held(world, KEPALA, "kepala")
    if acting:
        world.leave(KEPALA, "kepala")
    return world.add(
        HoldingRow(
            office_id="kesbangpol",
            post_id="kepala",
            person_id=world.people[SEKRETARIS].id,
            kind=HoldingKind.ACTING if acting else HoldingKind.STANDIN,
            since=wib(days[0], 0),
            until=None if acting else wib(days[1], 0),
            stands_for=None if acting else absent.id,
            letter_number="800/123/2026" if letter else None,
            letter_date=date(2026, 11, 20) if letter else None,
        )
    )


def _wish(world: World, **known: Any) -> dict[str, Any]:
    absent = _held(world, KEPALA, "kepala").id
    wish = Wish("kesbangpol", "kepala", absent, world.people[SEKRETARIS].id)
    return {"wish": replace(wish, **known).to_data()}


def _choose_absent(world: World) -> Any:
    world.leave(STAF, "staf")
    wishes = [Wish("kesbangpol", "kepala", _held(world, KEPALA, "kepala").id), Wish("kesbangpol", "staf")]
    return n.ChooseAbsent(world.question(MONITOR, "choose_absent", {"options": [wish.to_data() for wish in wishes]}))


def _choose_standin(world: World) -> Any:
    people = [world.people[SEKRETARIS].id, world.people[KASUBAG].id, 0]
    return n.ChooseStandin(world.question(MONITOR, "choose_standin", {**_wish(world), "options": people}))


def _ask_first(world: World) -> Any:
    days = ["2026-11-24", "2026-11-25", "2026-11-30"]
    return n.AskFirstDay(world.question(MONITOR, "first_day", {**_wish(world), "options": days}, awaits_text=True))


def _ask_last(world: World) -> Any:
    about = {**_wish(world, first=date(2026, 11, 25)), "options": ["2026-11-25", "2026-11-27", None]}
    return n.AskLastDay(world.question(MONITOR, "last_day", about, awaits_text=True))


def _ask_letter(world: World) -> Any:
    about = {**_wish(world), "options": ["none"]}
    return n.AskLetter(world.question(MONITOR, "letter", about, awaits_text=True))


def _confirm_standin(world: World) -> Any:
    known = {"first": date(2026, 11, 25), "last": date(2026, 12, 2), "letter": "800/123/2026"}
    about = _wish(world, letter_date=date(2026, 11, 20), **known)
    return n.ConfirmStandin(world.question(MONITOR, "confirm_standin", about))


def _choose_move(world: World) -> Any:
    options = [_held(world, KEPALA, "kepala").id, _held(world, STAF, "staf").id]
    return n.ChooseMove(world.question(MONITOR, "choose_move", {"options": options}))


def _choose_successor(world: World) -> Any:
    about = {"holding_id": _held(world, STAF, "staf").id, "options": [world.people[KASUBAG].id, 0]}
    return n.ChooseSuccessor(world.question(MONITOR, "choose_successor", about))


def _confirm_move(world: World) -> Any:
    about = {"holding_id": _held(world, KEPALA, "kepala").id, "person_id": world.people[SEKRETARIS].id}
    return n.ConfirmMove(world.question(MONITOR, "confirm_move", about))


QUESTIONS = [
    _choose_absent,
    _choose_standin,
    _ask_first,
    _ask_last,
    _ask_letter,
    _confirm_standin,
    _choose_move,
    _choose_successor,
    _confirm_move,
]


@pytest.mark.parametrize("ask", QUESTIONS)
def test_a_question_is_asked_answered_and_shows_nothing_to_who_has_left(
    world: World, shown: Shown, snapshot: SnapshotAssertion, ask: Callable[[World], Any]
) -> None:
    world.staff().case()
    notice = ask(world)
    assert shown(world.render(notice, MONITOR)) == snapshot(name="open")
    world.answered(notice.question_id, {"index": 0})
    closed = world.render(notice, MONITOR)
    assert shown(closed) == snapshot(name="answered")
    assert closed is not None
    assert not closed.buttons
    world.leave(MONITOR, "sekretariat")
    assert world.render(notice, MONITOR) is None


@pytest.mark.parametrize(
    ("ask", "answer", "words"),
    [
        (_ask_last, {"day": "2026-11-26"}, "Dipilih: <b>Kam 26 Nov</b>"),
        (_ask_letter, {"typed": "800 <1>"}, "Dipilih: <b>800 &lt;1&gt;</b>"),
    ],
)
def test_what_was_written_is_shown_as_the_choice(
    world: World, shown: Shown, ask: Callable[[World], Any], answer: dict[str, str], words: str
) -> None:
    world.staff()
    notice = ask(world)
    world.answered(notice.question_id, answer)
    assert words in shown(world.render(notice, MONITOR))


def test_of_a_vacant_post_somebody_becomes_plt(world: World, shown: Shown, snapshot: SnapshotAssertion) -> None:
    world.staff()
    wish = Wish("kesbangpol", "staf", None)
    about = {"wish": wish.to_data(), "options": [world.people[KASUBAG].id, 0]}
    asked = n.ChooseStandin(world.question(MONITOR, "choose_standin", about))
    assert shown(world.render(asked, MONITOR)) == snapshot
    text = shown(world.render(n.StandinSet(_standin(world, acting=True).id), SEKRETARIS))
    assert "Plt. Kepala Badan" in text
    assert "Masa tugas: mulai Rab 25 Nov" in text


@pytest.mark.parametrize("reader", [MONITOR, SEKRETARIS, KEPALA])
def test_a_stand_in_is_told_to_each_in_their_own_words(
    world: World, shown: Shown, snapshot: SnapshotAssertion, reader: str
) -> None:
    world.staff().case()
    held = _standin(world)
    assert shown(world.render(n.StandinSet(held.id), reader)) == snapshot(name="set")
    world.at = wib(25, 7, 30)
    assert shown(world.render(n.StandinSet(held.id), reader)) == snapshot(name="set and begun")
    if reader != MONITOR:
        assert shown(world.render(n.StandinBegan(held.id), reader)) == snapshot(name="begun")
        world.at = wib(28, 8)
        assert shown(world.render(n.StandinEnded(held.id), reader)) == snapshot(name="ended")
        assert world.render(n.StandinBegan(held.id), reader) is None
    assert shown(world.render(n.StandinSet(held.id), reader))


@pytest.mark.parametrize("why", [*Fault, "unreachable"])
def test_each_refusal_says_what_to_do_and_fits_over_the_chat(
    world: World, shown: Shown, snapshot: SnapshotAssertion, why: str
) -> None:
    world.staff()
    other = _held(world, KEPALA, "kepala") if why == Fault.NOT_VACANT else _standin(world)
    message = world.render(n.StandinRefused(why, other.id, world.people[KASUBAG].id), MONITOR)
    assert shown(message) == snapshot
    assert message is not None
    assert len(message.html) <= 200


def test_the_short_answers(world: World, shown: Shown, snapshot: SnapshotAssertion) -> None:
    world.staff()
    for notice in (n.InviteFirst(), n.NobodyToStandIn("kesbangpol"), n.DayUnclear()):
        assert shown(world.render(notice, MONITOR)) == snapshot(name=type(notice).__name__)


@pytest.mark.parametrize("reader", [STAF, KASUBAG])
def test_a_handover_lists_what_is_open_for_both(
    world: World, shown: Shown, snapshot: SnapshotAssertion, reader: str
) -> None:
    world.staff()
    world.to_step(world.case("PK-2026-001"), 7)
    former = world.leave(STAF, "staf")
    new = world.hold(KASUBAG, "staf")
    assert shown(world.render(n.Handover(former.id, new.id), reader)) == snapshot
    if reader == KASUBAG:
        assert shown(world.render(n.PostMoved(former.id, new.id), MONITOR)) == snapshot(name="told")


def test_an_invitation_that_replaces_somebody_says_who_keeps_the_post(world: World, shown: Shown) -> None:
    world.staff()
    link = n.InvitationLink(world.invitation("staf", replaces=_held(world, STAF, "staf").id))
    assert "Jabatan tetap pada Rina Marlina sampai tautan ini dipakai" in shown(world.render(link, MONITOR))


def test_cards_and_lists_name_a_plh_as_such(world: World, shown: Shown, snapshot: SnapshotAssertion) -> None:
    world.staff()
    case = world.case()
    _standin(world, days=(24, 28))
    task = world.task(case)
    world.card(task, KEPALA)
    assert shown(world.render(n.TaskCard(task.id), KEPALA)) == snapshot
    assert "Dewi Lestari (Plh. Kepala Badan)" in shown(world.render(n.RunningCases(), MONITOR))


def test_two_kinds_of_holders_of_one_post_are_told_apart(world: World, shown: Shown) -> None:
    world.staff()
    world.person("Tono Hadi", "kepala")
    _standin(world, days=(24, 28))
    world.case()
    assert "Tono Hadi (Kepala Badan); Dewi Lestari (Plh. Kepala Badan)" in shown(
        world.render(n.RunningCases(), MONITOR)
    )


def test_a_strategic_step_says_whom_it_waits_for(world: World, shown: Shown, snapshot: SnapshotAssertion) -> None:
    world.staff()
    task = world.task(world.case())
    task.strategic = True
    _standin(world, days=(24, 28))
    assert shown(world.render(n.StrategicOnly(task.id), SEKRETARIS)) == snapshot
    card = shown(world.render(n.TaskCard(task.id), KEPALA))
    assert "Langkah strategis" in card
    world.leave(KEPALA, "kepala")
    assert shown(world.render(n.EmptyPosts(task.id), MONITOR)) == snapshot(name="nobody definitive")


def test_who_has_claimed_a_shared_task(world: World, shown: Shown, snapshot: SnapshotAssertion) -> None:
    world.staff()
    world.person("Tono Hadi", "kepala")
    task = world.task(world.case())
    told = n.ClaimTold(task.id)
    assert shown(world.render(told, KEPALA)) == snapshot(name="released")
    row = world.session.get_one(TaskPostRow, (task.id, "kepala"))
    row.claimed_by = world.people[KEPALA].id
    assert shown(world.render(told, KEPALA)) == snapshot(name="mine")
    assert shown(world.render(told, "Tono Hadi")) == snapshot(name="a colleague's")
    task.ended_at = world.at
    assert shown(world.render(told, KEPALA)) == snapshot(name="over")
