"""The parsers that take what people and networks send, each as a function of bytes that must come to an end.

A target raises nothing for any input: what its parser promises to raise is expected here, and anything else is
what the fuzzers look for. ``seeds`` are inputs to begin from. Used by ``test_parsers.py`` (short, mutations of the
seeds) and by ``run.py`` (coverage-guided, ``make fuzz``).
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.demo.telegram.html_parser import parse_html
from bot.demo.telegram.refusals import Refusal
from bot.domain import codes
from bot.gateway.translate import UnreadableUpdateError, translate
from bot.gateway.webhook import RefusedRequest, read_update
from bot.messages import actions
from bot.messages.limits import cut_html, shorten, units
from bot.services.library import Library
from bot.services.publish import publish
from bot.services.roster import RosterProblem, export_roster, import_roster
from bot.services.work import Work
from bot.sop_files.budget_text import format_budget, parse_budget
from bot.sop_files.calendars import load_calendars
from bot.sop_files.loader import load_files
from bot.sop_files.report import report_lines
from bot.store.database import open_engine
from bot.store.tables import Base, HoldingRow, PersonRow

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from bot.sop_files.loader import FileProblem

_TESTS = Path(__file__).parents[2]
_SOP_DATA = _TESTS.parent / "sop_data"
_AT = datetime(2026, 11, 9, 1, tzinfo=UTC)
LONGEST = 20_000
"""Bytes: what is longer tells of limits rather than of parsers, and limits have tests of their own."""


@dataclass(frozen=True, slots=True)
class Target:
    """A parser under test, and inputs to begin from."""

    run: Callable[[bytes], None]
    seeds: Callable[[], Iterator[bytes]]


def _text(raw: bytes) -> str:
    """Return any text, lone surrogates included."""
    return raw.decode("utf-8", "surrogatepass") if raw.isascii() else raw.decode("utf-8", "surrogateescape")


def _action(raw: bytes) -> None:
    action = actions.parse(_text(raw))
    if action is not None:
        assert len(action.data().encode()) <= 64
        assert actions.parse(action.data()) == action


def _code(raw: bytes) -> None:
    code = codes.normalise(_text(raw))
    if code is not None:
        assert codes.normalise(code) == code
        assert code.isascii()


def _budget(raw: bytes) -> None:
    with contextlib.suppress(ValueError):
        budget = parse_budget(_text(raw))
        assert parse_budget(format_budget(budget)) == budget


def _update(raw: bytes) -> None:
    with contextlib.suppress(RefusedRequest, UnreadableUpdateError):
        incoming = translate(read_update(raw))
        if incoming is not None:
            assert all(abs(number) <= 2**63 for number in (incoming.chat_id, incoming.user_id, incoming.update_id))
            assert "\x00" not in incoming.text + incoming.name
            assert (incoming.text + incoming.name).encode()


def _html(raw: bytes) -> None:
    with contextlib.suppress(Refusal):
        text, entities = parse_html(raw.decode("utf-8", "replace"))
        length = units(text)
        assert all(0 <= entity["offset"] < entity["offset"] + entity["length"] <= length for entity in entities)


def _cut(raw: bytes) -> None:
    """Text from people fits and can be sent, however it is cut."""
    text = shorten(_text(raw), 120, lines=3)
    assert units(text) <= 120
    assert text.encode().decode() == text
    assert not set("\x00\u202e\u2066") & set(text)
    assert units(cut_html(text.replace("&", "").replace("<", "").replace(">", ""), 50)) <= 50


@cache
def _scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="sop-fuzz-"))
    (folder / "kalender").mkdir()
    return folder


def _sop_file(raw: bytes) -> None:
    path = _scratch() / "x.yaml"
    path.write_bytes(raw)
    loaded = load_files([path])
    assert bool(loaded.problems) != bool(loaded.sops)
    report_lines(loaded)
    _assert_located(loaded.problems, raw, path)


def _calendar(raw: bytes) -> None:
    path = _scratch() / "kalender" / "2026.yaml"
    path.write_bytes(raw)
    calendars = load_calendars(path.parent)
    assert list(calendars.notes([2026])) is not None
    for problem in calendars.problems:
        assert problem.file == str(path)
        assert (
            1
            <= problem.line
            <= raw.count(b"\n") + raw.count(b"\r") + len(raw.decode("utf-8", "replace").splitlines()) + 1
        )
        assert problem.message.encode()


def _assert_located(problems: tuple[FileProblem, ...], raw: bytes, path: Path) -> None:
    lines = max(1, len(raw.decode("utf-8", "replace").splitlines()))
    for problem in problems:
        assert problem.file == str(path)
        assert 1 <= problem.line <= lines + 1, (problem, lines)
        assert problem.message.isprintable(), problem


@cache
def _office() -> tuple[Engine, Library]:
    sops = load_files(sorted(_SOP_DATA.glob("*.yaml"))).sops
    library = Library({sop.id: sop for sop in sops}, load_calendars(_SOP_DATA / "kalender"), frozenset())
    engine = open_engine("sqlite:///:memory:")
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        publish(Work(session, _AT, library))
    return engine, library


def _roster(raw: bytes) -> None:
    engine, library = _office()
    with Session(engine) as session:
        work = Work(session, _AT, library)
        lines: tuple[str, ...] = ()
        try:
            import_roster(work, raw)
        except RosterProblem as problem:
            lines = problem.lines
        people, held = (session.scalar(select(func.count()).select_from(table)) for table in (PersonRow, HoldingRow))
        assert not lines or (people, held) == (0, 0), "all rows or none"
        export_roster(work)
        session.rollback()


def _files(*folders: Path) -> Callable[[], Iterator[bytes]]:
    def seeds() -> Iterator[bytes]:
        for folder in folders:
            for path in sorted(folder.glob("*.yaml")):
                yield path.read_bytes()[:LONGEST]

    return seeds


def _lines(*texts: str | bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: iter([text.encode() if isinstance(text, str) else text for text in texts])


_SITI = {"id": 7005, "is_bot": False, "first_name": "Siti"}
_CHAT = {"id": 7005, "type": "private"}
_MESSAGE = {"message_id": 1, "date": 1, "chat": _CHAT, "from": _SITI, "text": "/selesai@sop_bot PK-2026-001 beres"}


def _updates() -> Iterator[bytes]:
    press = {"id": "5", "from": _SITI, "chat_instance": "1", "message": _MESSAGE, "data": "1:done:4"}
    member = {"user": {**_SITI, "is_bot": True}, "status": "kicked", "until_date": 0}
    joined = {"chat": _CHAT, "from": _SITI, "date": 1, "old_chat_member": member, "new_chat_member": member}
    entities = [{"type": "bot_command", "offset": 0, "length": 8}]
    contents: list[dict[str, Any]] = [
        {"message": {**_MESSAGE, "entities": entities, "reply_to_message": _MESSAGE}},
        {"edited_message": {**_MESSAGE, "edit_date": 2}},
        {"callback_query": press},
        {"my_chat_member": joined},
        {"message": {**_MESSAGE, "text": None, "sticker": {"file_id": "a"}}},
    ]
    for content in contents:
        yield json.dumps({"update_id": 1, **content}).encode()


_TABLE = "instansi,jabatan,telegram_id,nama\n"
_ROWS = (
    f"{_TABLE}kesbangpol-jateng,sekretariat,101,Sari\nkesbangpol-jateng,sekretaris,,Budi\n",
    f"sep=;\r\n{_TABLE.replace(',', ';')}kesbangpol-jateng;sekretariat;101;Sari\r\n",
    f'\ufeff{_TABLE}"kesbangpol-jateng","sekretariat","101","Sa""ri"\n',
    "instansi\tjabatan\ttelegram_id\tnama\n\t\t\t\n",
)

TARGETS: dict[str, Target] = {
    "callback_data": Target(_action, _lines("1:done:4", "1:pick:3:1", "1:history:9:9999")),
    "case_codes": Target(_code, _lines("PK-2026-001", "pk–2026–1.", "(PK_2026_1)")),
    "budgets": Target(_budget, _lines("4 Hari", "10 menit", " 1  JAM")),
    "updates": Target(_update, _updates),
    "sop_files": Target(_sop_file, _files(_TESTS / "data" / "invalid_sop")),
    "calendars": Target(_calendar, _files(_SOP_DATA / "kalender")),
    "rosters": Target(_roster, _lines(*_ROWS)),
    "html": Target(
        _html,
        _lines('<b>a</b><a href="tg://user?id=1">x</a>', "<pre><code class='language-x'>&lt;&#x1F600;</code></pre>",
               '<span class="tg-spoiler">&amp;</span><blockquote expandable>x</blockquote>')),
    "texts": Target(_cut, _lines("Semester 1\nbaris 2", "e\u0301" * 70, "👩\u200d👩\u200d👧" * 20)),
}  # fmt: skip


def check(name: str, raw: bytes) -> None:
    """Feed one input to a target; raises what its parser should not."""
    TARGETS[name].run(raw[:LONGEST])
