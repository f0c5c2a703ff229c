"""Catalogue: the sekretariat's group, its board and the digests."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import board, monitor, refusals
from bot.messages.catalogue.entry import Entries, Entry
from bot.messages.monitor_digests import morning_digest, week_summary

ENTRIES: Entries = {
    n.AlertsHere: Entry(monitor.alerts_here, "alerts_here"),
    n.AlertsLeft: Entry(monitor.alerts_left, "alerts_left"),
    n.AlertsReleased: Entry(monitor.alerts_released, "alerts_released"),
    n.AlertsWhere: Entry(monitor.alerts_where, "alerts_where"),
    n.NoAlertGroup: Entry(refusals.plain, "no_alert_group"),
    n.GroupTaken: Entry(refusals.plain, "group_taken"),
    n.ChooseOffice: Entry(monitor.choose_office, "choose_office"),
    n.ChooseOfficeInPrivate: Entry(monitor.about_bot, "choose_office_in_private"),
    n.GroupLost: Entry(monitor.group_lost, "group_lost"),
    n.PinRight: Entry(monitor.pin_right, "pin_right"),
    n.Board: Entry(board.board, "board"),
    n.BoardClosed: Entry(refusals.plain, "board_closed"),
    n.BoardReleased: Entry(refusals.plain, "board_released"),
    n.MorningDigest: Entry(morning_digest, "morning_digest"),
    n.WeekSummary: Entry(week_summary, "week_summary"),
}
