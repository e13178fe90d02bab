"""The one exception whose message is meant for the user."""


class UserError(ValueError):
    """An error that the user can correct: its message says what was got, what was expected and what to do."""
