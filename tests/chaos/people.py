"""People who follow their cards, whatever becomes of the bot: each does what the plan says exactly once.

Between that they do what people do: tap twice, tap an old card, ask for their list, write something the bot does not
understand. None of it may change a case. They see what a phone shows and never look into the database.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from html import unescape
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.demo.telegram import Person, RunningServer
    from tests.chaos.plan import CasePlan, Visit

_STEP = re.compile(r"Langkah (\d+)(?: dari \d+| \(urutan \d+ dari \d+\))?(?: \(putaran (\d+)\))?")
_TAKEN = {"ok", "lost"}
_TWICE, _BY_BUTTON, _NOISE, _OLD_CARD = 0.25, 0.6, 0.25, 0.5
_AGAIN_AFTER = 5.0
"""Seconds after which somebody whose rejection shows no effect takes it up again: their question
may have lapsed while the clock ran on."""

_LOOK_ANYWAY = 0.5


@dataclass(frozen=True)
class Shown:
    """A message as it came to a phone."""

    chat: int
    id: int
    text: str
    buttons: dict[str, str]
    asks: bool


@dataclass
class Phones:
    """Everything the bot has brought to anybody, in order; read from Telegram's own record of its requests."""

    server: RunningServer
    messages: dict[int, list[Shown]] = field(default_factory=lambda: defaultdict(list))
    _after: int = 0
    _read: set[int] = field(default_factory=set)
    _version: int = -1

    def look(self) -> bool:
        """Read what has come since the last look; whether anything has changed at all."""
        version = self.server.telegram.version
        if version == self._version:
            return False
        self._version = version
        unfinished: list[int] = []
        for request in self.server.requests("sendMessage", self._after):
            number = int(request["number"])
            if not request["outcome"]:
                unfinished.append(number)
            elif number not in self._read:
                self._read.add(number)
                if request["outcome"] in _TAKEN and request["status"] == 200:
                    shown = _shown(request)
                    self.messages[shown.chat].append(shown)
        self._after = min(unfinished, default=max(self._read, default=0) + 1) - 1
        return True

    def find(self, person: Person, **wanted: Any) -> Shown | None:
        """Return the first message to a person that ``matches``."""
        return next((shown for shown in self.messages[person.id] if matches(shown, **wanted)), None)

    def card(self, person: Person, code: str, visit: Visit) -> Shown | None:
        """Return a person's card of a visit."""
        key = (str(visit.row.number), str(visit.round) if visit.round > 1 else "")
        for shown in self.messages[person.id]:
            if "Selesai" in shown.buttons and code in shown.text and _STEP.findall(shown.text)[:1] == [key]:
                return shown
        return None


def matches(shown: Shown, *, parts: tuple[str, ...], after: int = 0, asks: bool = False) -> bool:
    """Whether a message says all of it and is younger than ``after``."""
    return shown.id > after and (shown.asks or not asks) and all(part in shown.text for part in parts)


def _shown(request: dict[str, Any]) -> Shown:
    parameters = request["parameters"]
    markup = parameters.get("reply_markup")
    rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else []
    buttons = {button["text"]: button.get("callback_data", "") for row in rows for button in row}
    text = unescape(re.sub(r"</?\w[^>]*>", "", str(parameters.get("text", ""))))
    # With something to name, the question has buttons in place of an input field.
    asks = "Mohon tuliskan alasan" in text
    return Shown(int(parameters["chat_id"]), int(request["result"]["message_id"]), text, buttons, asks)


@dataclass
class House:
    """An office: who holds which post. A post may have two holders; either acts for it."""

    id: str
    holders: dict[str, list[Person]]

    @property
    def people(self) -> list[Person]:
        """Everybody, each once."""
        return list({person.id: person for holders in self.holders.values() for person in holders}.values())


