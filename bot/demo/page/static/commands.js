/** The command menu of a phone: Telegram's list of what this person may say to the bot. */

import { el, iconButton } from "./dom.js";
import { say } from "./words.js";

/** @typedef {import("./state.js").Command} Command */

const BEING_TYPED = /^\/\w*$/;

export class CommandMenu {
  /** @type {Command[]} */
  #commands = [];

  /**
   * @param {object} wishes
   * @param {(text: string) => void} wishes.send
   * @param {() => HTMLTextAreaElement} wishes.input where the keyboard returns to
   */
  constructor({ send, input }) {
    this.send = send;
    this.input = input;
    this.list = el("div", { class: "commands", role: "group", "aria-label": say("command_list"), hidden: true });
    this.button = iconButton("menu", say("command_menu"), () => this.#toggle(), { "aria-expanded": "false", class: "icon-button menu-button" });
    this.list.addEventListener("keydown", (event) => this.#keyed(event));
  }

  /** @param {Command[]} commands */
  offer(commands) {
    this.#commands = commands;
    if (!this.list.hidden) this.#fill("");
  }

  /** Help somebody who has begun a command by hand. @param {string} text what is typed so far */
  typed(text) {
    if (BEING_TYPED.test(text)) this.#open(text.slice(1).toLowerCase());
    else this.close();
  }

  /** The first command of the open list gets the keyboard; false where there is none. */
  enter() {
    const first = this.list.querySelector("button");
    if (this.list.hidden || !first) return false;
    first.focus();
    return true;
  }

  get open() {
    return !this.list.hidden;
  }

  close() {
    this.list.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
  }

  #toggle() {
    if (this.open) this.close();
    else {
      this.#open("");
      this.enter();
    }
  }

  /** @param {string} begun */
  #open(begun) {
    const any = this.#fill(begun);
    this.list.hidden = !any;
    this.button.setAttribute("aria-expanded", String(any));
  }

  /** @param {string} begun @returns {boolean} whether there is anything to choose */
  #fill(begun) {
    const fitting = this.#commands.filter(({ command }) => command.startsWith(begun));
    this.list.replaceChildren(...fitting.map((command) => this.#entry(command)));
    if (begun === "" && fitting.length === 0) this.list.append(el("p", {}, say("no_commands")));
    return begun === "" || fitting.length > 0;
  }

  /** @param {Command} command */
  #entry({ command, description }) {
    const choose = () => {
      this.close();
      this.send(`/${command}`);
      this.input().focus();
    };
    return el("button", { type: "button", onclick: choose }, el("b", {}, `/${command}`), " ", el("span", {}, description));
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    const buttons = [...this.list.querySelectorAll("button")];
    const place = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      buttons[(place + step + buttons.length) % buttons.length]?.focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
      this.input().focus();
    }
  }
}
