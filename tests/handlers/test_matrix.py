"""Who may do what, walked through whole: every command, button and awaited text × everybody there is.

Each cell is one update dispatched on a real database and taken back again. A new command, button or question
without a row here fails. ``pytest tests/handlers/test_matrix.py -k walked -s`` prints how many cells there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count, product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from bot.app import read_library
from bot.domain.budget import Budget, Unit
from bot.domain.notices import Notice, from_data
from bot.messages.actions import Action, Verb
from bot.messages.render import Recipient, render, toast
from bot.services.attach import Offered, keep
from bot.services.authorise import Capability, may
from bot.services.complete_task import complete_task
from bot.services.floods import BOUNDLESS
from bot.services.holdings import appoint, current
from bot.services.invitations import new_invitation
from bot.services.more_time import ask_for_time
from bot.services.outbox import Priority
from bot.services.people import ensure_person, identify
from bot.services.publish import publish
from bot.services.questions import Kind as Question
from bot.services.questions import Place, ask
from bot.services.start_case import start_case
from bot.services.work import Work
from bot.settings import Settings
from bot.store import queries
from bot.store.tables import (
    AttachmentRow,
    Base,
    CardRow,
    CaseRow,
    EventRow,
    HoldingRow,
    InvitationRow,
    OutboxRow,
    QuestionRow,
    ReminderRow,
    SopVersionRow,
    TaskPostRow,
    TaskRow,
)
from handlers import dispatch as dispatching
from handlers.conversation import Incoming, IncomingFile, Kind
from handlers.registry import BUTTONS, COMMANDS, FILES, GROUP_COMMANDS, PICKS, QUESTIONS, TEXTS

if TYPE_CHECKING:
    from bot.services.library import Library
    from bot.store.database import Store

MONDAY = datetime(2026, 11, 9, 1, 0, tzinfo=UTC)
BOT = 987654321
MESSAGE = 77
GROUP = -4711
SOPS = Path(__file__).parent / "sop"

NAMES = {
    "holder": "Rina Wati",
    "opener": "Budi Santoso",
    "member": "Kartika Putri",
    "moved": "Tono Hadi",  # held the post and got the card; another post of the office now
    "former": "Laksmi Ayu",  # held the post and got the card; nothing now
    "elsewhere": "Made Wirawan",  # holds a post of the same id in the other office
    "sekretariat": "Sari Dewi",
    "sekretariat_elsewhere": "Yosef Kaisiepo",
    "admin": "Adi Nugroho",
    "stranger": "Orang Lewat",
}
ROLES = tuple(NAMES)
OUTSIDE = ("elsewhere", "sekretariat_elsewhere")
NOBODY = ("former", "stranger")
HERE = tuple(role for role in ROLES if role not in OUTSIDE + NOBODY)
SECRETS = {
    "dinas": ("Naskah Melati", "Naskah Anggrek", "SRT-2026-003", "Dinas Contoh", *(NAMES[role] for role in HERE)),
    "badan": ("Naskah Kenanga", "Badan Contoh", *(NAMES[role] for role in OUTSIDE)),
}
FILE = IncomingFile("BQAC1", "AQ1", "nota.pdf", "application/pdf", 5)
CODE = "SRT-2026-002"  # a case of dinas; badan has none of this code

# What each answer may have changed, beside the answer itself; everything else it could be changes nothing.
MOVES = {"case", "event", "task", "task_post", "reminder", "card"}
EFFECTS: Mapping[str, set[str]] = {
    "CaseStarted": MOVES | {"serial"},
    "PartReported": MOVES,
    "RejectionRecorded": MOVES,
    "HoldRecorded": {"case", "event", "task", "reminder"},
    "MoveRecorded": MOVES,
    "ReturnRecorded": MOVES,
    "TicksCounted": {"tick"},
    "CaseCancelled": {"case", "event", "task", "reminder"},
    "CaseSealed": {"case", "event"},
    "FilesAttached": {"case", "event", "attachment"},
    "DecisionRecorded": MOVES,
    "InvitationLink": {"invitation"},
    "InvitationAccepted": {"invitation", "holding", "person", "card"},
    "HoldingRemoved": {"holding"},
    "AlertsHere": {"office_chat", "board"},
    "Board": {"board"},
    "StandinSet": {"holding", "card"},
    "PostMoved": {"holding", "card"},
    "ClaimTold": MOVES,
    "MeetingBegun": {"quiet"},
    "AcceptRecorded": MOVES | {"task_seen"},
    "NoteRecorded": MOVES,
    "RemindersPutOff": {"quiet"},
    "TimeAsked": MOVES,
    "TimeDecided": MOVES,
    "UndoDone": MOVES,
    "SettingsChanged": {"office_setting", "calendar"},
}
ASIDE = {"outbox", "telegram_update"}  # the answer, and that the update was dealt with

Tables = dict[str, set[tuple[str, ...]]]
Way = Callable[["Town", str], Incoming]


@dataclass(frozen=True)
class Row:
    """One thing to do, and its answer: for whoever is named, ``here`` in the office, ``outside`` it, ``nobody``."""

    covers: object
    way: Way
    here: str
    outside: str
    nobody: str = "Stranger"
    named: dict[str, str] = field(default_factory=dict)
    joins: bool = False  # the way there leaves an invitation in the office, which may make an insider

    def expected(self, role: str) -> str:
        """Return the notice that the role is answered with; empty for silence."""
        group = self.outside if role in OUTSIDE else self.nobody if role in NOBODY else self.here
        return self.named.get(role, group)


@dataclass
class Town:
    """Two offices with running cases, and one person for each role, in one transaction that never commits."""

    work: Work
    ids: dict[str, int] = field(default_factory=lambda: {role: 9000 + n for n, role in enumerate(ROLES)})
    cases: dict[str, int] = field(default_factory=dict)
    updates: Iterator[int] = field(default_factory=lambda: count(1))
    beginning: Tables = field(default_factory=dict)  # every row as each cell finds it
    offices: dict[str, list[str]] = field(default_factory=dict)  # likewise, what each office's work consists of

    @property
    def session(self) -> Session:
        """The transaction's session."""
        return self.work.session

    def task(self, office: str = "dinas") -> int:
        """Return the id of the open task of the office's case."""
        task = queries.open_task(self.session, self.cases[office])
        assert task
        return task.id

    def holding(self, role: str = "opener") -> int:
        """Return the id of what somebody holds."""
        row = self.session.scalars(select(HoldingRow).where(HoldingRow.person_id == self.person(role))).first()
        assert row
        return row.id

    def version(self) -> int:
        """Return the id of a definition of dinas."""
        row = self.session.scalars(select(SopVersionRow).where(SopVersionRow.office_id == "dinas")).first()
        assert row
        return row.id

    def person(self, role: str) -> int:
        """Return the id of a known person."""
        row = queries.person_by_telegram_id(self.session, self.ids[role])
        assert row
        return row.id

    def incoming(self, role: str, kind: Kind, text: str = "", *, command: str = "") -> Incoming:
        """Return an update from somebody."""
        who = self.ids[role]
        return Incoming(next(self.updates), kind, who, who, NAMES[role], command=command, text=text, message_id=MESSAGE)


