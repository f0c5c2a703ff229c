"""Catalogue: people and posts."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import people
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.InvitationLink: Entry(people.invitation_link, "invitation_link"),
    n.InvitationAccepted: Entry(people.invitation_accepted, "invitation_accepted"),
    n.InvitationUsed: Entry(people.invitation_used, "invitation_used"),
    n.InvitationRefused: Entry(people.invitation_refused, "invitation_refused"),
    n.HoldingRemoved: Entry(people.holding_removed, "holding_removed"),
    n.PostLost: Entry(people.post_lost, "post_lost"),
    n.EmptyPosts: Entry(people.empty_posts, "empty_posts"),
    n.PersonUnreachable: Entry(people.person_unreachable, "person_unreachable"),
}
