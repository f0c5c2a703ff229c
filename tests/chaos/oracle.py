"""The judgement: what the plan said must come, against what stands in the database and what reached the phones.

SQL of its own, on purpose: the bot's queries are among what is on trial.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from bot.store.database import open_engine

if TYPE_CHECKING:
    from tests.chaos.office import Scene
    from tests.chaos.people import Player

_TAKEN = {"ok", "lost"}
_MAY_LAPSE = {"Reminders", "TaskCard", "AskReason"}
"""What need not be said any more when its turn comes: the task has ended, the question was taken back."""
_SENDS = ("sendMessage", "sendDocument")


@dataclass
class Verdict:
    """What a run came to. ``problems`` must be empty; the rest are figures for the table."""

    problems: list[str] = field(default_factory=list)
    cases: int = 0
    events: int = 0
    acts: int = 0
    sent: int = 0
    repeats: int = 0
    lost_answers: int = 0
    cards: int = 0
    reminders: int = 0
    orphans: int = 0
    violations: int = 0


@dataclass
class Result:
    """What a run did and came to."""

    kills: int = 0
    in_window: int = 0
    jumps: int = 0
    picked_up: list[float] = field(default_factory=list)
    """For each death of a replica, after how many seconds the others had sent what waited and nobody had in hand."""
    leases_over: list[float] = field(default_factory=list)
    """Likewise for the chats that somebody, perhaps the dead one, had leased for a send just then."""
    seconds: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)


def judge(scene: Scene, *, may_refuse: bool = False) -> Verdict:
    """Compare everything; ``may_refuse`` where faults were ordered, so that Telegram said no now and then."""
    verdict = Verdict(violations=int(scene.server.state()["violations"]))
    engine = open_engine(scene.database_url)
    try:
        with engine.connect() as connection:
            _judge_cases(connection, scene, verdict)
            _judge_outbox(connection, scene, verdict)
            _judge_order(connection, verdict)
            _judge_cards(connection, scene, verdict)
            _judge_reminders(connection, verdict)
            _judge_updates(connection, scene, verdict)
            found = connection.execute(text("SELECT kind, count(*) AS n FROM finding GROUP BY kind")).all()
            verdict.problems += [f"the bot's own auditor: {row.n} × {row.kind}" for row in found]
    finally:
        engine.dispose()
    if not may_refuse:
        verdict.problems += _refusals(scene)
    return verdict


def taken_but_unmarked(scene: Scene) -> int:
    """Return how many messages Telegram has that no outbox row knows to be sent: what a crash may repeat.

    Asked between a death and the next start.
    """
    engine = open_engine(scene.database_url)
    try:
        with engine.connect() as connection:
            marked = connection.scalar(text("SELECT count(*) FROM outbox WHERE state = 'sent' AND NOT edit"))
    finally:
        engine.dispose()
    return len(_taken(scene)) - int(marked or 0)


def _taken(scene: Scene) -> list[dict[str, Any]]:
    return [
        request
        for method in _SENDS
        for request in scene.server.requests(method)
        if request["outcome"] in _TAKEN and request["status"] == 200
    ]


# --- cases ----------------------------------------------------------------------------------


def _judge_cases(connection: Connection, scene: Scene, verdict: Verdict) -> None:
    found = connection.execute(text('SELECT id, code, title, status, office_id FROM "case" ORDER BY id')).all()
    titles = Counter(row.title for row in found)
    for player in scene.crowd.players:
        if titles[player.plan.title] != 1:
            verdict.problems.append(f"{player.plan.title}: started {titles[player.plan.title]} times")
    verdict.problems += [f"nobody started {title}" for title in set(titles) - {p.title for p in scene.plans}]
    by_title = {player.plan.title: player for player in scene.crowd.players}
    for row in found:
        known = by_title.get(row.title)
        if known is not None:
            verdict.cases += 1
            verdict.acts += known.acts
            if row.status != "finished":
                verdict.problems.append(f"{row.code} is {row.status}")
            logged = _log(connection, row.id)
            verdict.events += len(logged)
            verdict.problems += _differences(known, row.code, logged)
            verdict.problems += _strangers(connection, known, row.id, row.code)


def _log(connection: Connection, case_id: int) -> list[tuple[object, ...]]:
    query = text("SELECT number, kind, data FROM event WHERE case_id = :id ORDER BY number")
    rows = connection.execute(query, {"id": case_id}).all()
    assert [row.number for row in rows] == list(range(1, len(rows) + 1)), "the log has a gap"
    told: list[tuple[object, ...]] = []
    for row in rows:
        data = _read(row.data)
        match row.kind:
            case "TaskGiven":
                told.append((row.kind, data["step"], data["round"]))
            case "PartDone":
                told += [(row.kind, data["step"], post) for post in data["posts"]]
            case "StepRejected":
                told.append((row.kind, data["step"], data["to_step"], data["posts"][0]))
            case "StepDone":
                told.append((row.kind, data["step"]))
            case _:
                told.append((row.kind,))
    return _parts_sorted(told)


def _parts_sorted(told: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Return the log with the reports on one task in the order of their posts: who was first is chance."""
    ordered: list[tuple[object, ...]] = []
    parts: list[tuple[object, ...]] = []
    for entry in told:
        if entry[0] == "PartDone":
            parts.append(entry)
            continue
        ordered += [*sorted(parts, key=str), entry]
        parts = []
    return [*ordered, *parts]


