"""The files that `exercise NAME` hands out: forward, the equation of the gradient, and a backward pass to write."""
