"""How long `import fernet` and `cli.py --help` take.

python benchmarks/import_time.py
"""

import subprocess
import sys
from pathlib import Path

from timing import Candidate, interleaved, machine, print_table

ROOT = Path(__file__).parents[1]
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "import fernet": ["-c", "import fernet"],
    "cli.py --help": ["cli.py", "--help"],
}


def main() -> None:
    print(machine(1))
    candidates = {
        name: Candidate(lambda a=arguments: subprocess.run([sys.executable, *a], cwd=ROOT, check=True, stdout=-3))
        for name, arguments in COMMANDS.items()
    }
    rows = [[name, f"{seconds:.3f}"] for name, seconds in interleaved(candidates, 9).items()]
    print_table("Start", ["command", "seconds"], rows)


if __name__ == "__main__":
    main()
