// What each kind of stop does, in a formula and a sentence, forward and backward.

const WORDS = {
  frames: {
    forward: ["x = (pixel \u2212 mean) / deviation", "The frames that DTAN receives. The whole clip has mean 0 and deviation 1, so lighting cancels, and what differs from frame to frame remains."],
    backward: "The end of the way back: by how much each pixel would change the source. Its size is the saliency on the frames below.",
  },
  landmarks: {
    forward: ["x = (point \u2212 nose) / deviation \u2212 mean of the training clips", "The 49 points in every frame, centred on the nose and scaled (Eq. 3 of the paper), minus the mean trajectory."],
    backward: "Where each point would have to move to increase the source: the arrows on the points below.",
  },
  conv: {
    forward: ["y[i, j, k] = sum over r, s, c of x[i+r, j+s, c] W[r, s, c, k]  +  b[k]", "A filter is multiplied with a window of all maps below, and the products are added up. Every map has one filter, the same at every pixel."],
  },
  relu: {
    forward: ["y = max(0, x)", "Only what is positive passes. A map that is zero everywhere passes nothing, in either direction."],
  },
  contrast: {
    forward: ["y = x D^\u2212power,   D = k + \u03b1 \u03a3 (x \u2212 mean)\u00b2 over the window", "Every value is divided by the contrast around it in its own map."],
  },
  response: {
    forward: ["y = x D^\u2212power,   D = k + \u03b1 \u03a3 x\u00b2 over the window", "Every value is divided by the energy around it in its own map."],
  },
  across: {
    forward: ["y = x D^\u2212power,   D = k + \u03b1 \u03a3 x\u00b2 over the neighbouring maps", "Every value is divided by the energy of the neighbouring maps at the same pixel."],
  },
  pool: {
    forward: ["y[i, j, c] = max over u, v of x[i stride + u, j stride + v, c]", "Of every window only the largest value passes. The others are not used, and receive no gradient."],
  },
  softmax: {
    forward: ["l[c] = sum over i of x[i] W[i, c]  +  b[c],   p = softmax(l)", "One logit for each class, a weighted sum of all units below. Softmax makes probabilities of them."],
  },
  fc: {
    forward: ["y[o] = sum over i of x[i] W[i, o]  +  b[o]", "Every unit is a weighted sum of all values below."],
  },
  sum: {
    forward: ["l\u2083 = l\u2081 + l\u2082", "The logits of both networks are added (Eq. 10); softmax makes probabilities of them. Here the way back begins."],
    backward: ["dl\u2083 = w\u2083 (p\u2083 \u2212 y)", "The gradient of the third loss. A sum passes it to both networks unchanged, and there the gradients of their own losses are added."],
  },
};

const MULTIFRAME = ["y[i, j, k] = sum over t, r, s of x[i+r, j+s, t] W[r, s, t, k]  +  b[k]", "Every frame has filters of its own (Eq. 1): a map can weigh a late frame against an early one, and so respond to motion."];

// The gradient of a stop is made by the layer after it: these are the rules of that layer.
const BACKWARD_RULES = {
  conv: ["dx[i, j, c] = sum over r, s, k of dy[i\u2212r, j\u2212s, k] W[r, s, c, k]", "Who used this value? Every filter whose window covered it. Each contributes the gradient of its output times the weight that met this value."],
  relu: ["dx = dy where x > 0, else 0", "The gradient passes where the value passed."],
  contrast: ["dx = dy D^\u2212power + h \u2212 \u03a3 h / n\u209a", "Three ways: directly; through the energy of the windows around it (h); and through the mean of those windows."],
  response: ["dx = dy D^\u2212power \u2212 2 power \u03b1 x \u03a3 dy y / D", "Two ways: directly, and through the energy of the windows around it."],
  across: ["dx = dy D^\u2212power \u2212 2 power \u03b1 x \u03a3 dy y / D", "Two ways: directly, and through the energy of the neighbouring maps."],
  pool: ["dx = sum of dy over the windows that this value won", "The winner of a window receives its whole gradient, and the others none."],
  fc: ["dx[i] = sum over o of dy[o] W[i, o]", "Every unit above. Each contributes its gradient times the weight between them."],
};

const SOURCE_RULES = {
  loss: "dl = w\u2081 (p\u2081 \u2212 y) + w\u2083 (p\u2083 \u2212 y), and likewise with w\u2082 for DTGN",
  logit: "dl = 1 for the chosen logit, else 0",
  weighted: "dl = \u03b1 p[y] (y \u2212 p), and likewise with 1 \u2212 \u03b1 for DTGN",
};

// What the gradient is of, in words.
function sourceName({ source, page, label }) {
  const of = page.classes[label];
  return { loss: `the loss with the label ${of}`, logit: `the logit of ${of}`, weighted: `the weighted sum for ${of}` }[source];
}

function wordsOf(stop, backward, state) {
  if (!backward && stop.layer?.multiframe) return MULTIFRAME;
  const own = WORDS[stop.kind === "input" || stop.isTop ? stop.name : stop.kind];
  if (!backward) {
    if (!stop.layer?.folded) return own.forward;
    const text = "The weights of this layer are too many for a page: the clip's values were computed when it was written. ";
    return stop.kind === "fc" ? [own.forward[0], text + "With the masks of the clip fixed all above is linear, so gradients can still be followed."] : own.forward;
  }
  if (stop.kind === "sum" && state.source === "loss") return own.backward;
  if (isLogits(stop)) return [SOURCE_RULES[state.source], "The way back begins: how the source changes with each logit."];
  if (stop.next.layer.folded && stop.next.kind === "fc") {
    return [`through ${stop.next.name}:  dx[i] = sum over the logits of dlogit \u00b7 (d logit / d x[i])`, "All layers above are linear once their masks are fixed: one number for each logit says how it depends on this value."];
  }
  const [rule, text] = BACKWARD_RULES[stop.next.kind];
  return [`through ${stop.next.name}:  ${rule}`, own.backward ?? text];
}

function shapeText(stop) {
  const [H, W, C] = stop.shape;
  if (stop.name === "landmarks") return `x and y of 49 points in ${H / 98} frames`;
  return stop.shape.length === 3 ? `${C} ${stop.kind === "input" ? "frames" : "maps"} of ${H} \u00d7 ${W}` : `${H} values`;
}

const told = new WeakMap();

function statistics(stop, array) {
  if (!told.has(array)) told.set(array, findStatistics(stop, array));
  return told.get(array);
}

function findStatistics(stop, array) {
  let zeros = 0;
  for (const value of array) zeros += value === 0;
  const silent = stop.kind === "relu" && array === stop.value && stop.shape.length === 3 ? silentMaps(stop) : 0;
  const text = `largest ${shown(largest(array))}, ${percent(zeros / array.length)} zero`;
  return silent ? `${text}, ${silent} of ${stop.shape[2]} maps are zero everywhere` : text;
}

function silentMaps(stop) {
  const sums = new Float64Array(stop.shape[2]);
  stop.value.forEach((value, place) => { sums[place % sums.length] += Math.abs(value); });
  return sums.filter((sum) => sum === 0).length;
}
