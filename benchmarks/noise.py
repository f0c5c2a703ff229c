"""How many messages a working week brings: ``python -m benchmarks.noise [--write] [--cases 20] [--seed 7]``.

An office of eight is simulated (see ``benchmarks.office_week``), and what would reach each phone is counted beside a
bot that says one message for each event and rung. ``--write`` puts the tables into docs/kebisingan.md.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.event import listen

from benchmarks.office_week import PEOPLE, ZONE, Plan, Sent, Week
from bot.app import read_library
from bot.domain.posts import SECRETARIAT
from bot.services.floods import BOUNDLESS
from bot.settings import Settings
from bot.store import queries
from bot.store.database import Store, open_engine
from bot.store.migrate import migrate
from bot.store.tables import CardRow, CaseRow, EventRow, ReminderReceiptRow, ReminderRow, TaskRow

if TYPE_CHECKING:
    from datetime import date, datetime

    from bot.services.work import Work

DOCUMENT = Path(__file__).parent.parent / "docs" / "kebisingan.md"
_BEGIN, _END = "<!-- angka: mulai -->", "<!-- angka: selesai -->"
_DAYS = 5


@dataclass(frozen=True, slots=True)
class Naive:
    """A message of the naive bot; it always rings."""

    at: datetime
    who: str
    kind: str


@contextmanager
def simulated(plan: Plan) -> Iterator[Week]:
    """Give out a week that has been lived through, on a database of its own."""
    library = replace(read_library(Settings(_env_file=None)), allowance=BOUNDLESS)
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/noise.db")
        # Nothing here has to outlive a power cut.
        listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        migrate(engine)
        store = Store(engine)
        try:
            week = Week(store, library, plan)
            week.run()
            yield week
        finally:
            store.close()


def naive(week: Week) -> list[Naive]:
    """Return what a bot would say that tells every event at once to all concerned, and every rung apart.

    Concerned are the holders of the event's step at that moment, the sekretariat and the starter, and all who took part
    where the case ends; who acted is not told of their own act.
    """
    return week.ask(lambda work: [*_of_events(week, work), *_of_rungs(week, work)])


def _of_events(week: Week, work: Work) -> Iterator[Naive]:
    names = {person_id: who for who, person_id in week.people.items()}
    monitors = {who for who, post in PEOPLE.items() if post == SECRETARIAT}
    cases = {row.id: row for row in work.session.scalars(select(CaseRow))}
    tasks = {(row.case_id, row.number): row for row in work.session.scalars(select(TaskRow))}
    took_part: dict[int, set[str]] = defaultdict(set)
    for case_id, person_id in work.session.execute(select(TaskRow.case_id, CardRow.person_id).join(CardRow)):
        took_part[case_id].add(names[person_id])
    for event in work.session.scalars(select(EventRow).order_by(EventRow.id)):
        case = cases[event.case_id]
        concerned = monitors | {names[case.started_by]}
        if event.kind in {"CaseFinished", "CaseCancelled"}:
            concerned |= took_part[case.id]
        task = tasks.get((case.id, event.data.get("task", 0)))
        if task is not None:
            posts = week.sop.step(task.step).posts
            concerned |= {p.name for p in queries.holders_of(work.session, case.office_id, posts, event.at)}
        yield from (Naive(event.at, who, event.kind) for who in sorted(concerned) if week.people[who] != event.by)


def _of_rungs(week: Week, work: Work) -> Iterator[Naive]:
    names = {person_id: who for who, person_id in week.people.items()}
    rungs = select(ReminderReceiptRow.person_id, ReminderReceiptRow.given_at, ReminderRow.kind)
    query = rungs.join(ReminderRow, ReminderRow.id == ReminderReceiptRow.reminder_id)
    for person_id, at, kind in work.session.execute(query):
        yield Naive(at, names[person_id], f"reminder:{kind}")


# --- figures ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One person's working day, in messages: the mean and the most of a day."""

    who: str
    new: float
    most: int
    ringing: float
    most_ringing: int
    answers: float
    edits: float
    naive: float
    naive_most: int


def days_of(plan: Plan) -> list[date]:
    """Return the days that are counted."""
    return [plan.week + timedelta(days=day) for day in range(_DAYS)]


def rows(week: Week, others: Sequence[Naive]) -> list[Row]:
    """Return the figures of each person (and of the group, where there is one)."""
    days = days_of(week.plan)
    sent = _by_person(message for message in week.sent if _day(message.at) in days)
    told = _by_person(message for message in others if _day(message.at) in days)
    return [_row(who, days, sent[who], told[who]) for who in [*PEOPLE, *sorted(sent.keys() - PEOPLE.keys())]]


