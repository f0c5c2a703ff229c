"""What a reader sees of a chat: messages, buttons, files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.demo.telegram.entities import Json


@dataclass(frozen=True)
class Button:
    """An inline button."""

    text: str
    data: str | None
    url: str | None
    style: str | None


@dataclass(frozen=True)
class SeenMessage:
    """A message as its reader sees it; ``version`` grows with every change of it."""

    id: int
    chat_id: int
    version: int
    from_bot: bool
    sender: str
    text: str
    html: str
    rows: tuple[tuple[Button, ...], ...]
    force_reply: bool
    placeholder: str | None
    edited: bool
    deleted: bool
    reply_to: int | None
    silent: bool
    date: datetime
    file_name: str | None
    file_id: str | None
    file_kind: str | None = None
    file_unique_id: str | None = None
    topic: int | None = None
    pinned: bool = False
    album: str | None = None
    sides: tuple[int, int] | None = None  # width and height of a photo, in pixels

    @property
    def buttons(self) -> list[Button]:
        """All buttons, row after row."""
        return [button for row in self.rows for button in row]

    @property
    def labels(self) -> list[str]:
        """The texts of all buttons."""
        return [button.text for button in self.buttons]

    def __str__(self) -> str:
        """Print the message as one block of a transcript."""
        marks = [
            mark
            for mark, shown in (("edited", self.edited), ("deleted", self.deleted), ("silent", self.silent))
            if shown
        ]
        answered = f" ↩{self.reply_to}" if self.reply_to else ""
        head = f"#{self.id}{answered} {self.sender}{' (' + ', '.join(marks) + ')' if marks else ''}: "
        rows = "".join("\n    " + " ".join(f"[{button.text}]" for button in row) for row in self.rows)
        return f"{head}{self.text}{' 📎' + self.file_name if self.file_name else ''}{rows}"


@dataclass(frozen=True)
class Attachment:
    """A file on somebody's phone; ``kind`` is document or photo.

    ``size`` in bytes makes Telegram believe that the file is that large, which spares a test the bytes.
    """

    name: str
    content: bytes
    mime_type: str = "application/pdf"
    kind: str = "document"
    size: int | None = None


@dataclass(frozen=True)
class Marker:
    """A moment in the server's history; what changed later counts as after it."""

    version: int


def _rows(rows: Sequence[Sequence[Json]]) -> tuple[tuple[Button, ...], ...]:
    def button(shown: Json) -> Button:
        return Button(shown["text"], shown.get("callback_data"), shown.get("url"), shown.get("style"))

    return tuple(tuple(map(button, row)) for row in rows)


def seen(view: Json) -> SeenMessage:
    """Return the message of a JSON view."""
    file = view["file"] or {}
    return SeenMessage(
        id=view["id"],
        chat_id=view["chat_id"],
        version=view["version"],
        from_bot=view["from_bot"],
        sender=view["sender"],
        text=view["text"],
        html=view["html"],
        rows=_rows(view["buttons"]),
        force_reply=view["force_reply"],
        placeholder=view["placeholder"],
        edited=view["edited"],
        deleted=view["deleted"],
        reply_to=view["reply_to"],
        silent=view["silent"],
        date=datetime.fromtimestamp(view["date"], UTC),
        file_name=file.get("name"),
        file_id=file.get("id"),
        file_kind=file.get("kind"),
        file_unique_id=file.get("unique_id"),
        topic=view["topic"],
        pinned=view["pinned"],
        album=view["album"],
        sides=(file["width"], file["height"]) if "width" in file else None,
    )
