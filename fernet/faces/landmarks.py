"""The 68 landmarks of a face, found by local binary features (Ren et al. 2014) with OpenCV's FacemarkLBF."""

import hashlib
import os
import threading
from importlib import resources
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fernet.errors import UserError
from fernet.faces.crop import check_boxes
from fernet.faces.lbf.file import LbfHeader, check_lbf_file
from fernet.faces.model_download import MODEL_BLOB, git_blob_id
from fernet.faces.opencv import check_opencv, opencv_path
from fernet.progress import SILENT, Progress
from fernet.user_folders import data_folder

VARIABLE = "FERNET_LANDMARK_MODEL"
BUILT_IN = Path(str(resources.files("fernet.faces") / "data" / "lbf68_procedural.yaml.gz"))
_BUILT_IN_SHA256 = "c1cf9952e4ac9d3cbc09924ceb1373e893bbd44efafc10b9df0fc9d70e7a1df9"

FROM_DATASET = {"name": "the dataset itself", "sha256": ""}  # the `identity` of landmarks that no model made

# The only way to keep OpenCV from printing "loading data from" on every load.
_QUIET = "%YAML:1.0\n---\nverbose: 0\n"


def installed_model_path() -> Path:
    """Where `landmarks fetch` puts the public model: the user's data directory."""
    return data_folder() / "lbfmodel.yaml"


def find_model(name: str | None, progress: Progress = SILENT) -> Path:
    """The model file to use: `name`, else $FERNET_LANDMARK_MODEL, else the fetched model, else the built-in one.

    `progress` notes what to expect of the built-in model.
    """
    model = _chosen_model(name)
    if note := built_in_note(model):
        progress.note(note)
    return model


def _chosen_model(name: str | None) -> Path:
    for given, origin in ((name, "--landmark-model"), (os.environ.get(VARIABLE), VARIABLE)):
        if given:
            if not Path(given).is_file():
                raise UserError(
                    f"{given}: there is no such landmark model ({origin}); give the path of an LBF model of 68 points, "
                    "or leave it out to use the installed or built-in one"
                )
            return Path(given)
    return installed_model_path() if installed_model_path().is_file() else BUILT_IN


def identity(model: Path) -> dict[str, str]:
    """Name and SHA-256 of a landmark model: what the sets, runs and models made with it record."""
    with open(model, "rb") as stream:
        return {"name": model.name, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


def find_recorded_model(record: dict[str, str], name: str | None) -> Path | None:
    """The model file with the recorded SHA-256, if it is at `name`, in $FERNET_LANDMARK_MODEL, fetched or built in."""
    for path in (name, os.environ.get(VARIABLE), installed_model_path(), BUILT_IN):
        if path and Path(path).is_file() and identity(Path(path))["sha256"] == record.get("sha256"):
            return Path(path)
    return None


def built_in_note(model: Path) -> str | None:
    """What to expect of the built-in model on real faces; None for any other model."""
    if model != BUILT_IN:
        return None
    return (
        "landmarks come from the built-in model, which was trained on procedural faces only and does not follow real "
        "mouths well; `python cli.py landmarks fetch` gets the public model, --landmark-model names another"
    )


class LandmarkModel:
    """A checked model file; each thread loads its own OpenCV object, which cannot be shared."""

    def __init__(self, path: Path) -> None:
        """UserError if OpenCV could not use the file."""
        check_opencv()
        self.path = path
        self.header = check_lbf_file(path)
        _check_known_contents(path, self.header)
        self._per_thread = threading.local()

    def fit(self, frame: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        """Landmarks (K, 68, 2) float32, in pixels of the grey `frame` (H, W) uint8, for boxes (K, 4) of x, y, w, h.

        Boxes should come from the Haar detector, as in the model's training; they are rounded to whole pixels.
        """
        if frame.dtype != np.uint8 or frame.ndim != 2:  # OpenCV would take other types and return wrong points
            raise UserError(f"landmarks need a grey frame (H, W) of uint8, got {frame.dtype} of shape {frame.shape}")
        boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
        check_boxes(boxes, len(boxes))
        whole = np.rint(boxes).astype(np.int32)
        _check_places(whole, frame.shape)
        if not len(whole):
            return np.empty((0, 68, 2), np.float32)
        _, found = self._facemark().fit(np.ascontiguousarray(frame), whole)
        return np.stack([np.asarray(points, np.float32).reshape(68, 2) for points in found])

    def _facemark(self) -> Any:
        if not hasattr(self._per_thread, "facemark"):
            self._per_thread.facemark = _load(self.path)
        return self._per_thread.facemark


def _check_places(boxes: np.ndarray, shape: tuple[int, int]) -> None:
    """Boxes (K, 4) int32 must have a positive area and their centre in the frame: OpenCV checks neither reliably."""
    centres = boxes[:, :2] + boxes[:, 2:] // 2
    bad = (boxes[:, 2:] < 1).any(axis=1) | (centres < 0).any(axis=1) | (centres >= shape[::-1]).any(axis=1)
    if bad.any():
        box = boxes[int(np.argmax(bad))].tolist()
        raise UserError(f"the face box {box} has no area or lies outside the frame of {shape[1]} x {shape[0]} pixels")


def _check_known_contents(path: Path, header: LbfHeader) -> None:
    """The built-in and the fetched model must be what their checksums say; most damage would only move points."""
    if path == BUILT_IN and identity(path)["sha256"] != _BUILT_IN_SHA256:
        raise UserError(f"{path}: the built-in landmark model is damaged; install fernet again")
    if path == installed_model_path() and not header.has_checksum and git_blob_id(path) != MODEL_BLOB:
        raise UserError(
            f"{path}: not the public landmark model that belongs there, or damaged; fetch it again with `python cli.py "
            "landmarks fetch`, or keep another model elsewhere and name it with --landmark-model"
        )


def _load(path: Path) -> Any:
    facemark = cv2.face.createFacemarkLBF()
    settings = cv2.FileStorage(_QUIET, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
    facemark.read(settings.root())
    try:
        with opencv_path(path) as name:
            facemark.loadModel(name)
    except cv2.error as error:
        raise UserError(f"{path}: OpenCV cannot load this landmark model ({error.err})") from None
    return facemark
