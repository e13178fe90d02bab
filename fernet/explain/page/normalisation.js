// The three normalisations: y = x D^-power, with D = k + alpha times the energy around x.

// Sum over the n x n window that starts `before` rows and columns ahead of each pixel; pixels outside count as zero.
function windowSum(x, [H, W, C], n, before) {
  const rows = new Float64Array(x.length), out = new Float64Array(x.length), line = W * C;
  for (let i = 0; i < H; i++) {
    for (let u = Math.max(0, i - before); u < Math.min(H, i - before + n); u++) {
      for (let place = 0; place < line; place++) rows[i * line + place] += x[u * line + place];
    }
  }
  for (let i = 0; i < H; i++) for (let j = 0; j < W; j++) {
    for (let v = Math.max(0, j - before); v < Math.min(W, j - before + n); v++) {
      for (let c = 0; c < C; c++) out[(i * W + j) * C + c] += rows[(i * W + v) * C + c];
    }
  }
  return out;
}

// Sum over the n maps that start `before` maps ahead of each; maps that do not exist count as zero.
function mapSum(x, [, , C], n, before) {
  const out = new Float64Array(x.length);
  for (let pixel = 0; pixel < x.length; pixel += C) for (let c = 0; c < C; c++) {
    for (let m = Math.max(0, c - before); m < Math.min(C, c - before + n); m++) out[pixel + c] += x[pixel + m];
  }
  return out;
}

// The sum over the window of each value, and its adjoint: the same with the window mirrored.
function around(layer, x, adjoint = false) {
  const n = layer.size, before = adjoint ? n - 1 - Math.floor(n / 2) : Math.floor(n / 2);
  return layer.kind === "across" ? mapSum(x, layer.input, n, before) : windowSum(x, layer.input, n, before);
}

const partsOf = new WeakMap(); // of the latest input of each layer

// What forward and backward share: inside (n_p), mean, d (the deviation, or x itself), energy, D and D^-power.
function parts(layer, x) {
  const known = partsOf.get(layer);
  if (known && known.x === x) return known;
  const found = { x, d: x };
  if (layer.kind === "contrast") {
    found.inside = around(layer, new Float64Array(x.length).fill(1));
    found.mean = around(layer, x).map((sum, i) => sum / found.inside[i]);
    found.d = x.map((value, i) => value - found.mean[i]);
  }
  found.energy = around(layer, found.d.map((value) => value * value));
  found.D = found.energy.map((energy) => layer.k + layer.alpha * energy);
  found.factor = found.D.map((divisor) => divisor ** -layer.power);
  partsOf.set(layer, found);
  return found;
}

function normalised(layer, x) {
  const { factor } = parts(layer, x);
  return x.map((value, i) => value * factor[i]);
}

// dx = dy D^-power - 2 power alpha d (sum over the windows that contain d of dy y / D): direct, and through the energy.
function energyWays(layer, dy, x) {
  const { d, D, factor } = parts(layer, x), scale = -2 * layer.power * layer.alpha;
  const direct = dy.map((gradient, i) => gradient * factor[i]);
  const collected = around(layer, direct.map((gradient, i) => (gradient * x[i]) / D[i]), true);
  return { direct, collected, energy: d.map((value, i) => scale * value * collected[i]) };
}

function energyBackward(layer, dy, x) {
  const { direct, energy } = energyWays(layer, dy, x);
  return direct.map((value, i) => value + energy[i]);
}

// As above, and d = x - mean passes the gradient of the energy on once more, through the mean of each window.
function contrastWays(layer, dy, x) {
  const ways = energyWays(layer, dy, x), { inside } = parts(layer, x);
  const shared = around(layer, ways.energy.map((gradient, i) => gradient / inside[i]), true);
  return { ...ways, mean: shared.map((gradient) => -gradient) };
}

function contrastBackward(layer, dy, x) {
  const { direct, energy, mean } = contrastWays(layer, dy, x);
  return direct.map((value, i) => value + energy[i] + mean[i]);
}
