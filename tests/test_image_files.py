"""Image files as cameras and programs write them: several pictures, orientations, depths, damage."""

import os
import struct
import tempfile
import time
import zlib
from unittest.mock import Mock

import cv2
import numpy as np
import pytest

from fernet.errors import UserError
from fernet.faces import image_tiff
from fernet.faces.detection import FaceDetector, find_rotation
from fernet.faces.frames import iter_frames
from fernet.faces.image_exif import turned
from fernet.faces.image_file import check_gif, read_image, read_images
from fernet.faces.image_format import kind_of

animations = pytest.mark.skipif(not hasattr(cv2, "imdecodeanimation"), reason="this OpenCV reads no animations")


def picture(seed=0, shape=(48, 64)):
    small = np.random.default_rng(seed).integers(0, 256, (6, 8)).astype(np.uint8)
    return cv2.resize(small, shape[::-1], interpolation=cv2.INTER_LINEAR)


def encoded(image, suffix=".png", *options):
    return cv2.imencode(suffix, image, options)[1].tobytes()


def stored(tmp_path, name, data):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def exif(orientation, order="<"):
    head = b"II*\0" if order == "<" else b"MM\0*"
    entry = struct.pack(order + "HHIHH", 0x112, 3, 1, orientation, 0)
    return head + struct.pack(order + "IH", 8, 1) + entry + bytes(4)


def jpeg_segment(marker, data):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def png_chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def riff_chunk(name, data):
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def webp(*chunks):
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def extended_webp(image, flags, *more):
    size = struct.pack("<I", image.shape[1] - 1)[:3] + struct.pack("<I", image.shape[0] - 1)[:3]
    return webp(riff_chunk(b"VP8X", bytes([flags, 0, 0, 0]) + size), *more)


def animated_webp(images):
    """Lossless; each frame covers the whole picture."""
    chunks = [riff_chunk(b"ANIM", bytes(6))]
    for image in images:
        size = struct.pack("<I", image.shape[1] - 1)[:3] + struct.pack("<I", image.shape[0] - 1)[:3]
        still = encoded(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), ".webp", cv2.IMWRITE_WEBP_QUALITY, 101)
        still = still[still.index(b"VP8L") :]
        chunks.append(riff_chunk(b"ANMF", bytes(6) + size + struct.pack("<I", 100)[:3] + b"\2" + still))
    return extended_webp(images[0], 2, *chunks)


def animated_png(images):
    height, width = images[0].shape
    chunks = [png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))]
    chunks.append(png_chunk(b"acTL", struct.pack(">II", len(images), 0)))
    number = 0
    for index, image in enumerate(images):
        control = struct.pack(">IIIIIHHBB", number, width, height, 0, 0, 1, 10, 0, 0)
        rows = zlib.compress(b"".join(b"\0" + row.tobytes() for row in image))
        number += 1
        chunks.append(png_chunk(b"fcTL", control))
        if index:
            chunks.append(png_chunk(b"fdAT", struct.pack(">I", number) + rows))
            number += 1
        else:
            chunks.append(png_chunk(b"IDAT", rows))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + png_chunk(b"IEND", b"")


def tiff(image, **changes):
    """An uncompressed little-endian TIFF of one strip; `changes` are tags by number, as t284=2."""
    samples = image.shape[2] if image.ndim == 3 else 1
    data, bits = image.tobytes(), 8 * image.itemsize
    tags = {254: 0, 256: image.shape[1], 257: image.shape[0], 258: bits, 259: 1, 262: 2 if samples == 3 else 1}
    tags |= {273: 8, 277: samples, 278: image.shape[0], 279: len(data)}
    tags |= {int(name[1:]): value for name, value in changes.items()}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(tags)) + entries + bytes(4)


def gif(images=2, size=(8, 8)):
    """Pictures of one colour; the pixels do not matter here."""
    head = b"GIF89a" + struct.pack("<HH", *size) + b"\x80\0\0" + b"\0\0\0\xff\xff\xff"
    descriptor = b"\x2c" + struct.pack("<HHHH", 0, 0, *size) + b"\0"
    return head + (descriptor + b"\2\4\x84\x8f\x05\x00\0") * images + b"\x3b"


