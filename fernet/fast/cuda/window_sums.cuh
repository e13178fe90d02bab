// Window sums of maps, row by row, so that the operations before and after a sum need no passes over memory.
//
//   s_p = sum over q in win(p) of a_q
//
// win(p) holds the pixels p + (u, v), u, v = -BEFORE .. AFTER, that lie inside the map; BEFORE + AFTER = SIZE - 1.
// A block takes TILE columns and 32 channels of one image and computes a strip of `rows` rows from top to bottom:
// neighbouring threads have neighbouring channels, and a thread has every 16th column. One row of a is in shared
// memory, where a thread adds up SIZE neighbours. The result is added to those SIZE sums of its column that are not
// complete yet, which stay in registers. So a sum costs 2 SIZE additions, and a value is read once from memory.
//
// Sums of sums (STAGES of them) follow each other down the map: the sum of row i - AFTER is complete once row i of a
// has been added. Maps wider than a block are divided into tiles; where tiles or strips meet, both blocks compute the
// rows and columns that both need, the halo.
//
// Constants: HEIGHT, WIDTH, CHANNELS of the maps; SIZE of the window, its n; TILE; STAGES.
constexpr int LANES = 32, GROUPS = 16, THREADS = LANES * GROUPS;
constexpr int TILES = (WIDTH + TILE - 1) / TILE, SLICES = (CHANNELS + LANES - 1) / LANES;
constexpr int HALO = TILES > 1 ? STAGES * (SIZE - 1) : 0;
constexpr int COLUMNS = (TILE + HALO + GROUPS - 1) / GROUPS;  // of a thread

using Row = float[COLUMNS * GROUPS + SIZE - 1][LANES];  // framed by SIZE - 1 columns that remain 0

__device__ __forceinline__ int lane() { return threadIdx.x % LANES; }
__device__ __forceinline__ int group() { return threadIdx.x / LANES; }

__device__ __forceinline__ void clear(Row& row) {
  for (int i = group(); i < COLUMNS * GROUPS + SIZE - 1; i += GROUPS) row[i][lane()] = 0;
}

// The part of the maps that a block computes, rows first .. last - 1, and where its threads are.
// Grid: strips of `rows` rows x TILES x SLICES for each image, in one dimension.
template <int BEFORE>
struct Strip {
  static constexpr int AFTER = SIZE - 1 - BEFORE;
  int first, last, channel, tile;
  long long image;  // where it starts in an array (N, H, W, C)

  __device__ __forceinline__ explicit Strip(int rows) {
    const int strips = (HEIGHT + rows - 1) / rows, part = blockIdx.x / (SLICES * TILES);
    channel = blockIdx.x % SLICES * LANES + lane(), tile = blockIdx.x / SLICES % TILES * TILE;
    first = part % strips * rows, last = min(first + rows, HEIGHT);
    image = static_cast<long long>(part / strips) * (HEIGHT * WIDTH * CHANNELS);
  }
  __device__ __forceinline__ int start() const { return first - STAGES * BEFORE; }  // rows that the sums need
  __device__ __forceinline__ int stop() const { return last + STAGES * AFTER; }

  __device__ __forceinline__ int column(int j) const {
    return tile - (TILES > 1 ? STAGES * BEFORE : 0) + group() + GROUPS * j;
  }
  __device__ __forceinline__ bool inside(int row, int j) const {
    return row >= 0 && row < HEIGHT && column(j) >= 0 && column(j) < WIDTH && channel < CHANNELS;
  }
  // Whether this block writes the pixel; a pixel of its halo is written by another block.
  __device__ __forceinline__ bool own(int row, int j) const {
    return row >= first && row < last && column(j) >= tile && column(j) < tile + TILE && inside(row, j);
  }
  // Position in the image.
  __device__ __forceinline__ int at(int row, int j) const { return (row * WIDTH + column(j)) * CHANNELS + channel; }
};

// The sums of a thread's columns.
template <int BEFORE>
struct WindowSums {
  float incomplete[COLUMNS][SIZE] = {};  // [u] lacks u + 1 rows; the last one is empty

  __device__ __forceinline__ static void put(Row& row, int j, float value) {
    row[group() + GROUPS * j + BEFORE][lane()] = value;
  }
  // Add the next row; returns the sum that it completes.
  __device__ __forceinline__ float add(const Row& row, int j) {
    float across = 0;
#pragma unroll
    for (int v = 0; v < SIZE; ++v) across += row[group() + GROUPS * j + v][lane()];
    const float sum = incomplete[j][0] + across;
#pragma unroll
    for (int u = 0; u < SIZE - 1; ++u) incomplete[j][u] = incomplete[j][u + 1] + across;
    return sum;
  }
};

// D^-power = r^(2 power) for r = D^-1/2; the usual power, 0.75, needs only a square root.
__device__ __forceinline__ float inverse_power(float r) { return POWER == 0.75f ? r * sqrtf(r) : powf(r, 2 * POWER); }
