"""What a swimlane table shows: every word in its cell, a line for every way the flow takes, none through a symbol."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pdfplumber
import pytest
import typst
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.drawing.flow import CaseHead, Flow, FlowStep, Heading, Shape, State, StepProgress
from bot.drawing.paper import Form
from bot.drawing.typesetting import TEMPLATES, fonts
from bot.messages.papers.flow import case_flow, flow_paper, sop_flow
from bot.sop_files.loader import load_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Json = dict[str, Any]
Point = tuple[float, float]
Segment = tuple[Point, Point]

SOPS = {sop.id: sop for sop in load_folder(Path(__file__).parents[2] / "sop_data").sops}
FONTS = fonts()
LEFT, TOP = 28, 26  # the margins of the wide form
CLOSE = 0.6
ACTIVITY, LANES, REQUIREMENTS, WAKTU, OUTPUTS, REMARKS, PROGRESS = range(1, 8)
NAMES = (
    "Kepala Dinas", "Sekretaris", "Kasubag Administrasi Umum dan Keuangan", "Kepala Bidang Komunikasi Publik",
    "Kepala Seksi", "Bendahara", "Pejabat Pembuat Komitmen", "Staf/Jabatan Fungsional Umum", "Petugas Arsip",
)  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """A flow's PDF, and where Typst says that rows, symbols and lines are."""

    pdf: bytes
    pages: list[Json]


def drawn(flow: Flow, *, portrait: bool = False) -> Drawn:
    paper = flow_paper(flow, Form.PDF, portrait=portrait, name="x")
    compiler = typst.Compiler(
        TEMPLATES / f"{paper.sheet}.typ", TEMPLATES, FONTS, ignore_system_fonts=True,
        sys_inputs={"data": paper.data, "form": "pdf"},
    )  # fmt: skip
    pdf = compiler.compile(format="pdf")
    assert isinstance(pdf, bytes)
    return Drawn(pdf, json.loads(compiler.query("<flow-page>", field="value")))


def step(
    number: int, actors: tuple[int, ...], reject_to: int | None = None, *, last: bool = False, **more: Any
) -> FlowStep:
    shape = Shape.DECISION if reject_to else Shape.TERMINATOR if number == 1 or last else Shape.PROCESS
    words = f"Memeriksa dan meneruskan dokumen bagian {number} kepada pejabat yang berwenang"
    values = {"requirements": ("Berkas permohonan", "Lembar disposisi"), "outputs": ("Berkas diperiksa",), **more}
    return FlowStep(number, words, actors, shape, waktu="2 Hari", reject_to=reject_to, **values)


def large() -> Flow:
    steps = []
    for number in range(1, 41):
        several = tuple(sorted({number % 9, (number + 2) % 9, (number + 5) % 9}))
        back = max(1, number - (1, 2, 5, 8, 13, 20)[number % 6]) if number > 1 and number % 3 == 0 else None
        steps.append(
            step(
                number,
                (number * 5 % 9,) if number % 7 else several,
                back,
                last=number == 40,
                any_suffices=number % 2 == 0,
            )
        )
    return Flow(Heading("Dinas Komunikasi", "Pelayanan"), NAMES, tuple(steps))


FLOWS = {name: sop_flow(sop) for name, sop in SOPS.items()} | {"40 steps, 9 actors": large()}


MIRRORED = str.maketrans("]})>", "[{(<")  # right to left, a closing bracket is drawn as an opening one


def bare(words: str) -> str:
    return "".join(char for char in words if not char.isspace() and char not in "\u200b\u200d")


# Lines


def segments(line: Json) -> list[Segment]:
    return [((x0, y0), (x1, y1)) for (x0, y0), (x1, y1) in pairwise(line["points"])]


def enters(segment: Segment, symbol: Json) -> bool:
    """Whether a segment runs through the inside of a symbol; ends that touch its edge do not."""
    (x0, y0), (x1, y1) = segment
    reach = symbol["hw"] - CLOSE
    if symbol["shape"] == "decision" and y0 == y1:
        reach = symbol["hw"] * (1 - abs(y0 - symbol["y"]) / symbol["hh"]) - CLOSE
    elif symbol["shape"] == "terminator":
        reach -= symbol["hw"] / 2  # its ends are round
    apart_x = max(x0, x1) <= symbol["x"] - reach or min(x0, x1) >= symbol["x"] + reach
    apart_y = max(y0, y1) <= symbol["y"] - symbol["hh"] + CLOSE or min(y0, y1) >= symbol["y"] + symbol["hh"] - CLOSE
    return not (apart_x or apart_y)


