"""``sop-bot outbox`` as an operator meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.cli import run_command
from bot.domain.notices import InvitationLink
from bot.services import outbox
from bot.services.library import Library
from bot.services.outbox import Delivery
from bot.services.people import ensure_person
from bot.services.work import Work
from bot.settings import Settings
from bot.sop_files.calendars import load_calendars
from bot.store.database import Store, open_engine
from bot.store.tables import OutboxRow
from tests.services.conftest import wib

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

TOKEN = "123456789:" + "command-line-token-of-the-tests-001"


@pytest.fixture
def queue(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """Return a database with a dead, a held and a waiting message to one person."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    store = Store(open_engine(url))
    states = (Delivery.DEAD, Delivery.HELD, Delivery.PENDING)

    def fill(session: Session) -> None:
        work = Work(session, wib(9, 8), Library({}, load_calendars(tmp_path)))
        person = ensure_person(work, 7001, "Sari\nDewi")
        for number in range(3):
            outbox.tell(work, person, InvitationLink(number))
        session.flush()
        for row, state in zip(session.query(OutboxRow).order_by(OutboxRow.id), states, strict=True):
            row.state, row.error, row.attempts = state, f"Bad Gateway {TOKEN}", 3

    store.run_now(fill)
    return store


def states(store: Store) -> list[str]:
    return store.run_now(lambda session: [row.state for row in session.query(OutboxRow).order_by(OutboxRow.id)])


def test_the_list_says_who_waits_for_how_long_and_why_and_no_secret(
    queue: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["outbox", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert lines[-1].startswith("3 pesan belum sampai.")
    assert [" gagal " in lines[0], " ditahan " in lines[1], " menunggu " in lines[2]] == [True, True, True]
    assert all("Sari Dewi  InvitationLink  3x  Bad Gateway" in line and TOKEN not in line for line in lines[:3])
    assert run_command(["outbox", "list", "--held"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("1 pesan belum sampai.")
    queue.close()


def test_one_all_of_a_kind_or_nothing_is_put_back_or_dropped(queue: Store, capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in (["retry"], ["drop"], ["retry", "1", "--dead"], ["retry", "1", "999"], ["retry", "3"]):
        assert run_command(["outbox", *wrong]) == 1
        assert "sop-bot outbox list" in capsys.readouterr().err
    assert states(queue) == [Delivery.DEAD, Delivery.HELD, Delivery.PENDING]
    assert run_command(["outbox", "retry", "--dead"]) == 0
    assert run_command(["outbox", "drop", "--held"]) == 0
    assert run_command(["outbox", "drop", "3"]) == 0
    assert states(queue) == [Delivery.PENDING, Delivery.DROPPED, Delivery.DROPPED]
    queue.close()
