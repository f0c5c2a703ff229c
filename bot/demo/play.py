"""``sop-bot demo --auto``: an office plays one SOP from /mulai to its end, with one rejection and one overdue step."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.console import console
from bot.demo.clock import SteppedClock
from bot.demo.plot import (
    PART_OF_BUDGET,
    Now,
    UnknownSopError,
    choose,
    escalation,
    late_step,
    reason,
    rejected_step,
    route,
    where,
)
from bot.demo.stage import Player, Stage
from bot.demo.transcript import Transcript
from bot.domain.posts import SECRETARIAT
from bot.messages.dates import Clock as Dates
from bot.services.publish import version_of
from bot.store import queries
from bot.store.tables import CaseRow

if TYPE_CHECKING:
    from bot.domain.sop import Sop, Step
    from bot.domain.worktime import Calendar
    from bot.services.work import Work
    from bot.settings import Settings

__all__ = ["OPENING", "Play", "UnknownSopError", "auto"]

# A Monday with no holiday in the four weeks after it.
OPENING = datetime(2026, 11, 9, 1, 0, tzinfo=UTC)
_MOST_TASKS = 200


def auto(settings: Settings, *, sop_id: str | None, speed: float, out: Callable[[str], None] = print) -> bool:
    """Play a SOP and print the dialogue; True only if the case went the way the SOP says.

    ``speed`` is how many office seconds pass in one real second, 0 for as fast as it goes.
    """
    with Stage(settings, SteppedClock(OPENING)) as stage:
        sop = choose(stage.runner.library.sops, sop_id)
        return Play(stage, sop, speed, out).perform()


class Play:
    """One performance."""

    def __init__(self, stage: Stage, sop: Sop, speed: float, out: Callable[[str], None]) -> None:
        """Cast the office and open the transcript."""
        self._stage = stage
        self._sop = sop
        self._speed = speed
        self._calendar: Calendar = stage.ask(lambda work: work.calendar_for(sop.office))
        self._cast = stage.cast(sop)
        dates = Dates(self._calendar, OPENING)
        self._transcript = Transcript(stage.office, self._cast.values(), dates.moment, out)
        self._out = out
        self._rejected = rejected_step(sop)
        self._late: Step | None = late_step(sop)
        self._turns = 0

    def perform(self) -> bool:
        """Play to the end and say whether everything went as the SOP says."""
        rejected, expected = self._rejected, route(self._sop, self._rejected)
        self._out(console("demo.title", name=self._sop.name, office=self._sop.office.name))
        self._start()
        while (now := self._stage.ask(self._where)) is not None and self._turns < _MOST_TASKS:
            self._turn(now)
        visited, finished = self._stage.ask(self._visited)
        fine = finished and visited == expected and self._everybody_heard()
        told = console("demo.fine" if fine else "demo.wrong", steps=len(visited), expected=len(expected))
        self._out(f"\n{told}")
        if rejected is not None:
            self._out(console("demo.rejected", step=rejected.number))
        return fine

    # --- turns --------------------------------------------------------------------------------

    def _start(self) -> None:
        self._transcript.heading(console("demo.act_start"))
        command = f"/mulai {self._sop.id} {console('demo.case_title')}"
        self._says(self._cast[SECRETARIAT], command)

    def _turn(self, now: Now) -> None:
        self._turns += 1
        step = self._sop.step(now.step)
        if step is self._late:
            self._late = None
            self._let_it_be_late(now)
        elif step is self._rejected:
            self._rejected = None
            self._reject(now, step)
            return
        else:
            self._pass(self._calendar.share(now.given_at, now.due_at, PART_OF_BUDGET))
        for post in now.waiting:
            self._complete(now, post)
            if (after := self._stage.ask(self._where)) is None or after.task_id != now.task_id:
                break

    def _let_it_be_late(self, now: Now) -> None:
        self._transcript.heading(console("demo.act_late", step=now.step))
        if (moment := self._stage.ask(lambda work: escalation(work, now.task_id))) is not None:
            self._pass(moment)

    def _reject(self, now: Now, step: Step) -> None:
        self._transcript.heading(console("demo.act_reject", step=now.step))
        self._pass(self._calendar.share(now.given_at, now.due_at, PART_OF_BUDGET))
        judge = self._cast[now.waiting[0]]
        self._presses(judge, "Tolak")
        words = reason(step)
        self._transcript.acts(judge, words, self._stage.clock.now())
        judge.phone.says(words)  # with something to name as missing, the question has buttons and no input field
        self._answered()

    def _complete(self, now: Now, post: str) -> None:
        player = self._cast[post]
        if now.number % 2:
            self._presses(player, "Selesai")
        else:
            code = self._stage.ask(lambda work: work.session.scalars(select(CaseRow.code)).one())
            self._says(player, f"/selesai {code} {console('demo.note')}")

    def _says(self, player: Player, text: str) -> None:
        self._transcript.acts(player, text, self._stage.clock.now())
        player.phone.says(text)
        self._answered()

    def _presses(self, player: Player, button: str) -> None:
        self._transcript.acts(player, f"[{button}]", self._stage.clock.now())
        press = player.phone.presses(button)
        self._stage.settle()
        self._transcript.flashes(press.answer())
        self._answered()

    def _answered(self) -> None:
        self._stage.settle()
        self._transcript.answers(self._stage.clock.now())

    def _pass(self, moment: datetime) -> None:
        """Let time pass, printing what the bot says by itself at the moments it says it."""
        while (due := self._stage.next_due()) is not None and due < moment:
            self._step_to(due)
        self._step_to(moment)

    def _step_to(self, moment: datetime) -> None:
        if self._speed > 0:
            # The audience watches in real time; nothing waits for this pause.
            time.sleep(max(0.0, (moment - self._stage.clock.now()).total_seconds()) / self._speed)
        self._stage.move_to(moment)
        self._transcript.answers(self._stage.clock.now())

    # --- what happened ------------------------------------------------------------------------

    def _where(self, work: Work) -> Now | None:
        return where(work, self._sop)

    def _visited(self, work: Work) -> tuple[list[int], bool]:
        case = work.session.scalars(select(CaseRow)).one()
        steps = [task.step for task in queries.tasks_of_case(work.session, case.id)]
        return steps, case.status == "finished" and case.sop_version_id == version_of(work, self._sop).id

    def _everybody_heard(self) -> bool:
        code = self._stage.ask(lambda work: work.session.scalars(select(CaseRow.code)).one())
        involved = {post for step in self._sop.steps for post in step.posts} | {SECRETARIAT}
        return all(_heard_the_end(self._cast[post], code) for post in involved)


def _heard_the_end(player: Player, code: str) -> bool:
    told = (message.text for message in player.phone.chat() if message.from_bot)
    return any(code in text and "selesai" in text.lower() for text in told)