def shared(one: Segment, other: Segment) -> float:
    """How far two segments lie on each other, in pt."""
    for along, across in ((0, 1), (1, 0)):
        if all(abs(segment[0][across] - segment[1][across]) < 0.01 for segment in (one, other)):
            if abs(one[0][across] - other[0][across]) > CLOSE:
                return 0
            spans = [sorted(point[along] for point in segment) for segment in (one, other)]
            return min(spans[0][1], spans[1][1]) - max(spans[0][0], spans[1][0])
    return 0


def assert_flow_is_complete(flow: Flow, pages: list[Json]) -> None:
    lines = [{**line, "page": page["page"]} for page in pages for line in page["lines"]]
    place = {row["number"]: page["page"] for page in pages for row in page["rows"]}
    assert [row["number"] for page in pages for row in page["rows"]] == [step.number for step in flow.steps]
    marks = Counter(
        (line["kind"], line["page"], line["mark"]) for line in lines if line["kind"] in {"in", "out", "reject-in"}
    )
    for before, after in pairwise(flow.steps):
        here = [line for line in lines if line["kind"] in {"next", "out"} and line["from"] == before.number]
        assert [line["to"] for line in here] == [after.number]
        if here[0]["kind"] == "out":
            assert marks["in", place[after.number], here[0]["mark"]] == 1
            assert place[after.number] == place[before.number] + 1
    for back in (step for step in flow.steps if step.reject_to is not None):
        (line,) = (line for line in lines if line["kind"] in {"reject", "reject-out"} and line["from"] == back.number)
        assert line["to"] == back.reject_to
        if line["kind"] == "reject-out":
            assert line["mark"] == f"T{back.reject_to}"
            assert marks["reject-in", place[back.reject_to], line["mark"]] == 1


def assert_lines_keep_apart(page: Json) -> None:
    for line in page["lines"]:
        for segment in segments(line):
            assert segment[0][0] == pytest.approx(segment[1][0]) or segment[0][1] == pytest.approx(segment[1][1])
            assert not [symbol for symbol in page["symbols"] if enters(segment, symbol)], line
            low, high = page["columns"][2:4] if len(page["columns"]) > 2 else page["columns"]
            assert all(low - 1 <= x <= high + 1 for x, _ in segment), line
    for one, other in combinations(page["lines"], 2):
        together = sum(line["kind"] == "reject" and line["to"] == one["to"] for line in page["lines"])
        apart = one["kind"] == other["kind"] == "reject" and together == 2
        if one["to"] == other["to"] and not apart:
            continue  # more than two that return to one step, and what joins the way into it, arrive together
        overlap = max((shared(a, b) for a in segments(one) for b in segments(other)), default=0)
        assert overlap < 1, (one, other)


@pytest.mark.parametrize("portrait", [False, True], ids=["wide", "upright"])
@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_every_way_has_its_line_and_none_runs_through_a_symbol_or_along_another(flow: Flow, portrait: bool) -> None:
    pages = drawn(flow, portrait=portrait).pages
    assert_flow_is_complete(flow, pages)
    for page in pages:
        assert_lines_keep_apart(page)


@st.composite
def small_flows(draw: st.DrawFn) -> Flow:
    width = draw(st.integers(1, 9))
    actors = st.sets(st.integers(0, width - 1), min_size=1, max_size=4).map(lambda found: tuple(sorted(found)))
    steps = []
    for number in range(1, draw(st.integers(2, 9)) + 1):
        back = draw(st.none() | st.integers(1, number - 1)) if number > 1 else None
        steps.append(step(number, draw(actors), back, any_suffices=draw(st.booleans())))
    return Flow(Heading("Dinas", "SOP"), NAMES[:width], tuple(steps))


@given(flow=small_flows(), portrait=st.booleans())
@settings(max_examples=10)
def test_whatever_the_steps_the_lines_keep_out_of_each_others_way(flow: Flow, portrait: bool) -> None:
    pages = drawn(flow, portrait=portrait).pages
    assert_flow_is_complete(flow, pages)
    for page in pages:
        assert_lines_keep_apart(page)


