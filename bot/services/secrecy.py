"""What is written about a secret case is not kept: Telegram is no place for it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from bot.domain.case import AddNote, Attach, Complete, Reject
from bot.domain.notices import SecretWithheld
from bot.services.work import Refusal

if TYPE_CHECKING:
    from bot.domain.case import Command
    from bot.store.tables import CaseRow

SEALED = "(rahasia)"
"""What stands in the log in place of a text about a secret case."""


def sealed(case: CaseRow, command: Command) -> Command:
    """Return the command as it may be recorded; of a secret case no text. Raises Refusal for notes and files."""
    if not case.secret:
        return command
    if isinstance(command, AddNote | Attach):
        raise Refusal(SecretWithheld(case.id))
    prose = {f.name for f in fields(command)} & {"reason", "note"}
    said: dict[str, Any] = {name: SEALED for name in prose if getattr(command, name)}
    if isinstance(command, Reject):
        said["missing"] = ()
    if isinstance(command, Complete | Reject) and command.origin is not None and command.origin.remark:
        said["origin"] = replace(command.origin, remark=SEALED)
    return replace(command, **said)
