"""What each lesson costs, in seconds and memory, beside what it may cost."""

from pathlib import Path

# On two cores.
SECONDS = {
    "01": 30,
    "02": 40,
    "03": 30,
    "04": 360,
    "05": 40,
    "06": 60,
    "07": 50,
    "08": 40,
    "09": 60,
    "10": 60,
}
MEGABYTES, TOO_MANY_MEGABYTES = 1500, 1750  # Binder kills a kernel at 2 GB


class Cost:
    """What a lesson took. Machines differ and are shared, so only three times its seconds fail.

    Memory differs little, by tens of megabytes from run to run.

    Args:
        lesson: its name.
        seconds: wall-clock time from its kernel's start to its end.
        memory: the most resident memory that its kernel had, in MB; None where the system does not tell.
    """

    def __init__(self, lesson: str, seconds: float, memory: float | None):
        budget = SECONDS.get(lesson[:2], 60)
        self.told = f"{lesson}: {seconds:.0f} s (budget {budget} s)"
        if memory is not None:
            self.told += f", at most {memory:.0f} MB (budget {MEGABYTES} MB)"
        self.in_budget = seconds <= 3 * budget and (memory is None or memory <= TOO_MANY_MEGABYTES)


def peak_memory(pid: int) -> float | None:
    """Most resident memory that a process has had so far, in MB; None where the system does not tell (not Linux)."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return None
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6
