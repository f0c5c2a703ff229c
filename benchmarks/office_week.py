"""A working week of one office, simulated on the real services: who acts when is drawn from a seed.

Everything between a press and what Telegram would be sent is the program's own: handlers, ledger, outbox, rendering,
dropping, merging, and the sweep that wakes it. Only Telegram is missing: what would be sent is noted instead.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.demo.clock import SteppedClock
from bot.domain.posts import SECRETARIAT
from bot.messages.actions import Action, Verb
from bot.scheduler import Wakener
from bot.services import office_chats
from bot.services.deliver import sent, take
from bot.services.holdings import appoint
from bot.services.outbox import Priority
from bot.services.pacing import UNLIMITED, Sender
from bot.services.people import ensure_person, identify
from bot.services.publish import publish
from bot.services.remind import next_wake
from bot.services.standins import Wish, appoint_standin
from bot.services.start_case import start_case
from bot.services.updates import register_bot
from bot.services.work import Runner
from bot.store import queries
from bot.store.tables import CaseRow, HoldingRow, OutboxRow, TaskPostRow, TaskRow
from handlers.conversation import Incoming, Kind
from handlers.dispatch import dispatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.domain.sop import Sop
    from bot.domain.worktime import Calendar
    from bot.services.deliver import Parcel
    from bot.services.library import Library
    from bot.services.work import Work
    from bot.store.database import Store

T = TypeVar("T")

BOT_ID = 987654321
GROUP = -100200300
ZONE = ZoneInfo("Asia/Jakarta")
PEOPLE = {
    "Kepala Badan": "kepala_badan",
    "Sekretaris": "sekretaris",
    "Kasubag Program": "kasubag_program",
    "Staf A": "staf",
    "Staf B": "staf",
    "Staf C (lambat)": "staf",
    "Sekretariat A": SECRETARIAT,
    "Sekretariat B": SECRETARIAT,
}
ABSENT, STANDIN, SLOW = "Kepala Badan", "Sekretaris", "Staf C (lambat)"
_FIRST_ACCOUNT = 7001
_REASON = "Isian belum lengkap"
_REJECTED_ONE_IN = 5
_SHARED_POST = "staf"
_UNTIL_CLAIMED = timedelta(minutes=10)
_SWEEP = timedelta(minutes=30)  # the program's own is closer; what it brings is due to the half hour at most


@dataclass(frozen=True, slots=True)
class Plan:
    """What is simulated: ``cases`` started between two days, counted from Monday ``week`` to its Friday.

    The head of the office is absent on its Tuesday to Thursday. ``group``: the sekretariat has its group.
    """

    cases: int = 20
    seed: int = 7
    warm_up: int = 7  # days before the week on which the first cases begin
    week: date = date(2026, 11, 16)
    group: bool = False
    sop: str = "kesbangpol-jateng-pk"

    def moment(self, day: int, hour: int, minute: int = 0) -> datetime:
        """Return a moment of the week's day (0 is Monday), in UTC."""
        return datetime.combine(self.week + timedelta(days=day), time(hour, minute), ZONE).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Sent:
    """What would have reached a phone: ``own`` is the answer to one's own act; an edit never rings."""

    at: datetime
    who: str
    kind: str
    outbox_id: int
    edit: bool
    silent: bool
    own: bool

    @property
    def rings(self) -> bool:
        """Whether a bell rings."""
        return not (self.edit or self.silent)


@dataclass(order=True, slots=True)
class _Turn:
    at: datetime
    number: int
    task_id: int = field(compare=False)
    doer: str = field(compare=False)
    claims: bool = field(compare=False, default=False)


