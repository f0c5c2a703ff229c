"""The system's Chromium, found and driven; by itself it says where that is, or what is missing.

``python tests/browser/chromium.py`` prints the program's path, exit code 1 where there is none.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "Chromium tidak ditemukan. Di Debian/Ubuntu: apt install chromium. "
    "Bila terpasang di tempat lain: CHROMIUM=/jalur/ke/chromium make test-browser"
)


class NoChromiumError(Exception):
    """No Chromium on this machine; the text says what to do."""


def chromium() -> str:
    """Return the path of the program: ``CHROMIUM`` where that is set, else what is on the path.

    Raises NoChromiumError.
    """
    named = os.environ.get("CHROMIUM")
    found = (shutil.which(name) for name in ([named] if named else NAMES))
    path = next(filter(None, found), None)
    if path is None:
        raise NoChromiumError(f"CHROMIUM={named} tidak dapat dijalankan. {MISSING}" if named else MISSING)
    return path


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Run a headless browser that knows no host but this machine; raises NoChromiumError."""
    path = chromium()
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a checkout without the tools only wants the path

    arguments = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--force-color-profile=srgb"]
    # Its sandbox does not work for root, and needs what containers rarely allow.
    sandbox = hasattr(os, "geteuid") and os.geteuid() != 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments, chromium_sandbox=sandbox)
        try:
            yield browser
        finally:
            browser.close()


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{chromium()}\n")
    except NoChromiumError as error:
        sys.exit(str(error))
