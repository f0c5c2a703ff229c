"""What can be said to somebody: a kind and ids, never text. Rendered when it is sent.

Each class is one message with one template; ``bot.messages.catalogue`` knows how to fill it.
Fields are JSON values, because a notice waits in the outbox until it can be delivered.
"""

from __future__ import annotations

from typing import Any

from bot.domain.notices.answers import (
    AlreadyChosen,
    Apology,
    CaseOver,
    CodeNeeded,
    CodeUnknown,
    EditedNotObeyed,
    FirstStep,
    HeldByOthers,
    Help,
    HoldingOver,
    LastSecretariat,
    NotAllowed,
    NoTasks,
    NothingToRemove,
    NothingToStart,
    NotUnderstood,
    PartAlreadyReported,
    PrivateOnly,
    SopUnknown,
    Stranger,
    TaskOver,
)
from bot.domain.notices.base import Notice
from bot.domain.notices.operations import (
    AuditFinding,
    MessageUndelivered,
    Restored,
    TooManyMessages,
    WeeklyDigest,
)
from bot.domain.notices.people import (
    EmptyPosts,
    HoldingRemoved,
    InvitationAccepted,
    InvitationLink,
    InvitationRefused,
    InvitationUsed,
    PersonUnreachable,
    PostLost,
)
from bot.domain.notices.questions import (
    AskCancelReason,
    AskReason,
    ChooseCase,
    ChooseHolding,
    ChoosePost,
    ChooseSop,
    ChooseTask,
    ConfirmCancel,
    ConfirmRemoval,
    QuestionDropped,
)
from bot.domain.notices.work import (
    CardReplaced,
    CaseCancelled,
    CaseFinished,
    CaseHistory,
    CaseStarted,
    CaseStatus,
    PartReported,
    RejectionRecorded,
    RejectionTold,
    Reminders,
    RunningCases,
    SopDetail,
    SopList,
    TaskCard,
    TaskList,
)

__all__ = [
    "AlreadyChosen",
    "Apology",
    "AskCancelReason",
    "AskReason",
    "AuditFinding",
    "CardReplaced",
    "CaseCancelled",
    "CaseFinished",
    "CaseHistory",
    "CaseOver",
    "CaseStarted",
    "CaseStatus",
    "ChooseCase",
    "ChooseHolding",
    "ChoosePost",
    "ChooseSop",
    "ChooseTask",
    "CodeNeeded",
    "CodeUnknown",
    "ConfirmCancel",
    "ConfirmRemoval",
    "EditedNotObeyed",
    "EmptyPosts",
    "FirstStep",
    "HeldByOthers",
    "Help",
    "HoldingOver",
    "HoldingRemoved",
    "InvitationAccepted",
    "InvitationLink",
    "InvitationRefused",
    "InvitationUsed",
    "LastSecretariat",
    "MessageUndelivered",
    "NoTasks",
    "NotAllowed",
    "NotUnderstood",
    "NothingToRemove",
    "NothingToStart",
    "Notice",
    "PartAlreadyReported",
    "PartReported",
    "PersonUnreachable",
    "PostLost",
    "PrivateOnly",
    "QuestionDropped",
    "RejectionRecorded",
    "RejectionTold",
    "Reminders",
    "Restored",
    "RunningCases",
    "SopDetail",
    "SopList",
    "SopUnknown",
    "Stranger",
    "TaskCard",
    "TaskList",
    "TaskOver",
    "TooManyMessages",
    "WeeklyDigest",
    "from_data",
]

_REGISTRY: dict[str, type[Notice]] = {
    name: cls for name, cls in globals().items() if isinstance(cls, type) and issubclass(cls, Notice)
}


def from_data(name: str, data: dict[str, Any]) -> Notice:
    """Rebuild a notice from its class name and fields; raises KeyError or TypeError on foreign data."""
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    return _REGISTRY[name](**values)
