"""Add up the reports of several pytest runs into one closing line: total.py SECONDS FAILED_STEPS REPORT.xml ..."""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

seconds, failed_steps = int(sys.argv[1]), int(sys.argv[2])
tests = failures = skips = 0
for report in filter(Path.exists, map(Path, sys.argv[3:])):
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        tests += int(suite.get("tests"))
        failures += int(suite.get("failures")) + int(suite.get("errors"))
        skips += int(suite.get("skipped"))

failed = max(failures, failed_steps)  # a step can fail without a report, or with several failures in it
print(f"==== {tests - failures - skips} passed, {skips} skipped, {failed} failed in {seconds} s ====")
sys.exit(1 if failed or not tests else 0)
