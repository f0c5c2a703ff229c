"""One change of an office's rules, apart from the rules it was thought of with: it fits whatever they are by now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.office_rules.as_json import rules_from_dict, rules_to_dict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.office_rules.rules import OfficeRules

Json = dict[str, Any]
_ENTRIES = ("holidays", "sop_ladders", "audiences")
"""Fields whose entries are changed one by one: taking out the last one must not take out what came meanwhile."""


def patch_between(old: OfficeRules, new: OfficeRules) -> Json:
    """Return the JSON merge patch (RFC 7396) that makes ``new`` of ``old``; empty where they are the same."""
    before, after = rules_to_dict(old), rules_to_dict(new)
    emptied: Json = {key: {} for key in _ENTRIES if key in before}
    return _between(before, emptied | after)


def patched(rules: OfficeRules, patch: Mapping[str, Any]) -> OfficeRules:
    """Return the rules with a change made to them; raises as ``rules_from_dict`` does."""
    return rules_from_dict(_patched(rules_to_dict(rules), patch))


def _between(old: Mapping[str, Any], new: Mapping[str, Any]) -> Json:
    patch: Json = {key: None for key in old if key not in new}
    for key, value in new.items():
        before = old.get(key)
        if before == value:
            continue
        both_mapped = isinstance(before, dict) and isinstance(value, dict)
        patch[key] = _between(before or {}, value) if both_mapped else value
    return patch


def _patched(target: Any, patch: Mapping[str, Any]) -> Json:
    found: Json = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            found.pop(key, None)
        elif isinstance(value, dict):
            found[key] = _patched(found.get(key), value)
        else:
            found[key] = value
    return found
