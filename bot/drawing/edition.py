"""Which drawings the same data give: another release may draw them otherwise."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

_HERE = Path(__file__).parent
_READ = {".py", ".typ"}


@cache
def edition() -> str:
    """Return what changes with the templates, the fonts and whoever draws (hexadecimal)."""
    found = sha256("".join(version(name) for name in ("typst", "openpyxl", "icalendar")).encode())
    for file in sorted(_HERE.rglob("*")):
        if not file.is_file() or "__pycache__" in file.parts:
            continue
        found.update(f"\n{file.relative_to(_HERE).as_posix()} {file.stat().st_size}\n".encode())
        if file.suffix in _READ:
            found.update(file.read_bytes())
    return found.hexdigest()
