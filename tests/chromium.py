"""Debian's Chromium against the application on a port of this machine, for browser tests."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}


class Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        """Nothing: a test tells what went wrong itself."""


@contextmanager
def serving(app: Flask, port: int = 0) -> Iterator[str]:
    """The address of the application while the block runs; a free port unless one is given."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; the test is skipped, saying so, on a machine that has none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
