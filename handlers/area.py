"""What one area of the bot answers to. ``handlers.registry`` makes the whole list of all areas."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain.notices import Notice
from bot.messages.actions import Action, Verb
from bot.services.questions import Kind
from handlers.conversation import Incoming, Response

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow

CommandHandler = Callable[["Work", "Actor", Incoming], Response]
ButtonHandler = Callable[["Work", "Actor", Incoming, Action], Response]
PickHandler = Callable[["Work", "Actor", "QuestionRow", int], Response]
TextHandler = Callable[["Work", "Actor", "QuestionRow", str], Response]
FileHandler = Callable[["Work", "Actor", "QuestionRow", Incoming], Response]
Question = Callable[[int], Notice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The commands, buttons and questions of one area, each with the function that handles it.

    ``commands`` by name without the slash. ``picks`` take a chosen option of a question, ``texts`` an awaited text,
    ``questions`` make a question's id into what is asked. ``case_picks`` go on with a command, by its name, once one of
    several cases with equal codes was chosen. ``files`` take a file that answers a question (asked with
    ``awaits_text``: a message answers it). ``group_commands`` are obeyed in groups, the others in private alone.
    """

    commands: Mapping[str, CommandHandler] = field(default_factory=dict)
    buttons: Mapping[Verb, ButtonHandler] = field(default_factory=dict)
    picks: Mapping[Kind, PickHandler] = field(default_factory=dict)
    texts: Mapping[Kind, TextHandler] = field(default_factory=dict)
    questions: Mapping[Kind, Question] = field(default_factory=dict)
    case_picks: Mapping[str, PickHandler] = field(default_factory=dict)
    files: Mapping[Kind, FileHandler] = field(default_factory=dict)
    group_commands: Mapping[str, CommandHandler] = field(default_factory=dict)