def _differences(player: Player, code: str, logged: list[tuple[object, ...]]) -> list[str]:
    expected = player.plan.log()
    if logged == expected:
        return []
    place = next((n for n, pair in enumerate(zip(expected, logged, strict=False)) if pair[0] != pair[1]), -1)
    return [f"{code} event {place + 1}: expected {expected[place:][:2]}, is {logged[place:][:2]}"]


def _strangers(connection: Connection, player: Player, case_id: int, code: str) -> list[str]:
    """Return the acts of whoever does not hold the post they acted for."""
    query = text(
        "SELECT person.telegram_id AS account, event.kind, event.data FROM event JOIN person ON person.id = event.by "
        "WHERE case_id = :id AND kind IN ('PartDone', 'StepRejected')"
    )
    found = []
    for row in connection.execute(query, {"id": case_id}):
        data = _read(row.data)
        holders = {person.id for post in data["posts"] for person in player.house.holders[post]}
        if row.account not in holders:
            found.append(f"{code}: {row.kind} by {row.account}, who holds none of {data['posts']}")
    return found


# --- messages -------------------------------------------------------------------------------


def _judge_outbox(connection: Connection, scene: Scene, verdict: Verdict) -> None:
    left = text("SELECT state, notice, edit, error, count(*) AS n FROM outbox GROUP BY state, notice, edit, error")
    for row in connection.execute(left):
        if row.state not in {"sent", "dropped"}:
            verdict.problems.append(f"outbox: {row.n} × {row.notice} {row.state}: {row.error}")
    verdict.problems += _unexplained(connection)
    query = text("SELECT chat_id, message_id FROM outbox WHERE state = 'sent' AND NOT edit")
    marked = [(row.chat_id, row.message_id) for row in connection.execute(query)]
    verdict.lost_answers = sum(request["outcome"] == "lost" for request in _taken(scene))
    taken = Counter((int(r["parameters"]["chat_id"]), int(r["result"]["message_id"])) for r in _taken(scene))
    verdict.sent, verdict.repeats = len(marked), len(taken) - len(marked)
    verdict.problems += [f"two rows claim message {key}" for key, times in Counter(marked).items() if times > 1]
    verdict.problems += [f"message {key} was never delivered" for key in set(marked) - set(taken)]


def _unexplained(connection: Connection) -> list[str]:
    """Return what was dropped though nothing that reached anybody tells of it."""
    told = _told_together(connection)
    dropped = text("SELECT id, chat_id, notice FROM outbox WHERE state = 'dropped' AND NOT edit ORDER BY id")
    return [
        f"outbox row {row.id}: {row.notice} dropped"
        for row in connection.execute(dropped)
        if row.notice not in _MAY_LAPSE and (row.chat_id, row.id) not in told
    ]


def _told_together(connection: Connection) -> set[tuple[int, int]]:
    """Return chat and row of what a chief was told of in one message that went out, each in one alone."""
    told: list[tuple[int, int]] = []
    query = text(
        "SELECT chat_id, notice, data FROM outbox WHERE state = 'sent' AND NOT edit AND notice IN "
        "('ChiefBrief', 'KeptBack')"
    )
    for row in connection.execute(query):
        data = _read(row.data)
        if row.notice == "ChiefBrief":
            found = connection.scalar(text("SELECT data FROM digest WHERE id = :id"), {"id": data["digest_id"]})
            told += [(row.chat_id, kept) for kept in _read(found)["kept"]]
        else:
            told += [(row.chat_id, kept) for kept in data["outbox_ids"]]
    assert len(told) == len(set(told)), "two messages tell a chief the same"
    return set(told)


