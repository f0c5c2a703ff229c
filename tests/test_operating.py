"""``sop-bot backup``, ``restore`` and ``doctor`` as an operator meets them."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import insert, text, update

from bot.cli import run_command
from bot.clock import SystemClock
from bot.console import console
from bot.demo.telegram import TelegramServer
from bot.gateway.checkup import check_telegram
from bot.services.doctor import Level, Line, check_database, clock
from bot.services.library import Library
from bot.settings import Settings
from bot.sop_files.calendars import load_calendars
from bot.store.database import open_engine
from bot.store.migrate import current, migrate
from bot.store.tables import FindingRow, OutboxRow
from tests.store import previous

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.demo.telegram import RunningServer

TOKEN = "123456789:" + "operating-token-of-the-tests-000001"
PASSWORD = "sangat-rahasia"  # noqa: S105 - a password of nobody
TUESDAY = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

Answer = tuple[int, str, str]
"""Exit code, standard output, standard error."""


@pytest.fixture
def sop_bot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Answer]]:
    """Run a command in an empty folder, with nothing of this machine's environment."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/var/sop.db")
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*arguments: str) -> Answer:
        code = run_command(arguments)
        heard = capsys.readouterr()
        assert TOKEN not in heard.out + heard.err
        assert PASSWORD not in heard.out + heard.err
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


# --- backup and restore ---------------------------------------------------------------------


def test_an_operator_backs_up_and_restores(sop_bot: Callable[..., Answer], tmp_path: Path) -> None:
    assert sop_bot("migrate")[0] == 0
    code, out, err = sop_bot("backup", "a.zip")
    assert (code, err) == (0, "")
    assert "a.zip selesai" in out
    code, checked, _ = sop_bot("restore", "a.zip", "--periksa")
    assert code == 0
    # The office's clock, in the form of every message.
    assert all(
        re.search(r" per (Sen|Sel|Rab|Kam|Jum|Sab|Min)\w+, \d+ \w{3} \d\d\.\d\d WIB, ", said) for said in (out, checked)
    )
    code, out, err = sop_bot("backup", "a.zip")
    assert (code, "--timpa" in err) == (1, True)
    assert sop_bot("backup", "a.zip", "--timpa")[0] == 0
    sop_bot("invite", "bkpsdm", "sekretariat")  # the offices of the files are known by it: there is something to lose
    code, out, err = sop_bot("restore", "a.zip")
    assert (code, "--ganti" in err) == (1, True)
    code, out, err = sop_bot("restore", "a.zip", "--ganti")
    assert (code, err) == (0, "")
    [kept] = (tmp_path / "var").glob("sop.db.sebelum-*")
    assert kept.name in out
    assert "outbox list --held" in out
    assert "nomor terakhir pada basis data yang diganti tidak dapat dibaca" in out  # it had none
    code, out, _ = sop_bot("restore", "a.zip", "--ganti", "--pindah")
    assert (code, "dipindahkan" in out, "--held" in out) == (0, True, False)


def test_while_the_bot_runs_nothing_is_restored(sop_bot: Callable[..., Answer], tmp_path: Path) -> None:
    sop_bot("migrate")
    sop_bot("backup", "a.zip")
    engine = open_engine(f"sqlite:///{tmp_path}/var/sop.db")
    with engine.connect() as connection:
        connection.execute(text("SELECT 1 FROM office"))
    code, _, err = sop_bot("restore", "a.zip", "--ganti")
    assert (code, "Hentikan bot" in err) == (1, True)
    engine.dispose()
    assert sop_bot("restore", "a.zip", "--ganti")[0] == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "tidak dapat dibaca"), (b"", "bukan cadangan"), (b"PK\x03\x04 and no more", "bukan cadangan")],
)
def test_any_other_file_is_refused_in_words(
    sop_bot: Callable[..., Answer], tmp_path: Path, content: bytes | None, words: str
) -> None:
    if content is not None:
        (tmp_path / "a.zip").write_bytes(content)
    code, out, err = sop_bot("restore", "a.zip")
    assert (code, out, words in err) == (1, "", True)
    assert not (tmp_path / "var").exists()


def test_what_cannot_be_backed_up_is_refused_in_words(sop_bot: Callable[..., Answer], tmp_path: Path) -> None:
    assert sop_bot("backup", "a.zip")[0] == 1  # there is no database, and none is made
    assert list(tmp_path.iterdir()) == []
    sop_bot("migrate")
    code, _, err = sop_bot("backup", "nowhere/a.zip")
    assert (code, "tidak dapat ditulis" in err) == (1, True)
    assert sop_bot("restore", "a.zip", "--lompat", "-1")[0] == 1


# --- doctor ---------------------------------------------------------------------------------


