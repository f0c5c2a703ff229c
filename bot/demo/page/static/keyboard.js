/** Inline buttons under a message, in Telegram's styles. */

import { el, icon, setBusy } from "./dom.js";
import { safeAddress } from "./html.js";
import { say } from "./words.js";

const STYLES = new Set(["primary", "success", "danger"]);

/**
 * @typedef {import("./state.js").Button} Button
 * @typedef {object} Hands what happens to what is touched in a phone
 * @property {(message: number, data: string) => Promise<void>} press resolves when the press is answered or has failed
 * @property {(button: Button) => Promise<void>} app opens a Mini App
 * @property {(address: URL) => boolean} link
 * @property {(text: string) => void} command
 * @property {(message: number) => void} jump shows another message of the chat
 * @property {(message: import("./state.js").Message) => void} answer makes the next text a reply to a message
 */

/**
 * @param {import("./state.js").Message} message
 * @param {Hands} hands
 * @returns {HTMLElement | null}
 */
export function inlineKeyboard(message, hands) {
  if (!message.buttons?.length) return null;
  const rows = message.buttons.map((row) => el("div", { class: "row" }, ...row.map((button) => inlineButton(button, message, hands))));
  return el("div", { class: "keyboard", role: "group", "aria-label": say("buttons") }, ...rows);
}

/** @param {Button} button @param {import("./state.js").Message} message @param {Hands} hands */
function inlineButton(button, message, hands) {
  const style = STYLES.has(button.style ?? "") ? ` ${button.style}` : "";
  const look = { class: `inline-button${style}` };
  const label = el("span", { dir: "auto" }, button.text);
  if (button.url) return urlButton(button, look, label, hands);
  const doing = button.web_app ? () => hands.app(button) : () => hands.press(message.id, button.callback_data ?? "");
  const element = el("button", { ...look, type: "button" }, label, button.web_app ? icon("window") : null);
  element.addEventListener("click", async () => {
    if (element.hasAttribute("data-busy")) return;
    setBusy(element, true);
    await doing();
    setBusy(element, false);
  });
  return element;
}

/**
 * @param {Button} button
 * @param {{class: string}} look
 * @param {HTMLElement} label
 * @param {Hands} hands
 */
function urlButton(button, look, label, hands) {
  const address = safeAddress(button.url ?? "");
  if (!address) return el("button", { ...look, type: "button", "aria-disabled": "true", title: say("unsafe_link") }, label);
  const open = (/** @type {Event} */ event) => {
    if (hands.link(address)) event.preventDefault();
  };
  return el("a", { ...look, href: address.href, target: "_blank", rel: "noopener noreferrer", onclick: open }, label, icon("out"));
}
