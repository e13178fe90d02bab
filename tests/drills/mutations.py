"""Damage to a file, drawn at random."""

import io
import re
import struct
import zipfile

_NASTY = (
    b"", b"0", b"-1", b"2147483648", b"99999999999999999999", b"1e999", b"nan", b"1e38", b"null", b"true", b"{}", b"[]",
    b'"\\ud800"', b'"\\u001b[2J"', b"=1+1", b"\x1b]0;x\x07", b"\xff\xfe", b"\0", b"../../x", b"/dev/zero", b"9" * 5000,
)  # fmt: skip
_HEADERS = (
    b"{'descr': '|O', 'fortran_order': False, 'shape': (3,), }",
    b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }",
    b"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
    b"{'descr': '<f4', 'fortran_order': 7, 'shape': 3}",
    b"{'descr': [('a', '<f4', (1000000000,))], 'fortran_order': False, 'shape': (1,), }",
    b"(" * 3000,
    b"{'descr': '<f4', 'fortran_order': False, 'shape': (" + b"9" * 5000 + b",), }",
)


def mutated(content, rng):
    """(what was done, the damaged bytes)."""
    ways = [_flip, _truncate, _cut_out, _repeat, _overwrite, _insert]
    if content[:1] in b"{[":
        ways += [_deep, _token, _token, _token]
    elif content[:2] == b"PK":
        ways += [_zip_header, _zip_header, _npy_header, _description, _description]
    elif b"\0" not in content[:1000]:
        ways += [_token, _token, _column, _line]
    way = ways[rng.integers(len(ways))]
    return way.__name__.strip("_"), way(content, rng)


def _place(content, rng):
    return int(rng.integers(max(1, len(content))))


def _flip(content, rng):
    data = bytearray(content)
    for _ in range(rng.integers(1, 4)):
        data[_place(data, rng)] ^= 1 << int(rng.integers(8))
    return bytes(data)


def _truncate(content, rng):
    return content[: _place(content, rng)]


def _cut_out(content, rng):
    first = _place(content, rng)
    return content[:first] + content[first + int(rng.integers(1, 200)) :]


def _repeat(content, rng):
    first = _place(content, rng)
    return content[:first] + content[first : first + 300] * int(rng.integers(2, 50)) + content[first:]


def _overwrite(content, rng):
    first, count = _place(content, rng), int(rng.integers(1, 64))
    return content[:first] + rng.bytes(count) + content[first + count :]


def _insert(content, rng):
    first = _place(content, rng)
    return content[:first] + _NASTY[rng.integers(len(_NASTY))] + content[first:]


def _deep(content, rng):
    values = list(re.finditer(rb'(?<=[:,\[]) *("[^"]*"|[\w.+-]+)', content))
    begin, end = values[rng.integers(len(values))].span() if values else (0, len(content))
    levels = int(rng.choice([60, 300, 900, 1100, 100_000]))
    first, last = ((b"[", b"]"), (b'{"a":', b"}"))[rng.integers(2)]
    return content[:begin] + first * levels + b"1" + last * levels + content[end:]


def _token(content, rng):
    """Another value in the place of a number or word."""
    words = list(re.finditer(rb'"[^"\n]*"|[\w.+-]+', content))
    if not words:
        return _NASTY[rng.integers(len(_NASTY))]
    begin, end = words[rng.integers(len(words))].span()
    return content[:begin] + _NASTY[rng.integers(len(_NASTY))] + content[end:]


def _column(content, rng):
    lines = content.split(b"\n")
    column = int(rng.integers(lines[0].count(b",") + 1))
    cells = [line.split(b",") for line in lines]
    return b"\n".join(b",".join(row[:column] + row[column + 1 :]) for row in cells)


def _line(content, rng):
    lines = content.split(b"\n")
    number = int(rng.integers(len(lines)))
    return b"\n".join(lines[:number] + lines[number + 1 :] if rng.integers(2) else lines[: number + 1] + lines[number:])


def _zip_header(content, rng):
    """A bit in one of the headers of a zip file."""
    places = [found.start() for found in re.finditer(rb"PK(\x01\x02|\x03\x04|\x05\x06)", content)]
    data = bytearray(content)
    data[min(places[rng.integers(len(places))] + int(rng.integers(46)), len(data) - 1)] ^= 1 << int(rng.integers(8))
    return bytes(data)


def _npy_header(content, rng):
    """The header of an array in a zip file, with a correct checksum."""
    text = _HEADERS[rng.integers(len(_HEADERS))]
    header = b"\x93NUMPY" + bytes([int(rng.integers(1, 4)), 0]) + struct.pack("<H", min(len(text), 65535)) + text

    def change(name, old):
        return header + old[128:]

    return _rezipped(content, rng, change, ".npy")


def _description(content, rng):
    return _rezipped(content, rng, lambda _, old: (_token, _token, _deep)[rng.integers(3)](old, rng), ".json")


def _rezipped(content, rng, change, suffix):
    """The zip file with one member changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        names = [name for name in before.namelist() if name.endswith(suffix)]
        chosen = names[rng.integers(len(names))]
        for name in before.namelist():
            old = before.read(name)
            after.writestr(name, change(name, old) if name == chosen else old)
    return out.getvalue()
