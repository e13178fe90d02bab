// Why is this number what it is? The terms that made it, forward and backward. They are multiplied and added up here
// once more, apart from the layers, and their sum is compared with the number that is shown.

// A term is a product a * b; `stop` and `place` say where a comes from.
function term(name, a, b, stop = null, place = -1) {
  return { name, a, b, product: a * b, stop, place };
}

// {terms, facts: [name, number or text], pictures, symbols: [of a, of b]} for a value of `stop`.
function whyValue(stop, place, state) {
  const { layer, before } = stop;
  if (stop.kind === "input") return inputReason(stop, place, state);
  if (stop.kind === "sum") {
    const names = ["DTAN", "DTGN"], terms = state.logits().map((top, n) => term(names[n], top.value[place], 1, top, place));
    return { terms, symbols: ["logit", "weight"] };
  }
  const x = before.value, code = (from) => cellCode(before, from, state.page.classes);
  if (stop.kind === "conv") return convForward(stop, place, x, code);
  if (stop.kind === "relu") {
    return { terms: [term(code(place), x[place], x[place] > 0 ? 1 : 0, before, place)], symbols: ["x", "x > 0"] };
  }
  if (stop.kind === "pool") {
    const places = poolWindow(layer, place), best = winner(layer, x, place);
    const terms = places.map((from) => term(code(from), x[from], from === best ? 1 : 0, before, from));
    return { terms, symbols: ["x", "wins"], facts: [["winner", code(best)]] };
  }
  if (stop.kind === "fc") return fcForward(stop, place, x, code);
  return normForward(stop, place, code);
}

function inputReason(stop, place, state) {
  if (stop.network === "dtan") {
    const [t, i, j] = gridOf(stop).cell(place), S = stop.shape[0], clip = state.page.clips[state.clip];
    const pixel = state.read.faces[(t * S + i) * S + j];
    const terms = [term("grey value", pixel, clip.factor), term("mean of the clip", -clip.mean, clip.factor)];
    return { terms, symbols: ["grey value", "1 / deviation"] };
  }
  return { terms: [term("normalised coordinate minus its mean", stop.value[place], 1)], symbols: ["x", "factor"] };
}

function convForward(stop, place, x, code) {
  const { layer, before } = stop, [H, W, C] = layer.input, K = layer.shape[2], R = layer.size;
  const [k, p, q] = gridOf(stop).cell(place), terms = [];
  for (let c = 0; c < C; c++) for (let r = 0; r < R; r++) for (let s = 0; s < R; s++) {
    const i = p + r - layer.before, j = q + s - layer.before, weight = layer.W[((r * R + s) * C + c) * K + k];
    if (i < 0 || j < 0 || i >= H || j >= W) continue; // the frame of zeros of padding "same"
    const from = (i * W + j) * C + c;
    terms.push({ ...term(code(from), x[from], weight, before, from), group: c, u: r, v: s });
  }
  terms.push(term("bias", layer.b[k], 1));
  return { terms, symbols: ["x", "W"], groups: C, side: R, groupName: (c) => mapName(before, c) };
}

function fcForward(stop, place, x, code) {
  const { layer, before } = stop;
  if (layer.folded) {
    const facts = [["computed by", "Python, when the page was written"], ["weights left out", layer.weights.toLocaleString("en")]];
    return { terms: [], facts, symbols: ["x", "W"] };
  }
  const outputs = layer.b.length, terms = [];
  for (let i = 0; i < x.length; i++) terms.push(term(code(i), x[i], layer.W[i * outputs + place], before, i));
  terms.push(term("bias", layer.b[place], 1));
  return { terms, symbols: ["x", "W"] };
}

// Who used this value? The terms of its gradient.
function whyGradient(stop, place, state) {
  const { next } = stop, { classes } = state.page;
  if (stop.isTop || stop.kind === "sum") {
    const terms = sourceTerms(state, stop.network, place).map(([name, a, b]) => term(name, a, b));
    return { terms, symbols: ["factor", "number"] };
  }
  const code = (user) => cellCode(next, user, classes), { layer } = next, dy = next.grad;
  if (next.kind === "conv") return convBackward(stop, place, dy, code);
  if (next.kind === "relu") {
    return { terms: [term(code(place), dy[place], stop.value[place] > 0 ? 1 : 0, next, place)], symbols: ["dy", "x > 0"] };
  }
  if (next.kind === "pool") {
    const users = windowsWith(layer, place);
    const terms = users.map((user) => term(code(user), dy[user], winner(layer, stop.value, user) === place ? 1 : 0, next, user));
    return { terms, symbols: ["dy", "won"], facts: [["windows that hold it", users.length]] };
  }
  if (next.kind === "fc") return fcBackward(stop, place, dy, code, state);
  return normBackward(stop, place);
}

