// The network explorer: draw or choose a digit, and every map of every layer answers, trained beside untrained.

import { makeBars } from "./bars.js";
import { ARROWS, keepKeys, made, sharpContext } from "./dom.js";
import { activationColor, drawCells, drawFrame, inkColor, paintMaps, reachOf, signedColor } from "./maps.js";
import { floatsOf, runNetwork, unpackNetwork, windowPositions } from "./network.js";
import { drawStrokes, prepare } from "./preprocess.js";
import { makeSketch } from "./sketch.js";

const PAGE = 196; // CSS pixels of the drawing's side, and of the digit's
const COLUMNS = 16; // maps in a row
const TILE = 30; // CSS pixels of a map's side
const GAP = 3;
const CHOSEN = "#D55E00";
const SHOWN = ["conv", "maxPool", "averagePool"]; // the kinds of layers whose maps are drawn

export function renderExplorer({ model, el }) {
  if (model.get("message")) return showPicture(model, el, model.get("message"));

  // --- The networks, once ---
  const networks = {};
  try {
    networks.trained = unpackNetwork(model.get("description"), model.get("data"));
    if (model.get("untrained_data")?.byteLength) {
      networks.untrained = unpackNetwork(model.get("untrained_description"), model.get("untrained_data"));
    }
  } catch (error) {
    return showPicture(model, el, `The network's weights do not fit: ${error.message}. Run the cell again.`);
  }
  const spatial = networks.trained.layers.map((layer, i) => i).filter((i) => SHOWN.includes(networks.trained.layers[i].kind));
  const fields = receptiveFields(networks.trained);
  const images = splitImages(model.get("images"));

  const state = {
    digit: images[model.get("number")] ?? images[0],
    outputs: {},
    chosen: { layer: spatial[0], channel: 0, row: null, column: null },
  };

  // --- Elements ---
  const sketch = makeSketch({ size: PAGE, className: "lenet-explorer-page", changed: soon });
  const oneScale = made("input", { type: "checkbox" });
  const beside = made("input", { type: "checkbox" });
  const besideLabel = made("label", {}, beside, " untrained beside");
  besideLabel.hidden = !networks.untrained;
  const seen = made("canvas", { className: "lenet-explorer-seen", aria: { role: "img", "aria-label": "What the network sees" } });
  const choice = made("div", { className: "lenet-explorer-choice", aria: { role: "group", "aria-label": "Digits to choose from" } });
  const bars = makeBars();
  const sheets = made("div", { className: "lenet-explorer-sheets" });
  const detail = made("div", { className: "lenet-explorer-detail" });
  const said = made("p", { className: "lenet-said", aria: { role: "status", "aria-live": "polite" } });
  el.append(
    made(
      "div",
      { className: "lenet-widget lenet-explorer" },
      made("figure", {}, sketch.canvas, made("figcaption", { textContent: "Draw a digit, or choose one below." }), made("div", { className: "lenet-explorer-tools" }, sketch.undo, sketch.clear)),
      made("figure", {}, seen, made("figcaption", { textContent: "What the network sees, and what a unit of the chosen map sees" })),
      bars.list,
      choice,
      made("div", { className: "lenet-explorer-tools" }, made("label", {}, oneScale, " one scale for a layer"), besideLabel),
      sheets,
      detail,
      said,
      sketch.help,
    ),
  );
  keepKeys(oneScale, beside);
  oneScale.addEventListener("change", () => paint());
  beside.addEventListener("change", () => run());

  images.forEach((image, number) => {
    const picture = made("canvas");
    const button = made("button", { type: "button", aria: { "aria-label": `Digit number ${number}` } }, picture);
    keepKeys(button);
    const draw = sharpContext(picture, 28, 28);
    drawCells(draw, 28, 28, 1, (row, column) => inkColor(image[28 * row + column]));
    button.addEventListener("click", () => {
      sketch.take([]);
      state.digit = image;
      run();
      model.set("number", number);
      model.save_changes();
    });
    choice.append(button);
  });

  // --- Sheets of maps: a canvas for each layer and network ---
  const views = spatial.map((at) => {
    const layer = networks.trained.layers[at];
    const names = Object.keys(networks).filter((name) => networks[name].layers[at]);
    const canvases = names.map((name) => {
      const canvas = made("canvas", { tabIndex: 0, aria: { role: "img" } });
      keepKeys(canvas);
      canvas.addEventListener("click", (event) => choose(at, canvas, event));
      canvas.addEventListener("keydown", (event) => {
        const move = ARROWS[event.key];
        if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        event.stopPropagation();
        const { columns, count } = layoutOf(at);
        const channel = state.chosen.layer === at ? state.chosen.channel : 0;
        pick(at, Math.min(count - 1, Math.max(0, channel + move[0] * columns + move[1])));
      });
      const label = names.length > 1 ? `${layer.name}, ${name}` : layer.name;
      return { name, canvas, figure: made("figure", {}, made("figcaption", { textContent: label }), canvas) };
    });
    sheets.append(...canvases.map((each) => each.figure));
    return { at, canvases };
  });

  function layoutOf(at) {
    const [height, width, count] = state.outputs.trained[at].shape;
    const columns = Math.min(count, COLUMNS);
    const side = TILE / Math.max(height, width);
    return { height, width, count, columns, rows: Math.ceil(count / columns), side };
  }

  /** What is drawn brightest in each map: its own largest value, or that of all maps of the layer. */
  function scalesOf(values, count) {
    const largest = new Float64Array(count);
    values.forEach((value, i) => (largest[i % count] = Math.max(largest[i % count], Math.abs(value))));
    const all = reachOf(largest) || 1;
    return largest.map((each) => (oneScale.checked ? all : each || all));
  }

  function paintSheet(at, { name, canvas }) {
    const { height, width, count, columns, rows, side } = layoutOf(at);
    const output = state.outputs[name][at];
    const small = paintMaps(output, columns, scalesOf(output.values, count));
    const [across, down] = [columns * (TILE + GAP), rows * (TILE + GAP)];
    canvas.style.aspectRatio = `${across} / ${down}`;
    canvas.style.width = `${across}px`;
    const draw = sharpContext(canvas, across, down);
    draw.clearRect(0, 0, across, down);
    draw.imageSmoothingEnabled = false;
    for (let channel = 0; channel < count; channel++) {
      const [row, column] = [Math.floor(channel / columns), channel % columns];
      const place = [column * (TILE + GAP) + 1, row * (TILE + GAP) + 1, width * side, height * side];
      draw.drawImage(small, column * width, row * height, width, height, ...place);
      if (state.chosen.layer !== at || state.chosen.channel !== channel) continue;
      draw.strokeStyle = CHOSEN;
      draw.lineWidth = 2;
      draw.strokeRect(...place);
    }
    canvas.setAttribute("aria-label", `${count} maps of ${height} by ${width} of ${networks.trained.layers[at].name}, ${name}`);
  }

  function choose(at, canvas, event) {
    const { columns, count } = layoutOf(at);
    const frame = canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - frame.left) / frame.width) * columns);
    const row = Math.floor((event.clientY - frame.top) / (frame.width / columns));
    pick(at, Math.min(count - 1, row * columns + column));
  }

  function pick(at, channel) {
    state.chosen = { layer: at, channel, row: null, column: null };
    model.set("layer", networks.trained.layers[at].name);
    model.set("channel", channel);
    model.save_changes();
    paint();
  }

  // --- The chosen map: large, with its kernel; a position of it with its receptive field and its sum ---
  const large = made("canvas", { className: "lenet-explorer-large", tabIndex: 0, aria: { role: "img" } });
  const kernel = made("canvas", { className: "lenet-explorer-kernel", aria: { role: "img" } });
  const kernelFigure = made("figure", {}, kernel, made("figcaption"));
  const largeFigure = made("figure", {}, large, made("figcaption"));
  detail.append(largeFigure, kernelFigure);
  keepKeys(large);

  function shapeOfChosen() {
    return state.outputs.trained[state.chosen.layer].shape;
  }

  function hover(row, column) {
    const [height, width] = shapeOfChosen();
    state.chosen.row = Math.min(height - 1, Math.max(0, row));
    state.chosen.column = Math.min(width - 1, Math.max(0, column));
    paintDetail();
    paintSeen();
  }

  large.addEventListener("pointermove", (event) => {
    const frame = large.getBoundingClientRect();
    const [height, width] = shapeOfChosen();
    hover(
      Math.floor(((event.clientY - frame.top) / frame.height) * height),
      Math.floor(((event.clientX - frame.left) / frame.width) * width),
    );
  });
  large.addEventListener("keydown", (event) => {
    const move = ARROWS[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    hover((state.chosen.row ?? 0) + move[0], (state.chosen.column ?? 0) + move[1]);
  });

  function paintDetail() {
    const { layer: at, channel, row, column } = state.chosen;
    const layer = networks.trained.layers[at];
    const { shape, values } = state.outputs.trained[at];
    const [height, width, count] = shape;
    const reach = reachOf(values.filter((value, i) => i % count === channel)) || 1;
    const side = PAGE / Math.max(height, width);
    const draw = sharpContext(large, PAGE, PAGE);
    draw.clearRect(0, 0, PAGE, PAGE);
    drawCells(draw, height, width, side, (y, x) => activationColor(values[(y * width + x) * count + channel] / reach));
    if (row !== null) drawFrame(draw, row, column, 1, 1, side, CHOSEN, 2);
    largeFigure.querySelector("figcaption").textContent = `${layer.name}, map ${channel}: 0 is dark, ${reach.toFixed(2)} is bright`;
    large.setAttribute("aria-label", `Map ${channel} of ${layer.name}, enlarged; arrow keys choose a position`);
    kernelFigure.hidden = layer.kind !== "conv";
    if (!kernelFigure.hidden) paintKernel(layer, channel);
    if (row === null) {
      said.textContent = `${layer.name}, map ${channel}. Point at a position of the large map to see what made it.`;
      return;
    }
    const value = values[(row * width + column) * count + channel];
    const field = fields[at];
    said.textContent =
      `${layer.name}, map ${channel}, row ${row}, column ${column}: ${value.toFixed(3)}, ` +
      `made from the ${field.size} × ${field.size} pixels in the frame on the digit.`;
  }

  function paintKernel(layer, channel) {
    const [rows, columns] = layer.size;
    const inputs = layer.kernel.length / (rows * columns * layer.filters);
    const weight = (input, row, column) => layer.kernel[((row * columns + column) * inputs + input) * layer.filters + channel];
    const reach = reachOf(Array.from({ length: layer.kernel.length / layer.filters }, (_, i) => layer.kernel[i * layer.filters + channel]));
    const across = inputs === 1 ? 1 : 8;
    const gap = inputs === 1 ? 0 : 1; // cells between slices
    const side = PAGE / (across * (columns + gap));
    const down = Math.ceil(inputs / across) * (rows + gap) * side;
    kernel.style.height = `${down}px`;
    const draw = sharpContext(kernel, PAGE, down);
    draw.clearRect(0, 0, PAGE, down);
    for (let input = 0; input < inputs; input++) {
      draw.save();
      draw.translate((input % across) * (columns + gap) * side, Math.floor(input / across) * (rows + gap) * side);
      drawCells(draw, rows, columns, side, (row, column) => signedColor(weight(input, row, column), reach));
      draw.restore();
    }
    const slices = inputs === 1 ? "" : `, a slice for each of the ${inputs} maps before`;
    kernelFigure.querySelector("figcaption").textContent = `its kernel, ${rows} × ${columns}${slices}: red above 0, blue below`;
    kernel.setAttribute("aria-label", `The kernel of map ${channel}, ${inputs} times ${rows} by ${columns} weights`);
  }

  // --- The digit, the page and the bars ---
  function paintSeen() {
    const side = PAGE / 28;
    const draw = sharpContext(seen, PAGE, PAGE);
    drawCells(draw, 28, 28, side, (row, column) => inkColor(state.digit[28 * row + column]));
    const { layer: at, row, column } = state.chosen;
    if (row === null) return;
    const { size, stride, start } = fields[at];
    drawFrame(draw, start + row * stride, start + column * stride, size, size, side, CHOSEN, 2);
  }

  function paint() {
    for (const { at, canvases } of views) {
      for (const each of canvases) {
        each.figure.hidden = each.name === "untrained" && !beside.checked;
        if (!each.figure.hidden) paintSheet(at, each);
      }
    }
    paintSeen();
    bars.show(state.outputs.trained.at(-1).values);
    paintDetail();
  }

  function run(start = performance.now()) {
    for (const [name, network] of Object.entries(networks)) {
      if (name === "trained" || beside.checked) state.outputs[name] = runNetwork(network, state.digit);
    }
    paint();
    el.firstChild.dataset.milliseconds = (performance.now() - start).toFixed(1);
  }

  // --- Drawing: at most one run a frame ---
  let frame = null;

  function soon() {
    frame ??= requestAnimationFrame(() => {
      frame = null;
      const start = performance.now();
      const digit = prepare(drawStrokes(sketch.strokes()));
      if (digit) state.digit = digit;
      run(start);
    });
  }
  run();

  // --- What comes from Python ---
  function numberChanged() {
    sketch.take([]);
    state.digit = images[model.get("number")] ?? state.digit;
    run();
  }
  model.on("change:number", numberChanged);
  return () => {
    cancelAnimationFrame(frame);
    model.off("change:number", numberChanged);
  };
}

