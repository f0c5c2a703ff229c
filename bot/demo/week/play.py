"""The performance of a story: its people come, its beats are acted out, and each reads their own chat in the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.console import console
from bot.demo.clock import SteppedClock
from bot.demo.stage import Stage
from bot.demo.telegram.client import NotSeenError
from bot.demo.week.chronicle import Chronicle
from bot.demo.week.story import read_story
from bot.demo.week.troupe import Troupe, admit
from bot.domain.posts import SECRETARIAT
from bot.messages.dates import Clock as Dates
from bot.store.tables import CaseRow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.demo.week.story import Story
    from bot.domain.sop import Office
    from bot.services.work import Work
    from bot.settings import Settings

_SWEEP = timedelta(minutes=30)  # the program's own comes more often; nobody in the story waits for that
STORIES = {"pekan": Path(__file__).with_name("pekan.toml")}


@dataclass(frozen=True, slots=True)
class Told:
    """What a performance left: each chat as text by the key of its owner, and where the story went differently."""

    chats: dict[str, str]
    problems: tuple[str, ...]


def perform(settings: Settings, scenario: str, *, out: Callable[[str], None] = print) -> bool:
    """Perform a scenario and print each person's chat; True only if the story went as scripted."""
    told = tell(settings, scenario)
    for text in told.chats.values():
        out(text)
    for problem in told.problems:
        out(console("pekan.problem", problem=problem))
    out(console("pekan.wrong" if told.problems else "pekan.fine"))
    return not told.problems


def tell(settings: Settings, scenario: str) -> Told:
    """Perform a scenario and return what everybody saw."""
    story = read_story(STORIES[scenario])
    with Stage(settings, SteppedClock(story.opens), sweep_every=_SWEEP) as stage:
        return _Performance(stage, story).run()


def _next_day(stage: Stage, office: Office, at: datetime) -> datetime:
    """Return the next opening of a day, with what the office has set by now."""
    return stage.ask(lambda work: work.calendar_for(office)).next_day_opening(at)


class _Performance:
    """One performance of a story."""

    def __init__(self, stage: Stage, story: Story) -> None:
        """Let the people come; nothing of that is told."""
        sop = stage.runner.library.sops[story.sop]
        titles = {SECRETARIAT: console("demo.secretariat")} | {post.id: post.name for post in sop.posts}
        self._story = story
        self._stage = stage
        self._players = admit(stage, sop.office.id, story.roles, titles)
        people = [player.phone for player in self._players.values()]
        self._group = stage.office.group(people[0], story.group, *people[1:], supergroup=True)
        stage.office.make_admin(self._group, by=people[0])
        calendar = stage.ask(lambda work: work.calendar_for(sop.office))
        self._dates = Dates(calendar, story.opens)
        self._chronicle = Chronicle(stage.office, self._dates.brief)
        self._chronicle.skip()
        self._troupe = Troupe(stage, self._chronicle, self._players, self._group, partial(_next_day, stage, sop.office))

    def run(self) -> Told:
        """Act out all beats, and gather where they go wrong."""
        problems = []
        for beat in self._story.beats:
            try:
                self._troupe.pass_to(beat.at)
                if beat.verb == "dark":
                    self._troupe.goes_dark(beat.what)
                else:
                    self._troupe.act(beat)
            except NotSeenError as missing:
                problems.append(f"{self._dates.brief(beat.at)} {beat.who} {beat.verb} {beat.what}: {missing}")
        if not problems and (left := self._stage.ask(self._left)):
            problems.append(console("pekan.unfinished", status=left))
        return Told(self._chats(), tuple(problems))

    def _left(self, work: Work) -> str:
        status = work.session.scalar(select(CaseRow.status).where(CaseRow.code == self._story.code))
        return "" if status == "finished" else str(status)

    def _chats(self) -> dict[str, str]:
        chats = {key: self._chat(player.name, player.phone.id) for key, player in self._players.items()}
        return chats | {"grup": self._chat(self._story.group, self._group)}

    def _chat(self, name: str, chat: int) -> str:
        return f"# {name}\n{self._chronicle.text(chat)}\n"
