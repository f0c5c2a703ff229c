"""Backups: whole or not there, the same on either database, and restored whole or not at all."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL, insert, text

from bot.store.archive import BadArchive, Fault, Manifest, reading, writing
from bot.store.backup import ID_GAP, DamagedDatabase, dump
from bot.store.database import open_engine
from bot.store.migrate import SCRIPTS, NewerSchema, current, head, known_revision, migrate
from bot.store.restore import InUse, Occupied, Target, _swap, restore
from bot.store.snapshot import snapshot
from bot.store.tables import OfficeRow, QuestionRow, TaskRow
from tests.store import previous

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.store.restore import Finish

AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
_TASK = {"case_id": 1, "number": 999, "step": 1, "round": 9, "given_at": AT, "due_at": AT, "ended_at": AT}


def _back_up(url: str, file: Path, *, overwrite: bool = False) -> Manifest:
    with snapshot(url) as connection, writing(file, overwrite=overwrite) as writer:
        return dump(connection, writer, revision=known_revision(connection) or "", program="1", at=AT)


def _restore(
    url: str, file: Path, *, replace: bool = False, finish: Finish = lambda *_: None, at: datetime = AT
) -> Path | None:
    def rescue() -> Path:
        _back_up(url, kept := file.with_name("kept.zip"), overwrite=True)
        return kept

    with reading(file) as reader:
        reader.verify()
        return restore(Target(url, replace, "before", rescue, at), reader, finish)


def _content(url: str) -> previous.Content:
    engine = open_engine(url)
    try:
        return previous.content(engine)
    finally:
        engine.dispose()


def _revision(url: str) -> str | None:
    engine = open_engine(url)
    try:
        return current(engine)
    finally:
        engine.dispose()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an upgraded SQLite database with the previous release's cases in it."""
    folder = tmp_path_factory.mktemp("made")
    engine = previous.fill(f"sqlite:///{folder / 'sop.db'}", folder)
    migrate(engine)
    engine.dispose()
    return folder / "sop.db"


@pytest.fixture(scope="module")
def archive(made: Path) -> Path:
    """Return a backup of it."""
    _back_up(f"sqlite:///{made}", made.with_name("cadangan.zip"))
    return made.with_name("cadangan.zip")


# --- there and back -------------------------------------------------------------------------


def test_what_comes_back_is_what_was_there_whichever_database_it_came_from(
    archive: Path, made: Path, url: str, empty_url: str, tmp_path: Path
) -> None:
    """From SQLite to ``url``, and from there on: office databases grow, and come home again."""
    _restore(url, archive)
    manifest = _back_up(url, tmp_path / "again.zip")
    assert (manifest.revision, manifest.rows, manifest.broken) == (head(), 624, ())
    _restore(empty_url, tmp_path / "again.zip")
    assert _content(empty_url) == _content(f"sqlite:///{made}")


def test_no_value_and_the_value_null_stay_apart(url: str, tmp_path: Path) -> None:
    engine = open_engine(url)
    row = {"sop_id": "x", "office_id": "dinas", "content_hash": "0", "at": AT.replace(tzinfo=None)}
    statement = (
        "INSERT INTO sop_version (sop_id, office_id, content_hash, definition, created_at) "
        "VALUES (:sop_id, :office_id, :content_hash, 'null', :at)"
    )
    with engine.begin() as connection:
        connection.execute(insert(OfficeRow), [{"id": "dinas", "name": "Dinas – Ünï 🏛 \u2028 'x'", "zone": "WIB"}])
        connection.execute(text(statement), row)
    engine.dispose()
    _back_up(url, tmp_path / "a.zip")
    _restore(f"sqlite:///{tmp_path / 'new' / 'sop.db'}", tmp_path / "a.zip")
    file = sqlite3.connect(tmp_path / "new" / "sop.db")
    assert file.execute("SELECT definition FROM sop_version").fetchall() == [("null",)]
    assert file.execute("SELECT name FROM office").fetchall() == [("Dinas – Ünï 🏛 \u2028 'x'",)]
    file.close()


def test_a_backup_from_before_the_upgrade_is_upgraded_as_it_comes_back(
    empty_url: str, made: Path, tmp_path: Path
) -> None:
    old = f"sqlite:///{tmp_path / 'old.db'}"
    previous.fill(old, tmp_path).dispose()
    manifest = _back_up(old, tmp_path / "old.zip")
    assert manifest.revision == previous.REVISION
    assert _revision(old) == previous.REVISION  # looking changes nothing
    _restore(empty_url, tmp_path / "old.zip")
    assert _content(empty_url) == _content(f"sqlite:///{made}")


