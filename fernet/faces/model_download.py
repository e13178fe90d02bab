"""Fetching the public 68-point model: resumable, limited in size, and checked before it is put in place."""

import errno
import hashlib
import http.client
import ipaddress
import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fernet.errors import UserError
from fernet.files import write_json
from fernet.progress import SILENT, Progress

MODEL_URL = "https://raw.githubusercontent.com/kurnianggoro/GSOC2017/master/data/lbfmodel.yaml"
MODEL_BLOB = "417d6db318df9867ebd1f8a0a7cf3a2a82eb1610"  # git's name for the file's contents
LARGEST = 80 * 2**20  # bytes; the model has about 54 MB
_TIMEOUT = 30.0  # seconds without a byte
_LONGEST = 3600.0  # seconds that one call may take; 54 MB at 15 kB/s
_CHUNK = 2**18
_AGAIN = "run the same command again to continue from there"


def fetch_model(
    path: Path,
    check: Callable[[Path], None],
    url: str,
    blob: str,
    progress: Progress = SILENT,
) -> None:
    """Download `url` to `path`. It appears there only if its git blob id is `blob` and `check` raises nothing.

    The part received by an interrupted download is kept beside `path` as `NAME.part`, and the next call resumes it.
    """
    part = path.with_name(path.name + ".part")
    origin = path.with_name(path.name + ".part.json")  # the file, and its version, to which the part belongs
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _download(url, part, origin, progress)
        _verify(part, url, blob, check)
        os.replace(part, path)
    except UserError:
        raise
    except (OSError, http.client.HTTPException) as error:
        raise UserError(_explain(error, url, part)) from None
    origin.unlink(missing_ok=True)


def git_blob_id(path: Path) -> str:
    """SHA-1 of "blob SIZE\\0" and the contents: the name that git gives them."""
    digest = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _download(url: str, part: Path, origin: Path, progress: Progress) -> None:
    _check_address(url)
    end = time.monotonic() + _LONGEST
    have, version = _what_is_here(url, part, origin)
    headers = {"User-Agent": "fernet", "Accept-Encoding": "identity"}  # compression would change the byte counts
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": version}
    opener = urllib.request.build_opener(_SafeRedirects)
    try:
        answer = opener.open(urllib.request.Request(url, headers=headers), timeout=_TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code != http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE or not have:
            raise
        part.unlink()  # longer than the file is now: start over
        return _download(url, part, origin, progress)
    with answer:
        resumed = answer.status == http.HTTPStatus.PARTIAL_CONTENT
        if resumed and not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            raise UserError(f"{url} sent {answer.headers.get('Content-Range')}, expected from byte {have}: try again")
        have = have if resumed else 0
        length = answer.headers.get("Content-Length", "")
        total = have + int(length) if length.isdigit() else 0
        _check_size(url, total)
        write_json(origin, {"url": url, "version": _version(answer.headers)})
        with part.open("ab" if resumed else "wb") as stream, progress.task("download", total or None) as bar:
            bar.advance(have)
            while chunk := answer.read1(_CHUNK):  # whatever has arrived: a slow server does not keep the loop waiting
                have += len(chunk)
                _check_size(url, have)
                stream.write(chunk)
                bar.advance(len(chunk))
                if time.monotonic() > end and have != total:
                    raise UserError(
                        f"{url} sent {have} bytes in {_LONGEST / 60:g} minutes, which is too slow; {_AGAIN}"
                    )
    if have < total:
        raise UserError(f"{url} broke off after {have} of {total} bytes; {_AGAIN}")


def _what_is_here(url: str, part: Path, origin: Path) -> tuple[int, str]:
    """Number of bytes that can be resumed and their version; (0, "") if a server could not tell whether they fit."""
    try:
        known: Any = json.loads(origin.read_text())
        if known["url"] == url and known["version"]:
            return part.stat().st_size, str(known["version"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return 0, ""


def _version(headers: http.client.HTTPMessage) -> str:
    """A value for If-Range: a strong ETag, else the date of the last change, else nothing."""
    tag = headers.get("ETag", "")
    return tag if tag.startswith('"') else headers.get("Last-Modified", "")


def _verify(part: Path, url: str, blob: str, check: Callable[[Path], None]) -> None:
    found = git_blob_id(part)
    if found != blob:
        part.unlink()
        raise UserError(
            f"{url} sent bytes other than the public model's (git blob {found}, expected {blob}): nothing was kept; "
            "try again, or choose another --url"
        )
    check(part)


def _check_size(url: str, size: int) -> None:
    if size > LARGEST:
        raise UserError(f"{url} offers {size} bytes or more, expected at most {LARGEST}: not the landmark model")


def _check_address(url: str, allow_local: bool = True) -> None:
    """Allow https only, and plain http only to this machine."""
    address = urllib.parse.urlsplit(url)
    if address.scheme == "https" and address.hostname:
        return
    if not (allow_local and address.scheme == "http" and _is_local(address.hostname)):
        raise UserError(f"{url}: expected an https address, since other downloads can be altered in transit")


def _is_local(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to https, and those from this machine to itself."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        _check_address(newurl, allow_local=_is_local(urllib.parse.urlsplit(req.full_url).hostname))
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _explain(error: Exception, url: str, part: Path) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(error, urllib.error.HTTPError):
        return f"{url} answers {error.code} {error.reason}: the model may have moved; give its new address with --url"
    if isinstance(error, OSError) and error.filename is not None:
        free = f": free {LARGEST >> 20} MB" if error.errno == errno.ENOSPC else ""
        return f"{error.filename}: {error.strerror}{free}; {_AGAIN}"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk of {part.parent} is full: free {LARGEST >> 20} MB; {_AGAIN}"
    if isinstance(reason, TimeoutError):
        return f"{url} was silent for {_TIMEOUT:g} seconds; {_AGAIN}"
    if isinstance(error, urllib.error.URLError):
        return f"{url} cannot be reached ({reason}): is there a network? Otherwise give another address with --url"
    return f"{url} broke off ({reason}); {_AGAIN}"
