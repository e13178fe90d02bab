"""Every message that the package can show a user, collected from its source code."""

import ast
from collections import defaultdict, deque
from collections.abc import Iterator
from pathlib import Path

from message_text import name_of, normal, placeholder, readable, says_something

PACKAGE = Path(__file__).parents[1] / "fernet"
_RAISED = {"UserError", "KeyboardInterrupt", "ValueError", "UsageError", "BadParameter", "ClickException"}
_FIELDS = {"fault", "reason", "note", "notes", "message", "failures"}  # fields of dataclasses that hold messages
_FARTHEST = 16  # steps from the place that shows a text to the text: functions of one name make longer ways by chance
_CHILDREN = {  # the parts of an expression that can become its text; of others, all
    ast.Subscript: ["value"],
    ast.IfExp: ["body", "orelse"],
    ast.Dict: ["values"],
    ast.Compare: [],
    ast.comprehension: [],
}

Place = tuple[ast.AST, ast.FunctionDef | None, bool]  # an expression, the function around it, whether it fills a hole


class Source:
    """The syntax trees of the package, and where a name in them gets its values."""

    def __init__(self, package: Path) -> None:
        self.trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(package.rglob("*.py"))}
        self.functions: dict[str, list[ast.FunctionDef]] = defaultdict(list)
        self.classes: dict[str, ast.ClassDef] = {}
        self.calls: dict[str, list[ast.Call]] = defaultdict(list)
        self.function_of: dict[ast.AST, ast.FunctionDef] = {}  # the innermost one around a node
        self.path_of: dict[ast.AST, Path] = {}
        self.constants: dict[tuple[Path | None, str], ast.expr] = {}  # of a module; of any module under (None, name)
        for path, tree in self.trees.items():
            for node in ast.walk(tree):
                self._enter(node, path)
            for node in tree.body:
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    name = node.targets[0].id
                    self.constants[path, name] = self.constants[None, name] = node.value
        self.errors = set(_RAISED)
        for _ in range(3):  # subclasses, and theirs
            self.errors |= {c.name for c in self.classes.values() if self.errors & {name_of(base) for base in c.bases}}

    def _enter(self, node: ast.AST, path: Path) -> None:
        self.path_of[node] = path
        if isinstance(node, ast.FunctionDef):
            self.functions[node.name].append(node)
            self.function_of.update(dict.fromkeys(ast.walk(node), node))
        elif isinstance(node, ast.ClassDef):
            self.classes[node.name] = node
        elif isinstance(node, ast.Call):
            self.calls[name_of(node.func)].append(node)

    def constant(self, node: ast.AST) -> ast.expr | None:
        """The value of a module's constant that `node` names."""
        if not isinstance(node, ast.Name):
            return None
        return self.constants.get((self.path_of[node], node.id), self.constants.get((None, node.id)))

    def values_of_name(self, node: ast.Name, function: ast.FunctionDef | None) -> Iterator[ast.expr]:
        """What is assigned to a local variable or a constant, or passed as a parameter."""
        known = False
        for target, value in _assignments(function) if function else ():
            if any(isinstance(part, ast.Name) and part.id == node.id for part in ast.walk(target)):
                known = True
                yield value
        if function and node.id in (parameters := [argument.arg for argument in function.args.args]):
            at = parameters.index(node.id) - (parameters[0] == "self")
            for call in self.calls[function.name]:
                yield from _argument(call, at, node.id)
        elif not known and (constant := self.constant(node)):
            yield constant

    def values_of_field(self, name: str) -> Iterator[ast.expr]:
        """What is passed for the field `name` of the dataclasses."""
        for owner in self.classes.values():
            lines = [line for line in owner.body if isinstance(line, ast.AnnAssign)]
            fields = [name_of(line.target) for line in lines]
            if name in fields:
                for call in self.calls[owner.name]:
                    yield from _argument(call, fields.index(name), name)

    def results(self, name: str) -> Iterator[ast.expr]:
        """What the functions of this name return or yield."""
        for function in self.functions.get(name, ()):
            for node in ast.walk(function):
                if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
                    yield node.value

    def text(self, node: ast.AST) -> str:
        """A string with a placeholder, such as FILE, for every part that varies."""
        if isinstance(node, ast.JoinedStr):
            return "".join(map(self.text, node.values))
        if isinstance(node, ast.FormattedValue):
            constant = self.constant(node.value)
            return constant.value if _is_text(constant) else f"\0{placeholder(node.value)}\0"
        return node.value.replace("{}", "\0NAME\0") if _is_text(node) else "\0VALUE\0"


