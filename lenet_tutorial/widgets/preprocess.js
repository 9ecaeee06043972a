// From strokes to a digit as MNIST's are: a port of lenet_tutorial.digit_input (draw_strokes and prepare), step by step.
// A page is { height, width, ink }: a Float32Array from 0, paper, to 1, ink, row by row.

export const CANVAS = 280; // pixels of a drawn page's side
const SIDE = 28;
const BOX = 20; // a digit's image, and the square in it that its ink is fitted into
const STROKE = 2; // pixels: thinner strokes, as they would be in the box, are thickened to this width
const FAINT = 0.25; // less ink than this is no ink

const clip = (value, low, high) => Math.min(Math.max(value, low), high);

/** Python's round: halves go to the even neighbor. Math.round would move a digit by a pixel. */
export function roundHalfEven(value) {
  const below = Math.floor(value);
  const part = value - below;
  if (part !== 0.5) return part < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** Draw strokes, { width, points: [[x, y], ...] } in shares of the side, on an empty page. */
export function drawStrokes(strokes, side = CANVAS) {
  const page = { height: side, width: side, ink: new Float32Array(side * side) };
  for (const stroke of strokes) drawStroke(page, stroke);
  return page;
}

/** Draw one stroke: each pixel is inked that lies within half a width of the chain of points. */
export function drawStroke({ width: side, ink }, { points, width }) {
  const radius = Math.max(width * side, 1) / 2;
  const chain = points.map(([x, y]) => [x * side - 0.5, y * side - 0.5]); // the first pixel's middle is at 0
  const ends = chain.length > 1 ? chain.slice(1) : chain;
  ends.forEach(([bx, by], i) => {
    const [ax, ay] = chain[i];
    const from = (a, b) => clip(Math.floor(Math.min(a, b) - radius - 1), 0, side);
    const to = (a, b) => clip(Math.ceil(Math.max(a, b) + radius + 2), 0, side);
    const dx = bx - ax;
    const dy = by - ay;
    const length = Math.max(dx * dx + dy * dy, 1e-12);
    for (let y = from(ay, by); y < to(ay, by); y++) {
      for (let x = from(ax, bx); x < to(ax, bx); x++) {
        const along = clip(((x - ax) * dx + (y - ay) * dy) / length, 0, 1);
        const away = Math.hypot(x - ax - along * dx, y - ay - along * dy);
        const at = y * side + x;
        ink[at] = Math.max(ink[at], clip(radius + 0.5 - away, 0, 1));
      }
    }
  });
}

/** Prepare a page: a Float32Array of 784 pixels; null if the page is empty or holds a mere dot. */
export function prepare(page) {
  const cropped = crop(page);
  if (!cropped) return null;
  const { height, width, ink } = cropped;
  const mean = ink.reduce((sum, each) => sum + each, 0) / ink.length;
  if (mean > 0.7 && Math.max(height, width) < 1.5 * Math.min(height, width)) return null;
  const fitted = fit(thicken(cropped));
  const largest = fitted.ink.reduce((a, b) => Math.max(a, b));
  return center({ ...fitted, ink: fitted.ink.map((each) => each / largest) });
}

/** Shrink a square page to 28×28 as it is: a Float32Array of 784 pixels; null if the page is empty. */
export function shrink({ height, ink }) {
  if (!ink.some((each) => each > FAINT)) return null;
  const by = height / SIDE;
  const image = new Float32Array(SIDE * SIDE);
  ink.forEach((each, i) => {
    image[Math.floor(i / height / by) * SIDE + Math.floor((i % height) / by)] += each / (by * by);
  });
  return image;
}

/** Cut out the smallest rectangle with all the ink; null if there is none. */
export function crop({ height, width, ink }) {
  let [top, bottom, left, right] = [height, -1, width, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (ink[y * width + x] <= FAINT) continue;
      top = Math.min(top, y);
      bottom = y;
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
  }
  if (bottom < 0) return null;
  const cut = { height: bottom - top + 1, width: right - left + 1 };
  cut.ink = new Float32Array(cut.height * cut.width);
  for (let y = 0; y < cut.height; y++) {
    const start = (top + y) * width + left;
    cut.ink.set(ink.subarray(start, start + cut.width), y * cut.width);
  }
  return cut;
}

/** Make thin strokes as wide as MNIST's. */
export function thicken(page) {
  const { height, width, ink } = page;
  const half = ink.reduce((a, b) => Math.max(a, b)) / 2;
  const around = pad(page, 1);
  const inside = distanceTo({ ...around, ink: around.ink.map((each) => each > half) }, false);
  let sum = 0;
  let count = 0;
  inside.forEach((away, i) => {
    if (around.ink[i] <= half) return;
    sum += away;
    count++;
  });
  const stroke = Math.max(1, (4 * sum) / count - 2);
  const share = STROKE / BOX;
  const reach = (share * Math.max(height, width) - stroke) / (2 - 2 * share); // the ink grows with its strokes
  if (reach <= 0) return page;
  const padded = pad(page, Math.ceil(reach) + 1);
  const away = distanceTo({ ...padded, ink: padded.ink.map((each) => each > half) }, true);
  return crop({ ...padded, ink: padded.ink.map((each, i) => Math.max(each, clip(reach + 1 - away[i], 0, 1))) });
}

function pad({ height, width, ink }, by) {
  const page = { height: height + 2 * by, width: width + 2 * by };
  page.ink = new Float32Array(page.height * page.width);
  for (let y = 0; y < height; y++) page.ink.set(ink.subarray(y * width, (y + 1) * width), (y + by) * page.width + by);
  return page;
}

/** The distance from each pixel to the nearest one that is inked, or to the nearest one that is not: exact.
    Source: Felzenszwalb and Huttenlocher (2012), Distance transforms of sampled functions, Theory of Computing 8. */
export function distanceTo({ height, width, ink }, inked) {
  const far = 1e12;
  const squares = Float64Array.from(ink, (each) => (Boolean(each) === inked ? 0 : far));
  const line = new Float64Array(Math.max(height, width));
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) line[y] = squares[y * width + x];
    const found = lowestParabolas(line.subarray(0, height));
    for (let y = 0; y < height; y++) squares[y * width + x] = found[y];
  }
  for (let y = 0; y < height; y++) {
    squares.set(lowestParabolas(squares.slice(y * width, (y + 1) * width)), y * width);
  }
  return squares.map(Math.sqrt);
}

