"""A JupyterLab of a test's own: started, waited for, ended."""

import json
import os
import subprocess
import time
import urllib.request
from contextlib import contextmanager, suppress

STARTED_WITHIN = 60  # seconds


@contextmanager
def running(command, folder, cwd, **variables):
    """Start a server whose settings, data and log lie in `folder`, and wait until it answers.

    It takes a free port itself: one that a test looked for might be another's by then.

    Args:
        command: what starts it.
        folder: an empty folder.
        cwd: where it is started.
        variables: more environment variables; one that is None is taken out.

    Yields:
        The process, and what the server says of itself: a dict with its ``url`` and ``token``, among others.
    """
    kinds = {f"JUPYTER_{kind}_DIR": str(folder / kind.lower()) for kind in ("CONFIG", "DATA", "RUNTIME")}
    environment = {key: value for key, value in (os.environ | kinds | variables).items() if value is not None}
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([*command, *root], env=environment, cwd=cwd, stdout=output, stderr=output)
    try:
        said = None
        end = time.monotonic() + STARTED_WITHIN
        while not said and process.poll() is None and time.monotonic() < end:
            time.sleep(0.25)
            said = _answers(folder / "runtime")
        assert said, f"JupyterLab did not start within {STARTED_WITHIN} seconds:\n{log.read_text()}"
        yield process, said
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
        process.kill()


def _answers(runtime):
    """What the server says of itself, once it answers; else None."""
    for path in runtime.glob("jpserver-*.json"):
        with suppress(ValueError, OSError):  # half written, or not there to answer yet
            said = json.loads(path.read_text())
            with urllib.request.urlopen(f"{said['url']}api", timeout=5):
                return said
    return None