def test_new_rows_get_ids_that_no_button_of_the_missing_time_can_name(archive: Path, url: str) -> None:
    _restore(url, archive)
    engine = open_engine(url)
    with engine.begin() as connection:
        last = connection.scalar(text("SELECT max(id) FROM task"))
        assert connection.execute(insert(TaskRow).returning(TaskRow.id), [_TASK]).scalar() == last + ID_GAP + 1
        asked = {"person_id": 1, "chat_id": 1, "kind": "x", "about": {}, "awaits_text": False}
        moments = {"asked_at": AT, "lapses_at": AT}
        question = insert(QuestionRow).returning(QuestionRow.id)
        assert connection.execute(question, [{**asked, **moments}]).scalar() == 4 + ID_GAP + 1
    engine.dispose()


def test_the_bot_goes_on_while_a_backup_is_taken_and_the_backup_is_of_one_moment(url: str, tmp_path: Path) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(OfficeRow), [{"id": "a", "name": "A", "zone": "WIB"}])
    with snapshot(url) as connection, writing(tmp_path / "a.zip", overwrite=False) as writer:
        assert connection.scalar(text("SELECT count(*) FROM office")) == 1
        with engine.begin() as busy:  # while the backup reads
            busy.execute(insert(OfficeRow), [{"id": "b", "name": "B", "zone": "WIB"}])
        manifest = dump(connection, writer, revision=head(), program="1", at=AT)
    assert {table.name: table.rows for table in manifest.tables}["office"] == 1
    engine.dispose()


# --- what is refused ------------------------------------------------------------------------


def test_an_occupied_database_is_refused_and_replaced_only_when_told_and_kept_then(
    archive: Path, url: str, tmp_path: Path
) -> None:
    mine = tmp_path / "cadangan.zip"
    mine.write_bytes(archive.read_bytes())
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(OfficeRow), [{"id": "lama", "name": "Lama", "zone": "WIT"}])
    engine.dispose()
    before = _content(url)
    with pytest.raises(Occupied):
        _restore(url, mine)
    assert _content(url) == before
    kept = _restore(url, mine, replace=True)
    assert kept is not None
    assert len(_content(url)["event"]) == 78
    if kept.suffix == ".zip":
        _restore(f"sqlite:///{tmp_path / 'kept.db'}", kept)
        kept = tmp_path / "kept.db"
    assert _content(f"sqlite:///{kept}")["office"] == before["office"]


