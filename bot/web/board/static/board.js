// The live board: what is seen of an office's running cases, kept true. Read-only.

import { caseChanged, closeCase, prepareCase, showCase } from "./case.js";
import { Closed, Connection } from "./connection.js";
import { byId, element, say, word } from "./dom.js";
import { clearRows, showHeads, showRows } from "./rows.js";
import { initData, post } from "./telegram.js";
import { followTheme } from "./theme.js";

const SIGNS = { late: "!", running: "▸", held: "‖" };
let shown = null;
let filter = ""; // an abbreviation, empty for all

const connection = new Connection({
  board(content, now) {
    shown = content;
    showMoment(now);
    connected("live");
    try {
      render();
    } catch (error) {
      reportError(error); // a mistake of this page, not of the line that it came over
    }
  },
  now(text) {
    showMoment(text);
    connected("live");
  },
  lost: () => connected("lost"),
  crowded: () => connected("crowded"),
});

function showMoment(now) {
  say(byId("moment"), word("updated", { now }));
}

function connected(state) {
  document.body.dataset.state = state;
  say(byId("state"), word(state));
}

function render() {
  const { board, offices } = shown;
  byId("loading").hidden = true;
  byId("board").hidden = false;
  showOffices(offices, board);
  showCounts(board.counts);
  showFilter(board);
  const cases = board.rows.filter((row) => !filter || board.columns[row.sop].abbreviation === filter);
  const tables = new Set(cases.map((row) => row.table));
  showHeads(tables.size === 1 ? headColumns(cases, board.columns) : null);
  showRows(cases, board.columns, showCase);
  byId("empty").hidden = cases.length > 0;
  say(byId("empty"), cases.length ? "" : word(board.rows.length ? "none_here" : "empty"));
  byId("left-out").hidden = !board.left_out;
  say(byId("left-out"), board.left_out ? word("left_out", { count: board.left_out }) : "");
  caseChanged(board.rows);
}

/** Return the columns that all these cases share, those of an open one where there is any. */
function headColumns(cases, columns) {
  const telling = cases.find((row) => !row.secret) ?? cases[0];
  return columns[telling.sop];
}

function showOffices(offices, board) {
  const several = offices.length > 1;
  byId("offices-choice").hidden = !several;
  byId("office").hidden = several;
  say(byId("office"), board.office_name);
  document.title = `${byId("office").textContent} – ${document.querySelector("h1").textContent}`;
  const select = byId("offices");
  const key = JSON.stringify(offices);
  if (select.dataset.key !== key) {
    select.dataset.key = key;
    select.replaceChildren(...offices.map(({ id, name }) => element("option", { text: name, attributes: { value: id } })));
  }
  select.value = board.office;
}

function showCounts(counts) {
  const items = Object.entries(SIGNS).map(([state, sign]) =>
    element("li", {
      name: `count ${state}${counts[state] ? "" : " none"}`,
      children: [
        element("span", { name: "sign", text: sign, attributes: { "aria-hidden": "true" } }),
        element("b", { text: String(counts[state]) }),
        ` ${word(state)}`,
      ],
    }),
  );
  byId("counts").replaceChildren(...items);
}

function showFilter(board) {
  const groups = new Map();
  for (const row of board.rows) {
    const { abbreviation } = board.columns[row.sop];
    groups.set(abbreviation, (groups.get(abbreviation) ?? 0) + 1);
  }
  if (filter && !groups.has(filter)) filter = "";
  const choices = [["", board.rows.length], ...[...groups].sort(([one], [other]) => one.localeCompare(other))];
  const place = byId("filter");
  place.hidden = groups.size < 2;
  const key = JSON.stringify([choices, filter]);
  if (place.dataset.key === key) return;
  const focused = document.activeElement?.dataset?.filter;
  place.dataset.key = key;
  place.replaceChildren(...choices.map(([name, count]) => choice(name, count)));
  if (focused !== undefined) place.querySelector(`[data-filter="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

function choice(name, count) {
  const button = element("button", {
    text: `${name || word("all")} (${count})`,
    attributes: { type: "button", "aria-pressed": String(filter === name), "data-filter": name },
  });
  button.addEventListener("click", () => {
    filter = name;
    render();
  });
  return button;
}

/** Show why there is no board, and nothing of what it showed. */
function close(why) {
  shown = null;
  closeCase();
  clearRows();
  byId("board").hidden = true;
  byId("loading").hidden = true;
  for (const id of ["office", "moment", "state", "counts"]) byId(id).replaceChildren();
  byId("offices-choice").hidden = true;
  document.title = document.querySelector("h1").textContent;
  say(byId("notice-title"), word(`${why}_title`));
  say(byId("notice-text"), word(why));
  byId("notice").hidden = false;
}

async function start() {
  followTheme();
  prepareCase((id) => connection.look(id));
  byId("offices").addEventListener("change", (event) => {
    filter = "";
    connection.choose(event.target.value);
  });
  post("web_app_ready");
  post("web_app_expand");
  if (!initData) {
    close("closed");
    return;
  }
  try {
    await connection.run();
  } catch (error) {
    close(error instanceof Closed ? error.message : "broken");
    if (!(error instanceof Closed)) throw error;
  }
}

start();
