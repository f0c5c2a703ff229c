"""Nothing that anybody can put into an update stops the intake, breaks a database or is dealt with twice."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.gateway.intake import Intake, Timing
from bot.gateway.translate import UnreadableUpdateError, translate, update_number
from bot.services.work import Runner
from tests.fuzz.bot_api import EDGES, INT64, ODD, Json, nested, oddities, ordinary, updates
from tests.fuzz.effort import inputs
from tests.fuzz.reading import read_out, youngest

if TYPE_CHECKING:
    from tests.fuzz.conftest import Ear
    from tests.services.conftest import Town

NOW = Timing(poll=0, answer=1.0, conflict=60.0, pauses=(0.0,))
SITI = {"id": 7005, "is_bot": False, "first_name": "Siti"}
CHAT = {"id": 7005, "type": "private"}
_ids = itertools.count(10**7)


def message(**content: Json) -> dict[str, Json]:
    return {"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": CHAT, "from": SITI, **content}}


def pressed(**content: Json) -> dict[str, Json]:
    shown = {"message_id": 1, "date": 0, "chat": CHAT}
    return {"update_id": 1, "callback_query": {"id": "5", "from": SITI, "message": shown, "data": "x", **content}}


def in_all_shapes() -> list[dict[str, Json]]:
    """Return one update per field of a message and odd value: what databases and drivers stumble over."""
    wrong = [*EDGES, "", "\x00", "\ud800", 1.5, float("nan"), float("inf"), True, [], {}, [1], nested(300)]
    people = [{**SITI, "id": value} for value in wrong]
    chats = [{**CHAT, "id": value} for value in wrong]
    texts = [*(f"/{text}" for text in ODD), *(f"/selesai PK-2026-001 {text}" for text in ODD), *ODD]
    return [
        *(message(text="x", **{"from": person}) for person in people),
        *(message(text="x", chat=chat) for chat in chats),
        *(message(text="x", chat=person, **{"from": person}) for person in people),
        *(
            message(text="x", **{"from": {**SITI, name: value}})
            for name in ("first_name", "last_name")
            for value in wrong
        ),
        *(message(text="x", **{name: value}) for name in ("message_id", "date", "entities", "chat") for value in wrong),
        *(message(text="x", reply_to_message={"message_id": v, "date": 1, "chat": CHAT}) for v in wrong),
        *(message(text=value) for value in (*wrong, *texts)),
        *(pressed(**{name: value}) for name in ("id", "data", "message", "from") for value in wrong),
        *(pressed(message={"message_id": value, "date": 0, "chat": CHAT}) for value in wrong),
        *(pressed(data=text) for text in ODD),
        *({"update_id": value, "message": message(text="x")["message"]} for value in wrong),
    ]


class Telegram:
    """What the intake needs of a bot: it hands out one batch, then says stop."""

    id = 987654321

    def __init__(self, batch: list[Json]) -> None:
        self.batch = batch
        self.offsets: list[int | None] = []
        self.intake: Intake | None = None

    async def raw_updates(self, offset: int | None, _seconds: int) -> list[Json]:
        """Return the batch until an offset behind it is asked for."""
        self.offsets.append(offset)
        if offset is None:
            assert len(self.offsets) < 4, "the intake does not get past the batch"
            return self.batch
        assert self.intake
        self.intake.stop()
        return []

    async def answer_callback_query(self, *_: object, **__: object) -> None:
        """Take the answer to a button."""

    async def set_webhook(self, **_: object) -> None:
        """Take where to post to."""


class Clock:
    """The town's clock."""

    def __init__(self, town: Town) -> None:
        self._town = town

    def now(self) -> Any:
        """Return the town's moment."""
        return self._town.at

    machine_time = now


def take_in(town: Town, batch: list[Json]) -> list[int | None]:
    """Let the intake take a batch in; returns the offsets it asked from."""

    async def run() -> list[int | None]:
        bot: Any = Telegram(batch)
        clock: Any = Clock(town)
        intake = bot.intake = Intake(bot, Runner(town.store, clock, town.library), NOW)
        async with asyncio.timeout(60):
            await intake.run()
        return list(bot.offsets)

    return asyncio.run(run())


def with_own_id(update: dict[str, Json]) -> dict[str, Json]:
    return {**update, "update_id": next(_ids)}


@inputs(400)
@given(updates | oddities)
@example({})
@example([])
@example(None)
def test_an_update_is_understood_passed_over_or_refused_as_unreadable(update: Json) -> None:
    try:
        incoming = translate(update)
    except UnreadableUpdateError:
        return
    if incoming is None:
        return
    assert all(-INT64 <= number < INT64 for number in (incoming.update_id, incoming.chat_id, incoming.user_id))
    assert incoming.name
    for text in (incoming.text, incoming.name, incoming.command):
        assert "\x00" not in text
        assert text.encode().decode() == text


@pytest.mark.parametrize("levels", [999, 10**5 + 1, 10**5])
def test_endless_nesting_is_unreadable_not_a_crash(levels: int) -> None:
    for update in ({"update_id": 1, "message": nested(levels)}, message(chat=nested(levels))):
        with pytest.raises(UnreadableUpdateError):
            translate(update)


@inputs(150)
@given(ordinary)
def test_words_and_presses_are_read_whoever_sends_them_and_whatever_they_say(update: Json) -> None:
    beyond_64_bits = any(str(number) in str(update) for number in EDGES if not -INT64 <= number < INT64)
    with nullcontext() if not beyond_64_bits else suppress(UnreadableUpdateError):
        translate({"update_id": 1, **update})


def test_every_odd_value_in_every_place_is_acknowledged(busy: Town, ear: Ear) -> None:
    batch = [
        with_own_id(update) if "update_id" in update and update["update_id"] == 1 else update
        for update in in_all_shapes()
    ]
    batch.append(with_own_id(message(text="/tugas")))

    offsets = take_in(busy, batch)

    assert offsets[-1] == max(number for update in batch if (number := update_number(update)) is not None) + 1
    assert ear.trouble() == []
    read_out(busy, 0)


@inputs(60)
@given(batch=st.lists(updates, min_size=1, max_size=10))
def test_a_batch_of_anything_is_acknowledged_without_a_traceback(busy: Town, ear: Ear, batch: list[Json]) -> None:
    numbered, mark = [with_own_id(update) for update in batch], youngest(busy)

    offsets = take_in(busy, numbered)

    assert offsets == [None, numbered[-1]["update_id"] + 1, numbered[-1]["update_id"] + 1]
    assert ear.trouble() == []
    read_out(busy, mark)
