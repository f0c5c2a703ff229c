// What this page needs of Telegram: the data it was opened with, the theme, and a few events. Nothing is loaded from
// Telegram: https://core.telegram.org/api/web-events says how a page talks to whatever shows it.

const opened = new URLSearchParams(location.hash.slice(1));
const listeners = new Map();

/** The raw init data, as Telegram signed it; empty in a browser that nobody opened the page in from Telegram. */
export const initData = opened.get("tgWebAppData") ?? "";

/** The theme's colours, by Telegram's names. */
export function themeParams() {
  return parsed(opened.get("tgWebAppThemeParams"));
}

/** Tell Telegram something. Without Telegram nobody hears it. */
export function post(kind, data = {}) {
  const content = JSON.stringify(data);
  if (window.TelegramWebviewProxy) {
    window.TelegramWebviewProxy.postEvent(kind, content);
  } else if (window.external && "notify" in window.external) {
    window.external.notify(JSON.stringify({ eventType: kind, eventData: data }));
  } else if (window.parent !== window) {
    // To whatever frames us: the policy of the page names who that can be, and nothing in it is secret.
    window.parent.postMessage(JSON.stringify({ eventType: kind, eventData: data }), "*");
  }
}

/** Call back with the data of each event of a kind. */
export function on(kind, heard) {
  listeners.set(kind, heard);
}

function receive(kind, data) {
  listeners.get(kind)?.(data ?? {});
}

function parsed(text) {
  try {
    const value = JSON.parse(text ?? "{}");
    return value && typeof value === "object" ? value : {};
  } catch {
    return {};
  }
}

// Apps call one of these; web clients post a message to the frame.
window.Telegram = { WebView: { receiveEvent: receive } };
window.TelegramGameProxy = { receiveEvent: receive };
window.TelegramGameProxy_receiveEvent = receive;
window.addEventListener("message", (event) => {
  if (event.source !== window.parent || typeof event.data !== "string") return;
  const { eventType, eventData } = parsed(event.data);
  if (typeof eventType === "string") receive(eventType, eventData);
});
