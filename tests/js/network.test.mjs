// network.js against Keras: networks, images and every layer's output come from a Python test, in the folder CASES.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runNetwork, unpackNetwork } from "../../lenet_tutorial/widgets/network.js";

const folder = process.env.CASES;
const cases = JSON.parse(readFileSync(`${folder}/networks.json`));
const bytes = readFileSync(`${folder}/networks.bin`);
const tolerance = Number(process.env.TOLERANCE ?? 1e-5);

for (const [number, { description, start, end, image, outputs }] of cases.entries()) {
  test(`network ${number}: ${description.layers.map((layer) => layer.kind).join(", ")}`, () => {
    const network = unpackNetwork(description, bytes.subarray(start, end));
    const found = runNetwork(network, Float32Array.from(image));
    assert.deepEqual(Object.keys(outputs), found.map((each) => each.name));
    for (const { name, shape, values } of found) {
      const wanted = outputs[name];
      assert.equal(values.length, wanted.length, name);
      assert.equal(shape.reduce((a, b) => a * b, 1), wanted.length, name);
      wanted.forEach((value, i) => {
        const apart = Math.abs(value - values[i]);
        assert.ok(apart <= tolerance + tolerance * Math.abs(value), `${name}[${i}]: ${values[i]}, Keras has ${value}`);
      });
    }
  });
}

test("weights that do not fit are refused before anything is computed", () => {
  const { description, start, end } = cases.find((each) => each.end > each.start);
  assert.throws(() => unpackNetwork(description, bytes.subarray(start, end - 1)), /expected \d+ bytes of weights, got/);
});
