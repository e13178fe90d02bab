// The product of two matrices that pass through shared memory step by step: D += A B, a tile of 128 x 64 values.
//
// A (128 x inner) and B (inner x 64) pass in steps of 16 along the inner dimension. Three steps lie in shared memory:
// one is multiplied while two are on their way, so the tensor cores need not wait for memory. Two warps share a tile,
// 64 x 64 values each, which is as much as their registers hold: a value read from shared memory then enters 8 tensor
// core instructions, if of A, and 4, if of B, and reading keeps up with multiplying. All three steps fit the 48 KB that
// every device offers, so several blocks share a multiprocessor and hide each other's latency.
//
// Rows in shared memory are longer than the tile by 4 or 8 values: the 32 lanes of a warp then read from 32 banks.
#include "ptx.cuh"

constexpr int TILE_ROWS = 128, TILE_COLUMNS = 64, TILE_INNER = 16, STEPS_AHEAD = 3, THREADS = 64;

// Where A[row][inner] lies in a tile of shared memory, by what lies side by side in global memory.
struct InnerSideBySide {
  static constexpr int ROW = TILE_INNER + 4, INNER = 1, SIZE = TILE_ROWS * ROW;
};
struct RowsSideBySide {
  static constexpr int ROW = 1, INNER = TILE_ROWS + 8, SIZE = TILE_INNER * INNER;
};
constexpr int B_INNER = TILE_COLUMNS + 8, B_SIZE = TILE_INNER * B_INNER;  // columns of B always lie side by side

// The 128 values of D that a thread computes: 4 of each of the 4 x 8 patches of 16 x 8 values of its warp.
using Sums = float[4][8][4];

// Position of the value [i][j][e] of this thread in the tile: the layout of mma_tf32, for exact float32 alike.
__device__ __forceinline__ int tile_row(int i, int e) {
  return threadIdx.x / 32 * 64 + i * 16 + threadIdx.x % 32 / 4 + e / 2 * 8;
}
__device__ __forceinline__ int tile_column(int j, int e) {
  return j * 8 + threadIdx.x % 4 * 2 + e % 2;
}

// D += A B for one step in shared memory.
template <class A>
__device__ __forceinline__ void multiply(Sums& sums, const float* a, const float* b) {
#if TF32 && HAS_SM80
  a += tile_row(0, 0) * A::ROW + threadIdx.x % 4 * A::INNER;
  b += threadIdx.x % 4 * B_INNER + threadIdx.x % 32 / 4;
#pragma unroll
  for (int inner = 0; inner < TILE_INNER; inner += 8) {
    unsigned from_b[8][2];
#pragma unroll
    for (int j = 0; j < 8; ++j)
      for (int half = 0; half < 2; ++half) from_b[j][half] = to_tf32(b[(inner + 4 * half) * B_INNER + 8 * j]);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      unsigned from_a[4];
      for (int e = 0; e < 4; ++e)
        from_a[e] = to_tf32(a[(16 * i + e % 2 * 8) * A::ROW + (inner + e / 2 * 4) * A::INNER]);
      for (int j = 0; j < 8; ++j) mma_tf32(sums[i][j], from_a, from_b[j]);
    }
  }
#else
  a += tile_row(0, 0) * A::ROW, b += tile_column(0, 0);
#pragma unroll 2
  for (int inner = 0; inner < TILE_INNER; ++inner) {
    float from_a[4][2], from_b[8][2];
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      for (int i = 0; i < 4; ++i) from_a[i][half] = a[(16 * i + 8 * half) * A::ROW + inner * A::INNER];
      for (int j = 0; j < 8; ++j) from_b[j][half] = b[inner * B_INNER + 8 * j + half];
    }
#pragma unroll
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 8; ++j)
        for (int e = 0; e < 4; ++e) sums[i][j][e] = fmaf(from_a[i][e / 2], from_b[j][e % 2], sums[i][j][e]);
  }
#endif
}

// D = A B over `steps` steps; load(step, a, b) starts to copy one step of A and B to shared memory.
template <class A, class Load>
__device__ __forceinline__ void tile_product(Sums& sums, int steps, Load load) {
  __shared__ __align__(16) float a[STEPS_AHEAD][A::SIZE];
  __shared__ __align__(16) float b[STEPS_AHEAD][B_SIZE];
  memset(sums, 0, sizeof(sums));
  for (int step = 0; step < STEPS_AHEAD - 1; ++step) {
    if (step < steps) load(step, a[step], b[step]);
    commit_copies();
  }
  for (int step = 0; step < steps; ++step) {
    wait_for_copies<STEPS_AHEAD - 2>();  // those of this step
    __syncthreads();                     // of all threads; and all have finished with the step that is overwritten next
    const int next = step + STEPS_AHEAD - 1;
    if (next < steps) load(next, a[next % STEPS_AHEAD], b[next % STEPS_AHEAD]);
    commit_copies();
    multiply<A>(sums, a[step % STEPS_AHEAD], b[step % STEPS_AHEAD]);
  }
}

// Copy the part of a row-major matrix that starts at `from` to a tile of B: rows up to `rows`, columns up to `columns`.
template <int ROW_LENGTH>
__device__ __forceinline__ void load_b(float* b, const float* from, int rows, int columns) {
  constexpr int VALUES = ROW_LENGTH % 4 == 0 ? 4 : 1;  // of one copy; other rows do not start at multiples of 16 bytes
  constexpr int IN_ROW = TILE_COLUMNS / VALUES, ROWS_APART = THREADS / IN_ROW;
  const int column = threadIdx.x % IN_ROW * VALUES, own_row = threadIdx.x / IN_ROW;
#pragma unroll
  for (int along = 0; along < TILE_INNER; along += ROWS_APART) {
    const int row = own_row + along;
    const bool wanted = row < rows && column < columns;
    copy_async<4 * VALUES>(b + row * B_INNER + column, from + row * ROW_LENGTH + column, wanted);
  }
}
