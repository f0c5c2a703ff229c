"""``sop-bot office show|preview|apply``: what an office has set, and its file."""

from __future__ import annotations

import argparse
from difflib import ndiff
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.common import FINE, REFUSED, Commands, Refused, command, complain, group, opened, read_bytes
from bot.console import console
from bot.domain.office_rules import DEFAULT_RULES
from bot.messages.dates import Clock as Dates
from bot.messages.dates import length
from bot.services.change_rules import RulesRefusedError, apply_rules, preview
from bot.services.office_rules import setting_of
from bot.sop_files.office_file import read_office
from bot.sop_files.office_text import office_lines
from bot.sop_files.offices import problems_of
from bot.store.tables import CaseRow, OfficeSettingRow, PersonRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.domain.office_rules import OfficeRules
    from bot.domain.sop import Office
    from bot.services.moving_deadlines import Move
    from bot.services.work import Work
    from bot.settings import Settings
    from bot.sop_files.office_file import OfficeFile


def add(commands: Commands) -> None:
    """Add the commands."""
    office = group(commands, "office", "office.about")
    show = command(office, "show", _show, "office.show")
    show.add_argument("instansi", metavar="INSTANSI", help=console("office.id"))
    command(office, "preview", _preview, "office.preview").add_argument(
        "file", type=Path, metavar="FILE", help=console("office.file")
    )
    apply = command(office, "apply", _apply, "office.apply")
    apply.add_argument("file", type=Path, metavar="FILE", help=console("office.file"))
    apply.add_argument("--ya", action="store_true", help=console("office.yes"))


def _show(settings: Settings, chosen: argparse.Namespace) -> int:
    with opened(settings) as runner:
        lines = runner.run_now(_shown, chosen.instansi)
    print("\n".join(lines))
    return FINE


def _shown(work: Work, office_id: str) -> list[str]:
    office = _office(work, office_id)
    setting = setting_of(work, office_id)
    in_file = work.library.rules.get(office_id, DEFAULT_RULES)
    lines = [_origin(work, office, setting.version), *office_lines(office_id, setting.rules)]
    differing = list(_difference(office_id, setting.rules, in_file)) if office_id in work.library.rules else []
    if differing:
        lines.append(console("office.other_file"))
    return [*lines, *(console("office.difference", line=line) for line in differing)]


def _origin(work: Work, office: Office, version: int) -> str:
    if version == 0:
        return console("office.from_file" if office.id in work.library.rules else "office.from_nothing")
    row = work.session.get_one(OfficeSettingRow, (office.id, version))
    by = work.session.get_one(PersonRow, row.by).name if row.by is not None else ""
    at = Dates(work.calendar_for(office), work.at).moment(row.at)
    return console("office.from_chat", version=version, at=at, by=" ".join(by.split()))


def _office(work: Work, office_id: str) -> Office:
    offices = work.offices()
    if office_id not in offices:
        raise Refused(console("office.unknown", value=office_id, known=", ".join(sorted(offices))))
    return offices[office_id]


def _difference(office_id: str, now: OfficeRules, other: OfficeRules) -> Iterator[str]:
    lines = ndiff(office_lines(office_id, now), office_lines(office_id, other))
    return (line for line in lines if line[0] in "+-")


def _preview(settings: Settings, chosen: argparse.Namespace) -> int:
    with opened(settings) as runner:
        lines, _ = runner.run_now(_meaning, chosen.file)
    print("\n".join(lines))
    return FINE


def _apply(settings: Settings, chosen: argparse.Namespace) -> int:
    with opened(settings) as runner:
        lines, changes = runner.run_now(_carry_out if chosen.ya else _meaning, chosen.file)
    print("\n".join(lines))
    if chosen.ya or not changes:
        return FINE
    return complain(console("office.confirm", file=chosen.file), code=REFUSED)


def _meaning(work: Work, path: Path) -> tuple[list[str], bool]:
    """Return in lines what a file would change, and whether it changes anything."""
    file, office = _read(work, path)
    now = setting_of(work, office.id).rules
    if file.rules == now:
        return [console("office.same", office=office.name)], False
    try:
        moves = preview(work, office.id, file.rules)
    except RulesRefusedError:
        raise Refused(console("office.impossible")) from None
    changes = _difference(office.id, now, file.rules)
    told = [console("office.changes", office=office.name), *changes]
    return [*told, *_moved(work, moves, done=False)], True


def _carry_out(work: Work, path: Path) -> tuple[list[str], bool]:
    """Apply a file; return in lines what that did."""
    file, office = _read(work, path)
    try:
        applied = apply_rules(work, office.id, file.rules, note=path.name)
    except RulesRefusedError:
        raise Refused(console("office.impossible")) from None
    if not applied.changed:
        return [console("office.same", office=office.name)], False
    done = console("office.applied", office=office.name, version=applied.version)
    return [done, *_moved(work, applied.moves, done=True)], True


def _read(work: Work, path: Path) -> tuple[OfficeFile, Office]:
    """Return what a file says; raises Refused, with every problem and its line."""
    read_bytes(path)
    file = read_office(path)
    problems = problems_of(file, tuple(work.library.sops.values()), work.library.calendars)
    if problems:
        lines = (console("office.problem", file=path, line=one.line, message=one.message) for one in problems)
        raise Refused("\n".join([console("office.broken", file=path), *lines]))
    return file, _office(work, file.office_id)


def _moved(work: Work, moves: Iterable[Move], *, done: bool) -> list[str]:
    moves = list(moves)
    return [console("office.moved", count=len(moves), done=done), *(_move(work, move) for move in moves)]


def _move(work: Work, move: Move) -> str:
    case = work.session.get_one(CaseRow, move.case_id)
    dates = Dates(work.calendar_of(case), work.at)
    before, after = dates.brief(move.before), dates.brief(move.after)
    values = {"code": case.code, "before": before, "after": after, "by": length(move.by), "earlier": move.earlier}
    return console("office.move", **values)
