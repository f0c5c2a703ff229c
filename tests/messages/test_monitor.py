"""The sekretariat's group as it reads: what is said of it, its board, and the digests."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain import notices as n
from bot.domain.reminders import ReminderKind
from bot.messages.limits import MESSAGE_LIMIT, units
from bot.messages.render import Recipient, render
from bot.services.monitor_digests import fire_morning, fire_week_end
from bot.services.watching import watched
from bot.store.tables import BoardRow, DigestRow, OfficeChatRow, TaskSeenRow
from tests.messages.test_hostile import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from tests.messages.conftest import World

    Shown = Callable[[Message | None], str]

SARI = "Siti Rahmawati"
OFFICE = "kesbangpol"
GROUP = -100500


@pytest.fixture
def group(world: World) -> Callable[[n.Notice], Message | None]:
    """Render for the first office's alert group."""
    world.staff()
    chat = OfficeChatRow(
        office_id=OFFICE, chat_id=GROUP, title="Pemantauan SOP", set_by=world.people[SARI].id, set_at=world.at
    )
    world.add(chat)
    return lambda notice: render(world.work, notice, Recipient(GROUP, None))


def _busy(world: World, at: Callable[..., datetime]) -> None:
    """Run five cases: late, due, fresh and seen, held, secret."""
    late = world.case("PK-2026-001", "Perjanjian Kinerja 2026")
    world.to_step(late, 3)
    world.at = at(24, 11)
    world.case("PK-2026-002", "Perjanjian Kinerja Perubahan")
    fresh = world.case("PK-2026-003", "Perjanjian Kinerja Bidang")
    task = world.to_step(fresh, 4)
    world.add(TaskSeenRow(task_id=task.id, person_id=world.people["Rina Marlina"].id, at=world.at))
    held = world.to_step(world.case("PK-2026-004", "Perjanjian Kinerja Sekretariat"), 2)
    held.held_at = world.at
    secret = world.case("PK-2026-005", "Mutasi pejabat")
    secret.secret = True
    world.at = at(24, 11, 5)
    world.session.flush()


def test_the_group_s_own_messages(
    world: World, group: Callable[[n.Notice], Message | None], shown: Shown, snapshot: SnapshotAssertion
) -> None:
    said = [n.AlertsHere(OFFICE), n.ChooseOfficeInPrivate(), n.GroupTaken(), n.NoAlertGroup(), n.BoardClosed()]
    assert [shown(group(notice)) for notice in said] == snapshot
    assert group(n.AlertsLeft(OFFICE)) is None  # it is the office's again
    assert shown(world.render(n.AlertsLeft(OFFICE))) == snapshot


def test_what_the_monitors_read_of_their_group_in_private(
    world: World, group: Callable[[n.Notice], Message | None], shown: Shown, snapshot: SnapshotAssertion
) -> None:
    assert group(n.GroupLost(OFFICE)) is None
    said = [n.AlertsWhere(), n.PinRight(OFFICE), n.AlertsReleased(OFFICE), n.BoardReleased()]
    assert [shown(world.render(notice, SARI)) for notice in said] == snapshot
    chat = world.session.get_one(OfficeChatRow, OFFICE)
    chat.lost_at = world.at
    for chat.lost_why in ("left", "refused"):
        assert [shown(world.render(notice, SARI)) for notice in (n.GroupLost(OFFICE), n.AlertsWhere())] == snapshot
    assert world.render(n.GroupLost(OFFICE), "Dewi Lestari") is None
    world.session.delete(chat)
    assert shown(world.render(n.AlertsWhere(), SARI)) == snapshot


@pytest.mark.parametrize("then", ["sekretariat", "lepas", "papan"])
def test_which_office_is_meant(world: World, shown: Shown, snapshot: SnapshotAssertion, then: str) -> None:
    world.staff().hold(SARI, "sekretariat", "disbudpar")
    about = {"options": [OFFICE, "disbudpar"], "then": then, "title": "Pemantauan SOP"}
    question = world.question(SARI, "choose_office", about)
    assert shown(world.render(n.ChooseOffice(question), SARI)) == snapshot
    world.answered(question, {"index": 1})
    assert shown(world.render(n.ChooseOffice(question), SARI)) == snapshot


