/**
 * The server's events. A browser reconnects by itself and sends the last id it has seen; it gives up, though, when it
 * is answered with an error (the demo is being restarted), so that the stream is then opened anew, with growing pauses.
 */

const PAUSES = [500, 1000, 2000, 5000];

/**
 * @param {object} wishes
 * @param {() => string} wishes.sop id of the SOP to hear of
 * @param {(news: import("./state.js").News) => void} wishes.news
 * @param {(connected: boolean) => void} wishes.connected
 * @param {(text: string) => void} wishes.preparing the office is still being set up, in the server's words
 * @returns {{restart: () => void}}
 */
export function listen({ sop, news, connected, preparing }) {
  /** @type {EventSource | undefined} */
  let source;
  let failures = 0;
  let waiting = 0;
  /** Whether the server has said that it is still preparing. */
  let readied = false;

  function open() {
    clearTimeout(waiting);
    source?.close();
    source = new EventSource(`/page/events?${new URLSearchParams({ sop: sop() })}`);
    source.addEventListener("open", () => {
      failures = 0;
      connected(true);
    });
    source.addEventListener("preparing", (event) => {
      readied = true;
      preparing(JSON.parse(event.data).text);
    });
    source.addEventListener("change", (event) => {
      if (readied) preparing("");
      readied = false;
      news(JSON.parse(event.data));
    });
    source.addEventListener("error", () => {
      connected(false);
      if (source?.readyState !== EventSource.CLOSED) return;
      waiting = setTimeout(open, PAUSES[Math.min(failures, PAUSES.length - 1)]);
      failures += 1;
    });
  }

  // A page kept for the back button must not keep one of the browser's few connections as well.
  addEventListener("pagehide", () => {
    clearTimeout(waiting);
    source?.close();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) open();
  });
  open();
  return { restart: open };
}
