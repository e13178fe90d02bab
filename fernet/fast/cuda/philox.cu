// Uniform random numbers from 0 to below 1, identical to those that NumPy's Philox draws on the host.
//
// Philox4x64-10 (Salmon et al. 2011) turns a counter and a key into four words of 64 bits by ten rounds of
// multiplication: every part of the stream can be computed independently, so each thread computes one block.
// NumPy counts its blocks from 1, and makes two float32 of each word, the lower half first: the upper 24 bits of
// either half, divided by 2^24. Position p of the stream is thus value p % 8 of block p / 8.
//
// The key (2,) is in device memory, not among the arguments, so a recorded launch can be replayed with another key.

using u64 = unsigned long long;

__device__ __forceinline__ void philox(u64 (&counter)[4], u64 key0, u64 key1) {
  constexpr u64 M0 = 0xD2E7470EE14C6C93, M1 = 0xCA5A826395121157;
  constexpr u64 STEP0 = 0x9E3779B97F4A7C15, STEP1 = 0xBB67AE8584CAA73B;
#pragma unroll
  for (int round = 0; round < 10; ++round) {
    const u64 high0 = __umul64hi(M0, counter[0]), low0 = M0 * counter[0];
    const u64 high1 = __umul64hi(M1, counter[2]), low1 = M1 * counter[2];
    counter[0] = high1 ^ counter[1] ^ key0;
    counter[1] = low1;
    counter[2] = high0 ^ counter[3] ^ key1;
    counter[3] = low0;
    key0 += STEP0, key1 += STEP1;
  }
}

// u (count,) = positions first .. first + count - 1 of the stream of `key`; a thread for each block that they touch.
extern "C" __global__ void uniform(const u64* __restrict__ key, float* __restrict__ u, u64 first, u64 count) {
  const u64 block = first / 8 + blockIdx.x * static_cast<u64>(blockDim.x) + threadIdx.x;
  u64 words[4] = {block + 1, 0, 0, 0};
  philox(words, key[0], key[1]);
#pragma unroll
  for (int value = 0; value < 8; ++value) {
    const u64 i = 8 * block + value - first;  // wraps round to a large number before the first
    const unsigned half = static_cast<unsigned>(words[value / 2] >> (value % 2 * 32));
    if (i < count) u[i] = (half >> 8) * (1.0f / 16777216.0f);
  }
}
