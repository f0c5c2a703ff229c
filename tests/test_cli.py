"""The command line as an operator meets it: what is printed, where, and the exit code."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, inspect

from bot.cli import run_command
from bot.demo.telegram import TelegramServer
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.demo.telegram import RunningServer

ROOT = Path(__file__).parent.parent
FIVE = ["bkpsdm-pk", "disbudpar-tangerang-pk", "diskominfo-pali-iku", "diskominfo-pali-pk", "kesbangpol-jateng-pk"]
TOKEN = "123456789:" + "command-line-token-of-the-tests-001"
COLUMNS = "instansi,jabatan,telegram_id,nama\n"

Answer = tuple[int, str, str]
"""Exit code, standard output, standard error."""


@pytest.fixture
def sop_bot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Answer]]:
    """Run a command in an empty folder with a database of its own, and nothing else in the environment."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/var/sop.db")
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*arguments: str) -> Answer:
        try:
            code = run_command(arguments)
        except SystemExit as exit_:  # argparse
            code = int(str(exit_.code))
        heard = capsys.readouterr()
        assert "Traceback" not in heard.err
        return code, heard.out, heard.err

    yield run
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    """Run a Bot API server that knows the token."""
    with TelegramServer.start(TOKEN) as server:
        monkeypatch.setenv("BOT_TOKEN", TOKEN)
        monkeypatch.setenv("BOT_API_URL", server.base_url)
        yield server


# --- check ----------------------------------------------------------------------------------


def test_check_finds_the_five_sops_sound(sop_bot: Callable[..., Answer]) -> None:
    code, out, err = sop_bot("check")
    assert (code, err) == (0, "")
    assert "5 SOP dapat dijalankan, 0 masalah" in out
    assert all(name in out for name in FIVE)


def test_check_json_prints_the_agreed_shape_and_nothing_else(sop_bot: Callable[..., Answer]) -> None:
    code, out, err = sop_bot("check", "--json")
    assert (code, err) == (0, "")
    printed = json.loads(out)
    assert list(printed) == ["sop", "masalah"]
    assert printed["masalah"] == []
    assert [sop["id"] for sop in printed["sop"]] == FIVE
    for sop in printed["sop"]:
        assert _shape(sop) == {
            "id": "str",
            "nama": "str",
            "singkatan": "str",
            "instansi": {"id": "str", "nama": "str", "zona": "str"},
            "jabatan": [{"id": "str", "nama": "str", "atasan": "str|null"}],
            "langkah": [
                {
                    "no": "int",
                    "kegiatan": "str",
                    "pelaksana": ["str"],
                    "penyelesaian": "str",
                    "kelengkapan": ["str"],
                    "waktu": "str",
                    "output": ["str"],
                    "keputusan": "bool",
                    "tolak_ke": "int|null",
                    "keterkaitan": "str|null",
                    "perkiraan": ["str"],
                }
            ],
        }
        assert {step["penyelesaian"] for step in sop["langkah"]} <= {"semua", "salah_satu"}
        assert all(re.fullmatch(r"\d+ (Menit|Jam|Hari)", step["waktu"]) for step in sop["langkah"])
        assert [post["atasan"] for post in sop["jabatan"]].count(None) == 1


