# The lessons' commands. `make` alone lists them. Each builds .venv first, when it is missing or out of date.
#
#   PYTHON=python3.12   the Python to build .venv with (default: python3)
#   LESSON=04           only this lesson (lessons, fresh)
#   LAB_ARGS="..."      more arguments for JupyterLab (lab)
#   TEST_ARGS="..."     more arguments for pytest (test)
#   QA_ARGS="..."       more arguments for the checks (qa): --only mutation

SHELL := /bin/sh
PYTHON ?= python3
LESSON ?=
LAB_ARGS ?=
TEST_ARGS ?=
QA_ARGS ?=
VENV := .venv
PY := $(VENV)/bin/python
LAB := $(VENV)/.lab
READY := $(VENV)/.ready

# A Python prints its version; what the environment was built as (folder and Python) stands in its stamp.
VERSION := -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])'
ifeq ($(origin PYTHON),file)
WANTED = $(shell $(PY) $(VERSION) 2>/dev/null)
else
WANTED = $(shell "$(PYTHON)" $(VERSION) 2>/dev/null)
endif
BUILT = $(shell cat $(LAB) 2>/dev/null)
ifneq ($(BUILT),$(WANTED) in $(CURDIR))
STALE := stale
endif

# Stops with what was found, what is wanted (one home: pyproject.toml) and what to type instead. Runs on any Python.
SUPPORTED := import re, sys; \
  low, high = map(int, re.search(r"requires-python = .>=3\.(\d+),<3\.(\d+)", open("pyproject.toml").read()).groups()); \
  sys.exit(0 if (3, low) <= sys.version_info[:2] < (3, high) else \
  "%s is Python %d.%d; the lessons need 3.%d to 3.%d." % ((sys.argv[1],) + sys.version_info[:2] + (low, high - 1)))
CHECK_PYTHON = "$(PYTHON)" -c '$(SUPPORTED)' "$(PYTHON)" || { \
  command -v "$(PYTHON)" >/dev/null || echo 'No $(PYTHON) was found.' >&2; \
  echo 'Choose another Python, for example: make $(MAKECMDGOALS) PYTHON=python3.12' >&2; \
  for other in python3.13 python3.12 python3.11; do \
    command -v $$other >/dev/null && echo "On this machine: $$other" >&2; done; exit 1; }

PIP = $(PY) -m pip install --quiet --disable-pip-version-check

.PHONY: help environment lab ready test lessons fresh check lint demo bench qa constraints org stale
.DELETE_ON_ERROR:

help:
	@echo 'make lab             open the lessons in JupyterLab'
	@echo 'make test            run every test, the lessons included'
	@echo 'make ready           for a teacher: fetch MNIST, train the network, say whether a class can start offline'
	@echo 'make fresh LESSON=04 bring a lesson back as it was; your copy is kept in notebooks/mine'
	@echo 'make lessons         bring the notebooks in step with their .py files and execute them (LESSON=04: one)'
	@echo 'make demo            show the widgets on a plain page, without Jupyter'
	@echo 'make lint            check style, the direction of imports, that the pairs are in step, the workflows'
	@echo 'make bench           how fast the network is inspected, as ratios, and how fast the widgets answer'
	@echo 'make qa              what holds: seeded faults, hostile conditions, no network, a browser; up to 25 minutes'
	@echo 'make constraints     write constraints.txt anew from the newest versions'
	@echo 'make org ORG=you REPO=lenet-tutorial   set the address of the public repository'
	@echo 'PYTHON=python3.12 chooses the Python to build .venv with.'

environment: $(READY)

lab: $(LAB)
	@$(PY) -m lenet_tutorial lab $(LAB_ARGS)

ready: $(LAB)
	@$(PY) -m lenet_tutorial ready

test: $(READY)
	@$(PY) -m pytest -n auto $(if $(JUNIT),--junitxml="$(JUNIT).xml") $(TEST_ARGS)

lessons: $(LAB)
	@$(PY) -m lenet_tutorial record $(LESSON)

fresh: $(LAB)
	@test -n "$(LESSON)" || { echo 'Which lesson? For example: make fresh LESSON=04' >&2; exit 2; }
	@$(PY) -m lenet_tutorial fresh $(LESSON)

check: $(LAB)
	@$(PY) -m lenet_tutorial check

demo: $(LAB)
	@$(PY) -m lenet_tutorial demo

bench: $(LAB)
	@$(PY) -m lenet_tutorial bench

qa: $(READY)
	@$(PY) -m tests.qa $(QA_ARGS)

lint: $(READY)
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(VENV)/bin/lint-imports --no-logo --no-cache
	@$(PY) -m lenet_tutorial check
	@$(VENV)/bin/zizmor --offline --quiet .github

# .venv holds what opening the lessons takes, and then also what testing them takes. Each has a stamp, which is written
# last: an environment whose building was interrupted has none, and is built again from nothing. One that is merely older
# than the list of packages is brought up to date in place.
$(LAB): pyproject.toml constraints.txt $(STALE)
	@if test -f $(LAB) && test -z "$(STALE)"; then \
	   echo 'Bringing .venv up to date ...'; rm -f $(LAB); \
	 else \
	   $(CHECK_PYTHON); \
	   echo 'Building .venv: some minutes, 3 GB of disk ...'; \
	   rm -f $(LAB); "$(PYTHON)" -m venv --clear $(VENV); \
	 fi
	@$(PIP) -c constraints.txt -e ".[lab]"
	@$(PY) -m lenet_tutorial settings >/dev/null
	@echo "$$($(PY) $(VERSION)) in $(CURDIR)" > $(LAB)
	@echo '.venv is ready.'

$(READY): $(LAB)
	@echo 'Adding what the tests need ...'; rm -f $(READY)
	@$(PIP) -c constraints.txt -e ".[dev]"
	@$(PIP) -c constraints.txt --upgrade --no-deps --target $(VENV)/jax jax jaxlib
	@touch $(READY)

stale:

# Best run with the oldest supported Python: what installs there installs on the newer ones.
constraints:
	@$(CHECK_PYTHON)
	@echo 'Resolving the newest versions in a fresh environment ...'
	@"$(PYTHON)" -m venv --clear .venv-newest
	@$(subst $(PY),.venv-newest/bin/python,$(PIP)) -e ".[dev]"
	@sed -n '/^#/p' constraints.txt > constraints.new
	@.venv-newest/bin/python -m pip freeze --exclude-editable >> constraints.new
	@mv constraints.new constraints.txt; rm -rf .venv-newest
	@echo 'Wrote constraints.txt. Now: make test'

org:
	@test -n "$(ORG)" && test -n "$(REPO)" || { echo 'Usage: make org ORG=you REPO=lenet-tutorial' >&2; exit 2; }
	@git grep -lzF 'ORG/REPO' -- . ':!Makefile' ':!CONTRIBUTING.md' ':!tests' | \
	   xargs -0 perl -pi -e 's{ORG/REPO}{$(ORG)/$(REPO)}g; s{\bORG(?=\@users)}{$(ORG)}'
	@git --no-pager diff --stat
