"""``sop-bot outbox`` as an operator meets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.cli import run_command
from bot.console import console
from bot.domain.notices import InvitationLink
from bot.messages.catalogue import CATALOGUE
from bot.services import outbox
from bot.services.library import Library
from bot.services.outbox import Delivery
from bot.services.people import ensure_person
from bot.services.work import Work
from bot.settings import Settings
from bot.sop_files.calendars import load_calendars
from bot.store.database import Store, open_engine
from bot.store.tables import OfficeRow, OutboxRow
from tests.services.conftest import wib

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy.orm import Session

TOKEN = "123456789:" + "command-line-token-of-the-tests-001"


@pytest.fixture
def queue(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Store]:
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
            row.state, row.error, row.attempts = state, f"Unheard of {TOKEN}", 3

    store.run_now(fill)
    yield store
    store.close()


def states(store: Store) -> list[str]:
    return store.run_now(lambda session: [row.state for row in session.query(OutboxRow).order_by(OutboxRow.id)])


@pytest.mark.usefixtures("queue")
def test_the_list_says_who_waits_for_how_long_and_why_and_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["outbox", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines.pop(0).split() == ["NOMOR", "UMUR", "KEADAAN", "PENERIMA", "JENIS", "PERCOBAAN", "SEBAB"]
    assert len(lines) == 4
    assert lines[-1].startswith("3 pesan belum sampai.")
    assert [" gagal " in lines[0], " ditahan " in lines[1], " menunggu " in lines[2]] == [True, True, True]
    assert all(
        "Sari Dewi  tautan undangan  3 kali dicoba  Unheard of" in line and TOKEN not in line for line in lines[:3]
    )
    assert run_command(["outbox", "list", "--held"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("1 pesan belum sampai.")


def test_one_all_of_a_kind_or_nothing_is_put_back_or_dropped(queue: Store, capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in (["retry"], ["drop"], ["retry", "1", "--dead"], ["retry", "1", "999"], ["retry", "3"]):
        assert run_command(["outbox", *wrong]) == 1
        assert "sop-bot outbox list" in capsys.readouterr().err
    assert states(queue) == [Delivery.DEAD, Delivery.HELD, Delivery.PENDING]
    assert run_command(["outbox", "retry", "--dead"]) == 0
    assert run_command(["outbox", "drop", "--held"]) == 0
    assert run_command(["outbox", "drop", "3"]) == 0
    assert states(queue) == [Delivery.PENDING, Delivery.DROPPED, Delivery.DROPPED]


def test_every_notice_has_words_for_the_operator() -> None:
    missing = [kind.__name__ for kind in CATALOGUE if not _named(kind.__name__)]
    assert missing == []


def _named(name: str) -> bool:
    try:
        return bool(console(f"outbox.kind.{name}"))
    except KeyError:
        return False


def test_what_telegram_says_and_what_a_row_waits_for_is_told_in_words(
    queue: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    def change(session: Session) -> None:
        dead, held, waiting = session.query(OutboxRow).order_by(OutboxRow.id)
        session.add(OfficeRow(id="a-dinas", name="Dinas", zone="WITA"))
        dead.error, dead.notice = "Forbidden: bot was blocked by the user", "PersonUnreachable"
        held.attempts, held.error, held.notice = 0, None, "OfANewerProgram"
        # Ahead of any clock that this test will ever run on.
        waiting.created_at, waiting.not_before = wib(9, 8), wib(9, 8).replace(year=2999)

    queue.run_now(change)
    assert run_command(["outbox", "list"]) == 0
    _, dead, held, waiting, _ = capsys.readouterr().out.splitlines()
    assert "  peringatan orang tidak terjangkau  3 kali dicoba  bot diblokir oleh penerima" in dead
    assert held.endswith("Sari Dewi  OfANewerProgram  belum dicoba")
    assert "  menunggu sampai Sab 9 Nov 2999 09.00 WITA  Sari" in waiting


@pytest.mark.usefixtures("queue")
def test_with_nothing_held_or_dead_nothing_is_said_to_be_sent(capsys: pytest.CaptureFixture[str]) -> None:
    for state in ("held", "dead"):
        assert run_command(["outbox", "retry", f"--{state}"]) == 0
        assert "1 pesan" in capsys.readouterr().out
        assert run_command(["outbox", "retry", f"--{state}"]) == 0
        assert capsys.readouterr().out.startswith("Tidak ada pesan yang")
