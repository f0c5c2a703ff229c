"""The board's routes. Without a session there is the page itself, its files, and the way to a session; no more."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.clock import SystemClock
from bot.metrics import BOARD_SIGN_INS
from bot.settings import BOARD_PATH
from bot.store.database import reason
from bot.web.board.admission import Admission
from bot.web.board.allowance import Allowance
from bot.web.board.answers import json_answer, refused
from bot.web.board.files import Files
from bot.web.board.hub import FullError, Hub
from bot.web.board.looking import look, look_at_case, office_shown
from bot.web.board.sessions import Sessions
from bot.web.board.settings import TELEGRAM_WEB, Bounds, Lifetimes, Pace
from bot.web.board.stream import BoardStream

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Concatenate, ParamSpec, TypeVar

    from starlette.requests import Request

    from bot.clock import Clock
    from bot.services.work import Work
    from bot.web.board.looker import Looker
    from bot.web.board.sessions import Session

    P = ParamSpec("P")
    T = TypeVar("T")
    Endpoint = Callable[[Request, Session], Awaitable[Response]]

log = logging.getLogger(__name__)

_SCHEME = "Bearer "
_LONGEST_OFFICE = 64
_CASE = re.compile("[0-9]{1,18}")
_BUSY_SECONDS = 15


class _Refused(Exception):  # noqa: N818 - an answer to whoever asked
    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


class LiveBoard:
    """The live board over one store, for the people of one bot."""

    def __init__(
        self,
        runner: Looker,
        token: str,
        *,
        clock: Clock | None = None,
        framed_by: Sequence[str] = TELEGRAM_WEB,
        bounds: Bounds | None = None,
        pace: Pace | None = None,
        lifetimes: Lifetimes | None = None,
    ) -> None:
        """Take the store, and the bot's token, with which Telegram signs who somebody is.

        Sessions live by ``clock``, the machine's: what is shown goes by that of the store.
        """
        lifetimes = lifetimes or Lifetimes()
        self._runner = runner
        self._clock = clock or SystemClock()
        self._bounds = bounds or Bounds()
        self._admission = Admission(token, lifetimes)
        self._sessions = Sessions(token, lifetimes.session)
        self._lasting = round(lifetimes.session.total_seconds())
        self._files = Files(tuple(framed_by))
        self._allowance = Allowance(self._bounds.burst)
        self._sign_ins = asyncio.Semaphore(self._bounds.sign_ins)
        self._looks = asyncio.Semaphore(self._bounds.looks)
        self._hub = Hub(runner, self._bounds, pace or Pace())

    def routes(self) -> list[Route]:
        """Return the routes, all below ``/papan``."""
        return [
            Route(BOARD_PATH, _to_the_page, methods=["GET"]),
            Route(f"{BOARD_PATH}/", self._files.page, methods=["GET"]),
            Route(f"{BOARD_PATH}/statis/{{name}}", self._files.file, methods=["GET"]),
            Route(f"{BOARD_PATH}/masuk", self._sign_in, methods=["POST"]),
            Route(f"{BOARD_PATH}/berkas", self._with_session(self._board), methods=["GET"]),
            Route(f"{BOARD_PATH}/berkas/{{case}}", self._with_session(self._case), methods=["GET"]),
            Route(f"{BOARD_PATH}/alur", self._with_session(self._stream), methods=["GET"]),
        ]

    def changed(self) -> None:
        """Bring the open pages up to date soon; from any thread."""
        self._hub.changed()

    def close(self) -> None:
        """End the open pages, so that the server can stop."""
        self._hub.close()

    # --- signing in ---------------------------------------------------------------------------

    async def _sign_in(self, request: Request) -> Response:
        """Exchange init data for a session. Whatever is wrong with it: 401, always the same."""
        if self._sign_ins.locked():
            return refused(503, retry_after=_BUSY_SECONDS, hang_up=True)
        async with self._sign_ins:
            body = await self._body(request)
        at = self._clock.now()
        person = None if body is None else self._admission.person(body, at)
        BOARD_SIGN_INS.labels("refused" if person is None else "ok").inc()
        if person is None:
            return refused(401, hang_up=True)
        return json_answer(json.dumps({"session": self._sessions.begin(person, at), "seconds": self._lasting}))

    async def _body(self, request: Request) -> bytes | None:
        """Return what was posted; None where it is too large, too slow or cut off."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._bounds.body_seconds):
                async for piece in request.stream():
                    body += piece
                    if len(body) > self._bounds.body:
                        return None
        except (TimeoutError, ClientDisconnect):
            return None
        return bytes(body)

    def _with_session(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """Let nobody further who has no session, nor whoever asks too often."""

        async def answer(request: Request) -> Response:
            given = [value for name, value in request.scope["headers"] if name == b"authorization"]
            token = given[0].decode("latin-1") if len(given) == 1 else ""
            session = None
            if token.startswith(_SCHEME):
                session = self._sessions.find(token.removeprefix(_SCHEME), self._clock.now())
            if session is None:
                return refused(401)
            if not self._allowance.takes(session.telegram_id):
                return refused(429, retry_after=_BUSY_SECONDS)
            try:
                return await endpoint(request, session)
            except _Refused as refusal:
                return refusal.answer

        return answer

    # --- looking ------------------------------------------------------------------------------

    async def _board(self, request: Request, session: Session) -> Response:
        wish = session.telegram_id, _office(request)
        boards = await self._look(look, [wish])
        if wish not in boards:
            return refused(503, retry_after=_BUSY_SECONDS)
        board = boards[wish]
        if board is None:
            return refused(403)
        return json_answer(f'{{"now":{json.dumps(board.now)},{board.text[1:]}')

    async def _case(self, request: Request, session: Session) -> Response:
        number = request.path_params["case"]
        # Told here, not by the router: that one would fail on a number without end, before it asks for a session.
        if not _CASE.fullmatch(number):
            return refused(404)
        case = await self._look(look_at_case, session.telegram_id, int(number))
        return refused(404) if case is None else json_answer(case)

    async def _stream(self, request: Request, session: Session) -> Response:
        wish = session.telegram_id, _office(request)
        # Refused before anything is streamed; from then on every look asks again.
        if not await self._look(office_shown, wish):
            return refused(403)
        try:
            onlooker = self._hub.join(wish)
        except FullError:
            return refused(503, retry_after=_BUSY_SECONDS)
        seconds = self._bounds.send_seconds
        return BoardStream(self._hub, onlooker, until=session.until, now=self._clock.now, send_seconds=seconds)

    async def _look(self, use_case: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self._looks.locked():
            raise _Refused(refused(503, retry_after=_BUSY_SECONDS))
        async with self._looks:
            try:
                return await self._runner.look(use_case, *args, **kwargs)
            except (SQLAlchemyError, OSError) as error:
                log.warning("live board not read: %s", reason(error), extra={"action": "board.database"})
                raise _Refused(refused(503, retry_after=_BUSY_SECONDS)) from None


def _office(request: Request) -> str:
    return request.query_params.get("kantor", "")[:_LONGEST_OFFICE]


async def _to_the_page(_: Request) -> Response:
    return RedirectResponse(f"{BOARD_PATH}/")