KINDS = {
    "JPEG": encoded(picture(), ".jpg"),
    "PNG": encoded(picture()),
    "WebP": encoded(picture(), ".webp"),
    "TIFF": encoded(picture(), ".tiff"),
    "BMP": encoded(picture(), ".bmp"),
    "PNM": encoded(picture(), ".pgm"),
    "GIF": gif(),
    "HEIC": struct.pack(">I", 24) + b"ftypmif1\0\0\0\0mif1heic",
    "AVIF": struct.pack(">I", 24) + b"ftypmif1\0\0\0\0mif1avif",
    "JPEG XL": b"\xff\x0a" + bytes(20),
    None: struct.pack(">I", 24) + b"ftypisom\0\0\2\0isomiso2",
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_bytes_name_the_format_whatever_the_suffix(tmp_path, kind):
    for name in ("a.png", "b.jfif", "c"):
        path = stored(tmp_path, name, KINDS[kind])
        assert kind_of(path) == kind
        if kind in ("JPEG", "PNG", "TIFF", "BMP", "PNM", "WebP"):
            np.testing.assert_allclose(read_image(path), picture(), atol=24)


@pytest.mark.parametrize("kind", ["HEIC", "AVIF", "JPEG XL"])
def test_formats_of_phones_are_refused_by_name(tmp_path, kind):
    with pytest.raises(UserError, match=rf"{kind}, .* save it as JPEG"):
        read_image(stored(tmp_path, "a.jpg", KINDS[kind]))


@animations
@pytest.mark.parametrize("animated", [animated_webp, animated_png])
def test_animations_are_clips(tmp_path, animated):
    images = [picture(seed) for seed in range(3)]
    path = stored(tmp_path, "a.webp", animated(images))
    frames = list(read_images(path))
    assert len(frames) == 3
    for frame, image in zip(frames, images, strict=True):
        np.testing.assert_allclose(frame, image, atol=1)
    with pytest.raises(UserError, match="with 3 pictures; expected one"):
        read_image(path)


def test_animations_are_refused_by_an_opencv_that_shows_the_first_picture_only(tmp_path, monkeypatch):
    monkeypatch.delattr(cv2, "imdecodeanimation", raising=False)
    path = stored(tmp_path, "a.webp", animated_webp([picture(0), picture(1)]))
    with pytest.raises(UserError, match=r"a WebP with 2 pictures, which OpenCV .* cannot read"):
        list(read_images(path))


def test_the_pages_of_a_tiff_are_a_clip(tmp_path):
    images, path = [picture(seed) for seed in range(4)], tmp_path / "a.tif"
    assert cv2.imwritemulti(str(path), images)
    np.testing.assert_array_equal(list(read_images(path)), images)
    with pytest.raises(UserError, match="a TIFF with 4 pictures"):
        read_image(path)


def test_a_pnm_with_several_pictures_is_refused(tmp_path):
    for image in (picture(), np.dstack([picture()] * 3), picture().astype(np.uint16) * 257):
        data = encoded(image, ".ppm" if image.ndim == 3 else ".pgm")
        read_image(stored(tmp_path, "a.pgm", data + b"\n"))
        with pytest.raises(UserError, match="a PNM with several pictures"):
            read_image(stored(tmp_path, "a.pgm", data + data))


def test_a_thumbnail_is_no_page(tmp_path):
    thumbnail, image = picture(1, (12, 16)), picture()
    small = tiff(thumbnail, t254=1)
    # The second directory follows the first; its places count from the start of the joined file.
    moved = tiff(image, t273=8 + len(small))
    joined = bytearray(small + moved)
    joined[len(small) - 4 : len(small)] = struct.pack("<I", len(small) + 8 + image.size)
    np.testing.assert_array_equal(read_image(stored(tmp_path, "a.tif", joined)), image)
    with pytest.raises(UserError, match="nothing but a thumbnail"):
        read_image(stored(tmp_path, "raw.nef", small))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_in_every_place_where_programs_store_it(tmp_path, orientation):
    image, right = picture(), turned(picture(), orientation)
    digits = exif(orientation).hex().encode()
    profile = b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n%8d\n" % (len(digits) // 2) + digits + b"\n")
    jpeg, png = encoded(image, ".jpg"), encoded(image)
    vp8 = encoded(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), ".webp", cv2.IMWRITE_WEBP_QUALITY, 101)[12:]
    versions = {
        "a.jfif": jpeg[:2] + jpeg_segment(0xE1, b"Exif\0\0" + exif(orientation)) + jpeg[2:],
        "big-endian": jpeg[:2] + jpeg_segment(0xE1, b"Exif\0\0" + exif(orientation, ">")) + jpeg[2:],
        "chunk.png": png[:33] + png_chunk(b"eXIf", exif(orientation)) + png[33:],
        "profile.png": png[:33] + png_chunk(b"zTXt", profile) + png[33:],
        "a.webp": extended_webp(image, 8, vp8, riff_chunk(b"EXIF", exif(orientation))),
        "prefix.webp": extended_webp(image, 8, vp8, riff_chunk(b"EXIF", b"Exif\0\0" + exif(orientation))),
        "a.tif": tiff(image, t274=orientation),
    }
    for name, data in versions.items():
        frame = read_image(stored(tmp_path, name, data))
        np.testing.assert_allclose(frame, right, atol=16 if b"JFIF" in data else 1, err_msg=name)


