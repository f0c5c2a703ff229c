"""How long the fuzzing tests look: short and always the same in ``make test``, long and new each time otherwise.

``FUZZ=20 pytest tests/fuzz`` looks at twenty times as many inputs, not the same ones as the last time.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

FACTOR = int(os.environ.get("FUZZ", "1"))

# What is generated here is large on purpose, and what the fixtures hold is meant to grow from input to input.
_MEANT = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
    HealthCheck.function_scoped_fixture,
)


def inputs(count: int) -> settings:
    """Return hypothesis settings for so many inputs in the short version."""
    return settings(
        max_examples=count * FACTOR,
        deadline=None,
        derandomize=FACTOR == 1,
        database=None,
        suppress_health_check=_MEANT,
    )
