"""The Indonesian keys of a SOP file and the fields of the domain they stand for."""

from __future__ import annotations

from typing import Final

from bot.domain.sop import Completion, Field

SOP_FIELDS: Final = {
    "nama": Field.NAME,
    "instansi": Field.OFFICE,
    "nomor": Field.NUMBER,
    "tanggal": Field.DATES,
    "disahkan_oleh": Field.APPROVED_BY,
    "dasar_hukum": Field.LEGAL_BASIS,
    "kualifikasi": Field.QUALIFICATIONS,
    "keterkaitan": Field.RELATED,
    "peralatan": Field.EQUIPMENT,
    "peringatan": Field.WARNINGS,
    "pencatatan": Field.RECORDS,
    "cara_mengatasi": Field.REMEDIES,
    "pelaksana": Field.POSTS,
}
OFFICE_FIELDS: Final = {"nama": Field.OFFICE_NAME, "zona": Field.ZONE}
POST_FIELDS: Final = {"nama": Field.NAME, "atasan": Field.SUPERIOR}
STEP_FIELDS: Final = {
    "nomor": Field.NUMBER,
    "kegiatan": Field.ACTIVITY,
    "pelaksana": Field.POSTS,
    "penyelesaian": Field.COMPLETION,
    "kelengkapan": Field.REQUIREMENTS,
    "waktu": Field.BUDGET,
    "output": Field.OUTPUTS,
    "keputusan": Field.DECISION,
    "tolak_ke": Field.REJECT_TO,
    "keterkaitan": Field.RELATED,
}

READING_KEYS: Final = ("perkiraan", "catatan", "teks_asli")
SOP_KEYS: Final = ("id", "singkatan", *SOP_FIELDS, "langkah", "pengingat", "sumber", "rahasia", *READING_KEYS)
OFFICE_KEYS: Final = ("id", *OFFICE_FIELDS, *READING_KEYS)
POST_KEYS: Final = (*POST_FIELDS, *READING_KEYS)
STEP_KEYS: Final = (*STEP_FIELDS, "strategis", *READING_KEYS)
DATE_KEYS: Final = ("pembuatan", "revisi", "pengesahan", "efektif")
LADDER_KEYS: Final = ("peringatan_awal", "terlambat_setelah", "atasan_minimal", "kepala_setelah")
EARLY_KEYS: Final = ("persen", "waktu_minimal")

COMPLETIONS: Final = {"semua": Completion.ALL, "salah_satu": Completion.ANY}
COMPLETION_WORDS: Final = {completion: word for word, completion in COMPLETIONS.items()}


def field_word(fields: dict[str, Field], field: Field) -> str:
    """Return the Indonesian key of a field; raises StopIteration where the block has no such field."""
    return next(key for key, known in fields.items() if known is field)
