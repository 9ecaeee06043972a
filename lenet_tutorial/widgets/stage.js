// The convolution stage: a window slides over a digit, and the products, their sum, ReLU and the map answer.

import { ARROWS, keepKeys, made, placeIn, sharpContext } from "./dom.js";
import { drawCells, drawFrame, inkColor, reachOf, signedColor, textColor } from "./maps.js";
import { floatsOf, runNetwork, windowPositions } from "./network.js";
import { drawStrokes, prepare } from "./preprocess.js";
import { makeSketch } from "./sketch.js";

const STAGE_SIDE = 280; // CSS pixels of the input's and the map's side
const HERE = "#D55E00"; // where the window is
const PADDING = [226, 229, 235];
const PER_FRAME = 2; // positions that a sweep goes on, 60 times a second
const QUIET_FOR = 300; // milliseconds without a change, after which the words are read out

export function renderStage({ model, el }) {
  // --- State ---
  const state = {
    seen: new Set(), // positions that the window has visited
    drawing: false, // whether the page to draw on is shown
    sweeping: false,
    drawn: null, // a digit of your own, or null
  };
  let computed; // everything that follows from the state and the model

  function compute() {
    const height = model.get("height");
    const width = model.get("width");
    const given = state.drawn ?? floatsOf(model.get("image"));
    const shift = model.get("shift");
    const image = new Float32Array(given.length);
    for (let y = 0; y < height; y++) {
      for (let x = shift; x < width; x++) image[y * width + x] = given[y * width + x - shift];
    }
    const kernel = model.get("weights");
    const size = [kernel.length, kernel[0].length];
    const [stride, padding] = [model.get("stride"), model.get("padding")];
    const layers = [
      { kind: "conv", kernel: kernel.flat(), bias: [model.get("bias")], size, stride: [stride, stride], padding, filters: 1 },
      { kind: "activation", activation: model.get("relu") ? "relu" : undefined },
      { kind: "maxPool", size: [2, 2], stride: [2, 2], padding: "valid" },
    ];
    const [sums, map, pooled] = runNetwork({ inputShape: [height, width, 1], layers }, image);
    const before = [height, width].map((side, i) => windowPositions(side, size[i], stride, padding).before);
    const [rows, columns] = map.shape;
    const at = [Math.min(model.get("row"), rows - 1), Math.min(model.get("column"), columns - 1)];
    computed = { height, width, image, kernel, size, stride, before, sums, map, pooled, rows, columns, at };
    computed.whole = model.get("whole");
    computed.reach = Math.max(reachOf(sums.values), 1e-6);
  }

  const isSeen = (row, column) => computed.whole || state.seen.has(row * computed.columns + column);

  // --- Elements ---
  const input = made("canvas", { className: "lenet-stage-input", tabIndex: 0, aria: { role: "application" } });
  const sketch = makeSketch({ size: STAGE_SIDE, changed: drew });
  const output = made("canvas", { className: "lenet-stage-map", aria: { role: "img" } });
  const pooled = made("canvas", { className: "lenet-stage-pooled", aria: { role: "img" } });
  const tables = made("div", { className: "lenet-stage-tables" });
  const sum = made("p", { className: "lenet-stage-sum" });
  const said = made("p", { className: "lenet-said", aria: { role: "status", "aria-live": "polite" } });
  const preset = made("select", { aria: { "aria-label": "Kernel" } });
  const sweep = made("button", { type: "button", textContent: "Sweep" });
  const own = made("button", { type: "button", textContent: "Draw your own", aria: { "aria-pressed": "false" } });
  const words = made("figcaption", { textContent: "The image. Drag the window, or move it with the arrow keys." });
  sketch.canvas.hidden = sketch.help.hidden = true;
  const boxes = {
    whole: made("input", { type: "checkbox" }),
    relu: made("input", { type: "checkbox" }),
    pooling: made("input", { type: "checkbox" }),
  };
  const padding = made("select", {}, ...options({ same: "same", valid: "valid" }));
  const stride = made("select", {}, ...options({ 1: "1", 2: "2", 3: "3" }));
  const shift = made("input", { type: "range", min: 0, max: 6, step: 1 });
  const bias = made("input", { type: "number", step: 0.1 });
  const pooledFigure = made("figure", {}, pooled, made("figcaption", { textContent: "Max pooling: the largest of 2 × 2" }));
  const caption = made("figcaption");
  const root = made(
    "div",
    { className: "lenet-widget lenet-stage" },
    made(
      "div",
      { className: "lenet-stage-tools" },
      made("label", {}, "Kernel ", preset),
      sweep,
      made("label", {}, boxes.whole, " whole map"),
      own,
    ),
    made("figure", {}, input, sketch.canvas, words, sketch.help),
    made("figure", {}, output, caption),
    made("div", { className: "lenet-stage-numbers" }, tables, sum),
    pooledFigure,
    made(
      "div",
      { className: "lenet-stage-tools" },
      made("label", {}, "Bias ", bias),
      made("label", {}, boxes.relu, " ReLU"),
      made("label", {}, boxes.pooling, " pooling"),
      made("label", {}, "Padding ", padding),
      made("label", {}, "Stride ", stride),
      made("label", {}, "Move the digit right ", shift),
    ),
    said,
  );
  keepKeys(input, preset, sweep, own, padding, stride, shift, bias, ...Object.values(boxes));
  el.append(root);

  // --- The three tables: window × kernel = products ---
  let cells = null; // of the tables, for the kernel's size

  function buildTables() {
    const [rows, columns] = computed.size;
    const table = (label, makeCell) => {
      const built = [...Array(rows * columns)].map((_, i) => makeCell(Math.floor(i / columns), i % columns));
      const grid = made("div", { className: "lenet-stage-grid", aria: { role: "group", "aria-label": `${label} in the window` } }, ...built);
      grid.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
      return { built, figure: made("figure", {}, grid, made("figcaption", { textContent: label })) };
    };
    const plain = () => made("span");
    const weight = (row, column) => {
      const field = made("input", { type: "number", step: 0.1, aria: { "aria-label": `Weight ${row + 1}, ${column + 1}` } });
      keepKeys(field);
      field.addEventListener("input", () => {
        const value = Number(field.value);
        if (field.value === "" || !Number.isFinite(value)) return; // half typed
        const kernel = computed.kernel.map((each) => [...each]);
        kernel[row][column] = value;
        preset.value = "";
        change({ weights: kernel });
      });
      return field;
    };
    const [pixels, weights, products] = [table("pixels", plain), table("kernel", weight), table("products", plain)];
    cells = { size: [rows, columns], pixels: pixels.built, weights: weights.built, products: products.built };
    tables.replaceChildren(
      pixels.figure,
      made("b", { textContent: "×" }),
      weights.figure,
      made("b", { textContent: "=" }),
      products.figure,
    );
  }

  function paintTables() {
    const { size, kernel, image, height, width, before, at } = computed;
    if (!cells || cells.size[0] !== size[0] || cells.size[1] !== size[1]) buildTables();
    const top = at[0] * computed.stride - before[0];
    const left = at[1] * computed.stride - before[1];
    const reach = reachOf(kernel.flat()) || 1;
    kernel.flat().forEach((weight, i) => {
      const y = top + Math.floor(i / size[1]);
      const x = left + (i % size[1]);
      const isPadding = y < 0 || y >= height || x < 0 || x >= width;
      const pixel = isPadding ? 0 : image[y * width + x];
      paintCell(cells.pixels[i], rounded(pixel), isPadding ? PADDING : inkColor(pixel));
      paintCell(cells.weights[i], null, signedColor(weight, reach));
      if (document.activeElement !== cells.weights[i]) cells.weights[i].value = rounded(weight);
      paintCell(cells.products[i], rounded(pixel * weight), signedColor(pixel * weight, reach));
    });
    const value = computed.sums.values[at[0] * computed.columns + at[1]];
    const added = value - model.get("bias");
    const parts = [`sum of the ${size[0] * size[1]} products ${rounded(added)}`];
    parts.push(`+ bias ${rounded(model.get("bias"))} = ${rounded(value)}`);
    if (model.get("relu")) parts.push(`→ ReLU → ${rounded(Math.max(value, 0))}`);
    sum.textContent = parts.join(" ");
  }

  // --- Painting the canvases ---
  const cellOfInput = () => STAGE_SIDE / (Math.max(computed.height, computed.width) + extent(0));
  const extent = (axis) => Math.max(computed.size[axis] - 1, 0);
  const cellOfMap = () => STAGE_SIDE / Math.max(computed.rows, computed.columns);

  function paintInput() {
    const draw = sharpContext(input, STAGE_SIDE, STAGE_SIDE);
    draw.fillStyle = "white";
    draw.fillRect(0, 0, STAGE_SIDE, STAGE_SIDE);
    const side = cellOfInput();
    const { height, width, image, before, size, stride: step, at } = computed;
    const grown = [height + extent(0), width + extent(1)];
    drawCells(draw, grown[0], grown[1], side, (row, column) => {
      const [y, x] = [row - before[0], column - before[1]];
      if (y >= 0 && y < height && x >= 0 && x < width) return inkColor(image[y * width + x]);
      return model.get("padding") === "same" ? PADDING : null;
    });
    drawFrame(draw, at[0] * step, at[1] * step, size[0], size[1], side, HERE, 3);
  }

  function paintMap() {
    const { map, rows, columns, at, reach } = computed;
    const draw = sharpContext(output, STAGE_SIDE, STAGE_SIDE);
    draw.clearRect(0, 0, STAGE_SIDE, STAGE_SIDE);
    const side = cellOfMap();
    drawCells(draw, rows, columns, side, (row, column) =>
      isSeen(row, column) ? signedColor(map.values[row * columns + column], reach) : null,
    );
    drawFrame(draw, 0, 0, rows, columns, side, "#6b7280", 1);
    drawFrame(draw, at[0], at[1], 1, 1, side, HERE, 3);
    pooledFigure.hidden = !model.get("pooling");
    if (pooledFigure.hidden) return;
    const [pooledRows, pooledColumns] = computed.pooled.shape;
    const small = sharpContext(pooled, STAGE_SIDE / 2, STAGE_SIDE / 2);
    small.clearRect(0, 0, STAGE_SIDE, STAGE_SIDE);
    drawCells(small, pooledRows, pooledColumns, side, (row, column) => {
      const corners = [0, 1].flatMap((down) => [0, 1].map((right) => isSeen(2 * row + down, 2 * column + right)));
      return corners.every(Boolean) ? signedColor(computed.pooled.values[row * pooledColumns + column], reach) : null;
    });
    drawFrame(small, 0, 0, pooledRows, pooledColumns, side, "#6b7280", 1);
  }

  let whenQuiet = null;

  function describe() {
    const { at, rows, columns, stride: step } = computed;
    input.setAttribute("aria-label", `The image, with the window at row ${at[0] * step}, column ${at[1] * step}`);
    const seen = computed.whole ? rows * columns : state.seen.size;
    output.setAttribute("aria-label", `The map, ${rows} by ${columns}, of which ${seen} values are shown`);
    pooled.setAttribute("aria-label", `The pooled map, ${computed.pooled.shape[0]} by ${computed.pooled.shape[1]}`);
    caption.textContent = `The map, ${rows} × ${columns}: red above 0, blue below. Drag here, too.`;
    clearTimeout(whenQuiet);
    whenQuiet = setTimeout(() => {
      said.textContent = `Row ${at[0]}, column ${at[1]}: ${sum.textContent}.`;
    }, QUIET_FOR);
  }

  function paint() {
    const start = performance.now();
    compute();
    state.seen.add(computed.at[0] * computed.columns + computed.at[1]);
    paintInput();
    paintTables();
    paintMap();
    describe();
    for (const [name, box] of Object.entries(boxes)) box.checked = model.get(name);
    padding.value = model.get("padding");
    stride.value = model.get("stride");
    shift.value = model.get("shift");
    if (document.activeElement !== bias) bias.value = rounded(model.get("bias"));
    root.dataset.milliseconds = (performance.now() - start).toFixed(1);
  }

  // --- Changing ---
  let saving = null;

  function change(values, isSameMap = false) {
    if (!isSameMap) state.seen.clear();
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    paint();
    clearTimeout(saving);
    saving = setTimeout(() => model.save_changes(), 100);
  }

  function moveTo(row, column) {
    const within = (value, count) => Math.min(Math.max(value, 0), count - 1);
    change({ row: within(row, computed.rows), column: within(column, computed.columns) }, true);
  }

  function stop() {
    state.sweeping = false;
    sweep.textContent = "Sweep";
  }

  function goOn() {
    if (!state.sweeping) return;
    const { rows, columns } = computed;
    let at = computed.at[0] * columns + computed.at[1];
    for (let i = 0; i < PER_FRAME && at < rows * columns - 1; i++) state.seen.add(++at);
    moveTo(Math.floor(at / columns), at % columns);
    if (at === rows * columns - 1) return stop();
    requestAnimationFrame(goOn);
  }

  sweep.addEventListener("click", () => {
    if (state.sweeping) return stop();
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return change({ whole: true }, true);
    const isAtEnd = computed.at[0] === computed.rows - 1 && computed.at[1] === computed.columns - 1;
    if (isAtEnd) state.seen.clear();
    change({ whole: false, ...(isAtEnd ? { row: 0, column: 0 } : {}) }, true);
    state.sweeping = true;
    sweep.textContent = "Pause";
    requestAnimationFrame(goOn);
  });
  for (const [name, box] of Object.entries(boxes)) {
    box.addEventListener("change", () => change({ [name]: box.checked }, true));
  }
  padding.addEventListener("change", () => change({ padding: padding.value }));
  stride.addEventListener("change", () => change({ stride: Number(stride.value) }));
  shift.addEventListener("input", () => change({ shift: Number(shift.value) }));
  bias.addEventListener("input", () => {
    if (bias.value !== "" && Number.isFinite(Number(bias.value))) change({ bias: Number(bias.value) });
  });
  preset.addEventListener("change", () => {
    const kernel = model.get("presets")[preset.value];
    if (kernel) change({ weights: kernel });
  });

  // --- The pointer and the keys ---
  function dragTo(event, canvas) {
    const [x, y] = placeIn(canvas, event);
    const side = canvas === input ? cellOfInput() : cellOfMap();
    const half = canvas === input ? computed.size.map((each) => each / 2 - 0.5) : [0, 0];
    const step = canvas === input ? computed.stride : 1;
    const place = (position, axis) => Math.round(((position * STAGE_SIDE) / side - 0.5 - half[axis]) / step);
    moveTo(place(y, 0), place(x, 1));
  }

  function drew() {
    const digit = prepare(drawStrokes(sketch.strokes()));
    if (!digit) return;
    state.drawn = digit;
    change({});
  }

  for (const canvas of [input, output]) {
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      event.stopPropagation();
      input.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      stop();
      dragTo(event, canvas);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) dragTo(event, canvas);
    });
    canvas.addEventListener("mousedown", (event) => event.stopPropagation()); // a click here selects no cell
  }
  input.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.ctrlKey) return;
    if (event.key in ARROWS) {
      const by = event.shiftKey ? 4 : 1;
      const [down, right] = ARROWS[event.key];
      stop();
      moveTo(computed.at[0] + by * down, computed.at[1] + by * right);
    } else if (event.key === " ") sweep.click();
    else if (event.key === "Home") moveTo(0, 0);
    else if (event.key === "End") moveTo(computed.rows - 1, computed.columns - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  own.addEventListener("click", () => {
    stop();
    state.drawing = !state.drawing;
    own.setAttribute("aria-pressed", String(state.drawing));
    own.textContent = state.drawing ? "Done drawing" : "Draw your own";
    input.hidden = words.hidden = state.drawing;
    sketch.canvas.hidden = sketch.help.hidden = !state.drawing;
    if (state.drawing) {
      sketch.take([]);
      change({ whole: true });
    } else if (state.drawn) change({ image: new DataView(state.drawn.slice().buffer) });
    else paint();
  });

  // --- What comes from Python ---
  const names = ["image", "weights", "bias", "row", "column", "padding", "stride", "relu", "pooling", "shift", "whole"];
  const changed = () => paint();
  const replaced = () => {
    if (!state.drawing) state.drawn = null;
    state.seen.clear();
    paint();
  };
  for (const name of names) model.on(`change:${name}`, name === "image" ? replaced : changed);
  preset.append(...options({ "": "your own", ...Object.fromEntries(Object.keys(model.get("presets")).map((key) => [key, key])) }));
  const first = Object.entries(model.get("presets")).find(([, kernel]) => String(kernel) === String(model.get("weights")));
  preset.value = first ? first[0] : "";
  paint();
  return () => {
    stop();
    clearTimeout(saving);
    clearTimeout(whenQuiet);
    for (const name of names) model.off(`change:${name}`, name === "image" ? replaced : changed);
  };
}

function options(named) {
  return Object.entries(named).map(([value, text]) => made("option", { value, textContent: text }));
}

function rounded(value) {
  return (Math.round(100 * value) / 100 + 0).toFixed(2);
}

function paintCell(cell, text, color) {
  if (text !== null && cell.textContent !== text) cell.textContent = text;
  cell.style.background = `rgb(${color})`;
  cell.style.color = textColor(color);
}
