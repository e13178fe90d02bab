"""Training a cascade of local binary features, stage by stage; `cascade` describes what is trained."""

from dataclasses import dataclass

import numpy as np

from fernet import threads
from fernet.errors import UserError
from fernet.faces.lbf.cascade import Cascade, Stage
from fernet.faces.lbf.regression import predicted_moves, regress, rounded
from fernet.faces.lbf.shapes import (
    BoxedFaces,
    into_mean_frame,
    landmark_errors,
    out_of_mean_frame,
    similarity,
)
from fernet.faces.lbf.trees import grow_landmark_trees, leaf_columns
from fernet.progress import SILENT, Progress

BAG_OVERLAP = 0.4  # fraction of one tree's samples that the next tree shares
PENALTY = 0.05  # of the regression, per sample
RADII = (0.30, 0.20, 0.15, 0.12, 0.10, 0.10, 0.08, 0.06, 0.06, 0.05)  # half boxes, stage by stage: coarse to fine
CANDIDATES = (500, 500, 500, 300, 300, 300, 200, 200, 200, 100)  # pairs of pixels, stage by stage


@dataclass(frozen=True)
class CascadeSettings:
    """The size of a cascade, within the limits of a model file."""

    trees: int = 3  # per landmark and stage
    depth: int = 3  # levels of a tree, leaves included
    stages: int = 7
    seed: int = 0

    def __post_init__(self) -> None:
        for name, least, most in (("trees", 1, 64), ("depth", 2, 10), ("stages", 1, len(RADII))):
            if not least <= getattr(self, name) <= most:
                raise UserError(f"{name} is {getattr(self, name)}, expected {least} to {most}")
        if self.seed < 0:
            raise UserError(f"the seed is {self.seed}, expected a whole number from 0")


def train_cascade(
    faces: BoxedFaces, points: np.ndarray, settings: CascadeSettings, progress: Progress = SILENT
) -> Cascade:
    """Train on `faces` with true landmarks `points` (N, L, 2) in pixels, in random order.

    Weights and offsets are rounded to what the file will hold before the next stage is trained, which therefore
    corrects the rounding as well.
    """
    true = faces.shapes(points)
    mean = true.mean(axis=0)
    shapes = np.repeat(mean[None], len(faces), axis=0)
    stages = []
    with progress.task("training", settings.stages) as bar:
        for number in range(settings.stages):
            stage, shapes = _train_stage(number, faces, true, shapes, mean, settings)
            stages.append(stage)
            error = landmark_errors(faces.pixels(shapes), points).mean()
            bar.advance(1, f"stage {number + 1}: error {error:.4f} of the eye distance")
    return Cascade(mean, tuple(stages))


def _train_stage(
    number: int,
    faces: BoxedFaces,
    true: np.ndarray,
    shapes: np.ndarray,
    mean: np.ndarray,
    settings: CascadeSettings,
) -> tuple[Stage, np.ndarray]:
    """Stage `number`, and the shapes (N, L, 2) that it turns `shapes` into."""
    A = similarity(shapes, mean)
    targets = into_mean_frame(true - shapes, A)
    points = faces.pixels(shapes)
    bags = _bags(len(faces), settings.trees)

    def grow(landmark: int) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng([settings.seed, number, landmark, 3])
        here, target = points[:, landmark], targets[:, landmark]
        return grow_landmark_trees(faces, here, A, target, bags, settings.depth, CANDIDATES[number], RADII[number], rng)

    grown = threads.parallel_map(grow, range(len(mean)))
    offsets, thresholds = (np.stack(part) for part in zip(*grown, strict=True))
    columns = leaf_columns(faces, shapes, A, offsets, thresholds)
    width = columns.shape[1] << (settings.depth - 1)
    weights = regress(columns, width, targets.reshape(len(faces), -1), PENALTY * len(faces))
    stage = Stage(offsets, thresholds, rounded(weights.T))
    return stage, shapes + out_of_mean_frame(predicted_moves(columns, stage.weights), A)


def _bags(samples: int, trees: int) -> list[slice]:
    """The samples that each tree is grown on: overlapping ranges that together cover all samples."""
    length = samples / (1 + (trees - 1) * (1 - BAG_OVERLAP))
    starts = [round(tree * length * (1 - BAG_OVERLAP)) for tree in range(trees)]
    return [slice(start, start + int(np.ceil(length))) for start in starts]
