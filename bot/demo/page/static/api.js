/** The page's requests. Every failure becomes a Trouble whose message is a sentence for the person at the page. */

import { say } from "./words.js";

/** What went wrong, in words to be shown; `status` is the answer's, 0 where none came. */
export class Trouble extends Error {
  /** @param {string} text @param {number} [status] */
  constructor(text, status = 0) {
    super(text);
    this.status = status;
  }
}

/**
 * @param {string} address
 * @param {RequestInit} [options]
 * @returns {Promise<any>}
 */
async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, { credentials: "same-origin", ...options });
  } catch {
    throw new Trouble(say("unreachable"));
  }
  const body = await answer.json().catch(() => null);
  if (answer.ok && body !== null) return body;
  throw new Trouble(body?.error || say("failed"), answer.status);
}

/**
 * @param {string} path below /page/
 * @param {Record<string, unknown>} body
 */
export function post(path, body) {
  return ask(`/page/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/**
 * @param {{sop: string, person: number, caption: string, file: File, replyTo: number | null}} sent
 */
export function postFile({ sop, person, caption, file, replyTo }) {
  const form = new FormData();
  form.set("sop", sop);
  form.set("person", String(person));
  form.set("caption", caption);
  if (replyTo !== null) form.set("reply_to", String(replyTo));
  // What a phone would send as a photo; everything else keeps its name and bytes.
  form.set("kind", ["image/png", "image/jpeg"].includes(file.type) ? "photo" : "document");
  form.set("file", file, file.name);
  return ask("/page/file", { method: "POST", body: form });
}

/**
 * @param {string} sop its id, empty for the demo's first
 * @returns {Promise<import("./state.js").Scene>}
 */
export function loadScene(sop) {
  return ask(`/page/scene?${new URLSearchParams(sop ? { sop } : {})}`, { cache: "no-store" });
}

/** Where a file of a message is. @param {string} id */
export function fileAddress(id) {
  return `/page/files/${encodeURIComponent(id)}`;
}