def test_the_board(
    world: World,
    group: Callable[[n.Notice], Message | None],
    shown: Shown,
    snapshot: SnapshotAssertion,
    at: Callable[..., datetime],
) -> None:
    assert shown(group(n.Board(OFFICE))) == snapshot
    _busy(world, at)
    message = group(n.Board(OFFICE))
    assert message is not None
    assert message.pin
    assert shown(message) == snapshot
    assert "Mutasi" not in message.html
    assert world.render(n.Board(OFFICE), "Dewi Lestari") is None


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    titles=st.lists(st.sampled_from([*TEXTS, "Surat"]), min_size=1, max_size=6),
    ages=st.lists(st.integers(0, 5000), max_size=12),
)
def test_the_most_endangered_come_first_and_whatever_is_in_it_fits(
    world: World, shown: Shown, titles: list[str], ages: list[int]
) -> None:
    savepoint = world.session.begin_nested()
    world.people.clear()
    world.person(TEXTS[1], "sekretariat", "kepala")
    for number, age in enumerate(ages):
        case = world.case(f"PERJANJIAN-KINERJA-2026-{number:03d}", titles[number % len(titles)])
        task = world.task(case)
        task.given_at -= timedelta(minutes=age)
        task.due_at = task.given_at + timedelta(minutes=10 + 37 * number)
        task.held_at = world.at if number % 5 == 4 else None
    world.session.flush()
    cases = watched(world.work, OFFICE)
    groups = [2 if c.held else 0 if c.late else 1 for c in cases]
    assert groups == sorted(groups)
    lateness = [c.late for c in cases if c.late and not c.held]
    shares = [c.used for c in cases if not c.late and not c.held]
    assert lateness == sorted(lateness, reverse=True)
    assert shares == sorted(shares, reverse=True)
    html = shown(world.render(n.Board(OFFICE), TEXTS[1]))
    assert units(html) <= MESSAGE_LIMIT
    savepoint.rollback()
    world.session.expire_all()


def test_forty_cases_are_cut_with_a_count_and_nothing_in_half(world: World, shown: Shown) -> None:
    world.staff()
    for number in range(60):
        world.case(f"PK-2026-{number:03d}", "Perjanjian Kinerja dengan judul yang panjang sekali")
    html = shown(world.render(n.Board(OFFICE), SARI))
    assert "▓" in html
    lines = sum(line.startswith("<b>PK-2026") for line in html.splitlines())
    assert f"dan {60 - lines} berkas lainnya: /status" in html
    assert html.splitlines()[-1].startswith("Keadaan ")


def _digest(world: World, kind: str) -> int:
    fire = {"morning": fire_morning, "week_end": fire_week_end}[kind]
    fire(world.work)
    rows = [row for row in world.session.query(DigestRow) if (row.office_id, row.kind) == (OFFICE, kind)]
    return rows[-1].id


def test_the_morning_digest(
    world: World,
    group: Callable[[n.Notice], Message | None],
    shown: Shown,
    snapshot: SnapshotAssertion,
    at: Callable[..., datetime],
) -> None:
    _busy(world, at)
    world.leave("Rina Marlina", "staf")
    world.leave("Bambang Wijaya", "kepala")
    world.at = at(25, 7, 30)
    notice = n.MorningDigest(_digest(world, "morning"))
    assert shown(group(notice)) == snapshot
    assert "Mutasi" not in shown(group(notice))
    assert world.render(notice, "Dewi Lestari") is None
    world.at = at(26, 7, 30)
    assert group(notice) is None


def test_the_week_s_summary(
    world: World,
    group: Callable[[n.Notice], Message | None],
    shown: Shown,
    snapshot: SnapshotAssertion,
    at: Callable[..., datetime],
) -> None:
    _busy(world, at)
    world.at = at(27, 15, 30)
    assert shown(group(n.WeekSummary(_digest(world, "week_end")))) == snapshot


def test_reminders_in_the_group_are_reports_and_tell_the_case_of_a_rejection_again(
    world: World, group: Callable[[n.Notice], Message | None], shown: Shown, snapshot: SnapshotAssertion
) -> None:
    case = world.case()
    task = world.to_step(case, 5)
    early = world.reminder(task, ReminderKind.EARLY, 80)
    late = world.reminder(task, ReminderKind.SUPERIOR)
    assert shown(group(n.Reminders((early,)))) == snapshot
    world.at = task.due_at + timedelta(days=1)
    assert shown(group(n.Reminders((late,)))) == snapshot
    world.rejected(case, "Dewi Lestari", "Lampiran kurang")
    world.to_step(case, 5)
    again = world.rejected(case, "Dewi Lestari", "Masih kurang")
    assert shown(group(n.RejectionTold(again.id))) == snapshot


def test_a_group_that_is_nobody_s_reads_nothing(world: World) -> None:
    case = world.staff().case()
    stranger = Recipient(-1, None)
    for notice in (n.Board(OFFICE), n.EmptyPosts(world.task(case).id), n.AlertsHere(OFFICE)):
        assert render(world.work, notice, stranger) is None
    world.add(BoardRow(office_id=OFFICE, chat_id=-1))
    assert render(world.work, n.Board(OFFICE), stranger) is None
