/** The demo's page: puts the parts together and keeps them in step with the server. */

import { loadScene, post } from "./api.js";
import { clockBar } from "./clock.js";
import { closeDialogs, confirmed } from "./dialogs.js";
import { officialsChoice, tabs } from "./officials.js";
import { neighbours } from "./news.js";
import { Phones } from "./phones.js";
import { fromHash, Shown } from "./shown.js";
import { untouched } from "./state.js";
import { Store } from "./store.js";
import { listen } from "./stream.js";
import { tourBar } from "./tour.js";
import { say } from "./words.js";
import { el } from "./dom.js";

/** @param {string} id @returns {any} */
const place = (id) => document.getElementById(id);
const FIRST_POST = "sekretariat";
const AGAIN = 2000;
const NOT_FOUND = 404;
const PATIENCE = 1200;

/** The scene of the address, else the first; while the demo is still starting, asked for again and again. */
async function firstScene() {
  let sop = new URLSearchParams(location.search).get("sop") ?? "";
  for (;;) {
    try {
      return await loadScene(sop);
    } catch (error) {
      state(error.message);
      // An address from another demo: its list of SOPs is to be chosen from, so it has to be there.
      if (error.status === NOT_FOUND) sop = "";
      await new Promise((done) => setTimeout(done, AGAIN));
    }
  }
}

/** The line that says what is wrong with the page as a whole. @param {string} text empty where nothing is */
function state(text) {
  const line = place("state");
  line.textContent = text;
  line.hidden = text === "";
}

class Page {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.shown = new Shown(fromHash(location.hash));
    this.phones = new Phones(store, this.shown, place("phones"), () => this.#marked());
    clockBar(store, place("clock"));
    tourBar(store, place("tour"), { own: () => this.#ownWay(), reset: () => this.#reset() });
    this.choice = officialsChoice(store, this.shown, place("people"), {
      choose: (official, wanted) => this.#choose(official, wanted),
      follow: (wanted) => this.#follow(wanted),
    });
    this.tabs = tabs(store, place("tabs"), {
      open: ({ person }) => this.phones.open(person),
      active: () => this.phones.active,
    });
    place("reset").addEventListener("click", () => this.#reset());
    place("sop").addEventListener("change", (/** @type {any} */ event) => this.#change(event.target.value));
    place("controls").addEventListener("click", () => this.#controls());
    store.on("officials", () => this.#turns());
    store.on("tour", () => this.#turns());
    store.on("chat:*", () => {
      if (!untouched(store.state)) this.phones.withdraw();
      this.#marked();
    });
    store.on("read:*", () => this.#marked());
    neighbours(store, place("news"));
    this.begin();
  }

  /** Show the scene from its beginning. */
  begin() {
    closeDialogs();
    this.#sops();
    this.phones.clear();
    this.shown.fill(this.store.state.officials, this.phones.room);
    this.phones.sync();
    this.#turns();
    this.#suggest();
  }

  #sops() {
    const { sops, sop } = this.store.state;
    const offices = Map.groupBy ? Map.groupBy(sops, (each) => each.office) : new Map([["", sops]]);
    const groups = [...offices].map(([office, list]) =>
      el("optgroup", { label: office }, ...list.map(({ id, name }) => el("option", { value: id, selected: id === sop.id }, name))),
    );
    place("sop").replaceChildren(...groups);
    place("office").textContent = sop.office;
    document.title = say("title", { sop: sop.name });
  }

  /** Whoever has the turn comes in, and the tour's actor into view. */
  #turns() {
    const { officials, tour } = this.store.state;
    if (this.shown.follow) {
      const limits = { officials, room: this.phones.room, kept: this.phones.active };
      const actor = tour.state === "playing" ? this.store.official(tour.person ?? 0) : undefined;
      for (const official of [...officials.filter(({ waiting }) => waiting), actor]) {
        if (official) this.shown.bring(official, limits);
      }
      this.phones.sync();
      if (actor) this.phones.reveal(actor.person);
    }
    this.#marked();
  }

  #marked() {
    this.choice?.();
    this.tabs?.();
  }

  /** @param {import("./state.js").Official} official @param {boolean} wanted */
  #choose(official, wanted) {
    this.shown.choose(official, wanted);
    this.phones.sync();
    if (wanted) {
      this.#controls(false);
      this.phones.reveal(official.person);
    }
    this.#remember();
  }

  /** @param {boolean} wanted */
  #follow(wanted) {
    this.shown.follow = wanted;
    this.#remember();
    this.#turns();
  }

  #remember() {
    history.replaceState(null, "", `#${this.shown.remembered()}`);
  }

  /** The first command stands ready for a newcomer, on the phone that may give it. */
  #suggest() {
    const { sop, officials } = this.store.state;
    const first = officials.find(({ post: id }) => id === FIRST_POST);
    if (!first || !untouched(this.store.state) || !this.shown.has(first)) return;
    this.phones.suggest(first.person, sop.opening);
  }

  /** Lead whoever wants to play by hand to where it begins. */
  #ownWay() {
    const first = this.store.state.officials.find(({ post: id }) => id === FIRST_POST);
    if (!first) return;
    this.phones.open(first.person);
    this.#suggest();
    this.phones.write(first.person);
  }

  /** @param {string} sop */
  #change(sop) {
    location.assign(`/?${new URLSearchParams({ sop })}`);
  }

  async #reset() {
    if (!(await confirmed({ title: say("reset_title"), text: say("reset_text"), yes: say("reset_yes") }))) return;
    this.#controls(false);
    state(say("resetting"));
    try {
      await post("reset", { sop: this.store.state.sop.id });
      state("");
    } catch (error) {
      state(error.message);
    }
  }

  /** On a narrow screen the controls cover the phone. @param {boolean} [wanted] the other way round without it */
  #controls(wanted) {
    const open = document.body.classList.toggle("controls-open", wanted);
    place("controls").setAttribute("aria-expanded", String(open));
  }
}

const store = new Store(await firstScene());
state("");
document.body.classList.remove("loading");
const page = new Page(store);
let reloading = false;
let missing = 0;
const stream = listen({
  sop: () => store.state.sop.id,
  preparing: state,
  connected: (connected) => {
    clearTimeout(missing);
    if (connected) state("");
    // A stream that is back at once was not worth a word.
    else missing = setTimeout(() => state(say("lost")), PATIENCE);
  },
  news: async (news) => {
    if (reloading || (store.take(news) && !news.reset)) return;
    // Another epoch: somebody has begun anew. What was shown is gone, also for this page.
    reloading = true;
    try {
      store.open(await loadScene(store.state.sop.id));
      page.begin();
      stream.restart();
    } catch (error) {
      state(error.message);
      // The stream, told everything once more, brings it here again.
      setTimeout(stream.restart, AGAIN);
    } finally {
      reloading = false;
    }
  },
});
