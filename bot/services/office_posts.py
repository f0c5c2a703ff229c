"""Which posts an office has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.posts import SECRETARIAT
from bot.store import queries

if TYPE_CHECKING:
    from bot.services.work import Work


def posts_of_office(work: Work, office_id: str) -> list[str]:
    """Return the post ids that people of an office may hold, ``sekretariat`` last.

    Those of its running cases stay even where the files no longer name them: the cases still wait for them.
    """
    pinned = [work.sop_of(case) for case, _ in queries.running_cases(work.session, [office_id])]
    sops = [*work.library.of_office(office_id), *pinned]
    return [*dict.fromkeys(post.id for sop in sops for post in sop.posts), SECRETARIAT]
