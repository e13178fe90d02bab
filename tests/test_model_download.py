"""Fetching the landmark model from a local server that misbehaves in the ways that the tests require."""

import errno
import hashlib
import os
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from recorded_progress import RecordedProgress

from fernet.commands.landmarks import landmarks
from fernet.errors import UserError
from fernet.faces import model_download
from fernet.faces.model_download import fetch_model, git_blob_id
from fernet.progress import SILENT

CONTENTS = np.random.default_rng(0).bytes(600_000)
BLOB = hashlib.sha1(b"blob 600000\0" + CONTENTS).hexdigest()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        server.requests.append(dict(self.headers))
        if server.redirect:
            self.send_response(302)
            self.send_header("Location", server.redirect)
            self.end_headers()
            return
        if server.status:
            self.send_error(server.status)
            return
        first, total = 0, len(server.contents)
        asked = self.headers.get("Range")
        if asked and server.ranges and self.headers.get("If-Range") == server.etag:
            first = int(asked.removeprefix("bytes=").removesuffix("-"))
            if first >= total:
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first + server.shift}-{total - 1}/{total}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(server.claimed or total - first))
        if server.etag:
            self.send_header("ETag", server.etag)
        self.end_headers()
        self.wfile.write(server.contents[first : server.cut])
        if not server.hold.is_set():
            server.hold.wait(5)
            with suppress(OSError):  # the client may have given up
                self.wfile.write(server.contents[server.cut :])

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.contents, server.etag, server.ranges, server.requests = CONTENTS, '"one"', True, []
    server.cut = server.claimed = server.status = server.redirect = None
    server.shift, server.hold = 0, threading.Event()
    server.hold.set()
    server.url = f"http://127.0.0.1:{server.server_port}/model.yaml"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def fetch(server, tmp_path):
    path = tmp_path / "data" / "model.yaml"

    def fetch(blob=BLOB, check=lambda part: None, progress=SILENT):
        fetch_model(path, check, server.url, blob, progress)
        return path

    return fetch


def files_of(tmp_path):
    return sorted(path.name for path in (tmp_path / "data").iterdir())


def break_off(server, fetch, after):
    server.cut = after
    with pytest.raises(UserError, match=f"broke off after {after} of 600000 bytes; run the same command again"):
        fetch()
    server.cut = None


def test_arrives_whole_and_alone(fetch, tmp_path):
    seen = []
    assert fetch(check=lambda part: seen.append(part.read_bytes())).read_bytes() == CONTENTS
    assert seen == [CONTENTS]  # it was checked before it was put in place
    assert files_of(tmp_path) == ["model.yaml"]


def test_goes_on_where_it_broke_off(server, fetch, tmp_path):
    break_off(server, fetch, 250_000)
    assert files_of(tmp_path) == ["model.yaml.part", "model.yaml.part.json"]
    progress = RecordedProgress()
    assert fetch(progress=progress).read_bytes() == CONTENTS
    assert progress.tasks == [("download", 600_000)]
    assert progress.counts[0][0] == 250_000
    assert sum(progress.counts[0]) == 600_000
    assert server.requests[-1]["Range"] == "bytes=250000-"
    assert server.requests[-1]["If-Range"] == '"one"'
    assert files_of(tmp_path) == ["model.yaml"]


def test_a_server_without_ranges_starts_again(server, fetch):
    break_off(server, fetch, 1000)
    server.ranges = False
    assert fetch().read_bytes() == CONTENTS


def test_a_file_that_changed_starts_again(server, fetch):
    server.contents, server.etag = bytes(600_000), '"zero"'
    break_off(server, fetch, 1000)
    server.contents, server.etag = CONTENTS, '"one"'
    assert fetch().read_bytes() == CONTENTS


@pytest.mark.parametrize("etag", ['W/"weak"', None])
def test_without_a_strong_version_nothing_is_gone_on_with(server, fetch, etag):
    server.etag = etag
    break_off(server, fetch, 1000)
    assert fetch().read_bytes() == CONTENTS
    assert "Range" not in server.requests[-1]


def test_a_part_that_is_too_long_starts_again(server, fetch, tmp_path):
    break_off(server, fetch, 1000)
    (tmp_path / "data" / "model.yaml.part").write_bytes(bytes(700_000))
    assert fetch().read_bytes() == CONTENTS


def test_a_broken_note_starts_again(server, fetch, tmp_path):
    break_off(server, fetch, 1000)
    (tmp_path / "data" / "model.yaml.part.json").write_text("[]")
    assert fetch().read_bytes() == CONTENTS
    assert "Range" not in server.requests[-1]


def test_the_wrong_range_is_refused(server, fetch):
    break_off(server, fetch, 1000)
    server.shift = 1
    with pytest.raises(UserError, match="expected from byte 1000"):
        fetch()


