"""The short texts, written area by area."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

import bot.messages.labels as shelf
from bot.messages.labels import Role, command_list, label


def test_a_text_that_two_files_claim_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    files = ({"button": {"done": "Selesai"}}, {"button": {"done": "Beres"}})
    monkeypatch.setattr(shelf, "_files", lambda: files)
    with pytest.raises(ValueError, match=r"labels: 'button\.done' is defined by two areas"):
        shelf._labels.__wrapped__()  # noqa: SLF001 - past the cache, which holds the real texts


def test_every_file_of_the_folder_is_read() -> None:
    for file in Path(shelf.__file__).parent.glob("*.toml"):
        for table, texts in tomllib.loads(file.read_text(encoding="utf-8")).items():
            for name, text in texts.items():
                if isinstance(text, str) and "{" not in text:
                    assert label(f"{table}.{name}") == text


@pytest.mark.parametrize("role", Role)
def test_every_listed_command_says_how_it_is_used_and_what_it_is_for(role: Role) -> None:
    commands = command_list(role)
    assert all(command.use.startswith(f"/{command.name}") and command.about for command in commands)
    assert len({command.name for command in commands}) == len(commands)
