"""What the sekretariat reads when something is not as the event log says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain import notices as n
from bot.messages.labels import label
from bot.services.auditor.found import Kind
from bot.store.tables import FindingRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from tests.messages.conftest import World


def finding(world: World, kind: Kind, case_id: int | None, number: int = 0, **detail: object) -> FindingRow:
    row = FindingRow(
        office_id="kesbangpol", case_id=case_id, kind=kind, subject=f"{kind}:{number}", detail=detail, found_at=world.at
    )
    return world.add(row)


def test_findings_are_listed_by_case_with_what_to_do(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    rina = world.people["Rina Marlina"].id
    first = finding(world, Kind.LOG, case.id, event=3)
    rows = [
        first,
        finding(world, Kind.CARD_UNSENT, case.id, step=1, person=rina),
        finding(world, Kind.OUTBOX_STUCK, None, person=rina),
    ]
    assert shown(world.render(n.AuditFinding((first.id,)), "Siti Rahmawati")) == snapshot(name="one")
    assert shown(world.render(n.AuditFinding(tuple(row.id for row in rows)), "Siti Rahmawati")) == snapshot(
        name="three"
    )


def test_what_was_mended_is_not_told_nor_anything_to_others(world: World) -> None:
    case = world.staff().case()
    row = finding(world, Kind.CASE, case.id)
    notice = n.AuditFinding((row.id,))
    assert world.render(notice, "Rina Marlina") is None
    assert world.render(notice, "Siti Rahmawati") is not None
    row.resolved_at = world.at
    assert world.render(notice, "Siti Rahmawati") is None


def test_a_long_list_fits_and_counts_the_rest(world: World, shown: Callable[[Message | None], str]) -> None:
    case = world.staff().case()
    case.title = "<&>" * 60
    rows = [finding(world, Kind.CARD_STALE, case.id, number, step=1, person=1) for number in range(30)]
    text = shown(world.render(n.AuditFinding(tuple(row.id for row in rows)), "Siti Rahmawati"))
    assert "30 hal" in text
    assert "lainnya" in text


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_finding_has_its_words(kind: Kind) -> None:
    assert label(f"finding.{kind}", person="Ani", event=3).endswith(".")
