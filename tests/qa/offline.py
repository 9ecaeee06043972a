"""Every lesson without any network: nothing set, nothing in a cache, no host but this one."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lenet_tutorial.data import CACHE_VARIABLE, MNIST_VARIABLE
from lenet_tutorial.tools.lessons import find_lessons
from tests.qa.check import Broken
from tests.qa.pytest_run import ROOT

# Loaded by every Python that finds it, kernels included, before anything else.
GUARD = """
import socket

def refuse(self, address, connect=socket.socket.connect):
    host = address[0] if isinstance(address, tuple) else "127.0.0.1"
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise OSError(101, "Network is unreachable")
    return connect(self, address)

def look_up(host, *args, look_up=socket.getaddrinfo, **kwargs):
    if host not in (None, "127.0.0.1", "::1", "localhost"):
        raise socket.gaierror(-3, "Temporary failure in name resolution")
    return look_up(host, *args, **kwargs)

socket.socket.connect, socket.getaddrinfo = refuse, look_up
"""


def look(timeout: float = 900) -> str:
    """Run each lesson cut off from the network; say how it was cut off."""
    wall, wrong, lessons = _wall(), [], find_lessons()
    with tempfile.TemporaryDirectory(prefix="qa-home-") as home:
        gone = (MNIST_VARIABLE, "KERAS_HOME", "XDG_CACHE_HOME")
        variables = {name: value for name, value in os.environ.items() if name not in gone}
        variables |= {"HOME": home, CACHE_VARIABLE: f"{home}/cache", "PYTHONPATH": str(ROOT)}
        if wall:
            variables["QA_LOOPBACK_SLEEPS"] = "1"
        else:
            Path(home, "sitecustomize.py").write_text(GUARD)
            variables["PYTHONPATH"] = os.pathsep.join([home, str(ROOT)])
        for lesson in lessons:
            command = [*wall, sys.executable, "-m", "tests.qa.alone", lesson.name]
            done = subprocess.run(
                command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=timeout, check=False
            )
            if done.returncode:
                wrong.append(f"{lesson.name}: {(done.stdout + done.stderr).strip()[-500:]}")
    how = "in a network of their own with nobody in it" if wall else "with sockets that refuse any other host"
    seen = f"{len(lessons) - len(wrong)} of {len(lessons)} lessons run {how}"
    if wrong:
        raise Broken("\n".join([seen, *wrong]))
    return seen


def _wall() -> list[str]:
    """The command that cuts a process off from every network, or nothing where that is not allowed."""
    if shutil.which("unshare") is None:
        return []
    ways = [["unshare", "--net"], ["unshare", "--map-root-user", "--net"]]
    tried = (way for way in ways if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0)
    return next(tried, [])
