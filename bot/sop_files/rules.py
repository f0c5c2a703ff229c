"""What has to hold inside one SOP file: between its posts, and between its steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.posts import SECRETARIAT
from bot.sop_files.wording import advice, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from bot.domain.sop import Post, PostId, Step
    from bot.sop_files.block import Block
    from bot.sop_files.yaml_lines import Scalar

_LOOP_SHOWN = 10


@dataclass(frozen=True, slots=True)
class PostEntry:
    """A post and where it stands. ``readable`` is false where the entry was no block at all."""

    post: Post
    line: int
    block: Block
    readable: bool = True


@dataclass(frozen=True, slots=True)
class StepEntry:
    """A step and where it stands; number 0 where the file's is unreadable."""

    step: Step
    block: Block
    posts: tuple[Scalar, ...]


def check_posts(top: Block, entries: Sequence[PostEntry]) -> None:
    """Check that the posts form one tree under one head."""
    known = dict.fromkeys(entry.post.id for entry in entries)
    for entry in entries:
        if entry.post.id == SECRETARIAT:
            top.note(entry.line, f"Id '{SECRETARIAT}' khusus untuk pengawas berkas; beri jabatan ini id lain.")
        superior = entry.post.superior
        if superior is not None and superior not in known:
            hint = advice(superior, [post for post in known if post != entry.post.id])
            message = f"Atasan {shown(superior)} di {entry.block.where} bukan salah satu pelaksana; {hint}."
            top.note(entry.block.line_of("atasan"), message)
    _check_cycles(top, entries)
    _check_head(top, entries)


def _check_cycles(top: Block, entries: Sequence[PostEntry]) -> None:
    superiors = {entry.post.id: entry.post.superior for entry in entries}
    places = {entry.post.id: place for place, entry in enumerate(entries)}
    seen: set[PostId] = set()
    for entry in entries:
        path = _way_up(entry.post.id, superiors, seen)
        seen.update(path)
        meeting = superiors[path[-1]] if path else None
        if meeting in path:
            cycle = path[path.index(meeting) :]
            first = min(cycle, key=places.__getitem__)
            start = cycle.index(first)
            line = entries[places[first]].block.line_of("atasan")
            top.note(line, f"Atasan berputar: {_loop([*cycle[start:], *cycle[:start]])}; perbaiki salah satunya.")


def _loop(cycle: list[PostId]) -> str:
    names = [shown(post)[1:-1] for post in cycle]
    if len(names) > _LOOP_SHOWN:
        names[_LOOP_SHOWN:] = ["…"]
    return " → ".join([*names, names[0]])


def _way_up(start: PostId, superiors: dict[PostId, PostId | None], seen: set[PostId]) -> list[PostId]:
    """Return the posts from ``start`` upwards that were not ``seen`` before, each once."""
    path: dict[PostId, None] = {}
    current: PostId | None = start
    while current in superiors and current not in seen and current not in path:
        path[current] = None
        current = superiors[current]
    return list(path)


def _check_head(top: Block, entries: Sequence[PostEntry]) -> None:
    heads = [entry for entry in entries if entry.readable and entry.block.entry("atasan") is None]
    if not heads and all(entry.readable for entry in entries):
        line = top.line_of("pelaksana")
        top.note(line, "Tidak ada pelaksana tanpa atasan; tepat satu, yaitu pimpinan instansi, harus tanpa 'atasan'.")
    for extra in heads[1:]:
        message = (
            f"Pelaksana {shown(extra.post.id)} tanpa atasan, padahal {shown(heads[0].post.id)} juga; "
            "hanya pimpinan instansi yang tanpa atasan, jadi tambahkan 'atasan'."
        )
        top.note(extra.line, message)


def check_steps(top: Block, entries: Sequence[StepEntry], posts: Collection[PostId]) -> None:
    """Check the numbers, the posts and the ways back of the steps."""
    _check_numbers(top, entries)
    for entry in entries:
        _check_step_posts(top, entry, posts)
    for index, entry in enumerate(entries):
        for line, message in _way_back(entries, index):
            entry.block.note(line, message)


def _check_numbers(top: Block, entries: Sequence[StepEntry]) -> None:
    lines: dict[int, int] = {}
    highest = 0
    for entry in entries:
        number, line = entry.step.number, entry.block.line_of("nomor")
        if number == 0:
            continue
        if number in lines:
            top.note(line, f"Nomor langkah {number} dipakai dua kali (pertama di baris {lines[number]}).")
        elif number < highest:
            top.note(line, f"Nomor langkah harus naik: {number} berdiri sesudah {highest}.")
        lines.setdefault(number, line)
        highest = max(highest, number)


def _check_step_posts(top: Block, entry: StepEntry, known: Collection[PostId]) -> None:
    seen: set[PostId] = set()
    for scalar in entry.posts:
        if scalar.text in seen:
            top.note(
                scalar.line, f"Pelaksana {shown(scalar.text)} disebut dua kali di {entry.block.where}; hapus satu."
            )
        elif known and scalar.text not in known:
            hint = advice(scalar.text, known)
            top.note(scalar.line, f"Pelaksana {shown(scalar.text)} di {entry.block.where} tidak dikenal; {hint}.")
        seen.add(scalar.text)


def _way_back(entries: Sequence[StepEntry], index: int) -> Iterator[tuple[int, str]]:
    """Yield what is wrong with the decision and the ``tolak_ke`` of one step."""
    entry = entries[index]
    block, target = entry.block, entry.step.reject_to
    if index == 0 and entry.step.decision:
        yield block.line_of("keputusan"), "Langkah pertama tidak dapat berupa keputusan; hapus 'keputusan'."
    if target is None:
        return
    line = block.line_of("tolak_ke")
    places = [place for place, other in enumerate(entries) if other.step.number == target]
    if index == 0:
        yield line, "Langkah pertama tidak dapat ditolak; hapus 'tolak_ke'."
    elif target == entry.step.number:
        yield line, f"'tolak_ke' di {block.where} menunjuk langkah itu sendiri; tunjuk langkah sebelumnya."
    elif not places:
        yield line, f"'tolak_ke' di {block.where} menunjuk langkah {target} yang tidak ada."
    elif places[0] > index:
        yield (
            line,
            f"'tolak_ke' di {block.where} menunjuk langkah {target} yang baru sesudahnya; tunjuk langkah sebelumnya.",
        )
