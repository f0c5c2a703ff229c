"""The routes of the page: show, say, press, put the clock forward. Everything waits for the bot's answer."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, RedirectResponse
from starlette.routing import Route

from bot.demo.page.html import html
from bot.demo.page.problems import PageProblem
from bot.demo.page.scene import Ahead, Scene, ShownChat, ahead, fresh, jumps, opening_line, shown_chat
from bot.demo.play import UnknownSopError, choose
from bot.demo.telegram import people
from bot.demo.telegram.client import NotSeenError
from bot.demo.telegram.entities import utf16_length
from bot.demo.telegram.refusals import Refusal
from bot.demo.telegram.requests_in import parameters_of
from bot.domain.posts import SECRETARIAT
from bot.messages.dates import Clock as Dates

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.demo.stage import Player, Stage
    from bot.demo.telegram.parameters import Parameters
    from bot.demo.telegram.state import Telegram

    Endpoint = Callable[[Request], Awaitable[Response]]

log = logging.getLogger(__name__)

LONGEST_TEXT = 4096
_HERE = Path(__file__).parent
_SLOW = "lambat"
_NOT_FOR_THE_PAGE = (HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class Seat:
    """Where the visitor sits: a scene, and the official they write as."""

    scene: Scene
    player: Player


class Page:
    """The page over one stage. Its routes exist before the stage does; until ``open`` they say so."""

    def __init__(self) -> None:
        self._stage: Stage | None = None
        self._first: str | None = None

    def open(self, stage: Stage, sop_id: str | None) -> None:
        """Show a running stage, at first the SOP ``sop_id``, and cast its office.

        Raises UnknownSopError, and NotSeenError where the bot does not answer.
        """
        sop = choose(stage, sop_id)
        stage.cast(sop)
        self._stage, self._first = stage, sop.id

    def routes(self) -> list[Route]:
        """Return the routes to serve beside the Bot API."""
        return [
            Route("/", self._guarded(self._show), methods=["GET"]),
            Route("/page.css", _style, methods=["GET"]),
            Route("/say", self._guarded(self._say), methods=["POST"]),
            Route("/press", self._guarded(self._press), methods=["POST"]),
            Route("/clock", self._guarded(self._clock), methods=["POST"]),
            # Where a browser stands after a refused form; whoever asks for it again wants the page.
            *(Route(path, _to_the_page, methods=["GET"]) for path in ("/say", "/press", "/clock")),
        ]

    # --- endpoints ----------------------------------------------------------------------------

    async def _show(self, request: Request) -> Response:
        scene = await self._scene(request.query_params.get("sop", ""))
        player = scene.cast.get(request.query_params.get("as", ""), scene.cast[SECRETARIAT])
        problem = PageProblem(HTTPStatus.OK, "slow") if _SLOW in request.query_params else None
        return await self._page(Seat(scene, player), problem)

    async def _say(self, request: Request) -> Response:
        given = await parameters_of(request)
        seat = await self._seat(request, given)
        text = given.text("text")
        if not text.strip():
            raise PageProblem(HTTPStatus.BAD_REQUEST, "empty")
        if utf16_length(text) > LONGEST_TEXT:
            raise PageProblem(HTTPStatus.BAD_REQUEST, "too_long", most=LONGEST_TEXT)
        user = people.person(self._telegram, seat.player.phone.id)
        question = shown_chat(self._telegram, seat.player, self._dates(seat.scene)).question
        # A phone opens the answer to a question by itself; a command is no answer.
        reply_to = question.id if question and not text.startswith("/") else None
        people.say(self._telegram, user, people.Draft(text, reply_to))
        return await self._settled(seat)

    async def _press(self, request: Request) -> Response:
        given = await parameters_of(request)
        seat = await self._seat(request, given)
        user = people.person(self._telegram, seat.player.phone.id)
        try:
            message = people.visible(self._telegram.private_chat(user), given.integer("message"))
            people.press(self._telegram, user, message, given.text("button"))
        except people.ImpossibleForAPersonError:
            raise PageProblem(HTTPStatus.CONFLICT, "button") from None
        return await self._settled(seat)

    async def _clock(self, request: Request) -> Response:
        given = await parameters_of(request)
        seat = await self._seat(request, given)
        known = jumps(seat.scene, self._open_stage.clock.now(), await self._coming(seat.scene))
        jump = known.get(given.text("jump"))
        if jump is None:
            raise PageProblem(HTTPStatus.BAD_REQUEST, "jump", value=given.text("jump"))
        if jump.to is None:
            raise PageProblem(HTTPStatus.CONFLICT, "nowhere")
        return await self._settled(seat, moment=jump.to)

    # --- doing --------------------------------------------------------------------------------

    async def _scene(self, sop_id: str) -> Scene:
        stage = self._open_stage
        try:
            sop = choose(stage, sop_id or self._first)
        except UnknownSopError:
            raise PageProblem(HTTPStatus.NOT_FOUND, "sop", value=sop_id) from None
        try:
            return await run_in_threadpool(Scene.of, stage, sop)
        except (NotSeenError, TimeoutError):
            raise PageProblem(HTTPStatus.SERVICE_UNAVAILABLE, "slow") from None

    async def _seat(self, request: Request, given: Parameters) -> Seat:
        """Return whose form this is, and remember it for a page that says what is wrong with it."""
        scene = await self._scene(given.text("sop"))
        request.state.seat = Seat(scene, scene.cast[SECRETARIAT])
        post = given.text("as")
        if post not in scene.cast:
            raise PageProblem(HTTPStatus.NOT_FOUND, "official", value=post)
        request.state.seat = seat = Seat(scene, scene.cast[post])
        return seat

    async def _settled(self, seat: Seat, *, moment: datetime | None = None) -> Response:
        """Go to ``moment`` where one is given, wait for the bot, and send the browser to see what has happened."""
        stage, query = self._open_stage, {"sop": seat.scene.sop.id, "as": seat.player.post}
        try:
            if moment is not None:
                await run_in_threadpool(stage.move_to, moment)
            else:
                await run_in_threadpool(stage.settle)
        except (NotSeenError, TimeoutError):
            query[_SLOW] = "1"
        place = "" if moment is not None else f"#chat-{seat.player.post}"
        return RedirectResponse(f"/?{urlencode(query)}{place}", status_code=HTTPStatus.SEE_OTHER)

    async def _coming(self, scene: Scene) -> Ahead:
        return await run_in_threadpool(self._open_stage.ask, lambda work: ahead(work, scene.sop.office.id))

    @property
    def _open_stage(self) -> Stage:
        if self._stage is None:
            raise PageProblem(HTTPStatus.SERVICE_UNAVAILABLE, "starting")
        return self._stage

    @property
    def _telegram(self) -> Telegram:
        return self._open_stage.office.telegram

    def _dates(self, scene: Scene) -> Dates:
        return Dates(scene.calendar, self._open_stage.clock.now())

    # --- showing ------------------------------------------------------------------------------

    async def _page(self, seat: Seat, problem: PageProblem | None) -> Response:
        scene, player = seat.scene, seat.player
        stage, dates = self._open_stage, self._dates(scene)
        coming = await self._coming(scene)
        # From here on nothing waits, so the version belongs to what is shown.
        chats = [
            shown_chat(self._telegram, each, dates, has_task=post in coming.waiting)
            for post, each in scene.cast.items()
        ]
        sops = sorted(stage.runner.library.sops.values(), key=lambda sop: sop.name)
        return html(
            "page",
            problem=problem,
            scene=scene,
            sops=sops,
            player=player,
            chats=chats,
            draft=opening_line(scene, dates.at) if _to_be_opened(chats, player) else "",
            opening=opening_line(scene, dates.at),
            now=dates.moment(dates.at),
            working=scene.calendar.is_working(dates.at),
            jumps=jumps(scene, dates.at, coming).values(),
            version=self._telegram.version,
            longest=LONGEST_TEXT,
        )

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        """Answer whatever goes wrong with a page that says what."""

        async def answer(request: Request) -> Response:
            try:
                return await self._answered(endpoint, request)
            except Exception:
                log.exception("page failed", extra={"action": "demo.page_failed"})
                return _plain(PageProblem(HTTPStatus.INTERNAL_SERVER_ERROR, "broken"))

        return answer

    async def _answered(self, endpoint: Endpoint, request: Request) -> Response:
        try:
            _refuse_foreign(request)
            return await endpoint(request)
        except PageProblem as problem:
            return await self._explained(request, problem)
        except Refusal as refusal:
            return await self._explained(request, PageProblem(refusal.status, "unreadable"))

    async def _explained(self, request: Request, problem: PageProblem) -> Response:
        if problem.status in _NOT_FOR_THE_PAGE:
            return _plain(problem)
        seat: Seat | None = getattr(request.state, "seat", None)
        if seat is None:
            scene = await self._scene("")
            seat = Seat(scene, scene.cast[SECRETARIAT])
        return await self._page(seat, problem)


def _to_be_opened(chats: list[ShownChat], player: Player) -> bool:
    """Whether the newcomer's first command may be written for them."""
    return player.post == SECRETARIAT and fresh(chats)


def _refuse_foreign(request: Request) -> None:
    """Refuse a form that another site's page sent; a browser names the origin of every POST."""
    origin = request.headers.get("origin")
    if request.method == "POST" and origin is not None and origin != f"http://{request.headers.get('host')}":
        raise PageProblem(HTTPStatus.FORBIDDEN, "foreign")


async def _to_the_page(_: Request) -> Response:
    return RedirectResponse("/", status_code=HTTPStatus.SEE_OTHER)


async def _style(_: Request) -> Response:
    return FileResponse(_HERE / "page.css", media_type="text/css", headers={"Cache-Control": "no-cache"})


def _plain(problem: PageProblem) -> Response:
    return html("problem", problem=problem)
