"""From a definition, or a case, to the rows of a swimlane table."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.sop import Completion, Field, Sop
from bot.drawing.flow import FlowStep, Shape, State, StepProgress
from bot.drawing.paper import Form, Sheet
from bot.messages.papers.flow import case_flow, flow_paper, sop_flow
from bot.sop_files.loader import load_folder

SOPS = {sop.id: sop for sop in load_folder(Path(__file__).parents[2] / "sop_data").sops}
TANGERANG = SOPS["disbudpar-tangerang-pk"]


def row(number: int, sop: Sop = TANGERANG) -> FlowStep:
    return next(step for step in sop_flow(sop).steps if step.number == number)


@pytest.mark.parametrize("sop", SOPS.values(), ids=SOPS)
def test_every_step_has_a_row_with_its_actors_waktu_and_symbol(sop: Sop) -> None:
    flow = sop_flow(sop)
    for step, shown in zip(sop.steps, flow.steps, strict=True):
        assert {flow.actors[place] for place in shown.actors} == {sop.post(post).name for post in step.posts}
        assert shown.waktu.split()[0] == str(step.budget.amount)
        assert (shown.shape is Shape.DECISION) == (shown.reject_to is not None)
    assert flow.steps[0].shape is Shape.TERMINATOR


def test_a_rejection_without_a_target_of_its_own_returns_to_the_step_before() -> None:
    steps = tuple(replace(step, reject_to=None) for step in TANGERANG.steps)
    assert row(11, replace(TANGERANG, steps=steps)).reject_to == 10
    assert row(11).reject_to == 8


def test_semua_and_salah_satu_are_told_apart_only_where_several_act() -> None:
    assert row(5).any_suffices
    assert not row(4).any_suffices
    steps = tuple(replace(step, completion=Completion.ALL) for step in TANGERANG.steps)
    assert not row(5, replace(TANGERANG, steps=steps)).any_suffices
    alone = tuple(replace(step, completion=Completion.ANY, posts=step.posts[:1]) for step in TANGERANG.steps)
    assert not row(5, replace(TANGERANG, steps=alone)).any_suffices


def test_what_the_office_has_yet_to_confirm_is_named_at_its_step() -> None:
    assert TANGERANG.step(9).reading.unconfirmed == (Field.DECISION, Field.REJECT_TO)
    assert row(9).unconfirmed == ("keputusan", "tujuan penolakan")
    assert row(13).unconfirmed == ()


def test_the_heading_leaves_open_what_the_document_leaves_open() -> None:
    heading = sop_flow(TANGERANG).heading
    assert (heading.number, heading.made, heading.effective) == ("060/Kep.75-5/Sekret/2018", "28 Sep 2018", "")


def test_of_a_case_the_steps_nobody_told_of_are_ahead() -> None:
    progress = StepProgress(State.NOW, "1 jam", 0.5, "Ani", 2)
    flow = case_flow(TANGERANG, {2: progress}, code="PK-2026-001", summary="Langkah 2 dari 13")
    assert [step.progress.state for step in flow.steps if step.progress][:3] == [State.AHEAD, State.NOW, State.AHEAD]
    assert flow.steps[1].progress == progress
    assert all(step.progress is None for step in sop_flow(TANGERANG).steps)


def test_a_flow_is_printed_wide_and_shown_upright() -> None:
    flow = sop_flow(TANGERANG)
    assert flow_paper(flow, Form.PDF, portrait=False, name="x").sheet is Sheet.FLOW
    upright = flow_paper(flow, Form.PICTURE, portrait=True, name="x")
    assert upright.sheet is Sheet.FLOW_PORTRAIT
    assert json.loads(upright.data)["steps"][0]["activity"] == TANGERANG.first.activity