def says(text: str) -> Way:
    """Write a command; ``{code}`` is the case of dinas."""
    command, _, rest = text[1:].partition(" ")
    return lambda town, role: town.incoming(role, Kind.COMMAND, rest.format(code=CODE), command=command)


def presses(verb: Verb, subject: Callable[[Town], int], extra: int | None = None) -> Way:
    """Press a button that the person may have, or have forged."""
    return lambda town, role: town.incoming(role, Kind.BUTTON, Action(verb, subject(town), extra).data())


def _asked(
    town: Town, role: str, kind: Question | Place, about: Callable[[Town], dict[str, Any]], *, text: bool
) -> int:
    """Return a question left over from when the person could be asked it; strangers try the sekretariat's."""
    owner = "sekretariat" if role == "stranger" else role
    person = queries.person_by_telegram_id(town.session, town.ids[owner])
    assert person
    return ask(town.work, person, kind, about(town), awaits_text=text).id


def picks(kind: Question, about: Callable[[Town], dict[str, Any]]) -> Way:
    """Press the first option of a question."""
    return lambda town, role: town.incoming(
        role, Kind.BUTTON, Action(Verb.PICK, _asked(town, role, kind, about, text=False), 0).data()
    )


def answers(kind: Question, about: Callable[[Town], dict[str, Any]], text: str = "isian belum lengkap") -> Way:
    """Write the text that a question waits for."""

    def way(town: Town, role: str) -> Incoming:
        _asked(town, role, kind, about, text=True)
        return town.incoming(role, Kind.TEXT, text)

    return way


def _others_question(town: Town, role: str) -> Incoming:
    owner = "sekretariat" if role != "sekretariat" else "admin"
    number = _asked(town, owner, Question.CONFIRM_CANCEL, _cancel, text=False)
    return town.incoming(role, Kind.BUTTON, Action(Verb.PICK, number, 0).data())


def _invited(town: Town, role: str) -> Incoming:
    code = new_invitation(town.work, "dinas", "sekretaris")[1]
    return town.incoming(role, Kind.COMMAND, code, command="start")


def _invited_by_former(town: Town, role: str) -> Incoming:
    """Press the link that somebody made who has been removed since."""
    code = new_invitation(town.work, "dinas", "sekretariat", created_by=town.person("former"))[1]
    return town.incoming(role, Kind.COMMAND, code, command="start")


def _cancel(town: Town) -> dict[str, Any]:
    return {"case_id": town.cases["dinas"], "reason": "salah mulai"}


def _office_for(then: str) -> Callable[[Town], dict[str, Any]]:
    return lambda _: {"options": ["dinas"], "then": then}


def _wish(town: Town, first: str | None = "2026-11-10", last: str | None = "2026-11-11") -> dict[str, Any]:
    """Return that the opener stands in for the holder."""
    wish = {"office_id": "dinas", "post_id": "kasubag", "absent": town.holding("holder"), "first": first, "last": last}
    return {"wish": {**wish, "person_id": town.person("opener"), "letter": "", "letter_date": None}}


def _successor(town: Town) -> dict[str, Any]:
    return {"holding_id": town.holding(), "person_id": town.person("member")}


def _to_member(town: Town) -> dict[str, Any]:
    return {**_successor(town), "options": [town.person("member")]}


def _case(command: str) -> Callable[[Town], dict[str, Any]]:
    return lambda town: {"options": [town.cases["dinas"]], "command": command, "text": "salah mulai"}


def _task(verb: str) -> Callable[[Town], dict[str, Any]]:
    return lambda town: {"options": [town.task()], "verb": verb, "text": "isian belum lengkap"}


def _time(town: Town) -> dict[str, Any]:
    return {"options": [[1, "day"], None], "task_id": town.task()}


def _asked_for(town: Town) -> int:
    """Return the id of the task that the opener has asked more time for."""
    case_id = town.session.scalars(select(EventRow.case_id).where(EventRow.kind == "TimeRequested")).one()
    return queries.tasks_of_case(town.session, case_id)[-1].id


def _completed(town: Town) -> int:
    """Return the id of the task that the opener has completed, which the holder has next."""
    return queries.tasks_of_case(town.session, town.cases["dinas"])[0].id


def _sends_file(town: Town, role: str) -> Incoming:
    return replace(town.incoming(role, Kind.FILE, CODE), file=FILE)


def _nobody(_town: Town) -> int:
    return 0


def happens(kind: Kind) -> Way:
    """Return what somebody does to a group that the bot is in."""
    return lambda town, role: replace(town.incoming(role, kind), private=False)


def in_group(way: Way) -> Way:
    """Do the same in a group of people, which is no office's yet."""
    return lambda town, role: replace(way(town, role), chat_id=GROUP, private=False, chat_title="Grup")


def only(*roles: str, notice: str) -> dict[str, str]:
    """Answer these roles so."""
    return dict.fromkeys(roles, notice)


def _of_task(**about: object) -> Callable[[Town], dict[str, Any]]:
    return lambda town: {"task_id": town.task(), **about}


def _running(command: str) -> Callable[[Town], dict[str, Any]]:
    return lambda town: {"options": [town.cases["dinas"]], "command": command, "text": "menunggu BKN"}


def names_missing(verb: Verb, extra: int | None = None, **about: object) -> Way:
    """Press a button under a question for the reason of a rejection."""

    def way(town: Town, role: str) -> Incoming:
        number = _asked(town, role, Question.REJECT_REASON, _of_task(**about), text=True)
        return town.incoming(role, Kind.BUTTON, Action(verb, number, extra).data())

    return way


MONITORS = ("sekretariat", "admin")
STEERERS = ("holder", *MONITORS)
CHIEFS = ("member", "moved")
REFUSED = "NotAllowed"


def _draft(**more: Any) -> Callable[[Town], dict[str, Any]]:
    """Return what an entry knows of the holder's decision by now."""

    def about(town: Town) -> dict[str, Any]:
        known = {"task_id": town.task(), "late": False, "person_id": town.person("holder"), "decision": "done"}
        return {**known, **more}

    return about


def _object_to(town: Town, role: str) -> Incoming:
    place = _asked(town, role, Place.MAY_OBJECT, lambda town: {"task_id": town.task(), "recorder": 1}, text=False)
    return town.incoming(role, Kind.BUTTON, Action(Verb.OBJECT, place).data())


def _answers_with_file(kind: Question, about: Callable[[Town], dict[str, Any]]) -> Way:
    def way(town: Town, role: str) -> Incoming:
        _asked(town, role, kind, about, text=True)
        return replace(town.incoming(role, Kind.FILE), file=FILE)

    return way


def _attachment(town: Town) -> int:
    return town.session.scalars(select(AttachmentRow.id)).one()


