// Response normalisation within maps and its gradient, each in one pass over memory.
//
//   D_p = k + alpha (sum over q in win(p) of x_q^2)
//   y_p = x_p D_p^-power
//
//   dx_q = dy_q D_q^-power  -  2 power alpha x_q (sum over p with q in win(p) of dy_p y_p / D_p)
//
// x, y, r (N, H, W, C) float32. The backward pass reads r = D^-1/2 in place of D, as D^-power = r^(2 power) and
// 1 / D = r^2.
// Constants: those of window_sums.cuh, and POWER, the power.
constexpr int STAGES = 1;
#include "window_sums.cuh"

extern "C" __global__ void __launch_bounds__(THREADS, 2) response_norm(
    const float* __restrict__ x, float* __restrict__ y, float* __restrict__ r, float alpha, float k, int rows) {
  constexpr int BEFORE = SIZE / 2, AFTER = SIZE - 1 - BEFORE;
  __shared__ Row squares[2];  // those of this row, and of the row before, which slower threads may still be reading
  clear(squares[0]), clear(squares[1]);
  __syncthreads();
  const Strip<BEFORE> strip(rows);
  x += strip.image, y += strip.image, r += strip.image;
  WindowSums<BEFORE> sums;
  for (int row = strip.start(); row < strip.stop(); ++row) {
    Row& now = squares[row & 1];
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const float value = strip.inside(row, j) ? x[strip.at(row, j)] : 0;
      sums.put(now, j, value * value);
    }
    __syncthreads();
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const float sum = sums.add(now, j);
      if (!strip.own(row - AFTER, j)) continue;
      const int at = strip.at(row - AFTER, j);
      const float root = rsqrtf(k + alpha * sum);
      r[at] = root;
      y[at] = x[at] * inverse_power(root);
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS, 2) response_norm_backward(
    const float* __restrict__ dy, const float* __restrict__ x, const float* __restrict__ r, float* __restrict__ dx,
    float alpha, int rows) {
  constexpr int BEFORE = SIZE - 1 - SIZE / 2, AFTER = SIZE / 2;  // the windows that contain q: mirrored
  __shared__ Row terms[2];
  clear(terms[0]), clear(terms[1]);
  __syncthreads();
  const Strip<BEFORE> strip(rows);
  dy += strip.image, x += strip.image, r += strip.image, dx += strip.image;
  WindowSums<BEFORE> sums;
  for (int row = strip.start(); row < strip.stop(); ++row) {
    Row& now = terms[row & 1];
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      float value = 0;
      if (strip.inside(row, j)) {
        const int at = strip.at(row, j);
        value = dy[at] * x[at] * inverse_power(r[at]) * r[at] * r[at];
      }
      sums.put(now, j, value);
    }
    __syncthreads();
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const float sum = sums.add(now, j);
      if (!strip.own(row - AFTER, j)) continue;
      const int at = strip.at(row - AFTER, j);
      dx[at] = dy[at] * inverse_power(r[at]) - 2 * POWER * alpha * x[at] * sum;
    }
  }
}
