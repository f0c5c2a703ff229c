"""/undang and /cabut: who takes a post, who loses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import ChooseHolding, ChoosePost, ConfirmRemoval, NothingToRemove, QuestionDropped
from bot.messages.actions import Action, Verb
from bot.services.act import person_of
from bot.services.authorise import Capability, offices_where
from bot.services.holdings import removable, remove_holding
from bot.services.invitations import invite
from bot.services.office_posts import posts_of_office
from bot.services.questions import Kind, ask, settle
from bot.services.work import Refusal
from bot.store import queries
from handlers.area import Area
from handlers.conversation import Incoming, Response, said

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow


def undang(work: Work, actor: Actor, _incoming: Incoming) -> Response:
    """Let the sekretariat choose the post to invite for."""
    offices = offices_where(work, actor, Capability.INVITE)
    options = [[office, post] for office in offices for post in posts_of_office(work, office)]
    return said(ChoosePost(ask(work, person_of(actor), Kind.CHOOSE_POST, {"options": options}).id))


def picked_post(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Make the invitation for the chosen post."""
    office_id, post_id = question.about["options"][index]
    link = invite(work, actor, office_id, post_id)
    settle(work, question, {"office_id": office_id, "post_id": post_id})
    return said(link)


def cabut(work: Work, actor: Actor, _incoming: Incoming) -> Response:
    """Let the sekretariat choose whom to take off which post."""
    offices = offices_where(work, actor, Capability.REMOVE)
    options = [h.id for office in offices for h in queries.lasting_holdings(work.session, office, work.at)]
    if not options:
        raise Refusal(NothingToRemove())
    return said(ChooseHolding(ask(work, person_of(actor), Kind.CHOOSE_HOLDING, {"options": options}).id))


def picked_holding(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Ask for the confirmation."""
    settle(work, question, {"index": index})
    return said(_confirm(work, actor, question.about["options"][index]))


def pressed_remove(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Ask for the confirmation, from the notice of a used invitation."""
    return said(_confirm(work, actor, action.subject))


def confirmed_removal(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Take the person off the post, or leave everything as it is."""
    settle(work, question, {"index": index})
    if index != 0:
        return Response(edit=QuestionDropped(), toast=QuestionDropped())
    return said(remove_holding(work, actor, question.about["holding_id"]))


def _confirm(work: Work, actor: Actor, holding_id: int) -> ConfirmRemoval:
    removable(work, actor, holding_id)
    about = {"holding_id": holding_id}
    return ConfirmRemoval(ask(work, person_of(actor), Kind.CONFIRM_REMOVAL, about).id)


AREA = Area(
    commands={"undang": undang, "cabut": cabut},
    buttons={Verb.REMOVE: pressed_remove},
    picks={
        Kind.CHOOSE_POST: picked_post,
        Kind.CHOOSE_HOLDING: picked_holding,
        Kind.CONFIRM_REMOVAL: confirmed_removal,
    },
    questions={
        Kind.CHOOSE_POST: ChoosePost,
        Kind.CHOOSE_HOLDING: ChooseHolding,
        Kind.CONFIRM_REMOVAL: ConfirmRemoval,
    },
)
