"""What did not arrive, as the sekretariat reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import notices as n
from bot.messages.undelivered import PEOPLE_SHOWN
from bot.services.outbox import Delivery
from bot.store.tables import OutboxRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from tests.messages.conftest import World

SARI = "Siti Rahmawati"


def dead(world: World, who: str, notice: n.Notice) -> int:
    """Let a message to somebody have been given up; returns its outbox id."""
    row = OutboxRow(
        chat_id=world.people[who].account,
        person_id=world.people[who].id,
        notice=type(notice).__name__,
        data=notice.to_data(),
        edit=False,
        silent=False,
        priority=1,
        created_at=world.at,
        not_before=world.at,
        state=Delivery.DEAD,
        attempts=9,
    )
    return world.add(row).id


def test_whoever_misses_messages_is_named_once_with_the_cases_and_what_to_do(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    case = world.case()
    task = world.session.query(TaskRow).one()
    ids = [
        dead(world, "Bambang Wijaya", n.TaskCard(task.id)),
        dead(world, "Bambang Wijaya", n.CaseFinished(case.id)),
        dead(world, "Rina Marlina", n.Help()),
    ]
    assert shown(world.render(n.MessageUndelivered(tuple(ids)), SARI)) == snapshot


def test_a_day_s_outage_of_everybody_is_still_one_readable_message(
    world: World, shown: Callable[[Message | None], str]
) -> None:
    world.staff()
    people = [f"Pegawai {number}" for number in range(PEOPLE_SHOWN + 3)]
    for person in people:
        world.person(person)
    text = shown(world.render(n.MessageUndelivered(tuple(dead(world, who, n.Help()) for who in people)), SARI))
    assert text.count("•") == PEOPLE_SHOWN
    assert "dan 3 orang lainnya" in text


def test_what_was_sent_after_all_or_dropped_is_not_told(world: World) -> None:
    world.staff()
    key = dead(world, "Rina Marlina", n.Help())
    assert world.render(n.MessageUndelivered((key,)), SARI) is not None
    world.session.get_one(OutboxRow, key).state = Delivery.SENT
    world.session.flush()
    assert world.render(n.MessageUndelivered((key, 10**6)), SARI) is None
