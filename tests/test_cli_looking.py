"""Commands that work with what is there: they make no database, bring none up to date and publish nothing."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from bot.cli import run_command
from bot.settings import Settings
from bot.store.database import open_engine
from bot.store.migrate import current
from bot.store.tables import OfficeRow
from tests.store import previous

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMANDS = [
    ["audit", "verify"],
    ["audit", "export", "PK-2026-001"],
    ["outbox", "list"],
    ["outbox", "retry", "--dead"],
    ["outbox", "drop", "--held"],
    ["people", "list"],
    ["people", "forget", "1", "--ya"],
    ["roster", "export"],
]


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Keep this machine's settings out, and whatever a command sets up of the log in."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_mistyped_address_is_refused_and_nothing_is_made(
    command: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/mistyped/sop.db")
    assert run_command(command) == 1
    heard = capsys.readouterr()
    assert (heard.out, "mistyped/sop.db" in heard.err, "sop-bot migrate" in heard.err) == ("", True, True)
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_the_previous_release_is_refused_and_stays_as_it_is(
    empty_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_url)
    assert run_command(["audit", "verify"]) == 1  # nothing in it at all
    assert "sop-bot migrate" in capsys.readouterr().err
    engine = previous.fill(empty_url, tmp_path)
    before = previous.content(engine)
    for command in COMMANDS:
        assert run_command(command) == 1
        heard = capsys.readouterr()
        assert (heard.out, previous.REVISION in heard.err, "sop-bot migrate" in heard.err) == ("", True, True)
    assert (current(engine), previous.content(engine)) == (previous.REVISION, before)
    engine.dispose()
    assert run_command(["migrate"]) == 0
    assert run_command(["people", "list"]) == 0


def test_a_look_publishes_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    for command in (["audit", "verify"], ["outbox", "list"], ["people", "list"], ["roster", "export"]):
        assert run_command(command) == 0
    engine = open_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(OfficeRow)) == 0
    engine.dispose()
