// A step of gradient descent with momentum and weight decay, for all parameters of a network in one launch.
//
//   v <- momentum v - learning_rate (g + decay w)
//   w <- w + v
//
// The table of pointers is an argument, passed by value: a launch needs no copy to the device, and a recorded step
// keeps its table. A block takes the next VALUES values of one parameter. Constant: MOST, the largest number of
// parameters of one launch.
constexpr int THREADS = 256, VALUES = 1024;

struct Parameter {
  float* w;
  const float* g;
  float* v;
  int values;
  float decay;
};

struct Parameters {
  Parameter at[MOST];
};

extern "C" __global__ void __launch_bounds__(THREADS) sgd_step(
    const Parameters parameters, float momentum, float learning_rate) {
  int block = blockIdx.x, number = 0;  // number of the block within parameter `number`
  for (int blocks; block >= (blocks = (parameters.at[number].values + VALUES - 1) / VALUES); ++number) block -= blocks;
  float* const w = parameters.at[number].w;
  const float* const g = parameters.at[number].g;
  float* const v = parameters.at[number].v;
  const int values = parameters.at[number].values;
  const float decay = learning_rate * parameters.at[number].decay;
#pragma unroll
  for (int i = block * VALUES + threadIdx.x, step = 0; step < VALUES / THREADS; ++step, i += THREADS) {
    if (i >= values) return;
    const float weight = w[i], moved = momentum * v[i] - learning_rate * g[i] - decay * weight;
    v[i] = moved;
    w[i] = weight + moved;
  }
}
