/**
 * The messages of a phone, kept in step with the state: what has not changed stays as it is on the page, so that a
 * selection, an opened quote or the keyboard's place are not lost whenever somebody else's clock ticks.
 */

import { el, iconButton, motion } from "./dom.js";
import { bubble } from "./message.js";
import { lastId, standing } from "./state.js";
import { say } from "./words.js";

/**
 * @typedef {import("./state.js").Chat} Chat
 * @typedef {import("./state.js").Message} Message
 * @typedef {{key: string, signature: string, build: () => HTMLElement}} Unit
 */

// How far above its end a chat still counts as read to its end, in pixels.
const NEAR = 60;

export class Log {
  /** @type {Map<string, {signature: string, element: HTMLElement}>} */
  #shown = new Map();

  /**
   * @param {string} name of the phone's owner
   * @param {import("./keyboard.js").Hands} hands
   * @param {() => void} scrolled called when the reader has moved
   */
  constructor(name, hands, scrolled) {
    this.hands = hands;
    this.list = el("div", { class: "log", role: "log", "aria-label": say("log", { name }), "aria-live": "off", tabindex: "0" });
    this.down = iconButton("down", say("to_newest"), () => this.toEnd(true), { class: "icon-button to-end", hidden: true });
    this.element = el("div", { class: "log-box" }, this.list, this.down);
    this.list.addEventListener("scroll", () => {
      this.#showWay();
      scrolled();
    }, { passive: true });
    // A picture that arrives, a keyboard that opens or a window that shrinks must not push the newest message away.
    this.sticky = true;
    new ResizeObserver(() => this.sticky && this.toEnd()).observe(this.list);
    this.list.addEventListener("load", () => this.sticky && this.toEnd(), true);
  }

  /** Only the phone that somebody uses may speak. @param {boolean} speaks */
  speaks(speaks) {
    this.list.setAttribute("aria-live", speaks ? "polite" : "off");
  }

  atEnd() {
    return this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR;
  }

  /** @param {boolean} [softly] */
  toEnd(softly = false) {
    this.sticky = true;
    this.list.scrollTo({ top: this.list.scrollHeight, behavior: softly ? motion() : "auto" });
    this.#showWay();
  }

  /** @param {Chat} chat */
  show(chat) {
    const follows = this.sticky || this.#hasNewOwn(chat);
    const focused = this.#focus();
    this.#reconcile(units(chat, this.hands));
    this.#restore(focused);
    this.newest = lastId(chat);
    if (follows) this.toEnd();
    this.#showWay();
  }

  /** Show one message and point at it. @param {number} id */
  jump(id) {
    const element = /** @type {HTMLElement | null} */ (this.list.querySelector(`[data-message="${Number(id)}"]`));
    if (!element) return;
    this.sticky = false;
    element.scrollIntoView({ block: "center", behavior: motion() });
    element.focus({ preventScroll: true });
    element.classList.remove("pointed");
    void element.offsetWidth; // starts the animation again where it has already run
    element.classList.add("pointed");
  }

  #showWay() {
    this.sticky = this.atEnd();
    this.down.hidden = this.sticky;
  }

  /** @param {Chat} chat */
  #hasNewOwn(chat) {
    const last = standing(chat).at(-1);
    return !!last && !last.from_bot && last.id > (this.newest ?? 0);
  }

  /** @param {Unit[]} wanted */
  #reconcile(wanted) {
    const keys = new Set(wanted.map((unit) => unit.key));
    for (const [key, { element }] of this.#shown) {
      if (keys.has(key)) continue;
      element.remove();
      this.#shown.delete(key);
    }
    let before = this.list.firstElementChild;
    for (const unit of wanted) {
      const known = this.#shown.get(unit.key);
      if (known && known.signature === unit.signature) {
        if (known.element === before) before = before.nextElementSibling;
        else this.list.insertBefore(known.element, before);
        continue;
      }
      const element = unit.build();
      if (known && known.element === before) before = before.nextElementSibling;
      if (known) known.element.replaceWith(element);
      else this.list.insertBefore(element, before);
      this.#shown.set(unit.key, { signature: unit.signature, element });
    }
  }

  /** Where the keyboard stands in a message that may be about to be replaced. */
  #focus() {
    const focused = document.activeElement;
    const message = focused?.closest("[data-message]");
    if (!message || !this.list.contains(message)) return null;
    return { id: message.getAttribute("data-message"), label: focused?.textContent };
  }

  /** @param {{id: string | null, label: string | null | undefined} | null} focused */
  #restore(focused) {
    if (!focused || this.list.contains(document.activeElement)) return;
    const message = /** @type {HTMLElement | null} */ (this.list.querySelector(`[data-message="${focused.id}"]`));
    const buttons = [...(message?.querySelectorAll("button") ?? [])];
    const target = buttons.find((button) => button.textContent === focused.label) ?? message ?? this.list;
    target.focus({ preventScroll: true });
  }
}

/**
 * What stands in the list: a line for each day, a bubble for each message or album.
 * @param {Chat} chat
 * @param {import("./keyboard.js").Hands} hands
 * @returns {Unit[]}
 */
function units(chat, hands) {
  /** @type {Unit[]} */
  const result = [];
  let day = "";
  for (const messages of albums(standing(chat))) {
    const first = messages[0];
    if (first.day && first.day !== day) {
      day = first.day;
      result.push(dayLine(day, first.id));
    }
    const around = { hands, find: (/** @type {number} */ id) => chat.messages.get(id) };
    result.push({
      key: `message ${first.id}`,
      signature: messages.map((message) => `${message.id}.${message.version}`).join(),
      build: () => bubble(messages, around),
    });
  }
  return result;
}

/** @param {string} day @param {number} id @returns {Unit} */
function dayLine(day, id) {
  return { key: `day ${day} ${id}`, signature: day, build: () => el("p", { class: "day" }, el("span", {}, day)) };
}

/** @param {Message[]} messages @returns {Message[][]} neighbours of one album together */
function albums(messages) {
  /** @type {Message[][]} */
  const groups = [];
  for (const message of messages) {
    const last = groups.at(-1);
    if (message.album && last?.[0].album === message.album) last.push(message);
    else groups.push([message]);
  }
  return groups;
}
