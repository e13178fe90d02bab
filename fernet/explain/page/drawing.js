// Colours and small pictures. Blue is negative, orange positive, and the background of the page is zero.

const COLOURS = {
  light: { zero: [246, 247, 249], positive: [[250, 176, 96], [222, 104, 12], [122, 44, 0]], negative: [[132, 186, 238], [32, 108, 192], [8, 40, 96]] },
  dark: { zero: [26, 30, 38], positive: [[134, 76, 24], [236, 132, 44], [255, 222, 176]], negative: [[30, 78, 138], [76, 152, 236], [204, 228, 255]] },
};
const dark = matchMedia("(prefers-color-scheme: dark)");
let table = colourTable();

// 511 colours, from the most negative to the most positive value, three bytes each.
function colourTable() {
  const { zero, positive, negative } = COLOURS[dark.matches ? "dark" : "light"], colours = new Uint8Array(511 * 3);
  for (let step = -255; step <= 255; step++) {
    const ends = [zero, ...(step < 0 ? negative : positive)], along = (Math.abs(step) / 255) ** 0.7 * (ends.length - 1);
    const first = Math.min(ends.length - 2, Math.floor(along)), rest = along - first;
    for (let part = 0; part < 3; part++) {
      colours[(step + 255) * 3 + part] = ends[first][part] + rest * (ends[first + 1][part] - ends[first][part]);
    }
  }
  return colours;
}

function colourPlace(value, limit) {
  return 3 * (255 + Math.max(-255, Math.min(255, Math.round((255 * value) / limit) || 0)));
}

// One pixel for each value; the style sheet enlarges the canvas. `at(i, j)` is undefined where there is no value.
function paint(canvas, rows, columns, limit, at) {
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d"), image = context.createImageData(columns, rows);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) {
    const value = at(i, j), pixel = 4 * (i * columns + j);
    if (value === undefined) continue;
    const colour = colourPlace(value, limit);
    for (let part = 0; part < 3; part++) image.data[pixel + part] = table[colour + part];
    image.data[pixel + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

// Painting 64 maps takes longer than the pointer needs for a step: only what has changed is painted.
function isPainted(canvas, ...of) {
  if (canvas.of?.every((one, number) => one === of[number]) && canvas.colours === table) return true;
  Object.assign(canvas, { of, colours: table });
  return false;
}

function paintMap(canvas, stop, array, map, limit) {
  if (isPainted(canvas, array, map, stop)) return;
  const { rows, columns, at } = gridOf(stop);
  paint(canvas, rows, columns, limit, (i, j) => (at(map, i, j) < 0 ? undefined : array[at(map, i, j)]));
}

// A frame in grey, and on it in colour what `strength` (0 to 1) says of each pixel.
function paintFace(canvas, faces, t, S, strength = null) {
  Object.assign(canvas, { width: S, height: S, of: undefined });
  const context = canvas.getContext("2d"), image = context.createImageData(S, S), end = dark.matches ? [255, 150, 50] : [235, 90, 0];
  for (let pixel = 0; pixel < S * S; pixel++) {
    const grey = faces[t * S * S + pixel], mix = strength ? strength(pixel) : 0;
    for (let part = 0; part < 3; part++) image.data[4 * pixel + part] = (strength ? 0.8 : 1) * grey * (1 - mix) + mix * end[part];
    image.data[4 * pixel + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

// The scale below a map: a strip of all colours.
function paintScale(canvas) {
  paint(canvas, 1, 129, 64, (_, j) => j - 64);
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key in made && key !== "list") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const byId = (id) => document.getElementById(id);
