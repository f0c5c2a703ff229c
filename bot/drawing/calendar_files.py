"""Calendar files (iCalendar, RFC 5545): one event for each deadline."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from icalendar import Calendar, Event

if TYPE_CHECKING:
    from bot.drawing.paper import Paper

_PRODUCT = "-//sop-bot//SOP//ID"


def calendar_file(paper: Paper) -> bytes:
    """Return the file of ``events``: uid, sequence, start, end, summary, description, tentative; ``made``, ``name``.

    Moments are ISO with an offset, and leave in UTC. The library escapes what people typed. An event that is sent
    again with its uid and a higher sequence takes the place of the earlier one. Raises KeyError or ValueError.
    """
    data = json.loads(paper.data)
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", data["name"])
    for known in data["events"]:
        event = Event()
        event.add("uid", known["uid"])
        event.add("sequence", known["sequence"])
        event.add("dtstamp", _utc(data["made"]))
        event.add("dtstart", _utc(known["start"]))
        event.add("dtend", _utc(known["end"]))
        event.add("summary", known["summary"])
        event.add("description", known["description"])
        event.add("status", "TENTATIVE" if known["tentative"] else "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    file: bytes = calendar.to_ical()
    return file


def _utc(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(UTC)