function convBackward(stop, place, dy, code) {
  const { next } = stop, { layer } = next, [, , C] = layer.input, [P, Q, K] = layer.shape, R = layer.size;
  const [c, i, j] = gridOf(stop).cell(place), terms = [];
  for (let k = 0; k < K; k++) for (let r = R - 1; r >= 0; r--) for (let s = R - 1; s >= 0; s--) {
    const p = i - r + layer.before, q = j - s + layer.before, weight = layer.W[((r * R + s) * C + c) * K + k];
    if (p < 0 || q < 0 || p >= P || q >= Q) continue;
    const user = (p * Q + q) * K + k;
    terms.push({ ...term(code(user), dy[user], weight, next, user), group: k, u: R - 1 - r, v: R - 1 - s });
  }
  return { terms, symbols: ["dy", "W"], groups: K, side: R, groupName: (k) => mapName(next, k) };
}

function fcBackward(stop, place, dy, code, state) {
  const { next } = stop, { layer } = next, terms = [];
  if (layer.folded) {
    state.dlogits[stop.network].forEach((gradient, o) => {
      const name = `logit of ${state.page.classes[o]}`, top = state.logits().find((one) => one.network === stop.network);
      terms.push(term(name, gradient, jacobian(layer, o, place), top, o));
    });
    return { terms, symbols: ["d logit", "d logit / d x"], facts: [["weights left out", layer.weights.toLocaleString("en")]] };
  }
  const outputs = layer.b.length;
  for (let o = 0; o < outputs; o++) terms.push(term(code(o), dy[o], layer.W[place * outputs + o], next, o));
  return { terms, symbols: ["dy", "W"] };
}

// Places of the outputs whose pooling window holds `place`.
function windowsWith(layer, place) {
  const [, W, C] = layer.input, [P, Q] = layer.shape, c = place % C;
  const i = Math.floor(place / C / W), j = Math.floor(place / C) % W, found = [];
  for (let p = Math.max(0, Math.ceil((i - layer.size + 1) / layer.stride)); p < P && p * layer.stride <= i; p++) {
    for (let q = Math.max(0, Math.ceil((j - layer.size + 1) / layer.stride)); q < Q && q * layer.stride <= j; q++) {
      found.push((p * Q + q) * C + c);
    }
  }
  return found;
}

// ---- Normalisations ----

function normForward(stop, place, code) {
  const { layer, before } = stop, { inside, mean, d, energy, D, factor } = parts(layer, before.value);
  const facts = layer.kind === "contrast"
    ? [["values in the window, n\u209a", inside[place]], ["their mean, m", mean[place]], ["d = x \u2212 m", d[place]]] : [];
  facts.push([layer.kind === "contrast" ? "energy, \u03a3 d\u00b2" : "energy, \u03a3 x\u00b2", energy[place]]);
  facts.push([`D = ${shown(layer.k)} + ${shown(layer.alpha)} \u00b7 energy`, D[place]]);
  return { terms: [term(code(place), before.value[place], factor[place], before, place)], facts, symbols: ["x", "D^\u2212power"] };
}

const knownWays = new WeakMap(); // of gradients: they are of whole maps, and the cursor asks for one value after the other

function normBackward(stop, place) {
  const { next } = stop, { layer } = next, { d, D, factor, inside } = parts(layer, stop.value);
  const waysBack = layer.kind === "contrast" ? contrastWays : energyWays;
  if (!knownWays.has(next.grad)) knownWays.set(next.grad, waysBack(layer, next.grad, stop.value));
  const ways = knownWays.get(next.grad);
  const scale = -2 * layer.power * layer.alpha;
  const terms = [
    term("direct", next.grad[place], factor[place], next, place),
    term("through the energy", scale * d[place], ways.collected[place]),
  ];
  const facts = [["D here", D[place]], ["\u03a3 dy \u00b7 y / D over those windows", ways.collected[place]]];
  if (ways.mean) {
    terms.push(term("through the mean", -1, -ways.mean[place]));
    facts.push(["values in the window, n\u209a", inside[place]]);
  }
  return { terms, facts, ways: true, symbols: ["factor", "number"] };
}
