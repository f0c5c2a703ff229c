"""Catalogue: the settings of an office."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import office
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.ChooseSetting: Entry(office.choose_setting, "choose_setting"),
    n.AskSetting: Entry(office.ask_setting, "ask_setting"),
    n.SettingNotRead: Entry(office.setting_not_read, "setting_not_read"),
    n.ConfirmSettings: Entry(office.confirm_settings, "confirm_settings"),
    n.SettingsRefused: Entry(office.settings_refused, "settings_refused"),
    n.SettingsUnchanged: Entry(office.settings_unchanged, "settings_unchanged"),
    n.SettingsChanged: Entry(office.settings_changed, "settings_changed"),
    n.DeadlinesEarlier: Entry(office.deadlines_earlier, "deadlines_earlier"),
}
