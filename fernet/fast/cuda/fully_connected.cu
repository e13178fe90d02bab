// The matrix products of a fully connected layer, with ' for the transpose:
//
//   y = x W + b
//
//   dx = dy W',    dW = x' dy
//
// Each product d = a b has float32 factors a (rows x inner) and b (inner x columns); the bias is added afterwards.
// Batches are small and one side of W is long, so a product has few tiles of 128 x 64 but a long inner dimension:
// block (.., .., z) sums over a chunk of it and writes a part, and sum_parts adds the parts up, always in the same
// order. A copy has 16 bytes wherever the length of rows in memory is a multiple of four values.
//
// Constants: A_ROW, COLUMNS: lengths of the rows of a and b in memory; A_BY_ROWS: 0 if a lies in memory as (rows,
// inner), 1 if as (inner, rows), as x' does in x' dy; TRANSPOSED: 1 to write d as (columns, rows), for dy W' =
// (W dy')'; TF32: 1 multiplies on tensor cores with 10 bits of mantissa, where the device has them, and adds in
// float32; 0 is exact float32.
//
// CuPy leaves products to cuBLAS, but refuses to call it while a CUDA graph is recorded.
#include "tile_product.cuh"

constexpr int VALUES = A_ROW % 4 == 0 ? 4 : 1;  // of one copy of a

__device__ __forceinline__ void load_inner_side_by_side(
    float* to, const float* a, int first_row, int rows, int first, int last) {
  constexpr int IN_ROW = TILE_INNER / VALUES, ROWS_APART = THREADS / IN_ROW;
  const int inner = threadIdx.x % IN_ROW * VALUES, own_row = threadIdx.x / IN_ROW;
#pragma unroll
  for (int down = 0; down < TILE_ROWS; down += ROWS_APART) {
    const int row = own_row + down;
    const float* from = a + static_cast<long long>(first_row + row) * A_ROW + first + inner;
    const bool wanted = first_row + row < rows && first + inner < last;
    copy_async<4 * VALUES>(to + row * InnerSideBySide::ROW + inner, from, wanted);
  }
}

__device__ __forceinline__ void load_rows_side_by_side(
    float* to, const float* a, int first_row, int rows, int first, int last) {
  constexpr int SPAN = TILE_ROWS / VALUES < THREADS ? TILE_ROWS / VALUES : THREADS;  // threads along the rows
  constexpr int ROWS_APART = SPAN * VALUES, INNER_APART = THREADS / SPAN;
  const int own_row = threadIdx.x % SPAN * VALUES, own_inner = threadIdx.x / SPAN;
#pragma unroll
  for (int across = 0; across < TILE_ROWS; across += ROWS_APART)
#pragma unroll
    for (int along = 0; along < TILE_INNER; along += INNER_APART) {
      const int row = own_row + across, inner = own_inner + along;
      const float* from = a + static_cast<long long>(first + inner) * A_ROW + first_row + row;
      const bool wanted = first_row + row < rows && first + inner < last;
      copy_async<4 * VALUES>(to + inner * RowsSideBySide::INNER + row, from, wanted);
    }
}

// parts (splits, rows, columns), or (splits, columns, rows); grid (tiles of rows, tiles of columns, splits).
extern "C" __global__ void __launch_bounds__(THREADS) multiply_matrices(
    const float* __restrict__ a, const float* __restrict__ b, float* __restrict__ parts, int rows, int inner,
    int chunk) {
  const int first_row = blockIdx.x * TILE_ROWS, first_column = blockIdx.y * TILE_COLUMNS;
  const int first = blockIdx.z * chunk, last = min(first + chunk, inner);

  Sums sums;
  const auto load = [&](int step, float* to_a, float* to_b) {
    const int i = first + step * TILE_INNER;
    if (A_BY_ROWS)
      load_rows_side_by_side(to_a, a, first_row, rows, i, last);
    else
      load_inner_side_by_side(to_a, a, first_row, rows, i, last);
    load_b<COLUMNS>(to_b, b + static_cast<long long>(i) * COLUMNS + first_column, last - i, COLUMNS - first_column);
  };
  const int steps = (last - first + TILE_INNER - 1) / TILE_INNER;
#if A_BY_ROWS
  tile_product<RowsSideBySide>(sums, steps, load);
#else
  tile_product<InnerSideBySide>(sums, steps, load);
#endif

  parts += static_cast<long long>(blockIdx.z) * rows * COLUMNS;
#pragma unroll
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 8; ++j)
      for (int e = 0; e < 4; ++e) {
        const int row = first_row + tile_row(i, e), column = first_column + tile_column(j, e);
        const int at = TRANSPOSED ? column * rows + row : row * COLUMNS + column;
        if (row < rows && column < COLUMNS) parts[at] = sums[i][j][e];
      }
}

// d[v] = sum over the splits of parts[split, v]; a thread for each value.
extern "C" __global__ void __launch_bounds__(256) sum_parts(
    const float* __restrict__ parts, float* __restrict__ d, int splits, int values) {
  const int v = blockIdx.x * 256 + threadIdx.x;
  if (v >= values) return;
  float sum = parts[v];
#pragma unroll 8
  for (int split = 1; split < splits; ++split) sum += parts[static_cast<long long>(split) * values + v];
  d[v] = sum;
}
