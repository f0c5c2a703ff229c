/** What a phone shows for a moment after a press: Telegram's notice, or its alert that waits for an OK. */

import { el } from "./dom.js";
import { say } from "./words.js";

const SHORTEST = 3000;
const PER_CHARACTER = 55;
const LONGEST = 10000;

export class ToastBox {
  /** @type {string | null} the last one shown, so that news of something else does not show it again */
  #last = null;
  #timer = 0;

  constructor() {
    this.element = el("div", { class: "toast-box", role: "status" });
  }

  /** What stood there when the page was opened is no news. @param {import("./state.js").Toast | null} toast */
  skip(toast) {
    this.#last = key(toast);
  }

  /** @param {import("./state.js").Toast | null} toast */
  show(toast) {
    const next = key(toast);
    if (next === this.#last) return;
    this.#last = next;
    if (toast?.text) this.#open(toast);
  }

  /** @param {import("./state.js").Toast} toast */
  #open(toast) {
    clearTimeout(this.#timer);
    const text = el("p", { dir: "auto" }, toast.text);
    if (toast.alert) {
      const done = el("button", { type: "button", onclick: () => this.close() }, say("understood"));
      this.element.replaceChildren(el("div", { class: "toast alert" }, text, done));
      return;
    }
    this.element.replaceChildren(el("div", { class: "toast" }, text));
    this.#timer = setTimeout(() => this.close(), Math.min(SHORTEST + PER_CHARACTER * toast.text.length, LONGEST));
  }

  close() {
    clearTimeout(this.#timer);
    this.element.replaceChildren();
  }
}

/** @param {import("./state.js").Toast | null} toast */
function key(toast) {
  return toast ? `${toast.id ?? ""} ${toast.text}` : null;
}
