"""LeNet for MNIST in Keras: what the lessons share."""

import logging

# What matplotlib says on its first start, or in a home that it cannot write to, before it makes do: it would stand in
# a lesson's first cell, and a learner takes it for an error.
REMARKS = ("mkdir -p failed", "Matplotlib created a temporary", "Matplotlib is building the font cache")


def _matters(record):
    return not str(record.msg).startswith(REMARKS)


for _name in ("matplotlib", "matplotlib.font_manager"):
    logging.getLogger(_name).addFilter(_matters)