def _of_open_task(town: Town) -> dict[str, Any]:
    return {"task_id": town.task()}


ATTACHING = (
    Row(Verb.ATTACH, presses(Verb.ATTACH, Town.task), "HeldByOthers", "TaskOver", named={"holder": "AskFile"}),
    Row(Verb.FILES, presses(Verb.FILES, lambda town: town.cases["dinas"]), "FileList", "NotUnderstood"),
    Row(Verb.FILES, presses(Verb.FILES, lambda town: town.cases["dinas"], 0), "", "NotUnderstood"),
    Row(Verb.FILE, presses(Verb.FILE, _attachment), "AttachedFile", "NotUnderstood"),
    Row(
        Question.ATTACH_FILE,
        _answers_with_file(Question.ATTACH_FILE, _of_open_task),
        "HeldByOthers",
        "TaskOver",
        named={"holder": "FilesAttached"},
    ),
    Row(Question.ATTACH_FILE, answers(Question.ATTACH_FILE, _of_open_task), "FileRefused", "FileRefused"),
)
_PRINTED = {"laporan": "CaseReport", "kendali": "ControlSheet"}
PRINTING = (
    *(Row(name, says(f"/{name} {{code}}"), notice, "CodeUnknown") for name, notice in _PRINTED.items()),
    *(
        Row(
            name,
            says(f"/{name}"),
            "CodeNeeded",  # without a case of their own
            notice,
            named={"holder": notice, **only("opener", *MONITORS, notice="ChooseReport")},
        )
        for name, notice in _PRINTED.items()
    ),
    *(
        Row(kind, picks(kind, _case(name)), notice, "NotUnderstood")
        for kind in (Question.CHOOSE_REPORT, Question.CHOOSE_CASE)
        for name, notice in _PRINTED.items()
    ),
    Row(Verb.SOP_DOCUMENT, presses(Verb.SOP_DOCUMENT, Town.version), "SopDocument", "NotUnderstood"),
)
_MONTH = "MonthTableMonthReport"
FIGURES = (
    Row("statistik", says("/statistik"), "OfficeCharts", "OfficeCharts", named={"admin": "ChooseFigures"}),
    Row("statistik", says("/statistik {code}"), "CaseChart", "CodeUnknown"),
    Row(Question.CHOOSE_CASE, picks(Question.CHOOSE_CASE, _case("statistik")), "CaseChart", "NotUnderstood"),
    Row("jadwal", says("/jadwal"), "Deadlines", "Deadlines"),
    Row(
        "laporan",
        says("/laporan bulan"),
        REFUSED,
        REFUSED,
        named={**only("sekretariat", "sekretariat_elsewhere", *CHIEFS, notice=_MONTH), "admin": "ChooseFigures"},
    ),
    Row(
        Question.CHOOSE_FIGURES,
        picks(Question.CHOOSE_FIGURES, lambda _: {"options": ["dinas"], "month": ""}),
        "OfficeCharts",
        REFUSED,
    ),
    Row(
        Question.CHOOSE_FIGURES,
        picks(Question.CHOOSE_FIGURES, lambda _: {"options": ["dinas"], "month": "2026-11-01"}),
        REFUSED,
        REFUSED,
        named=only(*MONITORS, *CHIEFS, notice="MonthTable"),  # what the button says at once; the paper follows
    ),
)
_STEPS = only(*MONITORS, notice="RecordStep")
_VOICE = {"medium": "voice", "file": None, "remark": "telepon"}
_LATE = {"late": True, "medium": "outage"}
RECORDING = (
    *(
        Row(name, says(f"/{name} {{code}}"), REFUSED, REFUSED, named={**_STEPS, "sekretariat_elsewhere": "CodeUnknown"})
        for name in ("catat", "susulan")
    ),
    Row("catat", says("/catat"), REFUSED, REFUSED, named={**_STEPS, "sekretariat_elsewhere": "RecordStep"}),
    *(
        Row(Question.CHOOSE_CASE, picks(Question.CHOOSE_CASE, _case(name)), REFUSED, "TaskOver", named=_STEPS)
        for name in ("catat", "susulan")
    ),
    *(
        Row(kind, picks(kind, about), REFUSED, "TaskOver", named=_STEPS)
        for kind, about in (
            (Question.RECORD_TASK, lambda town: {"options": [town.task()], "late": False}),
            (
                Question.RECORD_PERSON,
                lambda town: {**_of_open_task(town), "late": False, "options": [town.person("holder")]},
            ),
            (Question.RECORD_DECISION, _draft(options=["done", "reject"])),
            (Question.RECORD_MEDIUM, _draft(options=["paper", "voice"])),
        )
    ),
    *(
        Row(kind, answers(kind, about, text), REFUSED, "TaskOver", named=_STEPS)
        for kind, about, text in (
            (Question.RECORD_REASON, _draft(decision="reject"), "belum lengkap"),
            (Question.RECORD_PROOF, _draft(medium="voice"), "lewat telepon"),
            (Question.RECORD_MOMENT, _draft(**_LATE), "08.03"),
            (Question.RECORD_WHY, _draft(**_LATE, real_at=MONDAY.isoformat()), "listrik padam"),
        )
    ),
    Row(
        Question.RECORD_PROOF,
        _answers_with_file(Question.RECORD_PROOF, _draft(medium="paper")),
        REFUSED,
        "TaskOver",
        named=_STEPS,
    ),
    Row(
        Question.CONFIRM_RECORD,
        picks(Question.CONFIRM_RECORD, _draft(**_VOICE)),
        REFUSED,
        "TaskOver",
        named=only(*MONITORS, notice="DecisionRecorded"),
    ),
    Row(Verb.OBJECT, _object_to, "ObjectionRefused", "NotUnderstood"),
    Row(
        Question.OBJECTION_REASON,
        answers(Question.OBJECTION_REASON, lambda town: {**_of_open_task(town), "told": 0}),
        "ObjectionRefused",
        "NotUnderstood",
    ),
)
MATRIX = (
    # commands
    Row("start", says("/start"), "TaskList", "TaskList"),
    Row("start", says("/start tidak-ada"), "InvitationRefused", "InvitationRefused", "InvitationRefused"),
    Row("start", _invited, "InvitationAccepted", "InvitationAccepted", "InvitationAccepted", joins=True),
    Row("start", _invited_by_former, "InvitationRefused", "InvitationRefused", "InvitationRefused", joins=True),
    Row("bantuan", says("/bantuan"), "Help", "Help", "Help"),
    Row("help", says("/help"), "Help", "Help", "Help"),
    Row("sop", says("/sop"), "SopList", "SopDetailSopPicture"),
    Row("sop", says("/sop dinas-surat"), "SopDetailSopPicture", "SopUnknown"),
    Row("mulai", says("/mulai"), REFUSED, "ChooseSop", named=only("holder", "opener", *MONITORS, notice="ChooseSop")),
    Row(
        "mulai",
        says("/mulai dinas-surat Naskah"),
        REFUSED,
        "SopUnknown",
        named=only("opener", *MONITORS, notice="CaseStarted"),
    ),
    Row("tugas", says("/tugas"), "TaskList", "TaskList"),
    Row(
        "selesai",
        says("/selesai"),
        "NoTasks",
        "NoTasks",
        named={"holder": "PartReported", "elsewhere": "PartReported", "opener": "PartReported"},
    ),
    Row("selesai", says("/selesai {code}"), "HeldByOthers", "CodeUnknown", named={"holder": "PartReported"}),
    Row(
        "tolak",
        says("/tolak {code} belum lengkap"),
        "HeldByOthers",
        "CodeUnknown",
        named={"holder": "RejectionRecorded"},
    ),
    Row("tolak", says("/tolak {code}"), "HeldByOthers", "CodeUnknown", named={"holder": "AskReason"}),
    Row("catatan", says("/catatan {code} isi"), "HeldByOthers", "CodeUnknown", named={"holder": "NoteRecorded"}),
    Row("catatan", says("/catatan {code}"), "HeldByOthers", "CodeUnknown", named={"holder": "AskNote"}),
    Row("status", says("/status"), "RunningCases", "RunningCases"),
    Row("status", says("/status {code}"), "CaseStatus", "CodeUnknown"),
    Row("riwayat", says("/riwayat {code}"), "CaseHistory", "CodeUnknown"),
    Row(
        "undang",
        says("/undang"),
        REFUSED,
        REFUSED,
        named=only("sekretariat_elsewhere", *MONITORS, notice="ChoosePost"),
    ),
    Row(
        "cabut",
        says("/cabut"),
        REFUSED,
        REFUSED,
        named=only("sekretariat_elsewhere", *MONITORS, notice="ChooseHolding"),
    ),
    Row("plh", says("/plh"), REFUSED, REFUSED, named=only("sekretariat_elsewhere", *MONITORS, notice="ChooseAbsent")),
    Row(
        "jabatan",
        says("/jabatan"),
        REFUSED,
        REFUSED,
        named=only("sekretariat_elsewhere", *MONITORS, notice="ChooseMove"),
    ),
    Row(
        "batal",
        says("/batal {code} salah mulai"),
        REFUSED,
        REFUSED,
        named={**only(*MONITORS, notice="ConfirmCancel"), "sekretariat_elsewhere": "CodeUnknown"},
    ),
    Row(
        "rahasia",
        says("/rahasia {code}"),
        REFUSED,
        REFUSED,
        named={**only(*MONITORS, notice="CaseSealed"), "sekretariat_elsewhere": "CodeUnknown"},
    ),
    Row(
        "atur",
        says("/atur"),
        REFUSED,
        REFUSED,
        named=only("sekretariat_elsewhere", *MONITORS, notice="ChooseSetting"),
    ),
    Row("rapat", says("/rapat"), REFUSED, REFUSED, named=only(*CHIEFS, notice="MeetingBegun")),
    Row(
        "sekretariat",
        says("/sekretariat"),
        REFUSED,
        REFUSED,
        named=only("sekretariat_elsewhere", *MONITORS, notice="AlertsWhere"),
    ),
    Row(
        "sekretariat",
        says("/sekretariat lepas"),
        REFUSED,
        REFUSED,
        named=only("sekretariat_elsewhere", *MONITORS, notice="NoAlertGroup"),
    ),
    Row(
        "sekretariat",
        in_group(says("/sekretariat")),
        REFUSED,
        REFUSED,
        "PrivateOnly",
        named={**only(*MONITORS, "sekretariat_elsewhere", notice="AlertsHere"), "admin": "ChooseOfficeInPrivate"},
    ),
    Row(
        "papan",
        says("/papan"),
        REFUSED,
        REFUSED,
        named={**only(*MONITORS, "sekretariat_elsewhere", notice="Board"), "admin": "ChooseOffice"},
    ),
    Row(
        "papan",
        in_group(says("/papan")),
        REFUSED,
        REFUSED,
        "PrivateOnly",
        named=only(*MONITORS, "sekretariat_elsewhere", notice="NoAlertGroup"),
    ),
    *(
        Row(
            Question.CHOOSE_OFFICE,
            picks(Question.CHOOSE_OFFICE, _office_for(then)),
            REFUSED,
            REFUSED,
            named=only(*MONITORS, notice=shown),
        )
        for then, shown in {"papan": "Board", "lepas": "NoAlertGroup"}.items()
    ),
    Row(
        Kind.BUTTON,
        in_group(presses(Verb.DETAIL, Town.task)),
        "NotUnderstood",
        "NotUnderstood",
        "NotUnderstood",
    ),
    *(
        Row(
            "jeda",
            says(f"/jeda {{code}}{reason}"),
            "HeldByOthers",
            "CodeUnknown",
            named=only(*STEERERS, notice=answer),
        )
        for reason, answer in (("", "AskHoldReason"), (" menunggu BKN", "HoldRecorded"))
    ),
    Row("lanjut", says("/lanjut {code}"), "HeldByOthers", "CodeUnknown", named=only(*STEERERS, notice="NotOnHold")),
    *(
        Row(
            command,
            says(f"/{command} {{code}} cuti"),
            REFUSED,
            REFUSED,
            named={**only(*MONITORS, notice=answer), "sekretariat_elsewhere": "CodeUnknown"},
        )
        for command, answer in (("pindah", "ChooseMoveTo"), ("mundur", "ChooseReturn"))
    ),
    Row(Kind.COMMAND, says("/tidakada"), "NotUnderstood", "NotUnderstood"),
    # buttons
    Row(Verb.DONE, presses(Verb.DONE, Town.task), "HeldByOthers", "TaskOver", named={"holder": "PartReported"}),
    Row(Verb.REJECT, presses(Verb.REJECT, Town.task), "HeldByOthers", "TaskOver", named={"holder": "AskReason"}),
    Row(Verb.MORE, presses(Verb.MORE, Town.task), "HeldByOthers", "TaskOver", named={"holder": ""}),
    Row(Verb.LESS, presses(Verb.LESS, Town.task), "HeldByOthers", "TaskOver", named={"holder": ""}),
    *(
        Row(verb, presses(verb, Town.task), "HeldByOthers", "TaskOver", named=only(*STEERERS, notice=answer))
        for verb, answer in ((Verb.HOLD, "AskHoldReason"), (Verb.RESUME, "NotOnHold"))
    ),
    *(
        Row(verb, presses(verb, Town.task, item), "HeldByOthers", "TaskOver", named={"holder": answer})
        for verb, item, answer in (
            (Verb.CHECKLIST, None, "Checklist"),
            (Verb.TICK, 0, "TicksCounted"),
            (Verb.UNTICK, 7, "NotUnderstood"),  # there are not that many
        )
    ),
    *(
        Row(verb, way, "HeldByOthers", "TaskOver", named={"holder": answer})
        for verb, way, answer in (
            (Verb.LACK, names_missing(Verb.LACK, 0), ""),
            (Verb.UNLACK, names_missing(Verb.UNLACK, 0), ""),
            (Verb.SEND, names_missing(Verb.SEND, missing=[0]), "RejectionRecorded"),
        )
    ),
    Row(Verb.ACCEPT, presses(Verb.ACCEPT, Town.task), "HeldByOthers", "TaskOver", named={"holder": "AcceptRecorded"}),
    Row(Verb.NOTE, presses(Verb.NOTE, Town.task), "HeldByOthers", "TaskOver", named={"holder": "AskNote"}),
    Row(Verb.LATER, presses(Verb.LATER, Town.task), "HeldByOthers", "TaskOver", named={"holder": "RemindersPutOff"}),
    Row(
        Verb.MORE_TIME,
        presses(Verb.MORE_TIME, Town.task),
        "HeldByOthers",
        "TaskOver",
        named={"holder": "ChooseMoreTime"},
    ),
    *(
        Row(verb, presses(verb, _asked_for, 1), REFUSED, "TaskOver", named=only(*MONITORS, notice="TimeDecided"))
        for verb in (Verb.GRANT, Verb.REFUSE_TIME)
    ),
    Row(Verb.UNDO, presses(Verb.UNDO, _completed), "UndoRefused", "TaskOver", named={"opener": "UndoDone"}),
    Row(Verb.DETAIL, presses(Verb.DETAIL, Town.task), "CaseStatusCasePicture", "NotUnderstood"),
    Row(Verb.PAPERS, presses(Verb.PAPERS, Town.task), "CaseStatusAttachedFile", "NotUnderstood"),
    Row(Verb.MEETING, presses(Verb.MEETING, _nobody), REFUSED, REFUSED, named=only(*CHIEFS, notice="MeetingBegun")),
    Row(
        Verb.MEETING_OVER,
        presses(Verb.MEETING_OVER, _nobody),
        REFUSED,
        REFUSED,
        named=only(*CHIEFS, notice="MeetingOver"),
    ),
    Row(Verb.HISTORY, presses(Verb.HISTORY, lambda town: town.cases["dinas"]), "CaseHistory", "NotUnderstood"),
    Row(Verb.HISTORY, presses(Verb.HISTORY, lambda town: town.cases["dinas"], 0), "", "NotUnderstood"),
    Row(Verb.SOP, presses(Verb.SOP, Town.version), "SopDetailSopPicture", "NotUnderstood"),
    *(
        Row(verb, presses(verb, of, shape), answer, "NotUnderstood")
        for verb, of, picture in (
            (Verb.PICTURE, lambda town: town.cases["dinas"], "CasePicture"),
            (Verb.SOP_PICTURE, Town.version, "SopPicture"),
        )
        for shape, answer in ((None, picture), (2, picture), (7, "NotUnderstood"))
    ),
    Row(
        Verb.REMOVE,
        presses(Verb.REMOVE, Town.holding),
        REFUSED,
        "NotUnderstood",
        named=only(*MONITORS, notice="ConfirmRemoval"),
    ),
    Row(Verb.CLAIM, presses(Verb.CLAIM, Town.task), "HeldByOthers", "TaskOver", named={"holder": "ClaimTold"}),
    Row(Verb.RELEASE, presses(Verb.RELEASE, Town.task), "HeldByOthers", "TaskOver", named={"holder": "NotClaimed"}),
    Row(Verb.PICK, _others_question, "AlreadyChosen", "AlreadyChosen"),
    Row(Kind.BUTTON, lambda town, role: town.incoming(role, Kind.BUTTON, "9:x"), "NotUnderstood", "NotUnderstood"),
    # options of questions, put when the person could still be asked
    Row(
        Question.CHOOSE_SOP,
        picks(Question.CHOOSE_SOP, lambda _: {"options": ["dinas-surat"], "title": None}),
        REFUSED,
        REFUSED,
        named=only("opener", *MONITORS, notice="CaseStarted"),
    ),
    Row(
        Question.CHOOSE_TASK,
        picks(Question.CHOOSE_TASK, _task("done")),
        "HeldByOthers",
        "TaskOver",
        named={"holder": "PartReported"},
    ),
    Row(
        Question.CHOOSE_TASK,
        picks(Question.CHOOSE_TASK, _task("reject")),
        "HeldByOthers",
        "TaskOver",
        named={"holder": "RejectionRecorded"},
    ),
    *(
        Row(Question.CHOOSE_CASE, picks(Question.CHOOSE_CASE, _case(command)), shown, "NotUnderstood")
        for command, shown in {
            "status": "CaseStatus",
            "riwayat": "CaseHistory",
            "selesai": "CaseStatus",
            "tolak": "CaseStatus",
        }.items()
    ),
    Row(
        Question.CHOOSE_CASE,
        picks(Question.CHOOSE_CASE, _case("rahasia")),
        REFUSED,
        "NotUnderstood",
        named=only(*MONITORS, notice="CaseSealed"),
    ),
    Row(
        Question.CHOOSE_CASE,
        picks(Question.CHOOSE_CASE, _case("batal")),
        REFUSED,
        REFUSED,
        named=only(*MONITORS, notice="ConfirmCancel"),
    ),
    Row(
        Question.CONFIRM_CANCEL,
        picks(Question.CONFIRM_CANCEL, _cancel),
        REFUSED,
        REFUSED,
        named=only(*MONITORS, notice="CaseCancelled"),
    ),
    Row(
        Question.CHOOSE_POST,
        picks(Question.CHOOSE_POST, lambda _: {"options": [["dinas", "staf"]]}),
        REFUSED,
        REFUSED,
        named=only(*MONITORS, notice="InvitationLink"),
    ),
    Row(
        Question.CHOOSE_HOLDING,
        picks(Question.CHOOSE_HOLDING, lambda town: {"options": [town.holding()]}),
        REFUSED,
        "NotUnderstood",
        named=only(*MONITORS, notice="ConfirmRemoval"),
    ),
    Row(
        Question.CONFIRM_REMOVAL,
        picks(Question.CONFIRM_REMOVAL, lambda town: {"holding_id": town.holding()}),
        REFUSED,
        "NotUnderstood",
        named=only(*MONITORS, notice="HoldingRemoved"),
    ),
    Row(
        Question.CHOOSE_SETTING,
        picks(Question.CHOOSE_SETTING, lambda _: {"office_id": "dinas", "topic": "menu", "options": ["hours"]}),
        REFUSED,
        REFUSED,
        named=only(*MONITORS, notice="ChooseSetting"),
    ),
    Row(
        Question.CONFIRM_SETTINGS,
        picks(Question.CONFIRM_SETTINGS, lambda _: {"office_id": "dinas", "version": 0, "patch": {"chief_cap": 5}}),
        REFUSED,
        REFUSED,
        named=only(*MONITORS, notice="SettingsChanged"),
    ),
    *(
        Row(kind, picks(kind, about), REFUSED, REFUSED, named=only(*MONITORS, notice=following))
        for kind, about, following in (
            (Question.CHOOSE_ABSENT, lambda town: {"options": [_wish(town)["wish"]]}, "ChooseStandin"),
            (
                Question.CHOOSE_STANDIN,
                lambda town: {**_wish(town, None, None), "options": [town.person("opener")]},
                "AskFirstDay",
            ),
            (Question.FIRST_DAY, lambda town: {**_wish(town, None, None), "options": ["2026-11-10"]}, "AskLastDay"),
            (Question.LAST_DAY, lambda town: {**_wish(town, last=None), "options": ["2026-11-11"]}, "AskLetter"),
            (Question.LETTER, lambda town: {**_wish(town), "options": ["none"]}, "ConfirmStandin"),
        )
    ),
    Row(
        Question.CONFIRM_STANDIN,
        picks(Question.CONFIRM_STANDIN, _wish),
        REFUSED,
        REFUSED,
        named=only(*MONITORS, notice="StandinSet"),
    ),
    *(
        Row(kind, picks(kind, about), REFUSED, "NotUnderstood", named=only(*MONITORS, notice=following))
        for kind, about, following in (
            (Question.CHOOSE_MOVE, lambda town: {"options": [town.holding()]}, "ChooseSuccessor"),
            (Question.CHOOSE_SUCCESSOR, _to_member, "ConfirmMove"),
            (Question.CHOOSE_SUCCESSOR, lambda town: {**_successor(town), "options": [0]}, "InvitationLink"),
            (Question.CONFIRM_MOVE, _successor, "PostMoved"),
        )
    ),
    *(
        Row(kind, answers(kind, about, text), REFUSED, REFUSED, named=only(*MONITORS, notice=following))
        for kind, about, text, following in (
            (Question.FIRST_DAY, lambda town: {**_wish(town, None, None), "options": []}, "10-11-2026", "AskLastDay"),
            (Question.FIRST_DAY, lambda town: {**_wish(town, None, None), "options": []}, "kapan-kapan", "DayUnclear"),
            (Question.LAST_DAY, lambda town: {**_wish(town, last=None), "options": []}, "11-11-2026", "AskLetter"),
            (Question.LETTER, lambda town: {**_wish(town), "options": ["none"]}, "800/1/2026", "ConfirmStandin"),
        )
    ),
    Row(
        Question.CHOOSE_TASK,
        picks(Question.CHOOSE_TASK, _task("note")),
        "HeldByOthers",
        "TaskOver",
        named={"holder": "NoteRecorded"},
    ),
    Row(
        Question.TIME_AMOUNT,
        picks(Question.TIME_AMOUNT, _time),
        "HeldByOthers",
        "TaskOver",
        named={"holder": "AskTimeReason"},
    ),
    # awaited texts, and everything else that can come in
    Row(
        Question.NOTE_TEXT,
        answers(Question.NOTE_TEXT, lambda town: {"task_id": town.task()}),
        "HeldByOthers",
        "TaskOver",
        named={"holder": "NoteRecorded"},
    ),
    Row(
        Question.TIME_OWN,
        answers(Question.TIME_OWN, lambda town: {"task_id": town.task()}),
        "HeldByOthers",
        "TaskOver",
        named={"holder": "AskOwnTime"},
    ),
    Row(
        Question.TIME_REASON,
        answers(Question.TIME_REASON, lambda town: {"task_id": town.task(), "amount": 1, "unit": "day"}),
        "HeldByOthers",
        "TaskOver",
        named={"holder": "TimeAsked"},
    ),
    Row(
        Question.TYPE_SETTING,
        answers(Question.TYPE_SETTING, lambda _: {"office_id": "dinas", "topic": "quiet_range"}),
        REFUSED,
        REFUSED,
        named=only(*MONITORS, notice="SettingNotRead"),
    ),
    *(
        Row(kind, picks(kind, _running(command)), refused, "NotUnderstood", named=only(*who, notice=answer))
        for kind in (Question.CHOOSE_RUNNING, Question.CHOOSE_CASE)
        for command, refused, who, answer in (
            ("jeda", "HeldByOthers", STEERERS, "HoldRecorded"),
            ("lanjut", "HeldByOthers", STEERERS, "NotOnHold"),
            ("pindah", REFUSED, MONITORS, "ChooseMoveTo"),
            ("mundur", REFUSED, MONITORS, "ChooseReturn"),
        )
    ),
    Row(
        Question.HOLD_REASON,
        answers(Question.HOLD_REASON, _of_task(outside=True)),
        "HeldByOthers",
        "TaskOver",
        named=only(*STEERERS, notice="HoldRecorded"),
    ),
    *(
        Row(kind, way(kind, _of_task(**about)), REFUSED, "TaskOver", named=only(*MONITORS, notice=answer))
        for kind, way, about, answer in (
            (Question.MOVE_FROM, picks, {"options": ["kasubag"], "reason": None}, "ChooseMoveTo"),
            (Question.MOVE_TO, picks, {"options": ["staf"], "from_post": "kasubag", "reason": "cuti"}, "MoveRecorded"),
            (Question.MOVE_REASON, answers, {"from_post": "kasubag", "to_post": "staf"}, "MoveRecorded"),
            (Question.RETURN_TO, picks, {"options": [1], "reason": "keliru"}, "ConfirmReturn"),
            (Question.RETURN_REASON, answers, {"step": 1}, "ConfirmReturn"),
            (Question.CONFIRM_RETURN, picks, {"step": 1, "reason": "keliru"}, "ReturnRecorded"),
        )
    ),
    Row(
        Question.REJECT_REASON,
        answers(Question.REJECT_REASON, lambda town: {"task_id": town.task()}),
        "HeldByOthers",
        "TaskOver",
        named={"holder": "RejectionRecorded"},
    ),
    Row(
        Question.CANCEL_REASON,
        answers(Question.CANCEL_REASON, lambda town: {"case_id": town.cases["dinas"]}),
        REFUSED,
        REFUSED,
        named=only(*MONITORS, notice="ConfirmCancel"),
    ),
    Row(Kind.TEXT, lambda town, role: town.incoming(role, Kind.TEXT, CODE), "NotUnderstood", "NotUnderstood"),
    Row(Kind.OTHER, lambda town, role: town.incoming(role, Kind.OTHER), "NotUnderstood", "NotUnderstood"),
    Row(
        Kind.EDITED,
        lambda town, role: town.incoming(role, Kind.EDITED, CODE, command="selesai"),
        "EditedNotObeyed",
        "EditedNotObeyed",
    ),
    Row(Kind.UNBLOCKED, lambda town, role: town.incoming(role, Kind.UNBLOCKED), "", "", ""),
    Row(Kind.BLOCKED, lambda town, role: town.incoming(role, Kind.BLOCKED), "", "", ""),
    Row(Kind.FILE, _sends_file, "HeldByOthers", "CodeUnknown", named={"holder": "FilesAttached"}),
    *ATTACHING,
    *PRINTING,
    *FIGURES,
    *RECORDING,
    *(Row(kind, happens(kind), "", "", "") for kind in (Kind.GROUP_JOINED, Kind.GROUP_LEFT, Kind.GROUP_MOVED)),
)


