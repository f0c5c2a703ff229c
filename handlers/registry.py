"""Every command, button and awaited text with the function that handles it: the whole list, merged from the areas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.domain.notices import ChooseCase
from bot.merging import merged
from bot.messages.actions import Verb
from bot.services.questions import Kind
from handlers import (
    atas_nama,
    atur,
    batal,
    gambar,
    jabatan,
    jadwal,
    jeda,
    kartu,
    kelengkapan,
    lampiran,
    laporan,
    mulai,
    pimpinan,
    rahasia,
    sekretariat,
    sop,
    start,
    statistik,
    status,
    tugas,
    undang,
)
from handlers.area import Area, ButtonHandler, CommandHandler, FileHandler, PickHandler, Question, TextHandler
from handlers.conversation import Response

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow


def _picked_case(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    return _CASE_PICKS[question.about["command"]](work, actor, question, index)


_SHARED = Area(picks={Kind.CHOOSE_CASE: _picked_case}, questions={Kind.CHOOSE_CASE: ChooseCase})
"""Which of several cases with equal codes was meant: asked by the commands of every area."""

AREAS: tuple[Area, ...] = (
    _SHARED,
    start.AREA,
    sop.AREA,
    gambar.AREA,
    mulai.AREA,
    tugas.AREA,
    kartu.AREA,
    lampiran.AREA,
    kelengkapan.AREA,
    status.AREA,
    laporan.AREA,
    undang.AREA,
    jabatan.AREA,
    batal.AREA,
    jeda.AREA,
    pimpinan.AREA,
    atas_nama.AREA,
    sekretariat.AREA,
    atur.AREA,
    rahasia.AREA,
    statistik.AREA,
    jadwal.AREA,
)

COMMANDS: Mapping[str, CommandHandler] = merged("commands", (area.commands for area in AREAS))

OPEN_TO_ALL = frozenset({"start", "bantuan", "help"})
"""The commands that a stranger may use."""

BUTTONS: Mapping[Verb, ButtonHandler] = merged("buttons", (area.buttons for area in AREAS))

PICKS: Mapping[Kind, PickHandler] = merged("picks", (area.picks for area in AREAS))

TEXTS: Mapping[Kind, TextHandler] = merged("texts", (area.texts for area in AREAS))

FILES: Mapping[Kind, FileHandler] = merged("files", (area.files for area in AREAS))

GROUP_COMMANDS: Mapping[str, CommandHandler] = merged("group commands", (area.group_commands for area in AREAS))

QUESTIONS: Mapping[Kind, Question] = merged("questions", (area.questions for area in AREAS))

_CASE_PICKS: Mapping[str, PickHandler] = merged("case picks", (area.case_picks for area in AREAS))
