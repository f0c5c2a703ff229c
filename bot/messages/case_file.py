"""A case's file as a page to be read and printed, with the file itself inside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.domain import chain
from bot.domain.budget import Budget, Unit
from bot.messages.attachments import file_size
from bot.messages.dates import waktu, worked
from bot.messages.labels import join, label
from bot.messages.limits import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.worktime import Calendar

DOCUMENTS = Path(__file__).with_name("documents")
_LONGEST, _LINES = 20_000, 200
_ENDS = {"StepDone": "done", "StepRejected": "rejected", "CaseReturned": "returned", "CaseCancelled": "cancelled"}
_MOVES = {"TimeGranted", "DeadlineMoved", "CaseResumed"}
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One event; ``kind`` chooses its words where it has none yet. ``raw`` is for one that nobody understands."""

    number: object
    at: datetime | None
    kind: str
    fingerprint: str
    who: str
    step: object
    to_step: object
    round: object
    due: datetime | None
    text: str
    raw: str
    words: str = ""


@dataclass(slots=True)
class Leg:
    """One activation of a step, with the working time it took against its budget."""

    step: object
    round: object
    activity: str
    posts: str
    given: datetime
    due: datetime
    ended: datetime | None = None
    outcome: str = "running"
    used: timedelta = timedelta()
    budget: timedelta = timedelta()


