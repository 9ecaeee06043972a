"""The long checks: made part by part, each recorded as it ends, so that what was stopped goes on where it was."""

import time
from dataclasses import replace

from lenet_tutorial.data import load_raw
from tests.qa import again, ends, machines, records, tables
from tests.qa.check import Broken, Skipped
from tests.qa.tree import copied

CHECKS = {module.NAME: module for module in (ends, machines, again)}


def look(name, only="", show=print, path=records.FILE):
    """Make the parts of a long check that are not recorded yet for this commit and processor.

    Args:
        name: one of `CHECKS`.
        only: make only the parts whose name holds this text.
        show: called with a line for each part as it ends.
        path: the file of records; the tables are written beside it.

    Returns:
        How many parts there are, in words.

    Raises:
        Broken: something failed in a part that was made now or before, or one could not be made.
        Skipped: the data for it, or what all its parts need, are not to be had.
    """
    module, commit = CHECKS[name], records.commit()
    if getattr(module, "WANTS_MNIST", False) and not load_raw().is_mnist:
        raise Skipped("it is about the numbers that MNIST gives, and MNIST was not found")
    parts = [part for part in module.parts() if only in part]
    todo = [part for part in parts if not records.done(name, part, commit, path)]
    unmade = {}
    if todo:
        with copied() as tree:
            for part in todo:
                try:
                    made = replace(_made(module, part, tree), commit=commit)
                except (Broken, Skipped) as reason:  # not recorded: another try may find it otherwise
                    unmade[part] = reason
                    show(f"  {name}: {part}: not made: {reason}")
                    continue
                records.add(made, path)
                show(f"  {name}: {part}: {made.seconds:.0f} s, {len(made.failed) or 'nothing'} failed")
                path.with_suffix(".md").write_text(tables.written(records.read(path)), encoding="utf-8")
    known = [each for each in records.read(path) if each.check == name and each.part in parts]
    failed = [f"{each.part}: {node}" for each in known if each.cpu == records.cpu() for node in each.failed]
    seen = f"{len(parts)} parts, {len(todo) - len(unmade)} of them made now; see {path.with_suffix('.md').name}"
    told = [f"not made: {part}: {reason}" for part, reason in unmade.items()]
    if failed or any(isinstance(reason, Broken) for reason in unmade.values()):
        raise Broken("\n".join([f"{seen}; {len(failed)} failures", *failed, *told]))
    if parts and len(unmade) == len(parts):
        raise Skipped("; ".join(told))
    return "\n".join([seen, *told])


def _made(module, part, tree):
    """Measure one part; where pytest broke off or hung, that is what failed."""
    start = time.perf_counter()
    try:
        return module.measure(part, tree)
    except RuntimeError as error:
        told = " ".join(str(error).split())[-300:]
        return records.Part(module.NAME, part, [told], module.NOTHING, round(time.perf_counter() - start, 1))
