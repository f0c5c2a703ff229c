"""A browser window with the demo's page in it, by the names that a screen reader would say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Dialog,
        Frame,
        Locator,
        Page,
        Request,
        Response,
    )

LAPTOP = (1366, 768)
MOBILE = (390, 844)
PATIENCE = 20_000
"""How long something awaited may take to be seen, in milliseconds."""

_LOOKS = Path(__file__).with_name("looks.js").read_text(encoding="utf-8")
_MOST_TABS = 150
_ABORTED = "net::ERR_ABORTED"  # what the page itself gave up, a stream that it opens anew

expect.set_options(timeout=PATIENCE)


class Phone:
    """One official's phone on the page."""

    def __init__(self, region: Locator) -> None:
        self.region = region
        self.log = region.get_by_role("log")
        self.field = region.get_by_role("textbox", name=re.compile("^Pesan "))

    @property
    def name(self) -> str:
        """The official with their post, as a screen reader says them."""
        return self.region.get_attribute("aria-label") or ""

    def says(self, text: str) -> None:
        """Write a text and send it."""
        self.field.fill(text)
        self.region.get_by_role("button", name="Kirim", exact=True).click()

    def button(self, label: str) -> Locator:
        """Return the newest inline button of that label."""
        return self.log.get_by_role("button", name=label, exact=True).last

    def presses(self, label: str) -> None:
        """Press the newest inline button of that label, as soon as it is there."""
        self.button(label).click(timeout=PATIENCE)

    def completes(self) -> str:
        """Complete the newest open card and wait until it is seen to be done; returns what stood on it."""
        button = self.region.page.get_by_role("button", name="Selesai", exact=True)
        card = self.bubbles.filter(has=button).last
        text, number = card.inner_text(), card.get_attribute("data-message")
        self.presses("Selesai")
        same = self.log.locator(f'[data-message="{number}"]')
        expect(same.get_by_role("button", name="Selesai", exact=True)).to_have_count(0)
        return text

    def attaches(self, file: Path) -> None:
        """Choose a file and send it."""
        self.region.locator("input[type=file]").set_input_files(file)
        self.region.get_by_role("button", name="Kirim", exact=True).click()

    def sees(self, text: str | re.Pattern[str]) -> None:
        """Wait until the chat shows a text."""
        expect(self.log).to_contain_text(text)

    def messages(self) -> list[str]:
        """Return what the bubbles say now, oldest first."""
        return self.bubbles.locator(".bubble").all_inner_texts()

    @property
    def bubbles(self) -> Locator:
        """The bubbles of the chat."""
        return self.log.get_by_role("article")


