"""Telegram's HTML parse mode: the same tags, the same refusals, byte offsets included."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bot.demo.telegram.entities import Json, in_order, utf16_length
from bot.demo.telegram.refusals import Refusal, bad_request

_ENTITY_OF_TAG = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]*)|#(?P<decimal>[0-9]*)|(?P<name>[A-Za-z]*));?")
_LONGEST_REFERENCE = 10
_SURROGATES = range(0xD800, 0xE000)
_LAST_CHARACTER = 0x10FFFF
_SPACES = " \t\r\n\v\0"
_NAME_END = _SPACES + ">"
_ATTRIBUTE_END = _SPACES + "=>/\"'"
_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
_USER_LINK = re.compile(r"tg://user\?id=([0-9]{1,18})$")
_LINK = re.compile(r"(?:https?|tg|ton|tonsite)://[^\s/]\S*$|[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?$", re.IGNORECASE)
_CUSTOM_EMOJI = re.compile(r"-?[0-9]{1,19}$")
_INT64 = 2**63


@dataclass
class _Open:
    tag: str
    argument: str
    offset: int
    start: int


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Return plain text and entities of ``source``; raises Refusal in Telegram's words."""
    return _Parser(source).parse()


@dataclass
class _Parser:
    source: str
    position: int = 0
    parts: list[str] = field(default_factory=list)
    offset: int = 0
    stack: list[_Open] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)

    def parse(self) -> tuple[str, list[Json]]:
        while self.position < len(self.source):
            if self.source[self.position] != "<":
                self._take(self._character())
            elif self._peek(1) == "/":
                self._end_tag()
            else:
                self._start_tag()
        if self.stack:
            raise _unparsable(f'Can\'t find end tag corresponding to start tag "{self.stack[-1].tag}"')
        return "".join(self.parts), in_order([_without_marks(entity) for entity in self.entities])

    def _take(self, character: str) -> None:
        self.parts.append(character)
        self.offset += utf16_length(character)

    def _peek(self, distance: int = 0) -> str:
        """Return a character ahead; past the end a NUL, as in the C string Telegram reads."""
        index = self.position + distance
        return self.source[index] if index < len(self.source) else "\0"

    def _at_end(self) -> bool:
        return self.position >= len(self.source)

    def _character(self) -> str:
        if self._peek() == "&" and (match := _REFERENCE.match(self.source, self.position)):
            decoded = _decoded(match)
            if decoded:
                self.position = match.end()
                return decoded
        character = self._peek()
        self.position += 1
        return character

    def _byte(self, index: int) -> int:
        return len(self.source[:index].encode())

    def _until(self, stops: str) -> str:
        begin = self.position
        while not self._at_end() and self._peek() not in stops:
            self.position += 1
        return self.source[begin : self.position]

    def _skip_space(self) -> None:
        while not self._at_end() and self._peek() in _SPACES:
            self.position += 1

    def _start_tag(self) -> None:
        begin = self._byte(self.position)
        self.position += 1
        tag = self._until(_NAME_END).lower()
        if self._at_end():
            raise _unparsable(f"Unclosed start tag at byte offset {begin}")
        if tag not in _ENTITY_OF_TAG:
            raise _unparsable(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = self._attributes(tag, begin)
        if tag == "span" and argument != "spoiler":
            raise _unparsable(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.position += 1
        self.stack.append(_Open(tag, argument, self.offset, len(self.parts)))

    def _attributes(self, tag: str, begin: int) -> str:
        """Read the attributes up to the closing bracket and return the one that means something."""
        argument = ""
        while True:
            self._skip_space()
            if self._peek() == ">":
                return argument
            name = self._until(_ATTRIBUTE_END)
            if not name:
                raise _unparsable(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
            self._skip_space()
            value = None
            if self._peek() == "=":
                self.position += 1
                value = self._value(tag, begin)
            elif self._at_end():
                raise _unparsable(f'Unclosed start tag "{tag}" at byte offset {begin}')
            argument = _argument(tag, name, value) or argument

    def _value(self, tag: str, begin: int) -> str:
        self._skip_space()
        if self._at_end():
            raise _unparsable(f'Unclosed start tag "{tag}" at byte offset {begin}')
        if self._peek() not in "\"'":
            return self._token()
        quote = self._peek()
        self.position += 1
        value = []
        while not self._at_end() and self._peek() != quote:
            value.append(self._character())
        self.position += 1
        if self._at_end():
            raise _unparsable(f"Unclosed start tag at byte offset {begin}")
        return "".join(value)

    def _token(self) -> str:
        begin = self.position
        match = _TOKEN.match(self.source, begin)
        self.position = match.end() if match else begin
        if self._peek() not in _NAME_END:
            raise _unparsable(f"Unexpected end of name token at byte offset {self._byte(begin)}")
        return self.source[begin : self.position].lower()

    def _end_tag(self) -> None:
        begin = self._byte(self.position)
        if not self.stack:
            raise _unparsable(f"Unexpected end tag at byte offset {begin}")
        self.position += 2
        tag = self._until(_NAME_END).lower()
        self._skip_space()
        if self._peek() != ">":
            raise _unparsable(f"Unclosed end tag at byte offset {begin}")
        expected = self.stack[-1].tag
        if tag and tag != expected:
            raise _unparsable(f'Unmatched end tag at byte offset {begin}, expected "</{expected}>", found "</{tag}>"')
        self.position += 1
        self._close(self.stack.pop())

    def _close(self, opened: _Open) -> None:
        length = self.offset - opened.offset
        if not length:
            return
        entity: Json = {"type": _ENTITY_OF_TAG[opened.tag], "offset": opened.offset, "length": length}
        if opened.tag == "a":
            self._close_link(entity, opened)
        elif opened.tag in {"pre", "code"}:
            self._close_code(entity, opened)
        else:
            self.entities.append({**entity, **_extras(opened)})

    def _close_link(self, entity: Json, opened: _Open) -> None:
        url = opened.argument or "".join(self.parts[opened.start :])
        user = _USER_LINK.match(url)
        if user:
            self.entities.append({**entity, "type": "text_mention", "user_id": int(user[1])})
        elif _LINK.match(url):
            self.entities.append({**entity, "url": url if "://" in url else f"http://{url}"})

    def _close_code(self, entity: Json, opened: _Open) -> None:
        """Join ``<pre><code class="language-x">`` into one entity, whichever is outside."""
        inner = self.entities[-1] if self.entities else {}
        same = {key: inner.get(key) for key in ("offset", "length")} == {
            key: entity[key] for key in ("offset", "length")
        }
        other = "code" if opened.tag == "pre" else "pre"
        language = inner.get("class") if opened.tag == "pre" else opened.argument
        if same and inner.get("type") == other and language:
            self.entities[-1] = {**entity, "type": "pre", "language": language}
        else:
            self.entities.append({**entity, "class": opened.argument})


def _argument(tag: str, name: str, value: str | None) -> str:
    if tag == "blockquote" and name == "expandable":
        return "expandable"
    if value is None:
        return ""
    if (tag, name) in {("a", "href"), ("tg-emoji", "emoji-id")}:
        return value
    prefix = {("code", "class"): "language-", ("span", "class"): "tg-"}.get((tag, name))
    return value.removeprefix(prefix) if prefix and value.startswith(prefix) else ""


def _extras(opened: _Open) -> Json:
    if opened.tag == "blockquote" and opened.argument:
        return {"type": "expandable_blockquote"}
    if opened.tag != "tg-emoji":
        return {}
    if not _CUSTOM_EMOJI.match(opened.argument) or not 0 < abs(int(opened.argument)) < _INT64:
        raise _unparsable("Invalid custom emoji identifier specified")
    return {"custom_emoji_id": opened.argument}


def _without_marks(entity: Json) -> Json:
    return {key: value for key, value in entity.items() if key != "class"}


def _decoded(match: re.Match[str]) -> str:
    """Return the character a reference stands for, empty where Telegram leaves it as typed."""
    if match["name"] is not None:
        return _NAMED.get(match["name"], "")
    digits, base = (match["hex"], 16) if match["hex"] is not None else (match["decimal"], 10)
    if not digits or len(match.group().rstrip(";")) >= _LONGEST_REFERENCE:
        return ""
    code = int(digits, base)
    if code in _SURROGATES:
        raise bad_request(
            "can't parse entities: Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        )
    return chr(code) if 0 < code < _LAST_CHARACTER else ""


def _unparsable(reason: str) -> Refusal:
    return bad_request(f"can't parse entities: {reason}")
