"""Whatever is done to a log past the program is found, and the first wrong event is named."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import JSON, Executable, delete, func, insert, select, text, update
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot.domain import chain
from bot.services.cancel_case import cancel_case
from bot.services.complete_task import complete_task
from bot.services.digest import fire_digests
from bot.services.evidence.cases import PAGE, check_cases, check_definition, check_orphans
from bot.services.evidence.digests import Match, Told, check_digest, compare_case, compare_office
from bot.services.evidence.log import Problem, Scope, Wrong
from bot.services.evidence.numbers import check_numbers
from bot.services.evidence.verify import Tally, verify
from bot.services.on_behalf import record_decision
from bot.services.reject_task import reject_task
from bot.services.restoration import settle
from bot.services.seal_case import seal_case
from bot.services.work import Runner, Work
from bot.store.database import Store
from bot.store.mapping import event_of, event_row
from bot.store.snapshot import open_reader
from bot.store.tables import CaseRow, DigestRow, EventRow, RestorationRow, SerialRow, SopVersionRow
from tests.services.conftest import Town, wib

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

Found = list[tuple[Wrong, str, int | None]]
PK, OTHER = "PK-2026-001", "PK-2026-002"


@dataclass
class FixedClock:
    """A clock that stands still."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def machine_time(self, moment: datetime) -> datetime:
        return moment


@pytest.fixture
def story(staffed: Town) -> Town:
    """Two cases of one office with notes, a rejection and two digests between; one of them ended."""
    case_id, other = staffed.starts(title="Pérjanjian “Kinerja” 2026 🙂"), staffed.starts("Sari", title="Kedua")
    staffed.at += timedelta(minutes=5, microseconds=7)
    staffed.do("Sinta", complete_task, staffed.task(case_id).id, 'catatan\nbaris dua \\ "kutip" é')
    staffed.do("Bagus", complete_task, staffed.task(case_id).id)
    staffed.do("Endah", reject_task, staffed.task(case_id).id, "angka <b>salah</b>")
    staffed.at = wib(16, 8)
    staffed.run(fire_digests)
    staffed.do("Sinta", complete_task, staffed.task(case_id).id)
    staffed.do("Sari", cancel_case, other, "keliru")
    staffed.at = wib(23, 8)
    staffed.run(fire_digests)
    return staffed


def _check(session: Session, town: Town) -> Found:
    """Return everything that is wrong, as ``verify`` finds it, but within one transaction."""
    work, scope, told = Work(session, town.at, town.library), Scope(), Told()
    problems = check_numbers(work, scope) + check_orphans(work)
    page = check_cases(work, scope, 0)
    problems += page.problems
    for version_id in sorted(page.versions):
        problems += check_definition(work, version_id)
    told.reported = {(problem.office, problem.code) for problem in problems}
    last: int | None = 0
    while last is not None:
        last, found = check_digest(work, scope, last, told)
        problems += found
    return [(problem.what, problem.code, problem.number) for problem in problems]


def _after(town: Town, tamper: Callable[[Session], object]) -> Found:
    """Return what is found after somebody wrote past the program; then all is as before."""
    with Session(town.store.engine, expire_on_commit=False) as session:
        session.begin()
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("PRAGMA defer_foreign_keys=ON"))
        tamper(session)
        session.flush()
        session.expire_all()
        found = _check(session, town)
        session.rollback()
    return found


def _doing(statement: Executable, values: dict[str, Any] | None = None) -> Callable[[Session], object]:
    return lambda session: session.execute(statement, values)


def _case(session: Session, code: str = PK) -> CaseRow:
    return session.scalars(select(CaseRow).where(CaseRow.code == code, CaseRow.office_id == "dinas")).one()


def _events(session: Session, code: str = PK) -> list[EventRow]:
    case_id = _case(session, code).id
    return list(session.scalars(select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.number)))


def _recompute(session: Session, code: str = PK, *, case: bool = True) -> None:
    """Make the whole chain of a case fit again, as somebody with the program's source would."""
    row = _case(session, code)
    version = session.get_one(SopVersionRow, row.sop_version_id)
    head = chain.genesis(office_id=row.office_id, code=row.code, title=row.title, sop_hash=version.content_hash)
    events = _events(session, code)
    for number, event in enumerate(events, 1):
        fresh = event_row(row.id, number, event_of(event), head)
        head = event.hash = fresh.hash
        session.flush()
    if case:
        row.head, row.events = head, len(events)


