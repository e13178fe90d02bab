"""docs/troubleshooting.md and the messages of the package: each has all that the other has."""

import re
from pathlib import Path

import pytest
from message_text import PLACEHOLDERS, normal
from user_messages import user_messages

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "troubleshooting.md"
WORDS_WITHIN = {  # texts that are put into a message and say nothing without it
    "N clips of the class NAME",
    "NAME. (lesson VALUE)",
    "VALUE: VALUE after VALUE s VALUE",
    "a whole number from N to N",
    "an image or a video",
    "and N more, named in the file",
    "expected one of",
    "fernet: VALUE",
}
OF_CLICK = ("No such option", "No such command", "Missing argument", "Invalid value for ")  # not in the package


def messages_of(page: str) -> list[str]:
    """The messages in the first column of the page's tables."""
    cells = re.findall(r"^\| ((?:• )?`.*?`) \|", page, re.MULTILINE)
    spans = [span.removeprefix("• ") for cell in cells for span in cell.split("<br>")]
    return [re.sub(r"^(`+)( ?)(.*)\2\1$", r"\3", span) for span in spans]


def covers(listed: str, message: str) -> bool:
    """Whether a message of the page is this one, or with … at its end the beginning of this one."""
    listed, message = normal(listed), normal(message)
    return message.startswith(listed[:-1].rstrip(" \0")) if listed.endswith("…") else message == listed


def matches(listed: str, printed: str) -> bool:
    """Whether a line that a command printed is this message of the page."""
    pattern = re.escape(normal(listed)).replace("\0", ".*").replace("\\ …", ".*")
    return re.fullmatch(pattern, printed, re.DOTALL) is not None


@pytest.fixture(scope="module")
def listed():
    return messages_of(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def in_code():
    within = {normal(text) for text in WORDS_WITHIN}
    return {text: place for text, place in user_messages().items() if normal(text) not in within}


def test_the_page_lists_every_message(listed, in_code):
    missing = {text: place for text, place in in_code.items() if not any(covers(one, text) for one in listed)}
    rows = "\n".join(f"| `{text}` | (what it means and what to do) |   {place}" for text, place in missing.items())
    assert not missing, f"add to the tables of docs/troubleshooting.md, or beside a message of the same cause:\n{rows}"


def test_every_message_of_the_page_is_in_the_code(listed, in_code):
    own = [one for one in listed if not one.startswith(OF_CLICK)]
    gone = [one for one in own if not any(covers(one, text) for text in in_code)]
    assert not gone, "no code has these messages; delete them from docs/troubleshooting.md:\n" + "\n".join(gone)


def test_the_page_lists_each_message_once(listed):
    keys = [normal(one) for one in listed]
    assert not [one for one in listed if keys.count(normal(one)) > 1]
    assert not [one for one in listed if len(re.sub(r"[^a-z]", "", one)) < 7], "too short to be found by a search"


def test_the_contents_lead_to_the_headings():
    page = PAGE.read_text(encoding="utf-8")
    anchors = {
        re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-") for line in re.findall("^#+ (.*)$", page, re.M)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= anchors
    assert all((PAGE.parent / name).is_file() for name in re.findall(r"\]\(([^#)]+)\)", page))
    assert "(docs/troubleshooting.md)" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_messages_are_found_where_they_are_composed(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "code.py").write_text(
        """
_ADVICE = "copy it again"
class _Odd(UserError): pass
class Header:
    size: int
    fault: str = ""
def check(path, header, flag):
    if flag:
        raise UserError(f"{path}: not an image; {_ADVICE}")
    if header.fault:
        raise UserError(f"{path}: {header.fault}")
    raise _worse(path, "the sky is too grey") if flag else _Odd("an odd thing " + "happened")
def header():
    return Header(3, fault="a picture without any colours")
def _worse(path, why):
    return UserError(f"{path} is worse, since {why}; {_way_on(path)}")
def _way_on(path):
    return f"try {path} again, but more slowly" if path else "there is no way on"
def unseen():
    return "nobody is ever shown this sentence"
def tell(progress, folder, error):
    text = f"{len(folder)} clips of {folder} are left out ({error})"
    progress.note(text)
    texts = []
    texts.append("the last remark in a list")
    for one in texts:
        progress.note(one)
    folder.skip(folder, "a row of wrong length")
""",
        encoding="utf-8",
    )
    assert sorted(user_messages(package)) == [
        "FILE is worse, since REASON; FILE",
        "FILE: not an image; copy it again",
        "N clips of FOLDER are left out (REASON)",
        "a picture without any colours",
        "a row of wrong length",
        "an odd thing",
        "the last remark in a list",
        "the sky is too grey",
        "there is no way on",
        "try FILE again, but more slowly",
    ]


@pytest.mark.parametrize(
    ("page", "line", "same"),
    [
        ("FILE: no such file", "REASON: no such file", True),
        ("FILE: no such file", "FILE: no such folder", False),
        ("N of N tasks failed, …", "N of N tasks failed, the others are saved", True),
        ("N of N tasks failed", "N of N tasks failed, the others are saved", False),
    ],
)
def test_covers(page, line, same):
    assert covers(page, line) == same


def _heic(folder: Path) -> Path:
    path = folder / "photo.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64))
    return path


def _clips_of_one_class(folder: Path) -> Path:
    (folder / "clips" / "joy").mkdir(parents=True)
    (folder / "clips" / "joy" / "ann__1.mp4").touch()
    return folder / "clips"


def _list_without_header(folder: Path) -> Path:
    (folder / "list.csv").write_text("a.mp4,joy,ann\n", encoding="utf-8")
    return folder / "list.csv"


RUNS = [
    ("no such file or folder", lambda folder: ["info", folder / "nothing"]),
    ("two classes are needed", lambda folder: ["info", folder]),
    ("two classes are needed", lambda folder: ["info", _clips_of_one_class(folder)]),
    ("the first line must name", lambda folder: ["info", _list_without_header(folder)]),
    ("does not read reliably", lambda folder: ["overlay", _heic(folder), "--out", folder / "out.png"]),
    ("expected a name that ends in", lambda folder: ["overlay", _heic(folder), "--out", folder / "out.txt"]),
    ("it must end in S<classes>", lambda folder: ["summary", "D1176-FC100"]),
    ("network", lambda folder: ["summary", "D1176-X100-S7"]),
    ("holds no run", lambda folder: ["train", "--resume", folder]),
    ("holds no cross-validation", lambda folder: ["report", folder]),
    ("an empty argument", lambda folder: ["info", ""]),
    ("no layer is called", lambda folder: ["gradcheck", "--layer", "nothing"]),
    ("does not exist", lambda folder: ["predict", folder / "model.npz", _heic(folder)]),
    ("No such option", lambda folder: ["train", "--nothing"]),
    ("Missing argument", lambda folder: ["predict"]),
    ("Invalid value", lambda folder: ["train", "--folds", "many"]),
    ("No such command", lambda folder: ["nothing"]),
]


@pytest.mark.parametrize(("words", "arguments"), RUNS, ids=[f"{words} {i}" for i, (words, _) in enumerate(RUNS)])
def test_what_commands_print_is_on_the_page(words, arguments, tmp_path, command, listed):
    status, _, printed = command(*arguments(tmp_path))
    line = re.split(r"^(?:fernet|Error): ", printed.rstrip(), flags=re.MULTILINE)[-1]
    assert status == 2
    assert any(words in one and matches(one, line) for one in listed), f"not on the page: {line}"
    assert not any(word in line.split() for word in PLACEHOLDERS), "a command printed a placeholder"
