"""What a message is made from: the store at the moment of rendering, seen by one recipient."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.posts import SECRETARIAT, HoldingKind
from bot.messages.labels import join, label
from bot.messages.limits import NAME_LIMIT, shorten
from bot.messages.message import Attachment, Button
from bot.services.groups import group_in
from bot.store import queries
from bot.store.tables import BotRow, OfficeRow, PersonRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.domain.sop import Sop, SopId
    from bot.drawing.paper import Paper
    from bot.services.work import Work

    Kinds = Mapping[str, HoldingKind]

NAMES_SHOWN = 3
Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a message: a chat, and the person behind it where the bot knows one."""

    chat_id: int
    person_id: int | None
    admin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a template is filled with; these fields go to the message beside the text (see Message)."""

    buttons: Rows = ()
    force_reply: str | None = None
    reply_to: int | None = None
    attachment: Attachment | None = None
    pin: bool = False
    paper: Paper | None = None


@dataclass(frozen=True)
class View:
    """One transaction, read on behalf of one recipient."""

    work: Work
    recipient: Recipient

    @property
    def session(self) -> Session:
        """The transaction's session."""
        return self.work.session

    @property
    def at(self) -> datetime:
        """The moment of rendering (UTC)."""
        return self.work.at

    @cached_property
    def offices(self) -> tuple[str, ...]:
        """The offices the recipient may look into."""
        if self.recipient.admin:
            return tuple(self.session.scalars(select(OfficeRow.id).order_by(OfficeRow.id)))
        if self.group_office is not None:
            return (self.group_office,)
        if self.recipient.person_id is None:
            return ()
        return queries.offices_of(self.session, self.recipient.person_id, self.at)

    @cached_property
    def group_office(self) -> str | None:
        """The office whose alert group the recipient is; its members read what its sekretariat may."""
        if self.recipient.person_id is not None or self.recipient.chat_id >= 0:
            return None
        group = group_in(self.work, self.recipient.chat_id)
        return group.office_id if group is not None else None

    @property
    def several_offices(self) -> bool:
        """Whether an office has to be named to tell its things apart."""
        return len(self.offices) > 1

    def sop(self, sop_id: SopId) -> Sop | None:
        """Return a definition that is served and belongs to an office the recipient may look into; else None."""
        sop = self.work.library.sops.get(sop_id)
        return sop if sop is not None and sop.office.id in self.offices else None

    def posts_in(self, office_id: str) -> frozenset[str]:
        """Return the posts the recipient holds in an office now."""
        if self.group_office is not None:
            return frozenset({SECRETARIAT} if office_id == self.group_office else ())
        if self.recipient.person_id is None:
            return frozenset()
        return queries.posts_of(self.session, self.recipient.person_id, office_id, self.at)

    def posts_on(self, office_id: str, *, strategic: bool) -> frozenset[str]:
        """Return the posts the recipient may act for on a task now; a strategic one is for definitive holders."""
        if not strategic or self.recipient.person_id is None:
            return self.posts_in(office_id)
        return queries.definitive_posts_of(self.session, self.recipient.person_id, office_id, self.at)

    def is_secretariat(self, office_id: str) -> bool:
        """Whether the recipient administers the office."""
        return self.recipient.admin or SECRETARIAT in self.posts_in(office_id)

    def administers_any(self) -> bool:
        """Whether the recipient administers any office."""
        return self.recipient.admin or any(self.is_secretariat(office) for office in self.offices)

    def person(self, person_id: int) -> str:
        """Return a person's name."""
        return self._name(self.session.get_one(PersonRow, person_id))

    def office(self, office_id: str) -> str:
        """Return an office's name."""
        return shorten(self.work.office_name(office_id), NAME_LIMIT * 2)

    def post(self, office_id: str, post_id: str) -> str:
        """Return a post's name; also of the reserved ones."""
        name = queries.post_names(self.session, office_id).get(post_id)
        if name is None:
            name = label(f"capacity.{post_id}") if post_id in {SECRETARIAT, "admin"} else post_id
        return shorten(name, NAME_LIMIT)

    def post_as(self, office_id: str, post_id: str, kind: HoldingKind) -> str:
        """Return a post as somebody holds it: "Plh. Kepala Dinas"."""
        return label(f"held.{kind}", post=self.post(office_id, post_id))

    def who(self, office_id: str, person_id: int, posts: Collection[str], kinds: Kinds | None = None) -> str:
        """Return "Budi Santoso (Sekretaris)": a person in the capacity they act in.

        ``kinds`` tells which of the posts they held as Plh or Plt.
        """
        held = (kinds or {}).get
        shown = [self.post_as(office_id, post, held(post, HoldingKind.DEFINITIVE)) for post in posts]
        return self._at_posts(self.person(person_id), shown)

    def holders(self, office_id: str, posts: Collection[str], *, strategic: bool = False) -> str:
        """Return who holds each of the posts now, and as what; a post without a holder is named as such.

        Of a ``strategic`` task only the definitive holders are meant.
        """
        groups: dict[tuple[int, ...], list[str]] = {}
        names: dict[tuple[int, ...], str] = {}
        for post in posts:
            held = queries.holders_by_kind(self.session, office_id, post, self.at, strategic=strategic)
            for kind, people in held.items() or [(HoldingKind.DEFINITIVE, [])]:
                key = tuple(person.id for person in people)
                groups.setdefault(key, []).append(self.post_as(office_id, post, kind))
                names[key] = self.names(people)
        shown = [
            self._at_posts(names[key], held) if key else label("person.post_empty", post=join(held))
            for key, held in groups.items()
        ]
        return label("list.groups", items=shown)

    def names(self, people: Sequence[PersonRow]) -> str:
        """Return the names of people; from the fourth on they are counted."""
        names = [self._name(person) for person in people[:NAMES_SHOWN]]
        shown = label("list.comma", items=names)
        left = len(people) - len(names)
        return label("list.more_people", items=shown, count=left) if left else shown

    def secretariat(self, office_id: str) -> str | None:
        """Return the names of an office's sekretariat, or None where there is none."""
        people = queries.secretariat_of(self.session, office_id, self.at)
        return self.names(people) if people else None

    def bot_username(self) -> str | None:
        """Return the username of the bot that serves now: the newest one."""
        return self.session.scalar(select(BotRow.username).order_by(BotRow.id.desc()).limit(1))

    def _at_posts(self, people: str, posts: Sequence[str]) -> str:
        return label("person.at_post", person=people, post=join(posts))

    def _name(self, person: PersonRow) -> str:
        return shorten(person.name, NAME_LIMIT) or label("person.nameless")
