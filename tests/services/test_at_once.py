"""Many at once, from threads of their own: exactly one wins, everybody hears who, and nobody sees an error."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, insert

from bot.messages.actions import Action, Verb
from bot.services.cancel_case import cancel_case
from bot.services.complete_task import complete_task
from bot.services.holdings import appoint
from bot.services.people import ensure_person
from bot.services.remind import Fired, fire_reminders
from bot.services.work import Work
from bot.store import queries
from bot.store.database import Store, open_engine
from bot.store.tables import CardRow, EventRow, HoldingRow, OutboxRow, PersonRow, ReminderReceiptRow, ReminderRow
from handlers.conversation import Incoming, Kind
from handlers.dispatch import Spoken, dispatch
from tests.services.conftest import BOT_ID, Town, wib
from tests.services.test_auditor import audit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

only_postgresql = pytest.mark.parametrize("lasting_store", ["postgresql"], indirect=True)
PEOPLE = 200
LAST_WEEK = wib(2, 8)


def crowd(town: Town, people: int, *posts: str) -> list[str]:
    """Let so many people hold the posts, in turns; returns their names."""
    names = [f"Orang {number}" for number in range(people)]
    accounts = [{"telegram_id": town.stranger(name), "name": name, "created_at": LAST_WEEK} for name in names]

    def join(work: Work) -> None:
        ids = work.session.scalars(insert(PersonRow).returning(PersonRow.id), accounts).all()
        held = {"office_id": "dinas", "kind": "definitive", "since": LAST_WEEK}
        holdings = [{**held, "post_id": posts[n % len(posts)], "person_id": id_} for n, id_ in enumerate(ids)]
        work.session.execute(insert(HoldingRow), holdings)

    town.run(join)
    return names


def at_once(town: Town, doings: Sequence[Callable[[Work], Any]]) -> list[Any]:
    """Run everything from threads of its own, all let go at the same moment; raises what anybody would have seen."""
    gate = threading.Barrier(len(doings))

    def one(doing: Callable[[Work], Any]) -> Any:
        gate.wait(10)
        return town.run(doing)

    with ThreadPoolExecutor(len(doings)) as threads:
        return list(threads.map(one, doings))


def presses(town: Town, who: str, task_id: int, verb: Verb = Verb.DONE) -> Callable[[Work], Spoken]:
    """Return the press of a button on a card, as the program hears it."""
    return hears(town, who, Kind.BUTTON, Action(verb, task_id).data())


def hears(town: Town, who: str, kind: Kind, text: str, command: str = "") -> Callable[[Work], Spoken]:
    number, account = next(town._updates), town.ids[who]  # noqa: SLF001 - the town's own counter
    incoming = Incoming(number, kind, account, account, who, command=command, text=text, message_id=1)
    return lambda work: dispatch(work, BOT_ID, incoming)


def log(town: Town, case_id: int) -> Counter[str]:
    """Return the kinds of what happened to a case, after checking that it can be replayed."""
    town.store.run_now(queries.state_of, case_id)
    return Counter(row.kind for row in town.rows(EventRow) if row.case_id == case_id)


def test_of_two_hundred_who_press_at_once_one_is_first_and_all_others_hear_who(staffed: Town) -> None:
    names = crowd(staffed, PEOPLE, "sekretaris")
    case = staffed.starts()
    task = staffed.to_step(case, 4)
    answers = at_once(staffed, [presses(staffed, who, task.id) for who in names])
    (done,) = [row for row in staffed.rows(EventRow) if row.kind == "PartDone" and row.data["task"] == task.number]
    first = next(row.name for row in staffed.rows(PersonRow) if row.id == done.by)
    others = [answer for answer in answers if answer.alert]
    assert len(others) == PEOPLE - 1
    assert all(first in answer.text and "Sekretaris" in answer.text for answer in others)
    assert log(staffed, case)["StepDone"] == 3
    staffed.holds(case, 5)
    assert staffed.run(audit) == []


def test_of_a_crowd_on_a_step_of_two_posts_each_post_reports_once(staffed: Town) -> None:
    names = crowd(staffed, 24, "kasubag", "bendahara")
    case = staffed.starts()
    task = staffed.to_step(case, 2)
    answers = at_once(staffed, [presses(staffed, who, task.id) for who in names])
    assert sum(not answer.alert for answer in answers) == 2
    assert (log(staffed, case)["PartDone"], log(staffed, case)["StepDone"]) == (3, 2)
    staffed.holds(case, 4)
    assert staffed.run(audit) == []


def test_completions_rejections_and_a_cancellation_at_once_lead_one_way(staffed: Town) -> None:
    names = crowd(staffed, 16, "sekretaris")
    case = staffed.starts()
    task = staffed.to_step(case, 4)
    code = staffed.case(case).code
    doings: list[Callable[[Work], Any]] = [presses(staffed, who, task.id) for who in names[::2]]
    doings += [hears(staffed, who, Kind.COMMAND, f"{code} belum lengkap", "tolak") for who in names[1::2]]
    at_once(staffed, [*doings, staffed.as_("Sari", cancel_case, case, "keliru")])
    kinds = log(staffed, case)
    assert (kinds["StepRejected"] + kinds["StepDone"] - 2, kinds["CaseCancelled"]) in {(1, 1), (0, 1)}
    assert staffed.run(audit) == []


# --- who takes a post while a task is given -------------------------------------------------


@pytest.mark.parametrize("first", ["appointed", "given"])
def test_whoever_takes_a_post_while_a_task_is_given_has_its_card(staffed: Town, first: str) -> None:
    case = staffed.starts()
    completing = staffed.as_("Sinta", complete_task, staffed.task(case).id)
    account = staffed.stranger("Bowo")
    appointing = lambda work: appoint(work, ensure_person(work, account, "Bowo"), "dinas", "kasubag")  # noqa: E731 - one act
    order = (appointing, completing) if first == "appointed" else (completing, appointing)
    (result,) = staffed.meanwhile(*order)
    assert not isinstance(result, BaseException)
    assert set(staffed.cards(case)) == {"Bagus", "Bowo", "Endah"}
    staffed.at += timedelta(minutes=2)
    assert staffed.run(audit) == []


def test_two_who_appoint_the_same_person_at_once_appoint_them_once(staffed: Town) -> None:
    account = staffed.stranger("Bowo")
    appointing = lambda work: appoint(work, ensure_person(work, account, "Bowo"), "dinas", "kasubag").id  # noqa: E731 - one act
    assert len(set(at_once(staffed, [appointing] * 8))) == 1


# --- trouble that passes --------------------------------------------------------------------


@pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
def test_a_file_that_somebody_else_writes_to_is_waited_for(staffed: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.database.BUSY_SECONDS", 0)
    engine = open_engine(str(staffed.store.engine.url))
    refused: list[str] = []
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        def give_way(context: Any) -> None:
            refused.append(str(context.original_exception))
            if len(refused) == 3:
                other.execute("COMMIT")

        event.listen(engine, "handle_error", give_way)
        impatient = Town(Store(engine), staffed.library, staffed.at, staffed.ids)
        impatient.says("Sari", "/mulai dinas-pk Uji")
    assert refused == ["database is locked"] * 3
    assert [row.kind for row in staffed.rows(EventRow)] == ["CaseStarted", "TaskGiven"]
    impatient.store.close()


@only_postgresql
def test_a_server_that_only_serialises_shows_nobody_a_failure(staffed: Town) -> None:
    names = crowd(staffed, 16, "sekretaris")
    case = staffed.starts()
    task = staffed.to_step(case, 4)
    strict = open_engine(staffed.store.engine.url.render_as_string(hide_password=False))
    failures: list[str] = []

    def serialise(raw: Any, _: object) -> None:
        raw.execute("SET default_transaction_isolation TO serializable")
        raw.commit()

    event.listen(strict, "connect", serialise)
    event.listen(strict, "handle_error", lambda context: failures.append(str(context.sqlalchemy_exception)))
    town = Town(Store(strict), staffed.library, staffed.at, staffed.ids)
    answers = at_once(town, [presses(town, who, task.id) for who in names])
    town.store.close()
    assert failures, "nothing collided"
    assert sum(not answer.alert for answer in answers) == 1
    assert log(staffed, case)["StepDone"] == 3
    assert staffed.run(audit) == []


# --- reminders ------------------------------------------------------------------------------


@only_postgresql
def test_replicas_that_fire_while_people_work_lose_and_double_nothing(staffed: Town) -> None:
    cases = [staffed.starts("Sari", "dinas-sk") for _ in range(6)]
    tasks = [staffed.task(case).id for case in cases]
    staffed.at = wib(9, 8, 30)
    working = [staffed.as_("Bagus", complete_task, task) for task in tasks[:2]]
    at_once(staffed, [*[fire_reminders] * 6, *working])
    for _ in range(3):  # what was passed over is looked at again
        fired = staffed.run(fire_reminders)
        assert not fired.passed_over
    settled = [row for row in staffed.rows(ReminderRow) if row.due_at <= staffed.at]
    assert all(row.settled_at is not None for row in settled)
    given = Counter((r.reminder_id, r.person_id) for r in staffed.rows(ReminderReceiptRow))
    assert set(given.values()) == {1}
    pending = Counter(
        row.chat_id for row in staffed.rows(OutboxRow) if (row.notice, row.state) == ("Reminders", "pending")
    )
    assert set(pending.values()) == {1}, "one message per person"
    assert {row.person_id for row in staffed.rows(CardRow)} >= {staffed.person_id("Bagus")}
    assert staffed.run(audit) == []


@only_postgresql
def test_a_case_in_use_is_passed_over_and_so_is_who_shares_a_message_with_it(staffed: Town) -> None:
    one, other = (staffed.starts("Sari", "dinas-sk") for _ in range(2))
    staffed.at = wib(9, 8, 30)
    refusing = staffed.as_("Sari", cancel_case, one, "keliru")
    (fired,) = staffed.meanwhile(refusing, fire_reminders, patience=10)
    assert fired == Fired(staffed.at, messages=0, passed_over=True)
    assert staffed.run(fire_reminders) == Fired(staffed.at, messages=2)
    told = {staffed.name(row.chat_id) for row in staffed.rows(OutboxRow) if row.notice == "Reminders"}
    assert told == {"Bagus", "Sari"}
    assert staffed.task(other).ended_at is None
    assert staffed.run(audit) == []
