"""The project's commands: ``python -m lenet_tutorial --help``, or ``lenet-tutorial --help`` once it is installed."""

import sys

from lenet_tutorial.tools.commands import main

if __name__ == "__main__":
    sys.exit(main())
