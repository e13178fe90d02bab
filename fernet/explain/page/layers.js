// The layers, forward and backward, one clip at a time. Arrays are flat Float64Arrays: value (i, j, c) of a map stands
// at (i W + j) C + c. A layer holds its settings, `input` and `shape` (of its input and output), and weights.

const LAYERS = {
  conv: {
    // y[i, j, k] = sum over r, s, c of x[i+r, j+s, c] W[r, s, c, k] + b[k]
    forward(layer, x) {
      const [H, W, C] = layer.input, [P, Q, K] = layer.shape, { size: R, before, b, W: filters } = layer;
      const y = new Float64Array(P * Q * K);
      for (let p = 0; p < P; p++) for (let q = 0; q < Q; q++) {
        const out = (p * Q + q) * K;
        for (let k = 0; k < K; k++) y[out + k] = b[k];
        for (let r = 0; r < R; r++) for (let s = 0; s < R; s++) {
          const i = p + r - before, j = q + s - before;
          if (i < 0 || j < 0 || i >= H || j >= W) continue;
          for (let c = 0; c < C; c++) {
            const value = x[(i * W + j) * C + c], filter = ((r * R + s) * C + c) * K;
            if (value !== 0) for (let k = 0; k < K; k++) y[out + k] += value * filters[filter + k];
          }
        }
      }
      return y;
    },
    // dx[i, j, c] = sum over r, s, k of dy[i-r, j-s, k] W[r, s, c, k]
    backward(layer, dy) {
      const [H, W, C] = layer.input, [P, Q, K] = layer.shape, { size: R, before } = layer;
      const dx = new Float64Array(H * W * C), filters = (layer.turned ??= turned(layer));
      for (let p = 0; p < P; p++) for (let q = 0; q < Q; q++) for (let k = 0; k < K; k++) {
        const gradient = dy[(p * Q + q) * K + k];
        if (gradient === 0) continue;
        for (let r = 0; r < R; r++) for (let s = 0; s < R; s++) {
          const i = p + r - before, j = q + s - before, filter = ((k * R + r) * R + s) * C;
          if (i < 0 || j < 0 || i >= H || j >= W) continue;
          const pixel = (i * W + j) * C;
          for (let c = 0; c < C; c++) dx[pixel + c] += gradient * filters[filter + c];
        }
      }
      return dx;
    },
  },
  relu: {
    forward: (layer, x) => x.map((value) => (value > 0 ? value : 0)),
    backward: (layer, dy, x) => dy.map((gradient, i) => (x[i] > 0 ? gradient : 0)),
  },
  pool: {
    forward(layer, x) {
      const [P, Q, C] = layer.shape, y = new Float64Array(P * Q * C);
      for (let i = 0; i < y.length; i++) y[i] = x[winner(layer, x, i)];
      return y;
    },
    backward(layer, dy, x) {
      const dx = new Float64Array(x.length);
      for (let i = 0; i < dy.length; i++) if (dy[i] !== 0) dx[winner(layer, x, i)] += dy[i];
      return dx;
    },
  },
  fc: {
    // y[o] = sum over i of x[i] W[i, o] + b[o]
    forward(layer, x) {
      if (layer.folded) return layer.values;
      const outputs = layer.b.length, y = Float64Array.from(layer.b);
      for (let i = 0; i < x.length; i++) {
        if (x[i] !== 0) for (let o = 0; o < outputs; o++) y[o] += x[i] * layer.W[i * outputs + o];
      }
      return y;
    },
    // dx[i] = sum over o of dy[o] W[i, o]; of a folded layer, sum over the logits of dlogit times its gradient
    backward(layer, dy, x, y, dlogits) {
      const dx = new Float64Array(x.length), outputs = layer.folded ? dlogits.length : dy.length;
      for (let i = 0; i < dx.length; i++) {
        let sum = 0;
        for (let o = 0; o < outputs; o++) {
          sum += layer.folded ? dlogits[o] * jacobian(layer, o, i) : dy[o] * layer.W[i * outputs + o];
        }
        dx[i] = sum;
      }
      return dx;
    },
  },
  contrast: { forward: normalised, backward: contrastBackward },
  response: { forward: normalised, backward: energyBackward },
  across: { forward: normalised, backward: energyBackward },
};

// The filters with the channels of x last: W[r, s, c, k] stands at ((k R + r) R + s) C + c.
function turned({ W, size: R, input: [, , C], shape: [, , K] }) {
  const out = new Float64Array(W.length);
  for (let place = 0; place < R * R * C; place++) {
    for (let k = 0; k < K; k++) out[k * R * R * C + place] = W[place * K + k];
  }
  return out;
}

// Places in x of the pixels in the window of output `flat`, in the order of u n + v; those beyond the border are left out.
function poolWindow(layer, flat) {
  const [H, W, C] = layer.input, [, Q] = layer.shape, c = flat % C, pixel = (flat - c) / C;
  const top = Math.floor(pixel / Q) * layer.stride, left = (pixel % Q) * layer.stride, places = [];
  for (let i = top; i < Math.min(H, top + layer.size); i++) {
    for (let j = left; j < Math.min(W, left + layer.size); j++) places.push((i * W + j) * C + c);
  }
  return places;
}

function winner(layer, x, flat) {
  const [H, W, C] = layer.input, [, Q] = layer.shape, c = flat % C, pixel = (flat - c) / C;
  const top = Math.floor(pixel / Q) * layer.stride, left = (pixel % Q) * layer.stride;
  let best = (top * W + left) * C + c;
  for (let i = top; i < Math.min(H, top + layer.size); i++) {
    for (let j = left; j < Math.min(W, left + layer.size); j++) {
      const place = (i * W + j) * C + c;
      if (x[place] > x[best]) best = place; // of equal values the first wins
    }
  }
  return best;
}

// The gradient of logit o, with the chosen tops, with respect to value i of the input of a folded layer.
function jacobian(layer, o, i) {
  const [, classes, inputs] = layer.jacobianShape;
  return layer.jacobians[(layer.top * classes + o) * inputs + i];
}
