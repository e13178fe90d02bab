// Convolution and its gradients, as matrix products whose patches are never stored.
//
//   y[i, j, k]     = sum over r, s, c of x[i+r, j+s, c] W[r, s, c, k]  +  b[k]
//
//   dW[r, s, c, k] = sum over i, j of x[i+r, j+s, c] dy[i, j, k]
//   db[k]          = sum over i, j of dy[i, j, k]
//   dx[i, j, c]    = sum over r, s, k of dy[i-r, j-s, k] W[r, s, c, k]
//
// for each image n; dW and db are also summed over the images. x (N, H, W, C) float32, W (R, S, C, K), y (N, P, Q, K).
// With m = (n, i, j), the number of an output pixel, and f = (r, s, c), the number of a value within a filter,
//
//   y[m, k]  = sum over f of patch[m, f] W[f, k]  +  b[k]       correlate_maps
//   dW[f, k] = sum over m of patch[m, f] dy[m, k]               correlate_filters
//
// where patch[m, f] = x[n, i+r, j+s, c] is gathered from x on its way into shared memory ("implicit GEMM"). c runs
// fastest in both, so four neighbours of C are one 16 byte copy; where C is not a multiple of 4, as for the three
// frames of the first layer, each value is copied separately. dx is the correlation of dy, framed by R-1 and S-1 zeros,
// with mirrored filters: zeros of the frame are filled in on the way, too.
//
// Constants: HEIGHT, WIDTH, CHANNELS of x; FILTER_ROWS, FILTER_COLUMNS, FILTERS (K); FRAME_ROWS, FRAME_COLUMNS of zeros
// on each side of x; TF32: 1 multiplies on tensor cores with 10 bits of mantissa, where the device has them, and adds
// in float32; 0 is exact float32.
#include "tile_product.cuh"

constexpr int H = HEIGHT, W = WIDTH, C = CHANNELS, R = FILTER_ROWS, S = FILTER_COLUMNS, K = FILTERS;
constexpr int P = H + 2 * FRAME_ROWS - R + 1, Q = W + 2 * FRAME_COLUMNS - S + 1;
constexpr int PATCH = R * S * C;
constexpr int VALUES = C % 4 == 0 ? 4 : 1;  // side by side in x and in a patch, of one copy

// Where the window of output m starts in x; the frame makes top and left negative.
struct Window {
  long long start;
  int top, left;
  __device__ __forceinline__ explicit Window(unsigned m) {  // unsigned: divisions by constants are shorter
    const unsigned row = m / Q, image = row / P, pixel = (image * H + row % P) * W + m % Q;
    top = row % P - FRAME_ROWS, left = m % Q - FRAME_COLUMNS;
    start = (static_cast<long long>(pixel) - FRAME_ROWS * W - FRAME_COLUMNS) * C;
  }
};

// Where value f of a patch lies in its window.
struct InWindow {
  int r, s, offset;
  __device__ __forceinline__ explicit InWindow(int f) : r(f / (S * C)), s(f / C % S), offset((r * W + s) * C + f % C) {}
};

__device__ __forceinline__ void copy_patch(float* to, const float* x, Window window, InWindow in, bool wanted) {
  if (FRAME_ROWS > 0 || FRAME_COLUMNS > 0) {
    const int row = window.top + in.r, column = window.left + in.s;
    wanted = wanted && row >= 0 && row < H && column >= 0 && column < W;
  }
  copy_async<4 * VALUES>(to, x + window.start + in.offset, wanted);
}

// y (M, K) from x and the filters w (PATCH, K); grid (tiles of M, tiles of K).
extern "C" __global__ void __launch_bounds__(THREADS) correlate_maps(
    const float* __restrict__ x, const float* __restrict__ w, const float* __restrict__ b, float* __restrict__ y,
    int M) {
  constexpr int IN_ROW = TILE_INNER / VALUES, COPIES = TILE_ROWS * IN_ROW / THREADS;
  const int first_row = blockIdx.x * TILE_ROWS, first_column = blockIdx.y * TILE_COLUMNS;
  const int own_row = threadIdx.x / IN_ROW, own_inner = threadIdx.x % IN_ROW * VALUES;

  Sums sums;
  tile_product<InnerSideBySide>(sums, (PATCH + TILE_INNER - 1) / TILE_INNER, [&](int step, float* to_a, float* to_b) {
    const int f = step * TILE_INNER + own_inner;
    const InWindow in(f);
#pragma unroll
    for (int copy = 0; copy < COPIES; ++copy) {
      const int row = own_row + copy * (THREADS / IN_ROW);
      const Window window(min(first_row + row, M - 1));  // rows beyond the last are computed and discarded
      copy_patch(to_a + row * InnerSideBySide::ROW + own_inner, x, window, in, f < PATCH);
    }
    load_b<K>(to_b, w + step * TILE_INNER * K + first_column, PATCH - step * TILE_INNER, K - first_column);
  });

#pragma unroll
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 8; ++j)
      for (int e = 0; e < 4; ++e) {
        const int m = first_row + tile_row(i, e), k = first_column + tile_column(j, e);
        if (m < M && k < K) y[static_cast<long long>(m) * K + k] = sums[i][j][e] + b[k];
      }
}

