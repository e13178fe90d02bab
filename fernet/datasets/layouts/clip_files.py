"""Writing the files of procedural clips: text, images and videos below one folder."""

from pathlib import Path

import cv2
import numpy as np

from fernet.errors import UserError
from fernet.faces.opencv import opencv_path
from fernet.faces.video_file import open_video

_FRAME_RATE = 25


class ClipFiles:
    """Writes files below `root`; their names are relative to it, and their folders are created."""

    def __init__(self, root: Path, as_video: bool = True) -> None:
        """`as_video`: whether `clip` writes an mp4 file rather than a folder of png files."""
        self._root = root
        self._as_video = as_video

    def clip(self, path: Path, frames: np.ndarray) -> None:
        """Write grey frames (F, H, W) uint8 as the video or folder of images called `path`."""
        if self._as_video:
            self.video(path.with_name(f"{path.name}.mp4"), "mp4v", frames)
        else:
            for number, frame in enumerate(frames, start=1):
                self.image(path / f"frame{number:04d}.png", frame)

    def text(self, path: Path, text: str) -> None:
        """Write a text file."""
        self._place(path).write_text(text)

    def image(self, path: Path, frame: np.ndarray, colour: bool = False) -> None:
        """Write a grey frame (H, W) uint8 in the format of the name; `colour` stores three equal channels."""
        image = cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR) if colour else frame
        self._place(path).write_bytes(cv2.imencode(path.suffix, image)[1].tobytes())

    def video(self, path: Path, codec: str, *views: np.ndarray) -> None:
        """Write a video of one or more views side by side, each of grey frames (F, H, W) uint8.

        It is opened again to count the frames, since OpenCV does not report frames that it failed to write.
        """
        frames = np.concatenate(views, axis=2)
        _, height, width = frames.shape
        place = self._place(path)
        with opencv_path(place) as name:
            writer = cv2.VideoWriter(name, cv2.VideoWriter_fourcc(*codec), _FRAME_RATE, (width, height))
            for frame in frames:
                writer.write(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR))
            writer.release()
        with open_video(place) as video:
            written = int(video.get(cv2.CAP_PROP_FRAME_COUNT)) if video.isOpened() else 0
        if written != len(frames):
            raise UserError(
                f"{path.name}: only {written} of {len(frames)} frames were written as {codec} video: is the disk full? "
                "Otherwise this build of OpenCV cannot write it; the layouts of images still work (--format png)"
            )

    def _place(self, path: Path) -> Path:
        place = self._root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        return place
