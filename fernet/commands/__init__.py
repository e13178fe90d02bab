"""The command line: parse, call one function, print. Heavy imports are inside the commands."""

import errno
import io
import os
import sys
import traceback
from contextlib import suppress

import click

from fernet.errors import UserError
from fernet.gpu_faults import gpu_faults_as_user_errors

COMMANDS = (
    "train",
    "crossval",
    "figure",
    "report",
    "tensorboard",
    "reproduce",
    "predict",
    "evaluate",
    "explain",
    "summary",
    "gradcheck",
    "exercise",
    "synth",
    "info",
    "landmarks",
    "prepare",
    "overlay",
)
BAD_INPUT, INTERRUPTED = 2, 130


class _LazyCommands(click.Group):
    """Imports a command's module only when it is needed, so that --help is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        from importlib import import_module

        command = getattr(import_module(f"fernet.commands.{name}"), name)
        if not any(parameter.name == "debug" for parameter in command.params):
            command.params.append(_debug_option())
        return command


def _debug_option() -> click.Option:
    def remember(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        ctx.find_root().meta["debug"] = ctx.find_root().meta.get("debug", False) or value

    help_text = "Show the traceback of an error."
    return click.Option(["--debug"], is_flag=True, expose_value=False, callback=remember, help=help_text)


@click.group(cls=_LazyCommands, params=[_debug_option()], context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fernet")
def cli() -> None:
    """DTAGN from scratch: facial expressions from image sequences and landmark trajectories."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _prepare_output()
    try:
        with gpu_faults_as_user_errors():
            if "" in arguments:
                raise UserError("an empty argument; expected a path or a value: write . for the current folder")
            result = cli.main(arguments, standalone_mode=False)
        sys.stdout.flush()  # a full disk may show only now
        sys.exit(result if isinstance(result, int) else 0)
    except (KeyboardInterrupt, click.Abort) as error:
        # click turns a KeyboardInterrupt into an Abort; the command may have said how to resume.
        way_on = str(error.__cause__ or error)
        _fail("interrupted" + (f"; {way_on}" if way_on else ""), INTERRUPTED, arguments)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except UserError as error:
        _fail(str(error), BAD_INPUT, arguments)
    except OSError as error:
        _fail(_os_message(error), BAD_INPUT, arguments)
    except MemoryError:
        _fail("out of memory: try a smaller --batch-size or a smaller network", BAD_INPUT, arguments)
    except Exception as error:
        _fail(f"unexpected {type(error).__name__}: {error}; --debug shows where", 1, arguments)


def _prepare_output() -> None:
    """Have standard output escape what its encoding lacks, and report every byte that could not be written."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started the process
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for the life of the process
    out = sys.stdout
    if not isinstance(out, io.TextIOWrapper):
        return
    # As with `python -u`, where a write that is cut short goes unnoticed. Only the process's own stream is replaced:
    # another may still be in use by the code that put it there.
    if out is sys.__stdout__ and isinstance(out.buffer, io.RawIOBase):
        encoding = out.encoding
        out = sys.stdout = io.TextIOWrapper(io.BufferedWriter(out.detach()), encoding, line_buffering=True)
    out.reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    """Drop what could not be written, or Python would try again when it exits and change the exit status."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)


def _os_message(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"the disk is full ({error.filename or 'while writing'}): free some space or choose another --out"
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


def _fail(message: str, status: int, arguments: list[str]) -> None:
    from fernet.commands.progress import visible

    if "--debug" in arguments:
        traceback.print_exc()
    _discard_output()
    click.echo(visible(f"fernet: {message}"), err=True)
    sys.exit(status)
