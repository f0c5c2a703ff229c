/**
 * Which phones stand on the page. Those that the visitor has chosen stay; those that have come because it is their
 * turn leave again when others need the room. Pure but for the place in the address where it is remembered.
 */

/** @typedef {import("./state.js").Official} Official */

const FIRST_POST = "sekretariat";

export class Shown {
  /** @type {Map<string, "chosen" | "brought">} by post, whose ids outlive a reset */
  #posts = new Map();
  /** @type {Map<string, number>} when it was last somebody's turn, as a count */
  #turns = new Map();
  #count = 0;

  /** @param {{posts: string[], follow: boolean}} remembered */
  constructor({ posts, follow }) {
    this.follow = follow;
    for (const post of posts) this.#posts.set(post, "chosen");
  }

  /** The officials to show, in the office's order. @param {Official[]} officials */
  of(officials) {
    return officials.filter(({ post }) => this.#posts.has(post));
  }

  /** @param {Official} official */
  has(official) {
    return this.#posts.has(official.post);
  }

  /** Fill the page for somebody who has chosen nothing. @param {Official[]} officials @param {number} room */
  fill(officials, room) {
    for (const post of [...this.#posts.keys()]) {
      if (!officials.some((official) => official.post === post)) this.#posts.delete(post);
    }
    if (this.#posts.size > 0) return;
    const first = officials.find(({ post }) => post === FIRST_POST) ?? officials[0];
    for (const official of [first, ...officials]) {
      if (official && this.#posts.size < room) this.#posts.set(official.post, official === first ? "chosen" : "brought");
    }
  }

  /** @param {Official} official @param {boolean} wanted */
  choose(official, wanted) {
    if (wanted) this.#posts.set(official.post, "chosen");
    else this.#posts.delete(official.post);
  }

  /**
   * Bring somebody in, and let those go who came the same way, longest idle first, when there is no room for both.
   * @param {Official} official
   * @param {{officials: Official[], room: number, kept: number | null}} limits `kept` is whom the visitor is using
   */
  bring(official, { officials, room, kept }) {
    this.#turns.set(official.post, (this.#count += 1));
    if (this.#posts.has(official.post)) return;
    this.#posts.set(official.post, "brought");
    const idle = officials
      .filter(({ post, waiting, person }) => this.#posts.get(post) === "brought" && !waiting && person !== kept && post !== official.post)
      .sort((one, other) => (this.#turns.get(one.post) ?? 0) - (this.#turns.get(other.post) ?? 0));
    for (const { post } of idle) {
      if (this.#posts.size <= room) return;
      this.#posts.delete(post);
    }
  }

  /** What the address remembers: chosen phones only, the others come by themselves. */
  remembered() {
    const posts = [...this.#posts].filter(([, how]) => how === "chosen").map(([post]) => post);
    return new URLSearchParams({ tampil: posts.join(","), ikuti: this.follow ? "1" : "0" }).toString();
  }
}

/** @param {string} hash of the page's address */
export function fromHash(hash) {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  return { posts: (values.get("tampil") ?? "").split(",").filter(Boolean), follow: values.get("ikuti") !== "0" };
}
