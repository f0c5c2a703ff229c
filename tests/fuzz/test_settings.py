"""Whatever stands in the environment or in ``.env``, the program starts with sound settings or names what is wrong."""

from __future__ import annotations

import os
from contextlib import chdir
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import Settings, SettingsProblem, read_settings
from tests.fuzz.bot_api import ODD
from tests.fuzz.effort import inputs

if TYPE_CHECKING:
    from pathlib import Path

NAMES = sorted(name.upper() for name in Settings.model_fields)
_SOUND = (
    "123456789:" + "Aa1_-" * 7,
    "https://contoh.go.id/x",
    "sqlite:///x.db",
    "1,2",
    "127.0.0.1:80",
    "[::1]:8080",
    "json",
)
# What an environment can hold: no NUL, and bytes that are no UTF-8 come as lone surrogates.
_values = (st.sampled_from([*ODD, *_SOUND]) | st.text(max_size=30)).map(
    lambda text: os.fsdecode(text.replace("\x00", "").encode("utf-8", "ignore"))
) | st.binary(max_size=20).map(lambda raw: os.fsdecode(raw.replace(b"\x00", b"")))
_prefixed = st.builds(str.__add__, st.sampled_from(_SOUND), _values)


def read_or_complain() -> None:
    """Read the settings; fail for anything but sound ones or a printable list of what to mend."""
    try:
        read_settings()
    except SettingsProblem as problem:
        lines = problem.lines
        if not lines:
            pytest.fail("a problem without a word")
        for line in lines:
            if not line.isprintable():
                pytest.fail(f"unprintable: {line!r}")


@inputs(150)
@given(st.dictionaries(st.sampled_from(NAMES), _values | _prefixed, max_size=4))
def test_any_environment_is_read_or_complained_of(tmp_path: Path, variables: dict[str, str]) -> None:
    with pytest.MonkeyPatch.context() as environment, chdir(tmp_path):
        for name in list(os.environ):
            if name.upper() in NAMES:
                environment.delenv(name)
        for name, value in variables.items():
            environment.setenv(name, value)
        read_or_complain()


@inputs(100)
@given(
    st.binary(max_size=60)
    | st.lists(st.builds(lambda name, value: f"{name}={value}\n", st.sampled_from(NAMES), st.text(max_size=20))).map(
        lambda lines: "".join(lines).encode("utf-8", "surrogatepass")
    )
)
def test_any_env_file_is_read_or_complained_of(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".env").write_bytes(content)
    with pytest.MonkeyPatch.context() as environment, chdir(tmp_path):
        for name in list(os.environ):
            if name.upper() in NAMES:
                environment.delenv(name)
        read_or_complain()
