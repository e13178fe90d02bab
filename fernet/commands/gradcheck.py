"""`gradcheck`: every hand-written gradient against central differences."""

import json
from dataclasses import asdict

import click

from fernet.commands.options import BACKEND


@click.command()
@click.option("--layer", "name", help="Check only this layer, loss or network; an unknown name lists them.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@BACKEND
def gradcheck(name: str | None, as_json: bool, backend: str) -> int:
    """Check every backward pass in float64. The exit status is 1 if one fails.

    The error is the largest difference between the hand-written gradient and a central difference, divided by the
    largest gradient of that array.
    """
    from fernet.backend import choose
    from fernet.errors import UserError
    from fernet.gradcheck_cases import case_names, run_case

    if name is not None and name not in case_names():
        raise UserError(f"no layer is called {name!r}: choose one of {', '.join(case_names())}")
    library = choose(backend)
    results = []
    if not as_json:
        click.echo(f"{'layer':<24}{'array':<16}{'values':>8}{'kinks':>7}{'error':>11}{'tolerance':>11}")
    for case in [name] if name else case_names():
        for result in run_case(case, library):
            results.append(result)
            if not as_json:
                verdict = "pass" if result.passed else "FAIL"
                click.echo(
                    f"{result.subject:<24}{result.array:<16}{result.coordinates:>8}{result.kinks:>7}"
                    f"{result.error:>11.1e}{result.tolerance:>11.0e}  {verdict}"
                )
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
    return 1 if failed else 0