def _read(data: Any) -> Any:
    """Return JSON as it stands in either database."""
    return json.loads(data) if isinstance(data, str) else data


def _judge_order(connection: Connection, verdict: Verdict) -> None:
    """See that what was queued for a chat came in its order, among what is equally urgent."""
    query = text(
        "SELECT chat_id, priority, id, message_id FROM outbox WHERE state = 'sent' AND NOT edit "
        "AND not_before <= created_at ORDER BY chat_id, priority, id"
    )
    latest: dict[tuple[int, int], int] = {}
    for row in connection.execute(query):
        key = (row.chat_id, row.priority)
        if row.message_id < latest.get(key, 0):
            verdict.problems.append(f"outbox row {row.id} came to {row.chat_id} before its predecessor")
        latest[key] = row.message_id


def _judge_cards(connection: Connection, scene: Scene, verdict: Verdict) -> None:
    """Every holder of every task got its card, and no card that the bot knows of is still open."""
    open_now = _open_cards(scene)
    known: set[tuple[int, int]] = set()
    for row in connection.execute(text("SELECT task_id, chat_id, message_id FROM card")):
        verdict.cards += 1
        if row.message_id is not None:
            known.add((row.chat_id, row.message_id))
    unknown = verdict.cards - len(known)
    dropped = connection.scalar(
        text("SELECT count(*) FROM outbox WHERE state = 'dropped' AND NOT edit AND notice = 'TaskCard'")
    )
    if unknown > int(dropped or 0):
        verdict.problems.append(f"{unknown} cards never arrived, {dropped} were no longer needed")
    verdict.problems += [f"card {key} is still open" for key in known & open_now]
    verdict.orphans = len(open_now - known)


def _open_cards(scene: Scene) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for house in scene.houses.values():
        for person in house.people:
            shown = [m for m in person.chat() if m.from_bot and "Selesai" in m.labels]
            found |= {(person.id, message.id) for message in shown}
    return found


def _judge_reminders(connection: Connection, verdict: Verdict) -> None:
    """Nothing that came due in time was left out, and every reminder given went into a message that went out."""
    overdue = text(
        "SELECT count(*) FROM reminder JOIN task ON task.id = reminder.task_id "
        "WHERE reminder.settled_at IS NULL AND task.ended_at IS NULL"
    )
    if left := connection.scalar(overdue):
        verdict.problems.append(f"{left} reminders of open tasks after the end")
    receipts = text(
        "SELECT reminder_id, person_id, person.telegram_id AS account FROM reminder_receipt "
        "JOIN person ON person.id = person_id"
    )
    given = defaultdict[int, set[int]](set)
    for row in connection.execute(receipts):
        given[row.account].add(row.reminder_id)
        verdict.reminders += 1
    messages = text("SELECT chat_id, data FROM outbox WHERE notice = 'Reminders'")
    said = defaultdict[int, set[int]](set)
    for row in connection.execute(messages):
        data = _read(row.data)
        said[row.chat_id] |= set(data["reminder_ids"])
    for account, ids in given.items():
        tasks = _tasks(connection, ids - said[account])
        said_tasks = _tasks(connection, said[account])
        verdict.problems += [f"{account} was never reminded of task {task}" for task in tasks - said_tasks]


def _tasks(connection: Connection, reminder_ids: set[int]) -> set[int]:
    return {
        int(connection.scalar(text("SELECT task_id FROM reminder WHERE id = :id"), {"id": key}) or 0)
        for key in reminder_ids
    }


def _judge_updates(connection: Connection, scene: Scene, verdict: Verdict) -> None:
    """Every update was dealt with, none failed, none waits."""
    query = text("SELECT update_id, failure FROM telegram_update WHERE failure IS NOT NULL")
    verdict.problems += [f"update {row.update_id} failed: {row.failure}" for row in connection.execute(query)]
    if waiting := scene.server.state()["pending_updates"]:
        verdict.problems.append(f"{waiting} updates still wait")


_EXPECTED = re.compile("query is too old|terminated by other getUpdates|message is not modified|Too Many Requests")


def _refusals(scene: Scene) -> list[str]:
    refused = [request for request in scene.server.requests() if request["outcome"] == "refused"]
    return [
        f"{request['method']} was refused: {request['description']}"
        for request in refused
        if not _EXPECTED.search(str(request["description"]))
    ]
