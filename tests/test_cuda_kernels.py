"""The emulation with which CUDA kernels are tested, checked on kernels whose results are obvious."""

import cuda_on_host
import numpy as np
import pytest

from fernet import fast, losses, sgd
from fernet.fast.cuda import kernels as cuda_kernels
from fernet.fast.cuda.face_inputs import face_inputs
from fernet.fast.cuda.relu import CudaReLU
from fernet.fast.cuda.sgd import CudaSGD
from fernet.fast.cuda.softmax_cross_entropy import softmax_cross_entropy
from fernet.inputs import augmentation
from fernet.layers import ReLU

SCALED = 'extern "C" __global__ void scaled(const float* x, float* y, float by, int n)'
KERNELS = f"""
{SCALED} {{
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) y[i] = by * x[i] + OFFSET;
}}
extern "C" __global__ void beyond(float* x, int n) {{ x[n] = 1; }}
extern "C" __global__ void sum(const float* x, float* total) {{
  __shared__ float parts[BLOCK];
  const int i = threadIdx.x;
  parts[i] = x[blockIdx.x * BLOCK + i];
  for (int half = BLOCK / 2; half > 0; half /= 2) {{
    BARRIER
    if (i < half) parts[i] += parts[i + half];
  }}
  if (i == 0) total[blockIdx.x] = parts[0];
}}
extern "C" __global__ void warp_sum(const float* x, float* total) {{
  float sum = x[threadIdx.x];
  for (int by = 16; by > 0; by /= 2) sum += __shfl_xor_sync(~0u, sum, by);
  total[threadIdx.x] = sum;
}}
extern "C" __global__ void stuck(float* x) {{
  if (threadIdx.x % 2) __syncthreads(); else __syncwarp();
}}
extern "C" __global__ void copied(const float* x, float* y, int from, bool wanted) {{
  __shared__ float value;
  copy_async<4>(&value, x + from, wanted);
  commit_copies();
  y[0] = value;  // before it has arrived
  wait_for_copies<0>();
  y[1] = value;
}}
extern "C" __global__ void product(const float* a, const float* b, float* d) {{
  const int group = threadIdx.x / 4, t = threadIdx.x % 4;
  const unsigned A[4] = {{to_tf32(a[group * 8 + t]), to_tf32(a[(group + 8) * 8 + t]),
                         to_tf32(a[group * 8 + t + 4]), to_tf32(a[(group + 8) * 8 + t + 4])}};
  const unsigned B[2] = {{to_tf32(b[t * 8 + group]), to_tf32(b[(t + 4) * 8 + group])}};
  float D[4] = {{0, 0, 0, 0}};
  mma_tf32(D, A, B);
  for (int i = 0; i < 4; ++i) d[(group + 8 * (i / 2)) * 8 + 2 * t + i % 2] = D[i];
}}
"""


@pytest.fixture
def kernel(monkeypatch):
    """Kernels compiled from the source in this file."""
    if cuda_on_host.why_not():
        pytest.skip(cuda_on_host.why_not())
    monkeypatch.setattr(cuda_on_host, "source_text", lambda source: KERNELS)
    constants = {"OFFSET": 0.5, "BLOCK": 64, "BARRIER": "__syncthreads();"}
    monkeypatch.setattr(cuda_on_host, "macros", lambda given: [f"-D{k}={v}" for k, v in {**constants, **given}.items()])
    return lambda name, **constants: cuda_on_host.kernel("", name, **constants)


def test_blocks_threads_numbers_and_constants(kernel, rng):
    x, y = rng.standard_normal(70).astype(np.float32), np.zeros(70, np.float32)
    kernel("scaled")((3,), (32,), (x, y, 3.0, 70))
    np.testing.assert_allclose(y, 3 * x + 0.5, rtol=1e-6)


def test_writing_beyond_an_array_fails(kernel):
    with pytest.raises(AssertionError, match=r"beyond writes beyond an array of shape \(5,\)"):
        kernel("beyond")((1,), (1,), (np.zeros(5, np.float32), 5))


