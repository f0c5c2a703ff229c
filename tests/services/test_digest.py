"""The weekly digest: once per office and week, when the office opens, and never twice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, cast

from sqlalchemy import text, update

from bot.domain import chain
from bot.domain.sop import Office, Zone
from bot.domain.worktime import Calendar, DayException, DayKind
from bot.services.cancel_case import cancel_case
from bot.services.complete_task import complete_task
from bot.services.digest import fire_digests
from bot.services.library import Library
from bot.services.outbox import Priority
from bot.store.tables import DigestRow, OutboxRow, PersonRow
from tests.services.conftest import BADAN_PK, PK, SK, Town, wib

if TYPE_CHECKING:
    from datetime import datetime

    from bot.services.work import Work
    from bot.sop_files.calendars import Calendars


def _overwrite(work: Work, data: str) -> None:
    work.session.execute(text("UPDATE digest SET data = :data"), {"data": data})


def _digests(town: Town, at: datetime) -> list[tuple[str, Priority]]:
    """Let the sweep come by; returns to whom which digests were queued, and how urgently."""
    town.at, since = at, town.mark()
    count = town.run(fire_digests)
    queued = [row for row in town.rows(OutboxRow) if row.id > since]
    assert {row.notice for row in queued} <= {"WeeklyDigest"}
    assert len(queued) == count
    return [(town.name(row.chat_id), Priority(row.priority)) for row in queued]


def test_the_sekretariat_hears_at_the_first_opening_of_the_week_and_only_once(staffed: Town) -> None:
    case_id = staffed.starts()
    staffed.finish(case_id)
    running = staffed.starts()
    assert _digests(staffed, wib(15, 12)) == []  # Sunday
    assert _digests(staffed, wib(16, 7, 29)) == []
    assert _digests(staffed, wib(16, 7, 30)) == [("Sari", Priority.DIGEST)]
    assert _digests(staffed, wib(16, 7, 31)) == []
    assert _digests(staffed, wib(20, 16)) == []
    (row,) = (row for row in staffed.rows(DigestRow) if row.office_id == "dinas")
    told = {case["code"]: (case["events"], case["head"], case["status"]) for case in row.data["cases"]}
    ended, open_ = staffed.case(case_id), staffed.case(running)
    assert told == {
        ended.code: (ended.events, ended.head, "finished"),
        open_.code: (open_.events, open_.head, "running"),
    }
    assert row.data["late"] == 1


def test_an_end_is_told_once_and_what_runs_every_week(staffed: Town) -> None:
    ended, running = staffed.starts(), staffed.starts()
    staffed.finish(ended)
    _digests(staffed, wib(16, 7, 30))
    _digests(staffed, wib(23, 7, 30))
    codes = [staffed.case(ended).code, staffed.case(running).code]
    rows = [row for row in staffed.rows(DigestRow) if row.office_id == "dinas"]
    assert [[case["code"] for case in row.data["cases"]] for row in rows] == [codes, codes[1:]]
    first, second = rows
    assert second.data["previous"] == first.data["hash"]
    for row in rows:
        content = {key: value for key, value in row.data.items() if key != "hash"}
        assert chain.digest(content) == row.data["hash"]


def test_an_end_that_was_committed_after_the_digest_is_told_in_the_next(staffed: Town) -> None:
    case_id = staffed.starts()
    _digests(staffed, wib(16, 7, 30))
    staffed.at = wib(16, 7, 29)  # the moment of a transaction that was still open at the digest
    staffed.do("Sari", cancel_case, case_id, "keliru")
    _digests(staffed, wib(23, 7, 30))
    rows = [row for row in staffed.rows(DigestRow) if row.office_id == "dinas"]
    told = [[(case["code"], case["status"]) for case in row.data["cases"]] for row in rows]
    code = staffed.case(case_id).code
    assert told == [[(code, "running")], [(code, "cancelled")]]


def test_the_next_one_begins_where_the_hashed_content_of_the_last_one_ends(staffed: Town) -> None:
    """What stands beside the hash may have been moved by anybody, to let an end go untold."""
    case_id = staffed.starts()
    _digests(staffed, wib(16, 7, 30))
    staffed.at = wib(17, 9)
    staffed.do("Sari", cancel_case, case_id, "keliru")
    staffed.run(lambda work: work.session.execute(update(DigestRow).values(created_at=wib(20, 9))))
    _digests(staffed, wib(23, 7, 30))
    _, row = (row for row in staffed.rows(DigestRow) if row.office_id == "dinas")
    assert [case["status"] for case in row.data["cases"]] == ["cancelled"]
    assert row.data["since"] == wib(16, 7, 30).isoformat()


def test_one_that_was_altered_does_not_keep_the_next_from_coming(staffed: Town) -> None:
    staffed.starts()
    _digests(staffed, wib(16, 7, 30))
    for day, garbage in ((23, "[1]"), (30, '{"cases": [1]}')):
        staffed.run(_overwrite, garbage)
        assert _digests(staffed, wib(day, 7, 30)) == [("Sari", Priority.DIGEST)]


def test_an_outage_makes_it_late_and_a_week_without_anybody_there_leaves_it_out(staffed: Town) -> None:
    staffed.starts()
    assert _digests(staffed, wib(18, 20)) == []
    assert _digests(staffed, wib(19, 9)) == [("Sari", Priority.DIGEST)]
    assert _digests(staffed, wib(30, 7, 30)) == [("Sari", Priority.DIGEST)]
    days = [row.day for row in staffed.rows(DigestRow) if row.office_id == "dinas"]
    assert days == [date(2026, 11, 16), date(2026, 11, 30)]


def test_a_holiday_moves_it_to_the_next_working_day_and_a_free_week_has_none(staffed: Town) -> None:
    staffed.starts()
    off = DayException(DayKind.LOCAL_HOLIDAY, "Libur")
    days = {date(2026, 11, 16): off, **{date(2026, 11, 23) + timedelta(days=n): off for n in range(5)}}

    class Holidays:
        def for_office(self, office: Office) -> Calendar:
            return Calendar(office.zone, exceptions=days)

    staffed.library = Library({sop.id: sop for sop in (PK, SK, BADAN_PK)}, cast("Calendars", Holidays()))
    assert _digests(staffed, wib(16, 9)) == []
    assert _digests(staffed, wib(17, 9)) == [("Sari", Priority.DIGEST)]
    assert [_digests(staffed, wib(day, 9)) for day in range(23, 28)] == [[]] * 5


def test_who_has_no_case_is_told_nothing_and_the_next_week_counts_from_here(staffed: Town) -> None:
    assert _digests(staffed, wib(16, 9)) == []
    case_id = staffed.starts()
    assert _digests(staffed, wib(16, 10)) == []
    staffed.do("Sinta", complete_task, staffed.task(case_id).id)
    assert _digests(staffed, wib(23, 9)) == [("Sari", Priority.DIGEST)]


def test_each_office_has_its_own_week_and_its_own_cases(staffed: Town) -> None:
    staffed.starts()
    staffed.starts("Yosef", "badan-pk")
    # 07.30 in the east is 05.30 in the west.
    assert _digests(staffed, wib(16, 5, 30)) == [("Yosef", Priority.DIGEST)]
    assert _digests(staffed, wib(16, 7, 30)) == [("Sari", Priority.DIGEST)]
    seen = {row.office_id: {case["code"] for case in row.data["cases"]} for row in staffed.rows(DigestRow)}
    assert seen == {"dinas": {"PK-2026-001"}, "badan": {"PK-2026-001"}}
    assert BADAN_PK.office.zone is Zone.WIT


def test_replicas_that_try_at_once_make_one(staffed: Town) -> None:
    staffed.starts()
    staffed.at = wib(16, 7, 30)
    assert sorted(map(str, staffed.run_at_once(*[fire_digests] * 6))) == ["0"] * 5 + ["1"]


def test_the_loser_of_a_race_says_nothing(staffed: Town) -> None:
    staffed.starts()
    staffed.at = wib(16, 7, 30)
    assert staffed.meanwhile(fire_digests, fire_digests) == [0]
    assert [row.notice for row in staffed.rows(OutboxRow)].count("WeeklyDigest") == 1


def test_who_was_forgotten_is_not_written_to(staffed: Town) -> None:
    staffed.starts()

    def forget(work: Work) -> None:
        person = work.session.get_one(PersonRow, staffed.person_id("Sari"))
        person.telegram_id = None

    staffed.run(forget)
    assert _digests(staffed, wib(16, 9)) == []


def test_what_an_outage_carried_past_the_end_of_work_waits_for_the_next_opening(staffed: Town) -> None:
    staffed.starts()
    assert _digests(staffed, wib(16, 15, 59)) == [("Sari", Priority.DIGEST)]
    staffed.at = wib(16, 20)
    assert not [mail for mail in staffed.deliver() if "Ringkasan mingguan" in mail.text]
    staffed.at = wib(17, 7, 29)
    assert not staffed.deliver()
    staffed.at = wib(17, 7, 30)
    (mail,) = staffed.deliver()
    assert (mail.to, mail.silent) == ("Sari", True)
    assert "Ringkasan mingguan Dinas Pariwisata" in mail.text