class Screen:
    """One window; everything the page complains about is kept."""

    def __init__(self, context: BrowserContext, base_url: str, sop: str) -> None:
        self.context = context
        self.base_url = base_url
        self.sop = sop
        self.page: Page = context.new_page()
        self.console: list[str] = []
        self.wrong: list[str] = []
        self.forgiven: list[re.Pattern[str]] = []
        self.page.on("dialog", self._asked)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(f"exception: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def opens(self) -> Screen:
        """Go to the page and wait until its phones are there."""
        self.page.goto(f"{self.base_url}/?sop={self.sop}")
        expect(self.page.get_by_role("log").first).to_be_visible()
        expect(self.clock.get_by_role("button").first).to_be_visible()
        return self

    def forgives(self, pattern: str) -> None:
        """Take a complaint that the test provokes."""
        self.forgiven.append(re.compile(pattern))

    def complaints(self) -> list[str]:
        """Return what went wrong and was not provoked."""
        return [line for line in self.wrong if not any(pattern.search(line) for pattern in self.forgiven)]

    # --- doing --------------------------------------------------------------------------------

    def starts(self, title: str) -> None:
        """Let the sekretariat start a case."""
        self.phone("Sekretariat").says(f"/mulai {self.sop} {title}")

    # --- what is on it ------------------------------------------------------------------------

    def phone(self, title: str) -> Phone:
        """Return the phone of a post's holder, by the post's title."""
        return Phone(self.page.get_by_role("region", name=re.compile(rf"\({re.escape(title)}\)$")))

    def phones(self) -> list[Phone]:
        """Return the phones shown."""
        regions = self.page.get_by_role("region").filter(has=self.page.get_by_role("log")).locator("visible=true")
        return [self._named(name) for name in regions.evaluate_all("all => all.map(one => one.ariaLabel)")]

    def takes_turns(self) -> Phone | None:
        """Return a phone with a card that waits to be completed, None where no phone shows any."""
        open_cards = self.page.get_by_role("log").get_by_role("button", name="Selesai", exact=True)
        names = open_cards.evaluate_all("all => all.map(one => one.closest('section').ariaLabel)")
        return self._named(names[0]) if names else None

    def _named(self, name: str) -> Phone:
        return Phone(self.page.get_by_role("region", name=name, exact=True))

    @property
    def clock(self) -> Locator:
        """The bar with the office's clock."""
        return self.page.get_by_role("toolbar", name="Jam", exact=True)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """Return a button of the page itself."""
        return self.page.get_by_role("button", name=name, exact=True)

    def turns_to(self, title: str) -> None:
        """Show the phone of a post's holder: by its tab where only one phone has room, else by its checkbox."""
        if not self.phone(title).region.is_visible():
            tab = self.page.get_by_role("button", name=re.compile(rf"\({re.escape(title)}\)"))
            box = self.page.get_by_role("checkbox", name=re.compile(rf"\({re.escape(title)}\)"))
            tab.or_(box).locator("visible=true").first.click()
        expect(self.phone(title).region).to_be_visible()

    def reaches(self, target: Locator) -> None:
        """Press Tab until the focus is there; wherever it stops on the way it must be seen."""
        for _ in range(_MOST_TABS):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
            unseen = self.looks("focused")
            assert unseen == [], "the focus cannot be seen"
        raise AssertionError(f"no way by Tab to {target}")

    # --- how it looks -------------------------------------------------------------------------

    def looks(self, check: str, frame: Frame | None = None) -> Any:
        """Run one of the checks in looks.js and return what it found, in a frame of the page where one is given."""
        return (frame or self.page).evaluate(f"({_LOOKS})().{check}()")

    # --- keeping ------------------------------------------------------------------------------

    def keep(self, folder: Path, number: int) -> Iterator[Path]:
        """Save what is shown and what was said, for whoever reads the failure."""
        picture, said = folder / f"screen-{number}.png", folder / f"console-{number}.txt"
        self.page.screenshot(path=picture, full_page=True)
        said.write_text("\n".join([*self.console, *self.wrong]), encoding="utf-8")
        yield from (picture, said)

    def _said(self, message: ConsoleMessage) -> None:
        line = f"{message.type}: {message.text}"
        self.console.append(line)
        if message.type in {"error", "warning"}:
            self.wrong.append(line)

    def _asked(self, dialog: Dialog) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _failed(self, request: Request) -> None:
        if request.failure != _ABORTED:
            self.wrong.append(f"failed: {request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.wrong.append(f"{response.status}: {response.request.method} {response.url}")


@dataclass
class Screens:
    """The windows of one test, each with storage of its own."""

    browser: Browser
    base_url: str
    sop: str
    opened: list[Screen] = field(default_factory=list)

    def opens(self, size: tuple[int, int] = LAPTOP, **options: Any) -> Screen:
        """Open the page in a window of its own; options are Playwright's for a context."""
        return self.window(size, **options).opens()

    def window(self, size: tuple[int, int] = LAPTOP, **options: Any) -> Screen:
        """Make an empty window."""
        width, height = size
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale="id-ID",
            timezone_id="Asia/Jakarta",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        screen = Screen(context, self.base_url, self.sop)
        self.opened.append(screen)
        return screen

    def keep(self, folder: Path) -> list[Path]:
        """Save what every window shows."""
        return [file for number, screen in enumerate(self.opened) for file in screen.keep(folder, number)]

    def close(self) -> None:
        """Close every window."""
        for screen in self.opened:
            screen.context.close()

    def nothing_went_wrong(self) -> None:
        """Fail for whatever a page complained about."""
        complaints = [line for screen in self.opened for line in screen.complaints()]
        assert not complaints, "\n".join(complaints)