def test_a_database_that_the_bot_has_open_is_refused(archive: Path, url: str) -> None:
    engine = open_engine(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM office"))
    # An idle connection, as a bot that waits for updates has one.
    with pytest.raises(InUse):
        _restore(url, archive, replace=True)
    engine.dispose()
    _restore(url, archive, replace=True)


def test_a_database_file_that_is_damaged_beyond_reading_is_replaced_and_kept(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "sop.db").write_bytes(b"nothing that SQLite knows" * 400)
    (tmp_path / "sop.db-wal").write_bytes(b"the rest of it")
    with pytest.raises(Occupied):
        _restore(f"sqlite:///{tmp_path / 'sop.db'}", archive)
    kept = _restore(f"sqlite:///{tmp_path / 'sop.db'}", archive, replace=True)
    assert kept is not None
    assert kept.read_bytes().startswith(b"nothing that")
    assert not (tmp_path / "sop.db-wal").exists()
    assert len(_content(f"sqlite:///{tmp_path / 'sop.db'}")["event"]) == 78


def test_what_waits_in_the_wal_of_the_old_file_never_reaches_the_new_one(archive: Path, tmp_path: Path) -> None:
    """The remains of a killed process beside a file that cannot be read any more."""
    (tmp_path / "sop.db").mkdir()  # stands for what SQLite cannot even open
    (tmp_path / "sop.db-wal").write_bytes(b"the rest of it")
    kept = _swap(_fresh(archive, tmp_path), tmp_path / "sop.db", "before")
    assert kept is not None
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"the rest of it"
    assert sorted(path.name for path in tmp_path.glob("sop.db*")) == ["sop.db", kept.name, f"{kept.name}-wal"]


def _fresh(archive: Path, folder: Path) -> Path:
    _restore(f"sqlite:///{folder / 'fresh.db'}", archive)
    return folder / "fresh.db"


def test_a_backup_of_a_newer_program_is_refused(archive: Path, empty_url: str, tmp_path: Path) -> None:
    newer = _rewritten(archive, tmp_path, lambda manifest: manifest.update(revision="9999"))
    with pytest.raises(NewerSchema):
        _restore(empty_url, newer)
    assert _revision(empty_url) is None


def _rewritten(archive: Path, folder: Path, change: Callable[[dict[str, Any]], object], **tables: bytes) -> Path:
    """Copy a backup with another manifest, or other tables."""
    file = folder / "rewritten.zip"
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            content = tables.get(name.removesuffix(".jsonl"), old.read(name))
            if name == "manifest.json":
                manifest = json.loads(content)
                change(manifest)
                content = json.dumps(manifest).encode()
            new.writestr(name, content)
    return file


def _verified(file: Path) -> None:
    with reading(file) as reader:
        reader.verify()
        for table in reader.manifest.tables:
            list(reader.rows(table))


def test_a_file_cut_off_anywhere_or_with_any_byte_changed_is_never_taken_for_whole(archive: Path, made: Path) -> None:
    content = archive.read_bytes()
    file = made.with_name("changed.zip")

    @given(st.integers(0, len(content) - 1))
    def cut(length: int) -> None:
        file.write_bytes(content[:length])
        with pytest.raises(BadArchive):
            _verified(file)

    @given(st.integers(0, len(content) - 1), st.integers(1, 255))
    def changed(place: int, by: int) -> None:
        file.write_bytes(content[:place] + bytes([content[place] ^ by]) + content[place + 1 :])
        try:
            _verified(file)
        except BadArchive:
            return
        # What no reader looks at (a date in a local header) may change: what is read is then unchanged.
        with reading(file) as one, reading(archive) as other:
            assert one.manifest == other.manifest

    cut()
    changed()


def test_a_table_that_was_altered_is_named_and_nothing_is_restored(
    archive: Path, empty_url: str, tmp_path: Path
) -> None:
    altered = _rewritten(archive, tmp_path, lambda _: None, office=b'["dinas","Lain","WIB"]\n["b","B","WIB"]\n')
    with pytest.raises(BadArchive) as refusal:
        _restore(empty_url, altered)
    assert (refusal.value.fault, refusal.value.place) == (Fault.DAMAGED, "office")
    assert _revision(empty_url) is None


def test_a_case_rewritten_inside_a_backup_is_found_by_its_chain(made: Path, tmp_path: Path) -> None:
    """Somebody who recomputes the table's hash as well still has the chain against them."""
    copy = tmp_path / "copy.db"
    copy.write_bytes(made.read_bytes())
    with sqlite3.connect(copy) as file:
        file.execute("UPDATE event SET data = replace(data, 'angka', 'harga') WHERE data LIKE '%angka%'")
    file.close()
    manifest = _back_up(f"sqlite:///{copy}", tmp_path / "a.zip")
    assert manifest.broken == (1,)
    _restore(
        f"sqlite:///{tmp_path / 'b.db'}", tmp_path / "a.zip"
    )  # what was broken before is no reason to lose the rest
    hidden = _rewritten(tmp_path / "a.zip", tmp_path, lambda manifest: manifest.update(broken=[]))
    with pytest.raises(BadArchive) as refusal:
        _restore(f"sqlite:///{tmp_path / 'c.db'}", hidden)
    assert refusal.value.place == "case 1"
    assert not list(tmp_path.glob("*c.db*"))


def test_a_log_that_is_no_json_any_more_comes_back_as_it_is_and_takes_nothing_with_it(
    made: Path, empty_url: str, tmp_path: Path
) -> None:
    """A backup that was declared good must be one: on the same kind of database to the letter."""
    _tampered(made, tmp_path, "UPDATE event SET data = 'bukan json' WHERE case_id = 1 AND number = 2")
    manifest = _back_up(f"sqlite:///{tmp_path / 'copy.db'}", tmp_path / "a.zip")
    assert manifest.broken == (1,)
    for url in (f"sqlite:///{tmp_path / 'b.db'}", empty_url):
        _restore(url, tmp_path / "a.zip")
        engine = open_engine(url)
        with engine.connect() as connection:
            found = connection.scalar(text("SELECT CAST(data AS TEXT) FROM event WHERE case_id = 1 AND number = 2"))
            assert found == ("bukan json" if engine.dialect.name == "sqlite" else '"bukan json"')
            assert connection.scalar(text("SELECT count(*) FROM event")) == 78
        engine.dispose()


def _tampered(made: Path, folder: Path, statement: str) -> Path:
    copy = folder / "copy.db"
    copy.write_bytes(made.read_bytes())
    with sqlite3.connect(copy) as file:
        file.execute(statement)
    file.close()
    return copy


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE event SET at = 'kapan' WHERE id = 3", "event (id 3): at"),
        ("UPDATE event SET number = 'entah' WHERE id = 3", "event (id 3): number"),
        ("UPDATE \"case\" SET title = x'00ff' WHERE id = 1", "case (id 1): title"),
        ("UPDATE outbox SET not_before = 7 WHERE id = 2", "outbox (id 2): not_before"),
    ],
)
def test_what_could_not_come_back_is_named_by_table_and_row_and_is_no_backup(
    made: Path, tmp_path: Path, statement: str, place: str
) -> None:
    copy = _tampered(made, tmp_path, statement)
    with pytest.raises(DamagedDatabase) as damage:
        _back_up(f"sqlite:///{copy}", tmp_path / "a.zip")
    assert damage.value.what == place
    assert not (tmp_path / "a.zip").exists()


