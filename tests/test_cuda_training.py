"""The CUDA kernels of loss, SGD and face inputs, run on the processor, compared with what they replace."""

import cv2
import numpy as np
import pytest
from toy_run import settings

from fernet import fast, losses
from fernet.fast.cuda import sgd as cuda_sgd
from fernet.fast.cuda.face_inputs import face_inputs
from fernet.fast.cuda.softmax_cross_entropy import softmax_cross_entropy
from fernet.inputs.augmentation import ANGLES, VARIANTS, augment_faces, network_faces
from fernet.losses import joint_loss
from fernet.progress import SILENT
from fernet.sgd import SGD
from fernet.training.run import Run

OPENCV_4 = int(cv2.__version__.split(".")[0]) < 5  # rounds positions to 1/32 of a pixel; the kernel and OpenCV 5 do not


def draw(rng, shape):
    return rng.standard_normal(shape).astype(np.float32)


@pytest.mark.parametrize(("count", "classes"), [(5, 7), (1, 3), (600, 2), (3, 40)])
def test_cross_entropy_equals_that_of_losses_in_one_launch(count, classes, rng, launches):
    logits, labels = 3 * draw(rng, (count, classes)), rng.integers(0, classes, count)
    logits[0] += 200  # shifting a row changes nothing and must not overflow
    loss, dlogits = fast.softmax_cross_entropy(logits)(logits, labels)
    assert launches == ["softmax_cross_entropy"]
    expected, dexpected = losses.softmax_cross_entropy(logits.astype(float), labels)
    assert (loss.shape, loss.dtype, dlogits.dtype) == ((), np.float32, np.float32)
    np.testing.assert_allclose(loss, expected, rtol=2e-6)
    np.testing.assert_allclose(dlogits, dexpected, rtol=0, atol=2e-5 / count)
    np.testing.assert_allclose(dlogits.sum(axis=1), 0, atol=1e-6)


def test_joint_loss_is_made_of_three_cross_entropies(rng, launches):
    one, other, labels = draw(rng, (4, 6)), draw(rng, (4, 6)), np.array([0, 5, 2, 2], np.int32)
    actual = joint_loss(one, other, labels, cross_entropy=fast.softmax_cross_entropy(one))
    assert launches == ["softmax_cross_entropy"] * 3
    for value, expected in zip(actual, joint_loss(one.astype(float), other.astype(float), labels), strict=True):
        np.testing.assert_allclose(value, expected, rtol=1e-5, atol=1e-6)


def test_the_loss_of_nan_is_nan(launches):
    logits = np.zeros((3, 4), np.float32)
    logits[1, 2] = np.nan
    assert np.isnan(softmax_cross_entropy(logits, np.array([0, 1, 2]))[0])


def test_sgd_moves_all_parameters_in_one_launch(rng, launches):
    shapes = {"conv.W": (4, 1, 8, 32), "conv.b": (32,), "fc.W": (64, 33), "fc.b": (1,)}  # one block, ends of blocks
    params = {name: draw(rng, shape) for name, shape in shapes.items()}
    exact = {name: w.astype(float) for name, w in params.items()}
    decayed = {"conv.W", "fc.W"}
    optimiser, reference = (fast.optimiser(p)(p, decayed, momentum=0.9, weight_decay=0.3) for p in (params, exact))
    assert (type(optimiser), type(reference)) == (cuda_sgd.CudaSGD, SGD)
    for _ in range(3):
        grads = {name: draw(rng, shape) for name, shape in shapes.items()}
        grads["fc.W"] = np.asfortranarray(grads["fc.W"])  # the form of a transposed product
        optimiser.step(grads, 0.05)
        reference.step({name: g.astype(float) for name, g in grads.items()}, 0.05)
    assert launches == ["sgd_step"] * 3
    for name in shapes:
        np.testing.assert_allclose(params[name], exact[name], rtol=0, atol=1e-6, err_msg=name)
        np.testing.assert_allclose(optimiser.velocity[name], reference.velocity[name], rtol=0, atol=1e-6, err_msg=name)


def test_more_parameters_than_a_table_holds_take_another_launch(rng, launches, monkeypatch):
    monkeypatch.setattr(cuda_sgd, "_MOST", 3)
    params = {str(i): np.full(i + 1, float(i), np.float32) for i in range(7)}
    cuda_sgd.CudaSGD(params, set(), 0.0, 0.0).step({name: np.ones_like(w) for name, w in params.items()}, 0.5)
    assert launches == ["sgd_step"] * 3
    for i in range(7):
        np.testing.assert_allclose(params[str(i)], np.full(i + 1, i - 0.5))


def smooth_clips(rng, shape):
    """Faces have no pixel noise: neighbours differ by a few grey values."""
    clips = rng.integers(0, 256, shape).astype(np.uint8)
    return np.stack([[cv2.GaussianBlur(frame, (0, 0), 2) for frame in clip] for clip in clips])


@pytest.mark.parametrize("side", [20, 17])
def test_face_inputs_are_those_of_opencv(side, rng, launches):
    clips = smooth_clips(rng, (3, 2, side, side))
    samples = rng.permutation(3 * VARIANTS)
    x = face_inputs(clips, samples)
    assert launches == ["face_inputs"]
    assert (x.shape, x.dtype) == ((len(samples), side, side, 2), np.float32)
    augmented = np.stack([augment_faces(clips[i // VARIANTS], i % VARIANTS) for i in samples])
    np.testing.assert_allclose(x.mean(axis=(1, 2, 3)), 0, atol=1e-5)
    grey = augmented.std(axis=(1, 2, 3)).min()
    off = np.abs(x - network_faces(augmented))
    assert off.max() < (1.1 if not OPENCV_4 else 2.2) / grey  # a value halfway between two may be rounded either way
    if not OPENCV_4:
        assert (off > 0.1 / grey).mean() < 2e-3


def test_unturned_samples_equal_the_host_and_do_not_depend_on_the_batch(rng, launches):
    clips = rng.integers(0, 256, (4, 3, 9, 9)).astype(np.uint8)
    samples = np.array([3 * VARIANTS, VARIANTS + 7, 2 * VARIANTS, 7])
    x = face_inputs(clips, samples)
    flipped = [augment_faces(clips[i // VARIANTS], i % VARIANTS) for i in samples]
    np.testing.assert_allclose(x, network_faces(np.stack(flipped)), rtol=0, atol=2e-6)
    np.testing.assert_array_equal(face_inputs(clips, samples[2:3])[0], x[2])
    np.testing.assert_allclose(face_inputs(clips, np.array([1]), variants=1), network_faces(clips[1:2]), atol=2e-6)
    assert (face_inputs(np.full((1, 3, 4, 4), 77, np.uint8), np.array([5])) == 0).all()  # one grey


def test_training_takes_its_faces_from_the_device(toy_clips, launches, tmp_path):
    samples = Run(settings().run, toy_clips, tmp_path, SILENT).samples
    assert samples.faces(np.array([4, 30])).shape == (2, *toy_clips.faces.shape[2:], toy_clips.faces.shape[1])
    assert launches == ["face_inputs"]
    assert len(ANGLES) + 1 == VARIANTS // 2
