// Small helpers for elements, shared by the widgets.

/** Make an element with properties, aria attributes and children. */
export function made(name, properties = {}, ...children) {
  const { aria = {}, ...rest } = properties;
  const element = Object.assign(document.createElement(name), rest);
  for (const [key, value] of Object.entries(aria)) element.setAttribute(key, value);
  element.append(...children);
  return element;
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
