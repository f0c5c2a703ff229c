"""What several areas add to one table."""

from __future__ import annotations

import pytest

from bot.merging import merged


def test_what_the_areas_say_stands_in_one_table() -> None:
    assert merged("commands", [{"a": 1}, {}, {"b": 2}]) == {"a": 1, "b": 2}


def test_two_areas_that_claim_one_word_are_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match=r"commands: 'a' is defined by two areas"):
        merged("commands", [{"a": 1}, {"b": 2}, {"a": 1}])
