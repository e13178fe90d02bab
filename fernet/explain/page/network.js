// The stops of the way through both networks, and what is computed at each.

// A stop holds the output of a layer: `value`, `grad` (the gradient of the chosen source), and its neighbours.
function buildStops(page, bytes) {
  const stops = [];
  for (const [network, { layers, shape }] of Object.entries(page.networks)) {
    let before = { network, name: network === "dtan" ? "frames" : "landmarks", kind: "input", shape, layer: null };
    stops.push(before);
    const top = { name: "softmax", kind: "fc", shape: [page.classes.length] };
    for (const layer of [...layers, top]) {
      if (layer.W) Object.assign(layer, { W: unpack(bytes, layer.W), b: unpack(bytes, layer.b) });
      const stop = { network, name: layer.name, kind: layer.kind, shape: layer.shape, layer, before, isTop: layer === top };
      Object.assign(layer, { input: before.shape, network });
      before.next = stop;
      stops.push(stop);
      before = stop;
    }
  }
  if (Object.keys(page.networks).length === 2) {
    stops.push({ network: "both", name: "sum of logits", kind: "sum", shape: [page.classes.length], layer: null });
  }
  for (const top of page.tops) {
    for (const network of Object.keys(page.networks)) {
      top[network] = { W: unpack(bytes, top[network].W), b: unpack(bytes, top[network].b) };
    }
  }
  stops.forEach((stop, place) => Object.assign(stop, { place, count: stop.shape.reduce((n, length) => n * length, 1) }));
  return stops;
}

// The numbers of one clip: the inputs of the networks and, for folded layers, their values and gradients.
function readClip(clip, bytes) {
  const faces = unpack(bytes, clip.faces), [T, S] = clip.faces.shape, frames = new Float64Array(faces.length);
  for (let t = 0; t < T; t++) {
    for (let pixel = 0; pixel < S * S; pixel++) frames[pixel * T + t] = (faces[t * S * S + pixel] - clip.mean) * clip.factor;
  }
  const read = { faces, frames, landmarks: unpack(bytes, clip.landmarks), trajectory: unpack(bytes, clip.trajectory) };
  for (const network of ["dtan", "dtgn"]) {
    for (const [name, place] of Object.entries(clip[network]?.values ?? {})) {
      const shape = clip[network].jacobians[name].shape;
      const jacobians = unpack(bytes, clip[network].jacobians[name]);
      (read[network] ??= {})[name] = { values: unpack(bytes, place), jacobians, jacobianShape: shape };
    }
  }
  return read;
}

// Forward through one stop; the stops before it have their values.
function forwardStop(stop, state) {
  if (stop.kind === "input") {
    stop.value = stop.network === "dtan" ? state.read.frames : state.read.trajectory;
  } else if (stop.kind === "sum") {
    const [first, second] = state.logits();
    stop.value = first.value.map((logit, c) => logit + second.value[c]);
  } else {
    if (stop.isTop) Object.assign(stop.layer, state.page.tops[state.top][stop.network]);
    if (stop.layer.folded && stop.kind === "fc") Object.assign(stop.layer, state.read[stop.network][stop.name]);
    if (stop.layer.folded) stop.layer.top = state.top;
    stop.value = LAYERS[stop.kind].forward(stop.layer, stop.before.value);
  }
}

// Backward: the gradient of the output of this stop, from the stop after it.
function backwardStop(stop, state) {
  if (stop.kind === "sum") stop.grad = state.dlogits.sum;
  else if (stop.isTop) stop.grad = state.dlogits[stop.network];
  else {
    const { layer, grad, value } = stop.next;
    stop.grad = LAYERS[layer.kind].backward(layer, grad, stop.value, value, state.dlogits[stop.network]);
  }
}

function softmax(logits) {
  const most = Math.max(...logits), powers = logits.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

// Probabilities of each network and of the sum of their logits, with the chosen top layers or with others.
function probabilities(state, top = state.top) {
  const logits = {}, found = {};
  for (const stop of state.logits()) {
    logits[stop.network] = LAYERS.fc.forward(state.page.tops[top][stop.network], stop.before.value);
    found[stop.network] = softmax(logits[stop.network]);
  }
  if (logits.dtan && logits.dtgn) found.sum = softmax(logits.dtan.map((logit, c) => logit + logits.dtgn[c]));
  return found;
}

// The terms of the gradient of each logit: [what, factor, number], for the chosen source.
function sourceTerms(state, network, c) {
  const p = probabilities(state), y = c === state.label ? 1 : 0, terms = [];
  if (network !== "both" && !p[network]) return terms; // a model of one network
  const loss = (name, weight, of) => {
    terms.push([`w${name} \u00b7 p${name}`, weight, of[c]]);
    terms.push([`\u2212 w${name} \u00b7 y`, -weight, y]);
  };
  if (state.source === "logit") terms.push(["1 for the chosen logit", 1, y]);
  if (state.source === "loss") {
    if (network === "dtan") loss("\u2081", state.w[0], p.dtan);
    if (network === "dtgn") loss("\u2082", state.w[1], p.dtgn);
    if (p.sum) loss("\u2083", state.w[2], p.sum);
  }
  if (state.source === "weighted" && network !== "both") {
    const weight = !p.sum ? 1 : network === "dtan" ? state.alpha : 1 - state.alpha, of = p[network];
    const symbol = !p.sum ? "" : network === "dtan" ? "\u03b1 \u00b7 " : "(1 \u2212 \u03b1) \u00b7 ";
    terms.push([`${symbol}p of the class \u00b7 y`, weight * of[state.label], y]);
    terms.push([`\u2212 ${symbol}p of the class \u00b7 p`, -weight * of[state.label], of[c]]);
  }
  return terms;
}

function sourceGradients(state) {
  const gradient = (network) => Float64Array.from(state.page.classes, (_, c) => (
    sourceTerms(state, network, c).reduce((sum, [, factor, number]) => sum + factor * number, 0)));
  return { dtan: gradient("dtan"), dtgn: gradient("dtgn"), sum: gradient("both") };
}