def test_every_actor_of_a_step_has_its_symbol_and_all_five_symbols_appear() -> None:
    flow = FLOWS["40 steps, 9 actors"]
    pages = drawn(flow).pages
    symbols = Counter((symbol["number"], symbol["lane"]) for page in pages for symbol in page["symbols"])
    assert symbols == Counter((step.number, actor) for step in flow.steps for actor in step.actors)
    kinds = {line["kind"] for page in pages for line in page["lines"]}
    assert kinds >= {"next", "reject", "reject-out", "reject-in", "in", "out", "join-all", "join-any"}
    assert {symbol["shape"] for page in pages for symbol in page["symbols"]} == {"terminator", "process", "decision"}
    assert len(pages) <= 8


# Words


def chars_in(chars: list[Json], left: float, right: float, top: float, bottom: float) -> list[Json]:
    return [
        char for char in chars
        if left <= (char["x0"] + char["x1"]) / 2 < right and top <= (char["top"] + char["bottom"]) / 2 < bottom
    ]  # fmt: skip


@pytest.mark.parametrize("name", SOPS)
def test_every_word_of_every_step_stands_in_its_own_cell(name: str) -> None:
    flow = case_flow(
        SOPS[name], {1: StepProgress(State.LATE, "1 jam", 1.4, "Ani Wijaya (Plh)", 2, "jatuh tempo")}, code="X-1"
    )
    flow = flow if name == "bkpsdm-pk" else sop_flow(SOPS[name])
    made = drawn(flow)
    with pdfplumber.open(io.BytesIO(made.pdf)) as pdf:
        assert len(pdf.pages) == len(made.pages) <= 3
        for page, laid in zip(pdf.pages, made.pages, strict=True):
            for row in laid["rows"]:
                step = next(step for step in flow.steps if step.number == row["number"])
                top = TOP + row["top"]
                for column, words in cells(step):
                    left, right = (LEFT + edge for edge in laid["columns"][column : column + 2])
                    found = chars_in(page.chars, left, right, top, top + row["height"])
                    assert all(left <= char["x0"] and char["x1"] <= right for char in found)
                    assert all(top <= char["top"] and char["bottom"] <= top + row["height"] + 1 for char in found)
                    shown = bare("".join(char["text"] for char in found))
                    assert all(bare(one) in shown for one in words), (step.number, column)


def cells(step: FlowStep) -> Iterator[tuple[int, Sequence[str]]]:
    yield ACTIVITY, [step.activity]
    yield REQUIREMENTS, step.requirements
    yield WAKTU, [step.waktu]
    yield OUTPUTS, step.outputs
    yield REMARKS, [*step.remarks, ", ".join(step.unconfirmed)]
    if step.progress and step.progress.who:
        yield PROGRESS, ["Terlambat", "putaran 2", "1 jam dari 5 Menit (140 %)", step.progress.who, step.progress.note]


LETTERS = st.sampled_from("abcWM1.,-#$*_`<>@\\{}[]%&/\"'=+~^|:;!? \n\tשלםאب🙂🚀中ЖΩ")


def shows_all_of(flow: Flow, texts: list[str], *, portrait: bool = False, pages: int) -> None:
    """Assert that each text is on the papers, in whatever order its script is written, and nothing off the page."""
    with pdfplumber.open(io.BytesIO(drawn(flow, portrait=portrait).pdf)) as pdf:
        assert len(pdf.pages) <= pages
        found: Counter[str] = Counter()
        for page in pdf.pages:
            found.update(bare("".join(char["text"] for char in page.chars)).translate(MIRRORED))
            for char in page.chars:
                assert char["x0"] >= 0
                assert char["x1"] <= page.width
                assert char["top"] >= 0
                assert char["bottom"] <= page.height
    wanted = Counter(bare("".join(texts)).translate(MIRRORED))
    assert not wanted - found


