"""Invitations and holdings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain import notices as n

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from tests.messages.conftest import World


def test_an_invitation_is_a_deep_link_with_advice(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    notice = n.InvitationLink(world.invitation())
    assert shown(world.render(notice, "Siti Rahmawati")) == snapshot
    named = n.InvitationLink(world.invitation("staf", name="Rina"))
    assert "<b>Staf</b> (Rina)" in shown(world.render(named, "Siti Rahmawati"))


def test_a_link_that_another_token_made_is_not_shown_but_how_to_get_a_new_one(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    notice = n.InvitationLink(world.invitation(code_hash="of-another-token"))
    assert shown(world.render(notice, "Siti Rahmawati")) == snapshot


def test_a_used_or_expired_invitation_is_not_sent(world: World, at: Callable[..., datetime]) -> None:
    world.staff()
    used = n.InvitationLink(world.invitation(used_at=at(24, 8)))
    expired = n.InvitationLink(world.invitation("staf", expires_at=at(24, 8)))
    assert world.render(used, "Siti Rahmawati") is None
    assert world.render(expired, "Siti Rahmawati") is None


def test_a_new_holder_is_welcomed(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    held = world.hold("Rina Marlina", "kasubag")
    assert shown(world.render(n.InvitationAccepted(held.id), "Rina Marlina")) == snapshot
    monitor = world.hold("Rina Marlina", "sekretariat")
    assert shown(world.render(n.InvitationAccepted(monitor.id), "Rina Marlina")) == snapshot(name="sekretariat")
    world.leave("Rina Marlina", "kasubag")
    assert world.render(n.InvitationAccepted(held.id), "Rina Marlina") is None


def test_a_new_holder_reads_how_many_tasks_already_wait(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    for code in ("PK-2026-001", "PK-2026-002"):
        world.to_step(world.case(code), 2)
    world.person("Wahyu Hidayat")
    held = world.hold("Wahyu Hidayat", "kasubag")
    text = shown(world.render(n.InvitationAccepted(held.id), "Wahyu Hidayat"))
    assert text == snapshot
    assert "begitu tiba giliran" not in text


def test_the_sekretariat_hears_who_took_the_post_and_can_undo_it(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    held = world.hold("Rina Marlina", "kasubag")
    assert shown(world.render(n.InvitationUsed(held.id), "Siti Rahmawati")) == snapshot
    world.leave("Rina Marlina", "kasubag")
    assert shown(world.render(n.InvitationUsed(held.id), "Siti Rahmawati")) == snapshot(name="undone")


@pytest.mark.parametrize("why", ["used", "expired", "unknown"])
def test_a_refused_invitation_says_why_and_whom_to_ask(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, why: str
) -> None:
    assert shown(world.render(n.InvitationRefused(why))) == snapshot


def test_a_removed_holding_says_what_it_leaves_behind(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff().case()
    held = world.leave("Bambang Wijaya", "kepala")
    notice = n.HoldingRemoved(held.id, world.people["Siti Rahmawati"].id)
    assert shown(world.render(notice, "Siti Rahmawati")) == snapshot
    world.hold("Dewi Lestari", "kepala")
    assert shown(world.render(notice, "Siti Rahmawati")) == snapshot(name="others hold it")


def test_who_lost_a_post_is_told(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    held = world.leave("Rina Marlina", "staf")
    assert shown(world.render(n.PostLost(held.id), "Rina Marlina")) == snapshot


def test_an_empty_post_is_reported_until_somebody_holds_it(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    world.leave("Bambang Wijaya", "kepala")
    notice = n.EmptyPosts(world.task(case).id)
    assert shown(world.render(notice, "Siti Rahmawati")) == snapshot
    world.hold("Dewi Lestari", "kepala")
    assert world.render(notice, "Siti Rahmawati") is None
    world.done(case, "Dewi Lestari")
    world.leave("Dewi Lestari", "kepala")
    assert world.render(notice, "Siti Rahmawati") is None


def test_an_unreachable_person_is_named_with_what_to_do(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    person = world.people["Rina Marlina"]
    assert world.render(n.PersonUnreachable(person.id), "Siti Rahmawati") is None
    person.unreachable_since = world.at
    assert shown(world.render(n.PersonUnreachable(person.id), "Siti Rahmawati")) == snapshot
