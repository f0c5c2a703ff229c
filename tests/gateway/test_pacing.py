"""Telegram's limits: thirty a second over all, one a second in a private chat, twenty a minute in a group."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.gateway.pacing import UNLIMITED, Limits, Pacer


def test_thirty_may_start_at_once_and_the_next_a_second_later() -> None:
    pacer = Pacer(Limits())
    assert pacer.free(100.0) == 30
    for _ in range(30):
        pacer.note(100.0)
    assert (pacer.free(100.9), pacer.wait(100.75)) == (0, 0.25)
    assert (pacer.free(101.0), pacer.wait(101.0)) == (30, 0.0)


def test_the_window_slides() -> None:
    pacer = Pacer(Limits(per_second=2))
    pacer.note(10.0)
    pacer.note(10.5)
    assert [pacer.free(moment) for moment in (10.9, 11.0, 11.5)] == [0, 1, 2]


def test_a_private_chat_rests_a_second_and_a_group_three() -> None:
    pacer = Pacer(Limits())
    assert (pacer.gap(7), pacer.gap(-5)) == (1.0, 3.0)


def test_the_demo_s_fast_clock_knows_no_limits() -> None:
    pacer = Pacer(UNLIMITED)
    for _ in range(5000):
        pacer.note(1.0)
    assert pacer.free(1.0) > 0
    assert (pacer.wait(1.0), pacer.gap(7), pacer.gap(-5)) == (0.0, 0.0, 0.0)


@given(st.lists(st.integers(0, 3 * 1024), max_size=40), st.integers(1, 5))
def test_no_window_of_a_second_ever_holds_more_than_allowed(waits: list[int], limit: int) -> None:
    pacer = Pacer(Limits(per_second=limit))
    now, sends = 0.0, list[float]()
    for wait in waits:
        now += wait / 1024  # a fraction that is exact
        now += pacer.wait(now)
        assert pacer.free(now) > 0
        pacer.note(now)
        sends.append(now)
    for start in sends:
        assert sum(start <= moment < start + 1.0 for moment in sends) <= limit
