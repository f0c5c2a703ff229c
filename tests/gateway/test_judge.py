"""What Telegram's refusals mean for a delivery."""

from __future__ import annotations

import warnings
from datetime import timedelta

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.gateway.telegram_api import Refused, Verdict, judge


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (Forbidden("Forbidden: bot was blocked by the user"), Verdict.UNREACHABLE),
        (Forbidden("Forbidden: user is deactivated"), Verdict.UNREACHABLE),
        (Forbidden("Forbidden: bot can't initiate conversation with a user"), Verdict.UNREACHABLE),
        (BadRequest("Chat not found"), Verdict.UNREACHABLE),
        (BadRequest("PEER_ID_INVALID"), Verdict.UNREACHABLE),
        (BadRequest("Message is not modified: specified new message content and reply markup are exactly the same"),
         Verdict.DONE),
        (BadRequest("Message to edit not found"), Verdict.GONE),
        (BadRequest("Message can't be edited"), Verdict.GONE),
        (BadRequest("MESSAGE_ID_INVALID"), Verdict.GONE),
        (BadRequest("CHAT_NOT_MODIFIED"), Verdict.DONE),
        (BadRequest("Message thread not found"), Verdict.ASTRAY),
        (BadRequest("TOPIC_CLOSED"), Verdict.ASTRAY),
        (BadRequest("Not enough rights to manage pinned messages in the chat"), Verdict.NEVER),
        (BadRequest("Can't parse entities: unsupported start tag"), Verdict.NEVER),
        (BadRequest("Message is too long"), Verdict.NEVER),
        (ChatMigrated(-100), Verdict.MOVED),
        (TimedOut(), Verdict.LATER),
        (NetworkError("httpx.ConnectError"), Verdict.LATER),
        (NetworkError("Internal Server Error"), Verdict.LATER),
        (Conflict("terminated"), Verdict.LATER),
        (InvalidToken("Unauthorized"), Verdict.LATER),
        (TelegramError("what is this"), Verdict.LATER),
        (RetryAfter(17), Verdict.LATER),
    ],
)  # fmt: skip
def test_each_refusal_has_its_verdict(error: TelegramError, verdict: Verdict) -> None:
    assert judge(error, 1, 0.5).verdict is verdict


def test_retry_after_is_obeyed_to_the_second_whatever_was_tried_before() -> None:
    assert judge(RetryAfter(17), 9, 0.9) == Refused(Verdict.LATER, timedelta(seconds=17))


def test_retry_after_is_read_without_a_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert judge(RetryAfter(timedelta(seconds=3)), 1, 0).rest == timedelta(seconds=3)


def test_other_trouble_is_waited_out_ever_longer_up_to_about_five_minutes() -> None:
    rests = [judge(TimedOut(), attempts, 0.5).rest for attempts in (1, 2, 3, 8, 9, 50, 10**6)]
    assert rests == [timedelta(seconds=seconds) for seconds in (2, 4, 8, 256, 300, 300, 300)]


def test_retries_are_spread_by_a_quarter_either_way() -> None:
    assert judge(TimedOut(), 3, 0.0).rest == timedelta(seconds=6)
    assert judge(TimedOut(), 3, 1.0).rest == timedelta(seconds=10)
