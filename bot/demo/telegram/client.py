"""The people of an office on their phones, for tests and tools: they write, press, and see what came.

Everything goes over HTTP and nothing sleeps: waiting is the server's long poll. What does not come in time
raises ``NotSeenError``, an AssertionError that prints the chat.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import httpx

from bot.demo.telegram.seen import Attachment, Marker, SeenMessage, seen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.demo.telegram.entities import Json

PATIENCE = 10.0
_ONE_POLL = 5.0


class NotSeenError(AssertionError):
    """Something expected in a chat did not appear."""


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

    def group(self, creator: Person, title: str, *members: Person, supergroup: bool = False) -> int:
        """Make a group with the bot in it and return its chat id."""
        ids = [member.id for member in members]
        made = self.post("/groups", {"creator": creator.id, "title": title, "members": ids, "supergroup": supergroup})
        return int(made["id"])

    def upgrade_group(self, chat_id: int) -> int:
        """Turn a group into a supergroup and return its new chat id."""
        return int(self.post(f"/groups/{chat_id}/upgrade", {})["id"])

    def remove_bot(self, chat_id: int, by: Person) -> None:
        """Throw the bot out of a group."""
        self.post(f"/groups/{chat_id}/remove_bot", {"by": by.id})

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


@dataclass(frozen=True)
class Press:
    """A pressed button."""

    office: Office
    id: str

    def answer(self, timeout: float = PATIENCE) -> str:
        """Return the notice the bot answered with, empty for a silent answer."""
        found: Json = {}

        def answered() -> bool:
            found.update(self.office.get(f"/presses/{self.id}"))
            return found["answer"] is not None

        self.office.wait(answered, timeout, "the bot did not answer the press")
        return str(found["answer"]["text"])


class Person:
    """One person's phone. What ``waits_for`` and ``new_messages`` return counts as read until it changes."""

    def __init__(self, office: Office, user_id: int, name: str) -> None:
        self.office = office
        self.id = user_id
        self.name = name
        self._read: dict[tuple[int, int], int] = {}

    def says(self, text: str, *, reply_to: SeenMessage | int | None = None, chat: int | None = None) -> SeenMessage:
        """Send a text."""
        content = {"text": text, "reply_to": _id(reply_to), "chat_id": chat}
        return seen(self.office.post(f"/people/{self.id}/say", content))

    def replies(self, text: str, to: SeenMessage | int | None = None) -> SeenMessage:
        """Answer a message, the bot's latest question (ForceReply) where none is named."""
        return self.says(text, reply_to=to if to is not None else self._latest_question())

    def edits(self, message: SeenMessage, text: str) -> SeenMessage:
        """Change one's own message."""
        content = {"message_id": message.id, "text": text, "chat_id": message.chat_id}
        return seen(self.office.post(f"/people/{self.id}/edit", content))

    def sends(self, file: Attachment | Path, caption: str = "") -> SeenMessage:
        """Send a file, as a document unless the attachment says photo."""
        attached = file if isinstance(file, Attachment) else Attachment(file.name, file.read_bytes())
        content = {"text": caption, "kind": attached.kind}
        sent = (attached.name, attached.content, attached.mime_type)
        return seen(self.office.upload(f"/people/{self.id}/say", content, sent))

    def presses(self, button: str, *, in_message: SeenMessage | int | None = None, chat: int | None = None) -> Press:
        """Press a button by its text or callback data, in the latest message that has it unless one is named."""
        message_id = _id(in_message) or self._latest_with(button, chat)
        content = {"message_id": message_id, "button": button, "chat_id": chat}
        return Press(self.office, self.office.post(f"/people/{self.id}/press", content)["id"])

    def presses_stale(self, data: str, in_message: SeenMessage | int) -> Press:
        """Press a button that the phone still shows although the bot has taken it away."""
        content = {"message_id": _id(in_message), "button": data, "stale": True}
        return Press(self.office, self.office.post(f"/people/{self.id}/press", content)["id"])

    def blocks_the_bot(self) -> None:
        """Block the bot."""
        self.office.post(f"/people/{self.id}/block", {})

    def unblocks_the_bot(self) -> None:
        """Take the block back."""
        self.office.post(f"/people/{self.id}/unblock", {})

    def chat(self, chat: int | None = None) -> list[SeenMessage]:
        """Return the messages in the chat with the bot, or in a group; deleted ones are gone."""
        messages = self.office.get(f"/chats/{chat or self.id}")["messages"]
        return [seen(message) for message in messages if not message["deleted"] and not message["service"]]

    def toasts(self) -> list[str]:
        """Return the notices shown over the chat so far, empty ones left out."""
        toasts = self.office.get(f"/chats/{self.id}")["toasts"]
        return [toast["text"] for toast in toasts if toast["text"]]

    def new_messages(self, chat: int | None = None) -> list[SeenMessage]:
        """Return the bot's messages that are new or have changed since last read, and count them as read."""
        found = [message for message in self.chat(chat) if message.from_bot and self._is_new(message)]
        for message in found:
            self._mark_read(message)
        return found

    def waits_for(
        self,
        part: str,
        *,
        after: SeenMessage | int | Marker | None = None,
        timeout: float = PATIENCE,
        chat: int | None = None,
    ) -> SeenMessage:
        """Return the bot's first message containing ``part`` that is not read yet.

        With ``after``: the first that is younger than that message, or changed after that marker, read or not.
        """
        found: list[SeenMessage] = []

        def appeared() -> bool:
            found.extend(
                message
                for message in self.chat(chat)
                if message.from_bot and part in message.text and self._counts(message, after)
            )
            return bool(found)

        try:
            self.office.wait(appeared, timeout, "")
        except NotSeenError:
            complaint = f"{self.name} did not see {part!r} within {timeout:g} s"
            raise NotSeenError(f"{complaint}. The chat:\n{self.transcript(chat)}") from None
        self._mark_read(found[0])
        return found[0]

    def transcript(self, chat: int | None = None) -> str:
        """Return the chat as text."""
        return "\n".join(map(str, self.chat(chat)))

    def _counts(self, message: SeenMessage, after: SeenMessage | int | Marker | None) -> bool:
        if after is None:
            return self._is_new(message)
        if isinstance(after, Marker):
            return message.version > after.version
        return message.id > (_id(after) or 0)

    def _is_new(self, message: SeenMessage) -> bool:
        return self._read.get((message.chat_id, message.id), 0) < message.version

    def _mark_read(self, message: SeenMessage) -> None:
        self._read[message.chat_id, message.id] = message.version

    def _latest_with(self, button: str, chat: int | None) -> int:
        for message in reversed(self.chat(chat)):
            if any(button in {shown.text, shown.data} for shown in message.buttons):
                return message.id
        raise NotSeenError(f"{self.name} sees no button {button!r}. The chat:\n{self.transcript(chat)}")

    def _latest_question(self) -> int:
        for message in reversed(self.chat()):
            if message.force_reply:
                return message.id
        raise NotSeenError(f"{self.name} was asked nothing. The chat:\n{self.transcript()}")


def _id(message: SeenMessage | int | None) -> int | None:
    return message.id if isinstance(message, SeenMessage) else message
