// A page to draw on, with mouse, finger, pen or keys: strokes in, and a call at every change.

import { ARROWS, keepKeys, made, placeIn, sharpContext } from "./dom.js";
import { drawInk } from "./maps.js";

export const BRUSH = 0.09; // width, as a share of the page's side
const PEN_DOWN = "#D55E00";
const PEN_UP = "#0072B2";
const NEAREST = 0.003; // points of a stroke lie at least that far apart

const within = (share) => Math.round(1e4 * Math.min(1, Math.max(0, share))) / 1e4;

/** Make a page of `size` CSS pixels; `changed(isDone)` is called while a stroke goes on, and when it ends.
    What lies under the strokes is any value that the caller keeps there, and a canvas to show it. */
export function makeSketch({ size, className = "", changed }) {
  const help = made("p", { className: "lenet-sketch-keys", id: `lenet-sketch-${Math.random().toString(36).slice(2)}` });
  help.textContent = "Keys: arrows move (with Shift, a little), Space puts the pen down or lifts it, Backspace undoes, Delete clears.";
  const canvas = made("canvas", {
    className: `lenet-sketch ${className}`,
    tabIndex: 0,
    aria: { role: "application", "aria-describedby": help.id },
  });
  canvas.style.width = canvas.style.height = `${size}px`;
  const undo = made("button", { type: "button", textContent: "Undo" });
  const clear = made("button", { type: "button", textContent: "Clear" });
  keepKeys(canvas, undo, clear);

  let strokes = [];
  let under = null;
  let current = null; // the stroke under the pen
  let pointer = null;
  let shownUnder = null; // a canvas
  let brush = BRUSH;
  const pen = { x: 0.5, y: 0.5, shown: false }; // the keyboard's
  const past = []; // what undo brings back

  const drawn = () => (current ? [...strokes, { ...current, points: [...current.points] }] : strokes);

  function paint() {
    canvas.setAttribute("aria-label", `Page to draw a digit on, pen ${current ? "down" : "up"}`);
    const draw = sharpContext(canvas, size, size);
    draw.fillStyle = "white"; // paper is white and ink is black, in a dark theme too
    draw.fillRect(0, 0, size, size);
    if (shownUnder) draw.drawImage(shownUnder, 0, 0, size, size);
    drawInk(draw, drawn(), size);
    if (!pen.shown) return;
    draw.lineWidth = size * (current ? 0.016 : 0.008);
    draw.strokeStyle = current ? PEN_DOWN : PEN_UP;
    draw.beginPath();
    draw.arc(pen.x * size, pen.y * size, size * Math.max(0.02, brush / 2 + 0.008), 0, 7);
    draw.stroke();
  }

  function take(newStrokes, newUnder = under) {
    past.push({ strokes, under });
    current = null;
    strokes = newStrokes;
    under = newUnder;
    paint();
  }

  function become(newStrokes, newUnder) {
    take(newStrokes, newUnder);
    changed(true);
  }

  // --- The pen ---
  function start(x, y) {
    current = { width: brush, points: [[within(x), within(y)]] };
    paint();
    changed(false);
  }

  function go(x, y) {
    const point = [within(x), within(y)];
    const [lastX, lastY] = current.points.at(-1);
    if (Math.hypot(point[0] - lastX, point[1] - lastY) < NEAREST) return;
    current.points.push(point);
    paint();
    changed(false);
  }

  function lift() {
    if (current) become([...strokes, current]);
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null) return;
    event.preventDefault();
    event.stopPropagation();
    canvas.focus({ preventScroll: true });
    lift(); // of the keyboard's pen, if it was down
    pen.shown = false;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    start(...placeIn(canvas, event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer || !current) return;
    const between = event.getCoalescedEvents?.() ?? [];
    for (const each of between.length ? between : [event]) go(...placeIn(canvas, each));
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    canvas.addEventListener(name, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      lift();
    });
  }
  canvas.addEventListener("mousedown", (event) => event.stopPropagation()); // a click here selects no cell

  canvas.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || (event.ctrlKey && event.key !== "z")) return;
    if (event.key in ARROWS) {
      const step = event.shiftKey ? 0.01 : 0.04;
      const [down, right] = ARROWS[event.key];
      pen.x = within(pen.x + step * right);
      pen.y = within(pen.y + step * down);
      if (current && pointer === null) go(pen.x, pen.y);
    } else if (event.key === " ") {
      if (!event.repeat) current ? lift() : start(pen.x, pen.y);
    } else if (event.key === "Escape") {
      lift();
    } else if (event.key === "Backspace" || event.key === "z") {
      undo.click();
    } else if (event.key === "Delete") {
      clear.click();
    } else {
      return; // Tab and all others go their way
    }
    pen.shown = true;
    event.preventDefault();
    event.stopPropagation();
    paint();
  });
  canvas.addEventListener("blur", () => {
    if (pointer === null) lift();
    pen.shown = false;
    paint();
  });

  // --- The tools ---
  undo.addEventListener("click", () => {
    lift();
    if (!past.length && !strokes.length && !under) return;
    const last = strokes.length ? { strokes: strokes.slice(0, -1), under } : { strokes, under: null };
    const before = past.length ? past.pop() : last;
    become(before.strokes, before.under);
    past.pop(); // undoing is not itself undone
  });
  clear.addEventListener("click", () => {
    lift();
    if (strokes.length || under) become([], null);
  });

  paint();
  return {
    canvas,
    undo,
    clear,
    help,
    strokes: drawn, // with the one under the pen
    under: () => under,
    take, // strokes and what lies under them, as if they had been drawn, but nobody is called
    become, // the same, and `changed` is called
    showUnder(picture) {
      shownUnder = picture;
      paint();
    },
    setBrush(width) {
      brush = width;
    },
  };
}
