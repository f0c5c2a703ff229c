"""The swimlane table of a SOP-AP (Permenpan RB 35/2012): of a definition, and of a case with how far it is."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.drawing.flow import Flow
from bot.drawing.paper import Form, Paper, Sheet

if TYPE_CHECKING:
    from bot.domain.sop import Sop


def flow_paper(flow: Flow, form: Form, *, portrait: bool, name: str) -> Paper:
    """Return a flow as something to draw: wide as it is printed, or upright as a phone shows it."""
    sheet = Sheet.FLOW_PORTRAIT if portrait else Sheet.FLOW
    return Paper(sheet, form, json.dumps(asdict(flow), ensure_ascii=False, sort_keys=True), name)


def sop_flow(sop: Sop) -> Flow:
    """Return the flow of a definition, as the office's document states it."""
    raise NotImplementedError(sop.id)
