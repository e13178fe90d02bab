// State, events, and the order in which things are computed and shown.

const state = {
  page: JSON.parse(byId("description").textContent),
  clip: 0, top: 0, source: "loss", label: 0, w: [1, 1, 0.1], alpha: 0.5, step: 0, side: "value", held: false, ready: false, turn: 0,
  logits() { return this.stops.filter((stop) => stop.isTop); },
};

const pause = () => new Promise((resolve) => { setTimeout(resolve, 0); });

// Compute what has changed: all of a new clip, the logits for other tops, or only the gradients for another source.
async function compute(what) {
  const turn = ++state.turn, { stops } = state;
  state.ready = false;
  document.body.dataset.ready = "no";
  const forward = what === "clip" ? stops : what === "top" ? stops.filter((stop) => stop.isTop || stop.kind === "sum" || stop.layer?.folded) : [];
  for (const stop of forward) {
    progress(`computing ${stop.name} of ${networkName(stop)}`);
    forwardStop(stop, state);
    await pause();
    if (turn !== state.turn) return;
  }
  if (what === "clip") chooseLabel();
  state.dlogits = sourceGradients(state);
  showScores(state);
  for (const stop of [...stops].reverse()) {
    progress(`computing the gradient of ${stop.name} of ${networkName(stop)}`);
    backwardStop(stop, state);
    await pause();
    if (turn !== state.turn) return;
  }
  progress("");
  Object.assign(state, { ready: true });
  showAll();
  document.body.dataset.ready = "yes";
}

function progress(text) {
  byId("progress").textContent = text;
}

function showAll() {
  showClip(state);
  showScores(state);
  showFaces(state);
  paintThumbs(state);
  showStop();
}

function showStop() {
  showRail(state);
  const stop = stopAt(state), [formula, text] = wordsOf(stop, isBackward(state), state);
  byId("stop-title").textContent = `${stop.name}`;
  byId("stop-network").textContent = `${networkName(stop)}, ${isBackward(state) ? "backward" : "forward"}`;
  byId("formula").textContent = formula;
  byId("formula-text").textContent = text.replaceAll("the source", sourceName(state));
  showCell();
}

function showCell() {
  if (!state.ready) return;
  showMaps(state);
  showWhy(state, follow);
}

function go(step) {
  const before = isBackward(state), from = stopAt(state);
  state.step = Math.max(0, Math.min(2 * state.stops.length - 1, step));
  state.side = isBackward(state) ? "grad" : "value";
  state.held = false;
  const to = stopAt(state); // between maps of one size the cursor stays where it is
  if (from.cursor !== undefined && from.network === to.network && String(from.shape) === String(to.shape)) {
    Object.assign(to, { map: from.map, cursor: from.cursor });
  }
  if (before !== isBackward(state)) paintThumbs(state);
  showStop();
}

// To the number from which a term comes: on the way up a value, on the way back a gradient.
function follow(stop, place) {
  go(state.side === "grad" ? 2 * state.stops.length - 1 - stop.place : stop.place);
  Object.assign(stop, { cursor: place, map: gridOf(stop).cell(place)[0] });
  state.held = true;
  showCell();
  byId(`${state.side}-map`).focus({ preventScroll: true });
}

function readChosenClip() {
  state.read = readClip(state.page.clips[state.clip], state.bytes);
}

// The gradient begins with the label of the clip or, where nobody knows it, with what the model recognises.
function chooseLabel() {
  const p = probabilities(state), said = p.sum ?? p.dtan ?? p.dtgn;
  state.label = state.page.clips[state.clip].label ?? said.indexOf(Math.max(...said));
  byId("label").value = state.label;
}

function changed(what) {
  if (what === "clip") readChosenClip();
  compute(what);
}

async function start() {
  state.bytes = await inflate(byId("block").textContent);
  byId("block").remove();
  state.stops = buildStops(state.page, state.bytes);
  state.alpha = state.page.alpha;
  state.top = state.page.tops.length - 1;
  buildScores(state, changed);
  byId("alpha").value = state.alpha;
  buildRail(state, go);
  let asked = 0; // the pointer moves faster than tables are made
  listenToMaps(state, () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(showCell);
  });
  byId("nudge").addEventListener("click", () => nudge(state));
  byId("frame").addEventListener("input", () => { if (state.ready) showFaces(state); });
  dark.addEventListener("change", () => {
    table = colourTable();
    if (state.ready) showAll();
  });
  byId("explorer").hidden = false;
  changed("clip");
}

start().catch((error) => { progress(`This browser cannot compute the page (${error.message}); try a current one.`); });
