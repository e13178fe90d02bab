"""The fully connected layer."""

import numpy as np

from fernet.exercises.exercise import Exercise, Slip


class FullyConnected(Exercise):
    name, title, lesson = "fully_connected", "the fully connected layer", 3
    source, solved_by = "fernet.layers.fully_connected", "FullyConnected"
    gradients = {"dx": ("sample", "input"), "dW": ("input", "output"), "db": ("output",)}
    arrays = {"x": ("sample", "input"), "W": ("input", "output"), "dy": ("sample", "output")}
    # W is square in the first three: the shapes of a wrong product fit as well, and it can be named.
    shapes = (
        {"N": 3, "inputs": 4, "outputs": 4},
        {"N": 4, "inputs": 5, "outputs": 5},
        {"N": 5, "inputs": 3, "outputs": 3},
        {"N": 4, "inputs": 7, "outputs": 5},
        {"N": 2, "inputs": 3, "outputs": 6},
        {"N": 1, "inputs": 5, "outputs": 2},
    )
    slips = (
        Slip("W", "not transposed", "dx = dy W, where W must be transposed; W is square here, so the shapes fit"),
        Slip("W", "squared", "dx sums dy W^2: each derivative is the weight itself"),
        Slip("W", "size", "dx sums dy |W|: the signs of the weights are lost"),
        Slip("x", "y", "dW uses y, the output, where x, the input, belongs"),
        Slip("x", "centred", "the mean over the batch is subtracted from x or dy before they meet"),
        Slip("x", "ones", "dW leaves out x: the derivative with respect to a weight is its input"),
        Slip("x", "sum", "x and dy are summed over the batch before they meet; they belong together sample by sample"),
        Slip("x", "mean", "x or dy is averaged over the batch before they meet; they belong together sample by sample"),
        Slip("db", "x", "db sums x where dy belongs"),
        Slip("db", "b", "db is weighted by b; the derivative with respect to b is 1"),
        Slip("db", "y", "db is weighted by y; the derivative with respect to b is 1"),
        Slip("db", "squares", "db sums the squares of dy"),
        Slip("db", "outputs", "db sums over the outputs, where the sum over the samples belongs"),
    )
    advice = {
        "1/N": "the sum over the batch is divided by N: a mean, where the equation has the sum",
        "N": "the sum over the batch is multiplied by N",
        "1/I": "the sum is divided by the number of inputs or outputs: a mean, where the equation has the sum",
    }
    hints = (
        "dx (N, I), dW (I, O), db (O,): each gradient has the shape of its array. dy is (N, O).",
        "Each gradient is a sum of products. The letter that is summed over is the one that the result does "
        "not have: the outputs for dx, the samples for dW and db.",
        "for n, i, o:\n"
        "    dx[n, i] += dy[n, o] * W[i, o]\n"
        "    dW[i, o] += x[n, i] * dy[n, o]\n"
        "for n, o:\n"
        "    db[o] += dy[n, o]",
        "dx, dW, db = dy @ W.T, x.T @ dy, dy.sum(axis=0)",
    )

    def draw(self, rng, N, inputs, outputs):
        return {
            "x": rng.standard_normal((N, inputs)),
            "W": rng.standard_normal((inputs, outputs)),
            "b": rng.standard_normal(outputs),
        }

    def terms(self, t, W="right", x="right", db="right"):
        square = t.W.shape[0] == t.W.shape[1]
        weights = {"right": t.W.T, "not transposed": t.W if square else t.W.T, "squared": t.W.T**2}
        weights["size"] = np.abs(t.W.T)
        inputs = {"right": t.x, "y": t.y if square else t.x, "ones": np.ones_like(t.x)}
        inputs["centred"] = t.x - t.x.mean(axis=0)
        inputs["sum"] = t.x.sum(axis=0) + 0 * t.x
        inputs["mean"] = t.x.mean(axis=0) + 0 * t.x
        biases = {"right": t.dy.sum(axis=0), "x": t.x.sum(axis=0), "b": t.b * t.dy.sum(axis=0)}
        biases |= {"y": (t.y * t.dy).sum(axis=0), "squares": (t.dy**2).sum(axis=0)}
        biases["outputs"] = t.dy.sum(axis=1)
        return {"dx": {"": t.dy @ weights[W]}, "dW": {"": inputs[x].T @ t.dy}, "db": {"": biases[db]}}

    def products(self, t):
        return {
            "dx": (np.einsum("no,io->oni", t.dy, t.W), ("output",)),
            "dW": (np.einsum("ni,no->nio", t.x, t.dy), ("sample",)),
            "db": (t.dy, ("sample",)),
        }

    def quantities(self, t):
        return {"N": len(t.x), "I": t.W.shape[0]}

    def layer(self, namespace, t):
        layer = namespace["FullyConnected"](*t.W.shape, np.random.default_rng(0), np.float64)
        layer.params = {"W": t.W.copy(), "b": t.b.copy()}
        return layer