function lowestParabolas(heights) {
  const n = heights.length;
  const at = new Int32Array(n);
  const from = new Float64Array(n + 1);
  let last = 0;
  from[0] = -Infinity;
  from[1] = Infinity;
  const crossing = (q, p) => (heights[q] + q * q - (heights[p] + p * p)) / (2 * q - 2 * p);
  for (let q = 1; q < n; q++) {
    while (crossing(q, at[last]) <= from[last]) last--;
    const start = crossing(q, at[last]);
    last++;
    at[last] = q;
    from[last] = start;
    from[last + 1] = Infinity;
  }
  const result = new Float64Array(n);
  for (let q = 0, k = 0; q < n; q++) {
    while (from[k + 1] < q) k++;
    result[q] = (q - at[k]) ** 2 + heights[at[k]];
  }
  return result;
}

/** Scale ink so that its longer side has `side` pixels: Pillow's resize with its HAMMING filter. */
export function fit(page, side = BOX) {
  const longest = Math.max(page.height, page.width);
  const [height, width] = [page.height, page.width].map((each) => Math.max(1, roundHalfEven((side * each) / longest)));
  const across = resample(page.ink, page.height, page.width, width, page.width, 1);
  const down = resample(across, width, page.height, height, 1, width);
  return { height, width, ink: down.map((each) => clip(each, 0, 1)) };
}

// Resample `count` lines of `length` values to `wanted` values each. Lines lie `lineStep` apart, values `step` apart.
function resample(values, count, length, wanted, lineStep, step) {
  if (length === wanted) return values;
  const scale = length / wanted;
  const support = Math.max(1, scale);
  const result = new Float32Array(count * wanted);
  for (let i = 0; i < wanted; i++) {
    const middle = (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(middle - support + 0.5));
    const high = Math.min(length, Math.trunc(middle + support + 0.5));
    const weights = [];
    for (let x = low; x < high; x++) weights.push(hamming((x - middle + 0.5) / support));
    const total = weights.reduce((a, b) => a + b, 0);
    const normalized = weights.map((weight) => weight / total);
    for (let line = 0; line < count; line++) {
      let sum = 0;
      for (let x = low; x < high; x++) sum += values[line * lineStep + x * step] * normalized[x - low];
      result[step === 1 ? line * wanted + i : i * count + line] = sum;
    }
  }
  return result;
}

function hamming(x) {
  if (x === 0) return 1;
  if (Math.abs(x) >= 1) return 0;
  return (Math.sin(Math.PI * x) / (Math.PI * x)) * (0.54 + 0.46 * Math.cos(Math.PI * x));
}

/** Place ink on an empty image of 28×28 so that its center of mass lies in the middle. */
export function center({ height, width, ink }, side = SIDE) {
  let [total, down, right] = [0, 0, 0];
  ink.forEach((each, i) => {
    total += each;
    down += each * Math.floor(i / width);
    right += each * (i % width);
  });
  const top = clip(roundHalfEven(side / 2 - down / total), 0, side - height);
  const left = clip(roundHalfEven(side / 2 - right / total), 0, side - width);
  const image = new Float32Array(side * side);
  for (let y = 0; y < height; y++) image.set(ink.subarray(y * width, (y + 1) * width), (top + y) * side + left);
  return image;
}
