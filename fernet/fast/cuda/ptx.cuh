// Instructions of Ampere (sm_80) and later devices for which CUDA C++ has no functions.
// On older devices copies are made immediately, and mma_tf32, which they lack, must not be called.
#ifndef FERNET_ON_HOST  // tests that run kernels on the processor define functions of the same names
#define HAS_SM80 (__CUDA_ARCH__ >= 800)

// Start to copy `bytes` (4 or 16, to which both addresses are aligned) to shared memory; zeros if not `wanted`.
template <int bytes>
__device__ __forceinline__ void copy_async(void* to_shared, const void* from, bool wanted) {
  static_assert(bytes == 4 || bytes == 16);
#if HAS_SM80
  const unsigned address = static_cast<unsigned>(__cvta_generic_to_shared(to_shared));
  asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;"
               :: "r"(address), "l"(from), "n"(bytes), "r"(wanted ? bytes : 0) : "memory");
#else
  for (int i = 0; i < bytes / 4; ++i)
    static_cast<float*>(to_shared)[i] = wanted ? static_cast<const float*>(from)[i] : 0.0f;
#endif
}

// End a group of copies that are waited for together.
__device__ __forceinline__ void commit_copies() {
#if HAS_SM80
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

// Wait until this thread's copies have arrived, all but those of the last `groups_left` groups.
template <int groups_left>
__device__ __forceinline__ void wait_for_copies() {
#if HAS_SM80
  asm volatile("cp.async.wait_group %0;" :: "n"(groups_left) : "memory");
#endif
}

// x rounded to TF32: the range of float32, 10 bits of mantissa. To nearest, halves away from zero.
__device__ __forceinline__ unsigned to_tf32(float x) {
  unsigned bits = 0;
#if HAS_SM80
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
#endif
  return bits;
}

// d += a b by the 32 threads of a warp: a (16 x 8), b (8 x 8), d (16 x 8), added in float32. With group = lane / 4 and
// t = lane % 4, a lane holds
//   a  rows group, group + 8, group, group + 8 of columns t, t, t + 4, t + 4
//   b  rows t, t + 4 of column group
//   d  rows group, group, group + 8, group + 8 of columns 2 t, 2 t + 1, 2 t, 2 t + 1
__device__ __forceinline__ void mma_tf32(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {
#if HAS_SM80
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
               "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

#else
#define HAS_SM80 1
#endif
