"""The order of frames: by the numbers in their names, or refused."""

import random
from pathlib import Path

import pytest

from fernet.datasets.layouts.dataset_folder import DatasetFolder
from fernet.errors import UserError
from fernet.faces.frame_order import in_frame_order
from fernet.faces.frames import frame_files

ORDERS = [
    "frame1 frame2 frame10",
    "S005_001_00000002 S005_001_00000011",
    "S005-1 S005-2 S005-10",
    "frame-1 frame-2 frame-10",  # a hyphen in every name
    "a-1-2 a-1-10 a-2-1",
    "img img-1 img-2 img-10",
    "x x9 x9b x10",
    "001 01 1",
    "Frame1 frame2 Frame3",
    "t-2 t-1 t0 t1",
    "t-100 t-50 t0 t200",
    "-2 -1 0 1",
    "t_-2 t_-1 t_0",
    "t-2 t-1 t+0 t+1",
    "a-3 a-1 a1 a3",
    "\N{MINUS SIGN}2 \N{MINUS SIGN}1 0",
    "0.0 0.25 0.5 0.75 1.0",
    "0,0 0,25 0,5 0,75",
    "-0.5 -0.25 0.0 0.25 0.5",
    "1.1 1.2 1.9 1.10 1.11",  # 1.1 and 1.10 would be the same
    "1.8 1.9 1.10 1.11",  # equal steps
    "v1.2.3 v1.2.10",
    "f١ f٢ f١٠",
    "٠٫٠ ٠٫٢٥ ٠٫٥ ٠٫٧٥",
    "\uff11 \uff12 \uff11\uff10",
    "第三集_1 第三集_2 第三集_10",  # the numeral is the same in all names
    "1一 2二 3三",  # the digits decide
]


@pytest.mark.parametrize("order", ORDERS)
def test_order(order):
    names = order.split()
    paths = [Path("clip") / f"{name}.png" for name in names]
    for seed in range(3):
        shuffled = random.Random(seed).sample(paths, len(paths))
        assert [path.stem for path in in_frame_order(shuffled)] == names


@pytest.mark.parametrize(
    ("names", "words"),
    [("-1 -2 -3", "hyphen"), ("a1 a2 a-1 a-3", "hyphen"), ("1.8 1.9 1.10 2.0", "point"), ("0.25 0.5", "point")],
)
def test_two_orders_are_refused(tmp_path, names, words):
    (tmp_path / "clip").mkdir()
    for name in names.split():
        (tmp_path / "clip" / f"{name}.png").touch()
    with pytest.raises(UserError, match=f"clip: the order of the frames is not clear, since a {words}"):
        frame_files(tmp_path / "clip")
    folder = DatasetFolder(tmp_path)
    assert folder.images(tmp_path / "clip") == ()
    assert "not clear" in folder.skipped[0].reason


@pytest.mark.parametrize("names", ["第一 第二 第三", "f九 f十 f十一", "x x² x³", "a一2 a二1"])
def test_numerals_that_are_not_digits_are_refused(names):
    paths = [Path("clip") / f"{name}.png" for name in names.split()]
    words = r"the order of the frames is not clear, since the names hold numerals that are not digits, such as . \(is "
    with pytest.raises(UserError, match=words):
        in_frame_order(paths)


def test_frames_of_a_dataset_are_in_the_same_order(tmp_path):
    for name in ("t-2", "t-1", "t0", "t1"):
        (tmp_path / f"{name}.png").touch()
    assert DatasetFolder(tmp_path).images(tmp_path) == frame_files(tmp_path)
    assert [path.stem for path in frame_files(tmp_path)] == ["t-2", "t-1", "t0", "t1"]
