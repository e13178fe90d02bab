"""`gradcheck`: every hand-written gradient against central differences."""

import json
import textwrap
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import click

from fernet.commands.options import BACKEND
from fernet.gradcheck import DY

_WIDTH = 79


@click.command()
@click.option(
    "--layer", "name", help="Check only this layer, loss or network; an unknown name lists them.  [default: all]"
)
@click.option("--steps", is_flag=True, help="With --layer: the error for steps from 1 to 1e-12, in two precisions.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False),
    help="With --steps: also draw the curves, as FILE.svg.  [default: no drawing]",
)
@click.option(
    "--dy", type=click.Choice(DY), default=DY[0], show_default=True, help="With --layer: the gradient that arrives."
)
@click.option(
    "--scale",
    type=float,
    help="With --layer: another scale of a normalisation; cuda-convnet has 5e-5.  [default: one of order 1]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@BACKEND
def gradcheck(
    name: str | None, steps: bool, out: str | None, dy: str, scale: float | None, as_json: bool, backend: str
) -> int:
    """Check every backward pass in float64. The exit status is 1 if one fails.

    The error is the largest difference between the hand-written gradient and a central difference, divided by the
    largest gradient of that array. With --dy ones or another --scale, the mistakes that such a check would accept are
    listed.
    """
    from fernet.backend import choose
    from fernet.errors import UserError
    from fernet.gradcheck_cases import case_names, check_case

    if name is None and (steps or dy != DY[0] or scale is not None):
        raise UserError("--steps, --dy and --scale are for one layer: name it with --layer")
    if out is not None and not steps:
        raise UserError("--out is for the curves: add --steps")
    if out is not None and Path(out).suffix.lower() != ".svg":
        raise UserError(f"--out is {out}: expected a name that ends in .svg")
    if name is not None:
        check_case(name, dy, scale)
    library = choose(backend)
    if steps:
        return _curves(name, library, dy, scale, out, as_json)
    results = []
    if not as_json:
        click.echo(f"{'layer':<24}{'array':<16}{'values':>8}{'kinks':>7}{'error':>11}{'tolerance':>11}")
    for case in [name] if name else case_names():
        results += _check(case, library, dy, scale, quiet=as_json)
    failed = sum(not result.passed for result in results)
    if as_json:
        click.echo(json.dumps([{**asdict(result), "passed": result.passed} for result in results], indent=2))
    else:
        if any(result.kinks for result in results):
            click.echo(
                "\nkinks: values at which the small step changed the sign of a ReLU's input or the maximum of a pooling"
            )
            click.echo(
                "window; no gradient exists to compare with, so they are left out (at most a fifth of an array)."
            )
        click.echo(f"\n{len(results)} gradients checked, {failed} failed")
        _hidden(name, dy, scale)
    return 1 if failed else 0


def _check(case: str, library: ModuleType, dy: str, scale: float | None, quiet: bool) -> list["Result"]:  # noqa: F821
    from fernet.gradcheck_cases import run_case

    results = run_case(case, library, dy, scale)
    for result in results if not quiet else ():
        verdict = "pass" if result.passed else "FAIL"
        click.echo(
            f"{result.subject:<24}{result.array:<16}{result.coordinates:>8}{result.kinks:>7}"
            f"{result.error:>11.1e}{result.tolerance:>11.0e}  {verdict}"
        )
    return results


def _curves(name: str, library: ModuleType, dy: str, scale: float | None, out: str | None, as_json: bool) -> int:
    from fernet.files import write_text
    from fernet.step_sizes.chart import svg
    from fernet.step_sizes.curves import case_curves
    from fernet.step_sizes.words import is_wrong, sentences

    curves = case_curves(name, library, dy, scale, *(() if as_json else (_row,)))
    if as_json:
        click.echo(json.dumps(dict(zip(("float64", "float32"), map(asdict, curves), strict=True)), indent=2))
    else:
        for words in sentences(*curves):
            click.echo()
            click.echo(textwrap.fill(words, _WIDTH))
        _hidden(name, dy, scale)
    if out is not None:
        write_text(Path(out), svg(*curves))
        if not as_json:
            click.echo(f"\nthe curves are in {out}")
    return 1 if is_wrong(curves[0]) else 0


def _row(float64: "Curve", float32: "Curve") -> None:  # noqa: F821
    """The last points of two curves; above the first ones, the heading."""
    from fernet.step_sizes.words import slope

    kinks = float64.points[0].kinks > 0  # a smaller step crosses no more of them
    if len(float64.points) == 1:
        click.echo(f"{float64.subject}: {float64.moved} of its {float64.values} values are moved by h and by -h\n")
        head = f"{'h':>7}{'float64':>11}{'slope':>7}{'float32':>12}{'kinks':>8}"
        click.echo(head + f"{'float64 with them':>20}" * kinks)
    exponent = slope(*float64.points[-2:]) if len(float64.points) > 1 else None
    cells = [f"{float64.points[-1].step:>7.0e}", f"{_error(float64):>11}"]
    cells += [f"{'' if exponent is None else f'{exponent:.1f}':>7}", f"{_error(float32):>12}"]
    line = "".join([*cells, f"{float64.points[-1].kinks:>8}"])
    click.echo(line + f"{float64.points[-1].with_kinks:>20.1e}" * kinks)


def _error(curve: "Curve") -> str:  # noqa: F821
    error = curve.points[-1].error
    return "-" if error is None else f"{error:.1e}"


def _hidden(name: str | None, dy: str, scale: float | None) -> None:
    """Say which mistakes a check with this dy and scale does not notice."""
    from fernet.step_sizes.hidden import accepts, seeded

    if name is None or (dy == DY[0] and scale is None):
        return
    mistakes = seeded(name)
    if not mistakes:
        return
    hidden = [mistake.named for mistake in mistakes if accepts(name, mistake, dy, scale)]
    words = f"The usual check of {name} rejects {len(mistakes)} typical mistakes of its backward pass. "
    end = ":" if hidden else "."
    click.echo("\n" + textwrap.fill(f"{words}This one accepts {len(hidden)} of them as right{end}", _WIDTH))
    for mistake in hidden:
        click.echo(f"- {mistake}")
