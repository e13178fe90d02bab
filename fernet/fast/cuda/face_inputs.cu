// Augmented faces as network input, from clips that stay in device memory: a block computes one sample.
//
//   g[y, x, t] = frame t of the sample's clip, rotated about its centre, flipped, rounded to a grey value
//   out        = (g - mean of g) / (deviation of g + 0.001)
//
// faces (clips, FRAMES, SIDE, SIDE) bytes; out (N, SIDE, SIDE, FRAMES) float32. Sample i is variant i % variants of
// clip i / variants. Variants v and v + TURNS are rotated alike; the latter are flipped. Bilinear interpolation, the
// border repeated, as cv2.warpAffine does. Sums of grey values and of their squares are integers, so the order of
// addition does not matter; the values are sampled twice, which costs less than storing them.
//
// Constants: SIDE, FRAMES, TURNS.
constexpr int THREADS = 1024, VALUES = SIDE * SIDE * FRAMES;

struct Turns {
  float at[TURNS][2];  // cosine and sine
};

// A frame's grey value at row y, column x of the rotated face.
__device__ __forceinline__ int turned(const unsigned char* frame, int y, int x, float cosine, float sine) {
  constexpr float CENTRE = (SIDE - 1) / 2.0f;
  const float from_x = cosine * (x - CENTRE) - sine * (y - CENTRE) + CENTRE;
  const float from_y = sine * (x - CENTRE) + cosine * (y - CENTRE) + CENTRE;
  const float left = floorf(from_x), top = floorf(from_y), right_part = from_x - left, low_part = from_y - top;
  const auto limited = [](int position) { return min(max(position, 0), SIDE - 1); };
  const unsigned char* const high = frame + limited(static_cast<int>(top)) * SIDE;
  const unsigned char* const low = frame + limited(static_cast<int>(top) + 1) * SIDE;
  const int x0 = limited(static_cast<int>(left)), x1 = limited(static_cast<int>(left) + 1);
  const float above = high[x0] + right_part * (high[x1] - high[x0]);
  const float below = low[x0] + right_part * (low[x1] - low[x0]);
  return __float2int_rn(above + low_part * (below - above));
}

extern "C" __global__ void __launch_bounds__(THREADS) face_inputs(
    const unsigned char* __restrict__ faces, const long long* __restrict__ samples, float* __restrict__ out,
    const Turns turns, int variants) {
  __shared__ unsigned long long sums[2][THREADS];  // of values, of squares
  const int thread = threadIdx.x, variant = static_cast<int>(samples[blockIdx.x] % variants);
  const bool flipped = variant >= TURNS;
  const float cosine = turns.at[variant % TURNS][0], sine = turns.at[variant % TURNS][1];
  faces += samples[blockIdx.x] / variants * VALUES, out += static_cast<long long>(blockIdx.x) * VALUES;
  const auto grey = [&](int i) {
    const int x = i / FRAMES % SIDE;
    return turned(faces + i % FRAMES * (SIDE * SIDE), i / (FRAMES * SIDE), flipped ? SIDE - 1 - x : x, cosine, sine);
  };

  unsigned long long sum = 0, squares = 0;
  for (int i = thread; i < VALUES; i += THREADS) {
    const unsigned value = grey(i);
    sum += value, squares += value * value;
  }
  sums[0][thread] = sum, sums[1][thread] = squares;
  for (int half = THREADS / 2; half > 0; half /= 2) {
    __syncthreads();
    if (thread < half) sums[0][thread] += sums[0][thread + half], sums[1][thread] += sums[1][thread + half];
  }
  __syncthreads();
  const double exact_mean = static_cast<double>(sums[0][0]) / VALUES;
  const double variance = static_cast<double>(sums[1][0]) / VALUES - exact_mean * exact_mean;
  const float mean = static_cast<float>(exact_mean), deviation = sqrtf(fmaxf(static_cast<float>(variance), 0)) + 1e-3f;
  for (int i = thread; i < VALUES; i += THREADS) out[i] = (grey(i) - mean) / deviation;
}