def test_the_doctor_finds_a_sound_office_sound(
    sop_bot: Callable[..., Answer], telegram: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open("daftar.csv", "w", encoding="utf-8") as file:  # noqa: PTH123 - the folder is the test's own
        file.write("instansi,jabatan,telegram_id,nama\nbkpsdm,sekretariat,700016,Putri Handayani\n")
    assert sop_bot("roster", "import", "daftar.csv")[0] == 0
    code, out, err = sop_bot("doctor")
    assert (code, err) == (0, ""), out
    assert "✓ Token diterima Telegram: @sop_demo_bot." in out
    assert "✗" not in out
    assert "Tidak ada yang harus dikerjakan." in out
    assert {request["method"] for request in telegram.requests()} == {"getMe", "getWebhookInfo"}
    printed = json.loads(sop_bot("doctor", "--json")[1])
    assert printed["baik"] is True
    assert {"tingkat", "perihal", "hasil", "pesan"} == set(printed["pemeriksaan"][0])
    assert next((line["perihal"], line["hasil"]) for line in printed["pemeriksaan"]) == ("token", "fine")
    monkeypatch.setenv("BOT_TOKEN", "1" + TOKEN)
    refused = json.loads(sop_bot("doctor", "--json")[1])["pemeriksaan"][0]
    assert (refused["perihal"], refused["hasil"], refused["tingkat"]) == ("token", "refused", "gagal")


def test_the_doctor_looks_at_the_rest_when_telegram_and_the_database_are_away(
    sop_bot: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("BOT_API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("DATABASE_URL", f"postgresql://sop:{PASSWORD}@127.0.0.1:9/sop")
    code, out, _ = sop_bot("doctor")
    assert code == 1
    assert "✗ 127.0.0.1 tidak terjangkau" in out
    assert "✗ Basis data tidak dapat dibaca" in out
    assert "✓ 5 SOP dapat dijalankan." in out


def test_the_doctor_changes_nothing(sop_bot: Callable[..., Answer], tmp_path: Path) -> None:
    assert sop_bot("doctor")[0] == 1  # no token
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "var").mkdir()
    engine = previous.fill(f"sqlite:///{tmp_path}/var/sop.db", tmp_path)
    before = previous.content(engine)
    _, out, _ = sop_bot("doctor")
    assert f"! Skema basis data {previous.REVISION}" in out
    assert (current(engine), previous.content(engine)) == (previous.REVISION, before)
    engine.dispose()


def _found(url: str, at: datetime, library: Library) -> dict[str, Level]:
    lines = {line.key: line.level for line in check_database(url, at, library)}
    lines.pop("database_clock.off", None)  # the server's clock is no test's moment
    return lines


def test_the_doctor_names_what_is_wrong_with_an_office(empty_url: str, tmp_path: Path) -> None:
    engine = previous.fill(empty_url, tmp_path)
    migrate(engine)
    library = Library({}, load_calendars(tmp_path))
    found = _found(empty_url, TUESDAY, library)
    assert found["schema.fine"] is Level.FINE
    # Pending since the process was killed on Saturday; one person blocked the bot and has a dead row.
    assert {key for key, level in found.items() if level is Level.BAD} == {"outbox.late"}
    assert (found["people.unreachable"], found["outbox.dead"]) == (Level.NOTE, Level.NOTE)
    with engine.begin() as connection:
        connection.execute(update(OutboxRow).where(OutboxRow.state == "pending").values(state="held"))
        finding = {"kind": "x", "subject": "y", "detail": {}, "found_at": TUESDAY}
        case = connection.execute(text('SELECT id, code FROM "case" ORDER BY id LIMIT 1')).one()
        told = {"kind": "case", "subject": "case:1", "case_id": case.id, "detail": {}, "found_at": TUESDAY}
        connection.execute(insert(FindingRow), [finding | {"case_id": None}, told])
        connection.execute(text("DELETE FROM holding WHERE post_id IN ('sekretariat', 'anggota')"))
    later = _found(empty_url, TUESDAY + timedelta(days=30), library)
    said = next(line.values for line in check_database(empty_url, TUESDAY, library) if line.key == "findings.open")
    words = "Status berkas tidak sama dengan riwayatnya."
    assert said == {"count": 2, "items": [{"code": "", "what": "x"}, {"code": case.code, "what": words}]}
    assert f"  - {case.code}: {words}" in console("doctor.findings.open", **said).splitlines()
    expected = {
        "outbox.held",
        "findings.open",
        "office.no_secretariat",
        "office.post_waiting",
        "reminders.late",
        "outbox.late",
    }
    assert {key for key, level in later.items() if level is Level.BAD} == expected
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert _found(empty_url, TUESDAY, library)["schema.newer"] is Level.BAD
    engine.dispose()


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, Level.FINE), (-5, Level.FINE), (6, Level.NOTE), (60, Level.NOTE), (-61, Level.BAD)]
)
def test_a_clock_that_is_off_is_noted_and_one_far_off_must_be_put_right(seconds: int, level: Level) -> None:
    assert clock("telegram_clock", TUESDAY, TUESDAY + timedelta(seconds=seconds)).level is level


def _asked(server: RunningServer, *, off: timedelta = timedelta(), webhook: str | None = None) -> dict[str, Line]:
    more = {"webhook_url": webhook, "webhook_secret": "x", "listen": "127.0.0.1:8080"} if webhook else {}
    known = Settings.model_validate({"bot_token": TOKEN, "bot_api_url": server.base_url, **more})
    return {line.key: line for line in check_telegram(known, lambda: SystemClock().now() + off)}


def test_the_doctor_compares_webhook_and_clock_with_telegrams(telegram: RunningServer) -> None:
    assert set(_asked(telegram)) == {"token.fine", "telegram_clock.fine", "webhook.polling"}
    assert _asked(telegram, off=timedelta(minutes=3))["telegram_clock.off"].level is Level.BAD
    hook = "http://127.0.0.1:9/hook"
    httpx.post(f"{telegram.bot_url}{TOKEN}/setWebhook", json={"url": hook}, trust_env=False).raise_for_status()
    assert _asked(telegram)["webhook.other"].values == {"found": "127.0.0.1", "wanted": "–"}
    assert "webhook.fine" in _asked(telegram, webhook=hook)
    telegram.person(5, "Sari").says("halo")
    telegram.wait(
        lambda: "webhook_delivery.failing" in _asked(telegram, webhook=hook), 10, "no error of the webhook is told"
    )


def test_the_doctor_knows_a_refused_token_from_a_server_that_is_away(telegram: RunningServer) -> None:
    other = Settings(bot_token="1" + TOKEN, bot_api_url=telegram.base_url)
    assert next(line.key for line in check_telegram(other, SystemClock().now)) == "token.refused"
