"""``sop-bot run`` that cannot start: one line that says why and what to do, and the exit code for it."""

from __future__ import annotations

import inspect
import socket
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot import app
from bot.cli import NOT_SET_UP, REFUSED, run_command, serving

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "123456789:" + "Aa1_-" * 7
PASSWORD = "kunci" + "-database"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """Set a token and a database, in a folder without ``.env``; a server that is away gets no time."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'sop.db'}")
    monkeypatch.setattr(serving, "make_app", partial(app.make_app, patience=0.0))
    return monkeypatch


def test_a_database_that_never_comes_is_an_exit_with_1_and_its_reason(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    environment.setenv("DATABASE_URL", f"postgresql://sop:{PASSWORD}@/sop?host={tmp_path}")
    assert run_command(["run"]) == REFUSED == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("Basis data tidak dapat dibuka: connection")
    assert len(printed.err.splitlines()) == 1
    assert PASSWORD not in printed.err + printed.out


def test_the_program_gives_its_database_a_minute() -> None:
    assert inspect.signature(app.make_app).parameters["patience"].default == 60


@pytest.mark.enable_socket
@pytest.mark.usefixtures("environment")
def test_a_port_in_use_is_named_with_what_to_write(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("LISTEN", address)
        assert run_command(["run"]) == REFUSED
    assert capsys.readouterr().err.startswith(f"LISTEN ({address}) tidak dapat dipakai: Address already in use.")


def test_a_webhook_without_what_it_needs_is_not_set_up(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("WEBHOOK_URL", "http://bot.contoh.go.id/telegram")
    assert run_command(["run"]) == NOT_SET_UP == 2
    lines = capsys.readouterr().err.splitlines()[1:]
    assert [line.partition(":")[0] for line in lines] == ["WEBHOOK_URL", "WEBHOOK_SECRET", "LISTEN"]
