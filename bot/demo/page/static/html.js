/**
 * A message's HTML as elements of this page. The markup is parsed into a document of its own, which runs nothing and
 * loads nothing; from there only what Telegram knows is built again, and everything else is left as its text.
 */

import { el } from "./dom.js";
import { say } from "./words.js";

/** @type {Record<string, string>} */
const PLAIN = {
  B: "b", STRONG: "b", I: "i", EM: "i", U: "u", INS: "u", S: "s", STRIKE: "s", DEL: "s", CODE: "code", PRE: "pre",
};
const SAFE = /^(?:https?|tg):$/;
// What Telegram makes touchable in plain text: addresses, its own short ones, and commands.
const FOUND = /https?:\/\/[^\s<>]+|\bt\.me\/[^\s<>]+|(?<![\w/<])\/[a-z0-9_]{1,32}(?![\w/])/gi;
const TRAILING = /[.,;:!?)\]}'"’”»]+$/;
// Deeper nesting than any message has would only serve to exhaust the stack.
const DEEPEST = 40;

/**
 * @typedef {{command: (text: string) => void, link: (address: URL) => boolean}} Touched
 *   what to do with a touched command, and with a link; a link that is dealt with returns true
 */

/**
 * @param {string} html
 * @param {Touched} touched
 * @returns {DocumentFragment}
 */
export function richText(html, touched) {
  // The wrapper keeps leading white space, which a parser drops at the start of a body.
  const parsed = new DOMParser().parseFromString(`<!doctype html><body><div>${html}`, "text/html");
  const fragment = document.createDocumentFragment();
  fragment.append(...children(parsed.body, { touched, linked: false, depth: 0 }));
  return fragment;
}

/**
 * @typedef {{touched: Touched, linked: boolean, depth: number}} Place
 * @param {Node} node
 * @param {Place} place
 * @returns {(Node | string)[]}
 */
function children(node, place) {
  if (place.depth > DEEPEST) return [node.textContent ?? ""];
  const deeper = { ...place, depth: place.depth + 1 };
  return [...node.childNodes].flatMap((child) => rebuilt(child, deeper));
}

/**
 * @param {Node} node
 * @param {Place} place
 * @returns {(Node | string)[]}
 */
function rebuilt(node, place) {
  if (node.nodeType === Node.TEXT_NODE) return place.linked ? [node.textContent ?? ""] : linkified(node.textContent ?? "", place.touched);
  if (!(node.nodeType === Node.ELEMENT_NODE)) return [];
  const element = /** @type {Element} */ (node);
  const name = element.tagName;
  if (name === "CODE" || name === "PRE") return [el(PLAIN[name], {}, ...children(element, { ...place, linked: true }))];
  if (PLAIN[name]) return [el(PLAIN[name], {}, ...children(element, place))];
  if (name === "A") return anchor(element, place);
  if (name === "TG-SPOILER") return [spoiler(children(element, place))];
  if (name === "BLOCKQUOTE") return [quote(children(element, place), element.hasAttribute("expandable"))];
  if (name === "BR") return ["\n"];
  return children(element, place);
}

/** @param {Element} element @param {Place} place */
function anchor(element, place) {
  const content = children(element, { ...place, linked: true });
  const address = safeAddress(element.getAttribute("href") ?? "");
  return address ? [link(address, content, place.touched)] : content;
}

/**
 * The address, where it is one that may be opened from a chat.
 * @param {string} text
 */
export function safeAddress(text) {
  const whole = /^[\w-]+(\.[\w-]+)+([/?#]|$)/.test(text) ? `https://${text}` : text;
  try {
    const address = new URL(whole);
    return SAFE.test(address.protocol) ? address : null;
  } catch {
    return null;
  }
}

/**
 * @param {URL} address
 * @param {(Node | string)[]} content
 * @param {Touched} touched
 */
function link(address, content, touched) {
  const open = (/** @type {Event} */ event) => {
    if (touched.link(address)) event.preventDefault();
  };
  return el("a", { href: address.href, target: "_blank", rel: "noopener noreferrer", onclick: open }, ...content);
}

/** @param {string} text @param {Touched} touched @returns {(Node | string)[]} */
function linkified(text, touched) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(FOUND)) {
    const found = match[0].replace(TRAILING, "");
    parts.push(text.slice(end, match.index), touchable(found, touched));
    end = match.index + found.length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== "");
}

/** @param {string} found @param {Touched} touched */
function touchable(found, touched) {
  if (found.startsWith("/")) return el("button", { type: "button", class: "command", onclick: () => touched.command(found) }, found);
  const address = safeAddress(found);
  return address ? link(address, [found], touched) : found;
}

/** @param {(Node | string)[]} content */
function spoiler(content) {
  const cover = el("button", { type: "button", class: "spoiler", "aria-label": say("spoiler") }, el("span", {}, ...content));
  cover.addEventListener("click", () => cover.replaceWith(el("span", { class: "spoiled" }, ...cover.firstChild.childNodes)));
  return cover;
}

/** @param {(Node | string)[]} content @param {boolean} expandable */
function quote(content, expandable) {
  const text = el("blockquote", { class: expandable ? "folded" : false }, ...content);
  if (!expandable) return text;
  const more = el("button", { type: "button", class: "more", "aria-expanded": "false" }, say("more"));
  more.addEventListener("click", () => {
    const folded = text.classList.toggle("folded");
    more.setAttribute("aria-expanded", String(!folded));
    more.textContent = say(folded ? "more" : "less");
  });
  return el("div", { class: "quote-box" }, text, more);
}
