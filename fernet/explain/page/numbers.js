"use strict";
// Reading the block of bytes, and writing numbers as text.

async function inflate(base64) {
  const packed = Uint8Array.from(atob(base64.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const SIZES = { u1: 1, f2: 2, i3: 3, f4: 4 };

// The array that `place` describes, as Float64Array; its bytes lie in planes, the lowest byte of every value first.
function unpack(bytes, place) {
  const count = place.shape.reduce((product, length) => product * length, 1), size = SIZES[place.kind];
  const plane = (number) => bytes.subarray(place.at + number * count, place.at + (number + 1) * count);
  const low = plane(0), out = new Float64Array(count);
  if (place.kind === "u1") out.set(low);
  if (place.kind === "f2") {
    const high = plane(1);
    for (let i = 0; i < count; i++) out[i] = half(low[i] | (high[i] << 8));
  }
  if (place.kind === "f4") {
    const view = new DataView(new ArrayBuffer(4)), planes = [0, 1, 2, 3].map(plane);
    for (let i = 0; i < count; i++) {
      planes.forEach((one, number) => view.setUint8(number, one[i]));
      out[i] = view.getFloat32(0, true);
    }
  }
  if (place.kind === "i3") differences(out, place, [0, 1, 2].map(plane));
  if (place.at + size * count > bytes.length) throw new Error("the page is cut short");
  return out;
}

// IEEE 754, 16 bits: sign, 5 bits of exponent, 10 bits of fraction.
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}

// Whole numbers of 24 bits: the first array, and then differences from one array to the next; a factor for each row.
function differences(out, place, planes) {
  const [, rows, length] = place.shape, step = rows * length;
  for (let i = 0; i < out.length; i++) {
    const whole = ((planes[0][i] | (planes[1][i] << 8) | (planes[2][i] << 16)) << 8) >> 8;
    out[i] = whole + (i < step ? 0 : out[i - step]);
  }
  for (let i = 0; i < out.length; i++) out[i] *= place.factors[Math.floor((i % step) / length)];
}

// Four digits and a sign that can be seen; 0 stands alone.
function shown(value, plus = false) {
  if (value === 0) return "0";
  const size = Math.abs(value), sign = value < 0 ? "\u2212" : plus ? "+" : "";
  const text = size >= 1e-3 && size < 1e5 ? String(Number(size.toPrecision(4))) : size.toExponential(2);
  return sign + text.replace("e-", "e\u2212").replace("e+", "e");
}

function percent(value) {
  return `${(100 * value).toFixed(1)} %`;
}

function largest(array) {
  let most = 0;
  for (let i = 0; i < array.length; i++) if (Math.abs(array[i]) > most) most = Math.abs(array[i]);
  return most;
}
