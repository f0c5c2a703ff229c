// From the data that Telegram signed to a session, and from that to the board, again and again. Each event is a whole
// board, so a stream that breaks and comes back repeats nothing. The session lives in this page's memory only.

import { initData } from "./telegram.js";

const PAUSES = [1, 2, 5, 10, 20]; // seconds between attempts
const SILENCE = 45; // seconds without a word after which a line counts as dead
const POLL = 30; // seconds between looks where there is no room for a stream

/** Why the board is closed to this page: "over" (open it anew), "stranger" (belongs to no office). */
export class Closed extends Error {}

class Trouble extends Error {}

export class Connection {
  /** `heard`: board(content), now(text), lost(), crowded(). */
  constructor(heard) {
    this.heard = heard;
    this.office = "";
    this.session = null;
    this.line = null;
    this.lastWord = 0;
    document.addEventListener("visibilitychange", () => this.#wake());
    window.addEventListener("online", () => this.#wake());
  }

  /** Show another office. */
  choose(office) {
    this.office = office;
    this.line?.abort("chosen");
  }

  /** Keep the board coming; throws Closed where it may not be seen any more. */
  async run() {
    let failures = 0;
    for (;;) {
      try {
        await this.#follow(() => (failures = 0));
      } catch (error) {
        if (error instanceof Closed) throw error;
        if (this.line?.signal.reason === "chosen") continue;
        this.heard.lost();
        await pause(PAUSES[Math.min(failures, PAUSES.length - 1)] * (0.8 + Math.random() * 0.4));
        failures += 1;
      }
    }
  }

  /** Return one case; null where it is not ours to see. */
  async look(id) {
    const answer = await this.#ask(`berkas/${id}`, AbortSignal.timeout(15000));
    if (answer.status === 404) return null;
    if (!answer.ok) throw new Trouble(String(answer.status));
    return answer.json();
  }

  async #follow(succeeded) {
    this.line = new AbortController();
    const office = this.office;
    const query = office ? `?kantor=${encodeURIComponent(office)}` : "";
    const answer = await this.#ask(`alur${query}`, this.line.signal);
    if (answer.status === 403) return this.#refused(office);
    if (answer.status === 503) return this.#poll(query);
    if (!answer.ok) throw new Trouble(String(answer.status));
    const why = await this.#read(answer.body, succeeded);
    if (why === "gone") return this.#refused(office);
    if (why === "session") this.session = null;
    else throw new Trouble(why);
  }

  #refused(office) {
    // The office that was chosen may be gone while another one is left.
    if (!office) throw new Closed("stranger");
    this.office = "";
  }

  async #poll(query) {
    const answer = await this.#ask(`berkas${query}`, this.line.signal);
    if (answer.status === 403) return this.#refused(this.office);
    if (!answer.ok) throw new Trouble(String(answer.status));
    const { now, ...content } = await answer.json();
    this.heard.board(content, now);
    this.heard.crowded();
    await pause(POLL, this.line.signal);
  }

  /** Ask with a session, a new one where the old one is over. */
  async #ask(path, signal) {
    for (const last of [false, true]) {
      this.session ??= await this.#signIn(signal);
      const answer = await fetch(path, {
        headers: { Authorization: `Bearer ${this.session}` },
        cache: "no-store",
        credentials: "omit",
        signal,
      });
      if (answer.status !== 401) return answer;
      this.session = null;
      if (last) throw new Closed("over");
    }
  }

  async #signIn(signal) {
    const answer = await fetch("masuk", { method: "POST", body: initData, cache: "no-store", credentials: "omit", signal });
    if (answer.status === 401) throw new Closed("over");
    if (!answer.ok) throw new Trouble(String(answer.status));
    return (await answer.json()).session;
  }

  /** Read events until the stream ends; returns why. */
  async #read(body, succeeded) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    this.lastWord = Date.now();
    const line = this.line;
    const watch = setInterval(() => {
      if (Date.now() - this.lastWord > SILENCE * 1000) line.abort("silent");
    }, 5000);
    let waiting = "";
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return "closed";
        this.lastWord = Date.now();
        const pieces = (waiting + value).split("\n\n");
        waiting = pieces.pop();
        for (const piece of pieces) {
          const event = parse(piece);
          if (event.kind === "end") return event.data.why;
          if (event.kind === "now") this.heard.now(event.data.now);
          if (event.kind === "board") {
            const { now, ...content } = event.data;
            succeeded();
            this.heard.board(content, now);
          }
        }
      }
    } finally {
      clearInterval(watch);
      line.abort("done");
    }
  }

  /** A phone that slept has a dead line more often than not. */
  #wake() {
    if (!document.hidden && Date.now() - this.lastWord > 20000) this.line?.abort("woken");
  }
}

function parse(piece) {
  const event = { kind: "", data: null };
  for (const line of piece.split("\n")) {
    if (line.startsWith("event: ")) event.kind = line.slice(7);
    if (line.startsWith("data: ")) event.data = JSON.parse(line.slice(6));
  }
  return event;
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new Trouble("aborted"));
    });
  });
}
