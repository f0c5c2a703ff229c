"""Who may do what, straight from the table and through the real use cases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from bot.domain.budget import Budget, Unit
from bot.domain.notices import HeldByOthers, HoldingOver, NotAllowed, Stranger, TaskOver
from bot.domain.office_rules import OfficeRules
from bot.messages.actions import Action, Verb
from bot.services.authorise import ADMIN_CAPACITY, GRANTS, Capability, Role, capacity, may, roles
from bot.services.cancel_case import ask_to_cancel, cancel_case
from bot.services.complete_task import complete_task
from bot.services.find import the_case
from bot.services.holdings import remove_holding
from bot.services.holds import hold_case
from bot.services.invitations import accept, invite, new_invitation
from bot.services.live_board import case_seen
from bot.services.meeting import begin_meeting
from bot.services.more_time import ask_for_time, decide_time
from bot.services.moves import move_task, return_task
from bot.services.office_chats import set_group
from bot.services.on_behalf import go_on
from bot.services.questions import Kind, ask, option
from bot.services.reject_task import reject_task
from bot.services.seal_case import seal_case
from bot.services.settings import confirmed
from bot.services.standins import Wish, appoint_standin
from bot.services.start_case import start_case, startable
from bot.services.work import Actor, Refusal, Work
from bot.store.tables import CaseRow, PersonRow, QuestionRow, UpdateRow
from handlers.statistik import picked_office
from tests.services.conftest import BADAN_PK, PK, SK, Town

PEOPLE: dict[str, frozenset[Role]] = {
    "Adi": frozenset({Role.ANYBODY, Role.ADMIN}),
    "Sari": frozenset({Role.ANYBODY, Role.SECRETARIAT, Role.MEMBER}),
    "Sinta": frozenset({Role.ANYBODY, Role.OPENER, Role.HOLDER, Role.MEMBER}),
    "Kemal": frozenset({Role.ANYBODY, Role.MEMBER, Role.CHIEF}),
    "Rini": frozenset({Role.ANYBODY, Role.MEMBER, Role.RECORDER}),
    "Yosef": frozenset({Role.ANYBODY}),  # sekretariat of the other office
    "Paulus": frozenset({Role.ANYBODY}),  # holds a post of the same id in the other office
    "Toni": frozenset({Role.ANYBODY}),  # held a post until yesterday
    "Orang": frozenset({Role.ANYBODY}),  # a stranger
}


@pytest.fixture
def everybody(staffed: Town) -> Town:
    """Return the town with an administrator, somebody who has left, and a stranger."""
    rules = {"dinas": OfficeRules(recorders=frozenset({"sekretaris"}))}
    staffed.library = replace(staffed.library, admin_ids=frozenset({staffed.stranger("Adi")}), rules=rules)
    staffed.joins("Toni", "staf", "sekretariat")
    for post in ("staf", "sekretariat"):
        staffed.leaves("Toni", post)
    staffed.stranger("Orang")
    return staffed


def test_every_role_is_somebody_s() -> None:
    """ASKED is towards one question: see below."""
    assert frozenset().union(*PEOPLE.values()) | {Role.ASKED} == frozenset(Role)


def test_everybody_is_what_they_hold_in_this_office_now(everybody: Town) -> None:
    task = everybody.task(everybody.starts())
    found = {who: everybody.do(who, lambda w, a: roles(w, a, "dinas", sop=PK, task=task)) for who in PEOPLE}
    assert found == PEOPLE


def test_the_table_decides_and_nothing_else(everybody: Town) -> None:
    task = everybody.task(everybody.starts())

    def asks(work: Work, actor: Actor, capability: Capability) -> bool:
        return may(work, actor, capability, "dinas", sop=PK, task=task)

    granted = {(who, capability): everybody.do(who, asks, capability) for who in PEOPLE for capability in Capability}
    assert granted == {(who, c): bool(GRANTS[c] & held) for who, held in PEOPLE.items() for c in Capability}


Try = Callable[[Work, Actor], object]


def _view(work: Work, actor: Actor, code: str) -> object:
    return the_case(work, actor, code, command="status")


def _look(work: Work, actor: Actor, case_id: int) -> None:
    if case_seen(work, actor.telegram_id, case_id) is None:
        raise Refusal(Stranger())


def _tries(town: Town) -> dict[Capability, Try]:
    case, further = town.starts(), town.starts()
    task = town.task(case).id
    second = town.to_step(further, 2).id
    town.do("Sinta", ask_for_time, task, Budget(1, Unit.DAY), "data belum masuk")
    return {
        Capability.VIEW: partial(_view, code=town.case(case).code),
        Capability.JOIN: lambda work, actor: accept(work, actor, new_invitation(work, "dinas", "staf")[1]),
        Capability.ACT: partial(_complete, task_id=town.task(case).id),
        Capability.ANSWER: partial(_answer, question_id=town.run(_question, town.person_id("Kemal"))),
        Capability.START: lambda work, actor: start_case(work, actor, PK, None),
        Capability.INVITE: lambda work, actor: invite(work, actor, "dinas", "staf"),
        Capability.REMOVE: partial(_remove, holding=town.holding("Endah", "bendahara")),
        Capability.CANCEL: lambda work, actor: cancel_case(work, actor, case, "salah tekan"),
        Capability.SETTINGS: lambda work, actor: confirmed(work, actor, _settings()),
        Capability.APPOINT: partial(appoint_standin, wish=_wish(town)),
        Capability.RECORD: lambda work, actor: go_on(work, actor, {"task_id": task, "late": False}),
        Capability.BACKDATE: lambda work, actor: go_on(work, actor, {"task_id": task, "late": True}),
        Capability.SEAL: lambda work, actor: seal_case(work, actor, case),
        Capability.HOLD: lambda work, actor: hold_case(work, actor, work.session.get_one(CaseRow, case), "cuti"),
        Capability.MOVE: lambda work, actor: move_task(
            work, actor, second, from_post="kasubag", to_post="kepala", reason="cuti"
        ),
        Capability.RETURN: lambda work, actor: return_task(work, actor, second, 1, "kurang"),
        Capability.WATCH: lambda work, actor: set_group(work, actor, "dinas", -100, topic=None, title="Grup"),
        Capability.GRANT: lambda work, actor: decide_time(work, actor, task, 1, grant=True),
        Capability.REPORT: lambda work, actor: picked_office(work, actor, _of_the_office(), 0),
        Capability.MEET: begin_meeting,
        Capability.LIVE_BOARD: partial(_look, case_id=case),
    }


def _settings() -> QuestionRow:
    return QuestionRow(about={"office_id": "dinas", "version": 0, "patch": {"chief_cap": 5}})


def _of_the_office() -> QuestionRow:
    """Return the choice of whose month is meant; without one each hears of their own office."""
    return QuestionRow(about={"options": ["dinas"], "month": "2026-10-01"})


def _wish(town: Town) -> Wish:
    """Return that the bendahara stands in for the head of the office today."""
    absent, today = town.holding("Kemal", "kepala"), town.at.date()
    return Wish("dinas", "kepala", absent, town.person_id("Endah"), today, today)


def _complete(work: Work, actor: Actor, task_id: int) -> object:
    return complete_task(work, actor, task_id)


def _question(work: Work, person_id: int) -> int:
    return ask(work, work.session.get_one(PersonRow, person_id), Kind.CHOOSE_SOP, {"options": []}).id


def _answer(work: Work, actor: Actor, question_id: int) -> object:
    return option(work, actor, question_id)


def _remove(work: Work, actor: Actor, holding: int) -> object:
    return remove_holding(work, actor, holding)


class Undo(Exception):  # noqa: N818 - not an error
    """Take back what was tried."""


@pytest.mark.parametrize("who", PEOPLE)
def test_the_use_cases_keep_to_the_table(everybody: Town, who: str) -> None:
    def allowed(attempt: Try) -> bool:
        def use_case(work: Work, actor: Actor) -> None:
            attempt(work, actor)
            raise Undo

        before = everybody.dump()
        with pytest.raises((Undo, Refusal)) as caught:
            everybody.do(who, use_case)
        assert everybody.dump() == before
        return caught.type is Undo

    tried = {capability: allowed(attempt) for capability, attempt in _tries(everybody).items()}
    held = PEOPLE[who] | ({Role.ASKED} if who == "Kemal" else set())
    assert tried == {capability: bool(GRANTS[capability] & held) for capability in Capability}


@pytest.mark.parametrize(
    ("who", "notice"),
    [("Kemal", NotAllowed("secretariat")), ("Yosef", NotAllowed("secretariat")), ("Toni", Stranger())],
)
def test_members_hear_whose_command_it_is_and_others_only_what_strangers_hear(
    everybody: Town, who: str, notice: object
) -> None:
    assert everybody.refused(who, invite, "dinas", "staf") == notice


def test_an_administrator_acts_without_a_post_and_the_log_says_so(everybody: Town) -> None:
    assert everybody.do("Adi", capacity, "dinas", PK) == ADMIN_CAPACITY
    case = everybody.starts("Adi")
    event = everybody.run(lambda work: work.session.get_one(CaseRow, case).started_by)
    assert event == everybody.person_id("Adi")


def test_each_may_start_what_the_table_says(everybody: Town) -> None:
    def ids(who: str) -> list[str]:
        return [sop.id for sop in everybody.do(who, startable)]

    assert ids("Adi") == [BADAN_PK.id, PK.id, SK.id]
    assert ids("Sari") == [PK.id, SK.id]
    assert (ids("Sinta"), ids("Bagus")) == ([PK.id], [SK.id])
    refused = [everybody.refused(who, startable) for who in ("Kemal", "Toni", "Orang")]
    assert refused == [NotAllowed("starter"), Stranger(), Stranger()]


# --- acting on tasks ------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["Adi", "Sari", "Kemal"])
def test_only_holding_the_post_lets_anybody_act_on_its_task(everybody: Town, who: str) -> None:
    case = everybody.starts()
    task = everybody.task(case)
    assert everybody.refused(who, complete_task, task.id) == HeldByOthers(case)
    assert everybody.refused(who, reject_task, task.id, "alasan") == HeldByOthers(case)
    assert everybody.refused(who, reject_task, task.id, None) == HeldByOthers(case)


@pytest.mark.parametrize("who", ["Yosef", "Paulus", "Toni", "Orang"])
def test_to_outsiders_a_task_answers_like_one_that_does_not_exist(everybody: Town, who: str) -> None:
    task = everybody.task(everybody.starts())
    for act in (complete_task, partial(reject_task, reason="alasan"), partial(reject_task, reason=None)):
        assert everybody.refused(who, act, task.id) == everybody.refused(who, act, 10**17)
    assert isinstance(everybody.refused(who, complete_task, task.id), TaskOver)


# --- forged buttons -------------------------------------------------------------------------


def _forged(town: Town) -> dict[str, tuple[str, str]]:
    """Return for each verb the button of something of the first office, and of something that never was."""
    case = town.starts()
    task = town.task(case)
    version = town.case(case).sop_version_id
    holding = town.holding("Sari", "sekretariat")
    nowhere = 10**17
    return {
        "done": (Action(Verb.DONE, task.id).data(), Action(Verb.DONE, nowhere).data()),
        "reject": (Action(Verb.REJECT, task.id).data(), Action(Verb.REJECT, nowhere).data()),
        "detail": (Action(Verb.DETAIL, task.id).data(), Action(Verb.DETAIL, nowhere).data()),
        "history": (Action(Verb.HISTORY, case).data(), Action(Verb.HISTORY, nowhere).data()),
        "page": (Action(Verb.HISTORY, case, 0).data(), Action(Verb.HISTORY, nowhere, 0).data()),
        "sop": (Action(Verb.SOP, version).data(), Action(Verb.SOP, nowhere).data()),
        "picture": (Action(Verb.PICTURE, case).data(), Action(Verb.PICTURE, nowhere).data()),
        "sop picture": (Action(Verb.SOP_PICTURE, version).data(), Action(Verb.SOP_PICTURE, nowhere).data()),
        "remove": (Action(Verb.REMOVE, holding).data(), Action(Verb.REMOVE, nowhere).data()),
    }


@pytest.mark.parametrize(
    "verb", ["done", "reject", "detail", "history", "page", "sop", "picture", "sop picture", "remove"]
)
def test_a_forged_button_gets_the_same_words_for_the_foreign_and_for_what_never_was(everybody: Town, verb: str) -> None:
    foreign, nowhere = _forged(everybody)[verb]
    mark = everybody.mark()
    answers = [everybody.presses("Paulus", data) for data in (foreign, nowhere)]
    assert answers[0] == answers[1]
    assert answers[0].text
    assert answers[0].alert
    assert everybody.queued(mark) == []
    assert [row.failure for row in everybody.rows(UpdateRow) if row.failure] == []


def test_somebody_else_s_question_cannot_be_answered(everybody: Town) -> None:
    everybody.says("Sari", "/cabut")
    question = everybody.question()
    pick = Action(Verb.PICK, question.id, 0).data()
    nowhere = everybody.presses("Kemal", Action(Verb.PICK, 10**17, 0).data())
    mark = everybody.mark()
    for who in ("Kemal", "Yosef"):
        assert everybody.presses(who, pick) == nowhere
    assert everybody.queued(mark) == []
    assert everybody.question().answered_at is None


@pytest.mark.parametrize("data", ["", "1:done", "2:done:1", "1:done:-1", "1:pick:1:99999", "1:explode:1", "x" * 64])
def test_a_button_this_program_never_made_is_not_understood(everybody: Town, data: str) -> None:
    mark = everybody.mark()
    answer = everybody.presses("Kemal", data)
    assert answer.text
    assert answer.alert
    assert everybody.queued(mark) == []


def test_an_option_that_was_never_offered_is_refused_and_the_question_stays_open(everybody: Town) -> None:
    everybody.says("Sari", "/mulai")
    question = everybody.question()
    answer = everybody.presses("Sari", Action(Verb.PICK, question.id, 77).data())
    assert answer.alert
    assert everybody.question().answered_at is None
    everybody.presses("Sari", Action(Verb.PICK, question.id, 0).data())
    assert len(everybody.rows(CaseRow)) == 1


def test_a_button_cannot_answer_a_question_that_awaits_a_text(everybody: Town) -> None:
    everybody.starts()
    everybody.says("Sari", "/batal PK-2026-001")
    question = everybody.question()
    assert question.awaits_text
    assert everybody.presses("Sari", Action(Verb.PICK, question.id, 0).data()).alert
    assert everybody.question().answered_at is None


# --- codes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command", ["status {}", "riwayat {}", "selesai {}", "tolak {} alasan", "batal {} alasan", "selesai {} catatan"]
)
def test_a_code_of_another_office_gets_the_words_of_a_code_that_never_was(everybody: Town, command: str) -> None:
    code = everybody.case(everybody.starts("Sari", "dinas-sk")).code
    answers = []
    for tried in (code, "SK-2026-777"):
        everybody.deliver()
        everybody.says("Yosef", "/" + command.format(tried))
        (mail,) = everybody.deliver()
        answers.append(mail.text.replace(tried, "KODE"))
    assert answers[0] == answers[1]
    assert "tidak" in answers[0].lower()


def test_equal_codes_of_two_offices_are_told_apart_by_button(everybody: Town) -> None:
    here, there = everybody.starts("Sari"), everybody.starts("Yosef", "badan-pk")
    assert everybody.case(here).code == everybody.case(there).code
    everybody.joins("Sari", "sekretariat", office="badan")
    everybody.deliver()
    everybody.says("Sari", "/batal PK-2026-001 salah tekan")
    (choice,) = everybody.deliver()
    assert len(choice.buttons) == 2
    everybody.presses("Sari", choice.buttons[1])
    confirm = next(mail for mail in everybody.deliver() if mail.edits is None)
    everybody.presses("Sari", confirm.buttons[0])
    assert [everybody.case(case).status for case in (here, there)] == ["running", "cancelled"]


# --- who has left ---------------------------------------------------------------------------


def test_who_has_lost_the_post_can_no_longer_act_and_is_a_stranger(everybody: Town) -> None:
    case = everybody.starts()
    task = everybody.task(case)
    everybody.deliver()
    everybody.leaves("Sinta", "staf")
    everybody.deliver()
    assert isinstance(everybody.refused("Sinta", complete_task, task.id), TaskOver)
    mark = everybody.mark()
    spoken = everybody.presses("Sinta", Action(Verb.DONE, task.id).data())
    assert spoken.alert
    everybody.says("Sinta", "/status")
    assert [row.notice for row in everybody.queued(mark)] == ["Stranger"]
    everybody.holds(case, 1)


def test_an_open_question_of_somebody_who_has_left_is_not_answered(everybody: Town) -> None:
    everybody.joins("Umi", "sekretariat")
    case = everybody.starts()

    def confirm(work: Work, actor: Actor) -> None:
        assert actor.person
        ask(work, actor.person, Kind.CONFIRM_CANCEL, {"case_id": case, "reason": "salah"})

    everybody.do("Umi", confirm)
    data = Action(Verb.PICK, everybody.question().id, 0).data()
    everybody.leaves("Umi", "sekretariat")
    everybody.presses("Umi", data)
    assert everybody.case(case).status == "running"


def test_a_confirmation_is_checked_again_when_it_is_given(everybody: Town) -> None:
    """Who asked as sekretariat and confirms as staff only is refused."""
    everybody.joins("Umi", "sekretariat", "kasubag")
    case = everybody.starts()
    everybody.do("Umi", lambda work, actor: ask_to_cancel(work, actor, work.session.get_one(CaseRow, case), "salah"))
    data = Action(Verb.PICK, everybody.question().id, 0).data()
    everybody.leaves("Umi", "sekretariat")
    assert everybody.presses("Umi", data).text
    assert everybody.case(case).status == "running"


def test_a_holding_that_has_ended_says_so_to_the_sekretariat(everybody: Town) -> None:
    holding = everybody.holding("Endah", "bendahara")
    everybody.leaves("Endah", "bendahara")
    assert everybody.refused("Sari", remove_holding, holding) == HoldingOver(holding)


@pytest.mark.parametrize("asked", ["/riwayat PK-2026-001", "/status PK-2026-001", "/selesai", "/tolak PK-2026-001"])
def test_who_is_removed_while_an_answer_waits_in_an_outage_reads_nothing_of_the_case(staffed: Town, asked: str) -> None:
    staffed.starts(title="Naskah Anggrek")
    staffed.says("Sinta", asked)
    staffed.leaves("Sinta", "staf")
    staffed.deliver()
    told = [mail.text for mail in staffed.mail if mail.to == "Sinta"]
    assert told
    assert not [text for text in told if "Anggrek" in text]
