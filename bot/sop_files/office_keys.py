"""The Indonesian keys of an office's own file and what they stand for."""

from __future__ import annotations

from typing import Final

from bot.domain.office_rules import Fault
from bot.domain.reminders import Audience, ReminderKind
from bot.domain.worktime import DayKind

DAYS: Final = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")
FIVE_DAYS, SIX_DAYS_WORD = "lima_hari", "enam_hari"
NO_WORK: Final = "libur"

KEY_OF: Final = {
    "hours": "jam_kerja",
    "ramadan_hours": "jam_ramadan",
    "ramadan": "ramadan",
    "holidays": "libur",
    "ladders": "pengingat",
    "audiences": "diberi_tahu",
    "quiet": "jam_tenang",
    "via_secretary": "lewat_jabatan",
    "chief_cap": "batas_pesan_pimpinan",
    "hold_reminder_days": "pengingat_jeda",
    "objection": "waktu_keberatan",
    "recorders": "pencatat",
    "extension_max": "perpanjangan_terlama",
}
"""The key of each field of OfficeRules; ``holidays`` has the other ones of DATED besides."""

DATED: Final = {
    "libur": DayKind.LOCAL_HOLIDAY,
    "cuti_bersama": DayKind.JOINT_LEAVE,
    "hari_kerja": DayKind.CANCELLED,
    "jam_khusus": DayKind.SPECIAL_HOURS,
}
TOP_KEYS: Final = ("instansi", *dict.fromkeys((*KEY_OF.values(), *DATED)))
AUDIENCES: Final = {
    "pelaksana": Audience.HOLDERS,
    "sekretariat": Audience.SECRETARIAT,
    "atasan": Audience.SUPERIOR,
    "pimpinan": Audience.HEAD,
}
KINDS: Final = {
    "peringatan_awal": ReminderKind.EARLY,
    "waktu_habis": ReminderKind.DUE,
    "terlambat": ReminderKind.LATE,
    "eskalasi_atasan": ReminderKind.SUPERIOR,
    "eskalasi_pimpinan": ReminderKind.HEAD,
}
LADDER_PLACES: Final = ("semua", "sop")
STEPS: Final = "langkah"

FAULTS: Final = {
    Fault.NO_HOURS: "Tidak ada satu pun jam kerja; isi sedikitnya satu hari.",
    Fault.FASTING_LENGTH: "Ramadan lamanya {detail} hari, seharusnya 29 atau 30.",
    Fault.FASTING_TWICE: "Ramadan mulai {detail} tumpang tindih dengan yang lain; hapus salah satu.",
    Fault.NOT_A_HOLIDAY: "{detail} bukan hari libur; untuk hari kerja tambahan pakai jam_khusus.",
    Fault.HOLDERS_LEFT_OUT: "Pelaksana selalu diberi tahu bila waktunya habis; tambahkan 'pelaksana'.",
    Fault.QUIET_EMPTY: "Jam tenang mulai dan selesai pada saat yang sama; tulis misalnya '20:00-06:00'.",
    Fault.QUIET_ALL_WORK: "Jam tenang mencakup seluruh jam kerja, sehingga tidak ada pengingat; persempit.",
    Fault.UNKNOWN_POST: "Jabatan '{detail}' bukan salah satu pelaksana instansi ini.",
    Fault.HEAD_BEFORE_HEAD: "'{detail}' adalah pimpinan sendiri; pilih jabatan lain, misalnya sekretaris.",
    Fault.UNKNOWN_SOP: "SOP '{detail}' bukan SOP instansi ini.",
    Fault.UNKNOWN_STEP: "Langkah '{detail}' tidak ada di SOP itu.",
    Fault.PERCENT: "Persen {detail} di luar 1 sampai 99 atau ditulis dua kali.",
    Fault.CHIEF_CAP: "Batas pesan pimpinan harus 1 sampai 100, bukan {detail}.",
    Fault.HOLD_DAYS: "Pengingat jeda harus 1 sampai 60 hari kerja, bukan {detail}.",
}
"""What an office cannot set, in words."""