class CaseFile:
    """The file of one case (see bot.services.evidence.export), on the office's clock."""

    def __init__(self, file: Json, calendar: Calendar) -> None:
        """Take the file and the calendar that working time is counted by."""
        self.file = file
        self._calendar = calendar
        sop = file["sop"] if isinstance(file["sop"], dict) else {}
        events = [event for event in file["events"] if isinstance(event["data"], dict)]
        self._given = {str(e["data"].get("task")): e["data"].get("step") for e in events if e["kind"] == "TaskGiven"}
        self._steps: dict[str, Json] = {str(step["number"]): step for step in sop.get("steps", [])}

    def html(self) -> str:
        """Return the page; whatever people wrote is escaped."""
        legs = self._legs()
        ended = [leg for leg in legs if leg.ended]
        values = {
            "file": self.file,
            "sop": self.file["sop"] if isinstance(self.file["sop"], dict) else {},
            "lines": [self._line(event) for event in self.file["events"]],
            "legs": legs,
            "used": worked(sum((leg.used for leg in ended), timedelta())),
            "budget": worked(sum((leg.budget for leg in ended), timedelta())),
            "title": self.clean(self.file["identity"]["title"]),
            "started": self._local(self.file["case"]["started_at"]),
            "ended": self._local(self.file["case"]["ended_at"]),
            "exported": self._local(self.file["exported_at"]),
            "json": Markup(embedded(self.file)),  # noqa: S704 - nothing in it can end the element it stands in
        }
        return _environment().get_template("case_file.html.j2").render(values)

    @staticmethod
    def clean(text: object) -> str:
        """Return text from people fit to stand in the page."""
        return shorten(str(text), _LONGEST, lines=_LINES)

    def who(self, person: object, posts: object, data: Mapping[str, Any] | None = None) -> str:
        """Return a person in their capacity; ``data`` of an event tells what they held as Plh or Plt."""
        name = self.clean(self.file["people"].get(str(person), person))
        held = self._posts(posts, data or {})
        return label("person.at_post", person=name, post=held) if held else name

    def _posts(self, posts: object, data: Mapping[str, Any] | None = None) -> str:
        known = posts if isinstance(posts, list) else [posts]
        return join([self._post(post, data or {}) for post in known])

    def _post(self, post: object, data: Mapping[str, Any]) -> str:
        name = self.clean(self.file["posts"].get(str(post), post))
        listed = {kind: data.get(kind) for kind in ("standin", "acting")}
        kinds = (kind for kind, posts in listed.items() if isinstance(posts, list) and post in posts)
        return label(f"held.{next(kinds, 'definitive')}", post=name)

    def _line(self, event: Json) -> Line:
        data = event["data"] if isinstance(event["data"], dict) else {}
        posts = data.get("posts") or ([data["capacity"]] if "capacity" in data else [])
        who = self._acted(event["by"], posts, data)
        return Line(
            number=event["number"],
            at=self._local(event["at"]),
            kind=str(event["kind"]),
            fingerprint=chain.fingerprint(str(event["hash"])),
            who=who,
            step=data.get("step"),
            to_step=data.get("to_step"),
            round=data.get("round", 1),
            due=self._local(data.get("due_at")),
            text=self._text(data),
            raw=self.clean(json.dumps(data, ensure_ascii=True)),
            words=self._words(str(event["kind"]), data, who),
        )

    def _acted(self, by: object, posts: object, data: Mapping[str, Any]) -> str:
        """Return who did something; of a recorded decision whose it is, and who recorded it."""
        if by is None:
            return self._holders(data.get("step"))
        decider = data.get("on_behalf_of")
        if decider is None:
            return self.who(by, posts, data)
        recorded = label("behalf.recorded", who=self.who(by, []), medium=str(data.get("medium", "")))
        return self.who(decider, posts, data) + recorded

    def _text(self, data: Mapping[str, Any]) -> str:
        """Return what somebody wrote, or which file they attached."""
        known = self.file.get("attachments")
        file = known.get(str(data.get("attachment"))) if isinstance(known, dict) else None
        if isinstance(file, dict):
            size = file_size(file["size"]) if isinstance(file.get("size"), int) else ""
            name = file.get("name") or label("attachments.photo" if file.get("photo") else "attachments.nameless")
            return self.clean(label("attachments.line", name=name, size=size, sha256=file.get("sha256") or ""))
        return self.clean(data.get("reason") or data.get("note") or data.get("remark") or "")

    def _words(self, kind: str, data: Mapping[str, Any], who: str) -> str:
        """Return what an event is in words; empty for one that the page has its own words for, or nobody knows."""
        values: dict[str, object] = {"who": who, "step": self._step_of(data), "to_step": data.get("to_step")}
        values["amount"] = self._amount(data)
        values |= {end: self._posts(data.get(end) or []) for end in ("from_post", "to_post")}
        try:
            return label(f"document.{kind}", **values)
        except KeyError:
            return ""

    def _step_of(self, data: Mapping[str, Any]) -> str:
        known = self._given.get(str(data.get("task")), data.get("step"))
        return label("step.short", number=known if known is not None else "–")

    @staticmethod
    def _amount(data: Mapping[str, Any]) -> str:
        try:
            return waktu(Budget(int(data.get("amount", 0)), Unit(str(data.get("unit")))))
        except (TypeError, ValueError):
            return str(data.get("amount", ""))

    def _holders(self, step: object) -> str:
        return self._posts(self._steps.get(str(step), {}).get("posts", []))

    def _legs(self) -> list[Leg]:
        """Return the activations in order; what the log leaves out, or has wrong, leaves its place empty."""
        legs: dict[str, Leg] = {}
        newest: Leg | None = None
        for event in self.file["events"]:
            data = event["data"] if isinstance(event["data"], dict) else {}
            # What was entered late counts from when it really was.
            at = self._local(data.get("real_at") or data.get("since") or event["at"])
            due = self._local(data.get("due_at"))
            if event["kind"] == "TaskGiven" and at and due:
                newest = legs[str(data.get("task"))] = self._leg(data, at, due)
            leg = newest if event["kind"] == "CaseCancelled" else legs.get(str(data.get("task")))
            if event["kind"] in _MOVES and leg is not None and due:
                leg.due = due
            if event["kind"] == "Undone" and at:
                _undo(leg, legs.get(str(data.get("withdrawn"))), at)
            if event["kind"] in _ENDS and leg is not None and at:
                leg.ended, leg.outcome = at, _ENDS[event["kind"]]
                leg.used = self._calendar.between(leg.given, at)
        return list(legs.values())

    def _leg(self, data: Mapping[str, Any], given: datetime, due: datetime) -> Leg:
        step = self._steps.get(str(data.get("step")), {})
        budget = self._calendar.between(given, due)
        posts = self._posts(step.get("posts", []))
        return Leg(
            data.get("step"), data.get("round"), self.clean(step.get("activity", "")), posts, given, due, budget=budget
        )

    def _local(self, iso: object) -> datetime | None:
        try:
            return self._calendar.local(datetime.fromisoformat(str(iso)))
        except ValueError:
            return None


def _undo(leg: Leg | None, withdrawn: Leg | None, at: datetime) -> None:
    """Open a leg again; what had followed it is void and took no time."""
    if withdrawn is not None:
        withdrawn.ended, withdrawn.outcome, withdrawn.budget = at, "withdrawn", timedelta()
    if leg is not None:
        leg.ended, leg.outcome, leg.used = None, "running", timedelta()


def embedded(file: Json) -> str:
    """Return the file as JSON that can stand inside an HTML page: it holds no sign that means something there."""
    text = json.dumps(file, ensure_ascii=True, indent=1)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(DOCUMENTS),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["worked"] = worked
    environment.globals["label"] = label
    return environment
