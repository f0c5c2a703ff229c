// Making and filling elements. Whatever people typed gets into the page as text, never as markup.

export const words = JSON.parse(document.body.dataset.words);

/** Return a text of the page with its places filled. */
export function word(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
}

/** Return an element with a class, a text and children. */
export function element(tag, { name = "", text = null, children = [], attributes = {} } = {}) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== null) made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Set a text only where it differs: a screen reader is not told of what stayed. */
export function say(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

export const byId = (id) => document.getElementById(id);
