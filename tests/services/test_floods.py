"""Floods: whoever sends too much waits a while, is told so once, and nobody else notices."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.metrics import FLOODS
from bot.services import floods
from bot.services.deliver import purge, take
from bot.services.floods import BOUNDLESS, Allowance, pour
from bot.services.people import ensure_person
from bot.services.work import Work
from bot.store.tables import FloodRow, OutboxRow
from handlers.conversation import Kind
from tests.services.conftest import SENDER, Town, wib

NOON = wib(9, 12)
SECOND = timedelta(seconds=1)
GROUP = -1001
FEW = Allowance(capacity=6, per_second=1)


@pytest.fixture
def narrow(staffed: Town) -> Town:
    """Return the town with little patience: six updates at once, one more with each second."""
    staffed.library = replace(staffed.library, allowance=FEW)
    return staffed


def answered(town: Town, who: str) -> Counter[str]:
    """Return how often somebody was answered with what."""
    return Counter(row.notice for row in town.rows(OutboxRow) if row.chat_id == town.ids[who] and not row.edit)


def test_hands_never_reach_the_limit_that_holds_in_production() -> None:
    assert (Allowance().capacity, Allowance().per_second) == (60, 1.0)
    assert Allowance().rest == 30 * SECOND


def test_who_sends_too_much_is_told_once_and_obeyed_again_after_the_stated_time(narrow: Town) -> None:
    before = FLOODS._value.get()  # noqa: SLF001 - prometheus_client has no public reading of one counter
    for _ in range(20):
        narrow.says("Kemal", "/tugas")
    assert answered(narrow, "Kemal") == {"TaskList": 6, "TooManyMessages": 1}
    [told] = [row for row in narrow.rows(OutboxRow) if row.notice == "TooManyMessages"]
    assert told.data == {"until": (narrow.at + 3 * SECOND).isoformat()}
    # Not behind the answers, which go out at one a second: the stated time would be over.
    assert [parcel.outbox_id for parcel in narrow.run(take, SENDER, busy=[], limit=9).parcels] == [told.id]
    assert FLOODS._value.get() - before == 14  # noqa: SLF001 - see above
    narrow.at += 3 * SECOND
    for _ in range(20):
        narrow.says("Kemal", "/tugas")
    # Half of the bucket has run out meanwhile; then it is said once again.
    assert answered(narrow, "Kemal") == {"TaskList": 9, "TooManyMessages": 2}


def test_nobody_else_notices(narrow: Town) -> None:
    for _ in range(20):
        narrow.says("Kemal", "/tugas")
    narrow.says("Rini", "/tugas")
    assert answered(narrow, "Rini") == {"TaskList": 1}


def test_a_button_that_is_not_obeyed_says_so_and_changes_nothing(narrow: Town) -> None:
    task = narrow.task(narrow.starts())
    for _ in range(6):
        narrow.says("Sinta", "/tugas")
    before = narrow.dump()
    spoken = [narrow.presses("Sinta", f"1:done:{task.id}") for _ in range(3)]
    assert all(answer.alert and "3 detik" in answer.text for answer in spoken)
    now = narrow.dump()
    changed = {table for table in now if now[table] != before[table]}
    assert changed == {"telegram_update", "flood"}


def test_strangers_are_counted_too_and_so_is_every_kind_of_update(narrow: Town) -> None:
    narrow.stranger("Orang")
    for kind in [Kind.TEXT, Kind.OTHER, Kind.BUTTON, Kind.UNBLOCKED, Kind.EDITED, Kind.COMMAND] * 3:
        narrow.hears("Orang", kind, "x")
    assert answered(narrow, "Orang") == {"Stranger": 4, "TooManyMessages": 1}
    assert [row.telegram_id for row in narrow.rows(FloodRow)] == [narrow.ids["Orang"]]


def test_talk_in_a_group_fills_nobody_s_bucket(narrow: Town) -> None:
    for kind in [Kind.TEXT, Kind.OTHER, Kind.EDITED] * 5:
        narrow.hears("Kemal", kind, "x", chat_id=GROUP)
    assert narrow.rows(FloodRow) == []
    assert narrow.rows(OutboxRow) == []
    # A press is no talk: the buttons of the alert group are obeyed, and so they count.
    narrow.hears("Kemal", Kind.BUTTON, "x", chat_id=GROUP)
    assert len(narrow.rows(FloodRow)) == 1


def test_who_floods_a_group_with_commands_is_told_in_private(narrow: Town) -> None:
    for _ in range(20):
        narrow.hears("Kemal", Kind.COMMAND, command="tugas", chat_id=GROUP)
    assert Counter(row.notice for row in narrow.rows(OutboxRow) if row.chat_id == GROUP) == {"PrivateOnly": 6}
    assert answered(narrow, "Kemal") == {"TooManyMessages": 1}


def test_a_repeated_update_is_not_counted_again(narrow: Town) -> None:
    for _ in range(20):
        narrow.says("Kemal", "/tugas", update_id=77)
    narrow.says("Kemal", "/tugas")
    assert answered(narrow, "Kemal") == {"TaskList": 2}


def test_an_empty_bucket_is_forgotten_and_a_full_one_is_not(narrow: Town) -> None:
    narrow.says("Kemal", "/tugas")
    narrow.at += 6 * SECOND
    narrow.run(purge)
    assert len(narrow.rows(FloodRow)) == 1
    narrow.at += SECOND
    narrow.run(purge)
    assert narrow.rows(FloodRow) == []


def test_buckets_of_strangers_are_bounded_and_known_people_keep_their_room(
    narrow: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floods, "MOST_ROWS", 3)
    turned = [narrow.run(pour, 100 + number) is not None for number in range(5)]
    assert turned == [False, False, False, True, True]
    narrow.says("Kemal", "/tugas")
    assert answered(narrow, "Kemal") == {"TaskList": 1}
    narrow.at += 7 * SECOND
    assert narrow.run(pour, 200) is None  # those that are empty by now make room
    assert len(narrow.rows(FloodRow)) == 1


def test_a_stage_without_limit_keeps_no_buckets(staffed: Town) -> None:
    staffed.library = replace(staffed.library, allowance=BOUNDLESS)
    for _ in range(100):
        assert staffed.run(pour, 1) is None
    assert staffed.rows(FloodRow) == []


def test_two_updates_at_once_of_a_newcomer_are_both_counted(narrow: Town) -> None:
    def known(work: Work) -> None:
        ensure_person(work, 4711, "Baru")

    narrow.run(known)
    results = narrow.run_at_once(*[lambda work: pour(work, 4711)] * 10)
    assert Counter(result is None for result in results) == {True: 6, False: 4}


@given(pauses=st.lists(st.floats(0, 3), max_size=60))
def test_over_any_time_nobody_is_obeyed_more_often_than_the_bucket_allows(pauses: list[float]) -> None:
    bucket = FloodRow(telegram_id=1, level=0.0, at=NOON, told_at=None)
    now, obeyed = NOON, []
    for pause in pauses:
        now += timedelta(seconds=pause)
        if floods.drip(bucket, FEW, now) is None:
            obeyed.append(now)
    for first in range(len(obeyed)):
        for last in range(first, len(obeyed)):
            assert last - first + 1 <= FEW.capacity + (obeyed[last] - obeyed[first]).total_seconds() + 0.01
