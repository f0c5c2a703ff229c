"""Questions while they are open, and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.domain import notices as n
from bot.store.tables import CaseRow, QuestionRow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from tests.messages.conftest import World


def _choose_sop(world: World) -> Any:
    world.staff()
    about = {"options": ["kesbangpol-iku", "kesbangpol-pk"], "title": "Kinerja <2026>"}
    return n.ChooseSop(world.question("Siti Rahmawati", "choose_sop", about))


def _choose_task(world: World, verb: str = "done") -> Any:
    first, second = world.staff().case(), world.case("PK-2026-002", "Perubahan 2026")
    about = {"options": [world.task(first).id, world.task(second).id], "verb": verb, "text": None}
    return n.ChooseTask(world.question("Bambang Wijaya", "choose_task", about))


def _choose_case(world: World) -> Any:
    first = world.staff().case()
    world.person("Siti Rahmawati", "staf", office="disbudpar")
    second = world.case(sop=world.library.sops["disbudpar-pk"])
    about = {"options": [first.id, second.id], "command": "status", "text": None}
    return n.ChooseCase(world.question("Siti Rahmawati", "choose_case", about))


def _choose_post(world: World) -> Any:
    world.staff()
    world.leave("Rina Marlina", "staf")
    posts = ["kepala", "sekretaris", "kasubag", "staf", "sekretariat"]
    about = {"options": [["kesbangpol", post] for post in posts]}
    return n.ChoosePost(world.question("Siti Rahmawati", "choose_post", about))


def _choose_holding(world: World) -> Any:
    world.staff()
    gone = world.leave("Rina Marlina", "staf")
    held = world.hold("Rina Marlina", "kasubag")
    return n.ChooseHolding(world.question("Siti Rahmawati", "choose_holding", {"options": [gone.id, held.id]}))


def _confirm_cancel(world: World) -> Any:
    case = world.staff().case()
    about = {"case_id": case.id, "reason": "Dibuat dua kali"}
    return n.ConfirmCancel(world.question("Siti Rahmawati", "confirm_cancel", about))


def _confirm_removal(world: World) -> Any:
    world.staff().case()
    held = world.hold("Bambang Wijaya", "staf")
    world.leave("Rina Marlina", "staf")
    return n.ConfirmRemoval(world.question("Siti Rahmawati", "confirm_removal", {"holding_id": held.id}))


CHOICES = [
    _choose_sop,
    _choose_task,
    _choose_case,
    _choose_post,
    _choose_holding,
    _confirm_cancel,
    _confirm_removal,
]
ASKED = {"_choose_task": "Bambang Wijaya"}


@pytest.mark.parametrize("ask", CHOICES)
def test_a_choice_offers_its_options(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, ask: Callable[[World], Any]
) -> None:
    notice = ask(world)
    assert shown(world.render(notice, ASKED.get(ask.__name__, "Siti Rahmawati"))) == snapshot


@pytest.mark.parametrize("ask", CHOICES)
def test_an_answered_choice_says_what_was_chosen_and_has_no_buttons(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, ask: Callable[[World], Any]
) -> None:
    notice = ask(world)
    world.answered(notice.question_id, {"index": 1})
    message = world.render(notice, ASKED.get(ask.__name__, "Siti Rahmawati"))
    assert shown(message) == snapshot
    assert message is not None
    assert not message.buttons


@pytest.mark.parametrize("ask", CHOICES)
def test_a_choice_answered_before_it_was_sent_is_not_sent(world: World, ask: Callable[[World], Any]) -> None:
    notice = ask(world)
    world.answered(notice.question_id, {"index": 1})
    world.session.get_one(QuestionRow, notice.question_id).message_id = None
    assert world.render(notice, ASKED.get(ask.__name__, "Siti Rahmawati")) is None


def test_the_choice_of_a_sop_then_names_the_case_that_began(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    notice = _choose_sop(world)
    world.answered(notice.question_id, {"case_id": world.case().id})
    assert shown(world.render(notice, "Siti Rahmawati")) == snapshot


@pytest.mark.parametrize(("post", "words"), [("kasubag", "Kasubag Program"), ("lain", "digunakan")])
def test_the_choice_of_a_post_then_names_it(
    world: World, shown: Callable[[Message | None], str], post: str, words: str
) -> None:
    notice = _choose_post(world)
    world.answered(notice.question_id, {"office_id": "kesbangpol", "post_id": post})
    assert words in shown(world.render(notice, "Siti Rahmawati"))


@pytest.mark.parametrize(
    ("answer", "words"), [(None, "digunakan"), ({"dropped": True}, "dibatalkan"), ({}, "digunakan")]
)
def test_a_choice_that_closed_otherwise(
    world: World, shown: Callable[[Message | None], str], answer: dict[str, Any] | None, words: str
) -> None:
    notice = _choose_post(world)
    world.answered(notice.question_id, answer)
    assert words in shown(world.render(notice, "Siti Rahmawati"))


def test_a_lapsed_choice_says_so(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    notice = _choose_post(world)
    world.at = at(28, 9, month=12)
    assert shown(world.render(notice, "Siti Rahmawati")) == snapshot


def test_a_choice_of_what_to_reject(world: World, shown: Callable[[Message | None], str]) -> None:
    assert "Tugas mana yang ditolak?" in shown(world.render(_choose_task(world, "reject"), "Bambang Wijaya"))


def test_a_choice_leaves_ended_tasks_out(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    notice = _choose_task(world)
    for case in world.session.query(CaseRow).all():
        world.done(case, "Bambang Wijaya")
    assert shown(world.render(notice, "Bambang Wijaya")) == snapshot


def test_a_choice_of_tasks_in_two_offices_names_them(world: World, shown: Callable[[Message | None], str]) -> None:
    notice = _choose_task(world)
    world.person("Bambang Wijaya", "staf", office="disbudpar")
    assert "Langkah 1 · Badan Kesbangpol" in shown(world.render(notice, "Bambang Wijaya"))


def test_a_long_list_of_options_is_cut_and_says_so(world: World, shown: Callable[[Message | None], str]) -> None:
    world.staff()
    about = {"options": [["kesbangpol", "staf"]] * 95}
    notice = n.ChoosePost(world.question("Siti Rahmawati", "choose_post", about))
    assert "Masih ada 5 pilihan lain" in shown(world.render(notice, "Siti Rahmawati"))


def test_the_reason_for_a_rejection_is_asked_with_the_word_alasan(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    task = world.to_step(case, 5)
    key = world.question("Dewi Lestari", "reject_reason", {"task_id": task.id})
    text = shown(world.render(n.AskReason(key), "Dewi Lestari"))
    assert text == snapshot
    assert "alasan" in text
    world.answered(key, {"text": "sudah"})
    assert "sudah disampaikan" in shown(world.render(n.AskReason(key), "Dewi Lestari"))


def test_where_no_kelengkapan_can_be_named_the_reason_is_asked_for_as_a_text(
    world: World, shown: Callable[[Message | None], str]
) -> None:
    case = world.staff().case()
    task = world.to_step(case, 5)
    case.secret = True  # nothing of it is listed
    key = world.question("Dewi Lestari", "reject_reason", {"task_id": task.id})
    assert "(wants a text: Tulis alasan penolakan)" in shown(world.render(n.AskReason(key), "Dewi Lestari"))
    world.answered(key, {"text": "sudah"})
    assert world.render(n.AskReason(key), "Dewi Lestari") is None


def test_the_reason_for_ending_a_case_is_asked(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    key = world.question("Siti Rahmawati", "cancel_reason", {"case_id": case.id})
    assert shown(world.render(n.AskCancelReason(key), "Siti Rahmawati")) == snapshot
    world.answered(key, {"dropped": True})
    assert world.render(n.AskCancelReason(key), "Siti Rahmawati") is None


@pytest.mark.parametrize("lapsed", [True, False])
def test_a_dropped_question_says_that_nothing_changed(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, lapsed: bool
) -> None:
    assert shown(world.render(n.QuestionDropped(lapsed=lapsed))) == snapshot
