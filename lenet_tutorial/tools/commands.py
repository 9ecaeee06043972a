"""The project's own commands: ``python -m lenet_tutorial --help``. The Makefile's targets call them."""

import argparse
import os
import sys
import time
from pathlib import Path

from lenet_tutorial import files
from lenet_tutorial.data import MNIST_VARIABLE, DataError, load_raw
from lenet_tutorial.tools import lab_settings, lessons


def ready(arguments):
    from lenet_tutorial.tools.ready import report

    return 0 if report() else 1


def fresh(arguments):
    (lesson,) = lessons.find_lessons(arguments.lesson)
    was_whole = lesson.source.exists() and lesson.notebook.exists()
    copies = lessons.fresh(lesson)
    if not copies and was_whole:
        print(f"{lesson.name} is as it was committed: nothing to bring back.")
        return 0
    print(f"{lesson.name} is as it was committed. If it is open in JupyterLab, close its tab and open it again.")
    for copy in copies:
        print(f"Your copy: {os.path.relpath(copy)}")
    return 0


def record(arguments):
    # A relative path would mean another file in the kernel, which runs in the notebooks' folder.
    named = os.environ.get(MNIST_VARIABLE, "")
    if named and Path(named).exists():
        os.environ[MNIST_VARIABLE] = str(Path(named).resolve())
    raw = load_raw()
    if not raw.is_mnist and os.environ.get("ALLOW_SAMPLE") != "1":
        raise lessons.LessonError(
            f"the data are the {raw.name}, and the committed lessons show MNIST. Connect to a network, or set "
            f"{MNIST_VARIABLE} to mnist.npz; to record from the sample all the same, set ALLOW_SAMPLE=1."
        )
    for lesson in lessons.find_lessons(arguments.lesson):
        print(f"Recording {lesson.name} on {raw.name} ...", flush=True)
        start = time.perf_counter()
        notebook = lessons.record(lesson)
        cells = sum(cell.cell_type == "code" for cell in notebook.cells)
        kilobytes = lesson.notebook.stat().st_size / 1000
        print(f"  {cells} code cells in {time.perf_counter() - start:.0f} s, {kilobytes:.0f} KB")
    return 0


def picture(arguments):
    """The README's picture, drawn as lesson 4 draws it."""
    import numpy as np

    from lenet_tutorial import data, figures, inspection
    from lenet_tutorial.training import trained_lenet

    digits = data.load_digits()
    if not digits.is_mnist:
        raise lessons.LessonError(f"the data are the {digits.name}, and the README shows MNIST")
    names = ["conv1", "pool1", "conv2", "pool2", "dense", "output"]
    outputs = inspection.feature_maps(trained_lenet(digits=digits).model, digits.test.images[:1], names)
    one = {name: np.asarray(each[0]) for name, each in outputs.items()}
    image = digits.test.images[0].reshape(28, 28)
    drawn = figures.digit_journey(image, {name: one[name] for name in names[:4]}, one["dense"], one["output"])
    files.write_bytes(lessons.NOTEBOOKS / "lenet.png", figures.as_png(drawn))
    print(drawn.caption)
    return 0


def check(arguments):
    out_of_step = 0
    for lesson in lessons.find_lessons(arguments.lesson):
        lines = lessons.differences(lesson)
        if lines:
            out_of_step += 1
            print("\n".join(lines))
            print(f"{lesson.name}: the pair is out of step. Run: make lessons LESSON={lesson.name[:2]}")
    return 1 if out_of_step else 0


def open_lab(arguments):
    from jupyterlab.labapp import main as jupyterlab

    try:
        lab_settings.write_lab_settings()
    except OSError as error:  # an environment of someone else's: the lessons open all the same
        print(f"JupyterLab's settings were not written: {error}", file=sys.stderr)
    # The whole project is served, not only notebooks/: jupytext finds its settings in pyproject.toml.
    root = lessons.NOTEBOOKS.parent
    pages = [f"/tree/{lesson.notebook.relative_to(root).as_posix()}" for lesson in lessons.find_lessons()]
    page = "".join(["/lab", *pages[:1]])
    return jupyterlab([f"--ServerApp.root_dir={root}", f"--LabApp.default_url={page}", *arguments.options])


def settings(arguments):
    print(f"JupyterLab's settings: {lab_settings.write_lab_settings()}")
    if arguments.binder:
        print(f"Binder's settings: {lab_settings.write_binder_settings()}")
    return 0


def parse(argv):
    parser = argparse.ArgumentParser(prog="python -m lenet_tutorial", description="LeNet tutorial: commands.")
    commands = parser.add_subparsers(required=True, metavar="command")
    text = "open the lessons in JupyterLab; what follows is handed on to it (--no-browser, --port=8889)"
    commands.add_parser("lab", help=text).set_defaults(run=open_lab)
    text = "fetch MNIST, train the textbook's network, and say whether a class can start without a network"
    commands.add_parser("ready", help=text).set_defaults(run=ready)
    command = commands.add_parser("fresh", help="bring a lesson back as it was committed; your copy is kept")
    command.add_argument("lesson", help="which: 3, 03 or 03_train")
    command.set_defaults(run=fresh)
    for name, run, text in (
        ("record", record, "bring the .ipynb in step with its .py, execute it, and store it with its outputs"),
        ("check", check, "prove that each .py and .ipynb are in step; writes nothing"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("lesson", nargs="?", default="", help="only this lesson: 3, 03 or 03_train")
        command.set_defaults(run=run)
    commands.add_parser("picture", help="draw the README's picture anew").set_defaults(run=picture)
    command = commands.add_parser("settings", help="write JupyterLab's settings into this environment")
    command.add_argument("--binder", action="store_true", help="also let the server end idle kernels")
    command.set_defaults(run=settings)
    arguments, arguments.options = parser.parse_known_args(argv)
    if arguments.options and arguments.run is not open_lab:
        parser.error(f"unrecognized arguments: {' '.join(arguments.options)}")
    return arguments


def main(argv=None):
    arguments = parse(argv)
    try:
        return arguments.run(arguments)
    except (lessons.LessonError, DataError) as error:
        print(error, file=sys.stderr)
        return 1
