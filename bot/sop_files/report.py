"""What ``sop-bot check`` tells a person: every problem, and what each office has yet to confirm."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bot.sop_files.keys import OFFICE_FIELDS, POST_FIELDS, SOP_FIELDS, STEP_FIELDS, field_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.sop import Field, Reading, Sop
    from bot.sop_files.calendars import Calendars
    from bot.sop_files.loader import Loaded


def report_lines(loaded: Loaded) -> list[str]:
    """Return the report in Indonesian, line by line, without line ends."""
    return [
        *_file_lines(loaded),
        *_problem_lines(loaded),
        *(line for sop in loaded.sops for line in _sop_lines(sop)),
        *_calendar_lines(loaded.calendars),
        "",
        _summary(loaded),
    ]


def unconfirmed(sop: Sop) -> list[tuple[str, tuple[str, ...]]]:
    """Return what needs confirming as (place, Indonesian keys): ``("langkah 3", ("pelaksana",))``."""
    return [(place, words) for place, words in _places(sop) if words]


def _places(sop: Sop) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "SOP", _words(SOP_FIELDS, sop.reading)
    yield "instansi", _words(OFFICE_FIELDS, sop.office.reading)
    for post in sop.posts:
        yield f"pelaksana {post.id}", _words(POST_FIELDS, post.reading)
    for step in sop.steps:
        yield f"langkah {step.number}", _words(STEP_FIELDS, step.reading)


def _words(fields: dict[str, Field], reading: Reading) -> tuple[str, ...]:
    return tuple(field_word(fields, field) for field in reading.unconfirmed)


def _file_lines(loaded: Loaded) -> list[str]:
    problems = Counter(problem.file for problem in loaded.problems)
    return [f"{file}: {f'{problems[file]} masalah' if problems[file] else 'baik'}" for file in loaded.files]


def _problem_lines(loaded: Loaded) -> list[str]:
    if not loaded.problems:
        return []
    return [
        "",
        "Masalah yang harus diperbaiki:",
        *(f"{problem.file}:{problem.line}: {problem.message}" for problem in loaded.problems),
    ]


def _sop_lines(sop: Sop) -> list[str]:
    heading = f"{sop.id} — {sop.name}, {sop.office.name}: {len(sop.steps)} langkah"
    places = unconfirmed(sop)
    if not places:
        return ["", f"{heading}, tidak ada yang perlu verifikasi"]
    return ["", f"{heading}, perlu verifikasi:", *(f"  {place}: {', '.join(words)}" for place, words in places)]


def _calendar_lines(calendars: Calendars | None) -> list[str]:
    """Return what is uncertain about the years that have a file and the one after, which needs one next."""
    if calendars is None or not calendars.years:
        return []
    notes = calendars.notes([*calendars.years, max(calendars.years) + 1])
    return ["", "Kalender, perlu verifikasi:", *(f"  {note}" for note in notes)] if notes else []


def _summary(loaded: Loaded) -> str:
    open_points = sum(len(words) for sop in loaded.sops for _, words in unconfirmed(sop))
    return (
        f"Ringkasan: {len(loaded.files)} berkas diperiksa, {len(loaded.sops)} SOP dapat dijalankan, "
        f"{len(loaded.problems)} masalah, {open_points} hal perlu verifikasi."
    )
