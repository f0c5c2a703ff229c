/**
 * What the page knows, and how news changes it. Pure: no element, no request, no clock.
 *
 * News may come twice or late (a stream that reconnects repeats itself), so a message is kept under its id and only
 * ever replaced by a younger version of itself.
 */

/**
 * @typedef {{text: string, callback_data?: string, url?: string, web_app?: {url: string}, style?: string}} Button
 * @typedef {{kind: string, name: string, id: string, size?: number, mime_type?: string}} Attached
 * @typedef {{id: number, version: number, from_bot: boolean, sender: string, text: string, html: string,
 *   buttons: Button[][], force_reply: boolean, placeholder: string | null, edited: boolean, deleted: boolean,
 *   reply_to: number | null, silent: boolean, date: number, file: Attached | null, album?: string | null,
 *   service?: Record<string, unknown> | string | null, pinned: boolean, when: string, day?: string, time?: string}} Message
 * @typedef {{id?: number | string, text: string, alert: boolean}} Toast
 * @typedef {{person: number, messages: Message[], toast?: Toast | null, pinned?: number[]}} ChatNews
 * @typedef {{messages: Map<number, Message>, toast: Toast | null, pinned: number[], read: number}} Chat
 * @typedef {{command: string, description: string}} Command
 * @typedef {{person: number, post: string, title: string, name: string, waiting: boolean, commands: Command[],
 *   menu_button?: {type: string, text?: string}}} Official
 * @typedef {{key: string, label: string, when: string, possible: boolean}} Jump
 * @typedef {{now: string, text: string, working: boolean, speed: number, jumps: Jump[]}} Clock
 * @typedef {{state: "idle" | "playing" | "stopped" | "finished", step: number, of: number, caption: string,
 *   person: number | null}} Tour
 * @typedef {{version: number, epoch: string, reset?: boolean, officials?: Official[], clock?: Clock, tour?: Tour,
 *   chats?: Record<string, ChatNews>}} News
 * @typedef {{id: string, name: string, abbreviation?: string, office: string}} SopName
 * @typedef {News & {sops: SopName[], sop: {id: string, name: string, office: string, opening: string},
 *   officials: Official[], clock: Clock, tour: Tour, chats: Record<string, ChatNews>}} Scene
 * @typedef {{version: number, epoch: string, sops: SopName[], sop: Scene["sop"], officials: Official[], clock: Clock,
 *   tour: Tour, chats: Map<number, Chat>}} State
 */

/**
 * The state a scene begins with; everything in it counts as read.
 * @param {Scene} scene
 * @returns {State}
 */
export function opened(scene) {
  const { version, epoch, sops, sop, officials, clock, tour } = scene;
  /** @type {State} */
  const state = { version, epoch, sops, sop, officials, clock, tour, chats: new Map() };
  for (const official of officials) state.chats.set(official.person, newChat());
  for (const news of Object.values(scene.chats)) takeChat(state, news);
  for (const chat of state.chats.values()) chat.read = lastId(chat);
  return state;
}

/**
 * Take news in and say what it changed: "officials", "clock", "tour", "chat:<person>". News of another epoch is not
 * taken: the answer is then "epoch", and the scene has to be loaded again.
 * @param {State} state
 * @param {News} news
 * @returns {Set<string>}
 */
export function take(state, news) {
  const changed = new Set();
  if (news.epoch !== state.epoch) return changed.add("epoch");
  const stale = news.version < state.version;
  for (const part of /** @type {const} */ (["officials", "clock", "tour"])) {
    if (stale || news[part] === undefined || same(news[part], state[part])) continue;
    Object.assign(state, { [part]: news[part] });
    changed.add(part);
  }
  for (const chat of Object.values(news.chats ?? {})) {
    if (takeChat(state, chat, stale)) changed.add(`chat:${chat.person}`);
  }
  state.version = Math.max(state.version, news.version);
  return changed;
}

/**
 * @param {State} state
 * @param {ChatNews} news
 * @param {boolean} [stale] whether younger news has been taken already; single messages still know their own age
 */
function takeChat(state, news, stale = false) {
  const chat = state.chats.get(news.person) ?? newChat();
  state.chats.set(news.person, chat);
  let changed = false;
  for (const message of news.messages) {
    if ((chat.messages.get(message.id)?.version ?? -1) >= message.version) continue;
    chat.messages.set(message.id, message);
    changed = true;
  }
  if (stale) return changed;
  for (const part of /** @type {const} */ (["toast", "pinned"])) {
    if (news[part] === undefined || same(news[part], chat[part])) continue;
    Object.assign(chat, { [part]: news[part] });
    changed = true;
  }
  return changed;
}

/** @returns {Chat} */
function newChat() {
  return { messages: new Map(), toast: null, pinned: [], read: 0 };
}

/** @param {unknown} one @param {unknown} other */
function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What stands in a chat, oldest first. @param {Chat} chat */
export function standing(chat) {
  return [...chat.messages.values()].filter((message) => !message.deleted).sort((one, other) => one.id - other.id);
}

/** @param {Chat} chat */
export function lastId(chat) {
  return Math.max(0, ...chat.messages.keys());
}

/** How many messages of the bot the person has not seen. @param {Chat} chat */
export function unread(chat) {
  return standing(chat).filter((message) => message.from_bot && message.id > chat.read).length;
}

/**
 * The question that the person's next text would answer: the bot's last one, unless they have written since.
 * @param {Chat} chat
 * @returns {Message | undefined}
 */
export function openQuestion(chat) {
  const recent = standing(chat).reverse();
  const turn = recent.findIndex((message) => !message.from_bot && !isService(message));
  return recent.slice(0, turn < 0 ? recent.length : turn).find((message) => message.from_bot && message.force_reply);
}

/** @param {Message} message */
export function isService(message) {
  return typeof message.service === "string" ? message.service !== "" : Object.keys(message.service ?? {}).length > 0;
}

/** Whether nobody has written anything but the Start of an invitation. @param {State} state */
export function untouched(state) {
  return [...state.chats.values()].every((chat) =>
    standing(chat).every((message) => message.from_bot || isService(message) || message.text.startsWith("/start")),
  );
}
