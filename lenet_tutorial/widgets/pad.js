// The drawing pad's page. It collects strokes, hands them to Python, and shows what comes back; it asks nobody else.

import { keepKeys, made } from "./dom.js";
import { drawInk } from "./maps.js";

const SIZE = 280; // pixels of the page's side, as Python draws it
const EVERY = 90; // milliseconds between two questions while a stroke is being drawn
const PATIENCE = 3000; // milliseconds without an answer, after which the pad says so
const MOST_BYTES = 4e6; // of a photo as it goes to Python; Jupyter breaks off what is much larger
const LONGEST = 1600; // pixels of the longer side of a photo that had to be made smaller
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function within(x) {
  return Math.round(1e4 * Math.min(1, Math.max(0, x))) / 1e4;
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

export function renderPad({ model, el }) {
  // --- What is on the page ---
  const help = made("p", { className: "lenet-pad-keys", id: `lenet-pad-${Math.random().toString(36).slice(2)}` });
  help.textContent =
    "Keys: arrows move (with Shift, a little), Space puts the pen down or lifts it, Backspace undoes, Delete clears. " +
    "MNIST's writers were American: a 1 with an upstroke is often read as a 7, and a 9 with a hook as a 3.";
  const page = made("canvas", {
    className: "lenet-pad-page",
    tabIndex: 0,
    aria: { role: "application", "aria-describedby": help.id },
  });
  const undo = made("button", { type: "button", textContent: "Undo" });
  const clear = made("button", { type: "button", textContent: "Clear" });
  const brush = made("input", { type: "range", min: 3, max: 20, value: 9 });
  const choose = made("button", { type: "button", textContent: "Photo…", title: "A PNG or JPEG file of a digit on paper" });
  const seen = made("canvas", {
    className: "lenet-pad-seen",
    width: 28,
    height: 28,
    aria: { role: "img", "aria-label": "What the network sees" },
  });
  const bars = [...Array(10).keys()].map((digit) => {
    const fill = made("span", { className: "lenet-pad-fill" });
    const share = made("span", { className: "lenet-pad-share" });
    const row = made("li", {}, made("b", { textContent: digit }), made("span", {}, fill), share);
    return { row, fill, share };
  });
  const said = made("p", { className: "lenet-said lenet-pad-said", aria: { role: "status", "aria-live": "polite" } });
  const root = made(
    "div",
    { className: "lenet-widget lenet-pad" },
    made(
      "div",
      {},
      page,
      made("div", { className: "lenet-pad-tools" }, undo, clear, choose, made("label", {}, "Brush ", brush)),
    ),
    made("figure", {}, seen, made("figcaption", { textContent: "What the network sees: 28 × 28 pixels" })),
    made("ol", { aria: { "aria-label": "Probability of each digit" } }, ...bars.map((bar) => bar.row)),
    said,
    help,
  );
  keepKeys(page, undo, clear, choose, brush);
  el.append(root);

  // --- State: the strokes, the photo below them, the stroke under the pen, the keyboard's pen, what undo brings back ---
  let strokes = model.get("drawing").strokes;
  let photo = model.get("photo"); // {} if there is none
  let ground = null; // the photo's ink, as Python found it
  let current = null;
  let pointer = null;
  const pen = { x: 0.5, y: 0.5, shown: false };
  const past = [];
  let turn = model.get("drawing").turn; // of the last question
  let shown = -1; // of the last answer
  let sent = 0;
  let later = null;
  let ended = null; // when the stroke ended whose answer is awaited
  let impatient = null;

  // --- Drawing on the screen ---
  function paint() {
    page.setAttribute("aria-label", `Page to draw a digit on, pen ${current ? "down" : "up"}`);
    const dots = SIZE * (window.devicePixelRatio || 1);
    if (page.width !== Math.round(dots)) page.width = page.height = Math.round(dots);
    const draw = page.getContext("2d");
    draw.setTransform(page.width, 0, 0, page.height, 0, 0); // one unit is the page's side
    draw.fillStyle = "white"; // paper is white and ink is black, in a dark theme too
    draw.fillRect(0, 0, 1, 1);
    if (ground) draw.drawImage(ground, 0, 0, 1, 1);
    drawInk(draw, current ? [...strokes, current] : strokes, 1);
    if (pen.shown) {
      draw.lineWidth = current ? 0.016 : 0.008;
      draw.strokeStyle = current ? "#D55E00" : "#0072B2";
      draw.beginPath();
      draw.arc(pen.x, pen.y, Math.max(0.02, width() / 2 + 0.008), 0, 7);
      draw.stroke();
    }
  }

  function lay() {
    const under = model.get("under");
    ground = null;
    if (under?.byteLength) {
      const image = new ImageData(SIZE, SIZE);
      for (let i = 0; i < SIZE * SIZE; i++) {
        image.data.fill(under.getUint8(i), 4 * i, 4 * i + 3);
        image.data[4 * i + 3] = 255;
      }
      ground = made("canvas", { width: SIZE, height: SIZE });
      ground.getContext("2d").putImageData(image, 0, 0);
    }
    paint();
  }

  function show() {
    const prediction = model.get("prediction");
    if (prediction.turn < shown || prediction.turn > turn) return; // an old one, or to something drawn from Python
    shown = prediction.turn;
    if (shown === turn) clearTimeout(impatient);
    said.textContent = prediction.message;
    const image = new ImageData(28, 28);
    for (let i = 0; i < 784; i++) {
      image.data.fill(255 - (prediction.image?.[i] ?? 0), 4 * i, 4 * i + 3);
      image.data[4 * i + 3] = 255;
    }
    seen.getContext("2d").putImageData(image, 0, 0);
    const best = prediction.probabilities ? prediction.probabilities.indexOf(Math.max(...prediction.probabilities)) : -1;
    bars.forEach(({ row, fill, share }, digit) => {
      const percent = 100 * (prediction.probabilities?.[digit] ?? 0);
      fill.style.width = `${percent}%`;
      share.textContent = prediction.probabilities ? `${percent.toFixed(1)} %` : "–";
      row.classList.toggle("lenet-pad-best", digit === best);
    });
    root.dataset.turn = shown;
    if (ended === null || shown < turn) return;
    root.dataset.milliseconds = Math.round(performance.now() - ended);
    ended = null;
  }

  // --- Asking Python ---
  function ask() {
    clearTimeout(later);
    later = null;
    sent = performance.now();
    turn += 1;
    if (photo !== model.get("photo")) model.set("photo", photo);
    model.set("drawing", { turn, strokes: current ? [...strokes, { ...current, points: [...current.points] }] : strokes });
    model.save_changes();
    root.dataset.asked = turn;
    clearTimeout(impatient);
    impatient = setTimeout(() => {
      said.textContent = "No answer from Python yet: it is busy with another cell, or its kernel is shut down.";
    }, PATIENCE);
  }

  function askSoon() {
    later ??= setTimeout(ask, Math.max(0, EVERY - (performance.now() - sent)));
  }

  function become(drawn, below = photo) {
    past.push({ strokes, photo });
    strokes = drawn;
    photo = below;
    ended = performance.now();
    paint();
    ask();
  }

  // --- The pen ---
  const width = () => Number(brush.value) / 100;

  function start(x, y) {
    current = { width: width(), points: [[within(x), within(y)]] };
    paint();
    askSoon();
  }

  function go(x, y) {
    const point = [within(x), within(y)];
    const [lastX, lastY] = current.points.at(-1);
    if (Math.hypot(point[0] - lastX, point[1] - lastY) < 0.003) return;
    current.points.push(point);
    paint();
    askSoon();
  }

  function lift() {
    if (!current) return;
    const stroke = current;
    current = null;
    become([...strokes, stroke]);
  }

  function place(event) {
    const frame = page.getBoundingClientRect();
    return [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height];
  }

  page.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null) return;
    event.preventDefault();
    event.stopPropagation();
    page.focus({ preventScroll: true });
    lift(); // of the keyboard's pen, if it was down
    pen.shown = false;
    pointer = event.pointerId;
    page.setPointerCapture(pointer);
    start(...place(event));
  });
  page.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer || !current) return;
    const between = event.getCoalescedEvents?.() ?? [];
    for (const each of between.length ? between : [event]) go(...place(each));
  });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
    page.addEventListener(name, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      lift();
    });
  }
  page.addEventListener("mousedown", (event) => event.stopPropagation()); // a click here selects no cell

  page.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || (event.ctrlKey && event.key !== "z")) return;
    if (event.key in KEYS) {
      const step = event.shiftKey ? 0.01 : 0.04;
      const [right, down] = KEYS[event.key];
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
  page.addEventListener("blur", () => {
    if (pointer === null) lift();
    pen.shown = false;
    paint();
  });

  // --- The tools ---
  undo.addEventListener("click", () => {
    lift();
    if (!past.length && !strokes.length && !photo.data) return;
    const last = strokes.length ? { strokes: strokes.slice(0, -1), photo } : { strokes, photo: {} };
    const before = past.length ? past.pop() : last;
    become(before.strokes, before.photo);
    past.pop(); // undoing is not itself undone
  });
  clear.addEventListener("click", () => {
    lift();
    if (strokes.length || photo.data) become([], {});
  });
  choose.addEventListener("click", () => {
    const input = made("input", { type: "file", accept: "image/*" });
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (!file) return;
      said.textContent = `Reading ${file.name} …`;
      try {
        const data = new DataView(await carried(file));
        become([], { name: file.name, data });
      } catch (error) {
        said.textContent = `The file ${file.name} could not be read (${error.message}): copy it elsewhere.`;
      }
    });
    input.click();
  });

  // --- What Python says ---
  function changed() {
    const drawing = model.get("drawing");
    if (drawing.turn <= turn) return; // it was this pad's own, or an old one
    root.dataset.asked = turn = drawing.turn;
    past.push({ strokes, photo });
    strokes = drawing.strokes;
    photo = model.get("photo");
    current = null;
    paint();
    show();
  }
  model.on("change:drawing", changed);
  model.on("change:prediction", show);
  model.on("change:under", lay);
  lay();
  show();
  return () => {
    clearTimeout(later);
    clearTimeout(impatient);
    model.off("change:drawing", changed);
    model.off("change:prediction", show);
    model.off("change:under", lay);
  };
}

