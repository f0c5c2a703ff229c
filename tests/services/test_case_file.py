"""A case's file: whoever has nothing but the file and the documented lines can verify it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.domain import chain
from bot.domain.sop import Zone
from bot.domain.worktime import Calendar
from bot.messages.case_file import CaseFile, embedded
from bot.messages.labels import label
from bot.services.cancel_case import cancel_case
from bot.services.complete_task import complete_task
from bot.services.evidence.export import case_file
from bot.services.forget import forget
from bot.services.reject_task import reject_task
from bot.store.tables import CaseRow, EventRow
from tests.services.conftest import Town, wib

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "verifikasi.md"
HOSTILE = "</script><script>alert(1)</script><!-- <b>&amp;\u202e' \" ]]> \\ é 🙂\nbaris dua"
Json = dict[str, Any]
Check = tuple[int, str]


def _procedure() -> str:
    found = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == 1
    return str(found[0])


@pytest.fixture
def check(tmp_path: Path) -> Callable[[str], Check]:
    """Run the documented lines on a file, with nothing else in reach; returns exit code and last words."""
    script, file = tmp_path / "periksa.py", tmp_path / "berkas.html"
    script.write_text(_procedure(), encoding="utf-8")

    def run(content: str) -> Check:
        file.write_text(content, encoding="utf-8")
        command: list[str | Path] = [sys.executable, "-I", "-S", script, file]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own document
        assert "Traceback" not in done.stderr
        return done.returncode, (done.stdout + done.stderr).strip().splitlines()[-1]

    return run


@pytest.fixture
def case_id(staffed: Town) -> int:
    """Return a case with a rejection, notes and an end, in words that mean harm."""
    case_id = staffed.starts(title=HOSTILE)
    for day, who, use_case, text in (
        (9, "Sinta", complete_task, HOSTILE),
        (10, "Bagus", complete_task, None),
        (10, "Endah", reject_task, HOSTILE),
        (11, "Sinta", complete_task, None),
    ):
        staffed.at = wib(day, 10, 30, 5)
        staffed.do(who, use_case, staffed.task(case_id).id, text)
    staffed.do("Sari", cancel_case, case_id, "sudah tidak perlu")
    return case_id


def _html(file: Json) -> str:
    return CaseFile(file, Calendar(Zone.WIB)).html()


def test_the_procedure_is_short_and_needs_the_standard_library_only() -> None:
    lines = [line for line in _procedure().splitlines() if line.strip()]
    assert len(lines) <= 20
    imported = [line for line in lines if "import" in line]
    assert imported == ["import hashlib, json, sys"]


def test_an_exported_case_verifies_and_has_the_fingerprint_of_its_closing_message(
    staffed: Town, case_id: int, check: Callable[[str], Check]
) -> None:
    file = staffed.run(case_file, case_id)
    fingerprint = chain.fingerprint(staffed.case(case_id).head)
    for content in (_html(file), embedded(file)):
        assert check(content) == (0, f"UTUH, sidik jari {fingerprint}")
    staffed.deliver()
    staffed.at = wib(12, 8)
    told = [mail.text for mail in staffed.mail if "dihentikan oleh" in mail.text and "Sidik jari riwayat" in mail.text]
    assert told
    assert all(f"<code>{fingerprint}</code>" in text for text in told)


Tamper = Callable[[Json], object]


def _put(path: Sequence[Any], value: object) -> Tamper:
    """Return what writes a value at a place of the file."""

    def tamper(file: Json) -> None:
        inner: Any = file
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value

    return tamper


def _shuffle(place: int, *, drop: bool = False, double: bool = False) -> Tamper:
    """Return what drops or doubles an event, or swaps it with the next one."""

    def tamper(file: Json) -> None:
        events = file["events"]
        if double:
            events.insert(place, events[place - 1])
        elif drop:
            del events[place]
        else:
            events.insert(place, events.pop(place + 1))

    return tamper


def _tampered(file: Json) -> list[tuple[str, Tamper]]:
    """Return what the procedure must say, and what was done to a copy of the file."""
    last = len(file["events"])
    wrong: list[tuple[str, Tamper]] = [
        ("isi SOP diubah", lambda f: f["sop"].update(name="lain")),
        (f"peristiwa {last} hilang", lambda f: f["events"].pop()),
        (f"peristiwa {last - 2} hilang", lambda f: f["events"].__delitem__(slice(last - 3, None))),
        (f"peristiwa {last + 1} hilang", lambda f: f.update(head="0" * 64)),
        ("peristiwa 1 hilang", lambda f: f["events"].clear()),
    ]
    wrong += [("peristiwa 1", _put(["identity", key], "lain")) for key in ("office", "code", "title")]
    for place in range(last):
        said = f"peristiwa {place + 1}"
        for key in ("previous", "number", "at", "kind", "by", "data", "hash", "slipped in"):
            wrong.append((said, _put(["events", place, key], "lain")))
        wrong.append((said, _shuffle(place, double=True)))
        if place < last - 1:
            wrong += [(said, _shuffle(place, drop=True)), (said, _shuffle(place))]
    return wrong


def test_whatever_is_altered_in_the_file_the_procedure_names_the_first_wrong_event(
    staffed: Town, case_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["verifikasi.py", "berkas.html"])
    file = staffed.run(case_file, case_id)
    program = compile(_procedure(), "verifikasi.md", "exec")
    wrong = _tampered(file)
    assert len(wrong) > 80
    for said, tamper in wrong:
        copy = json.loads(json.dumps(file))
        tamper(copy)
        assert _run_here(program, embedded(copy)) == f"SALAH: {said}"


def _run_here(program: Any, content: str) -> object:
    """Run the procedure without a process of its own: there are too many files to be checked."""

    class File:
        def read(self) -> str:
            return content

    words: dict[str, Any] = {"open": lambda *_, **__: File(), "print": lambda *_: None}
    with pytest.raises(SystemExit) as ended:
        exec(program, words)  # noqa: S102 - the document that is tested
    return ended.value.code


class _Page(HTMLParser):
    """What a browser would make of the page: which elements, and the text a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        assert not any(name.startswith("on") or name in {"src", "href"} for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_hostile_words_stay_words(staffed: Town, case_id: int) -> None:
    html = _html(staffed.run(case_file, case_id))
    page = _Page(html)
    assert page.elements.count("script") == 1
    assert {"img", "iframe", "link", "object"}.isdisjoint(page.elements)
    assert "default-src 'none'" in html
    seen = "".join(page.texts)
    words = "</script><script>alert(1)</script><!-- <b>&amp;' \" ]]> \\ é 🙂\nbaris dua"
    assert seen.count(words) == 3  # title, note and reason
    assert "\u202e" not in html


@given(st.recursive(st.text(st.characters(exclude_categories=[])) | st.none(), lambda v: st.lists(v, max_size=3)))
def test_any_json_can_stand_inside_the_page_and_comes_back(value: object) -> None:
    text = embedded({"x": value})
    assert not set(text) & set("<>&")
    text.encode("ascii")
    assert json.loads(text) == {"x": value}


def test_the_page_reads_as_a_record_of_the_case(staffed: Town, case_id: int) -> None:
    seen = " ".join("".join(_Page(_html(staffed.run(case_file, case_id))).texts).split())
    assert "Dinas Pariwisata Riwayat Berkas PK-2026-001" in seen
    assert "Berkas dimulai oleh Sari (Sekretariat)." in seen
    assert "Langkah 1 diberikan kepada Staf, jatuh tempo Senin, 9 November 2026, 10.00.00 WIB." in seen
    assert "Langkah 1: bagian Sinta (Staf) dilaporkan selesai." in seen
    assert "Langkah 2 ditolak oleh Endah (Bendahara) dan dikembalikan ke langkah 1. Alasan:" in seen
    assert "Langkah 1 (putaran 2) diberikan kepada Staf" in seen
    assert "Berkas dihentikan oleh Sari (Sekretariat). Alasan: sudah tidak perlu" in seen
    assert "2 jam 30 menit dari 2 jamterlambat" in seen
    assert "BerakhirRabu, 11 November 2026, 10.30.05 WIB" in seen


def test_a_log_that_does_not_hold_is_handed_out_as_it_is_and_says_so(
    staffed: Town, case_id: int, check: Callable[[str], Check]
) -> None:
    third = update(EventRow).where(EventRow.case_id == case_id, EventRow.number == 3)
    changes: list[Json] = [{"data": []}, {"kind": "Unknown", "data": {"step": {"x": 1}, "posts": 7}}]
    for values in changes:
        change = third.values(**values)
        staffed.store.run_now(Session.execute, change)
        file = staffed.run(case_file, case_id)
        assert file["problem"] == {"what": "altered", "event": 3}
        html = _html(file)
        assert "Riwayat ini tidak utuh." in html
        assert check(html) == (1, "SALAH: peristiwa 3")


def test_who_was_forgotten_has_no_name_and_the_file_verifies_as_before(
    staffed: Town, case_id: int, check: Callable[[str], Check]
) -> None:
    before = check(_html(staffed.run(case_file, case_id)))
    staffed.run(forget, staffed.person_id("Sinta"))
    html = _html(staffed.run(case_file, case_id))
    assert "Sinta" not in html
    assert f"bagian {label('person.forgotten')} (Staf) dilaporkan selesai" in html
    assert check(html) == before


def test_a_case_that_runs_can_be_exported_too(staffed: Town, check: Callable[[str], Check]) -> None:
    case_id = staffed.starts()
    code, said = check(_html(staffed.run(case_file, case_id)))
    assert (code, said.partition(", ")[0]) == (0, "UTUH")
    assert staffed.rows(CaseRow)[0].code == "PK-2026-001"
