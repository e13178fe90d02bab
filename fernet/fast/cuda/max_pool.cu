// Max pooling and its gradient. With n for SIZE and stride for STRIDE:
//
//   y[i, j, c] = max over u, v in 0..n-1 of x[i stride + u, j stride + v, c]
//
//   dx[q, c] = sum over i, j of dy[i, j, c]  where q is the winner of window (i, j), else 0
//
// x (N, H, W, C), y (N, P, Q, C) float32; winners (N, P, Q, C) bytes: u n + v of the first maximum. One thread computes
// one value; neighbouring threads have neighbouring channels. A pixel of dx collects from the windows that contain it,
// so only its own thread writes to it. Constants: HEIGHT, WIDTH, CHANNELS of x, SIZE, STRIDE.
constexpr int P = (HEIGHT - SIZE) / STRIDE + 1, Q = (WIDTH - SIZE) / STRIDE + 1, C = CHANNELS;
constexpr int THREADS = 256;

// Position of this thread's value among the `values` of an image, and the image.
struct Place {
  int image, at;
  __device__ __forceinline__ explicit Place(int values) {
    const int blocks = (values + THREADS - 1) / THREADS;  // of an image
    image = blockIdx.x / blocks, at = blockIdx.x % blocks * THREADS + threadIdx.x;
  }
};

extern "C" __global__ void __launch_bounds__(THREADS) max_pool(
    const float* __restrict__ x, float* __restrict__ y, unsigned char* __restrict__ winners) {
  constexpr int VALUES = P * Q * C;
  const Place place(VALUES);
  if (place.at >= VALUES) return;
  const int i = place.at / (Q * C), j = place.at / C % Q;
  x += static_cast<long long>(place.image) * (HEIGHT * WIDTH * C) + (i * WIDTH + j) * STRIDE * C + place.at % C;
  float best = x[0];
  int winner = 0;
#pragma unroll
  for (int position = 1; position < SIZE * SIZE; ++position) {
    const float value = x[(position / SIZE * WIDTH + position % SIZE) * C];
    if (!(value <= best) && best == best) best = value, winner = position;  // the first NaN wins, as in NumPy
  }
  const long long at = static_cast<long long>(place.image) * VALUES + place.at;
  y[at] = best;
  winners[at] = static_cast<unsigned char>(winner);
}

extern "C" __global__ void __launch_bounds__(THREADS) max_pool_backward(
    const float* __restrict__ dy, const unsigned char* __restrict__ winners, float* __restrict__ dx) {
  constexpr int VALUES = HEIGHT * WIDTH * C;
  const Place place(VALUES);
  if (place.at >= VALUES) return;
  const int row = place.at / (WIDTH * C), column = place.at / C % WIDTH;
  const long long first = static_cast<long long>(place.image) * (P * Q * C) + place.at % C;
  float sum = 0;
  for (int i = min(row / STRIDE, P - 1); i >= 0 && row - i * STRIDE < SIZE; --i)
    for (int j = min(column / STRIDE, Q - 1); j >= 0 && column - j * STRIDE < SIZE; --j) {
      const long long at = first + (i * Q + j) * C;
      if (winners[at] == (row - i * STRIDE) * SIZE + column - j * STRIDE) sum += dy[at];
    }
  dx[static_cast<long long>(place.image) * VALUES + place.at] = sum;
}
