"""What a case's log says happened: read row by row against the definition, without the case engine.

Whatever does not follow from what came before raises Misfit: then the log is the finding, and
nothing can be derived from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from bot.domain import chain
from bot.services.auditor.readers import READERS, undone
from bot.services.auditor.told import CaseRead, Misfit, Said, TaskRead, must
from bot.store.chains import passed

if TYPE_CHECKING:
    from bot.domain.sop import Sop

__all__ = ["CaseRead", "Misfit", "TaskRead", "read_log"]

_ALWAYS = {"running", "finished", "cancelled"}
_LATE = {"Undone": {"running", "finished"}, "DecisionObjected": _ALWAYS, "CaseSealed": _ALWAYS}
"""What may still follow the end of a case."""

_CONSEQUENCES = {"PartDone", "StepRejected", "StepDone", "TaskGiven", "CaseFinished"}
"""A word and what follows from it at once: anything else ends the time in which it can be taken back."""


def read_log(entries: Sequence[chain.Entry], sop: Sop, genesis: str) -> CaseRead:
    """Return what the log says; raises Misfit. ``genesis`` is the hash the first event stands on."""
    case, walk = CaseRead(sop), chain.Walk(genesis)
    for number, entry in enumerate(entries, 1):
        broken = passed(walk, entry)
        if broken is not None:
            raise Misfit(broken.number, broken.fault.value)
        try:
            event = _said(entry)
            must(case.status in _LATE.get(event.kind, {"running"}) and case.following in {"", event.kind})
            case.following = ""
            memory = case.memory
            if event.kind not in _CONSEQUENCES:
                case.memory = None
            if event.kind == "Undone":
                undone(case, event, memory)
            else:
                READERS[event.kind](case, event)
        except (LookupError, StopIteration, TypeError, ValueError) as error:
            raise Misfit(number, "order") from error
    if case.following:
        raise Misfit(len(entries) + 1, "cut")
    return case


def _said(entry: chain.Entry) -> Said:
    """Return a typed event; raises ValueError: whoever forges can compute a hash of anything."""
    number, at, kind, by, data = entry.number, entry.at, entry.kind, entry.by, entry.data
    whole = isinstance(number, int) and isinstance(kind, str) and isinstance(data, Mapping)
    if not (whole and at is not None and isinstance(by, int | None)):
        raise ValueError(number)
    return Said(cast("int", number), at, cast("str", kind), by, cast("Mapping[str, Any]", data))
