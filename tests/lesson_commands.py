"""The command lines on the pages of docs/lessons: what they print, and that they exist."""

import re
import shlex

from fernet.commands import cli


def check_commands(text, command, place):
    """Run the command lines of a console fence by the fixture `command`, and compare what they print."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, expected = part.partition("\n")
        python, cli_py, *arguments = shlex.split(line)
        assert (python, cli_py) == ("python", "cli.py")
        printed = "".join(command(*arguments)[1:]).strip("\n")
        pattern = re.escape(masked(expected.strip("\n"))).replace(r"\[\.\.\.\]", r"[\s\S]*")
        assert re.fullmatch(pattern, masked(printed)), f"{place}: {line} prints\n{printed}"


def masked(text):
    return re.sub(r" *\d\.\d+e[-+]\d\d", " ERROR", re.sub(r" +$", "", text, flags=re.MULTILINE))


def check_options(text):
    """The commands of an sh fence, which are not run, exist and have these options."""
    for line in text.splitlines():
        _, _, name, *arguments = shlex.split(line, comments=True)
        known = cli.get_command(None, name)
        options = {option for one in known.params for option in one.opts}
        assert {one for one in arguments if one.startswith("--")} <= options, line