def test_an_untouched_log_is_sound_on_both_databases(story: Town) -> None:
    assert _after(story, lambda _: None) == []
    tally = Tally()
    assert list(verify(_runner(story), Scope(), tally)) == []
    events = len(story.rows(EventRow))
    assert (tally.cases, tally.events, tally.digests) == (2, events, len(story.rows(DigestRow)))


def test_whoever_only_looks_can_check_everything_and_write_nothing(story: Town) -> None:
    store = Store(open_reader(story.store.engine.url.render_as_string(hide_password=False)))
    looking = Runner(store, FixedClock(story.at), story.library)
    assert list(verify(looking, Scope(), Tally())) == []
    with pytest.raises(DBAPIError):
        looking.run_now(lambda work: work.session.execute(update(CaseRow).values(title="Lain")))
    store.close()


def _runner(town: Town) -> Runner:
    return Runner(town.store, FixedClock(town.at), town.library)


def _changes(event: EventRow) -> list[dict[str, Any]]:
    """Return one change for each thing an event says."""
    fields: list[dict[str, Any]] = [
        {"at": event.at + timedelta(microseconds=1)},
        {"at": event.at - timedelta(hours=7)},
        {"kind": "StepDone" if event.kind != "StepDone" else "CaseFinished"},
        {"by": None if event.by else 1},
        {"hash": "0" * 64},
        {"data": {**event.data, "slipped": 1}},
    ]
    for name, value in event.data.items():
        fields.append({"data": {key: kept for key, kept in event.data.items() if key != name}})
        fields.append({"data": {**event.data, name: "x" if value is None else [value]}})
        fields.append({"data": {**event.data, name: f"{value} "}})
    if event.by:
        fields.append({"by": event.by % 3 + 4})
    return fields


def test_any_change_of_any_field_of_any_event_is_found_where_it_was_made(story: Town) -> None:
    events = [event for event in story.rows(EventRow) if event.case_id == story.rows(CaseRow)[0].id]
    changes = [(event, values) for event in events for values in _changes(event)]
    assert len(changes) > 100
    with Session(story.store.engine, expire_on_commit=False) as session, session.begin():
        work = Work(session, story.at, story.library)
        for event, values in changes:
            with session.begin_nested() as tampered:
                session.execute(update(EventRow).where(EventRow.id == event.id).values(**values))
                what = Wrong.IDENTITY if event.number == 1 else Wrong.ALTERED
                expected = Problem(what, "dinas", PK, event.number)
                assert check_cases(work, Scope("dinas", frozenset([PK])), 0).problems == [expected], values
                tampered.rollback()


def test_any_removed_event_is_named_and_so_is_what_took_its_number(story: Town) -> None:
    last = story.rows(CaseRow)[0].events
    for number in range(1, last + 1):

        def remove(session: Session, number: int = number) -> EventRow:
            row = _events(session)[number - 1]
            session.delete(row)
            session.flush()
            return row

        def renumber(session: Session, number: int = number) -> None:
            remove(session, number)
            for row in _events(session)[number - 1 :]:
                row.number -= 1
                session.flush()

        assert _after(story, remove) == [(Wrong.MISSING, PK, number)]
        what = Wrong.MISSING if number == last else Wrong.IDENTITY if number == 1 else Wrong.ALTERED
        assert _after(story, renumber) == [(what, PK, number)]


def _make_room(session: Session, number: int) -> None:
    for row in reversed(_events(session)[number - 1 :]):
        row.number += 1
        session.flush()


