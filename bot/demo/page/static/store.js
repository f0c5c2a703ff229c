/** The one holder of the state; parts of the page listen for what concerns them. */

import { opened, take } from "./state.js";

/** @typedef {import("./state.js").State} State */

export class Store {
  /** @type {State} */
  state;

  /** @type {Map<string, Set<() => void>>} */
  #listeners = new Map();

  /** @param {import("./state.js").Scene} scene */
  constructor(scene) {
    this.state = opened(scene);
  }

  /**
   * Call `listener` whenever `topic` changes: a topic of `take`, "chat:*" for any chat, "scene" for a fresh start.
   * @param {string} topic
   * @param {() => void} listener
   * @returns {() => void} ends it
   */
  on(topic, listener) {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** @param {string} topic */
  tell(topic) {
    for (const listener of [...(this.#listeners.get(topic) ?? [])]) listener();
  }

  /** Begin anew. @param {import("./state.js").Scene} scene */
  open(scene) {
    this.state = opened(scene);
    this.tell("scene");
  }

  /**
   * @param {import("./state.js").News} news
   * @returns {boolean} false where the news is of another epoch, so that the scene must be loaded again
   */
  take(news) {
    const changed = take(this.state, news);
    if (changed.has("epoch")) return false;
    for (const topic of changed) this.tell(topic);
    if ([...changed].some((topic) => topic.startsWith("chat:"))) this.tell("chat:*");
    return true;
  }

  /** @param {number} person */
  chat(person) {
    const chat = this.state.chats.get(person);
    if (!chat) throw new Error(`no chat of ${person}`);
    return chat;
  }

  /** @param {number} person */
  official(person) {
    return this.state.officials.find((official) => official.person === person);
  }

  /** Count everything in the chat as seen. @param {number} person @param {number} upTo */
  read(person, upTo) {
    const chat = this.chat(person);
    if (upTo <= chat.read) return;
    chat.read = upTo;
    this.tell(`read:${person}`);
    this.tell("read:*");
  }
}
