"""How far a case is, on its swimlane table: played on a store, without a chat."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.notices import CasePicture
from bot.messages.render import Recipient, render
from bot.services.complete_task import complete_task
from bot.services.publish import publish
from bot.services.reject_task import reject_task
from tests.services.conftest import BADAN_PK, PK, SK, Town, library

if TYPE_CHECKING:
    from bot.drawing.paper import Paper
    from bot.store.database import Store

pytestmark = pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # what it shows is not the database's doing
REASON = "Lampiran _kurang_ <i>dua</i> #panic() 😀"


@pytest.fixture
def town(store: Store) -> Town:
    """Return an office at its desks; Monday 08.00 WIB."""
    town = Town(store, library(PK, SK, BADAN_PK))
    town.run(publish)
    return town.staff()


def picture(town: Town, case: int) -> Paper:
    recipient = Recipient(town.ids["Sari"], town.person_id("Sari"))
    message = town.run(lambda work: render(work, CasePicture(case), recipient))
    assert message
    assert message.paper
    return message.paper


def progress(paper: Paper) -> list[dict[str, Any]]:
    return [step["progress"] for step in json.loads(paper.data)["steps"]]


def test_a_rejection_leaves_its_mark_and_the_steps_behind_it_are_to_be_done_again(town: Town) -> None:
    case = town.starts()
    town.do("Sinta", complete_task, town.task(case).id)
    town.at += timedelta(hours=3)
    town.do("Endah", reject_task, town.task(case).id, REASON)
    town.at += timedelta(hours=24)  # the first step's two hours are long over
    first, second, *others = progress(picture(town, case))
    assert [one["state"] for one in (first, second, *others)] == ["late", "ahead", "ahead", "ahead"]
    assert first["share"] > 1
    assert first["note"].startswith("waktu habis")
    assert second["note"].startswith("putaran 1 (3 jam): ditolak ke Langkah 1 oleh Endah (Bendahara)")
    assert REASON in second["note"]
    assert (second["used"], second["share"]) == ("", None)  # of the round to come


def test_a_finished_case_is_done_throughout_and_its_picture_stays_the_same(town: Town) -> None:
    case = town.starts(sop="dinas-sk")
    for who in ("Bagus", "Kemal"):
        town.at += timedelta(minutes=10)
        town.do(who, complete_task, town.task(case).id)
    at_once = picture(town, case)
    town.at += timedelta(hours=24)
    assert picture(town, case) == at_once
    assert [one["state"] for one in progress(at_once)] == ["done", "done"]
