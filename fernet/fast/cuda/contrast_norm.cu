// Local contrast normalisation and its gradient, each in one pass over memory.
//
//   d_p = x_p - (sum of x over the window of p) / n_p             n_p: pixels of the window that lie inside the map
//   D_p = k + alpha * (sum of d^2 over the window of p),    r = D^-1/2,    y = x r^(2 POWER)
//
//   h_q  = -2 POWER alpha d_q * (sum over p whose window holds q of dy_p x_p r_p^(2 POWER + 2))
//   dx_q = dy_q r_q^(2 POWER) + h_q - (sum over p whose window holds q of h_p / n_p)
//
// x, y, d, r (N, H, W, C) float32. The second sum of each follows the first one AFTER rows behind.
// Constants: those of window_sums.cuh, and POWER.
constexpr int STAGES = 2;
#include "window_sums.cuh"

// Positions of the window around `position` that exist.
__device__ __forceinline__ int along(int position, int length) {
  return min(position + SIZE - SIZE / 2, length) - max(position - SIZE / 2, 0);
}

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
  const Walk<BEFORE> walk(rows);
  x += walk.image, y += walk.image, d += walk.image, r += walk.image;
  WindowSums<BEFORE> sums, energies;
  for (int row = walk.start(); row < walk.stop(); ++row) {
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) sums.put(values, j, walk.inside(row, j) ? x[walk.at(row, j)] : 0);
    __syncthreads();
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const float sum = sums.add(values, j);
      float difference = 0;
      if (walk.inside(row - AFTER, j)) {
        const int at = walk.at(row - AFTER, j);
        difference = x[at] - sum / count(row - AFTER, walk.column(j));
        if (walk.own(row - AFTER, j)) d[at] = difference;
      }
      energies.put(squares, j, difference * difference);
    }
    __syncthreads();
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const float energy = energies.add(squares, j);
      if (!walk.own(row - 2 * AFTER, j)) continue;
      const int at = walk.at(row - 2 * AFTER, j);
      const float root = rsqrtf(k + alpha * energy);
      r[at] = root;
      y[at] = x[at] * shrink(root);
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS, 2) contrast_norm_backward(
    const float* __restrict__ dy, const float* __restrict__ x, const float* __restrict__ d, const float* __restrict__ r,
    float* __restrict__ dx, float alpha, int rows) {
  constexpr int BEFORE = SIZE - 1 - SIZE / 2, AFTER = SIZE / 2;  // the windows that hold q: mirrored
  __shared__ Row pulled, shares;
  __shared__ float kept[AFTER + 1][COLUMNS][THREADS];  // h of the last rows, separate for each thread
  clear(pulled), clear(shares);
  __syncthreads();
  const Walk<BEFORE> walk(rows);
  dy += walk.image, x += walk.image, d += walk.image, r += walk.image, dx += walk.image;
  WindowSums<BEFORE> pulls, means;
  for (int row = walk.start(), step = 0; row < walk.stop(); ++row, ++step) {
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      float value = 0;
      if (walk.inside(row, j)) {
        const int at = walk.at(row, j);
        value = dy[at] * x[at] * shrink(r[at]) * r[at] * r[at];
      }
      pulls.put(pulled, j, value);
    }
    __syncthreads();
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const float sum = pulls.add(pulled, j);
      float h = 0, share = 0;
      if (walk.inside(row - AFTER, j)) {
        h = -2 * POWER * alpha * d[walk.at(row - AFTER, j)] * sum;
        share = h / count(row - AFTER, walk.column(j));
      }
      kept[step % (AFTER + 1)][j][threadIdx.x] = h;
      means.put(shares, j, share);
    }
    __syncthreads();
#pragma unroll
    for (int j = 0; j < COLUMNS; ++j) {
      const float mean = means.add(shares, j);
      if (!walk.own(row - 2 * AFTER, j)) continue;
      const int at = walk.at(row - 2 * AFTER, j);
      dx[at] = dy[at] * shrink(r[at]) + kept[(step + 1) % (AFTER + 1)][j][threadIdx.x] - mean;
    }
  }
}
