// How the values of a stop are laid out as maps, and what each of them is called.

// {maps, rows, columns, at(map, i, j): place among the values, or -1; cell(place): [map, i, j]; names}.
function gridOf(stop) {
  if (stop.grid) return stop.grid;
  const [H, W, C] = stop.shape;
  if (stop.shape.length === 3) {
    stop.grid = { maps: C, rows: H, columns: W, at: (m, i, j) => (i * W + j) * C + m };
    stop.grid.cell = (place) => [place % C, Math.floor(place / C / W), Math.floor(place / C) % W];
  } else if (stop.name === "landmarks") { // x1 y1 .. x49 y49, frame by frame
    stop.grid = { maps: 2, rows: H / 98, columns: 49, at: (m, i, j) => i * 98 + 2 * j + m };
    stop.grid.cell = (place) => [place % 2, Math.floor(place / 98), Math.floor((place % 98) / 2)];
  } else { // logits one below the other, so that their names fit beside them
    const columns = isLogits(stop) ? 1 : Math.ceil(Math.sqrt(H)), rows = Math.ceil(H / columns);
    stop.grid = { maps: 1, rows, columns, at: (m, i, j) => (i * columns + j < H ? i * columns + j : -1) };
    stop.grid.cell = (place) => [0, Math.floor(place / columns), place % columns];
  }
  return stop.grid;
}

function isLogits(stop) {
  return Boolean(stop.isTop) || stop.kind === "sum";
}

function mapName(stop, map) {
  if (stop.name === "landmarks") return ["x", "y"][map];
  if (stop.name === "frames") return `frame ${map + 1}`;
  return stop.shape.length === 3 ? `map ${map + 1}` : isLogits(stop) ? "the logits" : "all units";
}

// Numbers in names count from 1, as people do.
function cellName(stop, place, classes) {
  const [map, i, j] = gridOf(stop).cell(place);
  if (stop.name === "landmarks") return `${["x", "y"][map]} of point ${j + 1}, frame ${i + 1}`;
  if (stop.shape.length === 3) return `${mapName(stop, map)}, row ${i + 1}, column ${j + 1}`;
  return isLogits(stop) ? `logit of ${classes[place]}` : `unit ${place + 1}`;
}

// The same in few characters, for tables.
function cellCode(stop, place, classes) {
  const [map, i, j] = gridOf(stop).cell(place);
  if (stop.name === "landmarks") return `${["x", "y"][map]} ${j + 1}, frame ${i + 1}`;
  if (stop.shape.length === 3) return `${mapName(stop, map)} (${i + 1}, ${j + 1})`;
  return isLogits(stop) ? classes[place] : `unit ${place + 1}`;
}

function networkName(stop) {
  return { dtan: "DTAN", dtgn: "DTGN", both: "DTAGN" }[stop.network];
}

const limits = new WeakMap(); // of arrays that have been drawn

// The value at which the colours end, for all maps of a stop: one value in 500 lies beyond it.
function colourLimit(array) {
  if (!limits.has(array)) limits.set(array, findLimit(array));
  return limits.get(array);
}

function findLimit(array) {
  const sizes = array.map(Math.abs).filter((size) => size > 0).sort();
  if (!sizes.length) return 1;
  return sizes.length < 1000 ? sizes[sizes.length - 1] : sizes[Math.floor(0.998 * sizes.length)];
}
