"""The guided tour: the story of a SOP as a film with subtitles, to be stopped and taken over at any step."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import replace
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from bot.console import console
from bot.demo.page.beats import Act, Beat, Told, next_beat
from bot.demo.page.problems import PageProblem
from bot.demo.page.scene import opening_line
from bot.demo.page.words import word
from bot.demo.plot import reason, where
from bot.demo.telegram import people
from bot.domain.posts import SECRETARIAT
from bot.messages.labels import label

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.demo.page.director import Director, Look, Rest
    from bot.demo.plot import Now
    from bot.demo.telegram.entities import Json
    from bot.demo.telegram.model import Message, User
    from bot.domain.sop import SopId

    Still = Callable[[], bool]

log = logging.getLogger(__name__)

PAUSE_SECONDS = 3.0
SHORT_PAUSE_SECONDS = 2.0
_MOST_TRIES = 2
_IDLE: dict[str, object] = {"state": "idle", "step": 0, "of": 0, "caption": "", "person": None}


class State(StrEnum):
    """Where the tour stands."""

    IDLE = "idle"
    PLAYING = "playing"
    STOPPED = "stopped"
    FINISHED = "finished"


class Tour:
    """One tour for the whole stage, which has but one clock; on the server's own loop.

    Whatever it does is decided anew from the store, right before it is done: it goes on from wherever hands have
    brought the case. ``_round`` grows whenever what is under way is no longer wanted.
    """

    def __init__(self, director: Director, pauses: Rest) -> None:
        """Take the stage's director, and what lets real time pass between two acts."""
        self._director = director
        self._pauses = pauses
        self._round = 0
        self._skip = asyncio.Event()
        self._travelling = False
        self._tries: Counter[object] = Counter()
        self._sop: SopId = ""
        self._state = State.IDLE
        self._beat: Beat | None = None
        self._caption = ""
        self._person: int | None = None
        self._told = Told()

    def view(self, sop_id: SopId) -> Json:
        """Return the tour as the page of a SOP shows it."""
        if sop_id != self._sop:
            return dict(_IDLE)
        beat = self._beat
        step, of = (beat.step, beat.of) if beat else (0, 0)
        return {"state": self._state, "step": step, "of": of, "caption": self._caption, "person": self._person}

    # --- what a visitor wants -----------------------------------------------------------------

    async def start(self, sop_id: SopId) -> None:
        """Play the story of a SOP from where its youngest running case stands, else from the beginning."""
        if self._state is State.PLAYING and sop_id == self._sop:
            return
        await self._director.scene(sop_id)
        self._break_off()
        self._turn_to(sop_id)
        self._state = State.PLAYING
        # On a clock that flies every step would be overdue.
        self._director.set_speed(0)
        self._director.begin(self._playing(self._still_wanted()))

    async def next(self, sop_id: SopId) -> None:
        """Do one act: at once where the tour plays, else that one and no more; raises PageProblem."""
        if self._state is State.PLAYING and sop_id == self._sop:
            self._skip.set()
            return
        await self._director.scene(sop_id)
        self._break_off()
        self._turn_to(sop_id)
        self._state = State.STOPPED
        await self._act(self._still_wanted())
        self._director.changed()

    def stop(self) -> None:
        """Leave the case to the visitor, as it stands."""
        if self._state is State.PLAYING:
            self._state = State.STOPPED
        self._break_off()
        self._director.changed()

    def taken_over(self) -> None:
        """Make way for a visitor who has done something by hand."""
        self._told = replace(self._told, asked=None)
        if self._state is State.PLAYING or self._travelling:
            self.stop()

    def forget(self) -> None:
        """Be as before the first story."""
        self._sop, self._state, self._beat = "", State.IDLE, None
        self._caption, self._person, self._told = "", None, Told()
        self._tries.clear()
        self._break_off()

    def _break_off(self) -> None:
        self._round += 1
        self._skip.set()
        if self._travelling:
            self._director.break_off()

    def _still_wanted(self) -> Still:
        mine = self._round
        return lambda: mine == self._round

    def _turn_to(self, sop_id: SopId) -> None:
        """Tell of a SOP's youngest running case, or of the one told of so far until its end has been told."""
        if sop_id != self._sop or self._state in {State.IDLE, State.FINISHED}:
            self._told, self._beat, self._caption, self._person = Told(), None, "", None
        self._sop = sop_id
        self._tries.clear()

    # --- playing ------------------------------------------------------------------------------

    async def _playing(self, wanted: Still) -> None:
        try:
            while wanted() and await self._act(wanted):
                await self._pause()
        except PageProblem as problem:
            self._fail(wanted, str(problem))
        except Exception:
            log.exception("the tour failed", extra={"action": "demo.tour_failed"})
            self._fail(wanted, str(PageProblem(HTTPStatus.INTERNAL_SERVER_ERROR, "broken")))

    def _fail(self, wanted: Still, why: str) -> None:
        if wanted():
            self._state, self._caption = State.STOPPED, why
            self._director.changed()

    async def _pause(self) -> None:
        """Let people read; cut short by whoever wants to go on or to stop."""
        self._skip.clear()
        seconds = SHORT_PAUSE_SECONDS if self._beat is not None and self._beat.is_waiting else PAUSE_SECONDS
        resting = asyncio.ensure_future(self._pauses(seconds))
        skipping = asyncio.ensure_future(self._skip.wait())
        try:
            await asyncio.wait({resting, skipping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            resting.cancel()
            skipping.cancel()

    async def _act(self, wanted: Still) -> bool:
        """Do the next act and return whether there is one after it."""
        async with self._director.hold(self._sop) as look:
            if not wanted():
                return False
            beat = await self._decide(look)
            if not self._announce(look, beat):
                return False
            await self._let_time_pass(look, beat)
            again = await self._decided_again(look)
            if not wanted():
                return False
            if again.deed == beat.deed and not beat.is_waiting:
                self._perform(look, again)  # nothing waits between the decision and this
                await self._director.settle()
            await self._remember()
        return wanted()

    async def _decide(self, look: Look) -> Beat:
        scene = look.scene
        beat = partial(next_beat, sop=scene.sop, calendar=scene.calendar, told=self._told)
        return await self._director.ask(beat)

    async def _decided_again(self, look: Look) -> Beat:
        """Return what comes next once everything that hands have done is through: it may be something else by now."""
        while True:
            hands = self._director.hands
            await self._director.settle()
            beat = await self._decide(look)
            if hands == self._director.hands:
                return beat

    def _announce(self, look: Look, beat: Beat) -> bool:
        """Show what comes; False where nothing does."""
        self._beat = beat
        self._tries[beat.deed] += not beat.is_waiting
        player = look.scene.cast.get(beat.post, look.scene.cast[SECRETARIAT])
        self._person = player.phone.id
        stuck = self._tries[beat.deed] > _MOST_TRIES
        self._caption = word("tour.stuck" if stuck else _caption(beat), **self._words(look, beat, player.name))
        ended = beat.act in {Act.FINISHED, Act.CANCELLED}
        if stuck or ended:
            self._state = State.FINISHED if ended else State.STOPPED
            self._round += 1
        self._director.changed()
        return not (stuck or ended)

    def _words(self, look: Look, beat: Beat, official: str) -> dict[str, object]:
        sop, now = look.scene.sop, beat.now
        target = sop.reject_target(now.step) if now else None
        return {
            "official": official,
            "step": now.step if now else "",
            "target": target.number if target else "",
            "code": self._told.code,
        }

    async def _let_time_pass(self, look: Look, beat: Beat) -> None:
        self._travelling = True
        try:
            await self._director.travel(look.scene, beat.until)
        finally:
            self._travelling = False

    async def _remember(self) -> None:
        """Follow the case that is told of, from its beginning on."""
        if self._told.case_id is None:
            sop = self._director.sop(self._sop)
            now = await self._director.ask(lambda work: where(work, sop))
            if now is not None:
                self._told = replace(self._told, case_id=now.case_id, code=now.code)

    # --- whose hands --------------------------------------------------------------------------

    def _perform(self, look: Look, beat: Beat) -> None:
        scene, now, telegram = look.scene, beat.now, self._director.telegram
        user = people.person(telegram, scene.cast[beat.post].phone.id)
        self._told = replace(self._told, asked=None)
        tried = self._tries[beat.deed] > 1
        if now is None:
            self._says(user, opening_line(scene, look.at))
        elif beat.act is Act.COMPLETE:
            command = f"/selesai {now.code} {console('demo.note')}"
            self._presses(user, now, "button.done", command, written=tried)
        elif beat.act is Act.REASON:
            self._says(user, reason(scene.sop.step(now.step)))
        else:
            self._told = replace(self._told, asked=now.task_id)
            command = f"/tolak {now.code} {reason(scene.sop.step(now.step))}"
            self._presses(user, now, "button.reject", command, written=tried)

    def _presses(self, user: User, now: Now, button: str, command: str, *, written: bool) -> None:
        """Press a button of the newest card of the case; who finds none, or has got nowhere with it, writes."""
        card = self._card(user, now, label(button))
        if card is None or written:
            self._told = replace(self._told, asked=None)
            self._says(user, command)
        else:
            people.press(self._director.telegram, user, card, label(button))

    def _card(self, user: User, now: Now, button: str) -> Message | None:
        chat = self._director.telegram.private_chat(user)
        for message in reversed(chat.messages.values()):
            shown = {each["text"] for row in message.buttons for each in row}
            if not message.deleted and now.code in message.text and button in shown:
                return message
        return None

    def _says(self, user: User, text: str) -> None:
        """Write a text; a phone opens the answer to a question by itself."""
        telegram = self._director.telegram
        standing = [each for each in telegram.private_chat(user).messages.values() if not each.deleted]
        question = standing[-1] if standing and (standing[-1].markup or {}).get("force_reply") else None
        reply_to = question.id if question and not text.startswith("/") else None
        people.say(telegram, user, people.Draft(text, reply_to))


def _caption(beat: Beat) -> str:
    if beat.act is Act.SUPERIOR and beat.post == SECRETARIAT:
        return "tour.superior_of_nobody"
    return f"tour.{beat.act}"