# --- the stage ------------------------------------------------------------------------------


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """Return the SOPs of both offices; the first step of badan has a post that dinas has too."""
    for file in SOPS.iterdir():
        text = file.read_text(encoding="utf-8").replace("juru_tulis", "kasubag")
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    read = read_library(Settings(_env_file=None, sop_dir=tmp_path))
    return replace(read, allowance=BOUNDLESS, admin_ids=frozenset({9000 + ROLES.index("admin")}))


def _people(town: Town) -> None:
    posts = {
        "holder": ("dinas", "kasubag"),
        "opener": ("dinas", "staf"),
        "member": ("dinas", "kepala"),
        "moved": ("dinas", "kasubag"),
        "former": ("dinas", "kasubag"),
        "elsewhere": ("badan", "kasubag"),
        "sekretariat": ("dinas", "sekretariat"),
        "sekretariat_elsewhere": ("badan", "sekretariat"),
    }
    for role, (office, post) in posts.items():
        appoint(town.work, ensure_person(town.work, town.ids[role], NAMES[role]), office, post)
    identify(town.work, town.ids["admin"], NAMES["admin"])


def _cases(town: Town) -> None:
    work = town.work

    def started(role: str, sop: str, title: str) -> int:
        start_case(work, identify(work, town.ids[role], NAMES[role]), work.library.sops[sop], title)
        return work.session.scalars(select(CaseRow.id).where(CaseRow.title == title)).one()

    first = started("sekretariat", "dinas-surat", "Naskah Melati")
    opener = identify(work, town.ids["opener"], NAMES["opener"])
    asked = queries.tasks_of_case(work.session, first)[-1].id
    ask_for_time(work, opener, asked, Budget(1, Unit.DAY), "menunggu data")
    town.cases["dinas"] = started("sekretariat", "dinas-surat", "Naskah Anggrek")
    town.cases["badan"] = started("sekretariat_elsewhere", "badan-surat", "Naskah Kenanga")
    # Its second step waits for kasubag: the holder, and two who are not that any more.
    complete_task(work, identify(work, town.ids["opener"], NAMES["opener"]), town.task())


