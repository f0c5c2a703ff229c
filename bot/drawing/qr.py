"""QR codes as plain data: a sheet draws the modules itself, so that nothing but JSON enters it."""

from __future__ import annotations

import segno


def qr(text: str) -> list[str]:
    """Return the rows of a QR code, "1" for a dark module, without the quiet zone around it.

    A quarter of it (error correction Q) may be lost to a stamp or a fold. Raises segno.DataOverflowError for
    what no QR code holds.
    """
    code = segno.make(text, error="q", micro=False, boost_error=False)
    return ["".join(str(int(bool(module))) for module in row) for row in code.matrix]
