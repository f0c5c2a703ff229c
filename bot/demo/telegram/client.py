"""The people of an office on their phones, for tests and tools: they write, press, and see what came.

Everything goes over HTTP and nothing sleeps: waiting is the server's long poll. What does not come in time
raises ``NotSeenError``, an AssertionError that prints the chat.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Self

import httpx

from bot.demo.telegram.phone import PATIENCE, NotSeenError, Person, Press
from bot.demo.telegram.seen import Marker

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.demo.telegram.entities import Json

__all__ = ["PATIENCE", "NotSeenError", "Office", "Person", "Press"]

_ONE_POLL = 5.0


class Office:
    """The connection to a running server; ``base_url`` is what the bot gets as BOT_API_URL."""

    def __init__(self, base_url: str, token: str) -> None:
        self.base_url = base_url
        self.token = token
        self._http = httpx.Client(base_url=f"{base_url}/demo/api", timeout=_ONE_POLL + PATIENCE, trust_env=False)

    @property
    def bot_url(self) -> str:
        """What ``telegram.Bot`` takes as ``base_url``."""
        return f"{self.base_url}/bot"

    @property
    def file_url(self) -> str:
        """What ``telegram.Bot`` takes as ``base_file_url``."""
        return f"{self.base_url}/file/bot"

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def person(self, user_id: int, name: str, *, username: str | None = None, language_code: str = "id") -> Person:
        """Return the phone of a person, giving them an account on first use."""
        first, _, last = name.partition(" ")
        account = {"id": user_id, "first_name": first, "last_name": last, "username": username or ""}
        self.post("/people", {**account, "language_code": language_code})
        return Person(self, user_id, name)

    def group(
        self,
        creator: Person,
        title: str,
        *members: Person,
        supergroup: bool = False,
        forum: bool = False,
        with_bot: bool = True,
    ) -> int:
        """Make a group, a forum being a supergroup with topics, and return its chat id."""
        ids = [member.id for member in members]
        kind = {"supergroup": supergroup, "forum": forum, "with_bot": with_bot}
        return int(self.post("/groups", {"creator": creator.id, "title": title, "members": ids, **kind})["id"])

    def upgrade_group(self, chat_id: int) -> int:
        """Turn a group into a supergroup and return its new chat id."""
        return int(self.post(f"/groups/{chat_id}/upgrade", {})["id"])

    def add_bot(self, chat_id: int, by: Person) -> None:
        """Take the bot into a group."""
        self.post(f"/groups/{chat_id}/add", {"by": by.id})

    def remove_bot(self, chat_id: int, by: Person, *, banned: bool = True) -> None:
        """Throw the bot out of a group; without ``banned`` its status is left, not kicked."""
        self.post(f"/groups/{chat_id}/remove", {"by": by.id, "left": not banned})

    def add_member(self, chat_id: int, person: Person, by: Person) -> None:
        """Take a person into a group."""
        self.post(f"/groups/{chat_id}/add", {"by": by.id, "who": person.id})

    def remove_member(self, chat_id: int, person: Person, by: Person) -> None:
        """Throw a person out of a group; ``by`` the same person they leave."""
        self.post(f"/groups/{chat_id}/remove", {"by": by.id, "who": person.id, "left": by.id == person.id})

    def make_admin(self, chat_id: int, by: Person, who: Person | None = None, *, can_pin_messages: bool = True) -> None:
        """Make the bot (or ``who``) an administrator, without the right to pin where told so (supergroups only)."""
        without = [] if can_pin_messages else ["can_pin_messages"]
        self.post(f"/groups/{chat_id}/promote", {"by": by.id, "who": who.id if who else 0, "without": without})

    def dismiss_admin(self, chat_id: int, by: Person, who: Person | None = None) -> None:
        """Make the bot (or ``who``) an ordinary member again."""
        self.post(f"/groups/{chat_id}/dismiss", {"by": by.id, "who": who.id if who else 0})

    def open_topic(self, chat_id: int, by: Person, name: str) -> int:
        """Begin a topic in a forum and return its number."""
        return int(self.post(f"/groups/{chat_id}/topics", {"by": by.id, "name": name})["id"])

    def close_topic(self, chat_id: int, topic: int, by: Person) -> None:
        """Close a topic: only administrators may write in it then."""
        self.post(f"/groups/{chat_id}/topics/{topic}/close", {"by": by.id})

    def reopen_topic(self, chat_id: int, topic: int, by: Person) -> None:
        """Open a closed topic again."""
        self.post(f"/groups/{chat_id}/topics/{topic}/reopen", {"by": by.id})

    def delete_topic(self, chat_id: int, topic: int, by: Person) -> None:
        """Delete a topic with everything said in it."""
        self.post(f"/groups/{chat_id}/topics/{topic}/delete", {"by": by.id})

    def marker(self) -> Marker:
        """Return the present moment, to look for later changes."""
        return Marker(int(self.state()["version"]))

    def state(self) -> Json:
        """Return the server's counters."""
        return self.get("/state")

    def requests(self, method: str = "", after: int = 0) -> list[Json]:
        """Return the bot's requests after number ``after``, of ``method`` where named."""
        listed: list[Json] = self.get("/requests", {"method": method, "after": after})["requests"]
        return listed

    def fault(self, kind: str, *, method: str = "", chat: int | None = None, **details: Any) -> None:
        """Order a fault: see ``faults.Fault``; ``count`` says how often, ``status`` and ``seconds`` as there."""
        self.post("/faults", {"kind": kind, "method": method, "chat_id": chat, **details})

    def clear_faults(self) -> None:
        """Forget the faults still to come."""
        self._checked(self._http.delete("/faults"))

    def pace(self, **limits: float) -> None:
        """Enforce Telegram's limits, changed by ``limits`` (see ``pacing.Pace``)."""
        self.post("/pacing", dict(limits))

    def unpace(self) -> None:
        """Stop enforcing limits."""
        self._checked(self._http.delete("/pacing"))

    def shift_clock(self, seconds: float) -> None:
        """Put Telegram's clock forward."""
        self.post("/clock", {"seconds": seconds})

    def forget(self) -> None:
        """Let the server begin anew, with nobody and nothing; no bot may be at it."""
        self.post("/forget", {})

    def wait_until_all_taken(self, timeout: float = PATIENCE) -> None:
        """Wait until the bot has confirmed every update."""
        self.wait(lambda: self.state()["pending_updates"] == 0, timeout, "the bot did not take all updates")

    def wait_for_request(self, method: str, *, after: int = 0, timeout: float = PATIENCE) -> Json:
        """Return the bot's first ``method`` request after number ``after`` that has ended."""
        found: list[Json] = []

        def ended() -> bool:
            found.extend(request for request in self.requests(method, after) if request["outcome"])
            return bool(found)

        self.wait(ended, timeout, f"the bot did not call {method}")
        return found[0]

    def wait(self, ready: Callable[[], bool], timeout: float, complaint: str) -> None:
        """Look again after every change until ``ready()``; raises NotSeenError with ``complaint`` in the end."""
        deadline = time.monotonic() + timeout
        while True:
            since = self.get("/changes")["version"]
            if ready():
                return
            left = deadline - time.monotonic()
            if left <= 0:
                raise NotSeenError(complaint)
            self.get("/changes", {"since": since, "timeout": min(left, _ONE_POLL)})

    def get(self, path: str, query: Json | None = None) -> Json:
        """Return the JSON of a demo route."""
        return self._checked(self._http.get(path, params=query))

    def post(self, path: str, content: Json) -> Json:
        """Send JSON to a demo route and return its answer."""
        return self._checked(self._http.post(path, json=content))

    def upload(self, path: str, content: Json, file: tuple[str, bytes, str]) -> Json:
        """Send a file (name, bytes, media type) with form fields."""
        return self._checked(self._http.post(path, data=content, files={"file": file}))

    @staticmethod
    def _checked(response: httpx.Response) -> Json:
        answer: Json = response.json()
        if response.is_error:
            raise NotSeenError(answer.get("error", response.text))
        return answer

    def __enter__(self) -> Self:
        """Return the office itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Hang up."""
        self.close()
