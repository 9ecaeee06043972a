"""LeNet for MNIST in Keras: what the lessons share."""

import logging

__version__ = "0.2.0.dev0"

# matplotlib logs these on its first start, or where it cannot write to the home folder. They are harmless, and would
# look like errors in a lesson's first cell.
REMARKS = ("mkdir -p failed", "Matplotlib created a temporary", "Matplotlib is building the font cache")


def _matters(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith(REMARKS)


for _name in ("matplotlib", "matplotlib.font_manager"):
    logging.getLogger(_name).addFilter(_matters)
