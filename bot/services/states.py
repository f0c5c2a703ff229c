"""What a row of the outbox can be in, and which one of a chat goes first."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Delivery(StrEnum):
    """The life of an outbox row."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DROPPED = "dropped"  # nothing true was left to say, or a newer row says it
    DEAD = "dead"  # refused for good
    HELD = "held"  # came back with a backup: an operator decides
    FOLDED = "folded"  # kept for the one message that tells a chief all that waits (see bot.services.briefs)


class Priority(IntEnum):
    """Which row of a chat goes first."""

    URGENT = -1  # what is worth nothing behind a queue of answers
    ANSWER = 0  # the reply to somebody's own words
    ORDINARY = 1  # cards, notices, reminders
    DIGEST = 2  # what can wait behind everything else
