/** Where a person writes: the text, the question it answers, a file, and why something could not be sent. */

import { post, postFile } from "./api.js";
import { CommandMenu } from "./commands.js";
import { el, icon, iconButton, setBusy } from "./dom.js";
import { excerpt } from "./message.js";
import { sizeInWords } from "./media.js";
import { openQuestion } from "./state.js";
import { say } from "./words.js";

/** @typedef {import("./state.js").Official} Official @typedef {import("./state.js").Chat} Chat */

export class Composer {
  /** @type {Set<number>} questions that the person does not want to answer */
  #declined = new Set();
  /** @type {import("./state.js").Message | undefined} what the next text would answer */
  #question;
  /** @type {import("./state.js").Message | undefined} what the bot has asked */
  #open;
  /** @type {import("./state.js").Message | undefined} what the person has chosen to answer */
  #chosen;
  /** @type {File | null} */
  #file = null;
  /** What is on its way; texts arrive in the order they were sent. */
  #sending = Promise.resolve();

  /**
   * @param {Official} official
   * @param {object} wishes
   * @param {() => string} wishes.sop
   * @param {(text: string) => void} wishes.trouble shows what went wrong; empty takes it away
   */
  constructor(official, { sop, trouble }) {
    this.person = official.person;
    this.sop = sop;
    this.trouble = trouble;
    this.#build(official);
  }

  /** @param {Official} official */
  #build(official) {
    const label = say("message_of", { name: official.name });
    this.input = el("textarea", { rows: 1, "aria-label": label, placeholder: say("write"), dir: "auto", autocomplete: "off", spellcheck: "false" });
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#keyed(event));
    this.menu = new CommandMenu({ send: (text) => this.send(text), input: () => this.input });
    this.picker = el("input", { type: "file", hidden: true, onchange: () => this.#attach(this.picker.files?.[0] ?? null) });
    this.sendButton = el("button", { class: "send", "aria-label": say("send"), title: say("send") }, icon("send"));
    this.reply = el("div", { class: "bar reply-bar", hidden: true });
    this.attached = el("div", { class: "bar", hidden: true });
    const tools = [this.menu.button, this.input, iconButton("clip", say("attach"), () => this.picker.click()), this.picker, this.sendButton];
    // The list of commands goes when the keyboard or a finger goes elsewhere.
    const left = (/** @type {FocusEvent} */ event) => this.element.contains(/** @type {Node} */ (event.relatedTarget)) || this.menu.close();
    this.element = el("form", { class: "composer", onfocusout: left, onsubmit: (/** @type {Event} */ event) => this.#submitted(event) }, this.menu.list, this.reply, this.attached, el("div", { class: "tools" }, ...tools));
  }

  /** @param {Official} official @param {Chat} chat */
  show(official, chat) {
    this.menu.offer(official.commands);
    const question = openQuestion(chat);
    this.#open = question && !this.#declined.has(question.id) ? question : undefined;
    this.#ask(this.#chosen ?? this.#open);
  }

  /** Make the next text a reply to this message. @param {import("./state.js").Message} message */
  answer(message) {
    this.#chosen = message;
    this.#ask(message);
    this.input.focus();
  }

  /** Write something for a newcomer, unless they have begun themselves. @param {string} text */
  suggest(text) {
    if (this.input.value !== "") return;
    this.input.value = text;
    this.element.classList.add("suggested");
    this.#fit();
  }

  /** Take what was written for a newcomer away again, where they have not touched it. */
  withdraw() {
    if (!this.element.classList.contains("suggested")) return;
    this.element.classList.remove("suggested");
    this.input.value = "";
    this.#fit();
  }

  /** Say something as this person; a text that cannot be sent comes back to where it was written. @param {string} text */
  send(text) {
    return this.#queue(() => this.#post(text, null), { written: text });
  }

  /** @param {Event} event */
  #submitted(event) {
    event.preventDefault();
    const [text, file] = [this.input.value.trim(), this.#file];
    this.menu.close();
    this.input.focus();
    if (!text && !file) return;
    const written = this.input.value;
    // A command drops the bot's question, unless the person wants it to be a reply.
    const replyTo = this.#chosen || !text.startsWith("/") ? (this.#question?.id ?? null) : null;
    const chosen = this.#chosen;
    this.#chosen = undefined;
    this.#ask(this.#open);
    this.input.value = "";
    this.#fit();
    this.#attach(null);
    this.#queue(() => (file ? postFile({ sop: this.sop(), person: this.person, caption: text, file, replyTo }) : this.#post(text, replyTo)), { written, file, chosen });
  }

  /** @param {string} text @param {number | null} replyTo */
  #post(text, replyTo) {
    return post("say", { sop: this.sop(), person: this.person, text, ...(replyTo === null ? {} : { reply_to: replyTo }) });
  }

  /**
   * Send after whatever is still on its way; what cannot be sent comes back as it was.
   * @param {() => Promise<unknown>} doing
   * @param {{written: string, file?: File | null, chosen?: import("./state.js").Message}} sent
   */
  #queue(doing, { written, file, chosen }) {
    this.trouble("");
    this.element.classList.remove("suggested");
    setBusy(this.sendButton, true);
    const sent = this.#sending.then(doing).catch((error) => {
      this.trouble(error.message);
      // What has been typed since stays behind it.
      this.input.value = [written, this.input.value].filter(Boolean).join("\n");
      this.#fit();
      if (file && !this.#file) this.#attach(file);
      if (chosen) this.answer(chosen);
    });
    this.#sending = sent.then(() => {});
    sent.finally(() => setBusy(this.sendButton, false));
    return sent;
  }

  #typed() {
    this.element.classList.remove("suggested");
    this.#fit();
    this.menu.typed(this.input.value);
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.element.requestSubmit();
    } else if (event.key === "Escape" && this.menu.open) {
      this.menu.close();
    } else if (event.key === "Escape" && this.#question) {
      this.#decline();
    } else if (event.key === "ArrowDown" && this.menu.open && this.menu.enter()) {
      event.preventDefault();
    }
  }

  /** As high as its text, up to what the style sheet allows. */
  #fit() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }

  /** @param {import("./state.js").Message | undefined} question */
  #ask(question) {
    if (question?.id === this.#question?.id) return;
    this.#question = question;
    this.input.placeholder = question?.placeholder || say("write");
    this.reply.hidden = !question;
    if (!question) return;
    this.reply.replaceChildren(
      icon("reply"),
      el("span", { dir: "auto" }, el("b", {}, say("replying", { name: question.sender })), " ", excerpt(question)),
      iconButton("close", say("cancel_reply"), () => this.#decline()),
    );
  }

  #decline() {
    if (!this.#chosen && this.#question) this.#declined.add(this.#question.id);
    if (!this.#chosen) this.#open = undefined;
    this.#chosen = undefined;
    this.#ask(this.#open);
    this.input.focus();
  }

  /** @param {File | null} file */
  #attach(file) {
    this.#file = file;
    this.picker.value = "";
    this.attached.hidden = !file;
    if (!file) return;
    this.attached.replaceChildren(
      icon("document"),
      el("span", { dir: "auto" }, el("b", {}, file.name), ` ${sizeInWords(file.size)}`),
      iconButton("close", say("no_file"), () => this.#attach(null)),
    );
    this.input.focus();
  }
}
