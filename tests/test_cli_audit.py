"""``sop-bot audit`` as an operator meets it."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from bot.app import open_runner
from bot.cli import run_command
from bot.domain import chain
from bot.domain.posts import SECRETARIAT
from bot.services.cancel_case import cancel_case
from bot.services.holdings import appoint
from bot.services.people import ensure_person, identify
from bot.services.start_case import start_case
from bot.settings import Settings
from bot.store.migrate import head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.services.work import Work

Answer = tuple[int, str, str]
"""Exit code, standard output, standard error."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database to copy."""
    file = tmp_path_factory.mktemp("audit") / "sop.db"
    runner = open_runner(Settings(_env_file=None, database_url=f"sqlite:///{file}"))
    runner.run_now(_two_offices)
    runner.store.close()
    return file


@pytest.fixture
def sop_bot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], filled: Path
) -> Iterator[Callable[..., Answer]]:
    """Run a command in a folder of its own, beside a database with two offices' cases of equal codes."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/sop.db")
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    shutil.copy(filled, tmp_path / "sop.db")

    def run(*arguments: str) -> Answer:
        try:
            code = run_command(["audit", *arguments])
        except SystemExit as exit_:  # argparse
            code = int(str(exit_.code))
        heard = capsys.readouterr()
        assert "Traceback" not in heard.err
        return code, heard.out, heard.err

    yield run
    root.handlers[:], root.level = handlers, level


def _two_offices(work: Work) -> None:
    for number, (sop_id, title) in enumerate(
        [("bkpsdm-pk", "Satu"), ("bkpsdm-pk", "Dua"), ("diskominfo-pali-pk", "Tiga")]
    ):
        sop = work.library.sops[sop_id]
        person = ensure_person(work, 7000 + number, "Sari")
        appoint(work, person, sop.office.id, SECRETARIAT)
        actor = identify(work, 7000 + number, "Sari")
        start_case(work, actor, sop, title)
        work.session.flush()
    cancel_case(work, identify(work, 7001, "Sari"), 2, "keliru")


@pytest.fixture
def sql(tmp_path: Path) -> Callable[[str], None]:
    """Write past the program."""

    def run(statement: str) -> None:
        connection = sqlite3.connect(tmp_path / "sop.db")
        with connection:
            connection.execute(statement)
        connection.close()

    return run


def _heads(tmp_path: Path) -> dict[int, str]:
    with sqlite3.connect(tmp_path / "sop.db") as connection:
        return dict(connection.execute('SELECT id, head FROM "case"'))


def test_a_sound_database_is_told_in_one_line(sop_bot: Callable[..., Answer]) -> None:
    assert sop_bot("verify") == (0, "Utuh: 3 berkas, 7 peristiwa, 0 ringkasan mingguan diperiksa.\n", "")
    assert "Utuh: 2 berkas" in sop_bot("verify", "--instansi", "bkpsdm")[1]
    assert "Utuh: 2 berkas" in sop_bot("verify", "pk-2026-1")[1]
    assert "Utuh: 1 berkas" in sop_bot("verify", "PK-2026-001", "--instansi", "bkpsdm")[1]


def test_looking_changes_nothing_in_the_copy_that_is_looked_at(sop_bot: Callable[..., Answer], tmp_path: Path) -> None:
    """Evidence is looked at, not upgraded: a copy may lie where nothing can be written."""
    before = (tmp_path / "sop.db").read_bytes()
    (tmp_path / "keluar").mkdir()
    assert sop_bot("verify")[0] == 0
    assert sop_bot("export", "PK-2026-002", "--ke", "keluar")[0] == 0
    assert (tmp_path / "sop.db").read_bytes() == before


def test_a_copy_in_a_folder_where_nothing_can_be_written_is_looked_at_all_the_same(
    sop_bot: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path and access(path, mode))
    assert sop_bot("verify")[0] == 0


def test_an_older_schema_is_refused_and_stays_what_it_is(
    sop_bot: Callable[..., Answer], sql: Callable[[str], None], tmp_path: Path
) -> None:
    sql("UPDATE alembic_version SET version_num = '0001'")
    before = (tmp_path / "sop.db").read_bytes()
    code, out, err = sop_bot("verify")
    assert (code, out) == (1, "")
    assert f"Skema basis data 0001, program ini memakai {head()}" in err
    assert (tmp_path / "sop.db").read_bytes() == before


def test_a_database_that_is_not_there_is_not_made(sop_bot: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "sop.db").unlink()
    assert sop_bot("verify")[0] == 1
    assert not (tmp_path / "sop.db").exists()


def test_every_problem_is_a_line_with_code_and_event_and_the_exit_code_is_1(
    sop_bot: Callable[..., Answer], sql: Callable[[str], None]
) -> None:
    sql("UPDATE event SET at = '2026-01-01 00:00:00.000000' WHERE case_id = 1 AND number = 2")
    sql("UPDATE event SET data = 'bukan json' WHERE case_id = 2 AND number = 3")
    code, out, err = sop_bot("verify")
    assert (code, err) == (1, "")
    first, second, summary = out.splitlines()
    assert first.startswith("PK-2026-001 (bkpsdm), peristiwa 2: tidak cocok dengan sidik jarinya")
    assert second.startswith("PK-2026-002 (bkpsdm), peristiwa 3: tidak cocok dengan sidik jarinya")
    assert summary.startswith("2 masalah ditemukan pada 3 berkas")
    assert sop_bot("verify", "--instansi", "diskominfo-pali")[0] == 0


def test_a_code_or_office_that_does_not_exist_is_no_success(sop_bot: Callable[..., Answer]) -> None:
    code, out, _ = sop_bot("verify", "PK-2026-009")
    assert code == 1
    assert out.startswith("PK-2026-009: berkas ini tidak ada.")
    code, _, err = sop_bot("verify", "--instansi", "entah")
    assert code == 1
    assert "Instansi 'entah' tidak dikenal. Yang dikenal: bkpsdm, " in err


def test_a_fingerprint_from_a_message_is_compared(sop_bot: Callable[..., Answer], tmp_path: Path) -> None:
    paper = chain.fingerprint(_heads(tmp_path)[2])
    code, out, _ = sop_bot("verify", "--sidik-jari", f"PK-2026-002={paper}")
    assert code == 0
    assert "PK-2026-002 (bkpsdm): sidik jari cocok dengan riwayat sampai peristiwa 3 dari 3.\n" in out
    wrong = "0000" + paper[4:]
    code, out, _ = sop_bot("verify", "--sidik-jari", f"PK-2026-002={wrong}", f"bkpsdm={paper}")
    assert code == 1
    assert "PK-2026-002 (bkpsdm): tidak pernah bersidik jari itu" in out
    assert "Instansi bkpsdm: tidak ada ringkasan mingguan bersidik jari itu" in out
    for said in (paper, f"PK-2026-002={paper[:9]}", f"PK-2026-002={paper[:-1]}X", f"={paper}"):
        code, _, err = sop_bot("verify", "--sidik-jari", said)
        assert code == 1
        assert f"Sidik jari '{said}' tidak dapat dibaca." in err
    code, _, err = sop_bot("verify", "--sidik-jari", f"PK-2026-001={paper}")
    assert code == 1
    assert "ada di beberapa instansi: bkpsdm, diskominfo-pali. Tambahkan --instansi ID." in err


def test_an_export_is_one_file_named_after_office_and_case_and_never_overwrites(
    sop_bot: Callable[..., Answer], tmp_path: Path
) -> None:
    code, out, err = sop_bot("export", "pk-2026-002")
    file = tmp_path / "bkpsdm-PK-2026-002.html"
    fingerprint = chain.fingerprint(_heads(tmp_path)[2])
    assert (code, err) == (0, "")
    assert out.startswith(f"Berkas PK-2026-002 ditulis ke {file.name}. Sidik jari: {fingerprint}\n")
    assert fingerprint in file.read_text(encoding="utf-8")
    before = file.read_bytes()
    code, out, err = sop_bot("export", "PK-2026-002")
    assert (code, out) == (1, "")
    assert "sudah ada. Pilih nama lain, atau tambahkan --timpa." in err
    assert file.read_bytes() == before
    assert sop_bot("export", "PK-2026-002", "--timpa")[0] == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(("bkpsdm", "."))) == [file.name]


def test_an_export_goes_where_it_is_told_to(sop_bot: Callable[..., Answer], tmp_path: Path) -> None:
    (tmp_path / "arsip").mkdir()
    assert sop_bot("export", "PK-2026-002", "--ke", "arsip")[0] == 0
    assert (tmp_path / "arsip" / "bkpsdm-PK-2026-002.html").is_file()
    assert sop_bot("export", "PK-2026-001", "--instansi", "diskominfo-pali", "--ke", "arsip/satu.json")[0] == 0
    file = json.loads((tmp_path / "arsip" / "satu.json").read_text(encoding="utf-8"))
    assert file["identity"]["office"] == "diskominfo-pali"
    code, _, err = sop_bot("export", "PK-2026-002", "--ke", "tidak/ada/satu.html")
    assert code == 1
    assert "tidak dapat ditulis" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["PK-2026-009"], "Berkas PK-2026-009 tidak ada. Periksa kodenya."),
        (["PK-2026-002", "--instansi", "diskominfo-pali"], "Berkas PK-2026-002 tidak ada di diskominfo-pali."),
        (["PK-2026-001"], "ada di beberapa instansi: bkpsdm, diskominfo-pali. Tambahkan --instansi ID."),
        (["../../etc/passwd"], "Berkas ../../etc/passwd tidak ada."),
    ],
)
def test_a_case_that_cannot_be_exported_is_one_clear_line(
    sop_bot: Callable[..., Answer], arguments: list[str], said: str
) -> None:
    code, out, err = sop_bot("export", *arguments)
    assert (code, out) == (1, "")
    assert said in err


def test_a_log_that_does_not_hold_is_exported_with_a_warning(
    sop_bot: Callable[..., Answer], sql: Callable[[str], None], tmp_path: Path
) -> None:
    sql("UPDATE event SET data = '{}' WHERE case_id = 2 AND number = 2")
    code, _, err = sop_bot("export", "PK-2026-002")
    assert code == 1
    assert "riwayat berkas ini tidak utuh. PK-2026-002 (bkpsdm), peristiwa 2: tidak cocok" in err
    assert "Riwayat ini tidak utuh." in (tmp_path / "bkpsdm-PK-2026-002.html").read_text(encoding="utf-8")


def test_a_code_that_somebody_wrote_into_the_database_names_no_file_elsewhere(
    sop_bot: Callable[..., Answer], sql: Callable[[str], None], tmp_path: Path
) -> None:
    sql("""UPDATE "case" SET code = '../../luar' WHERE id = 2""")
    folder = tmp_path / "dalam" / "sekali"
    folder.mkdir(parents=True)
    assert sop_bot("export", "../../luar", "--ke", str(folder))[0] == 1
    assert [path.name for path in folder.iterdir()] == ["bkpsdm-.._.._luar.html"]
