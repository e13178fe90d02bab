// The maps of a stop: all of them small, and one enlarged, as values and as gradients, with a cursor.

const SIDES = { value: "value", grad: "gradient" };

function arrayOf(stop, side) {
  return side === "grad" ? stop.grad : stop.value;
}

// The cursor starts where value and gradient are both large, in the map with the strongest gradient.
function placeCursor(stop) {
  if (stop.map === undefined) stop.map = strongestMap(stop, largest(stop.grad) ? stop.grad : stop.value);
  if (stop.cursor !== undefined && gridOf(stop).cell(stop.cursor)[0] === stop.map) return;
  const { rows, columns, at } = gridOf(stop), weight = (place) => Math.abs(stop.value[place] * stop.grad[place]);
  stop.cursor = at(stop.map, 0, 0);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) {
    const place = at(stop.map, i, j);
    if (place >= 0 && weight(place) > weight(stop.cursor)) stop.cursor = place;
  }
}

function showMaps(state) {
  const stop = stopAt(state), { maps, rows, columns } = gridOf(stop);
  placeCursor(stop);
  const tiles = byId("tiles"), small = isBackward(state) ? "grad" : "value";
  byId("tiles-title").textContent = `${small === "grad" ? "Gradients" : "Values"}, ${shapeText(stop)}`;
  byId("tiles-block").hidden = maps === 1;
  if (tiles.stop !== stop) {
    tiles.stop = stop;
    tiles.replaceChildren(...Array.from({ length: maps > 1 ? maps : 0 }, (_, map) => element(
      "button", { type: "button", title: mapName(stop, map), "aria-label": mapName(stop, map) }, element("canvas"))));
  }
  tiles.style.setProperty("--columns", Math.min(8, maps));
  const array = arrayOf(stop, small), limit = colourLimit(array);
  [...tiles.children].forEach((button, map) => {
    const canvas = button.firstChild;
    if (stop.name === "frames" && small === "value") paintFace(canvas, state.read.faces, map, stop.shape[0]);
    else paintMap(canvas, stop, array, map, limit);
    button.setAttribute("aria-pressed", map === stop.map);
    button.tabIndex = map === stop.map ? 0 : -1;
  });
  for (const side of ["value", "grad"]) showLarge(state, stop, side, rows, columns);
}

function showLarge(state, stop, side, rows, columns) {
  const block = byId(`${side}-block`), map = byId(`${side}-map`), canvas = map.querySelector("canvas"), array = arrayOf(stop, side);
  block.classList.toggle("asked", state.side === side);
  map.style.aspectRatio = isLogits(stop) ? "auto" : `${columns} / ${rows}`;
  map.style.height = isLogits(stop) ? `${1.9 * rows}rem` : "auto";
  block.classList.toggle("logits", isLogits(stop));
  byId(`${side}-title`).textContent = `${side === "grad" ? "Gradient" : "Value"}, ${mapName(stop, stop.map)}`;
  map.setAttribute("aria-label", `${SIDES[side]} of ${stop.name}, ${mapName(stop, stop.map)}: ${rows} by ${columns}; arrow keys move the cursor`);
  if (!array) return;
  const limit = colourLimit(array);
  if (stop.name === "frames" && side === "value") paintFace(canvas, state.read.faces, stop.map, stop.shape[0]);
  else paintMap(canvas, stop, array, stop.map, limit);
  paintScale(byId(`${side}-scale`));
  byId(`${side}-low`).textContent = shown(-limit);
  byId(`${side}-high`).textContent = shown(limit, true);
  byId(`${side}-statistics`).textContent = statistics(stop, array);
  const names = isLogits(stop) ? state.page.classes : [];
  byId(`${side}-names`).replaceChildren(...names.map((name, c) => element("li", { textContent: `${name} ${shown(array[c], true)}` })));
  const [, i, j] = gridOf(stop).cell(stop.cursor), cursor = map.querySelector(".cursor");
  Object.assign(cursor.style, { left: `${(100 * j) / columns}%`, top: `${(100 * i) / rows}%`, width: `${100 / columns}%`, height: `${100 / rows}%` });
  byId(`${side}-number`).textContent = shown(array[stop.cursor], true);
}

function listenToMaps(state, changed) {
  const tiles = byId("tiles");
  const choose = (map) => {
    const stop = stopAt(state), { maps, at, cell } = gridOf(stop), [, i, j] = cell(stop.cursor);
    stop.map = ((map % maps) + maps) % maps;
    stop.cursor = at(stop.map, i, j);
    changed();
  };
  tiles.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) choose([...tiles.children].indexOf(button));
  });
  tiles.addEventListener("keydown", (event) => {
    const turn = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8 }[event.key];
    if (!turn) return;
    event.preventDefault();
    choose(stopAt(state).map + turn);
    tiles.children[stopAt(state).map].focus();
  });
  for (const side of ["value", "grad"]) listenToLarge(state, side, choose, changed);
}

function listenToLarge(state, side, choose, changed) {
  const map = byId(`${side}-map`);
  const move = (i, j) => {
    const stop = stopAt(state), { rows, columns, at } = gridOf(stop);
    const place = at(stop.map, Math.max(0, Math.min(rows - 1, i)), Math.max(0, Math.min(columns - 1, j)));
    if (place < 0 || (place === stop.cursor && state.side === side)) return;
    Object.assign(state, { side });
    stop.cursor = place;
    changed();
  };
  const under = (event) => {
    const box = map.getBoundingClientRect(), { rows, columns } = gridOf(stopAt(state));
    move(Math.floor((rows * (event.clientY - box.top)) / box.height), Math.floor((columns * (event.clientX - box.left)) / box.width));
  };
  map.addEventListener("pointermove", (event) => { if (!state.held || event.buttons) under(event); });
  map.addEventListener("pointerdown", (event) => { // a click holds the cursor, another one frees it
    state.held = !state.held;
    map.setPointerCapture(event.pointerId);
    under(event);
    changed();
  });
  map.addEventListener("focus", () => { if (state.side !== side) changed(Object.assign(state, { side })); });
  map.addEventListener("keydown", (event) => {
    const stop = stopAt(state), [, i, j] = gridOf(stop).cell(stop.cursor);
    const [down, right] = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [0, 0];
    const turn = { PageUp: -1, PageDown: 1 }[event.key];
    if (!down && !right && !turn) return;
    event.preventDefault();
    if (turn) choose(stop.map + turn);
    else move(i + down, j + right);
  });
}
