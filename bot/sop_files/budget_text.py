"""A time budget in a SOP file's words: ``4 Hari``, ``10 Menit``, ``1 Jam``."""

from __future__ import annotations

import re

from bot.domain.budget import Budget, Unit

_SHAPE = re.compile(r"([0-9]{1,7})\s+([a-z]+)", re.IGNORECASE)
_WORDS = {Unit.MINUTE: "Menit", Unit.HOUR: "Jam", Unit.DAY: "Hari"}
_UNITS = {word.lower(): unit for unit, word in _WORDS.items()}
LARGEST = {Unit.MINUTE: 100_000, Unit.HOUR: 10_000, Unit.DAY: 1_000}
"""The largest amount of each unit; beyond it a deadline would lie outside any calendar."""

_ADVICE = "tulis bilangan lalu Menit, Jam atau Hari, misalnya '4 Hari'"


def parse_budget(text: str) -> Budget:
    """Return the budget that a text states, in any letter case.

    Raises ValueError with an Indonesian explanation.
    """
    match = _SHAPE.fullmatch(text.strip())
    unit = _UNITS.get(match[2].lower()) if match else None
    if match is None or unit is None:
        message = f"tidak terbaca; {_ADVICE}"
        raise ValueError(message)
    amount = int(match[1])
    if not 1 <= amount <= LARGEST[unit]:
        message = f"di luar batas; {_WORDS[unit]} harus antara 1 dan {LARGEST[unit]}"
        raise ValueError(message)
    return Budget(amount, unit)


def format_budget(budget: Budget) -> str:
    """Return the one way a budget is written, such as ``4 Hari``."""
    return f"{budget.amount} {_WORDS[budget.unit]}"
