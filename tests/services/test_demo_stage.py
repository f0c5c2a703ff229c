"""What the demo waits for: everything the bot can send now, and nothing that Telegram told it to keep."""

from __future__ import annotations

from datetime import timedelta

from bot.demo.stage import undelivered
from bot.services.deliver import postpone, take
from tests.services.conftest import SENDER, Town


def test_what_waits_for_a_resting_chat_is_not_awaited_until_it_may_go_out(staffed: Town) -> None:
    staffed.starts()
    assert staffed.run(undelivered) == 1
    (parcel,) = staffed.run(take, SENDER, limit=10).parcels
    assert staffed.run(undelivered) == 1
    staffed.run(postpone, parcel, timedelta(seconds=30), "Too Many Requests")
    assert staffed.run(undelivered) == 0
    staffed.at += timedelta(seconds=30)
    assert staffed.run(undelivered) == 1
    staffed.deliver()
    assert staffed.run(undelivered) == 0
