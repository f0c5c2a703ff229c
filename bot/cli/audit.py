"""``sop-bot audit verify|export``: whether the logs of cases are as they were written."""

from __future__ import annotations

import argparse
import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot.app import read_library
from bot.cli.common import (
    FINE,
    REFUSED,
    Commands,
    Refused,
    command,
    complain,
    group,
    refuse_missing,
    refuse_other_schema,
)
from bot.clock import SystemClock
from bot.console import console
from bot.domain.codes import normalise
from bot.messages.case_file import CaseFile, embedded
from bot.services.evidence.digests import SHORTEST, Match, bare, cases_with, compare_case, compare_office
from bot.services.evidence.export import Json, case_file
from bot.services.evidence.log import Problem, Scope, Wrong
from bot.services.evidence.verify import Tally, verify
from bot.services.work import Runner
from bot.store.database import Store
from bot.store.migrate import known_revision
from bot.store.snapshot import open_reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.services.work import Work
    from bot.settings import Settings


def add(commands: Commands) -> None:
    """Add the commands."""
    audit = group(commands, "audit", "audit.audit")
    verifying = command(audit, "verify", _verify, "audit.verify")
    verifying.add_argument("codes", nargs="*", metavar="KODE", help=console("audit.codes"))
    verifying.add_argument("--instansi", metavar="ID", help=console("audit.only_office"))
    verifying.add_argument(
        "--sidik-jari", nargs="+", default=[], action="extend", metavar="KODE=SIDIKJARI", help=console("audit.claim")
    )
    exporting = command(audit, "export", _export, "audit.export")
    exporting.add_argument("code", metavar="KODE", help=console("audit.code"))
    exporting.add_argument("--instansi", metavar="ID", help=console("audit.office"))
    exporting.add_argument("--ke", type=Path, default=Path(), metavar="FOLDER", help=console("audit.to"))
    exporting.add_argument("--timpa", action="store_true", help=console("audit.overwrite"))


@contextmanager
def _looking(settings: Settings) -> Iterator[Runner]:
    """Open the database as it is: an auditor's copy may be read-only, and looking must change nothing."""
    refuse_missing(settings.database_url)
    engine = open_reader(settings.database_url)
    store = Store(engine)
    try:
        with engine.connect() as connection:
            refuse_other_schema(known_revision(connection))
        yield Runner(store, SystemClock(), read_library(settings))
    finally:
        store.close()


# --- verify ---------------------------------------------------------------------------------


def _verify(settings: Settings, chosen: argparse.Namespace) -> int:
    claims = [_claim(text) for text in chosen.sidik_jari]
    with _looking(settings) as runner:
        scope = _scope(runner, chosen.instansi, chosen.codes)
        matches, count = _compare(runner, scope, claims)
        for code in sorted(scope.codes):
            if not runner.run_now(cases_with, scope, code):
                count += _told(Problem(Wrong.UNKNOWN, scope.office or "", code))
        tally = Tally()
        count += sum(map(_told, verify(runner, scope, tally)))
    for match in matches:
        key = "audit.match" if match.code else "audit.office_match"
        print(console(key, **_values(match)))
    checked = {"cases": tally.cases, "events": tally.events, "digests": tally.digests}
    print(console("audit.wrong", count=count, **checked) if count else console("audit.sound", **checked))
    return REFUSED if count else FINE


def _told(problem: Problem) -> int:
    """Print one problem; returns 1, to be summed up."""
    print(_words(problem))
    return 1


def _words(problem: Problem) -> str:
    return console(f"audit.{problem.what}", **_values(problem))


def _values(found: Problem | Match) -> dict[str, object]:
    return {name: getattr(found, name) for name in found.__slots__}


def _claim(text: str) -> tuple[str, str]:
    """Return (case code or office id, fingerprint) from what somebody copied off a message."""
    about, _, fingerprint = text.partition("=")
    digits = bare(fingerprint)
    if not about or len(digits) < SHORTEST or set(digits) - set("0123456789abcdef"):
        raise Refused(console("audit.bad_fingerprint", value=text))
    return about.strip(), digits


def _compare(runner: Runner, scope: Scope, claims: list[tuple[str, str]]) -> tuple[list[Match], int]:
    offices = runner.run_now(lambda work: sorted(work.offices()))
    found = [
        runner.run_now(compare_office, about, fingerprint)
        if about in offices
        else runner.run_now(compare_case, _the_case(runner, scope, about), fingerprint)
        for about, fingerprint in claims
    ]
    return [one for one in found if isinstance(one, Match)], sum(
        _told(one) for one in found if isinstance(one, Problem)
    )


def _scope(runner: Runner, office: str | None, codes: list[str]) -> Scope:
    known = runner.run_now(lambda work: sorted(work.offices()))
    if office is not None and office not in known:
        raise Refused(console("audit.unknown_office", value=office, known=", ".join(known)))
    return Scope(office, frozenset(normalise(code) or code for code in codes))


def _the_case(runner: Runner, scope: Scope, typed: str) -> int:
    code = normalise(typed) or typed
    cases = runner.run_now(cases_with, scope, code)
    if not cases:
        raise Refused(console("audit.unknown_code", code=code, office=scope.office))
    if len(cases) > 1:
        raise Refused(console("audit.ambiguous", code=code, offices=", ".join(office for _, office in cases)))
    return cases[0][0]


# --- export ---------------------------------------------------------------------------------


def _export(settings: Settings, chosen: argparse.Namespace) -> int:
    with _looking(settings) as runner:
        scope = _scope(runner, chosen.instansi, [])
        found = runner.run_now(case_file, _the_case(runner, scope, chosen.code))
        office, code = str(found["identity"]["office"]), str(found["identity"]["code"])
        target = chosen.ke / _file_name(office, code) if chosen.ke.is_dir() else chosen.ke
        text = embedded(found) + "\n" if target.suffix == ".json" else runner.run_now(_page, found)
    _write(target, text, overwrite=chosen.timpa)
    print(console("audit.exported", code=code, file=target, fingerprint=found["fingerprint"]))
    print(console("audit.personal"))
    if found["problem"] is None:
        return FINE
    problem = _words(Problem(Wrong(found["problem"]["what"]), office, code, found["problem"]["event"]))
    return complain(console("audit.exported_broken", problem=problem), code=REFUSED)


def _file_name(office: str, code: str) -> str:
    # Both may have been written past the program: they must not lead to another folder.
    return re.sub(r"[^A-Za-z0-9._-]", "_", f"{office}-{code}") + ".html"


def _page(work: Work, found: Json) -> str:
    office = work.offices()[found["identity"]["office"]]
    return CaseFile(found, work.calendar_for(office)).html()


def _write(target: Path, text: str, *, overwrite: bool) -> None:
    """Write the whole file or none of it; raises Refused."""
    if target.exists() and not overwrite:
        raise Refused(console("audit.exists", file=target))
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with unfinished.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise Refused(console("audit.no_write", file=target, why=error.strerror)) from None