def _file(town: Town) -> None:
    """Attach something to the case of dinas."""
    task = town.session.get_one(TaskRow, town.task())
    offered = Offered("BQAC2", "AQ2", "Naskah Anggrek.pdf", "application/pdf", 5, photo=False)
    row = queries.person_by_telegram_id(town.session, town.ids["holder"])
    assert row
    keep(town.work, task, row, offered)


def _moves(town: Town) -> None:
    """Take the post from two who have its card by now."""
    for role in ("moved", "former"):
        person = queries.person_by_telegram_id(town.session, town.ids[role])
        assert person
        held = current(town.work, person, "dinas", "kasubag")
        assert held
        held.until = MONDAY + timedelta(minutes=1)
        if role == "moved":
            appoint(replace(town.work, at=MONDAY + timedelta(minutes=1)), person, "dinas", "kepala")


def settle_in(session: Session, library: Library) -> Town:
    """Return the town as each cell finds it, a few minutes after the beginning."""
    town = Town(Work(session, MONDAY, library))
    publish(town.work)
    _people(town)
    _cases(town)
    _moves(town)
    for card in session.scalars(select(CardRow)):
        card.message_id = MESSAGE  # sent, so that a press comes from the card itself
    session.flush()
    town.work = replace(town.work, at=MONDAY + timedelta(minutes=5))
    _file(town)
    town.beginning = everything(session)
    town.offices = {office: of_office(session, office) for office in SECRETS}
    return town


