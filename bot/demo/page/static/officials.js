/** Who is shown: the list with checkboxes, and on a narrow screen the tabs under the one phone. */

import { el, initials, motion } from "./dom.js";
import { unread } from "./state.js";
import { say } from "./words.js";

/** @typedef {import("./state.js").Official} Official @typedef {import("./store.js").Store} Store */

/**
 * @param {Store} store
 * @param {import("./shown.js").Shown} shown
 * @param {HTMLElement} place
 * @param {{choose: (official: Official, wanted: boolean) => void, reveal: (official: Official) => void,
 *   follow: (wanted: boolean) => void}} wishes
 * @returns {() => void} shows the present choice
 */
export function officialsChoice(store, shown, place, { choose, follow }) {
  const list = el("div", { class: "list" });
  const following = el("input", { type: "checkbox", onchange: () => follow(following.checked) });
  place.append(list, el("label", { class: "follow" }, following, el("span", {}, say("follow"))));
  return () => {
    following.checked = shown.follow;
    syncRows(list, store.state.officials, (official) => choiceRow(official, choose), (row, official) => {
      row.querySelector("input").checked = shown.has(official);
      mark(row, official, store);
    });
  };
}

/** @param {Official} official @param {(official: Official, wanted: boolean) => void} choose */
function choiceRow(official, choose) {
  const box = el("input", { type: "checkbox", onchange: () => choose(official, box.checked) });
  return el(
    "label",
    { class: "person" },
    box,
    el("span", { class: "who" }, el("b", { dir: "auto" }, official.name), el("span", { dir: "auto" }, ` (${official.title})`)),
    el("span", { class: "marks" }),
  );
}

/**
 * @param {Store} store
 * @param {HTMLElement} place
 * @param {{open: (official: Official) => void, active: () => number | null}} wishes
 * @returns {() => void} shows the present tabs
 */
export function tabs(store, place, { open, active }) {
  return () =>
    syncRows(place, store.state.officials, (official) => tab(official, open), (row, official) => {
      const current = official.person === active();
      const came = mark(row, official, store) && official.waiting;
      if (came || (current && !row.hasAttribute("aria-current"))) intoView(row);
      if (current) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    });
}

/** @param {Official} official @param {(official: Official) => void} open */
function tab(official, open) {
  const label = el("span", { class: "who" }, el("b", {}, official.name.split(" ")[0]), el("span", {}, official.title));
  const face = el("span", { class: "face", "aria-hidden": "true" }, initials(official.name));
  return el("button", { type: "button", class: "tab", onclick: () => open(official) }, face, label, el("span", { class: "marks" }));
}

/**
 * Keep one row for each official; rows stay the same elements, so that nobody loses the keyboard's place.
 * @param {HTMLElement} list
 * @param {Official[]} officials
 * @param {(official: Official) => any} make
 * @param {(row: any, official: Official) => void} update
 */
function syncRows(list, officials, make, update) {
  const rows = new Map([...list.children].map((row) => [Number(/** @type {HTMLElement} */ (row).dataset.person), row]));
  const wanted = officials.map((official) => {
    const row = rows.get(official.person) ?? make(official);
    row.dataset.person = official.person;
    row.dataset.face = official.person % 6;
    update(row, official);
    return row;
  });
  const same = wanted.length === list.children.length && wanted.every((row, index) => list.children[index] === row);
  if (!same) list.replaceChildren(...wanted);
}

/**
 * Say on a row whose turn it is and what they have not seen.
 * @param {HTMLElement} row
 * @param {Official} official
 * @param {Store} store
 * @returns {boolean} whether anything of it is new
 */
function mark(row, official, store) {
  const count = unread(store.chat(official.person));
  const state = `${official.waiting} ${count}`;
  if (row.dataset.marks === state) return false;
  row.dataset.marks = state;
  row.querySelector(".marks")?.replaceChildren(
    ...(official.waiting ? [el("span", { class: "turn" }, say("turn"))] : []),
    ...(count ? [el("span", { class: "badge" }, String(count), el("span", { class: "sr" }, ` ${say("unread")}`))] : []),
  );
  row.classList.toggle("waiting", official.waiting);
  if (row.matches("button")) {
    const parts = [say("phone_of", official), official.waiting && say("turn"), count && `${count} ${say("unread")}`];
    row.setAttribute("aria-label", parts.filter(Boolean).join(", "));
  }
  return true;
}

/** Scroll the tabs, and only them, so far that one can be seen. @param {HTMLElement} tab */
function intoView(tab) {
  const bar = tab.parentElement;
  if (!bar) return;
  const before = tab.offsetLeft - bar.scrollLeft;
  if (before < 0 || before + tab.offsetWidth > bar.clientWidth) bar.scrollTo({ left: tab.offsetLeft - bar.clientWidth / 3, behavior: motion() });
}
