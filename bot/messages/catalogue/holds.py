"""Catalogue: holds, and the moves of the sekretariat."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import holds
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.OnHold: Entry(holds.on_hold, "on_hold"),
    n.NotOnHold: Entry(holds.refused, "not_on_hold"),
    n.MoveRefused: Entry(holds.refused, "move_refused"),
    n.ReturnRefused: Entry(holds.refused, "return_refused"),
    n.NoneToSteer: Entry(holds.none_to_steer, "none_to_steer"),
    n.ChooseRunning: Entry(holds.choose_running, "choose_running"),
    n.AskHoldReason: Entry(holds.ask_hold_reason, "ask_hold_reason"),
    n.HoldRecorded: Entry(holds.hold_recorded, "hold_recorded"),
    n.HoldTold: Entry(holds.hold_told, "hold_told"),
    n.ResumeRecorded: Entry(holds.resume_recorded, "resume_recorded"),
    n.ResumeTold: Entry(holds.resume_told, "resume_told"),
    n.ChooseMoveFrom: Entry(holds.choose_move, "choose_move_from"),
    n.ChooseMoveTo: Entry(holds.choose_move, "choose_move_to"),
    n.AskMoveReason: Entry(holds.ask_move_reason, "ask_move_reason"),
    n.MoveRecorded: Entry(holds.moved, "move_recorded"),
    n.MoveTold: Entry(holds.moved, "move_told"),
    n.ChooseReturn: Entry(holds.choose_return, "choose_return"),
    n.AskReturnReason: Entry(holds.ask_return_reason, "ask_return_reason"),
    n.ConfirmReturn: Entry(holds.confirm_return, "confirm_return"),
    n.ReturnRecorded: Entry(holds.returned, "return_recorded"),
    n.ReturnTold: Entry(holds.returned, "return_told"),
}
