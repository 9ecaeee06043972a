"""The project's commands and their arguments: `lenet-tutorial --help`. The Makefile's targets call them."""

import argparse
import pkgutil
import sys
from collections.abc import Sequence

from lenet_tutorial.data import DataError, use_absolute_paths
from lenet_tutorial.tools import lessons

LAB_EXTRA = {"jupyterlab", "jupytext", "nbclient", "nbformat", "psutil"}  # what the optional dependencies `lab` bring


def not_empty(text: str) -> str:
    """Refuse an empty argument, as an unset variable in a shell gives it."""
    if not text:
        raise argparse.ArgumentTypeError("expected a lesson, such as 4, 04 or 04_train, got nothing")
    return text


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse a command line.

    Args:
        argv: the command and its arguments; those of the process if not given.

    Returns:
        The command's arguments; `run` names its function, which takes the others, as `module:function`, `in_clone` says
        whether it needs the lessons.
    """
    parser = argparse.ArgumentParser(prog="lenet-tutorial", description="LeNet tutorial: commands.")
    commands = parser.add_subparsers(required=True, metavar="command", dest="command")

    def add(name: str, run: str, text: str, *, in_clone: bool = True) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text)
        command.set_defaults(run=run, in_clone=in_clone)
        return command

    which = "which lesson: 4, 04 or 04_train"
    add("lab", "lab:start", "open the lessons in JupyterLab; it is given what follows (--no-browser, --port=8889)")
    text = "fetch MNIST, train the textbook's network, and say whether a class can start without a network"
    add("ready", "ready:report", text, in_clone=False)
    command = add("fresh", "fresh:report", "bring a lesson back as it was committed; your copy is kept")
    command.add_argument("lesson", type=not_empty, help=which)
    command = add("sync", "sync:report", "carry an edit of one file of a lesson over to the other; a copy is kept")
    command.add_argument("lesson", nargs="?", default="", help=which)
    command = add("record", "record:report", "bring the .ipynb in step with its .py and execute it")
    command.add_argument("lesson", nargs="?", default="", help=which)
    command = add("check", "check:report", "tell whether each .py and .ipynb are in step; writes nothing")
    command.add_argument("lesson", nargs="?", default="", help=which)
    add("picture", "picture:draw", "draw the README's picture anew")
    add("bench", "bench:report", "measure how fast the network is inspected, as ratios", in_clone=False)
    command = add("demo", "demo:start", "show the widgets on a plain page, without Jupyter", in_clone=False)
    command.add_argument("--port", type=int, default=8765, help="where it is served on this machine (8765)")
    command = add("settings", "lab:settings", "write JupyterLab's settings into this environment", in_clone=False)
    command.add_argument("--binder", action="store_true", help="also let the server end idle kernels")
    arguments, options = parser.parse_known_args(argv)
    if arguments.command == "lab":
        arguments.options = options
    elif options:
        parser.error(f"unrecognized arguments: {' '.join(options)}")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: the command and its arguments; those of the process if not given.

    Returns:
        The exit status: 0 if all is well, 1 if the command found or met something wrong, 2 if it cannot be run here.
    """
    arguments = vars(parse(argv))
    use_absolute_paths()
    command, run, in_clone = (arguments.pop(key) for key in ("command", "run", "in_clone"))
    try:
        if in_clone and not lessons.in_clone():
            print(
                f"lenet-tutorial {command} needs the lessons, and this package was installed without them. Clone the "
                "project (git clone https://github.com/ORG/REPO), and in its folder type: make",
                file=sys.stderr,
            )
            return 2
        return pkgutil.resolve_name(f"lenet_tutorial.tools.{run}")(**arguments)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in LAB_EXTRA:
            raise
        print(
            f"lenet-tutorial {command} needs {error.name}, which is not installed. Type: "
            "python -m pip install 'lenet-tutorial[lab]', or in a clone: make lab",
            file=sys.stderr,
        )
        return 2
    except (lessons.LessonError, DataError) as error:
        print(error, file=sys.stderr)
        return 1
