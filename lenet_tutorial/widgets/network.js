// The forward pass of a chain of layers, with every layer's output. Images are stored row by row, the channels of a
// pixel side by side, as Keras has them. Sums are added up in 64 bits and stored in 32.

/** Lay the weights of a description over the bytes that hold them; 8-bit weights become floats, a scale a channel.
    A RangeError says which weights do not fit. */
export function unpackNetwork(description, bytes) {
  const view = new DataView(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength);
  const layers = description.layers.map((layer) => {
    const weights = {};
    for (const [name, where] of Object.entries(layer.weights ?? {})) weights[name] = readWeights(view, where);
    return { ...layer, ...weights };
  });
  const network = { inputShape: description.inputShape, layers };
  runNetwork(network, new Float32Array(network.inputShape.reduce((product, side) => product * side, 1)));
  return network;
}

function mustFit({ name, kernel }, wanted) {
  if (kernel.length !== wanted) throw new RangeError(`expected ${wanted} weights for the layer ${name}, got ${kernel.length}`);
}

function readWeights(view, { dtype, shape, offset, scale }) {
  const length = shape.reduce((product, side) => product * side, 1);
  const bytesEach = dtype === "int8" ? 1 : 4;
  const end = offset + length * bytesEach;
  if (end > view.byteLength) throw new RangeError(`expected ${end} bytes of weights, got ${view.byteLength}`);
  const values = new Float32Array(length);
  if (dtype === "int8") {
    const scales = readWeights(view, scale);
    const channels = scales.length;
    for (let i = 0; i < length; i++) values[i] = view.getInt8(offset + i) * scales[i % channels];
  } else {
    for (let i = 0; i < length; i++) values[i] = view.getFloat32(offset + 4 * i, true);
  }
  return values;
}

/** Floats from bytes as they come from Python, a DataView, or from a page, a typed array. */
export function floatsOf(value) {
  return new Float32Array(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength));
}

/** Run an image through a network; give each layer's output as { name, shape, values }, in their order. */
export function runNetwork(network, pixels) {
  let current = { shape: network.inputShape, values: pixels };
  const outputs = [];
  for (const layer of network.layers) {
    current = { name: layer.name, ...LAYERS[layer.kind](layer, current) };
    if (layer.activation) current.values = activate(layer.activation, current, layer.slope);
    outputs.push(current);
  }
  return outputs;
}

const LAYERS = {
  conv: convolve,
  dense: multiply,
  maxPool: (layer, input) => pool(layer, input, Math.max, -Infinity, (largest) => largest),
  averagePool: (layer, input) => pool(layer, input, (sum, value) => sum + value, 0, (sum, count) => sum / count),
  globalMaxPool: (layer, input) => poolAll(input, Math.max, -Infinity, (largest) => largest),
  globalAveragePool: (layer, input) => poolAll(input, (sum, value) => sum + value, 0, (sum, count) => sum / count),
  reshape: (layer, input) => ({ shape: layer.shape, values: input.values }),
  flatten: (layer, input) => ({ shape: [input.values.length], values: input.values }),
  scale: scaleChannels,
  activation: (layer, input) => ({ shape: input.shape, values: input.values }),
};

/** Pixels of padding before the first one, and positions of the window, along one side. */
export function windowPositions(length, size, stride, padding) {
  if (padding === "valid") return { before: 0, count: Math.floor((length - size) / stride) + 1 };
  const count = Math.ceil(length / stride);
  return { before: Math.floor(Math.max((count - 1) * stride + size - length, 0) / 2), count };
}

