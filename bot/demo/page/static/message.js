/** One bubble of a chat: what it answers, its files, its text, its time, its buttons. */

import { el, icon, iconButton } from "./dom.js";
import { richText } from "./html.js";
import { inlineKeyboard } from "./keyboard.js";
import { attachments } from "./media.js";
import { isService } from "./state.js";
import { say } from "./words.js";

/**
 * @typedef {import("./state.js").Message} Message
 * @typedef {import("./keyboard.js").Hands} Hands
 * @typedef {object} Surroundings
 * @property {Hands} hands
 * @property {(id: number) => Message | undefined} find another message of the chat
 */

/**
 * @param {Message[]} messages one message, or those of an album
 * @param {Surroundings} around
 * @returns {HTMLElement}
 */
export function bubble(messages, { hands, find }) {
  const first = messages[0];
  if (isService(first)) return serviceLine(first);
  const captioned = messages.find((message) => message.text) ?? first;
  const body = el(
    "div",
    { class: "bubble" },
    first.reply_to ? quoted(find(first.reply_to), first.reply_to, hands) : null,
    ...attachments(messages),
    captioned.text ? textOf(captioned, hands) : null,
    meta(messages),
  );
  const pictured = messages.some((message) => message.file?.kind === "photo");
  const looks = ["message", first.from_bot ? "from-bot" : "own", pictured && "pictured", !captioned.text && "wordless"];
  return el(
    "article",
    { class: looks.filter(Boolean).join(" "), "aria-label": first.sender, "data-message": first.id, tabindex: "-1" },
    body,
    first.from_bot ? iconButton("reply", say("answer"), () => hands.answer(first), { class: "icon-button answer" }) : null,
    inlineKeyboard(messages.find((message) => message.buttons?.length) ?? first, hands),
  );
}

/** @param {Message} message @param {Hands} hands */
function textOf(message, hands) {
  return el("div", { class: "text", dir: "auto" }, richText(message.html, { command: hands.command, link: hands.link }));
}

/** @param {Message[]} messages */
function meta(messages) {
  const first = messages[0];
  return el(
    "span",
    { class: "meta" },
    messages.some((message) => message.edited) ? el("span", {}, say("edited")) : null,
    first.silent ? mark("bell-off", "silent") : null,
    messages.some((message) => message.pinned) ? mark("pin", "pinned") : null,
    el("time", { title: first.when }, first.time ?? first.when),
    first.from_bot ? null : el("span", { class: "mark" }, icon("checks")),
  );
}

/** @param {string} name of the icon @param {string} word what it means */
function mark(name, word) {
  return el("span", { class: "mark", role: "img", "aria-label": say(word), title: say(word) }, icon(name));
}

/** @param {Message | undefined} original @param {number} id @param {Hands} hands */
function quoted(original, id, hands) {
  const gone = !original || original.deleted;
  return el(
    "button",
    { type: "button", class: "quoted", "aria-label": say("show_original"), onclick: () => hands.jump(id) },
    el("b", { dir: "auto" }, gone ? say("reply") : original.sender),
    el("span", { dir: "auto" }, gone ? say("original_gone") : excerpt(original)),
  );
}

/** The first line of a message, or what hangs on it. @param {Message} message */
export function excerpt(message) {
  const line = message.text.trim().split("\n")[0];
  return line ? [...line].slice(0, 120).join("") : message.file?.name ?? say("message");
}

/** @param {Message} message */
function serviceLine(message) {
  return el("p", { class: "service", "data-message": message.id, tabindex: "-1" }, el("span", { dir: "auto" }, serviceText(message)));
}

/** @param {Message} message */
function serviceText(message) {
  if (typeof message.service === "string") return message.service;
  const pinned = "pinned_message" in (message.service ?? {});
  return say(pinned ? "service_pinned" : "service", { name: message.sender });
}
