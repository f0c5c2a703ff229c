"""What Telegram has already: known by bot, content and release, and forgotten with time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.drawing.edition import edition
from bot.drawing.paper import Form, Paper, Sheet
from bot.services import papers_sent
from bot.services.papers_sent import KEEP_PAPERS, Uploaded
from bot.store.tables import PaperSentRow
from tests.services.conftest import BOT_ID

if TYPE_CHECKING:
    import pytest

    from bot.services.work import Work
    from tests.services.conftest import Town

PICTURE = Paper(Sheet.FLOW, Form.PICTURE, "{}", "SOP-a")
PHOTO = Uploaded(("a",), photos=True)


def test_another_release_draws_anew(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.run(papers_sent.remember, BOT_ID, PICTURE, PHOTO)
    assert town.run(papers_sent.find, BOT_ID, PICTURE) is not None
    assert town.run(papers_sent.find, BOT_ID + 1, PICTURE) is None
    monkeypatch.setattr(papers_sent, "edition", lambda: f"{edition()}, redrawn")
    assert town.run(papers_sent.find, BOT_ID, PICTURE) is None


def test_a_document_keeps_its_name_and_a_photo_has_none(town: Town) -> None:
    for form, same in ((Form.PICTURE, True), (Form.PDF, False)):
        asked = Paper(Sheet.FLOW, form, "{}", "SOP-a")
        town.run(papers_sent.remember, BOT_ID, asked, Uploaded(("a",), photos=same))
        assert (town.run(papers_sent.find, BOT_ID, replace(asked, name="SOP-b")) is not None) is same


def test_what_nobody_asks_for_is_forgotten_with_time_and_asking_renews_it(town: Town) -> None:
    one, other = (Paper(Sheet.FLOW, Form.PICTURE, data, "x") for data in ("1", "2"))
    for asked in (one, other):
        town.run(papers_sent.remember, BOT_ID, asked, Uploaded(("a", "b"), photos=True))
    town.at += KEEP_PAPERS / 2
    town.run(papers_sent.remember, BOT_ID, one, Uploaded(("c",), photos=True))
    town.at += KEEP_PAPERS / 2 + timedelta(seconds=1)
    assert town.run(papers_sent.purge) == 1
    assert town.run(papers_sent.find, BOT_ID, one) == Uploaded(("c",), photos=True)
    assert town.run(papers_sent.find, BOT_ID, other) is None


def test_two_couriers_that_drew_the_same_picture_do_not_stand_in_each_other_s_way(town: Town) -> None:
    def note(work: Work) -> None:
        papers_sent.remember(work, BOT_ID, PICTURE, PHOTO)

    assert town.run_at_once(note, note) == [None, None]
    assert len(town.rows(PaperSentRow)) == 1
