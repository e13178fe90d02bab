// y[v] = max(0, x[v]) and positive[v] = x[v] > 0 in one pass over x, for any shape; NaN stays NaN.
//
// Constant: VALUES, 4 or 1, which divides their number: a thread reads that many at once.
struct __align__(4 * VALUES) Values { float at[VALUES]; };
struct __align__(VALUES) Flags { bool at[VALUES]; };

// groups: of VALUES values; a thread for each.
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
