// The drawing pad: draw a digit, or take a photo of one, and watch the ten probabilities. The browser prepares the digit
// and, if it has the network, computes them; Python reads photos, and runs what the browser cannot.

import { indexOfLargest, makeBars } from "./bars.js";
import { keepKeys, made } from "./dom.js";
import { drawCells, inkColor } from "./maps.js";
import { runNetwork, unpackNetwork } from "./network.js";
import { CANVAS, drawStrokes, prepare, shrink } from "./preprocess.js";
import { makeSketch } from "./sketch.js";

const EVERY = 90; // milliseconds between two questions to Python while a stroke is being drawn
const PATIENCE = 3000; // milliseconds without an answer, after which the pad says so
const MOST_BYTES = 4e6; // of a photo as it goes to Python; Jupyter breaks off what is much larger
const LONGEST = 1600; // pixels of the longer side of a photo that had to be made smaller
const MNIST_HAND = "MNIST's writers were American: a 1 with an upstroke is often read as a 7, and a 9 with a hook as a 3.";
const EMPTY = "The page is empty: draw a digit.";
const A_DOT = "Not yet a digit: draw a line, not a dot.";

export function renderPad({ model, el }) {
  // --- What is on the page ---
  const sketch = makeSketch({ size: CANVAS, className: "lenet-pad-page", changed });
  const brush = made("input", { type: "range", min: 3, max: 20, value: 9 });
  const choose = made("button", { type: "button", textContent: "Photo…", title: "A PNG or JPEG file of a digit on paper" });
  const seen = made("canvas", {
    className: "lenet-pad-seen",
    width: 28,
    height: 28,
    aria: { role: "img", "aria-label": "What the network sees" },
  });
  const bars = makeBars();
  const said = made("p", { className: "lenet-said lenet-pad-said", aria: { role: "status", "aria-live": "polite" } });
  const tools = made("div", { className: "lenet-pad-tools" }, sketch.undo, sketch.clear, choose, made("label", {}, "Brush ", brush));
  const root = made(
    "div",
    { className: "lenet-widget lenet-pad" },
    made("div", {}, sketch.canvas, tools),
    made("figure", {}, seen, made("figcaption", { textContent: `What the ${model.get("who")} sees: 28 × 28 pixels` })),
    bars.list,
    said,
    sketch.help,
    made("p", { textContent: MNIST_HAND }),
  );
  keepKeys(choose, brush);
  el.append(root);

  // --- State ---
  let network = null;
  let turn = model.get("drawing").turn; // of the last change
  let shown = -1; // of the last answer
  let sentPhoto = photoOf(model);
  let sent = 0;
  let later = null;
  let frame = null;
  let impatient = null;
  let changedAt = null; // when the change was made whose answer is awaited
  const read = new Map(); // what Python has found in photos: { ink, canvas, remarks }

  try {
    if (model.get("data")?.byteLength) network = unpackNetwork(model.get("description"), model.get("data"));
  } catch (error) {
    root.append(made("p", { textContent: `Python computes the probabilities, as the network did not arrive whole: ${error.message}.` }));
  }
  if (model.get("needs")) root.append(made("p", { className: "lenet-pad-needs", textContent: model.get("needs") }));

  // --- Showing ---
  function see(digit) {
    drawCells(seen.getContext("2d"), 28, 28, 1, (row, column) => inkColor(digit ? digit[28 * row + column] : 0));
  }

  function show(shares, words) {
    clearTimeout(impatient);
    shown = turn;
    bars.show(shares);
    said.textContent = words;
    root.dataset.turn = shown;
    if (changedAt !== null) root.dataset.milliseconds = (performance.now() - changedAt).toFixed(1);
    changedAt = null;
  }

  function showShares(shares, remarks = "") {
    const best = indexOfLargest(shares);
    show(shares, `The ${model.get("who")} says ${best}, with ${(100 * shares[best]).toFixed(1)}%. ${remarks}`.trim());
  }

  // --- Answering: what can be said without Python is said at once ---
  function answer() {
    cancelAnimationFrame(frame);
    frame = null;
    const photo = sketch.under();
    const found = photo && read.get(photo);
    sketch.showUnder(found?.canvas ?? null);
    if (photo && !found) return; // Python has to read it first
    const strokes = sketch.strokes();
    if (!photo && !strokes.length) return see(null), show(null, EMPTY);
    if (photo && !found.ink) return see(null), show(null, found.remarks);
    const page = drawStrokes(strokes);
    if (photo) page.ink = page.ink.map((each, i) => Math.max(each, found.ink[i]));
    const digit = model.get("centered") ? prepare(page) : shrink(page);
    see(digit);
    if (!digit) return show(null, A_DOT);
    const remarks = strokes.length ? "" : found.remarks; // they are about the photo alone
    if (network) showShares(runNetwork(network, digit).at(-1).values, remarks);
  }

  function changed(isDone) {
    turn += 1;
    root.dataset.asked = turn;
    changedAt = performance.now();
    if (isDone) {
      answer();
      send();
    } else {
      frame ??= requestAnimationFrame(answer);
      if (!network) later ??= setTimeout(send, Math.max(0, EVERY - (performance.now() - sent)));
    }
  }

  function send() {
    clearTimeout(later);
    later = null;
    sent = performance.now();
    const photo = sketch.under();
    if (photo !== sentPhoto) model.set("photo", photo ?? {});
    sentPhoto = photo;
    model.set("drawing", { turn, strokes: sketch.strokes() });
    model.save_changes();
    clearTimeout(impatient);
    if (shown === turn) return;
    impatient = setTimeout(() => {
      said.textContent = "No answer from Python yet: it is busy with another cell, or its kernel is shut down.";
    }, PATIENCE);
  }

  // --- What Python says ---
  function heard() {
    const { turn: of, probabilities, remarks } = model.get("prediction");
    const photo = sketch.under();
    if (photo && photo === sentPhoto && of === turn && !read.has(photo)) {
      read.set(photo, { ...inkOf(model.get("under")), remarks });
      answer();
    }
    if (network || of > turn || of < shown || !probabilities) return;
    showShares(probabilities, remarks);
    shown = root.dataset.turn = of;
  }

  function drawn() {
    const drawing = model.get("drawing");
    if (drawing.turn <= turn) return; // it was this pad's own, or an old one
    root.dataset.asked = turn = drawing.turn;
    sentPhoto = photoOf(model);
    sketch.take(drawing.strokes, sentPhoto);
    answer();
    heard();
  }

  // --- The tools ---
  brush.addEventListener("input", () => sketch.setBrush(Number(brush.value) / 100));
  choose.addEventListener("click", () => {
    const input = made("input", { type: "file", accept: "image/*" });
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (!file) return;
      said.textContent = `Reading ${file.name} …`;
      try {
        sketch.become([], { name: file.name, data: new DataView(await carried(file)) });
      } catch (error) {
        said.textContent = `The file ${file.name} could not be read (${error.message}): copy it elsewhere.`;
      }
    });
    input.click();
  });

  sketch.take(model.get("drawing").strokes, sentPhoto);
  if (sentPhoto) read.set(sentPhoto, { ...inkOf(model.get("under")), remarks: model.get("prediction").remarks });
  answer();
  heard();
  model.on("change:drawing", drawn);
  model.on("change:prediction", heard);
  return () => {
    clearTimeout(later);
    clearTimeout(impatient);
    cancelAnimationFrame(frame);
    model.off("change:drawing", drawn);
    model.off("change:prediction", heard);
  };
}

