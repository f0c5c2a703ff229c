"""What Telegram does not take: waited for, given up after a day, and told to somebody who can act."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain.notices import CardReplaced, Help, Notice
from bot.services import outbox, undelivered
from bot.services.complete_task import complete_task
from bot.services.deliver import Parcel, give_up, gone, moved, postpone, sent, take
from bot.services.outbox import Delivery
from bot.services.undelivered import TIME_TO_LIVE, bury
from bot.services.unsent import Standing, UnfitRowsError, drop, retry, unsent
from bot.services.work import Work
from bot.store.tables import CardRow, ChatRow, OutboxRow
from handlers.conversation import Kind
from tests.services.conftest import SENDER, Town, wib

SECOND = timedelta(seconds=1)


def says(town: Town, *people: str, notice: Notice | None = None) -> None:
    for who in people:
        town.run(outbox.put, town.ids[who], notice or Help(), person_id=town.person_id(who))


def takes(town: Town) -> list[Parcel]:
    return town.run(take, SENDER, limit=100).parcels


def states(town: Town, who: str) -> list[str]:
    return [row.state for row in town.rows(OutboxRow) if row.chat_id == town.ids[who] and row.notice == "Help"]


def alerts(town: Town) -> list[tuple[str, tuple[int, ...]]]:
    """Return who waits for which alert."""
    rows = [row for row in town.rows(OutboxRow) if row.notice == "MessageUndelivered" and row.state == "pending"]
    return [(town.name(row.chat_id), tuple(row.data["outbox_ids"])) for row in rows]


def fails(town: Town, parcel: Parcel, rest: timedelta = SECOND) -> None:
    town.run(postpone, parcel, rest, "Bad Gateway")


# --- a day without Telegram -----------------------------------------------------------------


def test_a_message_is_tried_for_a_day_and_then_given_up_and_the_sekretariat_is_told(staffed: Town) -> None:
    says(staffed, "Sinta")
    (parcel,) = takes(staffed)
    fails(staffed, parcel)
    staffed.at += TIME_TO_LIVE - SECOND
    (parcel,) = takes(staffed)
    fails(staffed, parcel)
    assert states(staffed, "Sinta") == [Delivery.PENDING]
    staffed.at += SECOND
    (parcel,) = takes(staffed)
    fails(staffed, parcel)
    assert states(staffed, "Sinta") == [Delivery.DEAD]
    assert alerts(staffed) == [("Sari", (parcel.outbox_id,))]


def test_whoever_waits_behind_it_has_waited_as_long_and_what_is_not_due_yet_has_not(staffed: Town) -> None:
    says(staffed, "Sinta", "Sinta")
    later = staffed.at + TIME_TO_LIVE + SECOND
    staffed.run(outbox.put, staffed.ids["Sinta"], Help(), not_before=later)
    fails(staffed, takes(staffed)[0])
    staffed.at += TIME_TO_LIVE
    says(staffed, "Sinta")
    fails(staffed, takes(staffed)[0])
    assert states(staffed, "Sinta") == [Delivery.DEAD, Delivery.DEAD, Delivery.PENDING, Delivery.PENDING]


def test_a_program_that_was_off_for_days_tries_once_more_before_it_gives_up(staffed: Town) -> None:
    says(staffed, "Sinta")
    fails(staffed, takes(staffed)[0])
    staffed.at += 3 * TIME_TO_LIVE
    (parcel,) = takes(staffed)
    staffed.run(sent, parcel, 7)
    assert states(staffed, "Sinta") == [Delivery.SENT]


def test_a_whole_office_s_losses_are_one_message_and_its_reader_learns_them_when_telegram_is_back(
    staffed: Town,
) -> None:
    says(staffed, "Sinta", "Bagus", "Endah", "Sari")
    for _ in range(2):
        for parcel in takes(staffed):
            fails(staffed, parcel)
        staffed.at += TIME_TO_LIVE
    ids = [row.id for row in staffed.rows(OutboxRow) if row.state == Delivery.DEAD]
    assert alerts(staffed) == [("Sari", tuple(ids[:3]))]  # of her own message she is not told by this one
    (alert,) = [parcel.message.html for parcel in takes(staffed) if parcel.chat_id == staffed.ids["Sari"]]
    assert all(name in alert for name in ("Sinta", "Bagus", "Endah"))


def test_an_alert_that_waits_grows_in_place_and_starts_another_when_it_is_full(
    staffed: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undelivered, "MOST_IN_ONE", 4)
    says(staffed, *["Sinta"] * 6)

    def bury_all(work: Work) -> None:
        for row in work.session.scalars(select(OutboxRow)).all():
            bury(work, row, "Bad Gateway")

    staffed.run(bury_all)
    told = [row for row in staffed.rows(OutboxRow) if row.notice == "MessageUndelivered"]
    assert [len(row.data["outbox_ids"]) for row in told] == [4, 2]
    assert {row.state for row in told} == {Delivery.PENDING}


def test_where_the_sekretariat_s_own_chat_is_the_dead_one_the_office_s_other_monitor_is_told(staffed: Town) -> None:
    staffed.joins("Umi", "sekretariat")
    says(staffed, "Sari")
    (parcel,) = [parcel for parcel in takes(staffed) if parcel.chat_id == staffed.ids["Sari"]]
    staffed.run(give_up, parcel, "Message is too long")
    assert alerts(staffed) == [("Umi", (parcel.outbox_id,))]


def test_an_alert_waits_for_working_time_and_a_lost_alert_raises_no_alert(staffed: Town) -> None:
    staffed.joins("Umi", "sekretariat")
    staffed.at = wib(9, 20)
    says(staffed, "Sinta")
    staffed.deliver()
    says(staffed, "Sinta")
    (parcel,) = takes(staffed)
    staffed.run(give_up, parcel, "Message is too long")
    assert takes(staffed) == []
    staffed.at = wib(10, 7, 30)
    told = takes(staffed)
    assert sorted(staffed.name(parcel.chat_id) for parcel in told) == ["Sari", "Umi"]
    for alert in told:
        staffed.run(give_up, alert, "Message is too long")
    assert alerts(staffed) == []


# --- refused for good -----------------------------------------------------------------------


@pytest.mark.parametrize("ended", [False, True])
def test_a_card_too_old_to_edit_is_given_anew_while_its_task_is_open(staffed: Town, *, ended: bool) -> None:
    case = staffed.starts()
    task = staffed.to_step(case, 2)
    staffed.deliver()
    staffed.do("Bagus", complete_task, task.id)
    if ended:
        staffed.do("Endah", complete_task, task.id)
    (edit,) = [parcel for parcel in takes(staffed) if parcel.edits and parcel.chat_id == staffed.ids["Endah"]]
    mark = staffed.mark()
    staffed.run(gone, edit, "Message can't be edited")
    assert staffed.told(mark) == ({} if ended else {("Endah", "TaskCard"): 1})
    (card,) = [row for row in staffed.rows(CardRow) if row.chat_id == edit.chat_id]
    assert card.message_id is None
    assert alerts(staffed) == []
    staffed.run(lambda work: outbox.edit(work, edit.chat_id, CardReplaced(), person_id=None, anchor=f"card:{card.id}"))
    new = [parcel for parcel in takes(staffed) if parcel.chat_id == edit.chat_id]
    assert [parcel.edits for parcel in new] == ([] if ended else [None])


def test_an_edit_that_will_never_be_accepted_is_nobody_s_loss(staffed: Town) -> None:
    case = staffed.starts()
    staffed.deliver()
    staffed.do("Sinta", complete_task, staffed.task(case).id)
    (edit,) = [parcel for parcel in takes(staffed) if parcel.edits]
    staffed.run(give_up, edit, "Message is too long")
    assert alerts(staffed) == []


def test_a_group_that_moved_is_written_to_where_it_is_now_in_the_same_order(staffed: Town) -> None:
    for _ in range(3):
        staffed.run(outbox.put, -100, Help())
    (parcel,) = takes(staffed)
    staffed.run(moved, parcel, -1001)
    staffed.run(outbox.put, -100, Help())  # by somebody who has not heard of it
    arrived = []
    while parcels := takes(staffed):
        arrived += [(each.chat_id, each.outbox_id) for each in parcels]
        for each in parcels:
            staffed.run(sent, each, 5)
    assert arrived == [(-1001, row.id) for row in staffed.rows(OutboxRow)]
    assert staffed.rows(ChatRow)[1].moved_to == -1001


# --- what an operator sees and does ---------------------------------------------------------


def test_what_has_not_gone_out_is_listed_with_where_it_stands_and_without_what_it_says(staffed: Town) -> None:
    says(staffed, "Sinta", "Bagus", "Endah", "Kemal", "Rini")
    staffed.run(outbox.put, -100, Help())
    parcels = {staffed.name(parcel.chat_id): parcel for parcel in takes(staffed)}
    fails(staffed, parcels["Sinta"], timedelta(minutes=3))
    staffed.run(give_up, parcels["Bagus"], "Message is too long")
    staffed.run(postpone, parcels["Endah"], timedelta(0), "Bad Gateway")
    staffed.run(sent, parcels["Rini"], 5)
    staffed.at += SECOND
    shown = [(row.who, row.standing, row.attempts, row.error) for row in staffed.run(unsent)]
    assert shown == [
        ("Sinta", Standing.RESTING, 1, "Bad Gateway"),
        ("Bagus", Standing.DEAD, 1, "Message is too long"),
        ("Endah", Standing.WAITING, 1, "Bad Gateway"),
        ("Kemal", Standing.SENDING, 1, ""),
        ("-100", Standing.SENDING, 1, ""),
        ("Sari", Standing.WAITING, 0, ""),
    ]
    assert {row.age for row in staffed.run(unsent)} == {SECOND}


def test_a_dead_message_put_back_has_a_day_again(staffed: Town) -> None:
    says(staffed, "Sinta")
    for _ in range(2):
        fails(staffed, takes(staffed)[0])
        staffed.at += TIME_TO_LIVE
    assert states(staffed, "Sinta") == [Delivery.DEAD]
    assert staffed.run(retry, state=Delivery.DEAD) == 1
    assert staffed.rows(OutboxRow)[0].not_before == staffed.at  # it waits since now, for whoever looks at how long
    parcel = next(parcel for parcel in takes(staffed) if parcel.chat_id == staffed.ids["Sinta"])
    assert parcel.attempts == 3
    fails(staffed, parcel)
    assert states(staffed, "Sinta") == [Delivery.PENDING]


def test_held_messages_go_out_or_are_dropped_as_the_operator_decides(staffed: Town) -> None:
    says(staffed, "Sinta", "Bagus")
    first, second = (row.id for row in staffed.rows(OutboxRow))

    def hold(work: object) -> None:
        for key in (first, second):
            work.session.get_one(OutboxRow, key).state = Delivery.HELD  # type: ignore[attr-defined] # it is there

    staffed.run(hold)
    assert takes(staffed) == []
    assert staffed.run(retry, [first]) == 1
    assert staffed.run(drop, state=Delivery.HELD) == 1
    assert [staffed.name(parcel.chat_id) for parcel in takes(staffed)] == ["Sinta"]


def test_all_or_none_and_what_is_unknown_under_way_or_done_is_named(staffed: Town) -> None:
    says(staffed, "Sinta", "Bagus", "Endah")
    under_way, done, dead = takes(staffed)
    staffed.run(sent, done, 5)
    staffed.run(give_up, dead, "Message is too long")
    before = staffed.dump()
    for use_case in (retry, drop):
        with pytest.raises(UnfitRowsError) as refused:
            staffed.run(use_case, [dead.outbox_id, 10**6, under_way.outbox_id, done.outbox_id])
        assert refused.value.ids == sorted([under_way.outbox_id, done.outbox_id, 10**6])
    assert staffed.dump() == before


def test_a_card_that_has_arrived_meanwhile_is_not_sent_a_second_time_by_a_retry(staffed: Town) -> None:
    staffed.starts()
    (card,) = takes(staffed)
    staffed.run(give_up, card, "Message is too long")
    staffed.hears("Sinta", Kind.BLOCKED)
    staffed.hears("Sinta", Kind.UNBLOCKED)
    with pytest.raises(UnfitRowsError):
        staffed.run(retry, [card.outbox_id])
    for parcel in takes(staffed):
        staffed.run(sent, parcel, 5)
    assert [parcel for parcel in takes(staffed) if parcel.chat_id == card.chat_id] == []
