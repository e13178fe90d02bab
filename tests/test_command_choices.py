"""The choices of a command equal those of the module that defines them, even if it is not imported for --help."""

import subprocess
import sys

import click
import pytest

from fernet.commands import cli
from fernet.datasets.layouts import LAYOUTS, WRITABLE
from fernet.faces.stored_frames import TURNS
from fernet.faces.tracking import ON_MISSING_FACE
from fernet.networks.dtagn import INTEGRATIONS
from fernet.synthetic.sets import SETS
from fernet.training.settings import NETWORKS


@pytest.mark.parametrize(
    ("command", "option", "values"),
    [
        ("train", "networks", NETWORKS),
        ("train", "integrations", INTEGRATIONS),
        ("predict", "on_missing_face", ON_MISSING_FACE),
        ("prepare", "layout", LAYOUTS),
        ("info", "rotation", map(str, TURNS)),
        ("synth", "layout", WRITABLE),
        ("synth", "name", SETS),
    ],
)
def test_choices(command, option, values):
    parameters = cli.get_command(click.Context(cli), command).params
    choice = next(parameter.type for parameter in parameters if parameter.name == option)
    assert list(choice.choices) == list(values)


@pytest.mark.parametrize("command", ["info", "synth", "figure"])
def test_help_with_choices_of_other_modules_stays_quick(command):
    code = f"import sys\nfrom fernet.commands import cli\ncli.main([{command!r}, '--help'], standalone_mode=False)\n"
    code += "print('loaded:', *{'numpy', 'cv2', 'scipy', 'matplotlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].strip() == "loaded:"
