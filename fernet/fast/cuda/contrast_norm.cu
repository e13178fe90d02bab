// Local contrast normalisation and its gradient, each in one pass over memory.
//
//   m_p = mean of x over win(p), of which n_p pixels lie inside the image
//   d_p = x_p - m_p
//   D_p = k + alpha (sum over q in win(p) of d_q^2)
//   y_p = x_p D_p^-power
//
//   h_q  = -2 power alpha d_q (sum over p with q in win(p) of dy_p y_p / D_p)
//   dx_q = dy_q D_q^-power  +  h_q  -  (sum over p with q in win(p) of h_p / n_p)
//
// x, y, d, r (N, H, W, C) float32. The backward pass reads r = D^-1/2 in place of D, as D^-power = r^(2 power) and
// 1 / D = r^2. In each pass the second window sum is AFTER rows behind the first.
// Constants: those of window_sums.cuh, and POWER, the power.
constexpr int STAGES = 2;
#include "window_sums.cuh"

// Number of positions of the window around `position` that lie inside the image, along one axis.
__device__ __forceinline__ int along(int position, int length) {
  return min(position + SIZE - SIZE / 2, length) - max(position - SIZE / 2, 0);
}

// n_p.
__device__ __forceinline__ float count(int row, int column) {
  return static_cast<float>(along(row, HEIGHT) * along(column, WIDTH));
}

extern "C" __global__ void __launch_bounds__(THREADS, 2) contrast_norm(
    const float* __restrict__ x, float* __restrict__ y, float* __restrict__ d, float* __restrict__ r, float alpha,
    float k, int rows) {
  constexpr int BEFORE = SIZE / 2, AFTER = SIZE - 1 - BEFORE;
  __shared__ Row values, squares;
  clear(values), clear(squares);
  __syncthreads();
  const Strip<BEFORE> strip(rows);
  x += strip.image, y += strip.image, d += strip.image, r += strip.image;
  WindowSums<BEFORE> sums, energies;
  for (int row = strip.start(); row < strip.stop(); ++row) {
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) sums.put(values, j, strip.inside(row, j) ? x[strip.at(row, j)] : 0);
    __syncthreads();
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const float sum = sums.add(values, j);
      float difference = 0;
      if (strip.inside(row - AFTER, j)) {
        const int at = strip.at(row - AFTER, j);
        difference = x[at] - sum / count(row - AFTER, strip.column(j));
        if (strip.own(row - AFTER, j)) d[at] = difference;
      }
      energies.put(squares, j, difference * difference);
    }
    __syncthreads();
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const float energy = energies.add(squares, j);
      if (!strip.own(row - 2 * AFTER, j)) continue;
      const int at = strip.at(row - 2 * AFTER, j);
      const float root = rsqrtf(k + alpha * energy);
      r[at] = root;
      y[at] = x[at] * inverse_power(root);
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS, 2) contrast_norm_backward(
    const float* __restrict__ dy, const float* __restrict__ x, const float* __restrict__ d, const float* __restrict__ r,
    float* __restrict__ dx, float alpha, int rows) {
  constexpr int BEFORE = SIZE - 1 - SIZE / 2, AFTER = SIZE / 2;  // the windows that contain q: mirrored
  __shared__ Row terms, shares;
  __shared__ float recent_h[AFTER + 1][COLUMNS][THREADS];  // h of the last rows; each thread reads its own
  clear(terms), clear(shares);
  __syncthreads();
  const Strip<BEFORE> strip(rows);
  dy += strip.image, x += strip.image, d += strip.image, r += strip.image, dx += strip.image;
  WindowSums<BEFORE> sums, means;
  for (int row = strip.start(), step = 0; row < strip.stop(); ++row, ++step) {
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      float value = 0;
      if (strip.inside(row, j)) {
        const int at = strip.at(row, j);
        value = dy[at] * x[at] * inverse_power(r[at]) * r[at] * r[at];
      }
      sums.put(terms, j, value);
    }
    __syncthreads();
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const float sum = sums.add(terms, j);
      float h = 0, share = 0;
      if (strip.inside(row - AFTER, j)) {
        h = -2 * POWER * alpha * d[strip.at(row - AFTER, j)] * sum;
        share = h / count(row - AFTER, strip.column(j));
      }
      recent_h[step % (AFTER + 1)][j][threadIdx.x] = h;
      means.put(shares, j, share);
    }
    __syncthreads();
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const float mean = means.add(shares, j);
      if (!strip.own(row - 2 * AFTER, j)) continue;
      const int at = strip.at(row - 2 * AFTER, j);
      dx[at] = dy[at] * inverse_power(r[at]) + recent_h[(step + 1) % (AFTER + 1)][j][threadIdx.x] - mean;
    }
  }
}
