"""The one exception whose message is meant for the person at the keyboard."""


class UserError(ValueError):
    """Something the user can put right: says what was got, what was expected and what to do."""