class Week:
    """The simulation; ``run`` it, then look at ``sent`` and at the store."""

    def __init__(self, store: Store, library: Library, plan: Plan) -> None:
        """Found the office and let everybody take their post."""
        self.plan = plan
        self.sent: list[Sent] = []
        self.sop: Sop = library.sops[plan.sop]
        self._dice = random.Random(plan.seed)  # noqa: S311 - drawn again and again the same
        self._clock = SteppedClock(plan.moment(-plan.warm_up, 7, 0))
        self._runner = Runner(store, self._clock, library)
        self._sender = Sender("noise", BOT_ID, UNLIMITED)
        self._wakener = Wakener(self._runner, wake_courier=_nothing, on_sweep=_nothing_more)
        self._loop = asyncio.new_event_loop()
        self._updates, self._messages, self._numbers = itertools.count(1), itertools.count(500), itertools.count()
        self._turns: list[_Turn] = []
        self._planned: set[int] = set()
        self._swept = datetime.min.replace(tzinfo=UTC) + timedelta(days=2)
        self.accounts = {who: _FIRST_ACCOUNT + n for n, who in enumerate(PEOPLE)}
        self._names = {account: who for who, account in self.accounts.items()} | {GROUP: "Grup sekretariat"}
        self.people = self._found_office()
        self.calendar: Calendar = self.ask(lambda work: work.calendar_for(self.sop.office))

    @property
    def at(self) -> datetime:
        """The simulated moment."""
        return self._clock.now()

    def ask(self, use_case: Callable[[Work], T]) -> T:
        """Run a use case at the simulated moment."""
        return self._runner.run_now(use_case)

    def run(self) -> None:
        """Live through the warm-up and the week."""
        end = self.plan.moment(4, 17)
        acts = sorted(self._program(), key=lambda act: act[0])
        for moment, act in acts:
            self._live_until(moment)
            act()
            self._follow()
        self._live_until(end)
        self._loop.close()

    # --- what is set ------------------------------------------------------------------------------

    def _found_office(self) -> dict[str, int]:
        self.ask(publish)
        self.ask(lambda work: register_bot(work, BOT_ID, "sop_bot"))

        def everybody(work: Work) -> dict[str, int]:
            people = {}
            for who, post in PEOPLE.items():
                person = ensure_person(work, self.accounts[who], who)
                appoint(work, person, self.sop.office.id, post)
                people[who] = person.id
            return people

        return self.ask(everybody)

    def _program(self) -> Iterator[tuple[datetime, Callable[[], None]]]:
        if self.plan.group:
            yield self.plan.moment(-self.plan.warm_up, 7, 30), self._takes_group
        yield self.plan.moment(0, 9), self._sets_standin
        first, last = self.plan.moment(-self.plan.warm_up, 7, 30), self.plan.moment(3, 12)
        for number in range(self.plan.cases):
            moment = self.calendar.next_opening(first + (last - first) * number / self.plan.cases)
            yield self.calendar.add(moment, timedelta(minutes=self._dice.randrange(90))), self._starts(number)

    def _takes_group(self) -> None:
        actor, office = "Sekretariat A", self.sop.office.id
        self.ask(
            lambda work: office_chats.set_group(
                work, identify(work, self.accounts[actor], actor), office, GROUP, topic=None, title="Sekretariat"
            )
        )

    def _sets_standin(self) -> None:
        actor = "Sekretariat A"

        def use_case(work: Work) -> None:
            absent = work.session.scalars(select(HoldingRow).where(HoldingRow.person_id == self.people[ABSENT])).one()
            first, last = self.plan.week + timedelta(days=1), self.plan.week + timedelta(days=3)
            office = self.sop.office.id
            wish = Wish(office, absent.post_id, absent.id, self.people[STANDIN], first, last, "800/123", first)
            appoint_standin(work, identify(work, self.accounts[actor], actor), wish)

        self.ask(use_case)

    def _starts(self, number: int) -> Callable[[], None]:
        def act() -> None:
            who, title = f"Sekretariat {'AB'[number % 2]}", f"Perjanjian Kinerja bidang {number + 1}"
            self.ask(lambda work: start_case(work, identify(work, self.accounts[who], who), self.sop, title))

        return act

    # --- time ---------------------------------------------------------------------------------------

    def _live_until(self, moment: datetime) -> None:
        while (nearest := self._nearest(moment)) < moment:
            self._go(nearest)
            while self._turns and self._turns[0].at <= self.at:
                self._act(heapq.heappop(self._turns))
                self._follow()
        self._go(moment)

    def _nearest(self, moment: datetime) -> datetime:
        candidates = [moment, *([self._turns[0].at] if self._turns else [])]
        if (due := self.ask(next_wake)) is not None:
            candidates.append(due)
        candidates.append(self.calendar.next_day_opening(self.at))
        return max(self.at, min(candidates))

    def _go(self, moment: datetime) -> None:
        self._clock.move_to(moment)
        self._settle()

    def _settle(self) -> None:
        """Do what the program does by itself, until nothing is left to do now."""
        due = (
            self.at - self._swept >= _SWEEP
            or self.calendar.local(self._swept).date() != self.calendar.local(self.at).date()
        )
        if due:
            self._swept = self.at
        self._loop.run_until_complete(self._wakener.sweep() if due else self._wakener.fire())
        self._follow()

    def _follow(self) -> None:
        """Do what an act or a firing leads to at once: what is queued goes out, and people see what they have to do."""
        self._deliver()
        self._plan_turns()

    def _deliver(self) -> None:
        while parcels := self.ask(lambda work: take(work, self._sender, limit=100)).parcels:
            for parcel in parcels:
                self._arrive(parcel)

    def _arrive(self, parcel: Parcel) -> None:
        message_id = None if parcel.edits is not None else next(self._messages)

        def use_case(work: Work) -> None:
            row = work.session.get_one(OutboxRow, parcel.outbox_id)
            own = row.priority <= Priority.ANSWER or (row.cause_id is not None and row.cause_id == row.person_id)
            who, edit = self._names[parcel.chat_id], parcel.edits is not None or parcel.pins is not None
            self.sent.append(Sent(work.at, who, row.notice, row.id, edit, parcel.silent, own))
            sent(work, parcel, None if parcel.pins is not None else message_id)

        self.ask(use_case)

    # --- people -------------------------------------------------------------------------------------

    def _plan_turns(self) -> None:
        for task in self.ask(
            lambda work: list(work.session.scalars(select(TaskRow).where(TaskRow.ended_at.is_(None))))
        ):
            if task.id not in self._planned:
                self._planned.add(task.id)
                turn = self._turn(task)
                heapq.heappush(self._turns, turn)
                if turn.doer != SLOW and PEOPLE[turn.doer] == _SHARED_POST:
                    self._plan_claim(task, turn)

    def _plan_claim(self, task: TaskRow, turn: _Turn) -> None:
        at = self.calendar.next_opening(self.calendar.add(task.given_at, _UNTIL_CLAIMED))
        if at < turn.at:
            heapq.heappush(self._turns, _Turn(at, next(self._numbers), task.id, turn.doer, claims=True))

    def _turn(self, task: TaskRow) -> _Turn:
        posts = self.sop.step(task.step).posts
        doer = self._dice.choice([who for who, post in PEOPLE.items() if post in posts])
        share = self._dice.randint(10, 75)
        at = self.calendar.share(task.given_at, task.due_at, share)
        if doer == SLOW:
            # Later than their superior hears of it.
            late = max(self.calendar.between(task.given_at, task.due_at), timedelta(hours=1)) * 1.2
            at = self.calendar.add(task.due_at, late)
        return _Turn(max(at, self.calendar.next_opening(self.at)), next(self._numbers), task.id, doer)

    def _act(self, turn: _Turn) -> None:
        task, case, able = self.ask(lambda work: self._desk(work, turn.task_id))
        if task.ended_at is not None or not able:
            return
        doer = turn.doer if turn.doer in able else min(able)
        if turn.claims:
            self._presses(doer, Verb.CLAIM, task.id)
            return
        step = self.sop.step(task.step)
        if step.decision and self._dice.randrange(_REJECTED_ONE_IN) == 0:
            self._hears(doer, Kind.COMMAND, f"{case.code} {_REASON}", command="tolak")
        else:
            self._presses(doer, Verb.DONE, task.id)

    def _desk(self, work: Work, task_id: int) -> tuple[TaskRow, CaseRow, set[str]]:
        """Return a task, its case, and who may act on it now."""
        task = work.session.get_one(TaskRow, task_id)
        case = work.session.get_one(CaseRow, task.case_id)
        posts = work.session.scalars(
            select(TaskPostRow.post_id).where(TaskPostRow.task_id == task.id, TaskPostRow.reported_at.is_(None))
        ).all()
        holders = queries.holders_of(work.session, case.office_id, posts, work.at)
        return task, case, {person.name for person in holders}

    def _presses(self, who: str, verb: Verb, task_id: int) -> None:
        card = self.ask(lambda work: queries.card_of(work.session, task_id, self.people[who]))
        self._hears(who, Kind.BUTTON, Action(verb, task_id).data(), card=card.message_id if card else None)

    def _hears(self, who: str, kind: Kind, text: str, *, command: str = "", card: int | None = None) -> None:
        account, number = self.accounts[who], next(self._updates)
        incoming = Incoming(number, kind, account, account, who, command=command, text=text, message_id=card)
        self.ask(lambda work: dispatch(work, BOT_ID, incoming))


def _nothing() -> None:
    """Wake nobody: whoever simulates delivers."""


async def _nothing_more() -> None:
    """Do nothing else at a sweep."""
