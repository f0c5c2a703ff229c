"""The reminder ladder of a SOP, of an office or of a step, as a file states it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.reminders import DEFAULT_LADDER, EarlyRung, Ladder
from bot.sop_files import keys
from bot.sop_files.block import Block
from bot.sop_files.yaml_lines import Mapping

if TYPE_CHECKING:
    from collections.abc import Collection


def read_ladder(block: Block, others: Collection[str] = ()) -> Ladder:
    """Return the ladder of a block that may hold ``others`` besides; what it leaves out is as by default."""
    block.check_keys((*keys.LADDER_KEYS, *others))
    return Ladder(
        early=_early(block),
        late_after=block.optional_budget("terlambat_setelah", DEFAULT_LADDER.late_after),
        superior_minimum=block.optional_budget("atasan_minimal", DEFAULT_LADDER.superior_minimum),
        head_after=block.optional_budget("kepala_setelah", DEFAULT_LADDER.head_after),
    )


def _early(ladder: Block) -> tuple[EarlyRung, ...]:
    entry = ladder.entry("peringatan_awal")
    if entry is None:
        return DEFAULT_LADDER.early
    rungs: dict[int, EarlyRung] = {}
    for node in ladder.items(entry):
        if not isinstance(node, Mapping):
            ladder.note(node.line, "Isi 'peringatan_awal' harus berupa {persen: …, waktu_minimal: …}.")
            continue
        block = Block(node, "peringatan_awal", ladder.problems)
        block.check_keys(keys.EARLY_KEYS)
        percent = block.whole_number(block.required("persen"), 99) or 0
        if percent in rungs:
            block.note(block.line_of("persen"), f"'persen' {percent} ditulis dua kali di peringatan_awal; hapus satu.")
        rungs[percent] = EarlyRung(percent, block.budget("waktu_minimal"))
    return tuple(rungs.values())
