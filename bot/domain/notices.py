"""What can be said to somebody: a kind and ids, never text. Rendered when it is sent.

Each class is one message with one template; ``bot.messages.catalogue`` knows how to fill it.
Fields are JSON values, because a notice waits in the outbox until it can be delivered.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Notice:
    """Base of everything the bot says."""

    def to_data(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self)


# --- tasks and cases ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaskCard(Notice):
    """The card of one task for the recipient: as it stands now, open or ended."""

    task_id: int


@dataclass(frozen=True, slots=True)
class CardReplaced(Notice):
    """What an old card becomes when its holder is given the task's card anew."""


@dataclass(frozen=True, slots=True)
class TaskList(Notice):
    """The recipient's open tasks, soonest due first. ``greet`` opens with a greeting."""

    greet: bool = False


@dataclass(frozen=True, slots=True)
class CaseStarted(Notice):
    """Answer to the starter: the code, who has the first step, what is unconfirmed."""

    case_id: int


@dataclass(frozen=True, slots=True)
class PartReported(Notice):
    """Answer to a completion: what it led to."""

    task_id: int


@dataclass(frozen=True, slots=True)
class RejectionRecorded(Notice):
    """Answer to a rejection: where the case went back to."""

    task_id: int


@dataclass(frozen=True, slots=True)
class RejectionTold(Notice):
    """To the sekretariat and everyone whose report a rejection undid: who, why, where to."""

    task_id: int


@dataclass(frozen=True, slots=True)
class CaseFinished(Notice):
    """To all who took part: the case is done, time used against budget."""

    case_id: int


@dataclass(frozen=True, slots=True)
class CaseCancelled(Notice):
    """To all who took part: the case was ended by the sekretariat, and why."""

    case_id: int


@dataclass(frozen=True, slots=True)
class Reminders(Notice):
    """One or several reminders for the recipient, in one message."""

    reminder_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RunningCases(Notice):
    """The running cases of the recipient's offices: who holds each, time left."""


@dataclass(frozen=True, slots=True)
class CaseStatus(Notice):
    """One case in full."""

    case_id: int


@dataclass(frozen=True, slots=True)
class CaseHistory(Notice):
    """Everything that happened to a case. ``page`` counts from 0 = the oldest; None is the newest."""

    case_id: int
    page: int | None = None


@dataclass(frozen=True, slots=True)
class SopList(Notice):
    """The SOPs of the recipient's offices."""


@dataclass(frozen=True, slots=True)
class SopDetail(Notice):
    """One SOP with its steps."""

    sop_id: str


