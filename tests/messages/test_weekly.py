"""The weekly digest as the sekretariat reads it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain import chain
from bot.domain import notices as n
from bot.services.digest import fire_digests
from bot.store.tables import CaseRow, DigestRow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from tests.messages.conftest import World

SARI = "Siti Rahmawati"


def _digest(world: World) -> DigestRow:
    """Make the digest of the first office and return its row."""
    fire_digests(world.work)
    newest = select(DigestRow).where(DigestRow.office_id == "kesbangpol").order_by(DigestRow.id.desc())
    return world.session.scalars(newest).all()[0]


def _with_cases(world: World, count: int) -> DigestRow:
    """Make a digest of so many running cases with the longest codes that there are."""
    row = _digest(world)
    codes = [f"PERJANJIAN-KINERJA-2026-{number:03d}" for number in range(1, count + 1)]
    heads = [hashlib.sha256(code.encode()).hexdigest() for code in codes]
    cases = [
        {"code": code, "events": 2, "head": head, "status": "running"} for code, head in zip(codes, heads, strict=True)
    ]
    row.data = {**row.data, "cases": cases}
    world.session.flush()
    return row


def test_one_running_case(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    world.staff().case()
    world.at = at(1, 7, 30, month=12)
    row = _digest(world)
    assert shown(world.render(n.WeeklyDigest(row.id), SARI)) == snapshot


def test_some_run_some_are_late_and_some_have_ended(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    world.staff().case()
    world.to_step(world.session.scalars(select(CaseRow)).one(), 4)
    finished = world.case("PK-2026-002")
    world.to_step(finished, 7)
    world.done(finished, "Rina Marlina")
    world.cancelled(world.case("PK-2026-003"), SARI, "Salah judul")
    world.at = at(27, 15)
    world.case("IKU-2026-001", sop=next(sop for sop in world.library.sops.values() if sop.abbreviation == "IKU"))
    world.at = at(1, 7, 30, month=12)
    row = _digest(world)
    assert shown(world.render(n.WeeklyDigest(row.id), SARI)) == snapshot
    assert chain.fingerprint(finished.head) in shown(world.render(n.WeeklyDigest(row.id), SARI))


def test_what_was_told_stays_as_it_was_told(world: World, at: Callable[..., datetime]) -> None:
    case = world.staff().case()
    world.at = at(1, 7, 30, month=12)
    row = _digest(world)
    before = world.render(n.WeeklyDigest(row.id), SARI)
    world.done(case, "Bambang Wijaya")
    assert world.render(n.WeeklyDigest(row.id), SARI) == before


def test_more_cases_than_fit_are_counted_and_covered_by_the_office(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff().case()
    message = shown(world.render(n.WeeklyDigest(_with_cases(world, 200).id), SARI))
    listed = message.count("PERJANJIAN-KINERJA")
    assert f"dan {200 - listed} berkas lainnya" in message
    lines = message.splitlines()
    assert lines[-1].startswith("Sidik jari instansi: <code>")
    assert [*lines[:10], "…", *lines[-5:]] == snapshot


def test_who_is_no_longer_the_sekretariat_is_told_nothing(world: World) -> None:
    world.staff().case()
    row = _digest(world)
    assert world.render(n.WeeklyDigest(row.id), "Dewi Lestari") is None
