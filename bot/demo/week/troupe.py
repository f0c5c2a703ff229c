"""The people of a story on the stage, and the small verbs of what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.console import console
from bot.demo.telegram.client import NotSeenError
from bot.demo.telegram.phone import A_PICTURE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from bot.demo.stage import Player, Stage
    from bot.demo.telegram.client import Person, Press
    from bot.demo.telegram.seen import SeenMessage
    from bot.demo.week.chronicle import Chronicle
    from bot.demo.week.story import Beat, Role

_BRIEFLY = 0.05  # everything has been sent by then: what is not there now does not come


class Troupe:
    """Acts out beats; raises NotSeenError where somebody does not see what the story says they see."""

    def __init__(
        self,
        stage: Stage,
        chronicle: Chronicle,
        players: dict[str, Player],
        group: int,
        next_day: Callable[[datetime], datetime],
    ) -> None:
        """Take the stage, what writes down, the players by their keys, the group's chat, and when the office opens."""
        self._stage = stage
        self._next_day = next_day
        self._chronicle = chronicle
        self._players = players
        self._group = group
        self._verbs: dict[str, Callable[[Player, Beat], None]] = {
            "says": self._says,
            "replies": self._replies,
            "presses": self._presses,
            "document": self._sends_document,
            "photo": self._sends_photo,
            "hears": self._hears,
            "never_heard": self._never_heard,
        }

    def act(self, beat: Beat) -> None:
        """Act out one beat, at the moment the clock shows."""
        self._verbs[beat.verb](self._players[beat.who], beat)

    def pass_to(self, moment: datetime) -> None:
        """Let time pass, writing down what the bot says by itself at the moments it says it."""
        while (due := self._next()) < moment:
            self._arrive(due)
        if moment > self._now():
            self._arrive(moment)

    def _next(self) -> datetime:
        """Return when something is due; a day's opening brings what no moment is armed for."""
        opening, due = self._next_day(self._now()), self._stage.next_due()
        return opening if due is None else min(opening, due)

    def goes_dark(self, until: datetime) -> None:
        """Let time pass while the bot hears, says and knows nothing."""
        self._stage.clock.move_to(until)
        self._arrive(until)

    def _arrive(self, moment: datetime) -> None:
        self._stage.move_to(moment)
        self._listen()

    # --- verbs --------------------------------------------------------------------------------

    def _says(self, player: Player, beat: Beat) -> None:
        self._note(player, beat, str(beat.what))
        self._phone(player, beat).says(str(beat.what))
        self._answered()

    def _replies(self, player: Player, beat: Beat) -> None:
        self._note(player, beat, str(beat.what))
        phone = self._phone(player, beat)
        phone.replies(str(beat.what), self._message(phone, beat.on) if beat.on else None)
        self._answered()

    def _presses(self, player: Player, beat: Beat) -> None:
        phone = self._phone(player, beat)
        message = self._message(phone, beat.on, button=str(beat.what)) if beat.on else None
        pressed = phone.presses(str(beat.what), in_message=message)
        self._note(player, beat, f"[{beat.what}]")
        self._pressed(player, beat, pressed)

    def _pressed(self, player: Player, beat: Beat, pressed: Press) -> None:
        self._stage.settle()
        self._chronicle.flashes(self._chat(player, beat), pressed.answer(), self._now())
        self._answered()

    def _sends_document(self, player: Player, beat: Beat) -> None:
        self._note(player, beat, console("pekan.file", name=beat.what, word=beat.word))
        phone = self._phone(player, beat)
        # The name makes the content another one for each file.
        content = b"%PDF-1.4 " + str(beat.what).encode()
        phone.send_document(str(beat.what), content, beat.word, reply_to=self._asked(phone, beat))
        self._answered()

    def _sends_photo(self, player: Player, beat: Beat) -> None:
        self._note(player, beat, console("pekan.photo", name=beat.what, word=beat.word))
        phone = self._phone(player, beat)
        phone.send_photo(A_PICTURE + str(beat.what).encode(), beat.word, reply_to=self._asked(phone, beat))
        self._answered()

    def _hears(self, player: Player, beat: Beat) -> None:
        phone = self._phone(player, beat)
        try:
            phone.waits_for(str(beat.what), timeout=_BRIEFLY)
        except NotSeenError:
            raise NotSeenError(console("pekan.no_message", name=player.name, text=beat.what, button="")) from None

    def _never_heard(self, player: Player, beat: Beat) -> None:
        phone = self._phone(player, beat)
        for message in phone.chat():
            if message.from_bot and str(beat.what) in message.text:
                raise NotSeenError(console("pekan.should_not", name=player.name, text=beat.what))

    # --- looking ------------------------------------------------------------------------------

    def _asked(self, phone: Person, beat: Beat) -> SeenMessage | None:
        return self._message(phone, beat.on) if beat.on else None

    def _message(self, phone: Person, part: str, *, button: str = "") -> SeenMessage:
        """Return the latest message of the bot with a text in it, and with a button where one is named."""
        for message in reversed(phone.chat()):
            if message.from_bot and part in message.text and (not button or button in message.labels):
                return message
        raise NotSeenError(console("pekan.no_message", name=phone.name, text=part, button=button))

    def _phone(self, player: Player, beat: Beat) -> Person:
        return player.phone.in_group(self._group) if beat.in_group else player.phone

    def _chat(self, player: Player, beat: Beat) -> int:
        return self._group if beat.in_group else player.phone.id

    def _note(self, player: Player, beat: Beat, text: str) -> None:
        self._chronicle.acts(self._chat(player, beat), player.phone.name, text, self._now())

    def _answered(self) -> None:
        self._stage.settle()
        self._listen()

    def _listen(self) -> None:
        self._chronicle.listens(self._now())

    def _now(self) -> datetime:
        return self._stage.clock.now()


def admit(stage: Stage, office_id: str, roles: tuple[Role, ...], titles: dict[str, str]) -> dict[str, Player]:
    """Give every role a phone and its post, in the order told; returns the players by the keys of their roles."""
    return {role.key: _admitted(stage, office_id, role, titles) for role in roles}


def _admitted(stage: Stage, office_id: str, role: Role, titles: dict[str, str]) -> Player:
    return stage.admit(office_id, role.post, titles[role.post], role.name)
