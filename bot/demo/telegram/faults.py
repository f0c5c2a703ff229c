"""Faults on request: what a network or Telegram does on a bad day."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.demo.telegram.refusals import FORBIDDEN, Refusal, too_many_requests


class FaultKind(StrEnum):
    """What happens to a request."""

    STATUS = "status"  # answered with the status (500, 502, …), not carried out
    RETRY_AFTER = "retry_after"  # 429 with retry_after, not carried out
    FORBIDDEN = "forbidden"  # 403, not carried out
    DROP = "drop"  # the connection breaks before anything is done
    LOSE = "lose"  # carried out, but the connection breaks before the answer
    DELAY = "delay"  # carried out, answered late


_BLOCKED = "Forbidden: bot was blocked by the user"
_PHRASES = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}


@dataclass(frozen=True)
class Fault:
    """One fault; None for ``method`` or ``chat`` means any, ``left`` is how often it still strikes.

    ``status`` belongs to STATUS, ``seconds`` to RETRY_AFTER (whole) and DELAY. ``description`` is what Telegram
    says to a STATUS or FORBIDDEN, in full; empty for the usual words.
    """

    kind: FaultKind
    method: str | None = None
    chat: int | None = None
    left: int = 1
    status: int = 500
    seconds: float = 1
    description: str = ""

    def strikes(self, method: str, chat: int | None) -> bool:
        """Whether the fault is meant for this request."""
        return (self.method is None or self.method.lower() == method.lower()) and self.chat in {None, chat}

    def refusal(self) -> Refusal | None:
        """Return the answer of a fault that answers instead of Telegram, else None."""
        if self.kind is FaultKind.STATUS:
            return Refusal(self.status, self.description or _PHRASES.get(self.status, "Error"))
        if self.kind is FaultKind.RETRY_AFTER:
            return too_many_requests(int(self.seconds))
        if self.kind is FaultKind.FORBIDDEN:
            return Refusal(FORBIDDEN, self.description or _BLOCKED)
        return None


@dataclass
class Faults:
    """The faults still to strike, first come first served."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Let ``fault`` strike from now on."""
        self.waiting.append(fault)

    def clear(self) -> None:
        """Return to good weather."""
        self.waiting.clear()

    def take(self, method: str, chat: int | None) -> Fault | None:
        """Return the fault that strikes this request, used up by one."""
        for index, fault in enumerate(self.waiting):
            if fault.strikes(method, chat):
                self.waiting[index] = replace(fault, left=fault.left - 1)
                self.waiting = [kept for kept in self.waiting if kept.left > 0]
                return fault
        return None
