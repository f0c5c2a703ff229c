/** The bar of the office's clock: what time it is, how to put it forward, how fast it runs. */

import { post } from "./api.js";
import { el, setBusy } from "./dom.js";
import { say } from "./words.js";

/** Speeds to choose from, in office seconds per second; 0 is the clock of everyday. */
const SPEEDS = [60, 600, 0];
const MOST_WAITING = 6;
/** Jumps whose moment is worth reading before one takes them. */
const NAMED_MOMENTS = new Set(["reminder", "due"]);

/**
 * @param {import("./store.js").Store} store
 * @param {HTMLElement} place
 */
export function clockBar(store, place) {
  const now = el("time", { class: "now" });
  const working = el("span", { class: "working" });
  const jumps = el("div", { class: "jumps", role: "group", "aria-label": say("forward") });
  const speeds = el("div", { class: "speeds", role: "group", "aria-label": say("speed") });
  const trouble = el("p", { class: "trouble", role: "alert", hidden: true });
  place.append(el("div", { class: "moment" }, now, working), jumps, speeds, trouble);
  /** @type {Map<string, HTMLElement>} buttons stay the same elements, so that the keyboard keeps its place */
  const buttons = new Map();

  /** Presses in the order they came: two on "+1 jam" are two hours. */
  let moving = Promise.resolve();
  /** @type {HTMLElement[]} the buttons whose presses are not done yet */
  let pressed = [];

  /** @param {HTMLElement} button @param {Record<string, unknown>} wish */
  function move(button, wish) {
    // A key that is held down must not leave the clock running for minutes.
    if (button.getAttribute("aria-disabled") === "true" || pressed.length >= MOST_WAITING) return;
    pressed.push(button);
    setBusy(button, true);
    moving = moving.then(() => carryOut(wish)).then(() => {
      pressed = pressed.slice(1);
      setBusy(button, pressed.includes(button));
    });
  }

  /** @param {Record<string, unknown>} wish */
  async function carryOut(wish) {
    trouble.hidden = true;
    try {
      await post("clock", { sop: store.state.sop.id, ...wish });
    } catch (error) {
      trouble.textContent = error.message;
      trouble.hidden = false;
    }
  }

  /** @param {string} key @param {HTMLElement} group @param {Record<string, unknown>} wish */
  function button(key, group, wish) {
    const known = buttons.get(key);
    if (known) return known;
    const made = el("button", { type: "button", onclick: () => move(made, wish) });
    buttons.set(key, made);
    group.append(made);
    return made;
  }

  function show() {
    const { clock } = store.state;
    now.replaceChildren(...dayAndHour(clock.text));
    now.setAttribute("datetime", clock.now);
    working.textContent = say(clock.working ? "working" : "not_working");
    working.classList.toggle("closed", !clock.working);
    for (const jump of clock.jumps) {
      const element = button(jump.key, jumps, { jump: jump.key });
      element.setAttribute("aria-disabled", String(!jump.possible));
      element.title = jump.possible ? jump.when : say("nothing_ahead");
      const moment = NAMED_MOMENTS.has(jump.key) && jump.possible ? el("small", {}, jump.when) : null;
      element.replaceChildren(...[el("span", {}, jump.label), moment].filter((part) => part !== null));
    }
    for (const speed of SPEEDS) {
      const element = button(`speed ${speed}`, speeds, { speed });
      element.textContent = speed ? `×${speed}` : say("pause");
      element.title = say(speed ? "speed_of" : "pause_about", { speed });
      element.setAttribute("aria-pressed", String(clock.speed === speed));
    }
  }

  arrows(place);
  store.on("clock", show);
  store.on("scene", show);
  show();
}

/**
 * The hour large, as on a clock; the text as a whole stays what it is.
 * @param {string} text such as "Senin, 9 Nov 08.00 WIB"
 */
function dayAndHour(text) {
  const parts = /^(.*?)(\s)(\d\d\.\d\d.*)$/.exec(text);
  return parts ? [el("span", {}, parts[1]), parts[2], el("b", {}, parts[3])] : [text];
}

/** In a toolbar the arrow keys lead from one button to the next. @param {HTMLElement} bar */
function arrows(bar) {
  bar.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const buttons = [...bar.querySelectorAll("button")];
    const place = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    if (place < 0) return;
    event.preventDefault();
    buttons[(place + step + buttons.length) % buttons.length].focus();
  });
}
