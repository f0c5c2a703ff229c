// One case in full, in a dialog: its steps done, now and ahead, and what happened to it.

import { byId, element, say, word } from "./dom.js";
import { on, post } from "./telegram.js";

const dialog = byId("case");
let open = null; // {id, row}: what is shown, and the row it was read for
let look = null;
let content = "";

/** Prepare the dialog; `read(id)` fetches a case. */
export function prepareCase(read) {
  look = read;
  byId("case-close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  dialog.addEventListener("close", () => {
    open = null;
    post("web_app_setup_back_button", { is_visible: false });
  });
  on("back_button_pressed", () => dialog.close());
}

/** Open a case. */
export function showCase(row) {
  open = { id: row.id, row: JSON.stringify(row) };
  content = "";
  say(byId("case-code"), row.code);
  say(byId("case-title"), row.title);
  blank(word("loading_case"));
  byId("case-log").open = false;
  if (!dialog.open) dialog.showModal();
  byId("case-body").scrollTop = 0;
  post("web_app_setup_back_button", { is_visible: true });
  return refresh();
}

/** Read the open case again where its row has changed, or is gone. */
export function caseChanged(rows) {
  if (!open) return;
  const row = JSON.stringify(rows.find((each) => each.id === open.id) ?? null);
  if (row === open.row) return;
  open.row = row;
  refresh();
}

/** Close whatever is open: it may not be seen any more. */
export function closeCase() {
  if (dialog.open) dialog.close();
  content = "";
  blank("");
  say(byId("case-code"), "");
  say(byId("case-title"), "");
}

async function refresh() {
  const id = open.id;
  let shown = null;
  let failed = false;
  try {
    shown = await look(id);
  } catch {
    failed = true;
  }
  if (open?.id !== id) return; // another one meanwhile
  if (failed) {
    if (!content) blank(word("case_failed"));
  } else if (shown === null) {
    content = "";
    blank(word("case_gone"));
  } else if (content !== JSON.stringify(shown)) {
    const first = !content;
    content = JSON.stringify(shown);
    fill(shown);
    // A long way to the step that is at issue: it is shown first, what led there stands above it.
    if (first) byId("case-steps").querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
  }
}

function blank(text) {
  say(byId("case-facts"), text);
  byId("case-steps").replaceChildren();
  byId("case-history").replaceChildren();
  byId("case-body").classList.add("blank");
}

function fill(shown) {
  byId("case-body").classList.remove("blank");
  say(byId("case-code"), shown.code);
  say(byId("case-title"), shown.title);
  byId("case-title").dir = "auto";
  const started = word("started", { moment: shown.started, who: shown.starter });
  say(byId("case-facts"), [shown.sop, shown.where, started].join(" · "));
  byId("case-steps").replaceChildren(...shown.steps.map(step));
  byId("case-older").hidden = !shown.left_out;
  say(byId("case-older"), shown.left_out ? word("older", { count: shown.left_out }) : "");
  byId("case-history").replaceChildren(...shown.history.map(entry));
}

function step(shown) {
  const turn = shown.turns.at(-1);
  const state = shown.state === "now" && turn?.over ? "late" : shown.state;
  const mark = shown.state === "now" ? `now ${turn?.over ? "late" : "running"}` : shown.state;
  return element("li", {
    name: `of-step ${shown.state}`,
    attributes: shown.state === "now" ? { "aria-current": "step" } : {},
    children: [
      element("span", { name: `cell ${mark}`, text: String(shown.number), attributes: { "aria-hidden": "true" } }),
      element("div", {
        children: [
          element("p", {
            name: "activity",
            children: [
              element("span", { name: "unseen", text: `${word("step", { number: shown.number })} (${word(`state_${state}`)}): ` }),
              element("bdi", { text: shown.activity }),
            ],
          }),
          element("p", { name: "facts", text: `${shown.posts} · ${word("budget", { budget: shown.budget })}` }),
          ...shown.turns.map(turnOf),
        ],
      }),
    ],
  });
}

function turnOf(shown) {
  const lines = [element("p", { name: "who", children: [element("bdi", { text: shown.who })] })];
  const head = shown.ended ? word("ended", { outcome: shown.outcome, moment: shown.ended }) : shown.outcome;
  const left = shown.left ? ` · ${shown.left}` : "";
  lines.unshift(element("p", { name: "outcome", text: [shown.round, head].filter(Boolean).join(" – ") + left }));
  if (shown.used) {
    const over = shown.over ? ` – ${word("over_time")}` : "";
    lines.push(element("p", { name: shown.over ? "used over" : "used", text: word("used", { used: shown.used }) + over }));
  }
  const given = [word("given", { moment: shown.given }), word("due", { moment: shown.due })].join(" · ");
  lines.push(element("p", { name: "facts", text: given }));
  if (shown.reason) lines.push(element("p", { name: "words", text: word("reason", { reason: shown.reason }), attributes: { dir: "auto" } }));
  for (const note of shown.notes) {
    lines.push(element("p", { name: "words", text: word("note", { note }), attributes: { dir: "auto" } }));
  }
  return element("div", { name: `turn ${shown.state}`, children: lines });
}

function entry(shown) {
  const children = [element("span", { name: "facts", text: shown.moment }), " ", element("bdi", { text: shown.line })];
  if (shown.text) children.push(element("p", { name: "words", text: shown.text, attributes: { dir: "auto" } }));
  return element("li", { children });
}
