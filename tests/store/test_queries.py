"""Questions to the database, on both kinds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bot.domain.case import Status
from bot.domain.posts import SECRETARIAT
from bot.store import queries
from bot.store.tables import CardRow, PostRow, QuestionRow, TaskPostRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bot.store.database import Store
    from tests.store.conftest import Rows

NOON = datetime(2026, 2, 2, 5, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)
MONDAY, TUESDAY, WEDNESDAY = (NOON + timedelta(days=days) for days in range(3))


class Town(NamedTuple):
    """Two offices with the same post ids, and three people."""

    dinas: int
    badan: int
    ani: int
    budi: int
    citra: int


@pytest.fixture
def town(rows: Rows) -> Town:
    people = [rows.person(name) for name in ("Ani", "Budi", "Citra")]
    return Town(rows.office("dinas"), rows.office("badan"), *people)


# --- people and posts -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "held"),
    [(TUESDAY - MOMENT, False), (TUESDAY, True), (WEDNESDAY - MOMENT, True), (WEDNESDAY, False)],
)
def test_a_period_includes_its_first_moment_and_not_its_last(
    store: Store, rows: Rows, town: Town, at: datetime, held: bool
) -> None:
    rows.hold(town.ani, "dinas", "staf", since=TUESDAY, until=WEDNESDAY)
    found = store.run_now(queries.holders_of, "dinas", ["staf"], at)
    assert [person.name for person in found] == (["Ani"] if held else [])
    assert store.run_now(queries.posts_of, town.ani, "dinas", at) == ({"staf"} if held else set())
    assert store.run_now(queries.offices_of, town.ani, at) == (("dinas",) if held else ())


def test_holders_are_those_of_the_office_asked_for(store: Store, rows: Rows, town: Town) -> None:
    rows.hold(town.budi, "badan", "staf")
    rows.hold(town.ani, "dinas", "staf")
    found = store.run_now(queries.holders_of, "dinas", ["staf"], NOON)
    assert [person.name for person in found] == ["Ani"]


def test_somebody_with_two_of_the_posts_is_named_once(store: Store, rows: Rows, town: Town) -> None:
    for post in ("staf", "kasubag"):
        rows.hold(town.ani, "dinas", post)
    rows.hold(town.budi, "dinas", "kasubag")
    found = store.run_now(queries.holders_of, "dinas", ["staf", "kasubag"], NOON)
    assert [person.name for person in found] == ["Ani", "Budi"]
    assert store.run_now(queries.offices_of, town.ani, NOON) == ("dinas",)


def test_the_secretariat_of_an_office_are_its_monitors_now(store: Store, rows: Rows, town: Town) -> None:
    rows.hold(town.ani, "dinas", SECRETARIAT, until=TUESDAY)
    rows.hold(town.budi, "dinas", SECRETARIAT, since=TUESDAY)
    rows.hold(town.citra, "badan", SECRETARIAT)
    names = [[p.name for p in store.run_now(queries.secretariat_of, "dinas", at)] for at in (MONDAY, TUESDAY)]
    assert names == [["Ani"], ["Budi"]]


def test_everything_held_in_an_office_stands_in_the_order_it_was_given(store: Store, rows: Rows, town: Town) -> None:
    rows.hold(town.budi, "dinas", "kasubag")
    rows.hold(town.ani, "dinas", "staf")
    rows.hold(town.ani, "badan", "staf")
    rows.hold(town.citra, "dinas", "staf", until=TUESDAY)
    found = store.run_now(queries.office_holdings, "dinas", TUESDAY)
    assert [(h.person_id, h.post_id) for h in found] == [(town.budi, "kasubag"), (town.ani, "staf")]


def test_a_person_is_known_by_their_account(store: Store, town: Town) -> None:
    found = store.run_now(queries.person_by_telegram_id, 2)
    assert found
    assert found.id == town.budi
    assert store.run_now(queries.person_by_telegram_id, 99) is None


def test_posts_have_their_names_per_office(store: Store, rows: Rows, town: Town) -> None:
    assert town
    rows.add(
        PostRow(office_id="dinas", id="staf", name="Staf Umum"), PostRow(office_id="badan", id="staf", name="Staf")
    )
    assert store.run_now(queries.post_names, "dinas") == {"staf": "Staf Umum"}


# --- cases ----------------------------------------------------------------------------------


def test_a_code_is_looked_for_in_the_offices_asked_for_only(store: Store, rows: Rows, town: Town) -> None:
    first = rows.case(town.dinas, "dinas", town.ani, "PK-2026-001")
    second = rows.case(town.badan, "badan", town.ani, "PK-2026-001")

    def found(*offices: str) -> list[int]:
        return [case.id for case in store.run_now(queries.case_by_code, offices, "PK-2026-001")]

    assert (found("dinas"), found("badan"), found("badan", "dinas"), found()) == (
        [first],
        [second],
        [first, second],
        [],
    )
    assert store.run_now(queries.case_by_code, ["dinas"], "PK-2026-002") == []


def test_running_cases_stand_soonest_due_first_without_the_ended_ones(store: Store, rows: Rows, town: Town) -> None:
    late, soon, same = (rows.case(town.dinas, "dinas", town.ani, f"PK-2026-00{n}") for n in (1, 2, 3))
    ended = rows.case(town.dinas, "dinas", town.ani, "PK-2026-004", Status.FINISHED)
    foreign = rows.case(town.badan, "badan", town.ani, "PK-2026-001")
    rows.task(soon, 1, MONDAY, ended_at=MONDAY)
    for case, number, due_at in ((late, 1, WEDNESDAY), (soon, 2, TUESDAY), (same, 1, WEDNESDAY), (foreign, 1, MONDAY)):
        rows.task(case, number, due_at)
    rows.task(ended, 1, MONDAY, ended_at=MONDAY)
    found = store.run_now(queries.running_cases, ["dinas"])
    assert [(case.id, task.number) for case, task in found] == [(soon, 2), (late, 1), (same, 1)]


def test_a_case_has_its_tasks_in_order_and_at_most_one_open(store: Store, rows: Rows, town: Town) -> None:
    case = rows.case(town.dinas, "dinas", town.ani, "PK-2026-001")
    assert store.run_now(queries.open_task, case) is None
    second = rows.task(case, 2, TUESDAY)
    first = rows.task(case, 1, MONDAY, ended_at=MONDAY)
    assert [task.id for task in store.run_now(queries.tasks_of_case, case)] == [first, second]
    task = store.run_now(queries.open_task, case)
    assert task
    assert task.id == second


def _desk(store: Store, person: int, at: datetime = NOON) -> list[int]:
    return [task.id for _, task in store.run_now(queries.open_tasks_of, person, at)]


def test_on_my_desk_are_the_open_tasks_of_the_posts_i_hold_now(store: Store, rows: Rows, town: Town) -> None:
    rows.hold(town.ani, "dinas", "staf", until=TUESDAY)
    rows.hold(town.budi, "dinas", "staf", since=TUESDAY)
    first, second = (rows.case(town.dinas, "dinas", town.ani, f"PK-2026-00{n}") for n in (1, 2))
    foreign = rows.case(town.badan, "badan", town.ani, "PK-2026-001")
    rows.task(first, 1, MONDAY, posts=("staf",), ended_at=MONDAY)
    later = rows.task(first, 2, WEDNESDAY, posts=("staf",))
    sooner = rows.task(second, 1, TUESDAY, posts=("kasubag", "staf"))
    rows.task(foreign, 1, MONDAY, posts=("staf",))
    assert _desk(store, town.ani) == [sooner, later]
    assert _desk(store, town.ani, TUESDAY) == []
    assert _desk(store, town.budi, TUESDAY) == [sooner, later]


def test_a_task_leaves_my_desk_once_all_my_posts_have_reported(store: Store, rows: Rows, town: Town) -> None:
    for post in ("staf", "kasubag"):
        rows.hold(town.ani, "dinas", post)
    task = rows.task(rows.case(town.dinas, "dinas", town.ani, "PK-2026-001"), 1, MONDAY, posts=("staf", "kasubag"))

    def report(session: Session, post: str) -> None:
        session.get_one(TaskPostRow, (task, post)).reported_at = NOON

    assert _desk(store, town.ani) == [task]
    store.run_now(report, "staf")
    assert _desk(store, town.ani) == [task]
    assert [t.id for t in store.run_now(queries.open_tasks_of_posts, "dinas", ["staf"])] == []
    store.run_now(report, "kasubag")
    assert _desk(store, town.ani) == []


def test_tasks_that_wait_for_posts_are_found_once_each_in_their_office(store: Store, rows: Rows, town: Town) -> None:
    case = rows.case(town.dinas, "dinas", town.ani, "PK-2026-001")
    foreign = rows.case(town.badan, "badan", town.ani, "PK-2026-001")
    rows.task(case, 1, MONDAY, posts=("staf",), ended_at=MONDAY)
    task = rows.task(case, 2, MONDAY, posts=("staf", "kasubag"))
    rows.task(foreign, 1, MONDAY, posts=("staf",))
    found = store.run_now(queries.open_tasks_of_posts, "dinas", ["staf", "kasubag"])
    assert [row.id for row in found] == [task]


def test_a_card_is_found_by_its_task_and_person(store: Store, rows: Rows, town: Town) -> None:
    task = rows.task(rows.case(town.dinas, "dinas", town.ani, "PK-2026-001"), 1, MONDAY, posts=("staf",))
    rows.add(*(CardRow(task_id=task, person_id=person, chat_id=person) for person in (town.budi, town.ani)))
    assert {card.person_id for card in store.run_now(queries.cards_of_task, task)} == {town.budi, town.ani}
    card = store.run_now(queries.card_of, task, town.ani)
    assert card
    assert card.chat_id == town.ani
    assert store.run_now(queries.card_of, task, town.citra) is None


# --- questions and reminders ----------------------------------------------------------------


def _question(
    person: int,
    kind: str,
    *,
    awaits_text: bool = True,
    answered_at: datetime | None = None,
    message_id: int | None = None,
) -> QuestionRow:
    return QuestionRow(
        person_id=person,
        chat_id=person,
        kind=kind,
        about={},
        awaits_text=awaits_text,
        asked_at=NOON,
        lapses_at=TUESDAY,
        answered_at=answered_at,
        message_id=message_id,
    )


def test_the_next_text_answers_the_latest_question_that_awaits_one(store: Store, rows: Rows, town: Town) -> None:
    for question in (
        _question(town.ani, "answered", answered_at=NOON),
        _question(town.ani, "old", message_id=7),
        _question(town.ani, "new", message_id=8),
        _question(town.ani, "choice", awaits_text=False),
        _question(town.budi, "foreign"),
    ):
        rows.add(question)
    found = store.run_now(queries.text_question, town.ani)
    assert found
    assert found.kind == "new"
    assert store.run_now(queries.text_question, town.citra) is None


def test_a_reply_answers_the_question_it_replies_to(store: Store, rows: Rows, town: Town) -> None:
    rows.add(_question(town.ani, "old", message_id=7), _question(town.ani, "new", message_id=8))
    found = store.run_now(queries.text_question, town.ani, 7)
    assert found
    assert found.kind == "old"


def test_what_is_said_after_the_latest_answer_answers_no_older_question(store: Store, rows: Rows, town: Town) -> None:
    rows.add(_question(town.ani, "old", message_id=7), _question(town.ani, "new", message_id=8, answered_at=NOON))
    assert store.run_now(queries.text_question, town.ani) is None
    assert store.run_now(queries.text_question, town.ani, 8) is None
