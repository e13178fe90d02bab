"""The one exception whose message is meant for the user, and the first line of the others."""


class UserError(ValueError):
    """An error that the user can correct: its message says what was got, what was expected and what to do."""


def first_line(error: BaseException) -> str:
    """What an exception says, on one line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
