/** Building elements without markup strings: whatever people typed can only ever become text. */

const SVG = "http://www.w3.org/2000/svg";
/** Icons that are filled shapes; the others are lines. */
const FILLED = new Set(["send", "play"]);

/**
 * Build an element. Properties named `on…` are listeners, `class` is its classes, other names are attributes;
 * `false`, `null` and `undefined` leave an attribute out, `true` sets it empty.
 * @param {string} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {any} the element; `any`, because callers know which kind they asked for
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * A picture of the sheet icons.svg; decoration, the words beside it or the label carry the meaning.
 * @param {string} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", FILLED.has(name) ? "icon filled" : "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/**
 * A button that is only a picture: its label is its name for everybody who does not see it.
 * @param {string} name of the icon
 * @param {string} label
 * @param {(event: Event) => void} pressed
 * @param {Record<string, unknown>} [more]
 */
export function iconButton(name, label, pressed, more = {}) {
  return el("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick: pressed, ...more }, icon(name));
}

/**
 * Mark a button as at work. Not `disabled`: that would throw the keyboard's focus away.
 * @param {Element} button
 * @param {boolean} busy
 */
export function setBusy(button, busy) {
  button.toggleAttribute("data-busy", busy);
  button.setAttribute("aria-busy", String(busy));
}

/** How things are to move: at once for whoever asked their system for less motion. @returns {ScrollBehavior} */
export function motion() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}

/** Two letters for a face without a photograph. @param {string} name */
export function initials(name) {
  const letters = name.split(/\s+/).filter(Boolean).map((part) => [...part][0]);
  return letters.slice(0, 2).join("").toUpperCase() || "?";
}
