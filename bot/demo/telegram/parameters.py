"""The parameters of one request, whichever way they came: query, form, multipart or JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.demo.telegram.refusals import bad_request

if TYPE_CHECKING:
    from bot.demo.telegram.entities import Json

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}$")
_TRUE = frozenset({"true", "yes", "1"})


def parse_json(source: str | bytes) -> object:
    """Return the value of strict JSON; raises ValueError for anything that JSON could not say again."""
    try:
        value: object = json.loads(source)
        # Encoding again finds what the reader lets pass: NaN, overflowing numbers, lone surrogates.
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def whole(value: object) -> int | None:
    """Return a number that came as a number or as digits, None for anything else."""
    if isinstance(value, int):
        return int(value)
    return int(value) if isinstance(value, str) and _INTEGER.match(value) else None


@dataclass(frozen=True)
class Upload:
    """A file that came with the request."""

    name: str
    content: bytes
    mime_type: str


@dataclass(frozen=True)
class Parameters:
    """Values as sent and the files beside them. Like Telegram, a missing value is an empty one."""

    values: Json = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return the value as text, empty where it is missing."""
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: int = 0) -> int:
        """Return the value as a number, ``default`` where it is missing or no number."""
        number = whole(self.text(name).strip())
        return default if number is None else number

    def flag(self, name: str) -> bool:
        """Whether the value says yes."""
        return self.text(name).strip().lower() in _TRUE

    def structure(self, name: str, what: str) -> object:
        """Return the JSON value, None where it is missing; raises Refusal naming ``what`` for bad JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return parse_json(value)
        except ValueError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def texts(self, name: str, what: str) -> list[str] | None:
        """Return a JSON array of strings, None where it is missing; raises Refusal for anything else."""
        value = self.structure(name, what)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise bad_request(f"can't parse {what}: expected an Array of String")
        return value

    def upload(self, name: str) -> Upload | None:
        """Return the file sent as ``name``, directly or through ``attach://``."""
        reference = self.text(name)
        if reference.startswith("attach://"):
            return self.files.get(reference.removeprefix("attach://"))
        return self.files.get(name)

    def chat(self) -> int | None:
        """Return the chat the request is about, None where it names none."""
        chat = self.integer("chat_id")
        return chat or None