def test_an_inserted_swapped_doubled_or_renumbered_event_is_named(story: Town) -> None:
    def slip_in(session: Session) -> None:
        events = _events(session)
        _make_room(session, 4)
        session.add(event_row(_case(session).id, 4, event_of(events[2]), events[2].hash))

    def double(session: Session) -> None:
        third = _events(session)[2]
        _make_room(session, 4)
        values = {name: getattr(third, name) for name in ("case_id", "at", "kind", "by", "data", "hash")}
        session.execute(insert(EventRow).values(number=4, **values))

    def swap(session: Session) -> None:
        third, fourth = _events(session)[2:4]
        third.number = 99
        session.flush()
        fourth.number = 3
        session.flush()
        third.number = 4

    def append(session: Session) -> None:
        events = _events(session)
        session.add(event_row(_case(session).id, len(events) + 1, event_of(events[2]), events[-1].hash))

    last = story.rows(CaseRow)[0].events
    assert _after(story, slip_in) == [(Wrong.INSERTED, PK, 4)]
    assert _after(story, double) == [(Wrong.INSERTED, PK, 4)]
    assert _after(story, swap) == [(Wrong.ALTERED, PK, 3)]
    assert _after(story, lambda s: setattr(_events(s)[2], "number", 77)) == [(Wrong.MISSING, PK, 3)]
    assert _after(story, lambda s: setattr(_events(s)[2], "number", 0)) == [(Wrong.IDENTITY, PK, 1)]
    # What could not have followed is seen first; what could have is seen as one too many.
    assert _after(story, append) in ([(Wrong.MISFIT, PK, last + 1)], [(Wrong.SURPLUS, PK, last + 1)])


def test_an_event_moved_to_another_case_is_missed_in_the_one_and_too_much_in_the_other(story: Town) -> None:
    def move(session: Session) -> None:
        row = _events(session)[-1]
        row.case_id, row.number = _case(session, OTHER).id, _case(session, OTHER).events + 1

    last = {row.code: row.events for row in story.rows(CaseRow)}
    assert _after(story, move) == [(Wrong.MISSING, PK, last[PK]), (Wrong.ALTERED, OTHER, last[OTHER] + 1)]


@pytest.mark.parametrize(
    "values",
    [
        {"title": "Perjanjian Lain"},
        {"title": "Pérjanjian “Kinerja” 2026 🙂 "},
        {"office_id": "badan"},
        {"sop_version_id": 2},
    ],
    ids=str,
)
def test_a_case_given_another_identity_breaks_at_its_first_event(story: Town, values: dict[str, Any]) -> None:
    found = _after(story, lambda s: s.execute(update(CaseRow).where(CaseRow.code == PK).values(**values)))
    assert (Wrong.IDENTITY, PK, 1) in found


def test_another_code_breaks_the_log_and_leaves_a_gap_in_the_numbers(story: Town) -> None:
    found = _after(story, lambda s: setattr(_case(s), "code", "PK-2026-009"))
    assert found == [
        (Wrong.CASE_MISSING, PK, None),
        (Wrong.CASE_UNNUMBERED, "PK-2026-009", None),
        (Wrong.IDENTITY, "PK-2026-009", 1),
    ]


def test_another_definition_is_found_whether_or_not_its_hash_was_made_to_fit(story: Town) -> None:
    def edit(session: Session, *, fit: bool) -> None:
        version = session.get_one(SopVersionRow, _case(session).sop_version_id)
        version.definition = {**version.definition, "name": "SOP lain"}
        if fit:
            version.content_hash = chain.digest(version.definition)

    assert _after(story, lambda s: edit(s, fit=False)) == [(Wrong.DEFINITION, "dinas-pk", None)]
    assert _after(story, lambda s: edit(s, fit=True)) == [(Wrong.IDENTITY, PK, 1), (Wrong.IDENTITY, OTHER, 1)]


def test_a_case_that_says_other_than_its_log_is_found(story: Town) -> None:
    last = {row.code: row.events for row in story.rows(CaseRow)}
    changes: list[tuple[str, dict[str, Any], Wrong, int]] = [
        (PK, {"status": "finished"}, Wrong.STATE, last[PK]),
        (PK, {"ended_at": wib(9, 9)}, Wrong.STATE, last[PK]),
        (PK, {"started_by": 2}, Wrong.STATE, last[PK]),
        (PK, {"started_at": wib(9, 9)}, Wrong.STATE, last[PK]),
        (OTHER, {"status": "running"}, Wrong.STATE, last[OTHER]),
        (OTHER, {"ended_at": None}, Wrong.STATE, last[OTHER]),
        (PK, {"events": last[PK] + 1}, Wrong.MISSING, last[PK] + 1),
        (PK, {"events": last[PK] - 1}, Wrong.SURPLUS, last[PK]),
        (PK, {"head": "0" * 64}, Wrong.HEAD, last[PK]),
    ]
    for code, values, what, number in changes:
        change = update(CaseRow).where(CaseRow.code == code).values(**values)
        found = _after(story, _doing(change))
        assert found == [(what, code, number)], values


