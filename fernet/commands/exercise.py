"""`exercise`: backward passes to write, judged with the mistake named."""

import textwrap

import click

_WIDTH = 79
_NEXT = "python cli.py exercise"


@click.command()
@click.argument("name", required=False)
@click.argument("number", required=False, type=int)
@click.option("--check", is_flag=True, help="Judge your answer; the exit status is 1 if it is wrong.")
@click.option("--hint", is_flag=True, help="Print the next of four hints, each of which says more.")
@click.option(
    "--line",
    type=int,
    help="With `bugs NUMBER`: the line that you think is broken.  [default: none, the broken code is shown]",
)
def exercise(name: str | None, number: int | None, check: bool, hint: bool, line: int | None) -> int:
    """Write a backward pass yourself, and have your mistakes named.

    Without NAME, list the exercises. With NAME, write exercises/NAME.py: forward, the equation of the gradient, and an
    empty backward. `bugs` lists twelve broken backward passes of fernet's own source, `bugs NUMBER` shows one.
    """
    from fernet.errors import UserError
    from fernet.exercises.all_exercises import EXERCISES

    if name == "bugs":
        if check or hint:
            raise UserError(f"--check and --hint are for exercises; for a bug, {_NEXT} bugs NUMBER --line LINE")
        return _bugs(number, line)
    if number is not None or line is not None:
        raise UserError(f"a number and --line are for bugs: {_NEXT} bugs NUMBER --line LINE")
    if check and hint:
        raise UserError("--check and --hint are two requests: give one of them")
    if name is None:
        if check or hint:
            raise UserError(f"--check and --hint need the name of an exercise: one of {', '.join(EXERCISES)}")
        return _list()
    if name not in EXERCISES:
        raise UserError(f"no exercise is called {name!r}: choose one of {', '.join([*EXERCISES, 'bugs'])}")
    if check:
        return _check(EXERCISES[name])
    return _hint(EXERCISES[name]) if hint else _hand_out(EXERCISES[name])


def _list() -> int:
    from fernet.exercises.all_exercises import EXERCISES
    from fernet.exercises.answers import FOLDER, answer_file, hints_taken
    from fernet.exercises.judge import is_right

    taken = hints_taken()
    click.echo(f"{'lesson':<8}{'exercise':<17}{'':<43}{'state':<8}hints")
    solved = 0
    for one in EXERCISES.values():
        path = answer_file(one)
        state = ("solved" if is_right(one, path) else "begun") if path.is_file() else ""
        solved += state == "solved"
        hints = str(taken.get(one.name, ""))
        click.echo(f"{one.lesson:<8}{one.name:<17}{one.title:<43}{state:<8}{hints}".rstrip())
    click.echo(f"\n{solved} of {len(EXERCISES)} solved. The lessons are in docs/lessons, your answers in {FOLDER}.")
    click.echo(f"{_NEXT} NAME   writes the file to fill in")
    click.echo(f"{_NEXT} bugs   lists broken backward passes to be found")
    return 0


def _hand_out(one: "Exercise") -> int:  # noqa: F821 - imported below, to keep --help quick
    from fernet.exercises.answers import hand_out

    click.echo(f"{hand_out(one)}: {one.title} (lesson {one.lesson})")
    click.echo(f"Write backward, then: {_NEXT} {one.name} --check")
    click.echo(f"If you are stuck:     {_NEXT} {one.name} --hint")
    return 0


def _hint(one: "Exercise") -> int:  # noqa: F821
    from fernet.exercises.answers import hints_taken, next_hint

    again = hints_taken().get(one.name, 0) >= len(one.hints)
    number, text = next_hint(one)
    click.echo(f"hint {number} of {len(one.hints)}" + (", once more: there is no further hint" if again else ""))
    if number > 2:  # code
        click.echo("\n" + textwrap.indent(text, "    "))
    else:
        _paragraph(text)
    return 0


def _check(one: "Exercise") -> int:  # noqa: F821
    from fernet.errors import UserError
    from fernet.exercises.answers import answer_file
    from fernet.exercises.judge import Finding, errors, judge

    path = answer_file(one)
    if not path.is_file():
        raise UserError(f"{path} does not exist: {_NEXT} {one.name} writes it")
    found = judge(one, path)
    if not found:
        for name, values, error in errors(one, path):
            click.echo(f"{name:<9} right: {values} values, error {error:.1e} against central differences")
        click.echo(f"\n{one.name} is solved.")
        return 0
    named = set()
    for problem in found:
        if isinstance(problem, Finding):
            _finding(problem, one, again=problem.name in named)
            named.update({problem.name} - {None})
        else:
            for line in problem.split("\n"):
                _paragraph(line)
    return 1


def _finding(problem: "Finding", one: "Exercise", again: bool) -> None:  # noqa: F821
    click.echo(f"{problem.gradient:<9} {problem.where[0]}")
    for line in problem.where[1:]:
        _paragraph(line, " " * 10)
    if again:
        _paragraph("mistake: the same as above", " " * 10)
    elif problem.name:
        _paragraph(f"mistake: {problem.name} (lesson {one.lesson})", " " * 10)
    else:
        _paragraph(
            f"No single known mistake explains this. Compare your code with the equation, term by term (lesson "
            f"{one.lesson}), or take a hint.",
            " " * 10,
        )


def _bugs(number: int | None, line: int | None) -> int:
    from fernet.errors import UserError
    from fernet.exercises.bugs import BUGS, answer, shown

    if number is None:
        if line is not None:
            raise UserError(f"--line needs the number of a bug: {_NEXT} bugs NUMBER --line {line}")
        for count, bug in enumerate(BUGS, start=1):
            click.echo(f"{count:>3}  {bug.exercise:<17}{len(shown(bug)):>3} lines")
        click.echo("\nIn each, one line of forward or backward is broken.")
        click.echo(f"{_NEXT} bugs NUMBER   shows one")
        return 0
    if not 1 <= number <= len(BUGS):
        raise UserError(f"there is no bug {number}: choose one from 1 to {len(BUGS)}")
    bug = BUGS[number - 1]
    if line is None:
        for count, text in enumerate(shown(bug), start=1):
            click.echo(f"{count:>3}  {text}".rstrip())
        click.echo(f"\nWhich line is broken? {_NEXT} bugs {number} --line LINE")
        return 0
    if not 1 <= line <= len(shown(bug)):
        raise UserError(f"bug {number} has no line {line}: choose one from 1 to {len(shown(bug))}")
    reply = answer(bug, line)
    if not reply.found:
        click.echo(f"No: line {line} is as it should be." + (f"\n    {reply.line}" if reply.line else ""))
        click.echo(f"The mistake is further {reply.direction}.")
        return 1
    click.echo(f"Yes, line {line} is broken.\n    {reply.line}\nIt should be\n    {reply.was}")
    _paragraph(f"{reply.explanation}.")
    return 0


def _paragraph(text: str, indent: str = "") -> None:
    from fernet.commands.progress import visible

    click.echo(textwrap.fill(visible(text), _WIDTH, initial_indent=indent, subsequent_indent=indent))