@contextmanager
def opened(store: Store, library: Library) -> Iterator[Town]:
    """Give the town out for as long as one transaction lasts, and leave nothing behind."""
    with Session(store.engine, expire_on_commit=False) as session:
        yield settle_in(session, library)
        session.rollback()


@contextmanager
def taken_back(town: Town) -> Iterator[None]:
    """Undo whatever happens inside."""
    savepoint = town.session.begin_nested()
    yield
    savepoint.rollback()
    town.session.expire_all()


def everything(session: Session, *names: str) -> Tables:
    """Return every row of every table (or those named), comparable."""
    session.flush()
    tables = [table for table in Base.metadata.sorted_tables if not names or table.name in names]
    return {table.name: {tuple(map(repr, row)) for row in session.execute(select(table))} for table in tables}


def of_office(session: Session, office: str) -> list[str]:
    """Return everything that an office's work consists of."""
    cases = select(CaseRow.id).where(CaseRow.office_id == office)
    tasks = select(TaskRow.id).where(TaskRow.case_id.in_(cases))
    chosen = (
        select(CaseRow).where(CaseRow.office_id == office),
        select(EventRow).where(EventRow.case_id.in_(cases)),
        select(TaskRow).where(TaskRow.case_id.in_(cases)),
        select(TaskPostRow).where(TaskPostRow.task_id.in_(tasks)),
        select(ReminderRow).where(ReminderRow.task_id.in_(tasks)),
        select(HoldingRow).where(HoldingRow.office_id == office),
        select(InvitationRow).where(InvitationRow.office_id == office),
    )
    session.flush()
    rows = [row for query in chosen for row in session.scalars(query)]
    return sorted(str({c.key: getattr(row, c.key) for c in inspect(type(row)).columns}) for row in rows)


