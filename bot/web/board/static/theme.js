// Telegram's colours where it sends any that can be read; else those of the system.

import { on, themeParams } from "./telegram.js";

const NAMES = {
  bg_color: "--bg",
  text_color: "--text",
  hint_color: "--hint",
  secondary_bg_color: "--behind",
  link_color: "--link",
};
const COLOUR = /^#[0-9a-f]{6}$/i;
const LEAST_CONTRAST = 4.5;

function brightness(colour) {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [dark, light] = [brightness(one), brightness(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function apply(given) {
  const root = document.documentElement;
  const { bg_color: back, text_color: text } = given;
  if (!COLOUR.test(back) || !COLOUR.test(text) || contrast(back, text) < LEAST_CONTRAST) return;
  root.dataset.theme = brightness(back) < brightness(text) ? "dark" : "light";
  for (const [key, name] of Object.entries(NAMES)) {
    const colour = given[key];
    // A hint or link too faint to be read keeps our own colour.
    const grounds = [back, given.secondary_bg_color].filter((ground) => COLOUR.test(ground));
    const faint = key !== "secondary_bg_color" && key !== "bg_color" && COLOUR.test(colour)
      && grounds.some((ground) => contrast(ground, colour) < LEAST_CONTRAST);
    if (COLOUR.test(colour) && !faint) root.style.setProperty(name, colour);
    else root.style.removeProperty(name);
  }
}

/** Take Telegram's colours, now and whenever they change. */
export function followTheme() {
  apply(themeParams());
  on("theme_changed", (data) => apply(data.theme_params ?? {}));
}
