"""A story as data: who is in it, and what they do when. Written in TOML, read here."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VERBS = ("says", "replies", "presses", "document", "photo", "group", "hears", "never_heard", "dark")


class StoryError(Exception):
    """The file tells no story; the text names the beat."""


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody in the story: a key for the beats, a name, and a post of the office."""

    key: str
    name: str
    post: str


@dataclass(frozen=True, slots=True)
class Beat:
    """One thing that somebody does, or is to have seen, at a moment (UTC).

    ``verb`` is one of VERBS and ``what`` its object; ``on`` is a piece of the message that it is done to, ``word``
    the caption of a file. With ``in_group`` it happens in the office's group.
    """

    at: datetime
    who: str
    verb: str
    what: Any
    on: str = ""
    word: str = ""
    in_group: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """A whole story: the SOP, the people, the office's group, and the beats in order of time."""

    sop: str
    code: str
    group: str
    opens: datetime
    roles: tuple[Role, ...]
    beats: tuple[Beat, ...]


def read_story(path: Path) -> Story:
    """Return the story of a file; raises StoryError."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    zone = ZoneInfo(data["zone"])
    roles = tuple(Role(**role) for role in data["people"])
    beats = tuple(_beats(data["day"], zone))
    if any(later.at < earlier.at for earlier, later in pairwise(beats)):
        raise StoryError("beats")
    opens = data["opens"].replace(tzinfo=zone)
    return Story(data["sop"], data["code"], data["group"], opens, roles, beats)


def _beats(days: list[dict[str, Any]], zone: ZoneInfo) -> Iterator[Beat]:
    for day in days:
        for beat in day["beats"]:
            yield _beat(day["date"], dict(beat), zone)


def _beat(day: date, beat: dict[str, Any], zone: ZoneInfo) -> Beat:
    hour, _, minute = beat.pop("at").partition(".")
    at = datetime.combine(day, time(int(hour), int(minute)), zone)
    verbs = beat.keys() & set(VERBS)
    if len(verbs) != 1:
        raise StoryError(f"{at}: {beat}")
    verb = verbs.pop()
    what = beat.pop(verb)
    if isinstance(what, datetime):
        what = what.replace(tzinfo=zone)
    return Beat(at, beat.pop("who", ""), verb, what, **beat)
