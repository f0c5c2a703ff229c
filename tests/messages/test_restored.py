"""What the sekretariat reads when the database came back from a backup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import notices as n
from bot.store.tables import RestorationRow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from tests.messages.conftest import World


def test_the_sekretariat_reads_since_when_acts_are_missing_and_what_to_do(
    world: World,
    shown: Callable[[Message | None], str],
    snapshot: SnapshotAssertion,
    at: Callable[..., datetime],
) -> None:
    world.staff().case()
    row = world.add(RestorationRow(backup_at=at(20, 17), restored_at=at(24, 8, 15), announced_at=at(24, 8, 15)))
    assert shown(world.render(n.Restored(row.id), "Siti Rahmawati")) == snapshot
    assert world.render(n.Restored(row.id), "Rina Marlina") is None
