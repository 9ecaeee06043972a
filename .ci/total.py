"""Add up the reports of several pytest runs into one closing line: total.py SECONDS FAILED_STEPS REPORT.xml ..."""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

seconds, failed_steps = int(sys.argv[1]), int(sys.argv[2])
tests = failures = skips = failed_reports = 0
for report in filter(Path.exists, map(Path, sys.argv[3:])):
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    failed_here = sum(int(suite.get("failures")) + int(suite.get("errors")) for suite in suites)
    failed_reports += failed_here > 0
    failures += failed_here
    tests += sum(int(suite.get("tests")) for suite in suites)
    skips += sum(int(suite.get("skipped")) for suite in suites)

other = max(0, failed_steps - failed_reports)  # style, or a pytest that broke off without a report
print(f"==== {tests - failures - skips} passed, {skips} skipped, {failures + other} failed in {seconds} s ====")
sys.exit(1 if failures or other or not tests else 0)
