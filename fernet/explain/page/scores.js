// What if: where the gradient comes from, the weights of Eq. 8 and 7, and the top layers; and what the model says.

const TOPS = { separate: "trained separately", joint: "after joint fine-tuning", l3: "integrated by L\u2083 alone", concatenation: "concatenated, retrained" };

function buildScores(state, changed) {
  const { page } = state, both = Object.keys(page.networks).length === 2;
  page.clips.forEach((clip, number) => byId("clip").append(element("option", { value: number, textContent: clip.name })));
  byId("clip-choice").hidden = page.clips.length === 1;
  page.classes.forEach((name, number) => byId("label").append(element("option", { value: number, textContent: name })));
  page.tops.forEach(({ name }, number) => {
    const input = element("input", { type: "radio", name: "top", value: number, checked: number === state.top });
    input.addEventListener("change", () => { state.top = number; takeWeights(state); changed("top"); });
    byId("top-choice").append(element("label", {}, input, ` ${TOPS[name]}`));
  });
  byId("top-choice").hidden = page.tops.length === 1;
  byId("other-tops").hidden = page.tops.length === 1;
  byId("weights").hidden = !both;
  if (!both) document.querySelector("[value=weighted]").remove();
  const listen = (id, change) => byId(id).addEventListener("input", (event) => { change(event.target.value); changed("source"); });
  listen("source", (value) => { state.source = value; });
  listen("label", (value) => { state.label = Number(value); });
  listen("alpha", (value) => { state.alpha = Number(value); });
  [0, 1, 2].forEach((number) => listen(`w${number + 1}`, (value) => { state.w[number] = Number(value); }));
  byId("clip").addEventListener("change", (event) => { state.clip = Number(event.target.value); changed("clip"); });
  takeWeights(state);
}

// The weights of Eq. 8 with which the chosen top was trained.
function takeWeights(state) {
  state.w = [...state.page.tops[state.top].loss];
  state.w.forEach((weight, number) => { byId(`w${number + 1}`).value = weight; });
}

function showScores(state) {
  const { page } = state, clip = page.clips[state.clip], p = probabilities(state);
  const columns = columnsOf(state, p), other = (state.top + 1) % page.tops.length, others = columnsOf(state, probabilities(state, other));
  byId("score-head").replaceChildren(element("th", { scope: "col", textContent: "class" }),
    ...columns.map(([name]) => element("th", { scope: "col", textContent: name })));
  byId("score-rows").replaceChildren(...page.classes.map((name, c) => {
    const mark = [c === clip.label ? "true" : "", c === state.label && state.source !== "logit" ? "label" : ""].filter(Boolean).join(", ");
    const head = element("th", { scope: "row", textContent: name }, mark ? element("span", { className: "mark", textContent: mark }) : "");
    return element("tr", {}, head, ...columns.map(([, values], column) => {
      const cell = element("td", { textContent: percent(values[c]), className: values[c] === Math.max(...values) ? "score best" : "score" });
      cell.style.setProperty("--share", `${100 * values[c]}%`);
      const elsewhere = others[column][1][c];
      if (Math.abs(elsewhere - values[c]) >= 0.005) {
        cell.classList.add("moved");
        cell.style.setProperty("--other", `${100 * elsewhere}%`);
        cell.title = `${percent(elsewhere)} ${TOPS[page.tops[other].name]}`;
      }
      return cell;
    }));
  }));
  showLoss(state, p);
  ["alpha", "w1", "w2", "w3"].forEach((id) => { byId(`${id}-number`).textContent = Number(byId(id).value).toFixed(id === "alpha" ? 2 : 1); });
  byId("label-word").textContent = state.source === "logit" ? "logit of" : "label";
}

function columnsOf({ alpha }, p) {
  const columns = [["DTAN", p.dtan], ["DTGN", p.dtgn]].filter(([, values]) => values);
  if (!p.sum) return columns;
  return [...columns, ["weighted sum", p.dtan.map((value, c) => alpha * value + (1 - alpha) * p.dtgn[c])], ["sum of logits", p.sum]];
}

function showLoss(state, p) {
  const losses = [p.dtan, p.dtgn, p.sum].map((of) => (of ? -Math.log(of[state.label]) : 0));
  const total = losses.reduce((sum, loss, number) => sum + state.w[number] * loss, 0);
  const names = ["L\u2081", "L\u2082", "L\u2083"].map((name, number) => `${shown(state.w[number])} \u00b7 ${shown(losses[number])}`);
  byId("loss").textContent = p.sum ? `L = w\u2081 L\u2081 + w\u2082 L\u2082 + w\u2083 L\u2083 = ${names.join(" + ")} = ${shown(total)}`
    : `L = ${shown(total)}`;
  const sure = state.logits().filter((stop) => largest(state.dlogits[stop.network]) < 1e-3).map(networkName);
  byId("small").textContent = sure.length
    ? `Tiny gradients in ${sure.join(" and ")}, as where a label is certain: choose another label, or a logit, to see larger ones.` : "";
}

function showClip(state) {
  const clip = state.page.clips[state.clip], { classes } = state.page, p = probabilities(state), said = p.sum ?? p.dtan ?? p.dtgn;
  const best = said.indexOf(Math.max(...said)), right = clip.label === null ? "" : best === clip.label ? ", which is right" : ", which is wrong";
  const whose = clip.label === null ? "" : clip.heldOut ? " It shows somebody on whom the model was not trained." : " The model was trained on it.";
  const truth = clip.label === null ? "" : ` is labelled ${classes[clip.label]}; it`;
  byId("about").textContent = `Clip ${clip.name}${truth} is recognised as ${classes[best]} (${percent(said[best])})${right}.${whose}`;
  byId("rounding").textContent = `Weights are rounded to half precision, which changes the probabilities of this clip by at most ${shown(Math.max(clip.rounding, 1e-9))}. Dropout is off, as it is outside training.`;
}
