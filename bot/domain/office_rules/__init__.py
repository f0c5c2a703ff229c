"""An office's own settings and what follows from them: its calendar, its ladders, who hears what, and when."""

from __future__ import annotations

from bot.domain.office_rules.as_json import rules_from_dict, rules_to_dict
from bot.domain.office_rules.checking import Fault, RuleProblem, check_rules
from bot.domain.office_rules.hearing import audiences_under, ladder_for, posts_above
from bot.domain.office_rules.moving import moved_due, shift
from bot.domain.office_rules.patching import patch_between, patched
from bot.domain.office_rules.rules import (
    CHIEF_CAP,
    DEFAULT_RULES,
    HOLD_REMINDER_DAYS,
    OBJECTION,
    SIX_DAYS,
    SIX_DAYS_RAMADAN,
    FastingMonth,
    Ladders,
    OfficeRules,
    QuietHours,
)
from bot.domain.office_rules.working import calendar_with, is_quiet, may_remind, next_speaking

__all__ = [
    "CHIEF_CAP",
    "DEFAULT_RULES",
    "HOLD_REMINDER_DAYS",
    "OBJECTION",
    "SIX_DAYS",
    "SIX_DAYS_RAMADAN",
    "FastingMonth",
    "Fault",
    "Ladders",
    "OfficeRules",
    "QuietHours",
    "RuleProblem",
    "audiences_under",
    "calendar_with",
    "check_rules",
    "is_quiet",
    "ladder_for",
    "may_remind",
    "moved_due",
    "next_speaking",
    "patch_between",
    "patched",
    "posts_above",
    "rules_from_dict",
    "rules_to_dict",
    "shift",
]
