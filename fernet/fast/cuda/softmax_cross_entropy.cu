// Softmax cross-entropy and its gradient in one launch.
//
//   p[n, j] = exp(l[n, j]) / (sum over i of exp(l[n, i]))
//   L = -(1/N) sum over n, j of y[n, j] log p[n, j],    y[n, j] = 1 for j = labels[n], else 0
//
//   dl[n, i] = (p[n, i] - y[n, i]) / N
//
// logits, dlogits (N, classes) float32, labels (N,), loss a scalar. Networks have few classes and batches of hundreds:
// one block suffices, each thread takes every 256th row, and the losses are always added in the same order.
constexpr int THREADS = 256;

extern "C" __global__ void __launch_bounds__(THREADS) softmax_cross_entropy(
    const float* __restrict__ logits, const long long* __restrict__ labels, float* __restrict__ loss,
    float* __restrict__ dlogits, int count, int classes) {
  __shared__ float losses[THREADS];
  const int thread = threadIdx.x;
  float sum_of_losses = 0;
  for (int n = thread; n < count; n += THREADS) {
    const float* row = logits + static_cast<long long>(n) * classes;
    float* drow = dlogits + static_cast<long long>(n) * classes;
    float largest = row[0], sum = 0;
    for (int j = 1; j < classes; ++j) largest = fmaxf(largest, row[j]);
    for (int j = 0; j < classes; ++j) sum += expf(row[j] - largest);
    const float log_sum = logf(sum);
    for (int j = 0; j < classes; ++j) {
      const float log_p = row[j] - largest - log_sum;
      const bool wanted = j == labels[n];
      if (wanted) sum_of_losses -= log_p;
      drow[j] = (expf(log_p) - (wanted ? 1 : 0)) / count;
    }
  }
  losses[thread] = sum_of_losses;
  for (int half = THREADS / 2; half > 0; half /= 2) {
    __syncthreads();
    if (thread < half) losses[thread] += losses[thread + half];
  }
  if (thread == 0) loss[0] = losses[0] / count;
}
