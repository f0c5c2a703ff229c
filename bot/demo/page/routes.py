"""The routes of the page: what it shows, its stream of news, and whatever a visitor does on it."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.routing import Route

from bot.demo.page.asked import Asked, form_of, json_of, refuse_foreign
from bot.demo.page.director import SPEEDS, Director, rest
from bot.demo.page.files import sent_file, static_file
from bot.demo.page.hands import press, say, send
from bot.demo.page.html import answered, problem_page, refused, shell
from bot.demo.page.news import Newsroom
from bot.demo.page.problems import PageProblem
from bot.demo.page.scene import Scene, open_office
from bot.demo.page.stream import EventStream, place_of
from bot.demo.page.tour import Tour
from bot.demo.plot import choose

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.demo.page.director import Rest
    from bot.demo.stage import Player, Stage
    from bot.demo.telegram.parameters import Parameters
    from bot.demo.telegram.state import Telegram

    Endpoint = Callable[[Request], Awaitable[Response]]
    OpenApp = Callable[[Telegram, int, str], str | None]

log = logging.getLogger(__name__)

_DONE = {"ok": True}


def no_app(_telegram: Telegram, _person: int, _url: str) -> str | None:
    """Open nothing: there is no Mini App."""
    return None


class Page:
    """The page over one stage. Its routes exist before the stage does; until ``open`` they ask for patience.

    ``open_app`` returns the address that Telegram would open for a person's menu button, or for the button with
    the given address. ``ticks`` and ``pauses`` let real time pass, for a clock that plays and between two acts of the
    tour: seconds in, the seconds that did pass out.
    """

    def __init__(self, *, open_app: OpenApp = no_app, ticks: Rest = rest, pauses: Rest = rest) -> None:
        self._open_app = open_app
        self._ticks, self._pauses = ticks, pauses
        self._stage: Stage | None = None
        self._first = ""

    def open(self, stage: Stage, sop_id: str | None) -> None:
        """Show a running stage, at first the SOP ``sop_id``, and cast its office.

        Raises UnknownSopError, and NotSeenError where the bot does not answer.
        """
        sop = choose(stage.runner.library.sops, sop_id)
        open_office(stage, sop)
        self._director = Director(stage, Scene.of(stage, sop), ticks=self._ticks)
        self._tour = Tour(self._director, self._pauses)
        self._news = Newsroom(self._director, self._tour)
        self._stage, self._first = stage, sop.id

    def stage(self) -> Stage:
        """Return the stage that is shown; raises PageProblem before ``open``."""
        if self._stage is None:
            raise PageProblem(HTTPStatus.SERVICE_UNAVAILABLE, "starting")
        return self._stage

    @property
    def listeners(self) -> int:
        """How many streams of news are open."""
        return self._director.listeners

    def routes(self) -> list[Route]:
        """Return the routes to serve beside the Bot API."""
        gets = {
            "/page/scene": self._scene,
            "/page/events": self._events,
            "/page/files/{file}": self._file,
            "/static/{name}": _static,
        }
        posts = {
            "/page/say": self._say,
            "/page/press": self._press,
            "/page/file": self._send,
            "/page/clock": self._clock,
            "/page/tour": self._play,
            "/page/reset": self._reset,
            "/page/app": self._app,
        }
        return [
            Route("/", self._shell, methods=["GET"]),
            *(Route(path, _guarded(endpoint), methods=["GET"]) for path, endpoint in gets.items()),
            *(Route(path, _guarded(endpoint), methods=["POST"]) for path, endpoint in posts.items()),
        ]

    # --- looking ------------------------------------------------------------------------------

    async def _shell(self, _: Request) -> Response:
        try:
            self.stage()
        except PageProblem as problem:
            return problem_page(problem)
        return shell()

    async def _scene(self, request: Request) -> Response:
        return answered(await self._news_of(request).whole(self._sop(request.query_params.get("sop", ""))))

    async def _events(self, request: Request) -> Response:
        news = self._news_of(request)
        sop = self._sop(request.query_params.get("sop", ""))
        place = place_of(request.headers.get("last-event-id"))
        news.admit()
        return EventStream(news.stream(sop, place, request.app.state.waiters))

    async def _file(self, request: Request) -> Response:
        file = self.stage().office.telegram.files.get(request.path_params["file"])
        if file is None:
            raise PageProblem(HTTPStatus.NOT_FOUND, "file")
        return sent_file(file)

    # --- doing --------------------------------------------------------------------------------

    async def _say(self, request: Request) -> Response:
        asked = await json_of(request)
        _, player = await self._seat(asked)
        say(self._telegram, player, asked)
        return self._acted()

    async def _press(self, request: Request) -> Response:
        asked = await json_of(request)
        _, player = await self._seat(asked)
        press(self._telegram, player, asked)
        return self._acted()

    async def _send(self, request: Request) -> Response:
        given = await form_of(request)
        _, player = await self._seat(given)
        send(self._telegram, player, given)
        return self._acted()

    async def _clock(self, request: Request) -> Response:
        asked = await json_of(request)
        sop = self._sop(asked.text("sop"))
        if "speed" not in asked.values:
            await self._director.jump(sop, asked.named("jump"))
            return answered(_DONE)
        speed = asked.number("speed")
        if speed not in SPEEDS:
            raise PageProblem(HTTPStatus.BAD_REQUEST, "speed", value=asked.named("speed"))
        await self._director.play(sop, speed)
        return answered(_DONE)

    async def _play(self, request: Request) -> Response:
        asked = await json_of(request)
        sop, action = self._sop(asked.text("sop")), asked.text("action")
        if action == "start":
            await self._tour.start(sop)
        elif action == "next":
            await self._tour.next(sop)
        elif action == "stop":
            self._tour.stop()
        else:
            raise PageProblem(HTTPStatus.BAD_REQUEST, "tour", value=asked.named("action"))
        return answered(_DONE)

    async def _reset(self, request: Request) -> Response:
        asked = await json_of(request)
        sop = self._sop(asked.text("sop"))
        self._tour.forget()
        await self._director.reset(sop)
        return answered(_DONE)

    async def _app(self, request: Request) -> Response:
        asked = await json_of(request)
        _, player = await self._seat(asked)
        url = self._open_app(self._telegram, player.phone.id, asked.text("url"))
        if url is None:
            raise PageProblem(HTTPStatus.CONFLICT, "app")
        return answered({"url": url})

    # --- who and where ------------------------------------------------------------------------

    def _sop(self, sop_id: str) -> str:
        self.stage()
        return self._director.sop(sop_id or self._first).id

    async def _seat(self, asked: Asked | Parameters) -> tuple[Scene, Player]:
        """Return whose phone a request is about; nothing waits between this and what is done with it."""
        scene = await self._director.scene(self._sop(asked.text("sop")))
        number = asked.number("person") if isinstance(asked, Asked) else asked.integer("person")
        player = scene.people().get(number or 0)
        if player is None:
            raise PageProblem(HTTPStatus.NOT_FOUND, "official", value=asked.values.get("person", ""))
        return scene, player

    def _acted(self) -> Response:
        self._director.hands += 1
        self._tour.taken_over()
        return answered(_DONE)

    def _news_of(self, _: Request) -> Newsroom:
        self.stage()
        return self._news

    @property
    def _telegram(self) -> Telegram:
        return self._director.telegram


def _guarded(endpoint: Endpoint) -> Endpoint:
    """Answer whatever goes wrong with a sentence that says what."""

    async def answer(request: Request) -> Response:
        try:
            refuse_foreign(request)
            return await endpoint(request)
        except PageProblem as problem:
            return refused(problem)
        except Exception:
            log.exception("page failed", extra={"action": "demo.page_failed"})
            return refused(PageProblem(HTTPStatus.INTERNAL_SERVER_ERROR, "broken"))

    return answer


async def _static(request: Request) -> Response:
    return static_file(request.path_params["name"])