@dataclass
class Outcome:
    """What became of one update: the answer, all that was said to its sender, what changed."""

    answer: str
    said: str
    changed: set[str]
    told: set[int]


class Ear:
    """Hears which notice a button is answered with: what is shown over the chat is text only."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._notice: Notice | None = None
        monkeypatch.setattr(dispatching, "toast", self.toast)

    def toast(self, work: Work, notice: Notice, recipient: Recipient) -> str:
        self._notice = notice
        return toast(work, notice, recipient)

    def heard(self) -> str:
        """Return the name of the notice since the last call, if any."""
        notice, self._notice = self._notice, None
        return "" if notice is None else type(notice).__name__


def play(town: Town, role: str, way: Way, ear: Ear) -> Outcome:
    """Let somebody do something, and see what comes of it."""
    session, incoming = town.session, way(town, role)
    before = town.beginning | everything(session, "question", "invitation")  # the way there may have made one
    last = max(session.scalars(select(OutboxRow.id)), default=0)
    ear.heard()
    spoken = dispatching.dispatch(town.work, BOT, incoming)
    changed = {name for name, rows in everything(session).items() if rows != before[name]}
    new = session.scalars(select(OutboxRow).where(OutboxRow.id > last).order_by(OutboxRow.id)).all()
    mine = [row for row in new if row.chat_id == incoming.chat_id]
    answers = [row.notice for row in mine if row.priority == Priority.ANSWER]
    said = [spoken.text, *(_read(town, row, role) for row in mine)]
    return Outcome(ear.heard() or "".join(answers), "\n".join(said), changed - ASIDE, {row.chat_id for row in new})


def _read(town: Town, row: OutboxRow, role: str) -> str:
    """Return what a message says to its recipient, buttons included."""
    recipient = Recipient(row.chat_id, row.person_id, role == "admin")
    message = render(town.work, from_data(row.notice, row.data), recipient)
    if message is None:
        return ""
    drawn = [message.paper.data] if message.paper else []
    return "\n".join([message.html, *drawn, *(button.label for line in message.buttons for button in line)])


def faults(town: Town, row: Row, role: str, ear: Ear) -> list[str]:
    """Return what is wrong with one cell."""
    outcome = play(town, role, row.way, ear)
    expected = row.expected(role)
    found = []
    if outcome.answer != expected:
        found.append(f"answered {outcome.answer!r} instead of {expected!r}")
    # A question is settled by its answer, also by one that is refused then.
    if extra := outcome.changed - EFFECTS.get(expected, set()) - {"question"} - _reachability(row):
        found.append(f"{expected} changed {sorted(extra)}")
    if expected in EFFECTS and not outcome.changed - {"question"}:
        found.append(f"{expected} changed nothing")
    if role == "admin" or row.joins:
        return found
    foreign = {"badan"} if role in HERE else {"dinas"} if role in OUTSIDE else set(SECRETS)
    for office in foreign:
        found += [f"changed something of {office}"] * (of_office(town.session, office) != town.offices[office])
        found += [f"said {word!r}" for word in SECRETS[office] if word in outcome.said and NAMES[role] != word]
        strangers = {town.ids[who] for who in (HERE if office == "dinas" else OUTSIDE)} - {town.ids[role], _admin(town)}
        found += [f"wrote to {sorted(outcome.told & strangers)}"] * bool(outcome.told & strangers)
    return found


def _reachability(row: Row) -> set[str]:
    return {"person"} if row.covers is Kind.BLOCKED else set()


def _admin(town: Town) -> int:
    return town.ids["admin"]


# --- the tests ------------------------------------------------------------------------------


def test_every_command_button_question_and_kind_of_update_has_a_row() -> None:
    registered = {*COMMANDS, *GROUP_COMMANDS, *Verb, *QUESTIONS, *Kind}
    assert {*BUTTONS, Verb.PICK} == set(Verb)
    assert {*PICKS, *TEXTS, *FILES} == set(QUESTIONS) == set(Question)
    assert {row.covers for row in MATRIX} == registered


GRANTED: Mapping[Capability, set[str]] = {
    Capability.JOIN: set(ROLES),
    Capability.VIEW: set(HERE),
    Capability.START: {"opener", *MONITORS},
    Capability.ACT: {"holder"},
    Capability.ANSWER: set(),  # never by what one is in the office, see may_answer
    Capability.INVITE: set(MONITORS),
    Capability.REMOVE: set(MONITORS),
    Capability.APPOINT: set(MONITORS),
    Capability.CANCEL: set(MONITORS),
    Capability.RECORD: set(MONITORS),  # and whoever the office lets: dinas says nothing of that
    Capability.BACKDATE: set(MONITORS),
    Capability.SEAL: set(MONITORS),
    Capability.HOLD: set(STEERERS),
    Capability.MOVE: set(MONITORS),
    Capability.RETURN: set(MONITORS),
    Capability.WATCH: set(MONITORS),
    Capability.SETTINGS: set(MONITORS),
    Capability.GRANT: set(MONITORS),
    Capability.REPORT: {*MONITORS, *CHIEFS},
    Capability.MEET: set(CHIEFS),
    Capability.LIVE_BOARD: set(HERE),
}


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_the_table_itself_grants_this_and_no_more_whatever_else_would_refuse(store: Store, library: Library) -> None:
    with opened(store, library) as town:
        task, sop = town.session.get_one(TaskRow, town.task()), library.sops["dinas-surat"]
        actors = {role: identify(town.work, town.ids[role], NAMES[role]) for role in ROLES}
        granted = {
            capability: {who for who in ROLES if may(town.work, actors[who], capability, "dinas", sop=sop, task=task)}
            for capability in Capability
        }
    assert granted == GRANTED


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # what it shows does not depend on the database
def test_the_whole_matrix_walked(
    store: Store, library: Library, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ear, wrong, cells = Ear(monkeypatch), [], 0
    with opened(store, library) as town:
        for (number, row), role in product(enumerate(MATRIX), ROLES):
            with taken_back(town):
                wrong += [f"{number} {row.covers} × {role}: {fault}" for fault in faults(town, row, role, ear)]
            cells += 1
    with capsys.disabled():
        print(f"\nauthorisation cells tested: {cells} ({len(MATRIX)} rows × {len(ROLES)} roles)")  # noqa: T201 - the figure
    assert not wrong, "\n".join(wrong)


# --- forged buttons -------------------------------------------------------------------------

OUTSIDERS = OUTSIDE + NOBODY
EXTRAS = (None, 0, 1)


def _forged(town: Town) -> Iterator[str]:
    """Return callback data of this version's shape for every verb and every id that some row has, or none."""
    tables = (TaskRow, CaseRow, SopVersionRow, HoldingRow, QuestionRow)
    largest = max(max(town.session.scalars(select(table.id)), default=0) for table in tables)
    for verb, subject, extra in product(Verb, range(largest + 2), EXTRAS):
        yield Action(verb, subject, extra).data()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_no_callback_data_changes_or_reveals_anything_of_another_office(store: Store, library: Library) -> None:
    with opened(store, library) as town:
        # Questions of the insiders stand open, with options that would act at once.
        for kind, about in ((Question.CONFIRM_CANCEL, _cancel), (Question.CHOOSE_TASK, _task("done"))):
            _asked(town, "sekretariat", kind, about, text=False)
        pressed = list(_forged(town))
        for role in OUTSIDERS:
            with taken_back(town):
                said, told = _all_pressed(town, role, pressed)
                assert [word for word in SECRETS["dinas"] if word in said] == []
                assert of_office(town.session, "dinas") == town.offices["dinas"]
                assert told & {town.ids[who] for who in HERE} == set()
    assert len(pressed) > 200


def _all_pressed(town: Town, role: str, pressed: list[str]) -> tuple[str, set[int]]:
    """Press one button after the other; return all that the person reads, and whom the bot writes to."""
    last = max(town.session.scalars(select(OutboxRow.id)), default=0)
    incoming = (town.incoming(role, Kind.BUTTON, data) for data in pressed)
    said = [dispatching.dispatch(town.work, BOT, press).text for press in incoming]
    new = town.session.scalars(select(OutboxRow).where(OutboxRow.id > last)).all()
    said += [_read(town, row, role) for row in new if row.chat_id == town.ids[role]]
    return "\n".join(said), {row.chat_id for row in new}
