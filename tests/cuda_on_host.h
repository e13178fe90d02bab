// CUDA C++ on the processor: enough of it to run the project's kernels in tests, slowly but strictly.
//
// Blocks run one after the other. Each thread of a block is a fiber with a stack of its own; it runs until it meets a
// barrier, a shuffle or a tensor core instruction, where it waits for the others. Threads run in turn, forwards in one
// round and backwards in the next, as far out of step as barriers allow: a missing barrier gives wrong numbers here.
// Copies by cp.async arrive as late as they may, when they are waited for.
#pragma once
#include <ucontext.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#define FERNET_ON_HOST 1
#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline
#define __shared__ thread_local  // one thread of the processor runs all blocks, and inside a function this is static
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __launch_bounds__(...)

using std::max;
using std::min;

struct dim3 { unsigned x = 1, y = 1, z = 1; };
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(8) int2 { int x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(4) uchar4 { unsigned char x, y, z, w; };
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline uchar4 make_uchar4(unsigned char x, unsigned char y, unsigned char z, unsigned char w) { return {x, y, z, w}; }

inline dim3 threadIdx, blockIdx, blockDim, gridDim;
constexpr int warpSize = 32;
// Dynamic shared memory goes by this name and type in kernels: extern __shared__ float dynamic_shared[];
inline thread_local __align__(16) float dynamic_shared[227 * 256];

namespace on_host {

// A barrier: opens when `members` threads have arrived, and counts how often it did.
struct Gate { unsigned arrived = 0, passes = 0; };

struct Warp {
  Gate gate;
  alignas(16) unsigned char slots[2][32][64];  // what the lanes show each other; two, as the first may run ahead
};

struct Copy { void* to; const void* from; unsigned bytes, filled; };

struct Fiber {
  ucontext_t context;
  std::unique_ptr<char[]> stack;
  dim3 thread;
  unsigned number;
  const Gate* gate = nullptr;  // where it waits, for the pass after `seen`
  unsigned seen = 0;
  bool done = false;
  std::vector<std::vector<Copy>> copies{{}};  // groups of asynchronous copies, the last one still open
};

inline ucontext_t scheduler;
inline std::vector<Fiber> fibers;
inline std::vector<Warp> warps;
inline Gate block_gate;
inline unsigned live;  // threads of the block that have not returned
inline Fiber* current;
inline std::function<void()> body;
inline std::vector<const char*> arrays;  // first byte and end of each array that the kernel was given
inline bool strayed;                     // a copy has read outside of them

inline unsigned lane() { return current->number % 32; }
inline Warp& warp() { return warps[current->number / 32]; }
inline unsigned lanes_of_warp() { return std::min<unsigned>(32, fibers.size() - current->number / 32 * 32); }

inline void open(Gate& gate) { gate.arrived = 0, ++gate.passes; }

inline void wait_at(Gate& gate, unsigned members) {
  current->gate = &gate, current->seen = gate.passes;
  if (++gate.arrived >= members) open(gate);
  else swapcontext(&current->context, &scheduler);
}

// What all lanes in `mask` show; every one of them must take part.
template <class T> const unsigned char (*gather(unsigned mask, T mine))[64] {
  static_assert(sizeof(T) <= 64);
  auto slots = warp().slots[warp().gate.passes % 2];
  std::memcpy(slots[lane()], &mine, sizeof(T));
  const unsigned present = lanes_of_warp() == 32 ? ~0u : (1u << lanes_of_warp()) - 1;
  wait_at(warp().gate, __builtin_popcount(mask & present));
  return slots;
}

template <class T> T shown(const unsigned char (*slots)[64], unsigned lane) {
  T value;
  std::memcpy(&value, slots[lane], sizeof(T));
  return value;
}

inline void arrive(const std::vector<Copy>& group) {
  for (const Copy& copy : group) {
    std::memset(copy.to, 0, copy.bytes);
    std::memcpy(copy.to, copy.from, copy.filled);
  }
}

inline void run_fiber() {
  body();
  current->done = true;
  if (--live > 0 && block_gate.arrived >= live) open(block_gate);  // the others no longer wait for this one
  swapcontext(&current->context, &scheduler);
}

inline bool run_block() {
  block_gate = {}, live = fibers.size();
  std::fill(std::begin(dynamic_shared), std::end(dynamic_shared), NAN);
  for (Warp& warp : warps) warp.gate = {};
  for (Fiber& fiber : fibers) {
    fiber.done = false, fiber.gate = nullptr, fiber.copies = {{}};
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get(), fiber.context.uc_stack.ss_size = 65536;
    makecontext(&fiber.context, run_fiber, 0);
  }
  for (bool backwards = false; live > 0; backwards = !backwards) {
    bool moved = false;
    for (unsigned i = 0; i < fibers.size(); ++i) {
      Fiber& fiber = fibers[backwards ? fibers.size() - 1 - i : i];
      if (fiber.done || (fiber.gate && fiber.gate->passes == fiber.seen)) continue;
      current = &fiber, threadIdx = fiber.thread, moved = true;
      swapcontext(&scheduler, &fiber.context);
    }
    if (!moved) return false;  // threads wait at different barriers
  }
  return true;
}

template <class... P, size_t... I> void call(void (*kernel)(P...), void** arguments, std::index_sequence<I...>) {
  kernel(*static_cast<std::remove_reference_t<P>*>(arguments[I])...);
}

template <class... P> constexpr int parameters(void (*)(P...)) { return sizeof...(P); }

// 0 if all blocks ran to their end; 1 if threads of one waited for each other for ever; 2 if a copy read what lies in
// no array.
template <class... P>
int launch(void (*kernel)(P...), const unsigned* grid, const unsigned* block, void** arguments) {
  gridDim = {grid[0], grid[1], grid[2]}, blockDim = {block[0], block[1], block[2]};
  strayed = false;
  body = [=] { call(kernel, arguments, std::index_sequence_for<P...>{}); };
  const unsigned threads = block[0] * block[1] * block[2];
  fibers = std::vector<Fiber>(threads), warps = std::vector<Warp>((threads + 31) / 32);
  for (unsigned i = 0; i < threads; ++i) {
    fibers[i].stack = std::make_unique<char[]>(65536), fibers[i].number = i;
    fibers[i].thread = {i % block[0], i / block[0] % block[1], i / block[0] / block[1]};
  }
  for (unsigned z = 0; z < grid[2]; ++z)
    for (unsigned y = 0; y < grid[1]; ++y)
      for (unsigned x = 0; x < grid[0]; ++x) {
        blockIdx = {x, y, z};
        if (!run_block()) return 1;
      }
  return strayed ? 2 : 0;
}

}  // namespace on_host

inline void __syncthreads() { on_host::wait_at(on_host::block_gate, on_host::live); }
inline void __syncwarp(unsigned mask = ~0u) { on_host::gather(mask, 0); }
inline void __threadfence() {}

template <class T> T __shfl_sync(unsigned mask, T value, int from, int width = 32) {
  const unsigned first = on_host::lane() / width * width;
  return on_host::shown<T>(on_host::gather(mask, value), first + from % width);
}
template <class T> T __shfl_xor_sync(unsigned mask, T value, int bits) {
  return on_host::shown<T>(on_host::gather(mask, value), on_host::lane() ^ bits);
}
template <class T> T __shfl_down_sync(unsigned mask, T value, unsigned by, int width = 32) {
  const unsigned lane = on_host::lane();
  return on_host::shown<T>(on_host::gather(mask, value), lane % width + by < unsigned(width) ? lane + by : lane);
}
template <class T> T __shfl_up_sync(unsigned mask, T value, unsigned by, int width = 32) {
  const unsigned lane = on_host::lane();
  return on_host::shown<T>(on_host::gather(mask, value), lane % width >= by ? lane - by : lane);
}
inline unsigned __ballot_sync(unsigned mask, int predicate) {
  auto slots = on_host::gather(mask, predicate);
  unsigned votes = 0;
  for (unsigned lane = 0; lane < 32; ++lane)
    if (mask >> lane & 1 && on_host::shown<int>(slots, lane)) votes |= 1u << lane;
  return votes;
}

template <class T> T atomicAdd(T* address, T value) { return std::exchange(*address, *address + value); }
template <class T> T __ldg(const T* address) { return *address; }
template <class T> void __stcs(T* address, T value) { *address = value; }
template <class T> T __ldcs(const T* address) { return *address; }

inline unsigned __float_as_uint(float x) { unsigned bits; std::memcpy(&bits, &x, 4); return bits; }
inline float __uint_as_float(unsigned bits) { float x; std::memcpy(&x, &bits, 4); return x; }
inline int __float_as_int(float x) { return int(__float_as_uint(x)); }
inline float __int_as_float(int bits) { return __uint_as_float(unsigned(bits)); }
inline unsigned __umulhi(unsigned a, unsigned b) { return uint64_t(a) * b >> 32; }
inline uint64_t __umul64hi(uint64_t a, uint64_t b) { return static_cast<unsigned __int128>(a) * b >> 64; }
inline int __float2int_rn(float x) { return int(std::nearbyint(x)); }
inline int __float2int_rd(float x) { return int(std::floor(x)); }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __expf(float x) { return std::exp(x); }
inline float __logf(float x) { return std::log(x); }
inline float __saturatef(float x) { return std::min(1.0f, std::max(0.0f, x)); }
inline float rsqrtf(float x) { return 1 / std::sqrt(x); }

// ---- The instructions of fernet/fast/cuda/ptx.cuh, which has them for the device. ----

template <int bytes> void copy_async(void* to_shared, const void* from, bool wanted) {
  if (uintptr_t(to_shared) % bytes || (wanted && uintptr_t(from) % bytes))
    std::fprintf(stderr, "cp.async of %d bytes between misaligned addresses\n", bytes), std::abort();
  const auto first = static_cast<const char*>(from);
  bool inside = !wanted;
  for (size_t i = 0; i < on_host::arrays.size(); i += 2)
    inside = inside || (first >= on_host::arrays[i] && first + bytes <= on_host::arrays[i + 1]);
  on_host::strayed = on_host::strayed || !inside;
  on_host::current->copies.back().push_back({to_shared, from, bytes, wanted ? bytes : 0});
}
inline void commit_copies() { on_host::current->copies.push_back({}); }
template <int groups_left> void wait_for_copies() {
  auto& copies = on_host::current->copies;
  while (copies.size() > groups_left + 1) {
    on_host::arrive(copies.front());
    copies.erase(copies.begin());
  }
}

// Round to nearest, halves away from zero, at 10 bits of mantissa (cvt.rna.tf32.f32).
inline unsigned to_tf32(float x) { return (__float_as_uint(x) + 0x1000) & ~0x1fffu; }

// d += a b for a warp: a (16 x 8), b (8 x 8), d (16 x 8), laid out over the lanes as the PTX manual draws them for
// mma.m16n8k8 with .tf32: group = lane / 4, t = lane % 4.
inline void mma_tf32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
  struct Registers { unsigned a[4], b[2]; } mine{{a[0], a[1], a[2], a[3]}, {b[0], b[1]}};
  auto slots = on_host::gather(~0u, mine);
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned row = on_host::lane() / 4 + 8 * (i / 2), column = 2 * (on_host::lane() % 4) + i % 2;
    for (unsigned k = 0; k < 8; ++k) {
      const auto from_a = on_host::shown<Registers>(slots, row % 8 * 4 + k % 4);
      const auto from_b = on_host::shown<Registers>(slots, column * 4 + k % 4);
      d[i] += __uint_as_float(from_a.a[row / 8 + 2 * (k / 4)]) * __uint_as_float(from_b.b[k / 4]);
    }
  }
}
