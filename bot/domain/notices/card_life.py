"""Notices: a card's whole life: accepted, noted, put off, given more time, undone, claimed and released."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "AcceptRecorded",
    "AskNote",
    "AskOwnTime",
    "AskTimeReason",
    "ChooseMoreTime",
    "DecideTime",
    "NotClaimed",
    "NoteRecorded",
    "NothingToPutOff",
    "OthersDecide",
    "RemindersPutOff",
    "RequestOver",
    "RequestWaits",
    "TakenBack",
    "TimeAsked",
    "TimeDecided",
    "UndoDone",
    "UndoRefused",
]


@dataclass(frozen=True, slots=True)
class AcceptRecorded(Notice):
    """Answer to *Terima*: it is noted, and the sekretariat can see it."""

    task_id: int


@dataclass(frozen=True, slots=True)
class AskNote(Notice):
    """What is to be noted on the task? My next text is the answer."""

    question_id: int


@dataclass(frozen=True, slots=True)
class NoteRecorded(Notice):
    """Answer to a note: it is kept, and who will read it."""

    task_id: int


@dataclass(frozen=True, slots=True)
class RemindersPutOff(Notice):
    """Answer to *Ingatkan nanti*: no reminder before ``until`` (ISO, UTC; empty: the deadline)."""

    task_id: int
    until: str = ""


@dataclass(frozen=True, slots=True)
class NothingToPutOff(Notice):
    """The reminders of this task cannot be put off: it is held, or not the recipient's any more."""

    task_id: int


@dataclass(frozen=True, slots=True)
class ChooseMoreTime(Notice):
    """How much more time? One button each, the last one for an amount of one's own."""

    question_id: int


@dataclass(frozen=True, slots=True)
class AskOwnTime(Notice):
    """How much more time, in words? My next text is the answer; ``again``: the last one was none."""

    question_id: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class AskTimeReason(Notice):
    """Why is more time needed? My next text is the answer."""

    question_id: int


@dataclass(frozen=True, slots=True)
class TimeAsked(Notice):
    """Answer to whoever asked for more time: who decides, or that nobody can yet."""

    task_id: int


@dataclass(frozen=True, slots=True)
class DecideTime(Notice):
    """To each of the sekretariat: somebody asks for more time. Two buttons; later who decided what."""

    question_id: int


@dataclass(frozen=True, slots=True)
class TimeDecided(Notice):
    """To whoever asked for more time: what was decided on their ``number``-th request for the task."""

    task_id: int
    number: int = 1


@dataclass(frozen=True, slots=True)
class OthersDecide(Notice):
    """Nobody decides on their own request while others of the sekretariat can; who they are."""

    task_id: int


@dataclass(frozen=True, slots=True)
class UndoDone(Notice):
    """Answer to *Urungkan*: the task is open again, until when."""

    task_id: int


@dataclass(frozen=True, slots=True)
class TakenBack(Notice):
    """To whoever was told of a rejection or of a case's end: it was taken back. ``what``: ``rejection`` or ``end``."""

    task_id: int
    what: str = "rejection"


@dataclass(frozen=True, slots=True)
class UndoRefused(Notice):
    """Nothing can be taken back. ``why``: ``late``, ``acted`` (by the next holder) or ``changed``."""

    task_id: int
    why: str = "changed"


@dataclass(frozen=True, slots=True)
class RequestOver(Notice):
    """The request for more time was decided already, or there was none."""

    task_id: int


@dataclass(frozen=True, slots=True)
class RequestWaits(Notice):
    """A request for more time waits for its decision."""

    task_id: int


@dataclass(frozen=True, slots=True)
class NotClaimed(Notice):
    """The recipient has not claimed this task; who has."""

    task_id: int
