"""How long a swimlane table takes to draw: ``python -m benchmarks.pictures``.

One run, nothing asserted. Printed are the quickest of a few rounds, the processor's time in it, and how many times the
processor's time of an empty sheet that is, drawn in turns in the same run: milliseconds depend on the machine and on
who else uses it, the ratio much less.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from bot.drawing.flow import Flow, FlowStep, Heading, Shape, State, StepProgress
from bot.drawing.paper import Form
from bot.drawing.typesetting import typeset
from bot.messages.papers.flow import case_flow, flow_paper, sop_flow
from bot.sop_files.loader import load_folder

ROUNDS = 7
SEVERAL = 7  # every so many steps have several actors
NAMES = ("Kepala Dinas", "Sekretaris", "Kasubag Administrasi Umum", "Kepala Bidang", "Kepala Seksi", "Bendahara")
BARE = Flow(Heading("-", "-"), ("-",), (FlowStep(1, "-", (0,), Shape.TERMINATOR, (), "-", ()),))


def synthetic(count: int, actors: int) -> Flow:
    """Return a flow of ``count`` steps, every third of which may send back."""
    steps = []
    for number in range(1, count + 1):
        back = max(1, number - 4) if number > 1 and number % 3 == 0 else None
        lanes = (number * 5 % actors,) if number % SEVERAL else tuple(sorted({0, number % actors, actors - 1}))
        shape = Shape.DECISION if back else Shape.PROCESS
        activity = f"Memeriksa dan meneruskan dokumen bagian {number} kepada pejabat yang berwenang"
        steps.append(FlowStep(number, activity, lanes, shape, ("Berkas",), "2 Hari", ("Berkas diperiksa",), (), back))
    names = tuple(NAMES[lane % len(NAMES)] for lane in range(actors))
    return Flow(Heading("Dinas Komunikasi", "Pelayanan Terpadu"), names, tuple(steps))


def flows() -> dict[str, Flow]:
    """Return what is drawn, by what it is called in the table."""
    sop = next(iter(load_folder(Path(__file__).resolve().parents[1] / "sop_data").sops))
    done = StepProgress(State.DONE, "1 jam", 0.6, "Ani Wijaya")
    case = case_flow(sop, {step.number: done for step in sop.steps[:5]}, code="PK-2026-001", summary="Langkah 6")
    return {
        f"SOP, {len(sop.steps)} steps": sop_flow(sop),
        f"case, {len(sop.steps)} steps": case,
        "15 steps, 6 actors": synthetic(15, 6),
        "40 steps, 9 actors": synthetic(40, 9),
    }


def _milliseconds(flow: Flow, form: Form, turn: int, *, portrait: bool) -> tuple[float, float]:
    """Return the processor's time and the clock's."""
    # Another name each time: what Typst remembers of the sheet before must not help.
    heading = replace(flow.heading, name=f"{flow.heading.name} {turn}")
    began, worked = time.perf_counter(), time.process_time()
    typeset(flow_paper(replace(flow, heading=heading), form, portrait=portrait, name="x"))
    return (time.process_time() - worked) * 1000, (time.perf_counter() - began) * 1000


def measure() -> None:
    """Print a line for each flow and form."""
    for name, flow in flows().items():
        for form, portrait in ((Form.PICTURE, False), (Form.PDF, False), (Form.PICTURE, True)):
            _milliseconds(flow, form, -1, portrait=portrait)
            took, least = [], []
            for turn in range(ROUNDS):
                took.append(_milliseconds(flow, form, turn, portrait=portrait))
                least.append(_milliseconds(BARE, form, turn, portrait=portrait))
            shape = "upright" if portrait else "wide"
            (worked, waited), (empty, _) = min(took), min(least)
            times = f"{waited:5.0f} ms, {worked:5.0f} of the processor, {worked / empty:4.1f} times an empty sheet"
            print(f"{name:20} {shape:8}{form.value:4} {times}")


if __name__ == "__main__":
    measure()