def test_a_last_event_that_was_computed_anew_does_not_fit_the_case(story: Town) -> None:
    def rewrite(session: Session) -> None:
        row = _events(session, OTHER)[-1]
        row.data = {**row.data, "reason": "alasan lain"}
        session.flush()
        _recompute(session, OTHER, case=False)

    assert _after(story, rewrite) == [(Wrong.HEAD, OTHER, story.rows(CaseRow)[1].events)]


def test_a_chain_computed_anew_differs_from_the_digest_from_the_altered_event_on(story: Town) -> None:
    told = _told_events(story)

    def rewrite(session: Session, number: int) -> None:
        row = _events(session)[number - 1]
        row.at += timedelta(seconds=1)
        session.flush()
        _recompute(session)

    # Told twice: what lies between the digests differs from the second one only.
    assert told[0] + 1 < told[1]
    assert _after(story, lambda s: rewrite(s, 3)) == [(Wrong.TOLD, PK, 1)]
    assert _after(story, lambda s: rewrite(s, told[0] + 2)) == [(Wrong.TOLD, PK, told[0] + 1)]


def _told_events(town: Town) -> list[int]:
    digests = [row for row in town.rows(DigestRow) if row.office_id == "dinas"]
    return [next(case["events"] for case in row.data["cases"] if case["code"] == PK) for row in digests]


def test_a_cut_tail_with_the_case_made_to_fit_differs_from_the_digest(story: Town) -> None:
    first, second = _told_events(story)

    def cut(session: Session, *, to: int) -> None:
        for row in _events(session)[to:]:
            session.delete(row)
        session.flush()
        _recompute(session)

    assert _after(story, lambda s: cut(s, to=second - 1)) == [(Wrong.TOLD, PK, first + 1)]
    assert _after(story, lambda s: cut(s, to=first - 1)) == [(Wrong.TOLD, PK, 1)]


def test_an_impossible_event_is_found_though_the_chain_fits(story: Town) -> None:
    def forge(session: Session) -> None:
        row = _events(session)[3]
        row.data = {**row.data, "task": 9}
        session.flush()
        _recompute(session)
        session.execute(delete(DigestRow))

    assert _after(story, forge) == [(Wrong.MISFIT, PK, 4)]


def test_what_cannot_be_read_at_all_is_a_finding_not_an_error(story: Town) -> None:
    garbage = [
        "[]",
        "null",
        '"teks"',
        '{"task": 1, "task": 2}',
        '{"note": "\\ud800"}',
        '{"note": "\\u0000"}',
        "[" * 500 + "]" * 500,
    ]
    if story.store.engine.dialect.name == "sqlite":  # there nothing checks what is written into a column
        garbage += ["", "bukan json", "{", "[" * 100_000, "NaN"]
    changes = [("data", value, Wrong.ALTERED) for value in garbage]
    if story.store.engine.dialect.name == "sqlite":
        changes += [("at", "entah", Wrong.ALTERED), ("by", "entah", Wrong.ALTERED), ("number", "entah", Wrong.MISSING)]
    for column, value, what in changes:
        change = text(f'UPDATE event SET "{column}" = :value WHERE case_id = :case AND number = 3')  # noqa: S608 - our own names
        values = {"value": value, "case": story.rows(CaseRow)[0].id}
        assert _after(story, _doing(change, values)) == [(what, PK, 3)], (column, value[:40])


def test_a_case_that_vanished_whole_or_came_from_nowhere_is_named(story: Town) -> None:
    assert _after(story, lambda s: _vanish(s, OTHER)) == [(Wrong.CASE_MISSING, OTHER, None)]
    serial = update(SerialRow).values(last=1)
    assert _after(story, lambda s: s.execute(serial)) == [(Wrong.CASE_UNNUMBERED, OTHER, None)]


