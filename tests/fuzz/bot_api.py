"""Updates as Telegram might send them, made from the library's own classes, and then spoiled.

The fields and their types are read from the constructors of ``telegram.Update`` and everything below it, so
that a new release of the library brings its new kinds of update into these tests by itself.
"""

from __future__ import annotations

import inspect
import sys
import types
import typing
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import telegram
from hypothesis import strategies as st
from telegram import TelegramObject

Json = Any
Class = Any  # a class of the library's: its type checker's view of them cannot be a cache's key

INT64 = 2**63
EDGES = (0, 1, -1, 2**31, 2**52, INT64 - 1, -INT64, INT64, -INT64 - 1, 10**30, 10**400)
"""Numbers at which 32 bits, 52 bits and 64 bits end, and some that no machine word holds."""

ODD = (
    "",
    "\x00",
    "a\x00b",
    "\ud800",
    "\udfff tengah \ud83d",
    "\u202etxt.exe\u202c",
    "Z\u0351\u036b\u0343\u036a\u0302" * 20,
    "👩\u200d👩\u200d👧\u200d👦" * 30,
    "<b>&amp;</b><script>",
    "</code></pre>&#0;",
    "{{ 7*7 }}{% include 'x' %}",
    '\'; DROP TABLE "case";--',
    "%s%n{0}",
    "\r\n\t\v\f\x1b[31m\x85\u2028\u2029\ufeff",
    "😀" * 2049,
    "<" * 4097,
    "a" * 4097,
    "\u0300" * 500,
    "İıſß",
)
"""Texts that break what was not written for them: databases, HTML, terminals, templates, lengths."""

COMMANDS = (
    *("start", "bantuan", "help", "sop", "mulai", "tugas", "selesai", "tolak", "status", "riwayat", "undang"),
    *("cabut", "batal", "tidakada", "?"),
)
CODES = ("PK-2026-001", "pk–2026–1", "PK-0000-000000", "SK-9999-999999", "XX-2026-001", "PK-2026-0000001", "--")
VERBS = ("done", "reject", "detail", "history", "sop", "pick", "remove", "nihil")

characters = st.characters(codec=None)  # surrogates and NUL included
texts = st.sampled_from(ODD) | st.text(characters, max_size=40) | st.sampled_from(CODES)


@st.composite
def _commands(draw: st.DrawFn) -> str:
    mention = draw(st.sampled_from(["", "", "", "@sop_bot", "@lain", "@"]))
    words = draw(st.lists(texts, max_size=2))
    return " ".join([f"/{draw(st.sampled_from(COMMANDS))}{mention}", *words])


@st.composite
def _presses(draw: st.DrawFn) -> str:
    number = st.integers(0, 30) | st.sampled_from([0, 10**18 - 1, 10**18, INT64, 10**40])
    tail = draw(st.sampled_from(["", ":0", ":1", ":9999", ":10000", ":-1", ":", ":0:0"]))
    return f"{draw(st.sampled_from(['1', '1', '1', '0', '٣']))}:{draw(st.sampled_from(VERBS))}:{draw(number)}{tail}"


commands = _commands()
presses = _presses()
said = commands | texts
numbers = st.integers(-5, 50) | st.sampled_from(EDGES) | st.integers()
accounts = st.integers(7000, 7012) | st.sampled_from(EDGES)
"""Accounts: those of the test office's people, strangers, and what is no account at all."""

oddities: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | numbers | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)
"""Any JSON value, and the three (NaN, ±Infinity) that Python's reader lets in besides."""


@cache
def fields_of(kind: Class) -> dict[str, tuple[Any, bool]]:
    """Return each field of a class, by its name in JSON, with its type and whether it must be there."""
    names = {**vars(telegram), **vars(sys.modules[kind.__module__])}
    hints = typing.get_type_hints(kind.__init__, names)
    parameters = inspect.signature(kind.__init__).parameters
    return {
        {"from_user": "from"}.get(name, name): (hints[name], parameters[name].default is inspect.Parameter.empty)
        for name in parameters
        if name in hints and name not in {"api_kwargs", "return"}
    }


@cache
def kinds_of(base: Class) -> tuple[Class, ...]:
    """Return the classes that an object declared as ``base`` may have."""
    below = [kind for child in base.__subclasses__() for kind in kinds_of(child)]
    return tuple(below) or (base,)


@cache
def _constants(kind: Class) -> tuple[str, ...]:
    """Return the words that a class names for its ``type``, ``status`` or ``source``."""
    values: list[Any] = [getattr(kind, name) for name in dir(kind) if name.isupper()]
    return tuple(sorted({str(value.value) for value in values if isinstance(getattr(value, "value", None), str)}))


@cache
def _discriminators(kind: Class) -> dict[str, str]:
    """Return what tells this class apart from its siblings: the constructor fixes it."""
    base = kind.__mro__[1]
    if base is TelegramObject:
        return {}
    own = fields_of(kind)
    try:
        made = kind(**{name: [] for name, (_, needed) in own.items() if needed})
    except (TypeError, AttributeError, KeyError, ValueError):
        return {}  # then the base's constants are drawn at random
    found = {name: getattr(made, name, None) for name in fields_of(base) if name not in own}
    return {name: str(value) for name, value in found.items() if isinstance(value, str)}


