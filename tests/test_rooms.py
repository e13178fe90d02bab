"""The order of the package's rooms: a module imports from its own room and from those above it in the list, and there
are no circles of imports."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import fernet

ROOMS = [
    *("errors", "files", "csv_text", "user_folders", "array_file", "json_settings"),
    *("progress", "threads", "gpu_faults", "backend"),
    *("faces", "clips", "synthetic", "datasets", "inputs"),
    *("layers", "losses", "sgd", "gradcheck", "fast", "networks", "gradcheck_cases", "exercises", "step_sizes"),
    *("evaluation", "training", "experiments", "reporting", "explain", "commands"),
]  # from the top down
ROOT = Path(fernet.__file__).parent


def modules():
    """Dotted name below fernet, and file, of every module; a package is named after its folder."""
    for file in sorted(ROOT.rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), file


def imports(file, known):
    """Modules of fernet that the file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name == "fernet" or name.startswith("fernet."):
                below = name.removeprefix("fernet").removeprefix(".")
                yield below if below in known else below.rpartition(".")[0]


def graph():
    files = dict(modules())
    return {name: {one for one in imports(file, files) if one not in ("", name)} for name, file in files.items()}


def test_every_room_has_its_place():
    assert {name.partition(".")[0] for name, _ in modules()} - {""} <= set(ROOMS)


def test_no_module_imports_from_a_room_further_down():
    order = {room: place for place, room in enumerate(ROOMS)}
    upward = [
        f"{name} imports {one}"
        for name, imported in graph().items()
        for one in imported
        if name and order[one.partition(".")[0]] > order[name.partition(".")[0]]
    ]
    assert upward == []


def test_there_are_no_circles():
    """Imports inside functions count as well. A package imports its own modules, which is not a circle."""
    links = {name: {one for one in imported if not name.startswith(f"{one}.")} for name, imported in graph().items()}
    try:
        TopologicalSorter(links).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def test_the_files_that_teach_know_of_nothing_but_mathematics():
    files = [*sorted((ROOT / "layers").glob("*.py")), ROOT / "losses.py", ROOT / "sgd.py"]
    for file in files:
        names = {node.id for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Name)}
        assert not names & {"isinstance", "os", "environ"}, file
        assert {one.partition(".")[0] for one in imports(file, dict(modules()))} <= {"layers", "backend", "errors"}, (
            file
        )
