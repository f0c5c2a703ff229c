/**
 * The page's words. They stand in words.toml beside the server's own and come with the page as JSON, so that no
 * Indonesian sentence hides in a script.
 */

/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById("words")?.textContent || "{}");

/**
 * Return a text with its `{places}` filled in. An unknown key is shown as itself: a visible slip, not a dead page.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function say(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}