@given(texts=st.lists(st.text(LETTERS, min_size=1, max_size=90), min_size=5, max_size=5), portrait=st.booleans())
@settings(max_examples=5, phases=[Phase.explicit, Phase.generate])  # to shrink takes minutes and tells no more
def test_what_people_type_is_shown_as_typed_whatever_it_is(texts: list[str], portrait: bool) -> None:
    activity, output, actor, name, office = texts
    steps = (replace(step(1, (0,)), activity=activity, outputs=(output,)), step(2, (0,), last=True))
    shows_all_of(Flow(Heading(office, name), (actor,), steps), texts, portrait=portrait, pages=5)


@pytest.mark.parametrize(("portrait", "length"), [(False, 4000), (True, 1500)], ids=["wide", "upright"])
def test_thousands_of_characters_without_a_space_are_shown_to_the_last_over_the_pages_they_take(
    portrait: bool, length: int
) -> None:
    long = "Ж" * length
    progress = StepProgress(State.HELD, "1 jam", None, "Ӝ" * 300)
    steps = (replace(step(1, (0,)), activity=long, progress=progress), step(2, (1,), last=True))
    flow = Flow(Heading("Dinas", "SOP"), ("Ѭ" * 400, "Staf"), steps, CaseHead("PK-2026-001", "Ѯ" * 300))
    shows_all_of(flow, [long, "Ӝ" * 300, "Ѭ" * 400, "Ѯ" * 300], portrait=portrait, pages=14)


def test_a_letter_as_long_as_a_sentence_is_made_smaller_where_its_cell_is_narrow() -> None:
    words = "\ufdfd"
    steps = tuple(step(n, (n,), 1 if n > 1 else None, outputs=(words,), remarks=(words,)) for n in range(1, 9))
    steps = tuple(replace(one, progress=StepProgress(State.AHEAD)) for one in steps)
    made = drawn(Flow(Heading("Dinas", "SOP"), NAMES, steps, CaseHead("X-1")))
    with pdfplumber.open(io.BytesIO(made.pdf)) as pdf:
        edges = [LEFT + edge for edge in made.pages[0]["columns"]]
        long = [char for char in pdf.pages[0].chars if char["text"] == words]
    assert long
    for char in long:
        column = max(place for place, edge in enumerate(edges) if edge <= char["x0"])
        assert char["x1"] <= edges[column + 1]


def test_the_word_over_the_ways_back_has_its_place_also_where_the_other_heads_are_low() -> None:
    made = drawn(Flow(Heading("Dinas", "SOP"), ("A", "B"), (step(1, (0,)), step(2, (1,), 1))))
    with pdfplumber.open(io.BytesIO(made.pdf)) as pdf:
        turned = [char for char in pdf.pages[0].chars if char["matrix"][1] > 0.5]
        [above, *_] = pdf.pages[0].search("Mutu Baku")
    assert bare("".join(char["text"] for char in turned)) == "Kembali"
    assert min(char["top"] for char in turned) > above["bottom"]
    assert max(char["bottom"] for char in turned) < TOP + made.pages[0]["rows"][0]["top"]


def test_a_step_that_is_shown_in_full_has_no_pointer_and_one_that_is_not_names_the_appendix() -> None:
    short, long = (replace(step(1, (0,), last=True), activity=words) for words in ("Memeriksa", "Memeriksa " * 300))
    for one, pointed in ((short, 0), (long, 1)):
        with pdfplumber.open(io.BytesIO(drawn(Flow(Heading("Dinas", "SOP"), ("Staf",), (one,))).pdf)) as pdf:
            words = [bare("".join(char["text"] for char in page.chars)) for page in pdf.pages]
        assert words[0].count("(lihatUraianlengkap,langkah1)") == pointed
        assert [text.startswith("Uraianlengkap") for text in words[1:]] == [True] * pointed


def test_each_state_of_a_case_is_told_in_words() -> None:
    states = {number: StepProgress(state) for number, state in enumerate(State, start=1)}
    flow = case_flow(SOPS["disbudpar-tangerang-pk"], states, code="PK-2026-001")
    for portrait in (False, True):
        with pdfplumber.open(io.BytesIO(drawn(replace(flow, steps=flow.steps[:5]), portrait=portrait).pdf)) as pdf:
            words = bare("".join(char["text"] for page in pdf.pages for char in page.chars))
        for name in ("Selesai", "Sedang berjalan", "Terlambat", "Dijeda", "Belum dimulai"):
            assert words.count(bare(name)) >= 2  # in its row and in the legend
