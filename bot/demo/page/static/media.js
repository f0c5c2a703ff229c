/** Pictures, albums and documents of a message. */

import { fileAddress } from "./api.js";
import { showPicture } from "./dialogs.js";
import { el, icon } from "./dom.js";
import { say } from "./words.js";

/** @typedef {import("./state.js").Message} Message */

const UNITS = ["B", "KB", "MB", "GB"];

/**
 * What hangs on the messages of one bubble: one file, or an album.
 * @param {Message[]} messages
 * @returns {HTMLElement[]}
 */
export function attachments(messages) {
  const files = messages.filter((message) => message.file);
  const photos = files.filter((message) => message.file?.kind === "photo");
  const parts = files.filter((message) => message.file?.kind !== "photo").map(documentRow);
  if (photos.length === 0) return parts;
  return [el("div", { class: photos.length > 1 ? "photos album" : "photos" }, ...photos.map(photo)), ...parts];
}

/** @param {Message} message */
function photo(message) {
  const file = /** @type {import("./state.js").Attached} */ (message.file);
  const about = message.text.split("\n")[0].slice(0, 120) || file.name;
  const address = fileAddress(file.id);
  const image = el("img", { src: address, alt: say("picture_of", { about }), decoding: "async" });
  // A picture that does not arrive is named instead of being a hole.
  image.addEventListener("error", () => image.replaceWith(el("span", { class: "lost-picture" }, say("picture_lost", { name: file.name }))));
  return el("button", { type: "button", class: "photo", onclick: () => showPicture(address, about) }, image);
}

/** @param {Message} message */
function documentRow(message) {
  const file = /** @type {import("./state.js").Attached} */ (message.file);
  const size = file.size === undefined || file.size === null ? "" : sizeInWords(file.size);
  return el(
    "a",
    { class: "document", href: fileAddress(file.id), download: file.name },
    el("span", { class: "document-icon" }, icon("document")),
    el("span", { class: "document-name", dir: "auto" }, file.name),
    el("span", { class: "document-size" }, [size, say("download")].filter(Boolean).join(" · ")),
  );
}

/** Bytes as people read them, with Indonesia's comma. @param {number} bytes */
export function sizeInWords(bytes) {
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < UNITS.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 10 ? 0 : 1;
  return `${size.toFixed(digits).replace(".", ",")} ${UNITS[unit]}`;
}
