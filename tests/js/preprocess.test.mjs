// preprocess.js against lenet_tutorial.digit_input: drawings and their digits come from a Python test, in CASES.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { drawStrokes, prepare, roundHalfEven, shrink } from "../../lenet_tutorial/widgets/preprocess.js";

const cases = JSON.parse(readFileSync(`${process.env.CASES}/drawings.json`));

for (const [number, { strokes, digit, small }] of cases.entries()) {
  test(`drawing ${number}`, () => {
    const shrunk = shrink(drawStrokes(strokes));
    small.forEach((value, i) => assert.ok(Math.abs(value - shrunk[i]) <= 1e-6, `pixel ${i} of the shrunk page`));
    const found = prepare(drawStrokes(strokes));
    if (digit === null) return assert.equal(found, null);
    digit.forEach((value, i) => assert.ok(Math.abs(value - found[i]) <= 1e-6, `pixel ${i}: ${found[i]}, not ${value}`));
  });
}

test("an empty page is not shrunk", () => assert.equal(shrink(drawStrokes([])), null));

test("halves are rounded to the even neighbor, as Python does", () => {
  const halves = [-1.5, -0.5, 0.5, 1.5, 2.5, 2.4999, 2.5001];
  assert.deepEqual(halves.map(roundHalfEven).map((each) => each + 0), [-2, 0, 0, 2, 2, 2, 3]);
});
