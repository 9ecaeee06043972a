// Ten bars: the probability of each digit, the largest one marked.

import { made } from "./dom.js";

/** Make the bars; `show(shares)` draws ten shares from 0 to 1, or none. */
export function makeBars() {
  const rows = [...Array(10).keys()].map((digit) => {
    const fill = made("span", { className: "lenet-bars-fill" });
    const share = made("span", { className: "lenet-bars-share" });
    return { row: made("li", {}, made("b", { textContent: digit }), made("span", {}, fill), share), fill, share };
  });
  const list = made("ol", { className: "lenet-bars", aria: { "aria-label": "Probability of each digit" } });
  list.append(...rows.map((each) => each.row));

  function show(shares) {
    const best = shares ? indexOfLargest(shares) : -1;
    rows.forEach(({ row, fill, share }, digit) => {
      const percent = 100 * (shares?.[digit] ?? 0);
      fill.style.width = `${percent}%`;
      share.textContent = shares ? `${percent.toFixed(1)}%` : "–";
      row.classList.toggle("lenet-bars-best", digit === best);
    });
  }
  show(null);
  return { list, show };
}

/** Where the largest value is. */
export function indexOfLargest(values) {
  return values.indexOf(Math.max(...values));
}
