"""``sop-bot sop pdf|kendali`` as an operator meets it: from a SOP's file alone."""

from __future__ import annotations

import io
import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pdfplumber
import pytest

from bot.cli import run_command
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Answer = tuple[int, bytes, str]
"""Exit code, standard output, standard error."""
SOPS = Path(__file__).parent.parent / "sop_data"
ID = "disbudpar-tangerang-pk"


@pytest.fixture
def sop_bot(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> Iterator[Callable[..., Answer]]:
    """Run a command in an empty folder, with a database that cannot be reached and without a token."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("SOP_DIR", str(SOPS))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*arguments: str) -> Answer:
        try:
            code = run_command(["sop", *arguments])
        except SystemExit as exit_:  # argparse
            code = int(str(exit_.code))
        heard = capfdbinary.readouterr()
        assert b"Traceback" not in heard.err
        return code, heard.out, heard.err.decode()

    yield run
    root.handlers[:], root.level = handlers, level


def _first_page(content: bytes) -> str:
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        return pdf.pages[0].extract_text()


def test_a_document_is_written_under_its_own_name_and_overwrites_nothing_unasked(
    sop_bot: Callable[..., Answer], tmp_path: Path
) -> None:
    target = tmp_path / f"SOP-{ID}.pdf"
    code, out, err = sop_bot("pdf", ID)
    assert (code, out.decode(), err) == (0, f"Ditulis ke SOP-{ID}.pdf.\n", "")
    assert "Disahkan oleh" in _first_page(target.read_bytes())
    target.write_text("tanda tangan asli")
    code, _, err = sop_bot("pdf", ID)
    assert (code, target.read_text()) == (1, "tanda tangan asli")
    assert "--timpa" in err
    assert sop_bot("pdf", ID, "--timpa")[0] == 0
    assert target.read_bytes().startswith(b"%PDF")
    assert list(tmp_path.iterdir()) == [target]


def test_out_is_a_file_a_folder_or_the_standard_output(sop_bot: Callable[..., Answer], tmp_path: Path) -> None:
    assert sop_bot("pdf", ID, "-o", "naskah.pdf")[0] == 0
    (tmp_path / "cetak").mkdir()
    assert sop_bot("kendali", ID, "--out", "cetak")[0] == 0
    code, out, err = sop_bot("kendali", ID, "-o", "-")
    assert (code, err) == (0, "")
    assert out == (tmp_path / "cetak" / f"Lembar-kendali-{ID}.pdf").read_bytes()
    assert "LEMBAR KENDALI BERKAS" in _first_page(out)
    code, _, err = sop_bot("pdf", ID, "-o", "tidak/ada.pdf")
    assert (code, err.splitlines()) == (1, ["File tidak/ada.pdf tidak dapat ditulis: No such file or directory"])


def test_an_unknown_sop_is_refused_with_those_that_there_are(
    sop_bot: Callable[..., Answer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = sop_bot("pdf", "pk", "-o", "-")
    assert (code, out) == (1, b"")
    assert "'pk' tidak dikenal" in err
    assert all(path.stem in err for path in SOPS.glob("*.yaml"))
    monkeypatch.setenv("SOP_DIR", str(shutil.copytree(SOPS / "kalender", tmp_path / "kosong")))
    code, _, err = sop_bot("pdf", ID)
    assert code == 1
    assert "sop-bot check" in err
    assert [path.name for path in tmp_path.iterdir()] == ["kosong"]
