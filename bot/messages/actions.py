"""Callback data: the one place that writes and reads it. Short, versioned, ids only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

VERSION = "1"
_SHAPE = re.compile(r"1:([a-z]+):([0-9]{1,18})(?::([0-9]{1,4}))?")  # \d would take digits of every script


class Verb(StrEnum):
    """What a button does; the subject's kind is stated beside each."""

    DONE = "done"  # task
    REJECT = "reject"  # task
    DETAIL = "detail"  # task
    HISTORY = "history"  # case, page
    SOP = "sop"  # sop version row
    SOP_PICTURE = "soppicture"  # sop version row, place in SHAPES
    PICTURE = "picture"  # case, place in SHAPES
    PICK = "pick"  # question, index of the option
    REMOVE = "remove"  # holding
    CLAIM = "claim"  # task
    RELEASE = "release"  # task
    MORE = "more"  # task: its card with every button
    LESS = "less"  # task: its card compact again
    HOLD = "hold"  # task: it waits for somebody outside the office
    RESUME = "resume"  # task
    CHECKLIST = "checklist"  # task
    TICK = "tick"  # task, item
    UNTICK = "untick"  # task, item
    LACK = "lack"  # question for the reason of a rejection, item that is missing
    UNLACK = "unlack"  # the same question, item that is not
    SEND = "send"  # the same question
    ATTACH = "attach"  # task
    FILES = "files"  # case, page
    FILE = "file"  # attachment
    OBJECT = "object"  # the place of what was told to have been recorded
    MEETING = "meeting"  # nothing: keep my messages back
    MEETING_OVER = "meetingover"  # nothing
    ACCEPT = "accept"  # task
    NOTE = "note"  # task
    LATER = "later"  # task
    MORE_TIME = "moretime"  # task
    GRANT = "grant"  # task, which of its requests
    REFUSE_TIME = "refusetime"  # task, which of its requests
    UNDO = "undo"  # task
    SOP_DOCUMENT = "sopdocument"  # sop version row
    PAPERS = "papers"  # task: its card, its case and its files


SHAPES = ("tall", "wide", "pdf")
"""In which shape a picture is sent: for phones, as it is printed, and to be printed."""

CARD_VERBS = frozenset(
    {
        Verb.DONE,
        Verb.REJECT,
        Verb.MORE,
        Verb.LESS,
        Verb.ACCEPT,
        Verb.NOTE,
        Verb.LATER,
        Verb.MORE_TIME,
        Verb.UNDO,
    }
)
"""Pressed on a task's card (the subject is the task): one that is refused brings the card up to date."""


@dataclass(frozen=True, slots=True)
class Action:
    """A verb on one row (``subject`` is its id), with an optional small number."""

    verb: Verb
    subject: int
    extra: int | None = None

    def data(self) -> str:
        """Return the callback data; at most 64 bytes by construction."""
        tail = "" if self.extra is None else f":{self.extra}"
        return f"{VERSION}:{self.verb}:{self.subject}{tail}"


def parse(data: str) -> Action | None:
    """Return the action of a button, or None for data this version never wrote."""
    match = _SHAPE.fullmatch(data)
    if match is None or match[1] not in set(Verb):
        return None
    return Action(Verb(match[1]), int(match[2]), int(match[3]) if match[3] else None)
