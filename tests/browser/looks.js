// What a person would notice on the page: checks that return what is wrong, an empty list where nothing is.
() => {
  const shown = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const describe = (element) => {
    const text = (element.innerText || element.getAttribute("aria-label") || "").trim().slice(0, 60);
    return `<${element.tagName.toLowerCase()} class="${element.className}"> ${text}`;
  };
  const texts = (element) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) if (walker.currentNode.data.trim()) found.push(walker.currentNode);
    return found;
  };
  // Words for screen readers only have one pixel.
  const visible = (element) => shown(element) && element.getBoundingClientRect().width > 1;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);

  // --- overflow ---------------------------------------------------------------------------------

  const tolerance = 1; // browsers round to whole pixels
  // The page itself never scrolls sideways.
  const sideways = () => {
    const page = document.scrollingElement;
    return page.scrollWidth > page.clientWidth + tolerance ? [`${page.scrollWidth} > ${page.clientWidth}`] : [];
  };
  // Nothing in a chat is wider than the chat, and no bubble's words are wider than the bubble.
  const overflowing = () =>
    all("[role=log]").flatMap((log) => {
      const room = log.getBoundingClientRect();
      return [...log.querySelectorAll("*")].filter(shown).filter((element) => {
        const box = element.getBoundingClientRect();
        const outside = box.right > room.right + tolerance || box.left < room.left - tolerance;
        const inline = getComputedStyle(element).display === "inline";
        return box.width > 1 && // words for screen readers have one pixel
          (outside || (!inline && element.scrollWidth > element.clientWidth + tolerance + 1));
      });
    }).map(describe);

  // What is written in a bubble does not lie over its time.
  const boxes = (text) => {
    const words = document.createRange();
    words.selectNodeContents(text);
    return [...words.getClientRects()].filter((box) => box.width > 1);
  };
  const overlap = (one, other) =>
    Math.min(one.right, other.right) - Math.max(one.left, other.left) > tolerance
    && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 4;
  const covered = () =>
    all("[role=log] .meta").filter((meta) => {
      const seen = texts(meta.parentElement).filter((text) => visible(text.parentElement));
      const times = seen.filter((text) => meta.contains(text)).flatMap(boxes);
      const words = seen.filter((text) => !meta.contains(text)).flatMap(boxes);
      return words.some((one) => times.some((other) => overlap(one, other)));
    }).map((meta) => describe(meta.parentElement));

  // --- names and roles --------------------------------------------------------------------------

  const controls = "button, a[href], input:not([type=hidden]), select, textarea, summary, [role=button], [tabindex='0']";
  const named = (element) => {
    const by = (element.getAttribute("aria-labelledby") || "").split(/\s+/).filter(Boolean);
    const texts = [
      element.getAttribute("aria-label"),
      ...by.map((id) => document.getElementById(id)?.textContent),
      ...[...(element.labels || [])].map((label) => label.textContent),
      element.innerText,
      ...[...element.querySelectorAll("img[alt]")].map((image) => image.alt),
      element.getAttribute("title"),
    ];
    return texts.some((text) => text?.trim());
  };
  const nameless = () => all(controls).filter((element) => !named(element)).map(describe);
  const pictures = () => all("img").filter((image) => !image.hasAttribute("alt")).map(describe);
  const ids = () => {
    const seen = [...document.querySelectorAll("[id]")].map((element) => element.id);
    return seen.filter((id, place) => seen.indexOf(id) !== place);
  };

  // --- size of what a finger presses ------------------------------------------------------------

  const smallest = 24; // WCAG 2.2, 2.5.8
  const tiny = () =>
    all("button, select, input:not([type=hidden]), textarea, summary, [role=button]").filter((element) => {
      if (element.closest("[role=log] .text")) return false; // a command in a sentence, as a link is
      const target = element.labels?.[0] && ["checkbox", "radio"].includes(element.type) ? element.labels[0] : element;
      const box = target.getBoundingClientRect();
      return box.width < smallest || box.height < smallest;
    }).map(describe);

  // --- contrast ---------------------------------------------------------------------------------

  const numbers = (colour) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 1;
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const known = new Map();
  const rgba = (colour) => {
    if (!known.has(colour)) known.set(colour, numbers(colour));
    return known.get(colour);
  };
  const over = (above, below) => above.slice(0, 3).map((part, i) => part * above[3] + below[i] * (1 - above[3]));
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      layers.push(rgba(getComputedStyle(at).backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reverse().reduce((below, above) => over(above, below), [255, 255, 255]);
  };
  const light = (colour) =>
    colour.slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
      .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (one, other) => {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  };
  const pale = () => {
    const elements = new Set(texts(document.body).map((text) => text.parentElement));
    return [...elements].filter((element) => visible(element) && !element.closest(":disabled, [aria-disabled=true]"))
      .flatMap((element) => {
        const style = getComputedStyle(element);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight, 10) >= 700);
        const below = behind(element);
        const ratio = contrast(over(rgba(style.color), below), below);
        return ratio + 0.01 < (large ? 3 : 4.5) ? [`${ratio.toFixed(2)} ${describe(element)}`] : [];
      });
  };

  // --- focus ------------------------------------------------------------------------------------

  // Whether the focused element looks focused: an outline, or a shadow.
  const focused = () => {
    const style = getComputedStyle(document.activeElement);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
    return outlined || style.boxShadow !== "none" ? [] : [describe(document.activeElement)];
  };

  return { sideways, overflowing, covered, nameless, pictures, ids, tiny, pale, focused };
}
