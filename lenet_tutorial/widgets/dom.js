// Small helpers for elements, shared by the widgets.

/** Make an element with properties, aria attributes and children. */
export function made(name, properties = {}, ...children) {
  const { aria = {}, ...rest } = properties;
  const element = Object.assign(document.createElement(name), rest);
  for (const [key, value] of Object.entries(aria)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** What the arrow keys do: [down, right]. */
export const ARROWS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** Where a pointer is in a canvas, within its border: [x, y] in shares of its sides. */
export function placeIn(canvas, event) {
  const frame = canvas.getBoundingClientRect();
  return [
    (event.clientX - frame.left - canvas.clientLeft) / canvas.clientWidth,
    (event.clientY - frame.top - canvas.clientTop) / canvas.clientHeight,
  ];
}

/** Keep JupyterLab's own keys away from an element that has the focus: it asks that element first, then its parents. */
export function keepKeys(...elements) {
  for (const each of elements) each.dataset.lmSuppressShortcuts = "true";
}

/** Give a canvas as many dots as the screen has for it, and a context in which one unit is one CSS pixel. */
export function sharpContext(canvas, width, height) {
  const scale = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const draw = canvas.getContext("2d");
  draw.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
  return draw;
}
