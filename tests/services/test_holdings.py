"""A departed official loses the post: the card shows it, they are told, and the office keeps a sekretariat."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.domain.notices import HoldingOver, HoldingRemoved, LastSecretariat, NotAllowed, NotUnderstood
from bot.messages.actions import Action, Verb
from bot.services.complete_task import complete_task
from bot.services.holdings import appoint, removable, remove_holding
from bot.services.people import ensure_person
from bot.services.work import Refusal, Work
from bot.store import queries
from bot.store.tables import CardRow, HoldingRow
from tests.services.conftest import Town


def test_a_removed_holder_is_told_and_their_card_loses_its_buttons(staffed: Town) -> None:
    case = staffed.starts()
    (card,) = staffed.deliver()
    assert card.buttons
    staffed.leaves("Sinta", "staf")
    mail = [item for item in staffed.deliver() if item.to == "Sinta"]
    assert [(item.edits, item.buttons, item.silent) for item in mail] == [
        (card.message_id, (), True),
        (None, (), True),
    ]
    assert staffed.task(case).ended_at is None


def test_other_monitors_hear_of_a_removal_and_whose_post_lies_empty(staffed: Town) -> None:
    staffed.joins("Umi", "sekretariat")
    mark = staffed.mark()
    notice = staffed.leaves("Sinta", "staf")
    assert isinstance(notice, HoldingRemoved)
    assert notice.by_id == staffed.person_id("Sari")
    assert staffed.told(mark) == {("Umi", "HoldingRemoved"): 1, ("Sinta", "PostLost"): 1}


def test_who_loses_one_of_two_posts_of_a_step_keeps_the_card(staffed: Town) -> None:
    staffed.joins("Bagus", "bendahara")
    case = staffed.starts()
    staffed.to_step(case, 2)
    staffed.deliver()
    staffed.leaves("Bagus", "bendahara")
    # The colleague's card changes, too: there is nobody left to share that post with.
    edits = {mail.to: mail for mail in staffed.deliver() if mail.edits is not None}
    assert edits.keys() == {"Bagus", "Endah"}
    assert edits["Bagus"].buttons
    staffed.do("Bagus", complete_task, staffed.task(case).id)
    staffed.holds(case, 2)


def test_who_takes_the_post_again_gets_a_card_anew_and_the_old_one_says_so(staffed: Town) -> None:
    staffed.starts()
    (card,) = staffed.deliver()
    staffed.leaves("Sinta", "staf")
    staffed.deliver()
    staffed.joins("Sinta", "staf")
    old, new = staffed.deliver()
    assert (old.to, old.edits, old.buttons) == ("Sinta", card.message_id, ())
    assert (new.to, new.edits, new.buttons) == ("Sinta", None, card.buttons)
    assert [row.message_id for row in staffed.rows(CardRow)] == [new.message_id]


def test_who_is_back_before_the_bot_could_say_anything_gets_one_card_with_its_buttons(staffed: Town) -> None:
    staffed.starts()
    (card,) = staffed.deliver()
    staffed.leaves("Sinta", "staf")
    mark = staffed.mark()
    staffed.joins("Sinta", "staf")
    assert [(row.notice, row.edit) for row in staffed.queued(mark)] == [("CardReplaced", True), ("TaskCard", False)]
    shown = {mail.message_id: mail.buttons for mail in staffed.deliver()}
    assert shown.pop(card.message_id) == ()
    assert list(shown.values()).count(card.buttons) == 1


def test_a_second_post_of_the_same_step_brings_one_card_however_often(staffed: Town) -> None:
    case = staffed.starts()
    staffed.to_step(case, 2)
    staffed.deliver()
    mark = staffed.mark()
    staffed.joins("Bagus", "bendahara")
    staffed.leaves("Bagus", "kasubag")
    staffed.joins("Bagus", "kasubag")
    assert [row.notice for row in staffed.queued(mark) if row.notice != "PostLost" and not row.edit] == ["TaskCard"]
    assert [row.notice for row in staffed.queued(mark)].count("CardReplaced") == 1


def test_a_successor_gets_the_card_and_acts(staffed: Town) -> None:
    case = staffed.starts()
    staffed.leaves("Sinta", "staf")
    mark = staffed.mark()
    staffed.joins("Bowo", "staf")
    assert staffed.told(mark) == {("Bowo", "TaskCard"): 1}
    staffed.do("Bowo", complete_task, staffed.task(case).id)
    staffed.holds(case, 2)


def test_somebody_who_joins_a_post_that_has_reported_already_gets_no_card(staffed: Town) -> None:
    case = staffed.starts()
    staffed.to_step(case, 2)
    staffed.do("Bagus", complete_task, staffed.task(case).id)
    mark = staffed.mark()
    staffed.joins("Bowo", "kasubag")
    assert staffed.told(mark) == {}


def test_holding_a_post_twice_is_holding_it_once(staffed: Town) -> None:
    staffed.joins("Sinta", "staf")
    assert len([row for row in staffed.rows(HoldingRow) if row.post_id == "staf" and row.office_id == "dinas"]) == 1


# --- the last sekretariat -------------------------------------------------------------------


def test_the_last_sekretariat_cannot_be_removed_and_stays(staffed: Town) -> None:
    holding = staffed.holding("Sari", "sekretariat")
    assert staffed.refused("Sari", remove_holding, holding) == LastSecretariat(holding)


def test_one_of_two_can_remove_the_other_or_leave(staffed: Town) -> None:
    staffed.joins("Umi", "sekretariat")
    staffed.leaves("Umi", "sekretariat", by="Umi")
    staffed.joins("Umi", "sekretariat")
    staffed.leaves("Sari", "sekretariat", by="Umi")
    holding = staffed.holding("Umi", "sekretariat")
    assert staffed.refused("Umi", remove_holding, holding) == LastSecretariat(holding)


def test_an_administrator_can_remove_even_the_last_sekretariat(staffed: Town) -> None:
    staffed.library = replace(staffed.library, admin_ids=frozenset({staffed.stranger("Adi")}))
    staffed.leaves("Sari", "sekretariat", by="Adi")
    assert staffed.store.run_now(queries.secretariat_of, "dinas", staffed.at) == []


def test_two_who_remove_each_other_at_once_leave_one_behind(staffed: Town) -> None:
    staffed.joins("Umi", "sekretariat")
    holdings = {who: staffed.holding(who, "sekretariat") for who in ("Sari", "Umi")}
    (result,) = staffed.meanwhile(
        staffed.as_("Sari", remove_holding, holdings["Umi"]), staffed.as_("Umi", remove_holding, holdings["Sari"])
    )
    assert isinstance(result, Refusal)
    assert len(staffed.store.run_now(queries.secretariat_of, "dinas", staffed.at)) == 1


# --- refusals -------------------------------------------------------------------------------


def test_a_post_is_lost_once(staffed: Town) -> None:
    holding = staffed.holding("Sinta", "staf")
    staffed.leaves("Sinta", "staf")
    assert staffed.refused("Sari", removable, holding) == HoldingOver(holding)


@pytest.mark.parametrize(
    ("who", "notice"), [("Kemal", NotAllowed("secretariat")), ("Yosef", NotUnderstood()), ("Paulus", NotUnderstood())]
)
def test_only_the_office_s_own_sekretariat_removes(staffed: Town, who: str, notice: object) -> None:
    assert staffed.refused(who, removable, staffed.holding("Sinta", "staf")) == notice


def test_cabut_works_by_buttons_alone(staffed: Town) -> None:
    staffed.says("Sari", "/cabut")
    options = staffed.question().about["options"]
    index = options.index(staffed.holding("Sinta", "staf"))
    staffed.presses("Sari", Action(Verb.PICK, staffed.question().id, index).data())
    staffed.presses("Sari", Action(Verb.PICK, staffed.question().id, 0).data())
    assert staffed.store.run_now(queries.holders_of, "dinas", ["staf"], staffed.at) == []


# --- periods --------------------------------------------------------------------------------


def test_a_period_that_has_run_out_no_longer_counts_and_one_to_come_not_yet(staffed: Town) -> None:
    case = staffed.starts()
    task = staffed.task(case)
    opened = staffed.at
    staffed.run(
        lambda work: work.session.execute(update(HoldingRow).where(HoldingRow.post_id == "staf").values(until=opened))
    )
    with pytest.raises(Refusal):
        staffed.do("Sinta", complete_task, task.id)

    def again(work: Work) -> None:
        appoint(work, ensure_person(work, staffed.ids["Sinta"], "Sinta"), "dinas", "staf")

    staffed.run(again)
    staffed.do("Sinta", complete_task, task.id)
    staffed.holds(case, 2)