def test_threads_wait_for_each_other_at_barriers(kernel, rng):
    x, total = rng.standard_normal((2, 64)).astype(np.float32), np.zeros(2, np.float32)
    kernel("sum")((2,), (64,), (x, total))
    np.testing.assert_allclose(total, x.sum(axis=1), rtol=1e-5)
    kernel("sum", BARRIER="")((2,), (64,), (x, total))  # a missing barrier is noticed
    assert np.abs(total - x.sum(axis=1)).max() > 1e-2


def test_lanes_of_a_warp_see_each_other(kernel, rng):
    x, total = rng.standard_normal((2, 32)).astype(np.float32), np.zeros((2, 32), np.float32)
    kernel("warp_sum")((1,), (64,), (x, total))
    np.testing.assert_allclose(total, np.repeat(x.sum(axis=1), 32).reshape(2, 32), rtol=1e-5, atol=1e-6)


def test_threads_at_different_barriers_are_told(kernel):
    with pytest.raises(AssertionError, match="threads of stuck wait for each other"):
        kernel("stuck")((1,), (32,), (np.zeros(1, np.float32),))


def test_asynchronous_copies_arrive_when_they_are_waited_for_and_stay_within_arrays(kernel):
    x, y = np.arange(1, 5, dtype=np.float32), np.zeros(2, np.float32)
    for start, wanted, expected in [(3, True, [0, 4]), (1, True, [4, 2]), (4, False, [2, 0])]:
        kernel("copied")((1,), (1,), (x, y, start, np.bool_(wanted)))
        np.testing.assert_array_equal(y, expected)
    for start in (-1, 4):
        with pytest.raises(AssertionError, match="copied copies from outside its arrays"):
            kernel("copied")((1,), (1,), (x, y, start, np.bool_(True)))


def test_tensor_core_product_of_rounded_matrices(kernel, rng):
    a, b = rng.standard_normal((16, 8)).astype(np.float32), rng.standard_normal((8, 8)).astype(np.float32)
    d = np.zeros((16, 8), np.float32)
    kernel("product")((1,), (32,), (a, b, d))
    assert 1e-5 < np.abs(d - a @ b).max() < 1e-2
    exact = np.round(a * 256) / 256, np.round(b * 256) / 256  # few bits, so nothing is rounded
    kernel("product")((1,), (32,), (*(x.astype(np.float32) for x in exact), d))
    np.testing.assert_allclose(d, exact[0] @ exact[1], rtol=0, atol=1e-5)


def test_numbers_become_c_types_and_constants_macros():
    assert [type(cuda_kernels.c_value(x)) for x in (1, 2.0, np.uint64(3))] == [np.int32, np.float32, np.uint64]
    assert cuda_kernels.macros({"N": 3, "SCALE": 5e-05}) == ["-DN=3", "-DSCALE=5e-05f"]


def test_kernels_are_for_arrays_on_a_device():
    layer, x = ReLU(), np.zeros((3, 4), np.float32)
    assert fast.where(np) == "cpu"
    assert fast.version_for(layer, x) is layer
    assert fast.softmax_cross_entropy(x) is losses.softmax_cross_entropy
    assert not issubclass(fast.optimiser({"W": x}), CudaSGD)
    assert fast.face_inputs(np) is augmentation.face_inputs


def test_a_fast_version_is_given_only_what_its_kernel_reads(as_on_device):
    layer, x = ReLU(), np.zeros((3, 4), np.float32)
    assert type(fast.version_for(layer, x)) is CudaReLU
    assert fast.softmax_cross_entropy(x) is softmax_cross_entropy
    assert fast.optimiser({"W": x, "b": x[0]}) is CudaSGD
    assert fast.face_inputs(np) is face_inputs
    wrong = x.astype(np.float64)  # a kernel would take it for twice as many float32 numbers
    assert fast.version_for(layer, wrong) is layer
    assert fast.softmax_cross_entropy(wrong) is losses.softmax_cross_entropy
    assert fast.optimiser({"W": x, "b": wrong[0]}) is sgd.SGD
    with pytest.raises(TypeError, match="faces must be uint8, got float32"):
        face_inputs(np.zeros((1, 2, 4, 4), np.float32), np.array([0]))
