"""What people do with groups: make them, take the bot in and throw it out, open topics, become supergroups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.telegram.membership import RIGHTS, chat_member, tell_of_change
from bot.demo.telegram.model import SUPERGROUP_BASE, Chat, ChatKind, Topic, User
from bot.demo.telegram.people import ImpossibleForAPersonError, person

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.demo.telegram.state import Telegram

_ICON_COLOR = 0x6FB9F0


def create_group(
    telegram: Telegram,
    creator: User,
    title: str,
    members: Iterable[User],
    *,
    supergroup: bool = False,
    forum: bool = False,
    with_bot: bool = True,
) -> Chat:
    """Make a group, a forum being a supergroup with topics."""
    number = sum(1 for known in telegram.chats if known < 0) + 1
    kind = ChatKind.SUPERGROUP if supergroup or forum else ChatKind.GROUP
    base = SUPERGROUP_BASE if kind is ChatKind.SUPERGROUP else -4_000_000
    chat = Chat(base - number, kind, title=title, forum=forum)
    chat.members = {creator.id: "creator", **{user.id: "member" for user in members}}
    telegram.chats[chat.id] = chat
    before = chat_member(telegram, chat, telegram.bot)
    if with_bot:
        chat.members[telegram.bot.id] = "member"
    telegram.announce(chat, creator, {f"{kind.value}_chat_created": True})
    if with_bot:
        tell_of_change(telegram, chat, creator, before, chat_member(telegram, chat, telegram.bot))
    return chat


def upgrade_group(telegram: Telegram, chat: Chat) -> Chat:
    """Turn a group into a supergroup, which gives it another id; the bot hears that it joined the new one."""
    if chat.kind is not ChatKind.GROUP or chat.migrated_to is not None:
        raise ImpossibleForAPersonError("only a plain group becomes a supergroup, and only once")
    creator = person(telegram, next(user for user, status in chat.members.items() if status == "creator"))
    number = sum(1 for known in telegram.chats if known < 0) + 1
    successor = Chat(SUPERGROUP_BASE - number, ChatKind.SUPERGROUP, title=chat.title)
    telegram.chats[successor.id] = successor
    before = chat_member(telegram, successor, telegram.bot)
    successor.members, successor.rights = dict(chat.members), dict(chat.rights)
    telegram.announce(chat, creator, {"migrate_to_chat_id": successor.id})
    if successor.has(telegram.bot.id):
        tell_of_change(telegram, successor, creator, before, chat_member(telegram, successor, telegram.bot))
    telegram.announce(successor, creator, {"migrate_from_chat_id": chat.id})
    chat.migrated_to = successor.id
    return successor


def add(telegram: Telegram, chat: Chat, who: User, by: User) -> None:
    """Take somebody, or the bot, into a group."""
    _check_there(chat, by)
    if chat.has(who.id):
        raise ImpossibleForAPersonError(f"{who.name} is in the group already")
    _change(telegram, chat, who, by, "member")
    telegram.announce(chat, by, {"new_chat_members": [who.api()]})


def remove(telegram: Telegram, chat: Chat, who: User, by: User, *, banned: bool = True) -> None:
    """Throw somebody, or the bot, out of a group; without ``banned`` they have left and may come back by themselves."""
    if who is not by:
        _check_manages(chat, by)
    if not chat.has(who.id):
        raise ImpossibleForAPersonError(f"{who.name} is not in the group")
    _change(telegram, chat, who, by, "kicked" if banned else "left")
    if who is not telegram.bot:
        telegram.announce(chat, by, {"left_chat_member": who.api()})


def make_admin(telegram: Telegram, chat: Chat, who: User, by: User, *, without: Iterable[str] = ()) -> None:
    """Make somebody, or the bot, an administrator who may everything but what ``without`` names."""
    _check_manages(chat, by)
    withheld = frozenset(without)
    if not withheld <= RIGHTS:
        raise ImpossibleForAPersonError(f"administrators have no such rights: {', '.join(sorted(withheld - RIGHTS))}")
    if withheld and chat.kind is ChatKind.GROUP:
        raise ImpossibleForAPersonError("in a plain group an administrator may everything; make it a supergroup first")
    _change(telegram, chat, who, by, "administrator", rights=RIGHTS - withheld)


def dismiss_admin(telegram: Telegram, chat: Chat, who: User, by: User) -> None:
    """Make an administrator an ordinary member again."""
    _check_manages(chat, by)
    _change(telegram, chat, who, by, "member")


def open_topic(telegram: Telegram, chat: Chat, by: User, name: str) -> int:
    """Begin a topic in a forum and return its number."""
    _check_there(chat, by)
    if not chat.forum:
        raise ImpossibleForAPersonError("the group has no topics")
    # A topic goes by the number of the message that begins it, which has to be known before the bot is told.
    number = chat.last_id + 1
    chat.topics[number] = Topic(name)
    telegram.announce(chat, by, {"forum_topic_created": {"name": name, "icon_color": _ICON_COLOR}}, topic=number)
    return number


def close_topic(telegram: Telegram, chat: Chat, by: User, number: int, *, closed: bool = True) -> None:
    """Close a topic, in which only administrators may write then, or open it again."""
    _check_manages(chat, by)
    _topic(chat, number).closed = closed
    telegram.announce(chat, by, {"forum_topic_closed" if closed else "forum_topic_reopened": {}}, topic=number)


def delete_topic(telegram: Telegram, chat: Chat, by: User, number: int) -> None:
    """Delete a topic with everything said in it; nobody is told."""
    _check_manages(chat, by)
    _topic(chat, number)
    for message in chat.messages.values():
        if message.topic == number and not message.deleted:
            telegram.remove(message)
    del chat.topics[number]


def _topic(chat: Chat, number: int) -> Topic:
    try:
        return chat.topics[number]
    except KeyError:
        raise ImpossibleForAPersonError(f"there is no topic {number} in the chat") from None


def _change(
    telegram: Telegram, chat: Chat, who: User, by: User, status: str, *, rights: frozenset[str] = frozenset()
) -> None:
    before = chat_member(telegram, chat, who)
    chat.members[who.id], chat.rights[who.id] = status, rights
    if who is telegram.bot:
        tell_of_change(telegram, chat, by, before, chat_member(telegram, chat, who))
    else:
        telegram.changed()


def _check_there(chat: Chat, by: User) -> None:
    if chat.kind is ChatKind.PRIVATE or not chat.has(by.id):
        raise ImpossibleForAPersonError(f"{by.name} is in no group {chat.id}")


def _check_manages(chat: Chat, by: User) -> None:
    _check_there(chat, by)
    if not chat.manages(by.id):
        raise ImpossibleForAPersonError(f"{by.name} is no administrator of the group")