def _shape(value: Any, key: str = "") -> Any:
    """Return the types of a JSON value; nullable where interface.md says so."""
    if isinstance(value, dict):
        return {name: _shape(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        shapes = [_shape(inner, key) for inner in value]
        assert all(shape == shapes[0] for shape in shapes), shapes
        return shapes[:1] or ["str"]
    nullable = {"atasan": "str|null", "tolak_ke": "int|null", "keterkaitan": "str|null"}
    if key in nullable:
        assert value is None or type(value).__name__ == nullable[key].partition("|")[0]
        return nullable[key]
    return type(value).__name__


@pytest.mark.parametrize("how", [[], ["--json"]])
def test_check_of_explicit_files_names_every_error_with_file_and_line(
    sop_bot: Callable[..., Answer], tmp_path: Path, how: list[str]
) -> None:
    good = (ROOT / "sop_data" / "bkpsdm-pk.yaml").read_text(encoding="utf-8")
    lines = good.splitlines()
    at = next(number for number, line in enumerate(lines, 1) if line.strip().startswith("waktu:"))
    lines[at - 1] = lines[at - 1].partition("waktu:")[0] + "waktu: secepatnya"
    bad, empty = tmp_path / "rusak.yaml", tmp_path / "kosong.yaml"
    bad.write_text("\n".join([*lines, "tidak_dikenal: 1"]), encoding="utf-8")
    empty.write_text("", encoding="utf-8")
    code, out, err = sop_bot("check", str(bad), str(empty), *how)
    assert (code, err) == (1, "")
    found = json.loads(out)["masalah"] if how else []
    for file, line in ((bad, at), (bad, len(lines) + 1), (empty, 1)):
        if how:
            assert [p for p in found if (p["file"], p["line"]) == (str(file), line) and p["pesan"]], found
        else:
            assert f"{file}:{line}: " in out


def test_check_of_a_file_that_is_not_there_says_so(sop_bot: Callable[..., Answer]) -> None:
    code, out, _ = sop_bot("check", "tidak-ada.yaml")
    assert code == 1
    assert "tidak-ada.yaml:1: " in out


# --- migrate --------------------------------------------------------------------------------


def test_migrate_makes_the_database_and_may_be_repeated(sop_bot: Callable[..., Answer], tmp_path: Path) -> None:
    first, second = sop_bot("migrate"), sop_bot("migrate")
    assert first == second
    assert first[0] == 0
    assert "skema terbaru" in first[1]
    engine = create_engine(f"sqlite:///{tmp_path}/var/sop.db")
    assert {"case", "task", "outbox"} <= set(inspect(engine).get_table_names())
    engine.dispose()


@pytest.mark.parametrize("command", [["migrate"], ["invite", "bkpsdm", "sekretariat"]])
def test_a_database_that_cannot_be_written_is_one_clear_line(
    sop_bot: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    (tmp_path / "berkas").write_text("bukan folder")
    for path in (tmp_path / "berkas" / "sop.db", tmp_path):
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
        code, out, err = sop_bot(*command)
        assert (code, out) == (1, "")
        assert err.startswith("Basis data tidak dapat dibuka: ")
        assert err.count("\n") == 1


def test_a_file_that_is_no_database_is_one_clear_line(
    sop_bot: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "catatan.txt").write_text("bukan basis data " * 100)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/catatan.txt")
    code, _, err = sop_bot("migrate")
    assert code == 1
    assert "not a database" in err


# --- roster ---------------------------------------------------------------------------------


def test_a_roster_comes_back_as_it_went_in(sop_bot: Callable[..., Answer], tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    rows = 'bkpsdm,kepala_badan,1001,Sri Wahyuni\nbkpsdm,sekretariat,1002,"Ahmad, S.E."\n'
    file.write_text(COLUMNS + rows, encoding="utf-8")
    code, out, err = sop_bot("roster", "import", str(file))
    assert (code, err) == (0, "")
    assert "2 ditambahkan" in out
    assert sop_bot("roster", "export") == (0, COLUMNS + rows, "")
    assert "2 tetap" in sop_bot("roster", "import", str(file))[1]
    file.write_text(COLUMNS + rows.replace("Sri Wahyuni", "Sri Wahyuni, M.Si.".replace(",", "")), encoding="utf-8")
    assert "1 diganti namanya" in sop_bot("roster", "import", str(file))[1]
    assert "Sri Wahyuni M.Si." in sop_bot("roster", "export")[1]


def test_a_bom_and_semicolons_simply_work(sop_bot: Callable[..., Answer], tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    content = "instansi;jabatan;telegram_id;nama\r\nbkpsdm;anggota;1001;Ratna\r\n"
    file.write_bytes(b"\xef\xbb\xbf" + content.encode())
    assert "1 ditambahkan" in sop_bot("roster", "import", str(file))[1]
    assert "bkpsdm,anggota,1001,Ratna\n" in sop_bot("roster", "export")[1]


def test_every_bad_row_is_named_and_nothing_is_imported(sop_bot: Callable[..., Answer], tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    rows = [
        "bkpsdm,kepala_badan,1001,Sri Wahyuni",
        "bkpsdm,tukang_kebun,1002,Ahmad",
        "entah,kepala_badan,1003,Ratna",
        "bkpsdm,anggota,seribu,Dewi",
        "bkpsdm,kepala_badan,1001,Sri Wahyuni",
        "bkpsdm,anggota,,Tanpa Nomor",
    ]
    file.write_text(COLUMNS + "\n".join(rows), encoding="utf-8")
    code, out, err = sop_bot("roster", "import", str(file))
    assert (code, out) == (1, "")
    assert [int(number) for number in re.findall(r"^baris (\d+):", err, re.MULTILINE)] == [3, 4, 5, 6, 7]
    assert sop_bot("roster", "export")[1] == COLUMNS


def test_a_table_without_a_column_or_a_file_is_one_clear_line(sop_bot: Callable[..., Answer], tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("instansi,jabatan,nama\nbkpsdm,anggota,Ratna\n", encoding="utf-8")
    code, _, err = sop_bot("roster", "import", str(file))
    assert code == 1
    assert "kolom telegram_id tidak ada" in err
    code, _, err = sop_bot("roster", "import", "tidak-ada.csv")
    assert code == 1
    assert "Berkas tidak-ada.csv tidak dapat dibaca" in err


@pytest.mark.enable_socket
def test_a_row_without_a_number_prints_an_invitation_link(
    sop_bot: Callable[..., Answer], telegram: RunningServer, tmp_path: Path
) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(f"{COLUMNS}bkpsdm,anggota,,Ratna Dewi\n", encoding="utf-8")
    code, out, _ = sop_bot("roster", "import", str(file))
    assert code == 0
    assert "1 undangan dibuat" in out
    assert re.search(
        rf"Ratna Dewi – .*: https://t\.me/{telegram.telegram.bot.username}\?start=[\w-]{{10,64}}$", out, re.MULTILINE
    )


# --- invite ---------------------------------------------------------------------------------


@pytest.mark.enable_socket
def test_invite_prints_a_link_for_the_post(sop_bot: Callable[..., Answer], telegram: RunningServer) -> None:
    code, out, err = sop_bot("invite", "bkpsdm", "sekretariat")
    assert (code, err) == (0, "")
    assert "Sekretariat – BKPSDM" in out
    assert f"https://t.me/{telegram.telegram.bot.username}?start=" in out
    assert sop_bot("invite", "bkpsdm", "sekretariat")[1] != out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["entah", "sekretariat"], "Instansi 'entah' tidak dikenal. Yang dikenal: bkpsdm, "),
        (["bkpsdm", "tukang_kebun"], "Jabatan 'tukang_kebun' tidak ada di bkpsdm. Pilihannya: "),
        (["bkpsdm", "sekretariat"], "Nama pengguna bot belum diketahui"),
    ],
)
def test_an_invitation_that_cannot_be_made_says_why(
    sop_bot: Callable[..., Answer], arguments: list[str], said: str
) -> None:
    code, out, err = sop_bot("invite", *arguments)
    assert (code, out) == (1, "")
    assert said in err


def test_a_command_line_that_is_not_understood_exits_2(sop_bot: Callable[..., Answer]) -> None:
    for arguments in [[], ["tidakada"], ["invite", "bkpsdm"], ["roster"], ["demo", "--port", "x"]]:
        assert sop_bot(*arguments)[0] == 2


# --- run and demo ---------------------------------------------------------------------------


def test_run_without_a_token_says_so_and_exits_2(sop_bot: Callable[..., Answer]) -> None:
    code, out, err = sop_bot("run")
    assert (code, out) == (2, "")
    assert "BOT_TOKEN: belum diisi" in err


def test_every_bad_setting_is_named_at_once(sop_bot: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    bad = {
        "BOT_TOKEN": "rahasia",
        "ADMIN_IDS": "budi",
        "DATABASE_URL": "mysql://x",
        "LOG_LEVEL": "keras",
        "SOP_DIR": "/x",
    }
    for name, value in bad.items():
        monkeypatch.setenv(name, value)
    code, out, err = sop_bot("run")
    assert (code, out) == (2, "")
    assert {line.partition(":")[0] for line in err.splitlines()[1:]} == set(bad)
    assert "rahasia" not in err


@pytest.mark.enable_socket
def test_a_token_that_telegram_does_not_know_exits_2(
    sop_bot: Callable[..., Answer], telegram: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN.replace("001", "002"))
    for arguments in (["run"], ["invite", "bkpsdm", "sekretariat"]):
        code, out, err = sop_bot(*arguments)
        assert (code, out) == (2, "")
        assert "Telegram menolak BOT_TOKEN" in err
    assert telegram.state()["pending_updates"] == 0


@pytest.mark.enable_socket
def test_an_unknown_sop_for_the_demo_is_one_clear_line(sop_bot: Callable[..., Answer]) -> None:
    for arguments in (["demo", "--auto", "--sop", "entah"], ["demo", "--port", "0", "--sop", "entah"]):
        code, out, err = sop_bot(*arguments)
        assert (code, out) == (1, "")
        assert "SOP 'entah' tidak ada. Yang ada: bkpsdm-pk" in err


def test_the_program_starts_from_any_folder_as_a_module(tmp_path: Path) -> None:
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), "DATABASE_URL": "sqlite:///sop.db"}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "BOT_TOKEN: belum diisi" in done.stderr
    assert "Traceback" not in done.stderr
