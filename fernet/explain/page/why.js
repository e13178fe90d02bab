// The table of the terms behind the number under the cursor, and the pictures beside it.

const LISTED = 20;

function reasonOf(stop, side, state) {
  return side === "grad" ? whyGradient(stop, stop.cursor, state) : whyValue(stop, stop.cursor, state);
}

function showWhy(state, follow) {
  const stop = stopAt(state), { side } = state, number = arrayOf(stop, side)[stop.cursor];
  const reason = reasonOf(stop, side, state), { terms } = reason;
  byId("why-title").textContent = side === "grad" ? "Who used this value?" : "Why this number?";
  byId("why-cell").textContent = `${stop.name}, ${cellName(stop, stop.cursor, state.page.classes)}`;
  byId("why-number").textContent = `${SIDES[side]} ${shown(number, true)}`;
  byId("held").textContent = state.held ? "The cursor is held; click the map to free it." : "";
  const facts = (reason.facts ?? []).map(([name, fact]) => [
    element("dt", { textContent: name }), element("dd", { textContent: typeof fact === "number" ? shown(fact) : fact })]);
  byId("facts").replaceChildren(...facts.flat());
  byId("ways").replaceChildren(...(reason.ways ? waysOf(terms) : []));
  byId("pictures").replaceChildren(...(reason.side ? picturesOf(reason) : []));
  byId("terms").hidden = !terms.length;
  if (terms.length) tableOf(reason, number, follow);
  byId("nudge").hidden = side !== "grad" || stop.kind === "sum" || stop.isTop || Boolean(stop.layer?.folded);
  byId("nudged").textContent = "";
  byId("live").textContent = `${byId("why-cell").textContent}: value ${shown(stop.value[stop.cursor], true)}, `
    + `gradient ${shown(stop.grad[stop.cursor], true)}, the ${SIDES[side]} is the sum of ${terms.length} terms`;
}

function tableOf({ terms, symbols }, number, follow) {
  byId("symbol-a").textContent = symbols[0];
  byId("symbol-b").textContent = symbols[1];
  const order = [...terms].sort((one, other) => Math.abs(other.product) - Math.abs(one.product));
  const listed = order.slice(0, LISTED), rest = order.slice(LISTED), sum = (some) => some.reduce((total, one) => total + one.product, 0);
  const largestProduct = Math.abs(listed[0].product) || 1;
  const rows = listed.map((one) => {
    const name = one.stop
      ? element("button", { type: "button", className: "follow", textContent: one.name, title: `go to ${one.stop.name}` }) : one.name;
    if (one.stop) name.addEventListener("click", () => follow(one.stop, one.place));
    const cell = element("td", { className: `product ${one.product < 0 ? "negative" : "positive"}`, textContent: shown(one.product, true) });
    cell.style.setProperty("--share", `${(100 * Math.abs(one.product)) / largestProduct}%`);
    return element("tr", {}, element("th", { scope: "row" }, name), element("td", { textContent: shown(one.a) }), element("td", { textContent: shown(one.b) }), cell);
  });
  if (rest.length) rows.push(sumRow(`${rest.length.toLocaleString("en")} others together`, sum(rest)));
  byId("term-rows").replaceChildren(...rows);
  const total = sum(listed) + sum(rest), difference = Math.abs(total - number);
  byId("term-sum").replaceChildren(sumRow("sum", total));
  const agrees = difference <= 1e-9 * Math.max(Math.abs(number), largestProduct);
  byId("adds-up").textContent = agrees
    ? `Added up again: ${shown(total)}, the number shown.` : `Added up again: ${shown(total)}, not the ${shown(number)} shown.`;
}

function sumRow(name, value) {
  return element("tr", { className: "sum" }, element("th", { scope: "row", colSpan: 3, textContent: name }), element("td", { textContent: shown(value, true) }));
}

// The ways of a normalisation as bars that add up.
function waysOf(terms) {
  const most = Math.max(...terms.map((one) => Math.abs(one.product))) || 1;
  return terms.map((one, number) => {
    const bar = element("span", { className: one.product < 0 ? "bar negative" : "bar positive" });
    bar.style.width = `${(50 * Math.abs(one.product)) / most}%`;
    return element("li", {}, ["direct", "energy", "mean"][number], element("span", { className: "track" }, bar));
  });
}

// For a convolution: window, filter and products of the three maps that count most, and the sums of all maps.
function picturesOf({ terms, groups, side, groupName, symbols }) {
  const sums = new Float64Array(groups), seen = terms.filter((one) => one.group !== undefined);
  for (const one of seen) sums[one.group] += one.product;
  const order = Array.from(sums.keys()).sort((one, other) => Math.abs(sums[other]) - Math.abs(sums[one]));
  const strongest = order.slice(0, 3).map((group) => ({ group, of: seen.filter((one) => one.group === group) }));
  const limits = ["a", "b", "product"].map((key) => largest(strongest.flatMap(({ of }) => of.map((one) => one[key]))) || 1);
  const found = strongest.map(({ group, of }) => {
    const pictures = ["a", "b", "product"].map((key, column) => {
      const canvas = element("canvas", { className: "patch" });
      const values = new Map(of.map((one) => [one.u * side + one.v, one[key]]));
      paint(canvas, side, side, limits[column], (u, v) => values.get(u * side + v));
      return canvas;
    });
    const note = element("span", { className: "note", textContent: `${groupName(group)}: ${shown(sums[group], true)}` });
    return element("div", { className: "equation" }, pictures[0], "\u00b7", pictures[1], "=", pictures[2], note);
  });
  const strip = element("canvas", { className: "strip" }), columns = groups < 5 ? groups : Math.ceil(Math.sqrt(groups)), rows = Math.ceil(groups / columns);
  const most = largest(sums) || 1;
  paint(strip, rows, columns, most, (i, j) => sums[i * columns + j]);
  strip.style.aspectRatio = `${columns} / ${rows}`;
  const title = element("h3", { textContent: `Window of ${symbols[0]} \u00b7 filter W = products` });
  const all = element("div", { className: "all" }, strip, element("span", { className: "note", textContent: groups > 3 ? `the sums of all ${groups} maps` : "the sum for each frame" }));
  return [title, element("div", { className: "equations" }, element("div", {}, ...found), all)];
}

// Central difference: change the value by h, compute on to where the page stops computing, and see what the source does.
function nudge(state) {
  const start = stopAt(state), value = start.value[start.cursor], h = 1e-5 * Math.max(1, Math.abs(value));
  const [up, down] = [h, -h].map((step) => {
    let x = start.value.slice(), stop = start;
    x[start.cursor] += step;
    while (stop.next && !stop.next.layer.folded) x = LAYERS[stop.next.kind].forward((stop = stop.next).layer, x);
    return x.reduce((sum, number, i) => sum + number * stop.grad[i], 0);
  });
  const measured = (up - down) / (2 * h), computed = start.grad[start.cursor];
  const apart = Math.abs(measured - computed) / Math.max(Math.abs(measured), Math.abs(computed), 1e-300);
  byId("nudged").textContent = measured === computed ? `Measured ${shown(measured)}: exactly the gradient.`
    : `Measured ${shown(measured)} with h = ${shown(h)}: the gradient, to ${shown(apart)} of it.`;
}