def test_wrong_bytes_are_dropped(server, fetch, tmp_path):
    server.contents = CONTENTS[:-1] + b"?"
    with pytest.raises(UserError, match=f"bytes other than the public model's .* expected {BLOB}"):
        fetch()
    assert not {"model.yaml", "model.yaml.part"} & set(files_of(tmp_path))


def test_a_failed_check_puts_nothing_in_place(fetch, tmp_path):
    def refuse(part):
        raise UserError("no model")

    with pytest.raises(UserError, match="no model"):
        fetch(check=refuse)
    assert "model.yaml" not in files_of(tmp_path)


def test_size_is_bounded_by_what_is_claimed_and_by_what_comes(server, fetch, monkeypatch):
    server.claimed = 10**9
    with pytest.raises(UserError, match="offers 1000000000 bytes"):
        fetch()
    server.claimed = None
    monkeypatch.setattr(model_download, "LARGEST", 500_000)
    with pytest.raises(UserError, match="at most 500000"):
        fetch()


@pytest.mark.parametrize("status", [404, 500])
def test_refusal_of_the_server(server, fetch, status):
    server.status = status
    with pytest.raises(UserError, match=f"answers {status} .*--url"):
        fetch()


def test_nobody_listens(server, tmp_path):
    with pytest.raises(UserError, match=r"cannot be reached .* is there a network"):
        fetch_model(tmp_path / "model.yaml", lambda part: None, "http://127.0.0.1:9/model.yaml", BLOB)


def test_silence_ends(fetch, monkeypatch):
    def silent(*_, **__):
        raise TimeoutError("timed out")

    monkeypatch.setattr("urllib.request.OpenerDirector.open", silent)
    with pytest.raises(UserError, match="was silent for 30 seconds; run the same command again"):
        fetch()


def test_a_server_that_is_too_slow(server, fetch, monkeypatch, tmp_path):
    server.cut = 1000
    server.hold.clear()  # the rest comes later
    clock = iter([0.0, 3601.0])
    with monkeypatch.context() as patch:
        patch.setattr(model_download, "time", SimpleNamespace(monotonic=lambda: next(clock)))
        with pytest.raises(UserError, match="sent 1000 bytes in 60 minutes, which is too slow; run the same command"):
            fetch()
    server.cut = None
    server.hold.set()
    assert fetch().read_bytes() == CONTENTS
    assert server.requests[-1]["Range"] == "bytes=1000-"


def test_full_disk(fetch, monkeypatch, tmp_path):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(model_download, "write_json", full)
    with pytest.raises(UserError, match=r"the disk of .*data is full: free 80 MB"):
        fetch()


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file"):
        fetch_model(tmp_path / "file" / "model.yaml", lambda part: None, "https://localhost:9/", BLOB)


@pytest.mark.parametrize("url", ["http://example.org/m.yaml", "file:///etc/passwd", "ftp://127.0.0.1/m", "model.yaml"])
def test_only_https_or_this_machine(tmp_path, server, fetch, url):
    with pytest.raises(UserError, match="expected an https address"):
        fetch_model(tmp_path / "model.yaml", lambda part: None, url, BLOB)
    server.redirect = url if "//" in url else None
    if server.redirect:
        with pytest.raises(UserError, match=r"expected an https address|broke off|answers 302"):
            fetch()
        assert len(server.requests) == 1


def test_redirects_on_this_machine_are_followed(server, fetch):
    other = HTTPServer(("localhost", 0), Handler)
    other.__dict__.update({name: value for name, value in vars(server).items() if name in ("contents", "etag")})
    other.requests, other.ranges, other.shift, other.hold = [], True, 0, server.hold
    other.cut = other.claimed = other.status = other.redirect = None
    thread = threading.Thread(target=other.handle_request)
    thread.start()
    server.redirect = f"http://127.0.0.1:{other.server_port}/there"
    assert fetch().read_bytes() == CONTENTS
    thread.join()
    other.server_close()


def test_blob_id_is_gits(tmp_path):
    (tmp_path / "file").write_bytes(b"hello\n")
    assert git_blob_id(tmp_path / "file") == "ce013625030ba8dba906f756967f9e9ca394464a"  # git hash-object


def test_command_installs_once(server, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(model_download, "MODEL_BLOB", BLOB)
    monkeypatch.setattr("fernet.faces.lbf.file.check_lbf_file", lambda path: None)
    result = CliRunner().invoke(landmarks, ["fetch", "--url", server.url], catch_exceptions=False)
    assert "fetched and checked" in result.output
    installed = tmp_path / "fernet" / "lbfmodel.yaml"
    assert installed.read_bytes() == CONTENTS
    result = CliRunner().invoke(landmarks, ["fetch", "--url", server.url], catch_exceptions=False)
    assert "already there" in result.output
    assert len(server.requests) == 1
    assert os.listdir(tmp_path / "fernet") == ["lbfmodel.yaml"]
