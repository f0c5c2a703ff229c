/** What opens over the page: questions, pictures at full size, Mini Apps, and where an invitation leads. */

import { post } from "./api.js";
import { el, icon, iconButton } from "./dom.js";
import { say } from "./words.js";

const START_HOSTS = new Set(["t.me", "telegram.me", "telegram.dog"]);

/**
 * Open a real dialog, which keeps the keyboard inside and closes with Esc; it leaves the page when it is closed.
 * @param {string} title
 * @param {string} look a class
 * @param {...(Node | string)} content
 * @returns {HTMLDialogElement}
 */
function openDialog(title, look, ...content) {
  const dialog = el(
    "dialog",
    { class: look, "aria-label": title },
    el("header", {}, el("h2", { dir: "auto" }, title), iconButton("close", say("close"), () => dialog.close())),
    ...content,
  );
  dialog.addEventListener("close", () => dialog.remove());
  // A touch beside it, where only the backdrop is, closes it as on a phone.
  dialog.addEventListener("click", (/** @type {Event} */ event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** After a reset nothing that stands over the page is true any more. */
export function closeDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
}

/**
 * Ask before something that cannot be taken back.
 * @param {{title: string, text: string, yes: string}} question
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text, yes }) {
  return new Promise((resolve) => {
    let answer = false;
    const decide = (/** @type {boolean} */ decision) => {
      answer = decision;
      dialog.close();
    };
    const dialog = openDialog(
      title,
      "question",
      el("p", {}, text),
      el(
        "div",
        { class: "choices" },
        el("button", { type: "button", autofocus: true, onclick: () => decide(false) }, say("no")),
        el("button", { type: "button", class: "danger", onclick: () => decide(true) }, yes),
      ),
    );
    dialog.addEventListener("close", () => resolve(answer));
  });
}

/** @param {string} address @param {string} about */
export function showPicture(address, about) {
  openDialog(
    about,
    "picture",
    el("div", { class: "canvas", tabindex: "0" }, el("img", { src: address, alt: say("picture_of", { about }) })),
    el("footer", {}, el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, icon("out"), say("new_tab"))),
  );
}

/**
 * Open what Telegram would open for a menu button or a button of a message; raises Trouble where there is nothing.
 * @param {string} sop
 * @param {number} person
 * @param {string} [url]
 */
export async function openApp(sop, person, url) {
  const answer = await post("app", { sop, person, ...(url ? { url } : {}) });
  const address = new URL(answer.url, location.href);
  openDialog(
    say("app"),
    "app",
    el("iframe", { src: address.href, title: say("app") }),
    el("footer", {}, el("a", { href: address.href, target: "_blank", rel: "noopener" }, icon("out"), say("new_tab"))),
  );
}

/**
 * Deal with a link to a bot's start, which leads back into the demo: ask on whose phone it is opened.
 * @param {URL} address
 * @param {import("./store.js").Store} store
 * @param {(text: string, person: number) => void} saidBy
 * @returns {boolean} whether it was such a link
 */
export function openDeepLink(address, store, saidBy) {
  const code = startCode(address);
  if (code === null) return false;
  const open = (/** @type {number} */ person) => {
    dialog.close();
    saidBy(`/start ${code}`.trim(), person);
  };
  const choices = store.state.officials.map(({ person, name, title }) =>
    el("button", { type: "button", onclick: () => open(person) }, el("b", { dir: "auto" }, name), el("span", { dir: "auto" }, title)),
  );
  const dialog = openDialog(say("open_link"), "people", el("p", {}, say("open_link_as")), el("div", { class: "choices" }, ...choices));
  return true;
}

/** The code of an invitation link, null where the address is something else. @param {URL} address */
export function startCode(address) {
  const web = START_HOSTS.has(address.hostname) && /^\/\w+\/?$/.test(address.pathname);
  const own = address.protocol === "tg:" && address.href.startsWith("tg://resolve");
  return web || own ? address.searchParams.get("start") : null;
}