/** What the browser cannot compute: a sentence that says why, and the picture if there is one. */
function showPicture(model, el, message) {
  const root = made("div", { className: "lenet-widget lenet-explorer" }, made("p", { textContent: message }));
  el.append(root);
  if (!model.get("picture")?.byteLength) return () => {};
  const picture = new Blob([model.get("picture")], { type: "image/png" });
  const image = made("img", { src: URL.createObjectURL(picture), alt: "The maps of the first layer for one digit" });
  root.append(image);
  return () => URL.revokeObjectURL(image.src);
}

/** The images, (n, 784) as bytes of float32, one array each. */
function splitImages(value) {
  const all = floatsOf(value);
  return Array.from({ length: all.length / 784 }, (_, i) => all.slice(784 * i, 784 * (i + 1)));
}

/** The part of the image that a unit of each layer sees: { size, stride, start }, in pixels. */
function receptiveFields(network) {
  let field = { size: 1, stride: 1, start: 0 };
  let length = 28;
  return network.layers.map((layer) => {
    if (!layer.size) return field;
    const { before, count } = windowPositions(length, layer.size[0], layer.stride[0], layer.padding);
    field = {
      size: field.size + (layer.size[0] - 1) * field.stride,
      start: field.start - before * field.stride,
      stride: field.stride * layer.stride[0],
    };
    length = count;
    return field;
  });
}
