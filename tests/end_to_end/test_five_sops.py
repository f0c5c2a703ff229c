"""All five SOPs of four offices on one bot, from /mulai to the end, through a restart and a crash."""

from __future__ import annotations

import csv
import itertools
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import create_engine, text

from tests.end_to_end.conftest import (
    PATIENCE,
    CaseRun,
    House,
    Program,
    Progress,
    breaches,
    link_codes,
    refusals,
    wait_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from bot.demo.telegram import Person, RunningServer
    from bot.demo.telegram.seen import SeenMessage
    from tests.end_to_end.conftest import Paper

# A press that waits while the bot is down is answered too late; the card shows the outcome anyway.
LATE_ANSWER = "query is too old"
RESTARTED = "terminated by other getUpdates"
CRASH_WINDOW_SECONDS = 3.0
"""What went out this shortly before a crash may not have been written down: it goes out again, and the bot does not
know the first copy."""

BY_UNDANG = "bkpsdm"
"""The office whose sekretariat invites everybody by buttons."""

_ids = itertools.count(7001)


@pytest.fixture
def program(tmp_path: Path, server: RunningServer) -> Iterator[Program]:
    program = Program(tmp_path, server, f"sqlite:///{tmp_path / 'var' / 'sop.db'}")
    yield program
    program.close()


def _house(server: RunningServer, office: str, papers: list[Paper]) -> House:
    posts = ["sekretariat", *dict.fromkeys(post for paper in papers for post in paper.posts)]
    people = {post: server.person(next(_ids), f"{post.replace('_', ' ').title()} {office[:5]}") for post in posts}
    return House(office, people, several=len(papers) > 1)


def _joins(server: RunningServer, person: Person, code: str) -> None:
    person.says(f"/start {code}")
    wait_for(server, person, lambda message: "Selamat datang" in message.text, "the welcome")


def _join_by_undang(server: RunningServer, house: House) -> None:
    """Let the sekretariat invite everybody by buttons, each by a link of their own."""
    secretary, used = house.secretary, set[str]()

    def has_new_link(message: SeenMessage) -> bool:
        return bool(set(link_codes(message.text)) - used)

    for place, post in enumerate(list(house.people)[1:]):
        marker = server.marker()
        secretary.says("/undang")
        question = secretary.waits_for("untuk jabatan apa", after=marker, timeout=PATIENCE)
        # The posts stand in the order of the files, which is that of the house.
        secretary.presses(str(question.buttons[place].data), in_message=question)
        link = wait_for(server, secretary, has_new_link, f"a link for {post}")
        used |= set(link_codes(link.text))
        _joins(server, house.people[post], link_codes(link.text)[0])


def _join_by_roster(server: RunningServer, program: Program, house: House, file: Path) -> None:
    """Let everybody press Start, then import them: all but the last by number, that one by a printed link."""
    posts = list(house.people)[1:]
    for post in posts[:-1]:
        house.people[post].says("/start")
        wait_for(server, house.people[post], lambda message: "belum terdaftar" in message.text, "how to be invited")
    with file.open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(["instansi", "jabatan", "telegram_id", "nama"])
        for post in posts:
            person = house.people[post]
            writer.writerow([house.id, post, person.id if post != posts[-1] else "", person.name])
    [code] = link_codes(program.run("roster", "import", str(file)))
    _joins(server, house.people[posts[-1]], code)


def _joins_house(server: RunningServer, program: Program, house: House, table: Path) -> None:
    """Fill the posts of an office, in one of them by /undang, in the others by a table."""
    _joins(server, house.secretary, link_codes(program.run("invite", house.id, "sekretariat"))[0])
    if house.id == BY_UNDANG:
        _join_by_undang(server, house)
    else:
        _join_by_roster(server, program, house, table)


def _restart(program: Program, server: RunningServer, by: signal.Signals) -> float:
    """End the bot by a signal and start it again; returns the moment by Telegram's clock."""
    code = program.end(by)
    ended = float(server.state()["now"])
    assert code == (0 if by is signal.SIGTERM else -signal.SIGKILL), program.log()
    program.start()
    return ended


def _play(server: RunningServer, program: Program, cases: Sequence[CaseRun], folder: Path) -> float:
    """Let every office join and play its cases at once, side by side with the others.

    The bot is restarted after a third of the tasks and crashes after two; returns the crash's moment.
    """
    tasks, progress = sum(len(case.paper.route()) for case in cases), cases[0].progress
    houses = {case.house.id: case.house for case in cases}
    with ThreadPoolExecutor(len(houses)) as joining, ThreadPoolExecutor(len(cases)) as pool:
        joined = {
            house.id: joining.submit(_joins_house, server, program, house, folder / f"{house.id}.csv")
            for house in houses.values()
        }

        def play(case: CaseRun) -> None:
            joined[case.house.id].result()
            case.play()

        runs = [pool.submit(play, case) for case in cases]

        def reached(part: int) -> bool:
            return progress.done >= part or any(run.done() for run in runs)

        server.wait(lambda: reached(tasks // 3), 2 * PATIENCE, "the cases stand still")
        _restart(program, server, signal.SIGTERM)
        server.wait(lambda: reached(2 * tasks // 3), 2 * PATIENCE, "the cases stand still")
        crashed = _restart(program, server, signal.SIGKILL)
        for run in runs:
            run.result()
    assert progress.done == tasks
    return crashed


def _steps(database_url: str, code: str, sop: str) -> list[int]:
    engine = create_engine(database_url)
    query = text(
        'SELECT step FROM task JOIN "case" ON "case".id = task.case_id '
        "JOIN sop_version ON sop_version.id = sop_version_id "
        'WHERE code = :code AND sop_id = :sop AND "case".status = :status ORDER BY task.number'
    )
    with engine.connect() as connection:
        found = list(connection.scalars(query, {"code": code, "sop": sop, "status": "finished"}))
    engine.dispose()
    return found


def _said_twice(requests: list[dict[str, Any]], crashed: float) -> list[tuple[int, str]]:
    """Return what was sent twice to a chat, but for what was on its way when the bot crashed."""
    sent = [request for request in requests if request["method"] == "sendMessage" and request["outcome"] == "ok"]
    said = Counter((int(r["parameters"]["chat_id"]), str(r["parameters"]["text"])) for r in sent)
    on_its_way = {
        (int(r["parameters"]["chat_id"]), str(r["parameters"]["text"]))
        for r in sent
        if _was_on_its_way(float(r["date"]), crashed)
    }
    # A sekretariat who invites five people is asked five times for which post.
    return [
        what for what, times in said.items() if times > 1 and what not in on_its_way and "jabatan apa" not in what[1]
    ]


def _was_on_its_way(moment: float, crashed: float) -> bool:
    return 0 <= crashed - moment < CRASH_WINDOW_SECONDS


def _open_cards(case: CaseRun, person: Person, crashed: float) -> list[SeenMessage]:
    cards = [m for m in person.chat() if "Selesai" in m.labels and case.code in m.text]
    return [card for card in cards if not _was_on_its_way(card.date.timestamp(), crashed)]


def _wait_for_the_last_edits(server: RunningServer, cases: list[CaseRun], crashed: float = 0.0) -> None:
    """Wait until no card is open: answers go first, so the edit of a last card comes a second after the end is told."""

    def closed() -> bool:
        return not any(_open_cards(case, person, crashed) for case in cases for person in case.involved())

    server.wait(closed, 15, "a card of an ended case kept its buttons")


def _went_by_the_paper(case: CaseRun, database_url: str, crashed: float = 0.0) -> None:
    """Assert that the case visited the paper's steps, that everybody heard of its end once, and no card is open."""
    expected = [row.number for row, _ in case.paper.route()]
    assert _steps(database_url, case.code, case.paper.id) == expected
    for person in case.involved():
        ends = [m for m in person.chat() if case.title in m.text and "sudah selesai. Terima kasih" in m.text]
        surely = [m for m in ends if not _was_on_its_way(m.date.timestamp(), crashed)]
        assert ends, person.transcript()
        assert len(surely) <= 1, person.transcript()
        assert _open_cards(case, person, crashed) == [], person.transcript()


def test_all_five_sops_run_side_by_side_through_a_restart_and_a_crash(
    program: Program, server: RunningServer, papers: dict[str, Paper], tmp_path: Path
) -> None:
    assert len(papers) == 5
    offices = sorted({paper.office for paper in papers.values()})
    houses = {office: _house(server, office, [p for p in papers.values() if p.office == office]) for office in offices}
    progress = Progress()
    cases = [CaseRun(server, houses[paper.office], paper, progress) for paper in papers.values()]
    program.start()
    crashed = _play(server, program, cases, tmp_path)
    _wait_for_the_last_edits(server, cases, crashed)
    assert program.end(signal.SIGTERM) == 0, program.log()
    for case in cases:
        _went_by_the_paper(case, f"sqlite:///{tmp_path / 'var' / 'sop.db'}", crashed)
    assert breaches(server.requests()) == []
    assert refusals(server.requests(), expected=(LATE_ANSWER, RESTARTED)) == []
    assert _said_twice(server.requests(), crashed) == []
    assert server.state()["violations"] == 0
    assert "Traceback" not in program.log()
    assert "end-to-end-token" not in program.log()


@pytest.mark.parametrize("empty_url", ["postgresql"], indirect=True)
def test_a_sop_runs_on_postgresql_from_an_empty_database_to_the_end(
    empty_url: str, server: RunningServer, papers: dict[str, Paper], tmp_path: Path
) -> None:
    paper = papers["bkpsdm-pk"]
    house, program = _house(server, paper.office, [paper]), Program(tmp_path, server, empty_url)
    with closing(program):
        program.start()
        _joins(server, house.secretary, link_codes(program.run("invite", house.id, "sekretariat"))[0])
        _join_by_roster(server, program, house, tmp_path / "roster.csv")
        case = CaseRun(server, house, paper, Progress())
        case.play()
        _wait_for_the_last_edits(server, [case])
        assert program.end(signal.SIGTERM) == 0, program.log()
    _went_by_the_paper(case, empty_url)
    assert refusals(server.requests(), expected=(RESTARTED,)) == []
    assert _said_twice(server.requests(), 0.0) == []
    assert "Traceback" not in program.log()
