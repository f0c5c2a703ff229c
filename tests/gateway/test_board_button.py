"""The button that opens the live board: in the chats of members, and only for as long as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.gateway.board_button import BoardButton
from bot.services.menu_buttons import chats_given
from bot.services.people import mark_unreachable
from tests.services.conftest import BOT_ID, STAFF

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.demo.telegram import Person
    from tests.gateway.conftest import Gateway
    from tests.services.conftest import Town

pytestmark = pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)

URL = "https://bot.example/papan/"
COMMANDS, OPENS = {"type": "commands"}, {"type": "web_app", "text": "Papan", "web_app": {"url": URL}}


@pytest.fixture
def phones(gateway: Gateway, staffed: Town) -> dict[str, Person]:
    staffed.stranger("Orang")
    gateway.server.telegram.profile.menu_buttons.clear()
    return {who: gateway.phone(who) for who in (*STAFF, "Orang")}


@pytest.fixture
def buttons(gateway: Gateway, phones: dict[str, Person]) -> Callable[[str | None], BoardButton]:
    """Return what makes buttons as a program does that starts."""
    assert phones
    return lambda url: BoardButton(gateway.bot, gateway.runner, url)


def shown(gateway: Gateway, person: Person) -> object:
    """Return the button that somebody's chat shows."""
    return gateway.server.telegram.profile.menu_buttons.get(person.id, COMMANDS)


def asked(gateway: Gateway, then: Callable[[], None]) -> int:
    """Return how often Telegram was told of a button meanwhile."""
    before = gateway.server.state()["requests"]
    then()
    return len(gateway.server.requests("setChatMenuButton", before))


def test_members_have_it_and_strangers_do_not_and_nothing_is_said_twice(
    gateway: Gateway, phones: dict[str, Person], buttons: Callable[[str | None], BoardButton]
) -> None:
    here = buttons(URL)
    assert asked(gateway, lambda: gateway.loop.run(here.refresh())) == len(STAFF)
    assert [who for who, phone in phones.items() if shown(gateway, phone) == OPENS] == list(STAFF)
    # Neither by this process again, nor by one that starts later.
    assert asked(gateway, lambda: gateway.loop.run(here.refresh())) == 0
    assert asked(gateway, lambda: gateway.loop.run(buttons(URL).refresh())) == 0


def test_who_leaves_gets_the_commands_back_even_where_the_program_was_down(
    gateway: Gateway, staffed: Town, phones: dict[str, Person], buttons: Callable[[str | None], BoardButton]
) -> None:
    gateway.loop.run(buttons(URL).refresh())
    staffed.leaves("Sinta", "staf")
    assert asked(gateway, lambda: gateway.loop.run(buttons(URL).refresh())) == 1
    assert shown(gateway, phones["Sinta"]) == COMMANDS
    assert phones["Sinta"].id not in staffed.run(chats_given, BOT_ID)
    staffed.joins("Sinta", "staf")
    gateway.loop.run(buttons(URL).refresh())
    assert shown(gateway, phones["Sinta"]) == OPENS


def test_another_address_replaces_the_former_and_without_a_public_one_all_go(
    gateway: Gateway, staffed: Town, phones: dict[str, Person], buttons: Callable[[str | None], BoardButton]
) -> None:
    gateway.loop.run(buttons("https://lama.example/papan/").refresh())
    gateway.loop.run(buttons(URL).refresh())
    assert shown(gateway, phones["Kemal"]) == OPENS
    gateway.loop.run(buttons(None).refresh())
    assert {str(shown(gateway, phone)) for phone in phones.values()} == {str(COMMANDS)}
    assert staffed.run(chats_given, BOT_ID) == {}
    assert asked(gateway, lambda: gateway.loop.run(buttons(None).refresh())) == 0


def test_a_refusal_of_one_chat_holds_nobody_else_up_and_is_not_provoked_again(
    gateway: Gateway, staffed: Town, phones: dict[str, Person], buttons: Callable[[str | None], BoardButton]
) -> None:
    here = buttons("http://bot.example/papan/")  # which Telegram refuses
    assert asked(gateway, lambda: gateway.loop.run(here.refresh())) == len(STAFF)
    assert asked(gateway, lambda: gateway.loop.run(here.refresh())) == 0
    assert staffed.run(chats_given, BOT_ID) == {}
    staffed.run(mark_unreachable, staffed.person_id("Kemal"))
    gateway.loop.run(buttons(URL).refresh())
    assert shown(gateway, phones["Kemal"]) == COMMANDS
    assert shown(gateway, phones["Rini"]) == OPENS


@pytest.mark.parametrize("fault", ["retry_after", "status"])
def test_while_telegram_takes_nothing_it_is_asked_once_and_the_rest_is_for_another_sweep(
    gateway: Gateway, phones: dict[str, Person], buttons: Callable[[str | None], BoardButton], fault: str
) -> None:
    here = buttons(URL)
    gateway.server.fault(fault, method="setChatMenuButton", seconds=7, status=502)
    assert asked(gateway, lambda: gateway.loop.run(here.refresh())) == 1
    assert asked(gateway, lambda: gateway.loop.run(here.refresh())) == len(STAFF)
    assert shown(gateway, phones["Kemal"]) == OPENS
