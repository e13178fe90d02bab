"""What the decoders behind OpenCV print: libjpeg reports a damaged scan in no other way."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def decoder_messages() -> Iterator[list[str]]:
    """A list that holds, after the block, the lines printed to standard error during it; they are not shown.

    The redirection holds for the whole process, so the block should contain a single call. Where standard error
    cannot be redirected, the list stays empty.
    """
    lines: list[str] = []
    with ExitStack() as stack:
        try:
            printed = stack.enter_context(tempfile.TemporaryFile())
            kept = os.dup(2)
        except OSError:  # no folder for temporary files, or no standard error
            yield lines
            return
        stack.callback(os.close, kept)
        os.dup2(printed.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(kept, 2)
        printed.seek(0)
        lines += printed.read().decode("utf-8", "replace").splitlines()
