"""How JupyterLab is set up for the lessons: files under the environment, so that a user's own settings stay hers."""

import json
import sys
from pathlib import Path

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


def write_json(path, settings):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    return path


def write_lab_settings(prefix=sys.prefix):
    """Write JupyterLab's defaults for this environment; give the file's path."""
    return write_json(Path(prefix) / LAB_SETTINGS_FILE, LAB_SETTINGS)


def write_binder_settings(prefix=sys.prefix):
    """Let the server end idle kernels, leaving what else its configuration file holds; give the file's path."""
    path = Path(prefix) / SERVER_SETTINGS_FILE
    settings = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for section, values in BINDER_SETTINGS.items():
        settings.setdefault(section, {}).update(values)
    return write_json(path, settings)
