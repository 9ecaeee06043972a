// Drawing of digits and maps in the colors of the lessons' figures: ink is black on white; in maps, red is above 0,
// blue below, white 0, as in matplotlib's RdBu_r (ColorBrewer, C. Brewer and M. Harrower).

import { made } from "./dom.js";

const BLUE_TO_RED = [
  [5, 48, 97], [33, 102, 172], [67, 147, 195], [146, 197, 222], [209, 229, 240], [247, 247, 247],
  [253, 219, 199], [244, 165, 130], [214, 96, 77], [178, 24, 43], [103, 0, 31],
]; // prettier-ignore

/** The color of a value: [red, green, blue], where `reach` is the value that is drawn darkest. */
export function signedColor(value, reach) {
  const share = (Math.min(1, Math.max(-1, value / (reach || 1))) + 1) * 5;
  const low = Math.min(9, Math.floor(share));
  return BLUE_TO_RED[low].map((part, i) => Math.round(part + (share - low) * (BLUE_TO_RED[low + 1][i] - part)));
}

const DARK_TO_BRIGHT = [
  [68, 1, 84], [72, 40, 120], [62, 73, 137], [49, 104, 142], [38, 130, 142],
  [31, 158, 137], [53, 183, 121], [109, 205, 89], [180, 222, 44], [253, 231, 37],
]; // prettier-ignore

/** The color of an activation from 0, dark, to 1, bright: matplotlib's viridis. */
export function activationColor(value) {
  const share = 9 * Math.min(1, Math.max(0, value));
  const low = Math.min(8, Math.floor(share));
  return DARK_TO_BRIGHT[low].map((part, i) => Math.round(part + (share - low) * (DARK_TO_BRIGHT[low + 1][i] - part)));
}

// The same colors in 256 steps, as ImageData has them: red, green, blue and opacity in one number.
const ACTIVATION_PIXELS = new Uint32Array(
  new Uint8ClampedArray([...Array(256).keys()].flatMap((step) => [...activationColor(step / 255), 255])).buffer,
);

/** Paint activations side by side, `columns` maps in a row, each from 0, dark, to its own `reach`, bright: a canvas of a dot a value. */
export function paintMaps({ shape, values }, columns, reaches) {
  const [height, width, count] = shape;
  const sheet = new ImageData(columns * width, Math.ceil(count / columns) * height);
  const pixels = new Uint32Array(sheet.data.buffer);
  for (let channel = 0; channel < count; channel++) {
    const corner = Math.floor(channel / columns) * height * sheet.width + (channel % columns) * width;
    const scale = 255 / reaches[channel];
    for (let at = 0; at < height * width; at++) {
      const step = Math.min(255, Math.max(0, Math.round(values[at * count + channel] * scale)));
      pixels[corner + Math.floor(at / width) * sheet.width + (at % width)] = ACTIVATION_PIXELS[step];
    }
  }
  const canvas = made("canvas", { width: sheet.width, height: sheet.height });
  canvas.getContext("2d").putImageData(sheet, 0, 0);
  return canvas;
}

/** The color of ink from 0, white paper, to 1, black. */
export function inkColor(value) {
  return Array(3).fill(Math.round(255 * (1 - Math.min(1, Math.max(0, value)))));
}

/** The color of text that can be read on that ground. */
export function textColor([red, green, blue]) {
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? "#1d2433" : "#ffffff";
}

/** Draw cells, a square of `side` pixels each; `color` gives a cell's color from its row and column, or null. */
export function drawCells(draw, rows, columns, side, color) {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const found = color(row, column);
      if (!found) continue;
      draw.fillStyle = `rgb(${found})`;
      draw.fillRect(column * side, row * side, side + 0.5, side + 0.5); // no seams between cells
    }
  }
}

/** Draw a frame around cells. */
export function drawFrame(draw, row, column, rows, columns, side, color, width = 2) {
  draw.strokeStyle = color;
  draw.lineWidth = width;
  draw.strokeRect(column * side, row * side, columns * side, rows * side);
}

/** Draw strokes, { width, points: [[x, y], ...] } in shares of a page of that side, in black. */
export function drawInk(draw, strokes, side) {
  draw.lineCap = draw.lineJoin = "round";
  draw.strokeStyle = "black";
  for (const { width, points } of strokes) {
    draw.lineWidth = width * side;
    draw.beginPath();
    for (const [x, y] of points.length > 1 ? points : [points[0], points[0]]) draw.lineTo(x * side, y * side);
    draw.stroke();
  }
}

/** The largest absolute value, for a scale. */
export function reachOf(values) {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}