// Parts of dW, (splits, PATCH + 1, K): blocks (.., .., z) sum over outputs z * chunk .. z * chunk + chunk - 1 of the M.
// One row follows those of the filters: db[k] = sum over m of dy[m, k], the row of a value that is 1 in every patch.
extern "C" __global__ void __launch_bounds__(THREADS) correlate_filters(
    const float* __restrict__ x, const float* __restrict__ dy, float* __restrict__ parts, int M, int chunk) {
  constexpr int IN_INNER = TILE_ROWS / VALUES, SPAN = IN_INNER < THREADS ? IN_INNER : THREADS;  // threads side by side
  constexpr int ROWS_APART = SPAN * VALUES, INNER_APART = THREADS / SPAN;
  const int first_row = blockIdx.x * TILE_ROWS, first_column = blockIdx.y * TILE_COLUMNS;
  const int first = blockIdx.z * chunk, last = min(first + chunk, M);
  const int own_row = threadIdx.x % SPAN * VALUES, own_inner = threadIdx.x / SPAN;

  Sums sums;
  const int steps = (last - first + TILE_INNER - 1) / TILE_INNER;
  tile_product<RowsSideBySide>(sums, steps, [&](int step, float* to_a, float* to_b) {
    const int m = first + step * TILE_INNER;
#pragma unroll
    for (int across = 0; across < TILE_ROWS; across += ROWS_APART) {
      const int f = first_row + own_row + across;
      const InWindow in(f);
      float* to = to_a + own_inner * RowsSideBySide::INNER + own_row + across;
      if (f < PATCH) {
#pragma unroll
        for (int along = 0; along < TILE_INNER; along += INNER_APART) {
          const int output = m + own_inner + along;
          copy_patch(to + along * RowsSideBySide::INNER, x, Window(output), in, output < last);
        }
      } else if (step < STEPS_AHEAD) {  // once in each buffer, where it remains
        for (int along = 0; along < TILE_INNER; along += INNER_APART)
          for (int value = 0; value < VALUES; ++value)
            to[along * RowsSideBySide::INNER + value] = f + value == PATCH ? 1.0f : 0.0f;
      }
    }
    load_b<K>(to_b, dy + static_cast<long long>(m) * K + first_column, last - m, K - first_column);
  });

  parts += static_cast<long long>(blockIdx.z) * (PATCH + 1) * K;
#pragma unroll
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 8; ++j)
      for (int e = 0; e < 4; ++e) {
        const int row = first_row + tile_row(i, e), k = first_column + tile_column(j, e);
        if (row <= PATCH && k < K) parts[row * K + k] = sums[i][j][e];
      }
}

// total[v] = sum over the splits of parts[split, v], always in the same order: 8 threads take every eighth split each.
extern "C" __global__ void __launch_bounds__(256) sum_parts(
    const float* __restrict__ parts, float* __restrict__ total, int splits) {
  __shared__ float shared[8][32];
  constexpr int VALUES_OF_PART = (PATCH + 1) * K;
  const int lane = threadIdx.x % 32, group = threadIdx.x / 32, v = blockIdx.x * 32 + lane;
  float sum = 0;
  if (v < VALUES_OF_PART) {
#pragma unroll 4
    for (int split = group; split < splits; split += 8)
      sum += parts[static_cast<long long>(split) * VALUES_OF_PART + v];
  }
  shared[group][lane] = sum;
  __syncthreads();
  if (group == 0 && v < VALUES_OF_PART) {
    for (int other = 1; other < 8; ++other) sum += shared[other][lane];
    total[v] = sum;
  }
}
