"""Small trees that split on the difference of two pixels near a landmark: the local binary features.

Node 1 is the root, node n has the children 2n and 2n + 1, and a tree of depth D has 2^(D-1) leaves. A node compares two
pixels, given as offsets from the landmark in the frame of the mean shape, in half boxes; a sample whose difference is
below the node's threshold goes to child 2n.
"""

import numpy as np

from fernet.faces.lbf.shapes import BoxedFaces

BLOCK = 256  # samples whose pixel differences are computed together: more would not fit the processor's cache
ANY_DIFFERENCE = -256  # a threshold below every difference of two bytes
OFFSET_STEP = 1 / 4096  # offsets are multiples of it, a hundredth of a pixel, and so compress well


def pixel_differences(images: np.ndarray, points: np.ndarray, frames: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """I(p + M o1) - I(p + M o2), (N, F) int16, on images (N, H, W) uint8 around one landmark.

    `points` (N, 2) are the landmark in pixels, `frames` (N, 2, 2) are M, from offsets to pixels, `offsets` (F, 4) or
    (N, F, 4) hold x1, y1, x2, y2. Places are clamped to the image and truncated to whole pixels, as in OpenCV.
    """
    N, H, W = images.shape
    flat, first = images.reshape(-1), (np.arange(N) * (H * W))[:, None]
    (xx, xy), (yx, yy) = frames.transpose(1, 2, 0)[..., None]  # each (N, 1)
    px, py = points.T[..., None]

    def pixel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        columns = np.clip(xx * x + xy * y + px, 0, W - 1).astype(np.int32)
        rows = np.clip(yx * x + yy * y + py, 0, H - 1).astype(np.int32)
        return flat[first + (rows * W + columns)].astype(np.int16)

    x1, y1, x2, y2 = np.moveaxis(offsets, -1, 0)
    return pixel(x1, y1) - pixel(x2, y2)


def frames_in_pixels(faces: BoxedFaces, A: np.ndarray) -> np.ndarray:
    """M (N, 2, 2): from offsets in the frame of the mean shape, in half boxes, to offsets in pixels."""
    return faces.halves[:, :, None] * A


def leaf_columns(
    faces: BoxedFaces, shapes: np.ndarray, A: np.ndarray, offsets: np.ndarray, thresholds: np.ndarray
) -> np.ndarray:
    """(N, L T): for each tree, the column of the weight matrix for the leaf that the face falls into.

    `shapes` (N, L, 2) and their similarity `A` (N, 2, 2); `offsets` (L, T, 2^D, 4), `thresholds` (L, T, 2^D).
    """
    L, T, nodes, _ = offsets.shape
    points, frames = faces.pixels(shapes), frames_in_pixels(faces, A)
    columns = np.empty((len(faces), L * T), np.int64)
    for tree in range(L * T):
        landmark, number = divmod(tree, T)
        node = np.ones(len(faces), np.int64)
        for _ in range(nodes.bit_length() - 2):
            compared = offsets[landmark, number, node][:, None]
            difference = pixel_differences(faces.images, points[:, landmark], frames, compared)[:, 0]
            node = 2 * node + (difference >= thresholds[landmark, number, node])
        columns[:, tree] = tree * (nodes // 2) + node - nodes // 2
    return columns


def grow_landmark_trees(
    faces: BoxedFaces,
    points: np.ndarray,
    A: np.ndarray,
    targets: np.ndarray,
    bags: list[slice],
    depth: int,
    candidates: int,
    radius: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """The trees of one landmark, one for each bag of samples: offsets (T, 2^D, 4) float64, thresholds (T, 2^D) int32.

    `points` (N, 2) are the current estimates of the landmark, in pixels; `targets` (N, 2) the displacements needed, in
    the mean frame. All trees choose from the same `candidates` pairs of pixels within `radius` half boxes of it.
    """
    pairs = _pairs_in_disc(candidates, radius, rng)
    differences = np.empty((len(faces), candidates), np.int16)
    points, frames = points.astype(np.float32), frames_in_pixels(faces, A).astype(np.float32)
    for start in range(0, len(faces), BLOCK):
        block = slice(start, start + BLOCK)
        differences[block] = pixel_differences(
            faces.images[block], points[block], frames[block], pairs.astype(np.float32)
        )
    targets = targets.astype(np.float32)
    trees = [grow_tree(differences[bag], targets[bag], depth, rng) for bag in bags]
    offsets = np.stack([np.where(chosen[:, None] >= 0, pairs[chosen], 0) for chosen, _ in trees])
    return offsets, np.stack([thresholds for _, thresholds in trees])


def grow_tree(
    differences: np.ndarray, targets: np.ndarray, depth: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The candidate that each node compares, (2^D,), or -1 for none, and its threshold, (2^D,) int32.

    Each node takes the candidate whose split leaves the least variance in the targets (N, 2). Every candidate in
    `differences` (N, F) is tried with one threshold: its value for a random sample of the node.
    """
    nodes = 1 << depth
    chosen, thresholds = np.full(nodes, -1), np.zeros(nodes, np.int32)
    samples_of = {1: np.arange(len(targets))}
    for node in range(1, nodes // 2):
        samples = samples_of.pop(node)
        chosen[node], thresholds[node], below = _best_split(differences[samples], targets[samples], rng)
        samples_of[2 * node], samples_of[2 * node + 1] = samples[below], samples[~below]
    return chosen, thresholds


def _best_split(differences: np.ndarray, targets: np.ndarray, rng: np.random.Generator) -> tuple[int, int, np.ndarray]:
    """Candidate, threshold, and which of the samples (N,) are below it."""
    N, F = differences.shape
    if N < 2:
        return 0, ANY_DIFFERENCE, np.zeros(N, bool)
    tried = differences[rng.integers(0, N, F), np.arange(F)]
    below = differences < tried
    count = below.sum(axis=0)
    sums = targets.T @ below.astype(np.float32)  # (2, F)
    rest = targets.sum(axis=0)[:, None] - sums
    # The variance left is a constant minus the gain: sum |t|^2 - |sum below|^2 / n_below - |sum above|^2 / n_above.
    gain = (sums**2).sum(axis=0) / np.maximum(count, 1) + (rest**2).sum(axis=0) / (N - count)
    gain[count == 0] = -1
    best = int(gain.argmax())
    return best, int(tried[best]), below[:, best]


def _pairs_in_disc(count: int, radius: float, rng: np.random.Generator) -> np.ndarray:
    """(count, 4): pairs of points, uniformly distributed over a disc."""
    angle = rng.uniform(0, 2 * np.pi, (count, 2))
    distance = radius * np.sqrt(rng.uniform(0, 1, (count, 2)))
    pairs = np.stack([distance * np.cos(angle), distance * np.sin(angle)], axis=2).reshape(count, 4)
    return np.round(pairs / OFFSET_STEP) * OFFSET_STEP
