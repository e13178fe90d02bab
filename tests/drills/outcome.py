"""How a command ended, and what it left."""


def leftovers(folder):
    """Temporary files and folders that a command should have removed."""
    return sorted(str(path) for path in folder.rglob("*") if ".part" in path.name)


def fault_of(status, out, err):
    """What is wrong with how a command ended; None if it succeeded or said in one sentence why it did not."""
    said = [line for line in err.splitlines() if line.startswith(("fernet: ", "Error: "))]
    if status not in (0, 2):
        return f"status {status}: {err[-500:]}"
    if len(said) != (status == 2) or "Traceback" in err:
        return f"status {status}, but standard error is {err[-500:]!r}"
    if any(not (one.isprintable() or one == "\n") for one in out + err):
        return f"control characters reach the terminal: {out + err!r}"
    return None
