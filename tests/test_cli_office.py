"""``sop-bot office`` as an operator meets it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.cli import run_command
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Run = Callable[..., tuple[int, str, str]]

SIX = "instansi: bkpsdm\njam_kerja: enam_hari\n"


@pytest.fixture
def sop_bot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Run a command in an empty folder with a database of its own."""
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

    (tmp_path / "people.csv").write_text("instansi,jabatan,telegram_id,nama\nbkpsdm,sekretariat,1001,Ratna\n")
    assert run("roster", "import", "people.csv")[0] == 0
    (tmp_path / "bkpsdm.yaml").write_text(SIX)
    yield run
    root.handlers[:], root.level = handlers, level


def test_what_nobody_has_set_is_said_and_an_unknown_office_is_named(sop_bot: Run) -> None:
    code, out, _ = sop_bot("office", "show", "bkpsdm")
    assert (code, out.splitlines()[1:]) == (0, ["instansi: bkpsdm"])
    assert out.startswith("# Belum ada yang diatur")
    code, _, err = sop_bot("office", "show", "bkpsm")
    assert (code, "bkpsdm" in err) == (1, True)


def test_a_file_is_shown_first_and_applied_with_ya(sop_bot: Run) -> None:
    code, out, _ = sop_bot("office", "preview", "bkpsdm.yaml")
    assert code == 0
    assert "+ jam_kerja: enam_hari" in out
    assert "0 jatuh tempo akan bergeser." in out
    code, _, err = sop_bot("office", "apply", "bkpsdm.yaml")
    assert code == 1
    assert "sop-bot office apply bkpsdm.yaml --ya" in err
    assert "jam_kerja" not in sop_bot("office", "show", "bkpsdm")[1]

    assert "keadaan ke-1" in sop_bot("office", "apply", "bkpsdm.yaml", "--ya")[1]
    assert "tidak ada yang diubah" in sop_bot("office", "apply", "bkpsdm.yaml", "--ya")[1]


def test_what_is_shown_is_a_file_that_says_the_same(sop_bot: Run) -> None:
    sop_bot("office", "apply", "bkpsdm.yaml", "--ya")
    shown = sop_bot("office", "show", "bkpsdm")[1]
    assert shown.startswith("# Keadaan ke-1")
    Path("bkpsdm.yaml").write_text(shown)
    code, out, _ = sop_bot("office", "preview", "bkpsdm.yaml")
    assert (code, "tidak ada yang diubah" in out) == (0, True)


def test_a_broken_file_names_every_problem_with_its_line(sop_bot: Run) -> None:
    Path("bkpsdm.yaml").write_text("instansi: bkpsdm\njam_kerja: tujuh\njam_tenang: malam\n")
    code, _, err = sop_bot("office", "apply", "bkpsdm.yaml", "--ya")
    assert code == 1
    assert [line.split(": ")[0] for line in err.splitlines()[1:]] == ["bkpsdm.yaml:2", "bkpsdm.yaml:3"]
    assert sop_bot("office", "preview", "tidak-ada.yaml")[0] == 1
