"""Run one lesson as a learner without any network would: ``python -m tests.qa.alone LESSON``.

Nothing is compared. A cell that fails, a line on stderr, a warning, and data that are not the offline sample end it
with status 1. Where it can, it first makes sure that no other host is to be reached.
"""

import os
import socket
import sys

from lenet_tutorial.tools import check, lessons, record
from tests.plugins.trouble import troubles

ELSEWHERE = ("192.0.2.1", 443)  # an address for documentation, which nobody has: RFC 5737


def wake_loopback():
    """Switch the loopback device on: a network of one's own, made by ``unshare``, has it switched off."""
    import fcntl
    import struct

    up = struct.pack("16sH14x", b"lo", 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, up)  # SIOCSIFFLAGS


def is_cut_off():
    """Whether another host cannot even be asked. With a network, asking would wait, and then time out."""
    try:
        with socket.create_connection(ELSEWHERE, timeout=1):
            return False
    except TimeoutError:
        return False
    except OSError:
        return True


def stumbles(notebook):
    """What a learner would stumble over."""
    for number, cell in enumerate(notebook.cells, 1):
        yield from (f"cell {number}: {trouble}" for trouble in troubles(cell.get("outputs", [])))


def main(name):
    if "QA_LOOPBACK_SLEEPS" in os.environ:
        wake_loopback()
    if not is_cut_off():
        print("another host can be reached, so nothing was tried")
        return 2
    (lesson,) = lessons.find_lessons(name)
    notebook = check.read_source(lesson)
    notebook.metadata["kernelspec"] = lessons.KERNELSPEC
    record.run_cells(notebook, lesson, timeout=record.CELL_TIMEOUT)
    found = list(stumbles(notebook))
    texts = [str(output.get("data", "")) for cell in notebook.cells for output in cell.get("outputs", [])]
    if not any("offline sample" in text for text in texts):
        found.append("it does not say that the data are the offline sample")
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except lessons.LessonError as error:
        sys.exit(str(error))