@pytest.mark.parametrize("name", ["h#1.db", "h%231.db", "apa?.db"])
def test_a_database_file_of_any_name_is_backed_up_and_replaced_and_none_is_made_beside_it(
    made: Path, archive: Path, tmp_path: Path, name: str
) -> None:
    url = URL.create("sqlite", database=str(tmp_path / name)).render_as_string()
    (tmp_path / name).write_bytes(made.read_bytes())
    assert _back_up(url, tmp_path / "a.zip").rows == 624
    _restore(url, archive, replace=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["a.zip", name, f"{name}.sebelum-before"])


def test_the_same_backup_restored_twice_gives_other_ids_the_second_time(archive: Path, url: str) -> None:
    given: list[int] = []
    for later in (timedelta(hours=1), timedelta(hours=1, seconds=9)):
        _restore(url, archive, replace=True, at=AT + later)
        engine = open_engine(url)
        with engine.begin() as connection:
            given += connection.scalars(insert(TaskRow).returning(TaskRow.id), [_TASK])
        engine.dispose()
    assert given[1] - given[0] == 9


def test_whoever_restores_hears_which_numbers_the_replaced_database_had_drawn(archive: Path, url: str) -> None:
    heard: list[object] = []
    _restore(url, archive, finish=lambda _, serials: heard.append(serials))
    _restore(url, archive, replace=True, finish=lambda _, serials: heard.append(serials))
    engine = open_engine(url)
    with engine.connect() as connection:
        drawn = {(o, a, y): last for o, a, y, last in connection.execute(text("SELECT * FROM serial"))}
    engine.dispose()
    assert drawn
    assert heard == [{}, drawn]


def test_a_backup_overwrites_nothing_unless_told_and_a_failed_one_leaves_nothing(made: Path, tmp_path: Path) -> None:
    url, file = f"sqlite:///{made}", tmp_path / "a.zip"
    file.write_text("precious")
    with pytest.raises(FileExistsError):
        _back_up(url, file)
    assert file.read_text() == "precious"
    _back_up(url, file, overwrite=True)
    _verified(file)
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ZeroDivisionError), writing(tmp_path / "b.zip", overwrite=False) as writer:
        writer.table("x", ["y"], ([1 // n] for n in (1, 0)))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip"]


# --- killed ---------------------------------------------------------------------------------

_KILLED = """
import os, signal, sys
from pathlib import Path
from bot.store.archive import reading
from bot.store.restore import Target, restore

with reading(Path(sys.argv[2])) as reader:
    target = Target(sys.argv[1], True, "before", lambda: Path(os.devnull), reader.manifest.at)
    restore(target, reader, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
"""


def test_a_restore_that_is_killed_leaves_the_database_as_it_was(archive: Path, url: str) -> None:
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(insert(OfficeRow), [{"id": "lama", "name": "Lama", "zone": "WIT"}])
    engine.dispose()
    before = _content(url)
    command = [sys.executable, "-c", _KILLED, url, str(archive)]
    done = subprocess.run(command, cwd=SCRIPTS.parent, check=False, capture_output=True)  # noqa: S603 - our own program
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert _content(url) == before
    _restore(url, archive, replace=True)
    assert len(_content(url)["event"]) == 78
