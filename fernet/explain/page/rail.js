// The rail: all stops in the order of the forward pass, and the way back.

function buildRail(state, go) {
  for (const network of ["dtan", "dtgn", "both"]) {
    const stops = state.stops.filter((stop) => stop.network === network), list = byId(`rail-${network}`);
    list.hidden = !stops.length;
    for (const stop of stops) {
      stop.thumb = element("canvas");
      stop.thumb.setAttribute("aria-hidden", "true");
      stop.button = element("button", { type: "button" }, stop.thumb, element("span", { textContent: stop.name.replace("_", " ") }));
      stop.button.addEventListener("click", () => go(state.step >= state.stops.length ? 2 * state.stops.length - 1 - stop.place : stop.place));
      list.append(element("li", {}, stop.button));
    }
  }
  const slider = byId("step");
  slider.max = 2 * state.stops.length - 1;
  slider.addEventListener("input", () => go(Number(slider.value)));
  byId("previous").addEventListener("click", () => go(state.step - 1));
  byId("next").addEventListener("click", () => go(state.step + 1));
  document.addEventListener("keydown", (event) => { // on a stop, or where nothing else has the focus
    const turn = { ArrowRight: 1, ArrowLeft: -1 }[event.key], onRail = event.target.closest("#rail ol");
    if (!turn || event.altKey || event.ctrlKey || event.metaKey || (!onRail && event.target !== document.body)) return;
    event.preventDefault();
    go(state.step + turn);
    if (onRail) stopAt(state).button.focus();
  });
}

function stopAt(state) {
  const n = state.stops.length;
  return state.stops[state.step < n ? state.step : 2 * n - 1 - state.step];
}

const isBackward = (state) => state.step >= state.stops.length;

function showRail(state) {
  const here = stopAt(state), n = state.stops.length, back = isBackward(state);
  for (const stop of state.stops) {
    if (stop === here) stop.button.setAttribute("aria-current", "step");
    else stop.button.removeAttribute("aria-current");
    const passed = back ? stop.place >= here.place : stop.place <= here.place;
    stop.button.classList.toggle("passed", passed);
  }
  byId("rail").classList.toggle("back", back);
  const slider = byId("step"), text = `${back ? "Backward" : "Forward"}: ${networkName(here)}, ${here.name}`;
  slider.value = state.step;
  slider.setAttribute("aria-valuetext", text);
  byId("step-text").textContent = `${back ? "Backward" : "Forward"}, step ${state.step + 1} of ${2 * n}`;
  byId("previous").disabled = state.step === 0;
  byId("next").disabled = state.step === 2 * n - 1;
}

// On the rail every stop shows its strongest map: values on the way up, gradients on the way back.
function paintThumbs(state) {
  for (const stop of state.stops) {
    const array = isBackward(state) ? stop.grad : stop.value;
    if (!array) continue;
    if (stop.name === "frames" && !isBackward(state)) {
      paintFace(stop.thumb, state.read.faces, stop.shape[2] - 1, stop.shape[0]);
    } else {
      const map = strongestMap(stop, array), limit = largest(array) || 1;
      paintMap(stop.thumb, stop, array, map, limit);
    }
  }
}

function strongestMap(stop, array) {
  const { maps, rows, columns, at } = gridOf(stop);
  let best = 0, most = -1;
  for (let map = 0; map < maps; map++) {
    let energy = 0;
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) {
      if (at(map, i, j) >= 0) energy += array[at(map, i, j)] ** 2;
    }
    if (energy > most) [best, most] = [map, energy];
  }
  return best;
}
