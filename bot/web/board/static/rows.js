// The rows: one for each case, known by its id, changed in place and moved, so that neither focus nor place is lost.

import { byId, element, say, word } from "./dom.js";

const MANY = 14; // so many steps have no room for their numbers on a phone
const FEW = 6; // up to so many columns are wide enough for words across
const VERY_MANY = 28; // nor more than so many on a desk
const list = byId("rows");
const known = new Map();

/** Show cases in order; `open(case)` is called when somebody picks one. */
export function showRows(cases, columns, open) {
  const gone = new Set(known.keys());
  let after = null;
  for (const shown of cases) {
    gone.delete(shown.id);
    const row = known.get(shown.id) ?? made(shown.id, open);
    fill(row, shown, columns[shown.sop]);
    const place = after ? after.nextSibling : list.firstChild;
    // Moving an element takes its focus: only what is out of place is moved.
    if (row.item !== place) moved(row, place);
    after = row.item;
  }
  for (const id of gone) {
    known.get(id).item.remove();
    known.delete(id);
  }
}

/** Take everything away. */
export function clearRows() {
  known.clear();
  list.replaceChildren();
}

function moved(row, place) {
  const focused = document.activeElement === row.button;
  list.insertBefore(row.item, place);
  if (focused) row.button.focus({ preventScroll: true });
}

function made(id, open) {
  const parts = {
    code: element("span", { name: "code" }),
    title: element("span", { name: "title" }),
    track: element("span", { name: "track", attributes: { "aria-hidden": "true" } }),
    step: element("span", { name: "step" }),
    holder: element("span", { name: "holder" }),
    seen: element("span", { name: "seen" }),
    left: element("span", { name: "left" }),
    due: element("span", { name: "due" }),
  };
  const button = element("button", {
    name: "row",
    attributes: { type: "button", "aria-haspopup": "dialog" },
    children: [
      element("span", { name: "what", children: [parts.code, " ", parts.title] }),
      element("span", { name: "where", children: [parts.track, parts.step] }),
      element("span", { name: "who", children: [element("span", { name: "holding", text: `${word("holder")}: ` }), parts.holder, " ", parts.seen] }),
      element("span", { name: "when", children: [parts.left, " ", parts.due] }),
    ],
  });
  const row = { ...parts, button, item: element("li", { children: [button] }), cells: "", shown: null };
  button.addEventListener("click", () => open(row.shown));
  known.set(id, row);
  return row;
}

function fill(row, shown, columns) {
  row.shown = shown;
  row.button.className = `row ${shown.state}`;
  say(row.code, shown.code);
  say(row.title, shown.title);
  row.title.dir = "auto";
  const step = columns.steps[shown.place];
  const place = word("of", { place: shown.place + 1, count: columns.steps.length });
  say(row.step, [place, shown.round].filter(Boolean).join(", "));
  row.step.title = step.activity;
  say(row.holder, shown.holders);
  say(row.seen, shown.accepted ? `✓ ${word("accepted")}` : "");
  say(row.left, shown.left);
  say(row.due, shown.due);
  const key = JSON.stringify([shown.place, shown.state, shown.sop]);
  if (row.cells !== key) {
    row.cells = key;
    row.track.className = trackClass(columns);
    row.track.replaceChildren(...columns.steps.map((column, place) => cell(column, place, shown)));
  }
}

function trackClass(columns) {
  const count = columns.steps.length;
  if (count <= FEW) return "track few";
  return `track${count > MANY ? " many" : ""}${count > VERY_MANY ? " very-many" : ""}`;
}

function cell(column, place, shown) {
  const state = place < shown.place ? "done" : place > shown.place ? "ahead" : `now ${shown.state}`;
  const about = shown.secret ? column.posts : `${column.activity} – ${column.posts}`;
  return element("span", { name: `cell ${state}`, text: String(column.number), attributes: { title: about } });
}

/** Show the columns over the rows, where all rows have the same ones and there is room for them. */
export function showHeads(shared) {
  const columns = shared && shared.steps.length <= VERY_MANY ? shared : null;
  const track = element("span", { name: columns ? trackClass(columns) : "track" });
  if (columns) {
    const heads = columns.steps.map((column) =>
      element("span", {
        name: "head",
        children: [element("span", { name: "post", text: column.posts }), element("b", { text: String(column.number) })],
        attributes: { title: column.secret ? column.posts : `${column.activity} – ${column.posts}` },
      }),
    );
    track.append(...heads);
  } else {
    track.append(element("span", { text: word("where") }));
  }
  byId("heads").classList.toggle("columns", Boolean(columns));
  byId("heads").replaceChildren(
    element("span", { name: "what", text: word("case") }),
    element("span", { name: "where", children: [track] }),
    element("span", { name: "who", text: word("holder") }),
    element("span", { name: "when", text: word("time") }),
  );
}