function photoOf(model) {
  const photo = model.get("photo");
  return photo.data ? photo : null;
}

/** A photo's ink as Python found it, from bytes of gray: for computing, and as a picture to show; nothing if it found none. */
function inkOf(gray) {
  if (!gray?.byteLength) return {};
  const image = new ImageData(CANVAS, CANVAS);
  const ink = new Float32Array(CANVAS * CANVAS);
  for (let i = 0; i < ink.length; i++) {
    const value = gray.getUint8(i);
    ink[i] = 1 - value / 255;
    image.data.fill(value, 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  const canvas = made("canvas", { width: CANVAS, height: CANVAS });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return { ink, canvas };
}

// A file of any size as bytes that Jupyter carries. A large photo is made smaller first; of one that the browser cannot
// open, only the beginning goes, from which Python tells what it is.
async function carried(file) {
  if (file.size <= MOST_BYTES) return file.arrayBuffer();
  let photo;
  try {
    photo = await createImageBitmap(file); // upright: the browser turns it as the camera was held
  } catch {
    return file.slice(0, 1e5).arrayBuffer();
  }
  const share = Math.min(1, LONGEST / Math.max(photo.width, photo.height));
  const small = made("canvas", { width: share * photo.width, height: share * photo.height });
  const draw = small.getContext("2d");
  draw.imageSmoothingQuality = "high";
  draw.fillStyle = "white"; // behind parts that are see-through
  draw.fillRect(0, 0, small.width, small.height);
  draw.drawImage(photo, 0, 0, small.width, small.height);
  photo.close();
  return (await new Promise((done) => small.toBlob(done, "image/jpeg", 0.92))).arrayBuffer();
}
