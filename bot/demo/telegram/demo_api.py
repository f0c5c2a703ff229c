"""The human face over HTTP: what people do, what they see, and the weather a test orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.demo.telegram import apps, people, views
from bot.demo.telegram.demo_groups import group_actions, named_chat
from bot.demo.telegram.faults import Fault, FaultKind
from bot.demo.telegram.model import User
from bot.demo.telegram.pacing import Pace
from bot.demo.telegram.parameters import Parameters
from bot.demo.telegram.people import ImpossibleForAPersonError
from bot.demo.telegram.refusals import Refusal
from bot.demo.telegram.requests_in import parameters_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from bot.demo.telegram.entities import Json
    from bot.demo.telegram.model import Chat
    from bot.demo.telegram.state import Telegram
    from bot.demo.telegram.waiting import Waiters

    Action = Callable[[Request, Parameters], Json]

LONGEST_WAIT = 60.0
PREFIX = "/demo/api"


def demo_routes(telegram: Telegram, waiters: Waiters) -> list[Route]:
    """Return the routes under ``/demo/api``."""
    face = HumanFace(telegram)
    actions: list[tuple[str, str, Action]] = [
        ("POST", "/people", face.meet),
        ("POST", "/people/{person:int}/say", face.say),
        ("POST", "/people/{person:int}/edit", face.edit),
        ("POST", "/people/{person:int}/press", face.press),
        ("POST", "/people/{person:int}/delete", face.delete),
        ("POST", "/people/{person:int}/pin", face.pin),
        ("POST", "/people/{person:int}/unpin", face.unpin),
        ("POST", "/people/{person:int}/block", face.block),
        ("POST", "/people/{person:int}/unblock", face.unblock),
        ("POST", "/people/{person:int}/open_app", face.open_app),
        *group_actions(telegram),
        ("GET", "/people", face.everybody),
        ("GET", "/chats/{chat}", face.chat),
        ("GET", "/presses/{press}", face.pressed),
        ("GET", "/state", face.state),
        ("GET", "/requests", face.requests),
        ("POST", "/faults", face.add_fault),
        ("DELETE", "/faults", face.clear_faults),
        ("POST", "/pacing", face.pace),
        ("DELETE", "/pacing", face.unpace),
        ("POST", "/clock", face.clock),
        ("POST", "/forget", face.forget),
    ]
    plain = [Route(PREFIX + path, _endpoint(action), methods=[method]) for method, path, action in actions]
    return [*plain, Route(f"{PREFIX}/changes", _changes(telegram, waiters), methods=["GET"])]


class HumanFace:
    """The endpoints for people and tests; each takes a request and its parameters and returns JSON."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram

    def meet(self, _: Request, given: Parameters) -> Json:
        """Create a person, or rename one."""
        if not given.integer("id") or not given.text("first_name"):
            raise ImpossibleForAPersonError("a person needs an id and a first_name")
        user = User(
            given.integer("id"),
            given.text("first_name"),
            given.text("last_name") or None,
            given.text("username") or None,
            given.text("language_code") or "id",
        )
        return people.meet(self._telegram, user).api()

    def everybody(self, _: Request, __: Parameters) -> Json:
        """List the people."""
        return {"people": [user.api() for user in self._telegram.users.values()]}

    def say(self, request: Request, given: Parameters) -> Json:
        """Send a text, or a file (``file`` with ``kind`` document or photo) with the text as caption."""
        user, chat = self._who_and_where(request, given)
        file = given.files.get("file")
        kind = given.text("kind") or "document"
        reply_to, size, topic = (given.integer(name) or None for name in ("reply_to", "size", "topic"))
        draft = people.Draft(given.text("text"), reply_to, file, kind, size, topic, given.text("album") or None)
        message = people.say(self._telegram, user, draft, chat=chat)
        return views.message_view(self._telegram, message)

    def edit(self, request: Request, given: Parameters) -> Json:
        """Change one's own message."""
        user, chat = self._who_and_where(request, given)
        message = people.edit(self._telegram, user, given.integer("message_id"), given.text("text"), chat=chat)
        return views.message_view(self._telegram, message)

    def press(self, request: Request, given: Parameters) -> Json:
        """Press a button; ``stale`` presses one that is gone, ``inaccessible`` hides the message from the bot."""
        user, chat = self._who_and_where(request, given)
        message_id, button = given.integer("message_id"), given.text("button")
        if given.flag("stale"):
            pressed = people.press_stale(self._telegram, user, message_id, button, chat=chat)
            return views.press_view(self._telegram, pressed)
        message = people.visible(chat, message_id)
        press = people.press(self._telegram, user, message, button, accessible=not given.flag("inaccessible"))
        return views.press_view(self._telegram, press)

    def pressed(self, request: Request, _: Parameters) -> Json:
        """Show a press and the bot's answer."""
        press = self._telegram.presses.get(request.path_params["press"])
        if press is None:
            raise ImpossibleForAPersonError("there was no such press")
        return views.press_view(self._telegram, press)

    def delete(self, request: Request, given: Parameters) -> Json:
        """Delete a message for everybody."""
        user, chat = self._who_and_where(request, given)
        people.delete(self._telegram, user, people.visible(chat, given.integer("message_id")))
        return {}

    def pin(self, request: Request, given: Parameters) -> Json:
        """Pin a message."""
        user, chat = self._who_and_where(request, given)
        people.pin_as(self._telegram, user, people.visible(chat, given.integer("message_id")))
        return {}

    def unpin(self, request: Request, given: Parameters) -> Json:
        """Unpin a message."""
        user, chat = self._who_and_where(request, given)
        people.unpin_as(self._telegram, user, people.visible(chat, given.integer("message_id")))
        return {}

    def block(self, request: Request, _: Parameters) -> Json:
        """Block the bot."""
        people.block(self._telegram, self._person(request))
        return {}

    def unblock(self, request: Request, _: Parameters) -> Json:
        """Take the block back."""
        people.unblock(self._telegram, self._person(request))
        return {}

    def open_app(self, request: Request, given: Parameters) -> Json:
        """Open the app of the menu button, or of the button with ``url``; ``theme`` is ``light`` or ``dark``."""
        theme = given.text("theme") or "light"
        if theme not in apps.THEMES:
            raise ImpossibleForAPersonError("a theme is light or dark")
        return {"url": apps.open_app(self._telegram, self._person(request), given.text("url"), theme=theme)}

    def chat(self, request: Request, _: Parameters) -> Json:
        """Show a chat."""
        return views.chat_view(self._telegram, named_chat(self._telegram, request))

    def state(self, _: Request, __: Parameters) -> Json:
        """Show the counters."""
        return views.state_view(self._telegram)

    def requests(self, _: Request, given: Parameters) -> Json:
        """List the bot's requests after number ``after``, of ``method`` where named."""
        method = given.text("method").lower()
        after = given.integer("after")
        later = [request for request in self._telegram.requests if request.number > after]
        chosen = [request for request in later if method in {"", request.method.lower()}]
        return {"requests": [views.request_view(request) for request in chosen]}

    def add_fault(self, _: Request, given: Parameters) -> Json:
        """Order a fault."""
        fault = Fault(
            FaultKind(given.text("kind")),
            given.text("method") or None,
            given.chat(),
            left=given.integer("count", 1),
            status=given.integer("status", 500),
            seconds=float(given.text("seconds") or 1),
        )
        said = given.text("description")
        self._telegram.faults.add(replace(fault, description=said) if said else fault)
        return {}

    def clear_faults(self, _: Request, __: Parameters) -> Json:
        """Forget the faults still to come."""
        self._telegram.faults.clear()
        return {}

    def pace(self, _: Request, given: Parameters) -> Json:
        """Enforce Telegram's limits."""
        usual = Pace()
        pace = Pace(
            given.integer("overall_per_second", usual.overall_per_second),
            float(given.text("private_per_second") or usual.private_per_second),
            given.integer("burst", usual.burst),
            given.integer("group_per_minute", usual.group_per_minute),
        )
        self._telegram.pacing.switch(pace)
        return {}

    def unpace(self, _: Request, __: Parameters) -> Json:
        """Stop enforcing limits."""
        self._telegram.pacing.switch(None)
        return {}

    def clock(self, _: Request, given: Parameters) -> Json:
        """Put the server's clock forward by ``seconds``."""
        self._telegram.shift_clock(timedelta(seconds=float(given.text("seconds") or 0)))
        return {"now": self._telegram.now().timestamp()}

    def forget(self, _: Request, __: Parameters) -> Json:
        """Begin anew, with nobody and nothing."""
        self._telegram.forget()
        return {}

    def _person(self, request: Request) -> User:
        return people.person(self._telegram, request.path_params["person"])

    def _who_and_where(self, request: Request, given: Parameters) -> tuple[User, Chat]:
        user = self._person(request)
        return user, people.chat_of(self._telegram, user, given.chat())


def _endpoint(action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            return JSONResponse(action(request, await parameters_of(request)))
        except Refusal as refusal:
            return JSONResponse({"error": refusal.description}, status_code=refusal.status)
        except (ImpossibleForAPersonError, ValueError, TypeError, OverflowError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return answer


def _changes(telegram: Telegram, waiters: Waiters) -> Callable[[Request], Awaitable[Response]]:
    async def changes(request: Request) -> Response:
        """Answer once the version has passed ``since``, at the latest after ``timeout`` seconds."""
        since = Parameters(dict(request.query_params)).integer("since")
        try:
            seconds = float(request.query_params.get("timeout", "0"))
        except ValueError:
            seconds = 0.0
        # Written so that NaN, which compares with nothing, does not wait either.
        await waiters.until(lambda: telegram.version > since, min(seconds, LONGEST_WAIT) if seconds > 0 else 0.0)
        return JSONResponse({"version": telegram.version, "pending_updates": len(telegram.updates.pending)})

    return changes
