"""What the command line says before any command has run, and when nobody can take what it says."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import run_command

ENGLISH = re.compile(r"usage|argument[s ]|option|required|invalid|choose|expected|show this|error|allowed|unrecog")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "argumen ini harus diisi: perintah"),
        (["terbang"], "argumen perintah: 'terbang' tidak dikenal (pilih: 'run', 'start'"),
        (["people", "forget"], "argumen ini harus diisi: ID"),
        (["people", "forget", "Sari"], "argumen ID: 'Sari' bukan bilangan yang sah"),
        (["outbox", "list", "--dead", "--held"], "argumen --held: tidak dapat bersama argumen --dead"),
        (["outbox", "list", "--semua"], "argumen tidak dikenal: --semua"),
        (["restore", "a.zip", "--lompat"], "argumen --lompat: harus diikuti satu nilai"),
        (["restore", "a.zip", "--ganti=ya"], "argumen --ganti: tidak menerima nilai 'ya'"),
        (["restore", "a.zip", "--p"], "--p dapat berarti --periksa, --pindah; tulis lengkap"),
        (["audit", "verify", "--sidik-jari"], "argumen --sidik-jari: harus diikuti sedikitnya satu nilai"),
    ],
)
def test_a_command_written_wrongly_is_told_in_indonesian(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command(arguments)
    heard = capsys.readouterr()
    assert (ended.value.code, heard.out, words in heard.err) == (2, "", True), heard.err
    assert heard.err.startswith("pemakaian: sop-bot")
    assert ENGLISH.search(heard.err) is None


@pytest.mark.parametrize("family", [[], ["outbox"], ["outbox", "retry"], ["people", "forget"], ["restore"]])
def test_the_help_is_in_indonesian(family: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_command([*family, "--help"])
    heard = capsys.readouterr()
    assert (ended.value.code, heard.err) == (0, "")
    assert "menampilkan petunjuk ini" in heard.out
    assert ENGLISH.search(heard.out) is None


def test_a_full_disk_at_the_other_end_is_one_clear_line() -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "bot", "check"]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own command
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1), ended.stderr
    assert "disk tujuan penuh" in ended.stderr
