"""What the auditor can find, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """What does not fit. Each has its words in ``[finding]`` of the labels."""

    LOG = "log"  # the event log itself: cut, altered, doubled, or not a way through the SOP
    CASE = "case"  # the case's row
    TASK_MISSING = "task_missing"
    TASK_EXTRA = "task_extra"
    TASK = "task"  # step, round, given, ended or outcome
    TASK_DUE = "task_due"  # the row's deadline is not the log's
    DEADLINE = "deadline"  # the log's deadline is not what budget and calendar give
    REPORT = "report"  # which posts a task waits for, and who reported when
    REMINDER_MISSING = "reminder_missing"
    REMINDER_EXTRA = "reminder_extra"
    REMINDER_MOVED = "reminder_moved"
    REMINDER_OVERDUE = "reminder_overdue"
    REMINDER_OPEN = "reminder_open"  # still pending although its task has ended
    RECEIPT_MISSING = "receipt_missing"
    RECEIPT_EXTRA = "receipt_extra"
    CARD_MISSING = "card_missing"
    CARD_UNSENT = "card_unsent"
    CARD_STALE = "card_stale"  # still shows an ended task as open
    OUTBOX_STUCK = "outbox_stuck"


@dataclass(frozen=True, slots=True)
class Found:
    """One difference. ``subject`` names the thing (``task:7``, ``reminder:3/person:9``) and is unique within a kind.

    ``detail`` holds JSON values: what was expected and what is there, ids only.
    """

    kind: Kind
    subject: str
    office_id: str | None = None
    case_id: int | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