@st.composite
def objects(draw: st.DrawFn, base: Class, depth: int) -> dict[str, Json]:
    """Return an object of a class or of one of its subclasses, with some of what it may hold."""
    kind = draw(st.sampled_from(kinds_of(base)))
    fields = fields_of(kind)
    optional = [name for name, (_, needed) in fields.items() if not needed]
    chosen = draw(st.lists(st.sampled_from(optional), max_size=3, unique=True)) if optional and depth > 0 else []
    made: dict[str, Json] = dict(_discriminators(kind))
    for name, (hint, needed) in fields.items():
        if needed or name in chosen:
            made[name] = draw(_value(name, hint, kind, depth - 1))
    return made


def _value(name: str, hint: Any, kind: Class, depth: int) -> st.SearchStrategy[Json]:
    """Return values of a field's type."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        return st.one_of(*(_value(name, part, kind, depth) for part in inner if part is not types.NoneType))
    if origin in {Sequence, list, tuple}:
        return st.lists(_value(name, inner[0], kind, depth), max_size=2 if depth > 0 else 0)
    if inspect.isclass(hint) and issubclass(hint, TelegramObject):
        return objects(hint, depth) if depth > -3 else st.just({})
    if name in {"type", "status", "source"} and _constants(kind):
        return st.sampled_from(_constants(kind))
    return _plain(name, hint)


def _plain(name: str, hint: Any) -> st.SearchStrategy[Json]:
    if hint is bool:
        return st.booleans()
    if hint is datetime:
        return st.integers(0, 2**31) | st.sampled_from(EDGES)
    if hint in {int, timedelta}:
        return accounts if name == "id" else numbers
    if hint is float:
        return st.floats(allow_nan=False) | numbers
    if hint is str:
        return {"text": said, "caption": said, "data": presses | texts}.get(name, texts)
    return oddities


def _person(draw: st.DrawFn) -> dict[str, Json]:
    return {"id": draw(accounts), "is_bot": False, "first_name": draw(texts), "last_name": draw(texts)}


@st.composite
def _ordinary(draw: st.DrawFn) -> dict[str, Json]:
    """Return the updates that lead furthest into the program: words and presses in a private chat."""
    person = _person(draw)
    chat = {"id": person["id"], "type": draw(st.sampled_from(["private"] * 5 + ["group", "supergroup", "channel"]))}
    message: dict[str, Json] = {"message_id": draw(numbers), "date": 1, "chat": chat, "from": person}
    kind = draw(st.sampled_from(["message", "message", "edited_message", "callback_query", "my_chat_member"]))
    if kind == "my_chat_member":
        bot = {"id": 1, "is_bot": True, "first_name": "SOP"}
        states = [
            {"user": bot, "status": draw(st.sampled_from(["kicked", "left", "member", "x"])), "until_date": 0}
            for _ in "ab"
        ]
        told = {"chat": chat, "from": person, "date": 1, "old_chat_member": states[0], "new_chat_member": states[1]}
        return {kind: told}
    if kind == "callback_query":
        shown = draw(st.sampled_from([{"message": message}, {"message": {**message, "date": 0}}, {}]))
        return {kind: {"id": "5", "from": person, "chat_instance": "1", "data": draw(presses | texts), **shown}}
    if draw(st.booleans()):
        message["reply_to_message"] = {"message_id": draw(numbers), "date": 1, "chat": chat}
    message["text"] = draw(said)
    if draw(st.booleans()):
        message["entities"] = draw(st.lists(objects(telegram.MessageEntity, 0), max_size=2))
    return {kind: message}


@st.composite
def _of_a_kind(draw: st.DrawFn) -> dict[str, Json]:
    """Return an update of any kind that the library knows."""
    kinds = {name: hint for name, (hint, _) in fields_of(telegram.Update).items() if name != "update_id"}
    name = draw(st.sampled_from(sorted(kinds)))
    return {name: draw(_value(name, kinds[name], telegram.Update, 3))}


def _places(value: Json) -> list[tuple[dict[str, Json] | list[Json], Any]]:
    """Return every place of a tree: its container and the key."""
    if isinstance(value, dict):
        keys: list[Any] = list(value)
    else:
        keys = list(range(len(value))) if isinstance(value, list) else []
    return [place for key in keys for place in ((value, key), *_places(value[key]))]


def nested(levels: int) -> Json:
    """Return objects within objects, or lists within lists, so many levels deep."""
    value: Json = 1
    for _ in range(levels):
        value = {"message_id": 1, "date": 1, "chat": {}, "reply_to_message": value} if levels % 2 else [value]
    return value


@st.composite
def spoiled(draw: st.DrawFn, sound: st.SearchStrategy[dict[str, Json]]) -> dict[str, Json]:
    """Return an object with up to three things missing, of the wrong type, odd, foreign or endlessly nested."""
    value = deepcopy(draw(sound))
    for _ in range(draw(st.integers(0, 3))):
        places = _places(value)
        if not places:
            break
        container, key = places[draw(st.integers(0, len(places) - 1))]
        how = draw(st.sampled_from(["odd", "odd", "none", "missing", "foreign", "nested"]))
        if how == "missing" and isinstance(container, dict):
            del container[key]
        elif how == "foreign" and isinstance(container, dict):
            container[draw(st.sampled_from(["api_kwargs", "self", "bot", "__class__", "x"]) | texts)] = draw(oddities)
        else:
            wrong = {"none": st.none(), "nested": st.sampled_from([5, 61, 60]).map(nested)}
            container[key] = draw(wrong.get(how, oddities))
    return value


ordinary = _ordinary()
sound_updates: st.SearchStrategy[dict[str, Json]] = st.builds(
    lambda number, content: {"update_id": number, **content}, st.integers(1, 10**6), ordinary | _of_a_kind()
)
updates = spoiled(sound_updates)
"""Updates of every kind, most of them with something wrong."""
