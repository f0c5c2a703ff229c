"""Offices that ran the previous release: their databases come along with everything in them."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from bot.domain.case import Status
from bot.services.complete_task import complete_task
from bot.services.library import Library
from bot.services.people import identify
from bot.services.updates import is_new
from bot.services.work import Work
from bot.sop_files.calendars import load_calendars
from bot.store import queries
from bot.store.chains import broken_chains
from bot.store.database import Store
from bot.store.migrate import SCRIPTS, current, downgrade, head, migrate
from bot.store.tables import CaseRow, OutboxRow, QuestionRow
from tests.store import previous

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Engine, Select
    from sqlalchemy.orm import Session

TUESDAY = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


@pytest.fixture
def old(empty_url: str, tmp_path: Path) -> Iterator[Engine]:
    """Return a database that the previous release filled."""
    engine = previous.fill(empty_url, tmp_path)
    yield engine
    engine.dispose()


def test_nothing_is_lost_and_nothing_is_made_up(old: Engine) -> None:
    before = previous.content(old)
    migrate(old)
    after = previous.content(old)
    assert sum(map(len, before.values())) > 600
    for table, rows in before.items():
        gone = {"answer"} if table == "outbox" else set()
        assert _without(after[table], set(after[table][0]) - set(rows[0])) == _without(rows, gone), table
    assert [row["answer"] for row in before["outbox"]] == [row["priority"] == 0 for row in after["outbox"]]
    assert not any(after[table] for table in set(after) - set(before))


def _without(rows: list[dict[str, Any]], columns: set[str]) -> list[dict[str, Any]]:
    """Leave columns out, and the codes of invitations, which are no longer kept."""
    kept = [{name: value for name, value in row.items() if name not in columns} for row in rows]
    for row in kept:
        if row.get("notice") == "InvitationLink":
            row["data"] = {"invitation_id": row["data"]["invitation_id"]}
    return kept


def test_every_log_gets_a_chain_that_holds(old: Engine) -> None:
    migrate(old)
    with old.connect() as connection:
        assert broken_chains(connection) == []
    rows = previous.content(old)
    last = {event["case_id"]: event["hash"] for event in rows["event"]}
    assert {case["id"]: case["head"] for case in rows["case"]} == last


def test_the_bot_brings_the_cases_of_then_to_their_end(old: Engine) -> None:
    migrate(old)
    store = Store(old)
    library = Library({}, load_calendars(SCRIPTS.parent / "sop_data" / "kalender"))
    running = store.run_now(lambda session: session.scalars(_running()).all())
    assert len(running) == 5
    for case_id in running:
        while store.run_now(_report, library, case_id):
            pass
    assert not store.run_now(lambda session: session.scalars(_running()).all())
    rows = previous.content(old)
    ended = [row["data"]["case_id"] for row in rows["outbox"] if row["notice"] == "CaseFinished"]
    assert set(running) <= set(ended)
    with old.connect() as connection:
        assert broken_chains(connection) == []
    store.close()


def _running() -> Select[int]:
    return select(CaseRow.id).where(CaseRow.status == Status.RUNNING).order_by(CaseRow.id)


def _report(session: Session, library: Library, case_id: int) -> bool:
    """Let whoever a case waits for report; False when it has ended."""
    work = Work(session, TUESDAY, library)
    task = queries.open_task(work.session, case_id)
    if task is None:
        return False
    case = work.session.get_one(CaseRow, case_id)
    waiting = [row.post_id for row in queries.task_posts(work.session, task.id) if row.reported_at is None]
    person = queries.holders_of(work.session, case.office_id, waiting, work.at)[0]
    complete_task(work, identify(work, person.account, person.name), task.id)
    return True


def test_what_was_dealt_with_and_what_waits_is_still_known(old: Engine) -> None:
    before = previous.content(old)
    migrate(old)
    store = Store(old)
    update = before["telegram_update"][-1]

    def look(session: Session) -> tuple[bool, int]:
        work = Work(session, TUESDAY, Library({}, load_calendars(SCRIPTS)))
        waiting = work.session.scalars(select(OutboxRow.id).where(OutboxRow.state.in_(["pending", "sending"]))).all()
        return is_new(work, update["bot_id"], update["update_id"]), len(waiting)

    assert store.run_now(look) == (False, sum(row["state"] in {"pending", "sending"} for row in before["outbox"]))
    store.close()


def test_the_way_back_keeps_every_row(old: Engine) -> None:
    before = previous.content(old)
    migrate(old)
    downgrade(old, previous.REVISION)
    assert current(old) == previous.REVISION
    after = previous.content(old)
    assert {name: _without(rows, set()) for name, rows in after.items()} == {
        name: _without(rows, set()) for name, rows in before.items()
    }


_KILLED = """
import os, signal, sys
from sqlalchemy import Engine, event
from bot.store.database import open_engine
from bot.store.migrate import migrate

seen = 0

def kill(*_):
    os.kill(os.getpid(), signal.SIGKILL)

def count(connection, cursor, statement, *_):
    global seen
    seen += statement.startswith("UPDATE event SET hash")
    if seen == 40:
        kill()

if sys.argv[2] == "halfway":
    event.listen(Engine, "before_cursor_execute", count)
else:
    event.listen(Engine, "commit", kill)
migrate(open_engine(sys.argv[1]))
"""


@pytest.mark.parametrize("moment", ["halfway", "before the commit"])
def test_a_migration_that_is_killed_leaves_the_old_database(old: Engine, empty_url: str, moment: str) -> None:
    before = previous.content(old)
    command = [sys.executable, "-c", _KILLED, empty_url, moment]
    done = subprocess.run(command, cwd=SCRIPTS.parent, check=False, capture_output=True)  # noqa: S603 - our own program
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert current(old) == previous.REVISION
    assert previous.content(old) == before
    migrate(old)
    assert current(old) == head()
    assert len(previous.content(old)["event"]) == len(before["event"])


def test_ids_in_buttons_are_not_given_again_after_the_upgrade(old: Engine) -> None:
    migrate(old)
    store = Store(old)
    newest = store.run_now(lambda session: session.scalars(select(QuestionRow).order_by(QuestionRow.id.desc())).first())
    assert newest is not None
    store.run_now(lambda session: session.delete(newest))
    kept = {"person_id": 1, "chat_id": 1, "kind": "choose_sop", "about": {}, "awaits_text": False}
    later = QuestionRow(**kept, asked_at=TUESDAY, lapses_at=TUESDAY)
    store.run_now(lambda session: session.add(later))
    assert later.id > newest.id
    store.close()
