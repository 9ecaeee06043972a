"""Known advisories against the exact versions in constraints.txt, by pip-audit, in an environment of its own."""

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tests.qa.check import Broken, Skipped
from tests.qa.pytest_run import ROOT


def look(timeout: float = 300) -> str:
    """Ask for advisories; skip where pip-audit or its database is not to be had."""
    with tempfile.TemporaryDirectory(prefix="qa-audit-") as folder:
        python = _installed(Path(folder), timeout)
        command = [python, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner=off", "--format=json"]
        try:
            done = subprocess.run(
                [*command, "-r", str(ROOT / "constraints.txt")],
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Skipped(f"pip-audit's database did not answer within {timeout} seconds") from None
    return judge(done.returncode, done.stdout, done.stderr)


def judge(status, said, trouble):
    """What pip-audit's answer means: it ends with 1 both for advisories and for a database that it cannot reach."""
    try:
        found = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (trouble.strip().splitlines() or [f"it ended with {status}"])[-1]
        raise Skipped(f"pip-audit could not tell: {last[:100]}") from None
    unknown = [each["name"] for each in found if "skip_reason" in each]
    if len(unknown) == len(found):
        raise Skipped("pip-audit's database knows none of the packages")
    known = [f"{each['name']} {each['version']}: {one['id']}" for each in found for one in each.get("vulns", ())]
    seen = f"{len(found) - len(unknown)} pinned packages, {len(known)} known advisories"
    if unknown:
        seen += f"; nothing is known of {', '.join(unknown)}"
    if known:
        raise Broken("\n".join([seen, *known]))
    return seen


def _installed(folder, timeout):
    """A Python with pip-audit; the lessons' own environment stays as it is."""
    venv.create(folder, with_pip=True)
    python = str(folder / ("Scripts" if sys.platform == "win32" else "bin") / "python")
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pip-audit"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise Skipped("pip-audit could not be installed in time") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Skipped(f"pip-audit could not be installed: {last[:100]}")
    return python
