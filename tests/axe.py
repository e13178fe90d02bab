"""axe-core, which looks for faults of accessibility in a page: an npm package, where there is one."""

import json
import os
from pathlib import Path

import pytest


def source():
    """The text of axe.min.js, from the file in $AXE_CORE or from node_modules; the test is skipped without one."""
    for path in (os.environ.get("AXE_CORE"), Path(__file__).parent.parent / "node_modules/axe-core/axe.min.js"):
        if path and Path(path).is_file():
            return Path(path).read_text(encoding="utf-8")
    pytest.skip("axe-core is not here: `npm install --no-save axe-core`, or name its axe.min.js in AXE_CORE")


def violations(browser, script):
    """What axe-core finds in the page that the browser shows: rule and elements."""
    browser.send("Runtime.evaluate", expression=f"{script};0")
    answer = browser.send(
        "Runtime.evaluate",
        expression="axe.run().then(found => JSON.stringify([found.passes.length,"
        " found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 120))])]))",
        awaitPromise=True,
        returnByValue=True,
    )
    passed, found = json.loads(answer["result"]["value"])
    assert passed > 5, "axe-core has checked hardly anything"
    return found
