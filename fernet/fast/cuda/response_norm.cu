// Response normalisation within maps and its gradient, each in one pass over memory.
//
//   D_p  = k + alpha * (sum of x^2 over the window of p),    r = D^-1/2,    y = x r^(2 POWER)
//   dx_q = dy_q r_q^(2 POWER)  -  2 POWER alpha x_q * (sum over p whose window holds q of dy_p x_p r_p^(2 POWER + 2))
//
// x, y, r (N, H, W, C) float32. Constants: those of window_sums.cuh, and POWER.
constexpr int STAGES = 1;
#include "window_sums.cuh"

extern "C" __global__ void __launch_bounds__(THREADS, 2) response_norm(
    const float* __restrict__ x, float* __restrict__ y, float* __restrict__ r, float alpha, float k, int rows) {
  constexpr int BEFORE = SIZE / 2, AFTER = SIZE - 1 - BEFORE;
  __shared__ Row squares[2];  // of this row, and of the one that slower threads still read
  clear(squares[0]), clear(squares[1]);
  __syncthreads();
  const Walk<BEFORE> walk(rows);
  x += walk.image, y += walk.image, r += walk.image;
  WindowSums<BEFORE> sums;
  for (int row = walk.start(); row < walk.stop(); ++row) {
    Row& now = squares[row & 1];
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const float value = walk.inside(row, j) ? x[walk.at(row, j)] : 0;
      sums.put(now, j, value * value);
    }
    __syncthreads();
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const float sum = sums.add(now, j);
      if (!walk.own(row - AFTER, j)) continue;
      const int at = walk.at(row - AFTER, j);
      const float root = rsqrtf(k + alpha * sum);
      r[at] = root;
      y[at] = x[at] * shrink(root);
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS, 2) response_norm_backward(
    const float* __restrict__ dy, const float* __restrict__ x, const float* __restrict__ r, float* __restrict__ dx,
    float alpha, int rows) {
  constexpr int BEFORE = SIZE - 1 - SIZE / 2, AFTER = SIZE / 2;  // the windows that hold q: mirrored
  __shared__ Row pulled[2];
  clear(pulled[0]), clear(pulled[1]);
  __syncthreads();
  const Walk<BEFORE> walk(rows);
  dy += walk.image, x += walk.image, r += walk.image, dx += walk.image;
  WindowSums<BEFORE> sums;
  for (int row = walk.start(); row < walk.stop(); ++row) {
    Row& now = pulled[row & 1];
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      float value = 0;
      if (walk.inside(row, j)) {
        const int at = walk.at(row, j);
        value = dy[at] * x[at] * shrink(r[at]) * r[at] * r[at];
      }
      sums.put(now, j, value);
    }
    __syncthreads();
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const float sum = sums.add(now, j);
      if (!walk.own(row - AFTER, j)) continue;
      const int at = walk.at(row - AFTER, j);
      dx[at] = dy[at] * shrink(r[at]) - 2 * POWER * alpha * x[at] * sum;
    }
  }
}