# --- questions ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChooseSop(Notice):
    """Which SOP to start; one button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ChooseTask(Notice):
    """Which of my tasks is meant; one button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ChooseCase(Notice):
    """Which case is meant, where two offices have equal codes; one button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class AskReason(Notice):
    """Why is the step rejected? My next text is the answer."""

    question_id: int


@dataclass(frozen=True, slots=True)
class AskCancelReason(Notice):
    """Why should the case be ended? My next text is the answer."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ConfirmCancel(Notice):
    """Really end this case? Two buttons."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ChoosePost(Notice):
    """For which post is the invitation? One button each (offices first, where several)."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ChooseHolding(Notice):
    """Who loses which post? One button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ConfirmRemoval(Notice):
    """Really take this person off the post? Two buttons."""

    question_id: int


@dataclass(frozen=True, slots=True)
class QuestionDropped(Notice):
    """The choice was withdrawn (Tidak), or a question lapsed before its answer. ``lapsed`` tells which."""

    lapsed: bool = False


# --- people and posts -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InvitationLink(Notice):
    """A fresh invitation: the deep link, for which post, until when."""

    invitation_id: int
    code: str


@dataclass(frozen=True, slots=True)
class InvitationAccepted(Notice):
    """To the new holder: which post, in which office, what now."""

    holding_id: int


@dataclass(frozen=True, slots=True)
class InvitationUsed(Notice):
    """To the sekretariat: who took which post, with a Cabut button."""

    holding_id: int


@dataclass(frozen=True, slots=True)
class InvitationRefused(Notice):
    """The code does not work. ``why``: ``used``, ``expired`` or ``unknown``."""

    why: str


@dataclass(frozen=True, slots=True)
class HoldingRemoved(Notice):
    """To the sekretariat: who was taken off which post, by whom, and what now lies without a holder."""

    holding_id: int
    by_id: int


@dataclass(frozen=True, slots=True)
class PostLost(Notice):
    """To the person: you no longer hold this post."""

    holding_id: int


@dataclass(frozen=True, slots=True)
class EmptyPosts(Notice):
    """To the sekretariat: a task waits for posts that nobody holds."""

    task_id: int


@dataclass(frozen=True, slots=True)
class PersonUnreachable(Notice):
    """To the sekretariat, once: Telegram does not deliver to this person."""

    person_id: int


# --- refusals and other answers -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Help(Notice):
    """What the recipient may do here."""


@dataclass(frozen=True, slots=True)
class Stranger(Notice):
    """How to get an invitation; nothing about any case."""


@dataclass(frozen=True, slots=True)
class PrivateOnly(Notice):
    """In groups: the bot works in private chat."""


@dataclass(frozen=True, slots=True)
class EditedNotObeyed(Notice):
    """An edited message with a command is not obeyed."""


@dataclass(frozen=True, slots=True)
class NotUnderstood(Notice):
    """A text that answers no question, or an unknown command."""


@dataclass(frozen=True, slots=True)
class Apology(Notice):
    """An update failed on its own account."""


@dataclass(frozen=True, slots=True)
class CodeUnknown(Notice):
    """No such case here; the same words for a code of another office."""

    code: str


@dataclass(frozen=True, slots=True)
class CodeNeeded(Notice):
    """The command wants a code. ``command`` is its name without the slash."""

    command: str


@dataclass(frozen=True, slots=True)
class NoTasks(Notice):
    """The recipient holds no open task."""


@dataclass(frozen=True, slots=True)
class HeldByOthers(Notice):
    """The recipient does not hold this task; who does. With an ended case: how it ended."""

    case_id: int


@dataclass(frozen=True, slots=True)
class TaskOver(Notice):
    """The task meant is over: who did what and when; where the case is now."""

    task_id: int


@dataclass(frozen=True, slots=True)
class PartAlreadyReported(Notice):
    """The recipient's part is done; whom the step still waits for."""

    task_id: int


@dataclass(frozen=True, slots=True)
class CaseOver(Notice):
    """The case has ended, and how."""

    case_id: int


@dataclass(frozen=True, slots=True)
class FirstStep(Notice):
    """The first step cannot be rejected; what to do instead."""

    task_id: int


@dataclass(frozen=True, slots=True)
class NotAllowed(Notice):
    """The command is for others. ``who``: ``secretariat``, ``starter`` or ``member``."""

    who: str


@dataclass(frozen=True, slots=True)
class SopUnknown(Notice):
    """No such SOP in the recipient's offices."""

    word: str


@dataclass(frozen=True, slots=True)
class NothingToStart(Notice):
    """There is no SOP that the recipient may start."""


@dataclass(frozen=True, slots=True)
class NothingToRemove(Notice):
    """Nobody holds a post that the recipient could take away."""


@dataclass(frozen=True, slots=True)
class AlreadyChosen(Notice):
    """The choice was made already; nothing happens twice."""


@dataclass(frozen=True, slots=True)
class LastSecretariat(Notice):
    """The office's only sekretariat cannot be removed; invite a successor first."""

    holding_id: int


@dataclass(frozen=True, slots=True)
class HoldingOver(Notice):
    """The person no longer holds the post anyway."""

    holding_id: int


_REGISTRY: dict[str, type[Notice]] = {
    name: cls for name, cls in globals().items() if isinstance(cls, type) and issubclass(cls, Notice)
}


def from_data(name: str, data: dict[str, Any]) -> Notice:
    """Rebuild a notice from its class name and fields; raises KeyError or TypeError on foreign data."""
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    return _REGISTRY[name](**values)