def test_the_jump_of_numbers_after_a_restored_backup_is_no_missing_case(story: Town) -> None:
    story.run(lambda work: work.session.execute(update(SerialRow).values(last=50)))
    assert len(_after(story, lambda _: None)) == 48
    jump = {"office": "dinas", "abbreviation": "PK", "year": 2026, "from": 2, "to": 50}
    moments = {"backup_at": story.at, "restored_at": story.at + timedelta(days=1)}
    story.run(lambda work: work.session.add(RestorationRow(**moments, jumps=[{"office": "dinas"}, jump])))
    assert _after(story, lambda _: None) == []
    story.run(lambda work: work.session.execute(update(SerialRow).values(last=53)))
    assert [code for _, code, _ in _after(story, lambda _: None)] == [f"PK-2026-05{n}" for n in (1, 2, 3)]


def test_a_restored_backup_explains_no_case_that_vanished_before_or_since(story: Town) -> None:
    story.run(settle, story.at, gap=100)
    story.starts(title="Sesudahnya")
    assert _after(story, lambda _: None) == []
    for code in (OTHER, "PK-2026-103"):
        assert (Wrong.CASE_MISSING, code, None) in _after(story, partial(_vanish, code=code)), code


def _vanish(session: Session, code: str) -> None:
    case_id = _case(session, code).id
    for table in ("card", "reminder_receipt", "reminder", "task_post"):
        session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own names
    for table in ("task", "event"):
        session.execute(text(f"DELETE FROM {table} WHERE case_id = :id"), {"id": case_id})  # noqa: S608 - our own names
    session.execute(text('DELETE FROM "case" WHERE id = :id'), {"id": case_id})


def test_a_case_that_is_started_while_the_numbers_are_checked_is_no_finding(story: Town) -> None:
    if story.store.engine.dialect.name == "sqlite":
        pytest.skip("nothing is written there while somebody reads in a transaction of the store")
    started: list[int] = []

    def meanwhile(*_: object) -> None:
        if not started:
            started.append(1)
            started.append(story.starts(title="Sementara itu"))

    with Session(story.store.engine) as session:
        listen(session.connection(), "after_cursor_execute", meanwhile)
        assert check_numbers(Work(session, story.at, story.library), Scope()) == []
    assert len(started) == 2


def test_an_altered_or_removed_digest_is_found(story: Town) -> None:
    first, *_, last = [row for row in story.rows(DigestRow) if row.office_id == "dinas"]

    def alter(session: Session, **values: object) -> None:
        session.execute(update(DigestRow).where(DigestRow.id == first.id).values(data={**first.data, **values}))

    def refit(session: Session) -> None:
        content = {key: value for key, value in first.data.items() if key != "hash"} | {"late": 9}
        alter(session, late=9, hash=chain.digest(content))

    assert _after(story, lambda s: alter(s, late=9)) == [(Wrong.DIGEST_ALTERED, "", None)]
    assert _after(story, lambda s: alter(s, cases=None)) == [(Wrong.DIGEST_ALTERED, "", None)]
    assert _after(story, refit) == [(Wrong.DIGEST_MISSING, "", None)]
    gone = delete(DigestRow).where(DigestRow.id == first.id)
    assert _after(story, lambda s: s.execute(gone)) == [(Wrong.DIGEST_MISSING, "", None)]
    null = update(DigestRow).where(DigestRow.id == last.id).values(data=JSON.NULL)
    assert _after(story, lambda s: s.execute(null)) == [(Wrong.DIGEST_ALTERED, "", None)]


