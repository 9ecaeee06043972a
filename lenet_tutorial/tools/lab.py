"""JupyterLab for the lessons: its settings, files of this environment so that yours stay yours, and its start."""

import json
import sys
from os import PathLike
from pathlib import Path

from lenet_tutorial.tools import lessons, sync

LAB_SETTINGS = {
    # A double click on NN_noun.py opens it as a notebook; a link to the glossary shows it as a page to read.
    "@jupyterlab/docmanager-extension:plugin": {
        "defaultViewers": {"python": "Jupytext Notebook", "markdown": "Markdown Preview"}
    },
    # On a projector, or beside another window, a long line of code is broken instead of cut off.
    "@jupyterlab/notebook-extension:tracker": {"codeCellConfig": {"lineWrap": True}},
    # No question about news, and no request to another host.
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}

# Two TensorFlow kernels do not fit into the 2 GB of a Binder session. A lesson left open keeps its connection, so
# connected kernels are ended too, after twenty minutes without a cell run.
BINDER_SETTINGS = {"MappingKernelManager": {"cull_idle_timeout": 1200, "cull_interval": 60, "cull_connected": True}}

LAB_SETTINGS_FILE = Path("share/jupyter/lab/settings/overrides.d/lenet-tutorial.json")
SERVER_SETTINGS_FILE = Path("etc/jupyter/jupyter_server_config.json")


def write_settings(prefix: str | PathLike = sys.prefix, *, binder: bool = False) -> list[Path]:
    """Write JupyterLab's defaults for an environment, and for Binder those of its server.

    Args:
        prefix: the environment's folder.
        binder: whether the server ends idle kernels. What else its file holds is left as it is.

    Returns:
        The files.
    """
    written = {Path(prefix) / LAB_SETTINGS_FILE: LAB_SETTINGS}
    if binder:
        path = Path(prefix) / SERVER_SETTINGS_FILE
        stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        added = {section: stored.get(section, {}) | values for section, values in BINDER_SETTINGS.items()}
        written[path] = stored | added
    for path, content in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return list(written)


def settings(*, binder: bool) -> int:
    """Write the settings and print where they are; the exit status is 0."""
    print("JupyterLab's settings:", *write_settings(binder=binder), sep="\n")
    return 0


def start(options: list[str]) -> int:
    """Open the lessons in JupyterLab, at the first one, until you end it.

    First the pairs are brought in step: JupyterLab refuses to open one whose .ipynb was edited elsewhere.

    Args:
        options: more arguments for JupyterLab, such as `--port=8889`.

    Returns:
        The exit status.
    """
    from jupyterlab.labapp import main as jupyterlab

    try:
        write_settings()
    except OSError as error:  # an environment that is not yours to write to: the lessons open all the same
        print(f"JupyterLab's settings were not written: {error}", file=sys.stderr)
    sync.report()
    # The whole project is served, not only notebooks/: jupytext finds its settings in pyproject.toml.
    root = lessons.NOTEBOOKS.parent
    tabs = [f"/tree/{lesson.notebook.relative_to(root).as_posix()}" for lesson in lessons.find_lessons()]
    url = "".join(["/lab", *tabs[:1]])
    return jupyterlab([f"--ServerApp.root_dir={root}", f"--LabApp.default_url={url}", *options]) or 0
