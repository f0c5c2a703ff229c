"""News comes by itself, and a browser that loses the stream misses nothing and doubles nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.browser.conftest import Demo
    from tests.browser.screen import Screen, Screens


def test_a_stream_that_was_cut_comes_back_without_doubling(screens: Screens) -> None:
    cut, whole = screens.opens(), screens.opens()
    cut.forgives("INTERNET_DISCONNECTED")
    cut.phone("Sekretariat").says("Sebelum terputus")
    whole.phone("Sekretariat").sees("Sebelum terputus")
    cut.context.set_offline(True)
    whole.starts("Selama terputus")
    whole.phone("Kasubag Program").sees("Selama terputus")
    cut.context.set_offline(False)
    cut.phone("Kasubag Program").sees("Selama terputus")
    whole.phone("Sekretariat").says("Sesudah tersambung")
    cut.phone("Sekretariat").sees("Sesudah tersambung")
    for screen in (cut, whole):  # each of the two texts has had its answer
        answers = screen.phone("Sekretariat").bubbles.filter(has_text="belum dapat dipahami")
        expect(answers).to_have_count(2)
    for title in ("Sekretariat", "Kasubag Program", "Kepala Dinas"):
        expect(cut.phone(title).bubbles).to_have_count(whole.phone(title).bubbles.count())
        assert cut.phone(title).messages() == whole.phone(title).messages()


def test_news_that_comes_twice_is_shown_once(screens: Screens) -> None:
    screen = screens.window()
    streams: list[str] = []

    def twice(route: Route) -> None:
        """Answer the first stream with everything there is, twice, and end it; the next one is the server's."""
        streams.append(route.request.url)
        if len(streams) > 1:
            route.continue_()
            return
        scene = route.fetch(url=route.request.url.replace("/page/events", "/page/scene")).text()
        event = f"event: change\ndata: {scene}\n\n"
        route.fulfill(body=event * 2, content_type="text/event-stream")

    screen.page.route("**/page/events?*", twice)
    screen.opens()
    screen.phone("Sekretariat").says("Satu kali saja")
    screen.phone("Sekretariat").sees("Satu kali saja")
    expect(screen.phone("Sekretariat").bubbles.filter(has_text="Satu kali saja")).to_have_count(1)
    expect(screen.phone("Kepala Dinas").bubbles.filter(has_text="Selamat datang")).to_have_count(1)
    assert len(streams) > 1


def test_what_happens_elsewhere_appears_by_itself(screen: Screen, demo: Demo) -> None:
    sop = demo.stage.runner.library.sops[demo.sop]
    demo.stage.cast(sop)["sekretariat"].phone.says(f"/mulai {demo.sop} Dari telepon sungguhan")
    screen.phone("Kasubag Program").sees("Dari telepon sungguhan")
