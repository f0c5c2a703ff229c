/** The row of phones, and which of them the visitor is using. On a narrow screen only that one is seen. */

import { Phone } from "./phone.js";
import { motion } from "./dom.js";

/** As wide as a phone must be to be read; the style sheet's figure. */
const NARROWEST = 270;
const GAP = 12;
const MARGINS = 28;

export class Phones {
  /** @type {Map<number, Phone>} */
  #phones = new Map();
  /** @type {number | null} */
  active = null;

  /**
   * @param {import("./store.js").Store} store
   * @param {import("./shown.js").Shown} shown
   * @param {HTMLElement} row
   * @param {() => void} changed called when other phones are shown or another one is used
   */
  constructor(store, shown, row, changed) {
    this.store = store;
    this.shown = shown;
    this.row = row;
    this.changed = changed;
    row.addEventListener("used", (event) => this.use(Number(/** @type {HTMLElement} */ (event.target).dataset.person)));
    document.addEventListener("visibilitychange", () => this.#phones.get(this.active ?? 0)?.attend(true));
  }

  /** How many phones fit side by side. */
  get room() {
    const width = (this.row.clientWidth || innerWidth) - MARGINS;
    return Math.max(1, Math.floor((width + GAP) / (NARROWEST + GAP)));
  }

  /** Make the row agree with what is to be shown. */
  sync() {
    const wanted = this.shown.of(this.store.state.officials);
    const people = new Set(wanted.map(({ person }) => person));
    for (const [person, phone] of this.#phones) {
      if (people.has(person)) continue;
      phone.close();
      this.#phones.delete(person);
    }
    if (this.active === null || !people.has(this.active)) this.active = wanted[0]?.person ?? null;
    wanted.forEach((official, index) => {
      const phone = this.#phone(official);
      // Moving an element that stands right would lose its place in the chat.
      if (this.row.children[index] !== phone.element) this.row.insertBefore(phone.element, this.row.children[index] ?? null);
    });
    this.#attend();
    this.changed();
  }

  /** @param {import("./state.js").Official} official */
  #phone(official) {
    const known = this.#phones.get(official.person);
    if (known) return known;
    const phone = new Phone(this.store, official, (text, person) => this.say(text, person));
    this.#phones.set(official.person, phone);
    return phone;
  }

  /** Turn to a phone. @param {number} person */
  use(person) {
    if (this.active === person || !this.#phones.has(person)) return;
    this.active = person;
    this.#attend();
    this.changed();
  }

  #attend() {
    for (const [person, phone] of this.#phones) phone.attend(person === this.active);
  }

  /** Turn to a phone and bring it into view. @param {number} person */
  reveal(person) {
    this.use(person);
    this.#phones.get(person)?.element.scrollIntoView({ inline: "nearest", block: "nearest", behavior: motion() });
  }

  /** Show a phone even where it was not chosen. @param {number} person */
  open(person) {
    const official = this.store.official(person);
    if (!official) return undefined;
    this.shown.choose(official, true);
    this.sync();
    this.reveal(person);
    const phone = this.#phones.get(person);
    phone?.settle();
    return phone;
  }

  /** Say something on somebody's phone, in view. @param {string} text @param {number} person */
  say(text, person) {
    this.open(person)?.composer.send(text);
  }

  /** Write something into a phone's field for the visitor to send. @param {number} person @param {string} text */
  suggest(person, text) {
    this.#phones.get(person)?.composer.suggest(text);
  }

  /** A suggestion that comes too late goes. */
  withdraw() {
    for (const phone of this.#phones.values()) phone.composer.withdraw();
  }

  /** Put the keyboard where somebody writes. @param {number} person */
  write(person) {
    this.#phones.get(person)?.composer.input.focus();
  }

  /** Begin with empty phones: after a reset nothing of them is true. */
  clear() {
    for (const phone of this.#phones.values()) phone.close();
    this.#phones.clear();
  }
}
