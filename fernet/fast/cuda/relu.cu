// ReLU and its mask in one pass over x, of any shape; NaN remains NaN.
//
//   y = max(0, x),    positive = x > 0
//
// The gradient is  dx = dy where x > 0, else 0:  the product of dy and `positive`, which needs no kernel of its own.
// Constant: VALUES, 4 or 1, a divisor of the number of values: a thread reads that many at once.
struct __align__(4 * VALUES) Values { float at[VALUES]; };
struct __align__(VALUES) Flags { bool at[VALUES]; };

// `groups` groups of VALUES values; a thread for each.
extern "C" __global__ void __launch_bounds__(256) relu(
    const Values* __restrict__ x, Values* __restrict__ y, Flags* __restrict__ positive, int groups) {
  const int group = blockIdx.x * 256 + threadIdx.x;
  if (group >= groups) return;
  Values values = x[group];
  Flags flags;
#pragma unroll
  for (int i = 0; i < VALUES; ++i) {
    flags.at[i] = values.at[i] > 0;
    if (values.at[i] <= 0) values.at[i] = 0;
  }
  y[group] = values;
  positive[group] = flags;
}