def user_messages(package: Path = PACKAGE) -> dict[str, str]:
    """Messages with a placeholder for what varies, each with the first place, `path:line`, where it stands."""
    source = Source(package)
    found: dict[str, tuple[str, str]] = {}
    seen: set[tuple[ast.AST, bool]] = set()
    nodes = [node for tree in source.trees.values() for node in ast.walk(tree)]
    todo = deque((place, 0) for node in nodes for place in _shown(node, source))
    while todo:
        (node, function, inside), steps = todo.popleft()
        if (node, inside) in seen or steps > _FARTHEST:
            continue
        seen.add((node, inside))
        text = readable(source.text(node)) if isinstance(node, ast.Constant | ast.JoinedStr) else ""
        if says_something(text, inside):
            path = source.path_of[node].relative_to(package.parent).as_posix()
            found.setdefault(normal(text), (text, f"{path}:{node.lineno}"))
        todo += [(place, steps + 1) for place in _next(node, function, inside, source)]
    return dict(found.values())


def _shown(node: ast.AST, source: Source) -> list[Place]:
    """The expressions in `node` that are shown to the user as a message."""
    shown: list[ast.expr] = []
    if isinstance(node, ast.Raise):
        raised = [node.exc.body, node.exc.orelse] if isinstance(node.exc, ast.IfExp) else [node.exc]
        calls = [call for call in raised if isinstance(call, ast.Call)]
        shown = [call for call in calls if name_of(call.func) in source.errors | set(source.functions)]
    elif isinstance(node, ast.Call) and node.args:
        name, keywords = name_of(node.func), {keyword.arg for keyword in node.keywords}
        is_remark = source.text(node.args[0]).lstrip().startswith(("note: ", "no figures: "))
        on_standard_error = name in ("echo", "print") and keywords & {"err", "file"}
        if name in ("note", "complain", "fail", "_fail") or on_standard_error or (name == "echo" and is_remark):
            shown = node.args[:1]
        elif name in ("skip", "Skipped"):
            shown = node.args[1:2]
    return [(expression, source.function_of.get(node), False) for expression in shown]


def _next(node: ast.AST, function: ast.FunctionDef | None, inside: bool, source: Source) -> list[Place]:
    """Where the text of an expression comes from, and what fills its holes."""
    if isinstance(node, ast.Name):
        return [(value, source.function_of.get(value), inside) for value in source.values_of_name(node, function)]
    if isinstance(node, ast.Attribute):
        values = source.values_of_field(node.attr) if node.attr in _FIELDS else ()
        return [(value, source.function_of.get(value), inside) for value in values]
    if isinstance(node, ast.Call):
        name = name_of(node.func)
        if name in source.functions:
            return [(value, source.function_of[value], inside) for value in source.results(name)]
        owner = [node.func.value] if name in ("format", "get", "items", "join", "removeprefix", "values") else []
        return [(value, function, inside) for value in [*node.args, *owner] if name not in ("len", "enumerate")]
    if isinstance(node, ast.FormattedValue):
        return [] if source.constant(node.value) else [(node.value, function, True)]
    children = _CHILDREN.get(type(node), () if isinstance(getattr(node, "op", None), ast.Div) else node._fields)
    values = [getattr(node, name) for name in children]
    nodes = [one for value in values for one in (value if isinstance(value, list) else [value])]
    pieces = ast.Constant if isinstance(node, ast.JoinedStr) else ()
    return [(one, function, inside) for one in nodes if isinstance(one, ast.AST) and not isinstance(one, pieces)]


def _is_text(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _assignments(function: ast.FunctionDef) -> Iterator[tuple[ast.AST, ast.expr]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            yield from ((target, node.value) for target in node.targets)
        elif isinstance(node, ast.NamedExpr | ast.AugAssign):
            yield node.target, node.value
        elif isinstance(node, ast.For | ast.comprehension):
            yield node.target, node.iter
        elif isinstance(node, ast.Call) and name_of(node.func) in ("append", "extend") and node.args:
            yield node.func.value, node.args[0]


def _argument(call: ast.Call, at: int, name: str) -> Iterator[ast.expr]:
    if 0 <= at < len(call.args):
        yield call.args[at]
    yield from (keyword.value for keyword in call.keywords if keyword.arg == name)
