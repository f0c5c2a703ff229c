/** One official's phone: whose it is, the chat with the bot, and where they write. */

import { post } from "./api.js";
import { Composer } from "./composer.js";
import { openApp, openDeepLink } from "./dialogs.js";
import { el, icon, iconButton, initials } from "./dom.js";
import { Log } from "./log.js";
import { excerpt } from "./message.js";
import { standing, unread } from "./state.js";
import { ToastBox } from "./toast.js";
import { say } from "./words.js";

/** @typedef {import("./store.js").Store} Store @typedef {import("./state.js").Official} Official */

export class Phone {
  /** Whether this is the phone that the visitor uses, so that what it shows counts as read. */
  #attended = false;
  /** @type {(() => void)[]} */
  #ends = [];

  /**
   * @param {Store} store
   * @param {Official} official
   * @param {(text: string, person: number) => void} saidBy sends a text as somebody, on their phone
   */
  constructor(store, official, saidBy) {
    this.store = store;
    this.person = official.person;
    this.saidBy = saidBy;
    this.#build(official);
    const chat = store.chat(this.person);
    this.toasts.skip(chat.toast);
    this.#ends = [
      store.on(`chat:${this.person}`, () => this.#show()),
      store.on("officials", () => this.#show()),
      store.on(`read:${this.person}`, () => this.#showUnread()),
    ];
    this.#show();
  }

  /** @param {Official} official */
  #build(official) {
    const hands = {
      press: (/** @type {number} */ message, /** @type {string} */ button) => this.#press(message, button),
      app: (/** @type {import("./state.js").Button} */ button) => this.#app(button.web_app?.url),
      link: (/** @type {URL} */ address) => openDeepLink(address, this.store, this.saidBy),
      command: (/** @type {string} */ text) => this.composer.send(text),
      answer: (/** @type {import("./state.js").Message} */ message) => this.composer.answer(message),
      jump: (/** @type {number} */ id) => this.log.jump(id),
    };
    this.log = new Log(official.name, hands, () => this.#reading());
    this.toasts = new ToastBox();
    this.trouble = el("div", { class: "trouble", role: "alert", hidden: true });
    this.composer = new Composer(official, {
      sop: () => this.store.state.sop.id,
      trouble: (text) => this.#trouble(text),
    });
    this.turn = el("span", { class: "turn", hidden: true }, say("turn"));
    this.badge = el("span", { class: "badge", hidden: true });
    this.app = el("button", { type: "button", class: "app-button", hidden: true, onclick: () => this.#app() });
    this.pinned = el("button", { type: "button", class: "pinned", hidden: true });
    this.element = el(
      "section",
      { class: "phone", "aria-label": say("phone_of", { name: official.name, title: official.title }), "data-person": this.person, "data-face": this.person % 6 },
      this.#owner(official),
      el("div", { class: "screen" }, botHeader(this.app), this.pinned, this.log.element, this.toasts.element, this.trouble, this.composer.element),
    );
    // Whoever touches a phone or comes to it with the keyboard uses it.
    this.element.addEventListener("focusin", () => this.element.dispatchEvent(new CustomEvent("used", { bubbles: true })));
    this.element.addEventListener("pointerdown", () => this.element.dispatchEvent(new CustomEvent("used", { bubbles: true })));
  }

  /** @param {Official} official */
  #owner(official) {
    return el(
      "header",
      { class: "owner" },
      el("span", { class: "face", "aria-hidden": "true" }, initials(official.name)),
      el("div", { class: "who" }, el("h2", { dir: "auto" }, official.name), el("p", { dir: "auto" }, official.title)),
      this.turn,
      this.badge,
    );
  }

  /** @param {boolean} attended */
  attend(attended) {
    this.#attended = attended;
    this.element.classList.toggle("attended", attended);
    this.log.speaks(attended);
    this.#reading();
  }

  /** The phone has become visible, or its room has changed. */
  settle() {
    this.log.toEnd();
    this.#reading();
  }

  /** Take the phone off the page. */
  close() {
    for (const end of this.#ends) end();
    this.element.remove();
  }

  #show() {
    const official = this.store.official(this.person);
    if (!official) return;
    const chat = this.store.chat(this.person);
    this.turn.hidden = !official.waiting;
    this.app.hidden = official.menu_button?.type !== "web_app";
    this.app.textContent = official.menu_button?.text ?? "";
    this.element.classList.toggle("waiting", official.waiting);
    this.log.show(chat);
    this.composer.show(official, chat);
    this.toasts.show(chat.toast);
    this.#showPinned(chat);
    this.#reading();
    this.#showUnread();
  }

  /** @param {import("./state.js").Chat} chat */
  #showPinned(chat) {
    const pinned = standing(chat).filter((message) => message.pinned || chat.pinned.includes(message.id)).at(-1);
    this.pinned.hidden = !pinned;
    if (!pinned) return;
    this.pinned.replaceChildren(icon("pin"), el("b", {}, say("pinned_message")), el("span", { dir: "auto" }, excerpt(pinned)));
    this.pinned.onclick = () => this.log.jump(pinned.id);
  }

  #showUnread() {
    const count = unread(this.store.chat(this.person));
    this.badge.hidden = count === 0;
    this.badge.replaceChildren(String(count), el("span", { class: "sr" }, ` ${say("unread")}`));
  }

  #reading() {
    if (!this.#attended || !this.log.atEnd() || document.hidden || this.element.offsetParent === null) return;
    this.store.read(this.person, Math.max(0, ...this.store.chat(this.person).messages.keys()));
  }

  /** @param {number} message @param {string} button */
  async #press(message, button) {
    this.#trouble("");
    this.toasts.close();
    try {
      await post("press", { sop: this.store.state.sop.id, person: this.person, message, button });
    } catch (error) {
      this.#trouble(error.message);
    }
  }

  /** @param {string} [url] of a button in a message; without one, the menu button's */
  async #app(url) {
    this.#trouble("");
    try {
      await openApp(this.store.state.sop.id, this.person, url);
    } catch (error) {
      this.#trouble(error.message);
    }
  }

  /** @param {string} text */
  #trouble(text) {
    this.trouble.hidden = text === "";
    if (text === "") this.trouble.replaceChildren();
    else this.trouble.replaceChildren(el("p", {}, text), iconButton("close", say("dismiss"), () => this.#trouble("")));
  }
}

/**
 * What Telegram shows over the chat: with whom it is.
 * @param {HTMLElement} app the button of its Mini App
 */
function botHeader(app) {
  return el(
    "div",
    { class: "bot-header" },
    el("span", { class: "bot-face", "aria-hidden": "true" }, icon("bot")),
    el("div", {}, el("b", {}, say("bot_name")), el("span", { class: "online" }, say("bot_online"))),
    app,
  );
}