def _row(who: str, days: list[date], sent: list[Sent], told: list[Naive]) -> Row:
    new = _per_day(days, (m for m in sent if not (m.edit or m.own)))
    ringing = _per_day(days, (m for m in sent if m.rings and not m.own))
    answers, edits = (_per_day(days, (m for m in sent if chosen(m))) for chosen in (_is_answer, _is_edit))
    plain = _per_day(days, told)
    return Row(
        who,
        _mean(new),
        max(new),
        _mean(ringing),
        max(ringing),
        _mean(answers),
        _mean(edits),
        _mean(plain),
        max(plain),
    )


def _is_answer(message: Sent) -> bool:
    return message.own and not message.edit


def _is_edit(message: Sent) -> bool:
    return message.edit


def _by_person(messages: Iterable[Sent | Naive]) -> dict[str, list]:  # type: ignore[type-arg]  # of either kind
    found: dict[str, list] = defaultdict(list)  # type: ignore[type-arg]  # as above
    for message in messages:
        found[message.who].append(message)
    return found


def _per_day(days: list[date], messages: Iterable[Sent | Naive]) -> list[int]:
    counted = Counter(_day(message.at) for message in messages)
    return [counted[day] for day in days]


def _mean(counts: list[int]) -> float:
    return sum(counts) / len(counts)


def _day(at: datetime) -> date:
    return at.astimezone(ZONE).date()


# --- as a page ----------------------------------------------------------------------------------


def by_kind(week: Week) -> list[tuple[str, int, int, int, int]]:
    """Return by kind how many came by themselves in the week, how many of them rang, answers, and edits."""
    days = days_of(week.plan)
    counted = [message for message in week.sent if _day(message.at) in days]
    kinds = sorted({message.kind for message in counted})
    found = []
    for kind in kinds:
        alike = [message for message in counted if message.kind == kind]
        new = [message for message in alike if not (message.edit or message.own)]
        rang, answers, edits = sum(m.rings for m in new), sum(map(_is_answer, alike)), sum(map(_is_edit, alike))
        found.append((kind, len(new), rang, answers, edits))
    return sorted(found, key=lambda row: (-row[2], -row[1], row[0]))


def page(week: Week, others: Sequence[Naive]) -> str:
    """Return the tables as Markdown."""
    figures = rows(week, others)
    ringing, plain = (sum(getattr(row, name) for row in figures) * _DAYS for name in ("ringing", "naive"))
    in_week = days_of(week.plan)
    events = [message for message in others if _day(message.at) in in_week and not message.kind.startswith("reminder")]
    people = [
        f"| {row.who} | {_number(row.new)} ({row.most}) | {_number(row.ringing)} ({row.most_ringing}) "
        f"| {_number(row.answers)} | {_number(row.edits)} | {_number(row.naive)} ({row.naive_most}) |"
        for row in figures
    ]
    kinds = [f"| `{kind}` | {' | '.join(map(str, counts))} |" for kind, *counts in by_kind(week)]
    group = "grup sekretariat terpasang" if week.plan.group else "tanpa grup: sekretariat diberi tahu secara pribadi"
    return "\n".join(
        [
            f"### {week.plan.cases} berkas, bibit {week.plan.seed}, {group}",
            "",
            (
                f"Pesan yang berbunyi dalam sepekan: **{ringing:.0f}**; bot sederhana: **{plain:.0f}** "
                f"({len(events)} karena peristiwa, {plain - len(events):.0f} karena pengingat). "
                f"Yang tidak perlu berbunyi: **{100 * (1 - ringing / plain):.0f}%**."
            ),
            "",
            (
                "| Orang | Pesan baru sehari (terbanyak) | Berbunyi (terbanyak) | Jawaban | Pembaruan diam "
                "| Bot sederhana (terbanyak) |"
            ),
            "|---|---|---|---|---|---|",
            *people,
            "",
            "| Jenis pesan (nama di program) | Baru | Berbunyi | Jawaban | Pembaruan diam |",
            "|---|---|---|---|---|",
            *kinds,
            "",
        ]
    )


def _number(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def write(text: str) -> None:
    """Put the tables between the marks of the document."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    DOCUMENT.write_text(f"{before}{_BEGIN}\n\n{text}\n{_END}{after}", encoding="utf-8")


def main() -> None:
    """Simulate both ways of listening, print the tables, and write them where told to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=Plan().cases)
    parser.add_argument("--seed", type=int, default=Plan().seed)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/kebisingan.md")
    chosen = parser.parse_args()
    logging.disable(logging.INFO)
    texts = []
    for group in (False, True):
        with simulated(Plan(cases=chosen.cases, seed=chosen.seed, group=group)) as week:
            texts.append(page(week, naive(week)))
        print(texts[-1])
    if chosen.write:
        write("\n".join(texts))


if __name__ == "__main__":
    main()
