// Where the gradient ends: on the pixels of the frames and on the 49 points.

function showFaces(state) {
  const inputs = Object.fromEntries(state.stops.filter((stop) => stop.kind === "input").map((stop) => [stop.network, stop]));
  byId("saliency").hidden = !inputs.dtan;
  byId("points").hidden = !inputs.dtgn;
  byId("saliency-text").textContent = `The more orange a pixel is, the more its change would change ${sourceName(state)}: |dx|, on the frames that DTAN receives.`;
  if (inputs.dtan) showSaliency(state, inputs.dtan);
  if (inputs.dtgn) showPoints(state, inputs.dtgn);
}

function showSaliency(state, stop) {
  const [S, , T] = stop.shape, limit = colourLimit(stop.grad), figures = byId("saliency-frames");
  if (figures.children.length !== T) {
    figures.replaceChildren(...Array.from({ length: T }, (_, t) => element("figure", {}, element("canvas", { role: "img", "aria-label": `saliency of frame ${t + 1}` }), element("figcaption", { textContent: `frame ${t + 1}` }))));
  }
  [...figures.children].forEach((figure, t) => {
    paintFace(figure.firstChild, state.read.faces, t, S, (pixel) => 0.9 * Math.min(1, Math.abs(stop.grad[pixel * T + t]) / limit) ** 0.75);
    let sum = 0;
    for (let pixel = 0; pixel < S * S; pixel++) sum += Math.abs(stop.grad[pixel * T + t]);
    figure.lastChild.textContent = `frame ${t + 1}: \u03a3 |dx| = ${shown(sum)}`;
  });
}

function showPoints(state, stop) {
  const slider = byId("frame"), frames = stop.shape[0] / 98, canvas = byId("points-canvas"), size = 360, crop = state.page.crop;
  slider.max = frames;
  byId("frame-number").textContent = `${slider.value} of ${frames}`;
  const t = Number(slider.value) - 1, ratio = window.devicePixelRatio || 1, scale = size / crop, { landmarks, faces } = state.read;
  Object.assign(canvas, { width: size * ratio, height: size * ratio });
  const context = canvas.getContext("2d"), style = getComputedStyle(document.body), ink = (name) => style.getPropertyValue(name);
  context.scale(ratio, ratio);
  const face = element("canvas"), T = faces.length / crop / crop;
  paintFace(face, faces, Math.round((t / Math.max(1, frames - 1)) * (T - 1)), crop);
  context.globalAlpha = 0.35;
  context.drawImage(face, 0, 0, size, size);
  context.globalAlpha = 1;
  const at = (p) => [scale * (landmarks[t * 98 + 2 * p] + 0.5), scale * (landmarks[t * 98 + 2 * p + 1] + 0.5)];
  context.strokeStyle = ink("--ink");
  context.lineWidth = 1;
  for (const [first, last, closed] of state.page.regions) {
    context.beginPath();
    for (let p = first; p < last; p++) context.lineTo(...at(p));
    if (closed) context.closePath();
    context.stroke();
  }
  const longest = largest(stop.grad) || 1;
  let best = 0, most = -1;
  for (let p = 0; p < 49; p++) {
    const [x, y] = at(p), dx = stop.grad[t * 98 + 2 * p], dy = stop.grad[t * 98 + 2 * p + 1];
    if (Math.hypot(dx, dy) > most) [best, most] = [p, Math.hypot(dx, dy)];
    arrow(context, x, y, (dx * 0.16 * size) / longest, (dy * 0.16 * size) / longest, ink("--orange"));
    context.fillStyle = ink("--ink");
    context.beginPath();
    context.arc(x, y, 2, 0, 7);
    context.fill();
  }
  byId("points-text").textContent = `Longest in this frame: point ${best + 1}, ${shown(most)}. Arrows point to where ${sourceName(state)} grows.`;
}

function arrow(context, x, y, dx, dy, colour) {
  const length = Math.hypot(dx, dy), head = Math.min(7, length / 2), turn = Math.atan2(dy, dx);
  if (length < 1) return;
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = 2.2;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x + dx, y + dy);
  context.stroke();
  context.beginPath();
  for (const side of [0, 2.6, -2.6]) context.lineTo(x + dx + head * Math.cos(turn + side) * (side ? 1 : 0), y + dy + head * Math.sin(turn + side) * (side ? 1 : 0));
  context.fill();
  context.lineWidth = 1;
}