class Player:
    """One case and the people who move it."""

    def __init__(self, phones: Phones, house: House, plan: CasePlan, random: Random, *, calm: bool = False) -> None:
        """Take the plan; nothing is done yet. Whoever is ``calm`` does nothing that must change nothing."""
        self.house = house
        self.plan = plan
        self.code = ""
        self.done = 0
        self.acts = 0
        self._phones = phones
        self._random = random
        self._calm = calm
        self._old: list[tuple[Person, Shown]] = []  # of tasks that have ended
        self._latest: list[tuple[Person, Shown]] = []  # of the task that may still be open

    def play(self) -> Iterator[str]:
        """Play the case to its end; yields what it waits for, whenever it has to wait."""
        secretary = self.house.holders["sekretariat"][0]
        secretary.says(f"/mulai {self.plan.paper.id} {self.plan.title}")
        self.acts += 1
        while (started := self._phones.find(secretary, parts=(self.plan.title, "sudah dimulai"))) is None:
            yield f"the beginning of {self.plan.title}"
        self.code = started.text.split()[0]
        for visit in self.plan.visits:
            latest: list[tuple[Person, Shown]] = []
            for post in visit.posts:
                latest += yield from self._act(visit, post)
                yield f"{self.code} going on"
            self.done, self._latest = self.done + 1, latest
        for person in self._involved():
            while self._phones.find(person, parts=(self.code, "sudah selesai. Terima kasih")) is None:
                yield f"{person.name} hearing of the end of {self.code}"

    def _involved(self) -> list[Person]:
        posts = ["sekretariat", *sorted({post for visit in self.plan.visits for post in visit.row.posts})]
        people = [person for post in posts for person in self.house.holders[post][:1]]
        return list({person.id: person for person in people}.values())

    def _act(self, visit: Visit, post: str) -> Generator[str, None, list[tuple[Person, Shown]]]:
        holders = self.house.holders[post]
        cards: list[Shown] = []
        for person in holders:
            while (card := self._phones.card(person, self.code, visit)) is None:
                yield f"{person.name} getting {self.code} step {visit.row.number} round {visit.round}"
            cards.append(card)
        self._old, self._latest = self._old + self._latest, []  # the step before is over, or this card were not here
        self.acts += 1
        person, card = holders[0], cards[0]
        self._does_something_else(person)
        if visit.rejects:
            yield from self._reject(person, card, visit)
        elif len(holders) > 1 or self._random.random() < _BY_BUTTON:
            # Two holders press at once: one of them is told that it is done.
            for holder, own in zip(holders, cards, strict=True):
                self._presses(holder, own, "Selesai")
        else:
            person.says(f"/selesai {self.code} sudah <b>diperiksa</b> & lengkap")
        return list(zip(holders, cards, strict=True))

    def _presses(self, person: Person, card: Shown, label: str) -> None:
        for _ in range(1 + (self._random.random() < _TWICE and not self._calm)):
            # As on a phone that has not heard yet that the button is gone.
            person.presses_stale(card.buttons[label], card.id)

    def _reject(self, person: Person, card: Shown, visit: Visit) -> Iterator[str]:
        reason = f"belum lengkap pada langkah {visit.row.number}"
        if self._random.random() >= _BY_BUTTON:
            person.says(f"/tolak {self.code} {reason}")
            return
        following = self.plan.visits[self.done + 1]
        after = max((shown.id for shown in self._phones.messages[person.id]), default=0)
        since = time.monotonic()
        self._presses(person, card, "Tolak")
        while not self._has_gone_on(following):
            question = self._phones.find(
                person, parts=(self.code, f"Langkah {visit.row.number}", "alasan"), after=after, asks=True
            )
            if question is not None:
                after, since = question.id, time.monotonic()
                person.says(reason, reply_to=question.id)
            elif time.monotonic() - since > _AGAIN_AFTER:
                since = time.monotonic()
                person.presses_stale(card.buttons["Tolak"], card.id)
            yield f"{person.name} rejecting {self.code} step {visit.row.number} round {visit.round}"

    def _has_gone_on(self, following: Visit) -> bool:
        people = [person for post in following.row.posts for person in self.house.holders[post]]
        return any(self._phones.card(person, self.code, following) is not None for person in people)

    def _does_something_else(self, person: Person) -> None:
        """Do what must change nothing."""
        if self._calm:
            return
        if self._random.random() < _NOISE:
            person.says(
                self._random.choice(["/tugas", f"/status {self.code}", f"/riwayat {self.code}", "terima kasih"])
            )
        if self._old and self._random.random() < _OLD_CARD:
            somebody, card = self._random.choice(self._old)
            somebody.presses_stale(self._random.choice(sorted(card.buttons.values())), card.id)


class Crowd:
    """Everybody at once; they take turns at looking at their phones."""

    def __init__(self, phones: Phones, players: list[Player]) -> None:
        """Take the cases to be played."""
        self.players = players
        self._phones = phones
        self._playing = {id(player): player.play() for player in players}
        self._next = 0.0
        self.waits_for: dict[int, str] = {}

    @property
    def finished(self) -> bool:
        """Whether every case has come to its end."""
        return not self._playing

    def step(self) -> None:
        """Let everybody look at their phone and do what is to do."""
        if not self._phones.look() and time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _LOOK_ANYWAY
        for key, playing in list(self._playing.items()):
            try:
                self.waits_for[key] = next(playing)
            except StopIteration:
                del self._playing[key]
                self.waits_for.pop(key, None)
