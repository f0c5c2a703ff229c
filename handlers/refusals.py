"""Refusals that several command families share."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from bot.domain.notices import NotAllowed, Stranger
from bot.services.people import is_member
from bot.services.work import Refusal

if TYPE_CHECKING:
    from bot.services.work import Actor, Work


def only_secretariat(work: Work, actor: Actor, offices: Collection[str]) -> None:
    """Raise Refusal unless the actor may act for the sekretariat of some office."""
    if not offices:
        raise Refusal(NotAllowed("secretariat") if is_member(work, actor) else Stranger())
