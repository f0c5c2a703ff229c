"""``sop-bot people`` as an operator meets it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from bot.cli import run_command
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def sop_bot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Run a command in an empty folder with a database of its own, where two people hold posts."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/sop.db")
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*arguments: str) -> tuple[int, str, str]:
        code = run_command(arguments)
        heard = capsys.readouterr()
        return code, heard.out, heard.err

    rows = "instansi,jabatan,telegram_id,nama\nbkpsdm,sekretariat,1001,Ratna Dewi\nbkpsdm,anggota,1002,Budi\n"
    (tmp_path / "people.csv").write_text(rows, encoding="utf-8")
    assert run("roster", "import", "people.csv")[0] == 0
    yield run
    root.handlers[:], root.level = handlers, level


def test_people_are_listed_with_the_id_to_forget_them_by(sop_bot: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = sop_bot("people", "list")
    assert code == 0
    assert out.splitlines()[1:] == [
        "1\t1001\tRatna Dewi\tbkpsdm/sekretariat",
        "2\t1002\tBudi\tbkpsdm/anggota",
    ]


def test_forgetting_shows_first_what_it_would_do_and_does_it_with_ya(
    sop_bot: Callable[..., tuple[int, str, str]],
) -> None:
    code, out, err = sop_bot("people", "forget", "1")
    assert (code, out) == (1, "")
    assert "Yang akan dihapus – orang 1: Ratna Dewi" in err
    assert "sop-bot people forget 1 --ya" in err
    assert "  nama dan id Telegram; 1 jabatan diakhiri.\n" in err  # and nothing that there is none of
    assert "Ratna Dewi" in sop_bot("people", "list")[1]
    code, out, err = sop_bot("people", "forget", "1", "--ya")
    assert (code, err) == (0, "")
    assert "1 jabatan diakhiri" in out
    assert "sop-bot invite bkpsdm sekretariat" in out
    listed = sop_bot("people", "list")[1]
    assert "1\t-\t(data dihapus)\t-" in listed
    assert "Budi" in listed


def test_nobody_and_an_administrator_are_refused_with_what_to_do(
    sop_bot: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = sop_bot("people", "forget", "99", "--ya")
    assert (code, "sop-bot people list" in err) == (1, True)
    monkeypatch.setenv("ADMIN_IDS", "1002")
    code, _, err = sop_bot("people", "forget", "2", "--ya")
    assert (code, "ADMIN_IDS" in err) == (1, True)
