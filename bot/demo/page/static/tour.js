/** The guided tour, and before it begins the welcome: what this is, and the two ways to start. */

import { post } from "./api.js";
import { el, icon, setBusy } from "./dom.js";
import { untouched } from "./state.js";
import { say } from "./words.js";

/** Which of the tour's buttons make sense when; the first is the one to press. @type {Record<string, string[]>} */
const OFFERED = { idle: ["start"], playing: ["stop"], stopped: ["next", "start"], finished: ["start"] };
const LABELS = { start: "tour_start", stop: "tour_stop", next: "tour_next" };
const ICONS = { start: "play", stop: "hand", next: "next" };

/**
 * @param {import("./store.js").Store} store
 * @param {HTMLElement} place
 * @param {{own: () => void, reset: () => void}} wishes `own` leads to where the visitor can begin by themselves
 */
export function tourBar(store, place, { own, reset }) {
  const title = el("p", { class: "tour-title" });
  const caption = el("p", { class: "caption", "aria-live": "polite" });
  const progress = el("progress", { "aria-label": say("tour_progress") });
  const trouble = el("p", { class: "trouble", role: "alert", hidden: true });
  const buttons = Object.keys(LABELS).map((action) => tourButton(action));
  const self = el("button", { type: "button", class: "quiet", onclick: own }, say("own_way"));
  const again = el("button", { type: "button", onclick: reset }, icon("again"), say("again"));
  place.append(el("div", { class: "told" }, title, caption, trouble), el("div", { class: "choices" }, ...buttons, self, again), progress);

  /** @param {string} action */
  function tourButton(action) {
    const button = el("button", { type: "button", "data-action": action }, icon(ICONS[action]), say(LABELS[action]));
    button.addEventListener("click", async () => {
      if (button.hasAttribute("data-busy")) return;
      setBusy(button, true);
      trouble.hidden = true;
      try {
        await post("tour", { sop: store.state.sop.id, action });
      } catch (error) {
        trouble.textContent = error.message;
        trouble.hidden = false;
      }
      setBusy(button, false);
    });
    return button;
  }

  function show() {
    const { tour, sop } = store.state;
    const fresh = tour.state === "idle" && untouched(store.state);
    const official = tour.person === null ? undefined : store.official(tour.person);
    place.dataset.state = fresh ? "welcome" : tour.state;
    // Scenes: the opening, and one for each task.
    title.textContent = fresh ? say("welcome") : say(`tour_${tour.state}`, { step: tour.step + 1, of: tour.of + 1, name: official?.name ?? "" });
    caption.textContent = fresh ? say("welcome_text", { sop: sop.name }) : tour.caption || whoseTurn() || say(`tour_${tour.state}_text`);
    progress.hidden = tour.state === "idle" || tour.of === 0;
    progress.max = tour.of || 1;
    progress.value = tour.step;
    self.hidden = !fresh;
    again.hidden = tour.state !== "finished";
    offer(OFFERED[tour.state] ?? []);
  }

  /** Where a visitor who plays by hand is to go on. */
  function whoseTurn() {
    const waiting = store.state.officials.filter((official) => official.waiting);
    const names = waiting.map((official) => say("phone_of", official)).join(", ");
    return names && say("whose_turn", { names });
  }

  /** @param {string[]} actions */
  function offer(actions) {
    const focused = buttons.includes(/** @type {any} */ (document.activeElement));
    for (const button of buttons) {
      const order = actions.indexOf(button.dataset.action ?? "");
      button.hidden = order < 0;
      button.classList.toggle("primary", order === 0);
    }
    // The button that was pressed has gone; the keyboard goes on to the one in its place.
    const next = buttons.find((button) => !button.hidden) ?? (again.hidden ? null : again);
    if (focused && document.activeElement?.hasAttribute("hidden")) next?.focus();
  }

  for (const topic of ["tour", "officials", "chat:*", "scene"]) store.on(topic, show);
  show();
}