def test_all_orientations_of_exif():
    corner = np.array([[1, 2], [3, 4]], np.uint8)
    corners = [turned(corner, orientation)[0].tolist() for orientation in range(1, 9)]
    assert corners == [[1, 2], [2, 1], [4, 3], [3, 4], [1, 3], [3, 1], [4, 2], [2, 4]]


def test_a_jpeg_with_a_broken_scan_is_refused_and_one_with_stray_bytes_is_read(tmp_path, capfd):
    jpeg = encoded(np.random.default_rng(0).integers(0, 256, (96, 128)).astype(np.uint8), ".jpg")
    good, scan = read_image(stored(tmp_path, "a.jpg", jpeg)), jpeg.index(b"\xff\xda")
    damaged = {
        "zeros": jpeg[: scan + 900] + bytes(512) + jpeg[scan + 900 + 512 :],
        "missing": jpeg[: scan + 900] + jpeg[scan + 900 + 512 :],
        "other bytes": jpeg[: scan + 900] + b"\xff" * 512 + jpeg[scan + 900 + 512 :],
    }
    stray = jpeg.index(b"\xff\xdb")
    for name, data in damaged.items():
        for jpeg_before in (data, data[:stray] + b"abcde" + data[stray:]):
            with pytest.raises(UserError, match="a damaged JPEG"):
                print(name, read_image(stored(tmp_path, "damaged.jpg", jpeg_before)))
    readable = (jpeg[:stray] + b"abcde" + jpeg[stray:], jpeg[:stray] + b"\xff\xff\xff" + jpeg[stray:])
    for data in (*readable, jpeg[:-2] + bytes(40) + jpeg[-2:], jpeg + b"more"):
        np.testing.assert_array_equal(read_image(stored(tmp_path, "stray.jpg", data)), good)
    assert capfd.readouterr().err == ""


def test_images_are_read_where_standard_error_cannot_be_redirected(tmp_path, monkeypatch):
    path, none = stored(tmp_path, "a.png", KINDS["PNG"]), Mock(side_effect=OSError)
    for module, name in ((os, "dup"), (tempfile, "TemporaryFile")):
        monkeypatch.setattr(module, name, none)
        np.testing.assert_array_equal(read_image(path), picture())
        monkeypatch.undo()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "TIFF", "BMP", "PNM", "GIF"])
def test_files_that_are_cut_short(tmp_path, kind):
    for share in (0.5, 0.9):
        data = KINDS[kind][: int(share * len(KINDS[kind]))]
        words = r"cut short" if kind in ("JPEG", "PNG", "WebP", "TIFF", "GIF") else r"damaged"
        with pytest.raises(UserError, match=words):
            list(read_images(stored(tmp_path, "a", data)))


def test_a_tiff_whose_strips_lie_beyond_its_end(tmp_path):
    with pytest.raises(UserError, match="cut short"):
        read_image(stored(tmp_path, "a.tif", tiff(picture(), t273=1000)))


def test_gifs_are_checked_for_the_video_reader(tmp_path):
    check_gif(stored(tmp_path, "a.gif", gif()))
    check_gif(stored(tmp_path, "no-end.gif", gif()[:-1]))
    with pytest.raises(UserError, match="cut short"):
        check_gif(stored(tmp_path, "a.gif", gif()[:-4]))
    with pytest.raises(UserError, match="60000 x 60000"):
        check_gif(stored(tmp_path, "a.gif", gif(size=(60_000, 60_000))))


def test_a_tiff_in_planes_is_no_noise(tmp_path):
    colour = np.dstack([picture()] * 3).astype(np.uint16) * 257
    with pytest.raises(UserError, match="separate planes"):
        read_image(stored(tmp_path, "a.tif", tiff(colour, t284=2)))


