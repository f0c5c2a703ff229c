"""Whatever a member, the sekretariat or a stranger writes or presses, the bot answers and nothing breaks."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages.actions import Verb, parse
from bot.messages.limits import TOAST_LIMIT, units
from bot.store.tables import CaseRow, HoldingRow, SopVersionRow, TaskRow
from handlers.conversation import Incoming, Kind
from handlers.dispatch import dispatch
from handlers.registry import COMMANDS
from tests.fuzz.bot_api import CODES, ODD, characters, said, texts
from tests.fuzz.effort import inputs
from tests.fuzz.reading import read_out, youngest
from tests.services.conftest import BOT_ID

if TYPE_CHECKING:
    from tests.services.conftest import Town

WHO = ("Sari", "Sinta", "Bagus", "Kemal", "Yosef", "Orang Asing")
_updates = itertools.count(10**8)
_words = st.lists(texts | said, max_size=2).map(" ".join)
_storable = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))


def hear(town: Town, who: str, kind: Kind, text: str, command: str = "") -> None:
    """Let the bot hear something as the gateway hands it on, and check all that it says."""
    account, mark = town.stranger(who), youngest(town)
    incoming = Incoming(next(_updates), kind, account, account, who, command=command, text=text, message_id=3,
                        callback_id="5" if kind is Kind.BUTTON else None)  # fmt: skip
    spoken = town.run(dispatch, BOT_ID, incoming)
    assert units(spoken.text) <= TOAST_LIMIT
    assert spoken.text.encode().decode() == spoken.text
    answered = read_out(town, mark) > mark
    assert answered or spoken.text or kind is Kind.BUTTON


def clean(text: str) -> str:
    """Return a text as the gateway leaves it."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


@pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)  # the other one takes twice as long again
def test_every_command_takes_every_odd_text_from_everybody(busy: Town) -> None:
    people = itertools.cycle(
        ("Sari", "Sinta", "Bagus", "Orang Asing")
    )  # three odd texts of four reach each command's work
    for (command, text), who in zip(itertools.product([*COMMANDS, "?"], [*ODD, *CODES]), people, strict=False):
        hear(busy, who, Kind.COMMAND, clean(text), command)


@inputs(60)
@given(who=st.sampled_from(WHO), command=st.sampled_from([*COMMANDS, "x"]), text=_words.map(clean))
def test_every_command_is_answered_in_a_sound_message(busy: Town, who: str, command: str, text: str) -> None:
    hear(busy, who, Kind.COMMAND, text, command)


@inputs(25)
@given(
    who=st.sampled_from(WHO),
    turns=st.lists(
        st.sampled_from(["/tolak PK-2026-001", "/batal PK-2026-002", "/mulai", "/cabut"]) | _words, max_size=4
    ),
)
def test_every_text_is_answered_whatever_was_asked_before(busy: Town, who: str, turns: list[str]) -> None:
    for turn in [*turns, "x"]:
        command, _, rest = clean(turn)[1:].partition(" ") if turn.startswith("/") else ("", "", clean(turn))
        hear(busy, who, Kind.COMMAND if command else Kind.TEXT, rest, command)


@inputs(25)
@given(payload=_storable)
def test_every_deep_link_is_answered(busy: Town, payload: str) -> None:
    for who in ("Sinta", "Orang Asing"):
        hear(busy, who, Kind.COMMAND, payload, "start")


@pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)  # the other one takes twice as long again
def test_every_button_with_every_number_does_what_is_allowed_or_nothing(busy: Town) -> None:
    tables: tuple[type[Any], ...] = (TaskRow, CaseRow, SopVersionRow, HoldingRow)
    things = {row.id for table in tables for row in busy.rows(table)}
    for verb, subject, extra in itertools.product(Verb, [0, *sorted(things), 10**18 - 1], (None, 1, 9999)):
        data = f"1:{verb}:{subject}" + ("" if extra is None else f":{extra}")
        assert parse(data)
        hear(busy, "Sari" if subject % 2 else "Sinta", Kind.BUTTON, data)


@inputs(300)
@given(data=st.binary(max_size=64).map(lambda raw: raw.decode("utf-8", "ignore")) | st.text(characters, max_size=64))
def test_foreign_callback_data_is_no_action(data: str) -> None:
    action = parse(data)
    assert action is None or parse(action.data()) == action


@inputs(30)
@given(data=st.binary(max_size=64).map(lambda raw: clean(raw.decode("utf-8", "ignore"))))
def test_a_button_with_foreign_data_answers_and_changes_nothing(busy: Town, data: str) -> None:
    mark = youngest(busy)
    hear(busy, "Sinta", Kind.BUTTON, data)
    assert youngest(busy) == mark
