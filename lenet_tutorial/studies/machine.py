"""What a run is made on, as far as it may change numbers or seconds. Only :func:`cpu` does without Keras."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lenet_tutorial.studies.records import Record

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}


def cpu() -> str:
    """The processor's name."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration, IndexError):  # not Linux, or a processor without a name
        return platform.processor() or platform.machine() or "unknown"


@cache
def machine() -> dict:
    """``{"cpu", "cores", "device"}``: the processor, its cores, and the device that Keras computes on."""
    return {"cpu": cpu(), "cores": os.cpu_count(), "device": _device()}


def _device() -> str:
    from lenet_tutorial.backend import keras

    try:
        kind = keras.distribution.list_devices()[0].partition(":")[0].upper()
    except AttributeError:  # Keras has no list of devices on PyTorch
        return "unknown"
    if kind == "GPU" and (command := shutil.which("nvidia-smi")):
        query = [command, "--query-gpu=name", "--format=csv,noheader"]
        names = subprocess.run(query, capture_output=True, text=True, check=False).stdout.splitlines()
        return names[0] if names else kind
    return kind


@cache
def versions() -> dict:
    """``{"python", "numpy", "keras", "backend"}``, the last with its name, such as ``"tensorflow 2.21.0"``."""
    from lenet_tutorial import backend

    packages = {name: importlib.metadata.version(name) for name in ("numpy", "keras")}
    return {"python": platform.python_version(), **packages, "backend": backend.version()}


def describe(record: "Record") -> str:
    """What a :class:`records.Record` was made on, in words."""
    backend, _, version = record.versions["backend"].partition(" ")
    keras = f"Keras {record.versions['keras']}, " if "keras" in record.versions else ""
    on_cpu = record.machine["device"] == "CPU"
    where = "{cpu}, {cores} cores".format(**record.machine) if on_cpu else record.machine["device"]
    return f"{where}, {keras}{BACKENDS.get(backend, backend)} {version}"
