"""The Bot API's methods about chats, members, files and the webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.telegram.membership import chat_member
from bot.demo.telegram.refusals import bad_request
from bot.demo.telegram.targets import readable_chat
from bot.demo.telegram.updates import Webhook

if TYPE_CHECKING:
    from bot.demo.telegram.entities import Json
    from bot.demo.telegram.parameters import Parameters
    from bot.demo.telegram.state import Telegram

MAX_DOWNLOAD = 20 * 1024 * 1024


def get_chat(telegram: Telegram, parameters: Parameters) -> Json:
    """Return the chat in full."""
    chat = readable_chat(telegram, parameters)
    gifts = {"unlimited_gifts": True, "limited_gifts": True, "unique_gifts": True, "premium_subscription": True}
    accepted = {**gifts, "gifts_from_channels": True}
    full = {**chat.api(), "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": accepted}
    pinned = chat.live(max(chat.pinned, default=None))
    return {**full, "pinned_message": pinned.api(nested=True)} if pinned else full


def get_chat_member(telegram: Telegram, parameters: Parameters) -> Json:
    """Return how a person belongs to the chat."""
    chat = readable_chat(telegram, parameters)
    person = telegram.bot if parameters.integer("user_id") == telegram.bot.id else None
    person = person or telegram.users.get(parameters.integer("user_id"))
    if person is None:
        raise bad_request("PARTICIPANT_ID_INVALID")
    return chat_member(telegram, chat, person)


def get_file(telegram: Telegram, parameters: Parameters) -> Json:
    """Return where a file can be downloaded; Telegram gives bots 20 MB at most."""
    file_id = parameters.text("file_id")
    if not file_id:
        raise bad_request("file_id not specified")
    file = telegram.files.get(file_id)
    if file is None:
        raise bad_request("invalid file_id")
    if file.size > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return {**file.api(), "file_path": file.path}


def set_webhook(telegram: Telegram, parameters: Parameters) -> bool:
    """Push updates to a url, or stop where the url is empty."""
    if not parameters.text("url"):
        return delete_webhook(telegram, parameters)
    webhook = Webhook(
        url=parameters.text("url"),
        secret=parameters.text("secret_token"),
        max_connections=max(1, min(parameters.integer("max_connections", 40), 100)),
    )
    telegram.updates.set_webhook(webhook, parameters.texts("allowed_updates", "allowed updates"))
    _drop_pending(telegram, parameters)
    return True


def delete_webhook(telegram: Telegram, parameters: Parameters) -> bool:
    """Stop pushing updates."""
    telegram.updates.delete_webhook()
    _drop_pending(telegram, parameters)
    return True


def get_webhook_info(telegram: Telegram, _: Parameters) -> Json:
    """Return url, backlog and last failure of the webhook."""
    updates = telegram.updates
    info: Json = {
        "url": updates.webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(updates.pending),
    }
    if updates.webhook.url:
        info["max_connections"] = updates.webhook.max_connections
    if updates.webhook.error:
        info["last_error_date"] = updates.webhook.error_date
        info["last_error_message"] = updates.webhook.error
    if updates.allowed:
        info["allowed_updates"] = sorted(updates.allowed)
    return info


def _drop_pending(telegram: Telegram, parameters: Parameters) -> None:
    if parameters.flag("drop_pending_updates"):
        telegram.updates.pending.clear()
    telegram.changed()
