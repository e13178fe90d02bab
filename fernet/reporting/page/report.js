"use strict";
// The weighted sum o = alpha p + (1 - alpha) q (Eq. 7), from the saved scores of DTAN (p) and DTGN (q).

const data = JSON.parse(document.getElementById("scores").textContent);
const classes = data.classes.length;
const p = floats(data.dtan), q = floats(data.dtgn);

function floats(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Float64Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

function confusion(alpha) {
  const counts = data.classes.map(() => new Array(classes).fill(0));
  data.labels.forEach((label, clip) => {
    let best = 0, highest = -Infinity;
    for (let i = 0; i < classes; i++) {
      const score = alpha * p[clip * classes + i] + (1 - alpha) * q[clip * classes + i];
      if (score > highest) { highest = score; best = i; }
    }
    counts[label][best] += 1;
  });
  return counts;
}

function accuracy(counts) {
  return counts.reduce((sum, row, i) => sum + row[i], 0) / data.labels.length;
}

const slider = document.getElementById("alpha"), svg = document.getElementById("alpha-curve");
document.getElementById("explorer").hidden = false; // before its width is asked for

const thumb = 8, left = 44, right = 14, above = 10, below = 30; // pixels
const width = Math.max(260, svg.parentElement.clientWidth - 32), height = 220;
const curve = Array.from({ length: 101 }, (_, i) => accuracy(confusion(i / 100)));
const low = Math.min(...curve), high = Math.max(...curve), room = Math.max(0.1 * (high - low), 0.005);
const floor = Math.max(0, low - room), ceiling = Math.min(1, high + room);
const x = (alpha) => left + alpha * (width - left - right);
const y = (value) => above + (ceiling - value) / (ceiling - floor) * (height - above - below);

function drawCurve() {
  const draw = (name, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
    if (text) element.textContent = text;
    svg.append(element);
    return element;
  };
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  slider.style.marginLeft = `${left - thumb}px`; // its thumb stands above the dot
  slider.style.width = `${width - left - right + 2 * thumb}px`;
  for (let i = 0; i <= 4; i++) {
    const value = floor + i / 4 * (ceiling - floor);
    draw("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) });
    draw("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, (100 * value).toFixed(1));
    const anchor = i === 0 ? "start" : i === 4 ? "end" : "middle";
    const name = i === 0 ? "0, DTGN" : i === 4 ? "1, DTAN" : String(i / 4);
    draw("text", { x: x(i / 4), y: height - 10, "text-anchor": anchor }, name);
  }
  const points = curve.map((value, i) => `${x(i / 100).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
  draw("polyline", { class: "curve", points });
  return draw("circle", { class: "dot", r: 5 });
}

const dot = drawCurve();

function show() {
  const alpha = Number(slider.value) / 100, counts = confusion(alpha), value = accuracy(counts);
  document.getElementById("alpha-value").textContent = alpha.toFixed(2);
  document.getElementById("alpha-accuracy").textContent = `${(100 * value).toFixed(2)} %`;
  dot.setAttribute("cx", x(alpha));
  dot.setAttribute("cy", y(value));
  document.querySelectorAll("#alpha-confusion tbody tr").forEach((row, i) => {
    const total = Math.max(1, counts[i].reduce((sum, n) => sum + n, 0));
    row.querySelectorAll("td").forEach((cell, j) => {
      cell.textContent = counts[i][j];
      cell.style.background = counts[i][j] ? `rgba(var(--heat), ${(0.08 + 0.62 * counts[i][j] / total).toFixed(3)})` : "";
    });
  });
}

slider.addEventListener("input", show);
show();
