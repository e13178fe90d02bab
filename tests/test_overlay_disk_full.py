"""An overlay that does not fit on the disk is an error, and the file that was there before stays."""

import subprocess
import sys

import cv2
import numpy as np
import pytest

from fernet.synthetic import clip_specs, render_clip

pytest.importorskip("resource", reason="limits the size of files with it")

SCRIPT = """
import resource, sys
from fernet.commands import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
main(["overlay", *sys.argv[2:]])
"""


@pytest.mark.parametrize("limit", [0, 5_000, 60_000])
def test_a_video_that_does_not_fit(tmp_path, limit):
    video = cv2.VideoWriter(str(tmp_path / "clip.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 25, (160, 160))
    for frame in render_clip(clip_specs("demo")[0], 160).frames:
        video.write(np.dstack([frame] * 3))
    video.release()
    out = tmp_path / "out.mp4"
    out.write_bytes(b"the older file")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(limit), tmp_path / "clip.avi", "--out", out],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(f"fernet: {out}: ")
    assert "is the disk full?" in last
    assert out.read_bytes() == b"the older file"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.avi", "out.mp4"]
    assert done.stdout == ""