function convolve(layer, { shape, values }) {
  const { kernel, bias, size, stride, padding, filters } = layer;
  const [height, width, channels] = shape;
  mustFit(layer, size[0] * size[1] * channels * filters);
  const rows = windowPositions(height, size[0], stride[0], padding);
  const columns = windowPositions(width, size[1], stride[1], padding);
  const result = new Float32Array(rows.count * columns.count * filters);
  const sums = new Float64Array(filters);
  let at = 0;
  for (let row = 0; row < rows.count; row++) {
    for (let column = 0; column < columns.count; column++) {
      if (bias) sums.set(bias);
      else sums.fill(0);
      for (let i = 0; i < size[0]; i++) {
        const y = row * stride[0] - rows.before + i;
        if (y < 0 || y >= height) continue;
        for (let j = 0; j < size[1]; j++) {
          const x = column * stride[1] - columns.before + j;
          if (x < 0 || x >= width) continue;
          const pixel = (y * width + x) * channels;
          const weights = (i * size[1] + j) * channels * filters;
          for (let channel = 0; channel < channels; channel++) {
            const value = values[pixel + channel];
            if (value === 0) continue;
            const start = weights + channel * filters;
            for (let filter = 0; filter < filters; filter++) sums[filter] += value * kernel[start + filter];
          }
        }
      }
      result.set(sums, at);
      at += filters;
    }
  }
  return { shape: [rows.count, columns.count, filters], values: result };
}

function multiply(layer, { shape, values }) {
  const { kernel, bias, units } = layer;
  const inputs = shape.at(-1);
  mustFit(layer, inputs * units);
  const rows = values.length / inputs;
  const result = new Float32Array(rows * units);
  const sums = new Float64Array(units);
  for (let row = 0; row < rows; row++) {
    if (bias) sums.set(bias);
    else sums.fill(0);
    for (let input = 0; input < inputs; input++) {
      const value = values[row * inputs + input];
      if (value === 0) continue;
      const start = input * units;
      for (let unit = 0; unit < units; unit++) sums[unit] += value * kernel[start + unit];
    }
    result.set(sums, row * units);
  }
  return { shape: [...shape.slice(0, -1), units], values: result };
}

function pool({ size, stride, padding }, { shape, values }, join, first, finish) {
  const [height, width, channels] = shape;
  const rows = windowPositions(height, size[0], stride[0], padding);
  const columns = windowPositions(width, size[1], stride[1], padding);
  const result = new Float32Array(rows.count * columns.count * channels);
  let at = 0;
  for (let row = 0; row < rows.count; row++) {
    const top = row * stride[0] - rows.before;
    for (let column = 0; column < columns.count; column++) {
      const left = column * stride[1] - columns.before;
      for (let channel = 0; channel < channels; channel++) {
        let joined = first;
        let count = 0; // padding counts for nothing
        for (let y = Math.max(top, 0); y < Math.min(top + size[0], height); y++) {
          for (let x = Math.max(left, 0); x < Math.min(left + size[1], width); x++) {
            joined = join(joined, values[(y * width + x) * channels + channel]);
            count++;
          }
        }
        result[at++] = finish(joined, count);
      }
    }
  }
  return { shape: [rows.count, columns.count, channels], values: result };
}

function poolAll({ shape, values }, join, first, finish) {
  const [height, width, channels] = shape;
  const result = new Float32Array(channels);
  for (let channel = 0; channel < channels; channel++) {
    let joined = first;
    for (let i = channel; i < values.length; i += channels) joined = join(joined, values[i]);
    result[channel] = finish(joined, height * width);
  }
  return { shape: [channels], values: result };
}

/** Rescaling and batch normalization: each channel times a factor, plus an offset. */
function scaleChannels({ factor, offset }, { shape, values }) {
  const channels = factor.length;
  return { shape, values: values.map((value, i) => value * factor[i % channels] + offset[i % channels]) };
}

function activate(name, { shape, values }, slope = 0) {
  if (name === "relu") return values.map((value) => Math.max(value, 0));
  if (name === "leakyRelu") return values.map((value) => (value < 0 ? slope * value : value));
  if (name === "tanh") return values.map(Math.tanh);
  if (name === "sigmoid") return values.map((value) => 1 / (1 + Math.exp(-value)));
  return softmax(values, shape.at(-1));
}

function softmax(values, classes) {
  const result = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += classes) {
    const row = values.subarray(start, start + classes);
    const largest = row.reduce((a, b) => Math.max(a, b));
    const powers = Array.from(row, (value) => Math.exp(value - largest));
    const total = powers.reduce((a, b) => a + b);
    powers.forEach((power, i) => (result[start + i] = power / total));
  }
  return result;
}
