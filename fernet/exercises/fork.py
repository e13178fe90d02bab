"""A fork, the smallest example of gradients that add: the solution of the exercise of that name."""

from fernet.backend import Array


class Fork:
    """x in rows, and its square.

    flat[n, (i W + j) C + c] = x[n, i, j, c]        square[n, i, j, c] = x[n, i, j, c]^2

    Where a value is used twice, its gradients add:

        dx[n, i, j, c] = dflat[n, (i W + j) C + c]  +  2 x[n, i, j, c] dsquare[n, i, j, c]
    """

    def forward(self, x: Array) -> tuple[tuple[Array, Array], Array]:
        return (x.reshape(len(x), -1), x * x), x

    def backward(self, dy: tuple[Array, Array], cache: Array) -> Array:
        x, (dflat, dsquare) = cache, dy
        dx = dflat.reshape(x.shape)
        dx = dx + 2 * x * dsquare
        return dx