def test_a_fingerprint_on_paper_is_found_up_to_its_event_and_missed_once_the_chain_is_another(story: Town) -> None:
    case = story.rows(CaseRow)[1]
    paper = chain.fingerprint(case.head)
    running = story.rows(CaseRow)[0]
    digest = next(row for row in story.rows(DigestRow) if row.office_id == "dinas")
    early = chain.fingerprint(next(one["head"] for one in digest.data["cases"] if one["code"] == PK)).lower()
    assert story.run(compare_case, case.id, paper) == Match("dinas", OTHER, case.events, case.events)
    assert story.run(compare_case, running.id, early) == Match("dinas", PK, _told_events(story)[0], running.events)
    assert story.run(compare_office, "dinas", chain.fingerprint(digest.data["hash"])) == Match(
        "dinas", day="2026-11-16"
    )
    assert story.run(compare_office, "dinas", paper) == Problem(Wrong.OFFICE_FINGERPRINT, "dinas")

    def everything_anew(work: Work) -> None:
        row = _events(work.session, OTHER)[-1]
        row.data = {**row.data, "reason": "alasan lain"}
        work.session.flush()
        _recompute(work.session, OTHER)
        work.session.execute(delete(DigestRow))

    story.run(everything_anew)
    assert _after(story, lambda _: None) == []  # only what somebody kept knows better
    assert story.run(compare_case, case.id, paper) == Problem(Wrong.FINGERPRINT, "dinas", OTHER)


def test_many_cases_are_checked_page_by_page_in_bounded_memory(story: Town) -> None:
    def copy(session: Session, copies: int) -> None:
        """Add cases with the events of the first one; a chain of their own would take longer to make."""
        first, events = _case(session), _events(session)
        names = (
            "office_id",
            "sop_version_id",
            "title",
            "status",
            "started_by",
            "started_at",
            "ended_at",
            "events",
            "head",
        )
        values = {name: getattr(first, name) for name in names} | {"version": 1}
        youngest = session.scalar(select(func.max(CaseRow.id))) or 0
        cases = [{**values, "id": youngest + n, "code": f"XX-2026-{youngest + n:05d}"} for n in range(1, copies + 1)]
        session.execute(insert(CaseRow), cases)
        fields = ("number", "at", "kind", "by", "data", "hash")
        rows = [{name: getattr(event, name) for name in fields} for event in events]
        session.execute(insert(EventRow), [{**row, "case_id": case["id"]} for case in cases for row in rows])

    story.store.run_now(copy, 110)
    peaks = []
    for _ in range(2):
        tracemalloc.start()
        tally = Tally()
        seen = sum(1 for _ in _pages(story, tally))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert seen == tally.cases - 2  # every copy stands on another identity
        story.store.run_now(copy, 220)
    assert peaks[1] < peaks[0] * 1.5, peaks


def _pages(town: Town, tally: Tally) -> list[Problem] | Any:
    last: int | None = 0
    while last is not None:
        page = town.run(check_cases, Scope(), last)
        assert page.cases <= PAGE  # no transaction holds up the bot for longer
        tally.cases += page.cases
        yield from page.problems
        last = page.last


def test_only_what_is_asked_for_is_checked(story: Town) -> None:
    story.starts("Yosef", "badan-pk")
    story.run(lambda work: work.session.execute(update(EventRow).where(EventRow.number == 1).values(by=None)))
    runner, tally = _runner(story), Tally()
    assert {(p.office, p.code) for p in verify(runner, Scope(), tally)} == {
        ("dinas", PK),
        ("dinas", OTHER),
        ("badan", PK),
    }
    assert {(p.office, p.code) for p in verify(runner, Scope("badan"), tally)} == {("badan", PK)}
    scope = Scope("dinas", frozenset([OTHER]))
    assert {(p.office, p.code) for p in verify(runner, scope, tally)} == {("dinas", OTHER)}


def test_a_case_whose_end_was_entered_late_and_that_was_sealed_after_its_end_is_as_its_log_says(staffed: Town) -> None:
    case_id = staffed.starts(sop="dinas-sk")
    staffed.do("Bagus", complete_task, staffed.task(case_id).id)
    real, staffed.at = staffed.at + timedelta(minutes=20), staffed.at + timedelta(hours=1)
    about = {"task_id": staffed.task(case_id).id, "person_id": staffed.person_id("Kemal"), "decision": "done"}
    origin = {"late": True, "medium": "outage", "remark": "server padam", "file": None, "real_at": real.isoformat()}
    staffed.do("Sari", record_decision, {**about, **origin})
    assert staffed.case(case_id).ended_at == real
    assert _after(staffed, lambda _: None) == []
    staffed.at += timedelta(minutes=5)
    staffed.do("Sari", seal_case, case_id)
    assert _after(staffed, lambda _: None) == []
