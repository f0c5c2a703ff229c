"""What the page is told: the whole scene, and then whatever is newer than what a reader has."""

from __future__ import annotations

import logging
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from bot.demo.page.chats import chat_news, official
from bot.demo.page.problems import PageProblem
from bot.demo.page.scene import clock_view, opening_line
from bot.demo.page.stream import COMMENT, HEARTBEAT_SECONDS, MOST_READERS, Place, event
from bot.demo.page.words import word
from bot.messages.dates import Clock as Dates

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.demo.page.director import Director, Look
    from bot.demo.page.tour import Tour
    from bot.demo.telegram.entities import Json
    from bot.demo.telegram.waiting import Waiters

log = logging.getLogger(__name__)

_PARTS = ("clock", "tour", "officials")


class Newsroom:
    """Writes scenes and events; on the server's own loop."""

    def __init__(self, director: Director, tour: Tour) -> None:
        self._director = director
        self._telegram = director.telegram
        self._tour = tour

    async def whole(self, sop_id: str) -> Json:
        """Return the whole scene; raises PageProblem."""
        look = await self._director.look(sop_id)
        sop, library = look.scene.sop, self._director.stage.runner.library
        named = sorted(library.sops.values(), key=lambda each: (each.office.name, each.name))
        return {
            "sops": [
                {"id": each.id, "name": each.name, "abbreviation": each.abbreviation, "office": each.office.name}
                for each in named
            ],
            "sop": {
                "id": sop.id,
                "name": sop.name,
                "office": sop.office.name,
                "opening": opening_line(look.scene, look.at),
            },
            **self._since(look, 0),
        }

    def admit(self) -> None:
        """Refuse one reader more than there may be; raises PageProblem."""
        if self._director.listeners >= MOST_READERS:
            raise PageProblem(HTTPStatus.SERVICE_UNAVAILABLE, "crowded")

    async def stream(self, sop_id: str, place: Place | None, waiters: Waiters) -> AsyncIterator[str]:
        """Yield the events for one reader, from ``place`` on, until the server stops."""
        self._director.listeners += 1
        try:
            yield COMMENT
            if not self._director.is_cast(sop_id):
                yield event("preparing", {"text": word("state.preparing")})
            reader = _Reader(place)
            while not waiters.closed:
                epoch, since = self._director.epoch, self._telegram.version
                look = await self._director.look(sop_id)
                if epoch != self._director.epoch:
                    continue
                # From here on nothing waits, so the version belongs to the chats that are told; the look is as old
                # as ``since``, so that whatever has come meanwhile is looked at once more.
                version = self._telegram.version
                told = reader.take(epoch, version, self._since(look, reader.after(epoch, version)))
                yield COMMENT if told is None else event("change", told, Place(epoch, version))
                await waiters.until(partial(self._newer, since), HEARTBEAT_SECONDS)
        except PageProblem as problem:
            # The bot is too slow, or stops: the reader comes again by itself and goes on from where it is.
            log.debug("a stream ended: %s", problem, extra={"action": "demo.stream_ended"})
        finally:
            self._director.listeners -= 1

    def _newer(self, version: int) -> bool:
        return self._telegram.version > version

    def _since(self, look: Look, after: int) -> Json:
        scene, telegram = look.scene, self._telegram
        dates = Dates(scene.calendar, look.at)
        chats = ((player.phone.id, chat_news(telegram, player, dates, after=after)) for player in scene.cast.values())
        return {
            "version": telegram.version,
            "epoch": self._director.epoch,
            "officials": [official(telegram, player, look.coming) for player in scene.cast.values()],
            "clock": clock_view(scene, self._director.stage.clock.now(), look.coming, self._director.speed),
            "tour": self._tour.view(scene.sop.id),
            "chats": {str(person): chat for person, chat in chats if chat is not None},
        }


class _Reader:
    """What one reader has been told already."""

    def __init__(self, place: Place | None) -> None:
        self._place = place
        self._known: Json = {}

    def after(self, epoch: str, version: int) -> int:
        """Return after which version there is news for the reader, 0 for everything."""
        place = self._place
        return place.version if place and place.epoch == epoch and place.version <= version else 0

    def take(self, epoch: str, version: int, news: Json) -> Json | None:
        """Return the part of the news that is new to the reader, None where nothing is."""
        begins_anew = self._place is not None and not self.after(epoch, version)
        self._place = Place(epoch, version)
        changed = {part: news[part] for part in _PARTS if begins_anew or _lasting(news[part]) != self._known.get(part)}
        self._known |= {part: _lasting(news[part]) for part in _PARTS}
        if not changed and not news["chats"]:
            return None
        told = {"version": version, "epoch": epoch, "chats": news["chats"], "clock": news["clock"], **changed}
        told["tour"] = news["tour"]
        return told | ({"reset": True} if begins_anew else {})


def _lasting(part: object) -> object:
    """Return what is worth an event of its own: that a second has passed is not."""
    return {key: value for key, value in part.items() if key != "now"} if isinstance(part, dict) else part
