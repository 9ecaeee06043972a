// preprocess.js against lenet_tutorial.digit_input: drawings and their digits come from a Python test, in CASES.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { drawStrokes, prepare, roundHalfEven } from "../../lenet_tutorial/widgets/preprocess.js";

const cases = JSON.parse(readFileSync(`${process.env.CASES}/drawings.json`));

for (const [number, { strokes, digit }] of cases.entries()) {
  test(`drawing ${number}`, () => {
    const found = prepare(drawStrokes(strokes));
    if (digit === null) return assert.equal(found, null);
    digit.forEach((value, i) => assert.ok(Math.abs(value - found[i]) <= 1e-6, `pixel ${i}: ${found[i]}, not ${value}`));
  });
}

test("halves are rounded to the even neighbor, as Python does", () => {
  const halves = [-1.5, -0.5, 0.5, 1.5, 2.5, 2.4999, 2.5001];
  assert.deepEqual(halves.map(roundHalfEven).map((each) => each + 0), [-2, 0, 0, 2, 2, 2, 3]);
});
