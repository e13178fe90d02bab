"""Models for the page of `explain`, what Python computes of them, and the same numbers read from the page."""

import base64
import time

import numpy as np

from fernet.clips.sequence_set import Preprocessing
from fernet.explain.clips import ShownClip
from fernet.explain.half import face_input, in_half_precision, trajectory_input
from fernet.layers import Dropout, Flatten
from fernet.networks.build import Network
from fernet.networks.dtagn import DTAGN, new_top
from fernet.networks.notation import parse
from fernet.networks.options import NetworkOptions

_PATIENCE = 120  # seconds for the page to compute: the machine may be busy


def model_of(dtan, dtgn, tops=(), seed=0, size=16, **options):
    """A model with random weights and biases; the integrated tops differ from the separate ones."""
    rng = np.random.default_rng(seed)
    networks = {
        name: Network(parse(notation), NetworkOptions(**options), seed=seed) if notation else None
        for name, notation in (("dtan", dtan), ("dtgn", dtgn))
    }
    classes = next(one for one in networks.values() if one is not None).notation.classes
    mean = rng.normal(0, 0.1, 1176).astype(np.float32)
    names = tuple(f"mood {number}" for number in range(classes))
    model = DTAGN(names, Preprocessing(image_size=size), mean, networks["dtan"], networks["dtgn"], alpha=0.3)
    for network in model.networks.values():
        _disturb(network, 0.05, rng)
    for name in tops:
        model.tops[name] = new_top(name, model.dtan, model.dtgn, seed)
        _disturb(model.tops[name], 0.01, rng)  # fine-tuning moves them little
    return model


def _disturb(part, deviation, rng):
    noise = {key: rng.normal(0, deviation, w.shape).astype(np.float32) for key, w in part.params.items()}
    part.set_params({key: w + noise[key] for key, w in part.params.items()})


def clip_of(size=16, seed=3, label=1, name="clip"):
    """Smooth random frames and points, so that neighbours resemble each other as in pictures."""
    rng = np.random.default_rng(seed)
    rough = rng.integers(0, 255, (3, size // 4, size // 4)).astype(np.float64)
    faces = np.kron(rough, np.ones((4, 4))) * 0.8 + rng.uniform(0, 50, (3, size, size))
    landmarks = rng.uniform(0, size, (1, 49, 2)) + rng.normal(0, 0.4, (12, 49, 2))
    return ShownClip(name, faces.astype(np.uint8), landmarks.astype(np.float32), label, True)


class Reference:
    """Values and gradients of every layer that changes numbers, by (network, layer), from the layers themselves."""

    def __init__(self, model, clip):
        self.model = in_half_precision(model)
        inputs = {"dtan": face_input(clip.faces)[0], "dtgn": trajectory_input(model, clip.landmarks)}
        self.values, self._caches = {}, {}
        for name, network in self.model.networks.items():
            x = inputs[name]
            self.values[name, "frames" if name == "dtan" else "landmarks"] = x
            for layer_name, layer in network.layers[:-1]:
                if not isinstance(layer, Dropout):
                    x, self._caches[name, layer_name] = layer.forward(x, train=True)
                    self.values[name, layer_name] = x
            self.values[name, "hidden"] = x

    def tops(self, top):
        """W and b of the chosen top for each network."""
        if top == "separate":
            return {name: (n.top.params["W"], n.top.params["b"]) for name, n in self.model.networks.items()}
        layers = self.model.tops[top].layers
        if "top" not in layers:
            return {name: (layer.params["W"], layer.params["b"]) for name, layer in layers.items()}
        W, b = layers["top"].params["W"], layers["top"].params["b"]
        hidden = self.values["dtan", "hidden"].shape[1]
        return {"dtan": (W[:hidden], b), "dtgn": (W[hidden:], 0 * b)}

    def logits(self, top):
        return {name: self.values[name, "hidden"] @ W + b for name, (W, b) in self.tops(top).items()}

    def gradients(self, top, dlogits):
        """Gradients by (network, layer), given those of the logits."""
        found = {}
        for name, network in self.model.networks.items():
            dy = dlogits[name]
            found[name, "softmax"] = dy
            dy = dy @ self.tops(top)[name][0].T
            for layer_name, layer in reversed(network.layers[:-1]):
                if isinstance(layer, Dropout):
                    continue
                if not isinstance(layer, Flatten):
                    found[name, layer_name] = dy
                dy = layer.backward(dy, self._caches[name, layer_name])[0]
            found[name, "frames" if name == "dtan" else "landmarks"] = dy
        return found


def wait(page):
    """Wait until the page has computed everything."""
    deadline = time.monotonic() + _PATIENCE
    while page.evaluate("document.body.dataset.ready") != "yes":
        assert page.errors == []
        assert time.monotonic() < deadline, "the page is not ready"
        time.sleep(0.02)


def open_page(page, path, width=1200, height=900, scheme="light"):
    page.errors.clear()
    page.look(width, height, scheme)
    page.open(path.as_uri())
    wait(page)


def choose(page, **values):
    """Change controls as a user would, by id; `top` takes the number of the radio button."""
    for name, value in values.items():
        query = f"[name=top][value='{value}']" if name == "top" else f"#{name}"
        change = "one.click()" if name == "top" else f"one.value = {value!r}"
        kind = "change" if name == "clip" else "input"
        page.evaluate(
            f"(() => {{ const one = document.querySelector({query!r}); {change};"
            f" one.dispatchEvent(new Event({kind!r}, {{bubbles: true}})); }})()"
        )
    wait(page)


def stops(page):
    """(network, name, whether its layer has its weights elsewhere) of every stop."""
    rows = page.evaluate("state.stops.map(one => [one.network, one.name, Boolean(one.layer?.folded)])")
    return [tuple(row) for row in rows]


def array(page, number, side):
    """The values or gradients (`value`, `grad`) of a stop, flat, float64."""
    text = page.evaluate(
        f"(() => {{ const bytes = new Uint8Array(Float64Array.from(state.stops[{number}].{side}).buffer);"
        "let text = '';"
        "for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));"
        "return btoa(text); })()"
    )
    return np.frombuffer(base64.b64decode(text))


def press(browser, key):
    """Press and release a key."""
    codes = {"Tab": 9, "Enter": 13, "PageUp": 33, "PageDown": 34}
    codes |= {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
    extra = {"text": "\r"} if key == "Enter" else {}
    for kind in ("keyDown", "keyUp"):
        browser.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=codes[key], **extra)
    drawn(browser)
    wait(browser)


def drawn(browser):
    """Wait until the page has drawn what was asked of it."""
    script = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    browser.send("Runtime.evaluate", expression=script, awaitPromise=True)


def tab_to(browser, name):
    """Press Tab until the element with this id has the focus."""
    for _ in range(80):
        if browser.evaluate("document.activeElement.id") == name:
            return
        press(browser, "Tab")
    raise AssertionError(f"Tab does not reach {name}")
