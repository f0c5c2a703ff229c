"""One block (mapping) of a SOP file, read key by key; whatever is wrong is noted with its line.

Every method returns a harmless stand-in where it notes a problem, so that reading goes on and a
file's problems are all found at once. What was read from a file with problems is thrown away.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING

from bot.domain.budget import Budget, Unit
from bot.domain.sop import Reading
from bot.sop_files.budget_text import parse_budget
from bot.sop_files.wording import advice, shown
from bot.sop_files.yaml_lines import Mapping, Problem, Refused, Scalar, Sequence, is_empty

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.sop import Field
    from bot.sop_files.yaml_lines import Entry, Node

TEXT_LIMIT = 1000
NAME_LIMIT = 300
NOTE_LIMIT = 2000
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"0|[1-9][0-9]{0,5}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_STAND_IN = Budget(1, Unit.MINUTE)


class Block:
    """The keys of one mapping. ``where`` names it in messages: ``langkah 3``."""

    def __init__(self, mapping: Mapping, where: str, problems: list[Problem]) -> None:
        self.line = mapping.line
        self.where = where
        self.problems = problems
        self._mapping = mapping

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The keys in file order."""
        return self._mapping.entries

    def note(self, line: int, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(line, message))

    def check_keys(self, known: tuple[str, ...]) -> None:
        """Note every key that does not belong here."""
        for entry in self._mapping.entries:
            if entry.key not in known:
                hint = advice(entry.key, known)
                self.note(entry.line, f"Kunci {shown(entry.key)} tidak dikenal di {self.where}; {hint}.")

    def entry(self, key: str) -> Entry | None:
        """Return a key that says something; None where it is absent or empty."""
        found = self._mapping.get(key)
        return None if found is None or is_empty(found.value) else found

    def required(self, key: str) -> Entry | None:
        """Return a key that has to say something, noting where it does not."""
        found = self._mapping.get(key)
        if found is None:
            self.note(self.line, f"Kunci '{key}' belum ada di {self.where}; tambahkan.")
        elif is_empty(found.value):
            self.note(found.line, f"Kunci '{key}' di {self.where} masih kosong; isi nilainya.")
            return None
        return found

    def line_of(self, key: str) -> int:
        """Return the line of a key, or the block's own where the key is absent."""
        found = self._mapping.get(key)
        return found.line if found else self.line

    def name(self, key: str) -> str:
        """Return a required short text, or an empty one with a problem noted."""
        return self._text(self.required(key), NAME_LIMIT) or ""

    def text(self, key: str) -> str:
        """Return a required text, or an empty one with a problem noted."""
        return self._text(self.required(key), TEXT_LIMIT) or ""

    def optional_text(self, key: str, limit: int = TEXT_LIMIT) -> str | None:
        """Return a text, or None where there is none."""
        return self._text(self.entry(key), limit)

    def identifier(self, key: str, shape: re.Pattern[str], form: str) -> str:
        """Return a required id that has to match ``shape``; ``form`` describes it in Indonesian."""
        text = self.name(key)
        if text and not shape.fullmatch(text):
            self.note(self.line_of(key), f"'{key}' di {self.where} tidak sah: {shown(text)}; gunakan {form}.")
        return text

    def choice(self, key: str, known: Iterable[str]) -> str | None:
        """Return one of the known words, or None where the key is absent or wrong."""
        text = self.optional_text(key, NAME_LIMIT)
        if text is None or text in known:
            return text
        choices = ", ".join(known)
        self.note(
            self.line_of(key), f"'{key}' di {self.where} tidak dikenal: {shown(text)}; pilih salah satu: {choices}."
        )
        return None

    def flag(self, key: str) -> bool:
        """Return true or false; false where the key is absent."""
        entry = self.entry(key)
        if entry is None or isinstance(entry.value, Refused):
            return False
        if isinstance(entry.value, Scalar) and entry.value.plain and entry.value.text in _BOOLEANS:
            return _BOOLEANS[entry.value.text]
        self.note(entry.line, f"'{key}' di {self.where} harus true atau false (tanpa tanda kutip).")
        return False

    def whole_number(self, entry: Entry | None, most: int) -> int | None:
        """Return the number 1 to ``most`` that an entry holds, or None with a problem noted."""
        if entry is None or isinstance(entry.value, Refused):
            return None
        value = entry.value
        if (
            isinstance(value, Scalar)
            and value.plain
            and _INTEGER.fullmatch(value.text)
            and 1 <= int(value.text) <= most
        ):
            return int(value.text)
        bare = "" if not isinstance(value, Scalar) or value.plain else ", tanpa tanda kutip"
        self.note(entry.line, f"'{entry.key}' di {self.where} harus bilangan bulat 1 sampai {most}{bare}.")
        return None

    def day(self, key: str) -> date | None:
        """Return a date written YYYY-MM-DD."""
        text = self.optional_text(key, NAME_LIMIT)
        if text is None:
            return None
        # fromisoformat alone would also take 20180928 and 2018-W39-5.
        if _DATE.fullmatch(text):
            with suppress(ValueError):
                return date.fromisoformat(text)
        message = f"'{key}' di {self.where} bukan tanggal: {shown(text)}; tulis tahun-bulan-hari, misalnya 2026-01-31."
        self.note(self.line_of(key), message)
        return None

    def budget(self, key: str) -> Budget:
        """Return a required budget, or a stand-in with a problem noted."""
        entry = self.required(key)
        return self._budget(entry) if entry else _STAND_IN

    def optional_budget(self, key: str, default: Budget) -> Budget:
        """Return a budget, or ``default`` where the key is absent."""
        entry = self.entry(key)
        return self._budget(entry) if entry else default

    def items(self, entry: Entry | None) -> tuple[Node, ...]:
        """Return the nodes of a list, noting anything that is none."""
        if entry is None or isinstance(entry.value, Refused):
            return ()
        if isinstance(entry.value, Sequence):
            return entry.value.items
        self.note(entry.line, f"'{entry.key}' di {self.where} harus berupa daftar (setiap isi diawali '- ').")
        return ()

    def scalars(self, entry: Entry | None, limit: int = TEXT_LIMIT) -> tuple[Scalar, ...]:
        """Return the texts of a list with their lines, each on one line of text."""
        if entry is None:
            return ()
        found = ((node.line, self._one_text(node, node.line, entry.key, limit)) for node in self.items(entry))
        return tuple(Scalar(line, text) for line, text in found if text)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of a list; an absent key is an empty list."""
        return tuple(scalar.text for scalar in self.scalars(self.entry(key)))

    def mapping(self, entry: Entry | None) -> Mapping | None:
        """Return the mapping that an entry holds, noting anything that is none."""
        if entry is None or isinstance(entry.value, Refused):
            return None
        if isinstance(entry.value, Mapping):
            return entry.value
        self.note(entry.line, f"'{entry.key}' di {self.where} harus berupa pasangan 'kunci: nilai'.")
        return None

    def block(self, entry: Entry | None, where: str) -> Block | None:
        """Return the block that an entry holds."""
        mapping = self.mapping(entry)
        return Block(mapping, where, self.problems) if mapping else None

    def reading(self, fields: dict[str, Field], main: str) -> Reading:
        """Return how sure the block's reading is; ``teks_asli`` as a bare text belongs to ``main``."""
        inferred = []
        for scalar in self.scalars(self.entry("perkiraan")):
            if scalar.text in fields:
                inferred.append(fields[scalar.text])
            else:
                self._unknown_field(scalar.line, scalar.text, "perkiraan", fields)
        note = self.optional_text("catatan", NOTE_LIMIT)
        return Reading(tuple(dict.fromkeys(inferred)), self._originals(fields, main), note)

    def _originals(self, fields: dict[str, Field], main: str) -> dict[Field, str]:
        entry = self.entry("teks_asli")
        if entry is None:
            return {}
        if not isinstance(entry.value, Mapping):
            text = self._text(entry, NOTE_LIMIT)
            return {fields[main]: text} if text else {}
        originals = {}
        for original in entry.value.entries:
            if original.key not in fields:
                self._unknown_field(original.line, original.key, "teks_asli", fields)
            elif text := self._text(original, NOTE_LIMIT):
                originals[fields[original.key]] = text
        return originals

    def _unknown_field(self, line: int, word: str, key: str, fields: dict[str, Field]) -> None:
        hint = advice(word, fields)
        self.note(line, f"'{key}' di {self.where} menyebut kolom yang tidak dikenal: {shown(word)}; {hint}.")

    def _text(self, entry: Entry | None, limit: int) -> str | None:
        return self._one_text(entry.value, entry.line, entry.key, limit) if entry else None

    def _one_text(self, node: Node, line: int, key: str, limit: int) -> str | None:
        if isinstance(node, Refused):
            return None
        if not isinstance(node, Scalar):
            self.note(line, f"'{key}' di {self.where} harus berupa teks.")
            return None
        # Line breaks of the file are no part of a text.
        text = " ".join(node.text.split())
        if node.empty:
            self.note(line, f"'{key}' di {self.where} memuat teks kosong; isi atau hapus.")
        elif len(text) > limit:
            self.note(line, f"'{key}' di {self.where} terlalu panjang: {len(text)} huruf, paling banyak {limit}.")
        return text or None

    def _budget(self, entry: Entry) -> Budget:
        text = self._text(entry, NAME_LIMIT)
        if text is None:
            return _STAND_IN
        try:
            return parse_budget(text)
        except ValueError as error:
            self.note(entry.line, f"'{entry.key}' di {self.where} {error} (tertulis {shown(text)}).")
            return _STAND_IN
