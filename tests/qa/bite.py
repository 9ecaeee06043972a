"""The tests bite: each seeded fault, put into a copy of the project, makes the one test fail that must fail."""

import queue
import shutil
from concurrent.futures import ThreadPoolExecutor

from tqdm import tqdm

from tests.qa import cases
from tests.qa.check import Broken, Skipped
from tests.qa.faults import FAULTS
from tests.qa.tree import copied

TIMEOUT = 300  # seconds for one fault


def look(faults=FAULTS, jobs=2):
    """Try every fault.

    Args:
        faults: :class:`tests.qa.faults.Fault` each.
        jobs: how many at once, each in a copy of its own.

    Returns:
        How many were caught, in words.

    Raises:
        Broken: a fault was missed, does not fit the project any more, or its test fails without it.
        Skipped: every fault's test was skipped.
    """
    with copied() as tree:
        stale = [fault for fault in faults if not fault.fits(tree)]
        fitting = [fault for fault in faults if fault not in stale]
        found = _unchanged(tree, fitting)
        tried = [fault for fault in fitting if found[fault.run] == "passed"]
        missed = _missed(tree, tried, jobs)
    untried = [
        f"not tried, since its test was skipped: {each.name}" for each in fitting if found[each.run] == "skipped"
    ]
    wrong = [f"stale: {each.name}: what it replaces does not stand in {each.path} exactly once" for each in stale]
    wrong += [f"fails without the fault: {each.fails}" for each in fitting if found[each.run] == "failed"]
    wrong += [f"missed: {name}: {why}" for name, why in missed.items()]
    caught = f"{len(tried) - len(missed)} of {len(faults)} seeded faults caught"
    if wrong:
        raise Broken("\n".join([caught, *wrong, *untried]))
    if untried and not tried:
        raise Skipped("\n".join(["no fault was tried", *untried]))
    return "\n".join([caught, *untried])


def _unchanged(tree, faults):
    """What the tests say of the unchanged copy, by what is run: a lesson passes if all its cells do."""
    outcomes = {}
    nodes = list(dict.fromkeys(fault.run for fault in faults))
    for case in cases.run(tree, *nodes):
        node = case.node if case.node in nodes else case.node.partition("::")[0]
        if outcomes.get(node, "passed") == "passed":
            outcomes[node] = case.outcome
    return {node: outcomes.get(node, "failed") for node in nodes}


def _missed(tree, faults, jobs):
    """The faults that were missed, and what happened instead, by name."""
    trees = queue.SimpleQueue()
    for number in range(jobs):
        trees.put(shutil.copytree(tree, tree.with_name(f"job-{number}")))

    def tried(fault):
        mine = trees.get()
        try:
            return _tried(mine, fault)
        finally:
            trees.put(mine)

    with ThreadPoolExecutor(jobs) as pool:
        results = tqdm(pool.map(tried, faults), "faults", len(faults), leave=False, disable=None)  # on a terminal only
        said = dict(zip((fault.name for fault in faults), results, strict=True))
    return {name: why for name, why in said.items() if why}


def _tried(tree, fault):
    """Put one fault into a copy, run its test, take it out again; say what went wrong, or nothing."""
    with fault.put_into(tree):
        try:
            found = cases.run(tree, "-x", fault.run, timeout=TIMEOUT)
        except RuntimeError as error:
            return str(error).splitlines()[0]
    failed = [case.node for case in cases.failed(found)]
    return "" if failed == [fault.fails] else f"expected {fault.fails} to fail, {failed or 'nothing'} did"