@pytest.mark.parametrize("bits", [10, 12, 14, 16])
def test_the_depth_of_a_sensor_in_sixteen_bits(tmp_path, bits):
    image = (picture().astype(np.uint32) * (2**bits - 1) // 255).astype(np.uint16)
    np.testing.assert_allclose(read_image(stored(tmp_path, "a.png", encoded(image))), picture(), atol=1)


def test_a_dark_picture_of_a_clip_in_sixteen_bits_stays_dark(tmp_path):
    bright = picture().astype(np.uint16) * 257
    paths = [
        stored(tmp_path, f"{number}.png", encoded(image)) for number, image in enumerate([bright // 8, bright, bright])
    ]
    np.testing.assert_allclose(list(iter_frames(paths)), [picture() // 8, picture(), picture()], atol=1)
    stack = tmp_path / "stack.tif"
    assert cv2.imwritemulti(str(stack), [bright // 128, bright // 16])
    np.testing.assert_allclose(list(iter_frames(stack)), [picture() // 8, picture()], atol=1)


def test_clips_are_read_by_their_first_bytes(tmp_path):
    stack = tmp_path / "a.tif"
    assert cv2.imwritemulti(str(stack), [picture(0), picture(1)])
    assert len(list(iter_frames(stack.rename(tmp_path / "stack.avi")))) == 2
    (frame,) = iter_frames(stored(tmp_path, "photo.mp4", KINDS["JPEG"]))
    np.testing.assert_array_equal(frame, read_image(tmp_path / "photo.mp4"))
    for name, data, words in (("a.gif", gif()[:-4], "cut short"), ("photo", KINDS["HEIC"], "save it as JPEG")):
        with pytest.raises(UserError, match=words):
            list(iter_frames(stored(tmp_path, name, data)))


def test_photographs_that_cannot_be_read_are_not_left_out_of_a_clip(tmp_path):
    stored(tmp_path, "1.jpg", KINDS["JPEG"])
    for suffix in ("heic", "HEIF", "avif", "jxl"):
        path = stored(tmp_path, f"2.{suffix}", KINDS["HEIC"])
        with pytest.raises(UserError, match="HEIC"):
            list(iter_frames(tmp_path))
        path.unlink()


def test_sizes_are_checked_before_anything_is_decoded(tmp_path, monkeypatch):
    image, huge = picture(), struct.pack("<II", 50_000, 40_000)
    bmp, vp8x = bytearray(KINDS["BMP"]), extended_webp(image, 0, riff_chunk(b"VP8L", bytes(8)))
    bmp[18:26] = huge
    bombs = {
        "tiff": tiff(image, t256=50_000, t257=40_000),
        "tiles": tiff(image, t322=50_000, t323=40_000),
        "bmp": bytes(bmp),
        "pnm": b"P5\n# a comment\n50000 40000\n255\n" + bytes(100),
        "webp": vp8x.replace(struct.pack("<I", 63)[:3], b"\x4f\xc3\0").replace(
            struct.pack("<I", 47)[:3], b"\x3f\x9c\0"
        ),
    }
    monkeypatch.setattr(cv2, "imdecode", None)
    for name, data in bombs.items():
        with pytest.raises(UserError, match="50000 x 40000 pixels; expected at most"):
            print(name, read_image(stored(tmp_path, "a", data)))


def test_a_damaged_length_in_a_png_reserves_no_memory(tmp_path, monkeypatch):
    data = bytearray(KINDS["PNG"])
    data[33:37] = b"\x7f\xff\xff\xff"
    monkeypatch.setattr(cv2, "imdecode", None)
    with pytest.raises(UserError, match="a damaged PNG"):
        read_image(stored(tmp_path, "a.png", data))


def test_damage_in_an_animated_png(tmp_path):
    data = bytearray(animated_png([picture(0), picture(1)]))
    data[data.index(b"fdAT") + 40] ^= 1
    with pytest.raises(UserError, match="a damaged PNG"):
        list(read_images(stored(tmp_path, "a.png", data)))


def test_a_tiff_whose_directories_form_a_circle(tmp_path, monkeypatch):
    monkeypatch.setattr(image_tiff, "_MOST_PAGES", 1 << 20)
    data = tiff(picture())
    (start,) = struct.unpack("<I", data[4:8])
    began = time.perf_counter()
    with pytest.raises(UserError, match="cut short"):
        read_image(stored(tmp_path, "a.tif", data[:-4] + struct.pack("<I", start)))
    assert time.perf_counter() - began < 1


@pytest.mark.skipif(os.name == "nt", reason="no pipes with names")
def test_files_without_an_end_are_not_opened(tmp_path):
    pipe, zeros = tmp_path / "pipe.png", tmp_path / "zeros.png"
    os.mkfifo(pipe)
    zeros.symlink_to("/dev/zero")
    for path in (pipe, zeros):
        for reader in (kind_of, read_image, check_gif):
            with pytest.raises(UserError, match="a pipe or a device, which may have no end"):
                reader(path)


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="names are Unicode there")
def test_names_that_are_not_unicode(tmp_path):
    path = stored(tmp_path, os.fsdecode(b"\xe9\xff.png"), KINDS["PNG"])
    np.testing.assert_array_equal(read_image(path), picture())


@pytest.mark.parametrize("shape", [(5000, 1), (1, 5000), (30_000, 2), (20, 30_000)])
def test_strips_are_not_enlarged_without_a_bound(shape, monkeypatch):
    resize, largest = cv2.resize, []

    def counted(image, size, **options):
        largest.append(size[0] * size[1])
        assert largest[-1] < 4e6
        return resize(image, size, **options)

    monkeypatch.setattr(cv2, "resize", counted)
    detector, start = FaceDetector(), time.perf_counter()
    assert len(detector.search(np.full(shape, 120, np.uint8))) == 0
    assert find_rotation(np.full(shape, 120, np.uint8), detector) == 0
    assert time.perf_counter() - start < 5
