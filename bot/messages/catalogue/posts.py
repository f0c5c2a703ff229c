"""Catalogue: posts over time: who stands in, who hands over, who holds what until when."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import mutations, posts, standins
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.StrategicOnly: Entry(posts.strategic_only, "strategic_only"),
    n.ClaimTold: Entry(posts.claim_told, "claim_told"),
    n.ChooseAbsent: Entry(standins.choose_absent, "choose_absent"),
    n.ChooseStandin: Entry(standins.choose_standin, "choose_standin"),
    n.AskFirstDay: Entry(standins.ask_first_day, "ask_first_day"),
    n.AskLastDay: Entry(standins.ask_last_day, "ask_last_day"),
    n.AskLetter: Entry(standins.ask_letter, "ask_letter"),
    n.ConfirmStandin: Entry(standins.confirm_standin, "confirm_standin"),
    n.InviteFirst: Entry(standins.plain, "invite_first"),
    n.NobodyToStandIn: Entry(standins.nobody_to_stand_in, "nobody_to_stand_in"),
    n.DayUnclear: Entry(standins.day_unclear, "day_unclear"),
    n.StandinRefused: Entry(standins.standin_refused, "standin_refused"),
    n.StandinSet: Entry(standins.standin_set, "standin_set"),
    n.StandinBegan: Entry(standins.standin_began, "standin_began"),
    n.StandinEnded: Entry(standins.standin_ended, "standin_ended"),
    n.ChooseMove: Entry(mutations.choose_move, "choose_move"),
    n.ChooseSuccessor: Entry(mutations.choose_successor, "choose_successor"),
    n.ConfirmMove: Entry(mutations.confirm_move, "confirm_move"),
    n.Handover: Entry(mutations.handover, "handover"),
    n.PostMoved: Entry(mutations.post_moved, "post_moved"),
}
