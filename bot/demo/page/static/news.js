/**
 * One voice for all phones but the one in use: a screen reader hears on whose phone something has come, not every
 * message of everybody at once.
 */

import { unread } from "./state.js";
import { say } from "./words.js";

const GATHER = 1500;

/**
 * @param {import("./store.js").Store} store
 * @param {HTMLElement} place a live region
 */
export function neighbours(store, place) {
  /** @type {Map<number, number>} what was unread when it was last told */
  let told = counts();
  let timer = 0;

  function counts() {
    return new Map(store.state.officials.map(({ person }) => [person, unread(store.chat(person))]));
  }

  function tell() {
    timer = 0;
    const now = counts();
    const names = store.state.officials.filter(({ person }) => (now.get(person) ?? 0) > (told.get(person) ?? 0));
    told = now;
    // The story's own caption speaks while it plays.
    if (names.length === 0 || store.state.tour.state === "playing") return;
    place.textContent = say("news_for", { names: names.map(({ name }) => name).join(", ") });
  }

  store.on("chat:*", () => {
    timer ||= setTimeout(tell, GATHER);
  });
  store.on("read:*", () => {
    for (const [person, count] of counts()) told.set(person, Math.min(count, told.get(person) ?? 0));
  });
}
