"""Typst draws from data alone: the same everywhere, and nothing typed is ever executed."""

from __future__ import annotations

import io
import re
import struct
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pdfplumber
import pytest

from bot.drawing import typesetting
from bot.drawing.draw import NotDrawnError, draw
from bot.drawing.flow import Flow, FlowStep, Heading, Shape
from bot.drawing.paper import Form, Paper, Sheet
from bot.messages.papers.flow import flow_paper

if TYPE_CHECKING:
    from pathlib import Path

STEP = FlowStep(1, "Memeriksa", (0,), Shape.TERMINATOR, ("Berkas",), "1 Jam", ("Berkas",))
FLOW = Flow(Heading("Dinas", "SOP"), ("Kepala Dinas",), (STEP,))


def paper(words: str = "Memeriksa", form: Form = Form.PDF, *, portrait: bool = False) -> Paper:
    return flow_paper(replace(FLOW, steps=(replace(STEP, activity=words),)), form, portrait=portrait, name="x")


def test_the_same_paper_gives_the_same_bytes_whichever_compiler_draws_it() -> None:
    papers = [paper(form=Form.PDF), paper(form=Form.PICTURE), paper(form=Form.PICTURE, portrait=True)]
    first = [typesetting.typeset(one) for one in papers]
    typesetting.compiler.cache_clear()
    assert [typesetting.typeset(one) for one in papers] == first


def test_threads_that_draw_at_once_each_get_their_own_paper() -> None:
    papers = [paper(f"Langkah {number}") for number in range(6)]
    alone = [typesetting.typeset(one) for one in papers]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(typesetting.typeset, papers)) == alone
    assert len({files[0] for files in alone}) == len(papers)


def test_who_asks_for_what_is_being_drawn_gets_it_without_a_second_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def slowly(one: Paper) -> tuple[bytes, ...]:
        asked.append(one)
        second.append(pool.submit(draw, one))
        with pytest.raises(TimeoutError):
            second[0].result(0.05)
        return (b"pages",)

    second: list[Future[tuple[bytes, ...]]] = []
    monkeypatch.setattr(typesetting, "typeset", slowly)
    with ThreadPoolExecutor(1) as pool:
        assert draw(paper("Yang lama digambar")) == second[0].result() == (b"pages",)
    assert len(asked) == 1


def test_only_fonts_of_the_repository_are_used_and_every_family_named_is_there() -> None:
    named = re.findall(r'"(Noto [^"]+)"', (typesetting.TEMPLATES / "common.typ").read_text())
    assert set(named) == set(typesetting.fonts().families())
    with pdfplumber.open(io.BytesIO(typesetting.typeset(paper("Periksa 🙂 שלום مرحبا ꦲꦏ 中 ∑"))[0])) as pdf:
        used = {char["fontname"].split("+")[1] for page in pdf.pages for char in page.chars}
    assert len(used) >= 6
    assert all(name.startswith("Noto") for name in used)


@pytest.mark.parametrize(
    "words",
    [
        '#panic("x")',
        '#import "common.typ": *',
        "$ x^2 $",
        "*a* _b_",
        "<a> @b",
        "{{ 7*7 }}",
        '"); panic("',
        '\\u{41} \\ "',
    ],
)
def test_nothing_typed_is_executed(words: str) -> None:
    with pdfplumber.open(io.BytesIO(typesetting.typeset(paper(words))[0])) as pdf:
        shown = "".join(char["text"] for page in pdf.pages for char in page.chars)
    assert words.replace(" ", "") in shown.replace(" ", "").replace("\u200b", "")


def test_data_that_do_not_fit_their_sheet_are_not_drawn_and_the_next_paper_is() -> None:
    for data in ("{}", "no json", '{"steps": 5}', '"\ud800"'):
        with pytest.raises(NotDrawnError, match="flow as pdf"):
            typesetting.typeset(Paper(Sheet.FLOW, Form.PDF, data, "x"))
    assert draw(paper())


def test_an_installation_without_its_fonts_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "FONTS", tmp_path)
    typesetting.compiler.cache_clear()
    with pytest.raises(NotDrawnError, match="Noto Sans"):
        typesetting.typeset(paper())
    monkeypatch.undo()
    typesetting.compiler.cache_clear()


def test_an_upright_picture_is_as_wide_as_phones_are_sharp() -> None:
    for file in typesetting.typeset(paper(form=Form.PICTURE, portrait=True)):
        assert struct.unpack(">II", file[16:24])[0] == 1080
