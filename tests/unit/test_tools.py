"""The tools around the lessons: recording, checking and restoring them, the Makefile, the lists of packages."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from lenet_tutorial.tools import commands, lab_settings, lessons, ready
from lenet_tutorial.tools.lessons import LessonError

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

TOY = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A toy lesson

# %%
for step in range(3):
    print(f"\\rstep {step}", end="", flush=True)
print()

# %% tags=["data"]
6 * 7
"""


@pytest.fixture
def toy(tmp_path):
    """A lesson of three cells, not yet recorded, in a folder of its own."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    shutil.copy(ROOT / "pyproject.toml", tmp_path)  # jupytext's settings
    (folder / "01_toy.py").write_text(TOY)
    return lessons.Lesson(folder, "01_toy")


@pytest.fixture
def pair(toy):
    """The toy lesson with its notebook, not executed."""
    toy.notebook.write_text(nbformat.writes(lessons.in_step(toy), version=4) + "\n")
    return toy


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def committed(pair):
    git(pair.folder, "init", "-q")
    git(pair.folder, "add", ".")
    git(pair.folder, "commit", "-q", "-m", "Lesson")
    return pair


def edit(path, old, new, *, seconds_later):
    """Replace a text in a file, and date the file that many seconds into the future."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    later = path.stat().st_mtime + seconds_later
    os.utime(path, (later, later))


# Recording


def test_a_recorded_lesson_holds_what_a_learner_sees_and_no_more(toy):
    lessons.record(toy)
    text = toy.notebook.read_text()
    stored = json.loads(text)
    assert stored["metadata"] == {"kernelspec": lessons.KERNELSPEC, "language_info": {"name": "python"}}
    assert [cell["metadata"] for cell in stored["cells"]] == [{}, {}, {"tags": ["data"]}]
    assert [cell.get("execution_count") for cell in stored["cells"]] == [None, 1, 2]
    assert stored["cells"][1]["outputs"] == [{"name": "stdout", "output_type": "stream", "text": ["step 2\n"]}]
    assert stored["cells"][2]["outputs"][0]["data"] == {"text/plain": ["42"]}
    assert "iopub" not in text  # what nbclient writes when it records timing
    assert lessons.differences(toy) == []
    lessons.record(toy)
    assert toy.notebook.read_text() == text, "a second recording changed the file"


def test_recording_leaves_the_pair_in_step_whatever_the_order_of_the_metadata(toy):
    edit(toy.source, '# %% tags=["data"]', '# %% tags=["data"] jupyter={"source_hidden": true}', seconds_later=0)
    lessons.record(toy)
    assert lessons.differences(toy) == []


def test_a_failing_cell_is_shown_and_the_recorded_lesson_kept(pair):
    before = pair.notebook.read_text()
    edit(pair.source, "6 * 7", "6 / 0", seconds_later=5)
    with pytest.raises(LessonError, match=r"01_toy: cell 3 raised ZeroDivisionError: division by zero\n\n +6 / 0"):
        lessons.record(pair)
    assert pair.notebook.read_text() == before
    assert sorted(path.name for path in pair.folder.iterdir()) == ["01_toy.ipynb", "01_toy.py"]


def test_an_edit_made_while_the_lesson_runs_is_kept_and_nothing_recorded(pair):
    before = pair.notebook.read_text()
    grow = "source = open('01_toy.py', 'a'); source.write('# more'); source.close()"
    edit(pair.source, "6 * 7", grow, seconds_later=5)
    with pytest.raises(LessonError, match="edited while the lesson ran"):
        lessons.record(pair)
    assert pair.notebook.read_text() == before
    assert pair.source.read_text().endswith("# more")


def test_a_cell_that_hangs_is_ended(pair):
    edit(pair.source, "6 * 7", "import time; time.sleep(300)", seconds_later=5)
    start = time.monotonic()
    with pytest.raises(LessonError, match="cell 3 took longer than 2 seconds"):
        lessons.record(pair, timeout=2)
    assert time.monotonic() - start < 30


@pytest.mark.parametrize(("allowed", "status"), [(None, 1), ("0", 1), ("1", 0)])
def test_the_sample_is_recorded_only_when_asked_for(monkeypatch, capsys, toy, allowed, status):
    monkeypatch.setenv("LENET_TUTORIAL_MNIST", "sample")
    monkeypatch.delenv("ALLOW_SAMPLE", raising=False)
    if allowed is not None:
        monkeypatch.setenv("ALLOW_SAMPLE", allowed)
    monkeypatch.setattr(lessons, "find_lessons", lambda which: [toy])
    assert commands.main(["record"]) == status
    assert ("ALLOW_SAMPLE=1" in capsys.readouterr().err) is (status == 1)
    assert toy.notebook.exists() is (status == 0)


# Keeping a pair in step


def test_ids_stay_when_cells_are_edited_and_added(pair):
    before = [cell.id for cell in lessons.in_step(pair).cells]
    edit(pair.source, "6 * 7", "6 * 8", seconds_later=5)
    edit(pair.source, '# %% tags=["data"]', '# %%\n"a new cell"\n\n# %% tags=["data"]', seconds_later=5)
    after = [cell.id for cell in lessons.in_step(pair).cells]
    assert after[:2] == before[:2]
    assert len(set(after)) == len(after) == 4
    assert after == [cell.id for cell in lessons.in_step(pair).cells], "a new cell's id is random"
    edit(pair.source, '# %%\n"a new cell"\n\n', "", seconds_later=5)
    assert [cell.id for cell in lessons.in_step(pair).cells] == before


def test_equal_cells_get_different_ids(toy):
    toy.source.write_text(TOY + '\n# %% tags=["data"]\n6 * 7\n')
    ids = [cell.id for cell in lessons.in_step(toy).cells]
    assert len(set(ids)) == len(ids) == 4


@pytest.mark.parametrize(
    ("old", "new"), [("6 * 7", "6 * 8"), ("A toy lesson", "A top lesson"), ('["data"]', '["varies"]')]
)
def test_check_finds_an_edit_of_code_text_or_tags(pair, old, new):
    assert lessons.differences(pair) == []
    edit(pair.source, old, new, seconds_later=0)
    found = "\n".join(lessons.differences(pair))
    assert old in found
    assert new in found


def test_check_finds_a_missing_half(pair):
    pair.source.unlink()
    assert lessons.differences(pair) == ["01_toy.py is missing"]


def test_check_ignores_outputs(pair):
    notebook = nbformat.read(pair.notebook, as_version=4)
    notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="42")]
    nbformat.write(notebook, pair.notebook)
    assert lessons.differences(pair) == []


def test_the_source_wins_unless_the_notebook_holds_newer_edits(pair):
    edit(pair.notebook, "6 * 7", "6 * 9", seconds_later=-50)
    assert lessons.in_step(pair).cells[2].source == "6 * 7"
    edit(pair.notebook, "6 * 9", "6 * 8", seconds_later=100)
    before = pair.notebook.read_text()
    with pytest.raises(LessonError, match="Nothing was changed") as caught:
        lessons.record(pair)
    assert f"jupytext --sync {pair.notebook}" in str(caught.value)
    assert pair.notebook.read_text() == before


def test_a_damaged_notebook_says_how_to_get_it_back(pair):
    pair.notebook.write_text(pair.notebook.read_text()[:100])
    with pytest.raises(LessonError, match="make fresh LESSON=01"):
        lessons.differences(pair)


@pytest.mark.parametrize("which", ["1", "01", "01_toy", "notebooks/01_toy.ipynb"])
def test_a_lesson_is_found_by_what_people_type(toy, which):
    assert lessons.find_lessons(which, toy.folder) == [toy]


def test_an_unknown_lesson_lists_those_there_are(toy):
    with pytest.raises(LessonError, match=r"01_toy.*got '07'"):
        lessons.find_lessons("07", toy.folder)


# Bringing a lesson back


def test_fresh_brings_a_lesson_back_and_keeps_the_copy(committed):
    originals = {path: path.read_bytes() for path in (committed.source, committed.notebook)}
    edit(committed.notebook, "6 * 7", "my answer", seconds_later=1)
    mine = committed.notebook.read_bytes()
    (copy,) = lessons.fresh(committed)
    assert copy.parent == committed.folder / "mine"
    assert copy.name.startswith("01_toy-")
    assert copy.read_bytes() == mine
    assert {path: path.read_bytes() for path in originals} == originals
    assert lessons.fresh(committed) == []


def test_fresh_twice_in_a_second_keeps_both_copies(committed):
    copies = []
    for answer in ("one", "two"):
        committed.notebook.write_text(answer)
        copies += lessons.fresh(committed)
    assert [copy.read_text() for copy in copies] == ["one", "two"]


def test_fresh_without_git_changes_nothing(pair):
    before = pair.notebook.read_bytes()
    with pytest.raises(LessonError, match="ZIP"):
        lessons.fresh(pair)
    assert pair.notebook.read_bytes() == before


# What JupyterLab and the teacher get


def test_settings_leave_what_else_was_configured(tmp_path):
    path = tmp_path / lab_settings.SERVER_SETTINGS_FILE
    lab_settings.write_json(path, {"ServerApp": {"quit_button": False}, "MappingKernelManager": {"cull_busy": True}})
    lab_settings.write_binder_settings(tmp_path)
    stored = json.loads(path.read_text())
    assert stored["ServerApp"] == {"quit_button": False}
    assert stored["MappingKernelManager"] == {"cull_busy": True} | lab_settings.BINDER_SETTINGS["MappingKernelManager"]


def test_the_settings_say_what_they_are_there_for():
    news = lab_settings.LAB_SETTINGS["@jupyterlab/apputils-extension:notification"]
    assert news == {"fetchNews": "false", "checkForUpdates": False}, "JupyterLab would ask another host"
    viewers = lab_settings.LAB_SETTINGS["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"]
    assert viewers["python"] == "Jupytext Notebook"
    culling = lab_settings.BINDER_SETTINGS["MappingKernelManager"]
    assert 0 < culling["cull_idle_timeout"] <= 1800
    assert culling["cull_interval"] > 0, "0 would mean never"
    assert culling["cull_connected"], "a lesson left open keeps its connection"


def test_the_server_knows_the_settings():
    """A misspelt option would be ignored in silence."""
    from jupyter_server.services.kernels.kernelmanager import MappingKernelManager

    for name in lab_settings.BINDER_SETTINGS["MappingKernelManager"]:
        assert MappingKernelManager.class_traits()[name].metadata["config"]


def test_lab_knows_the_settings():
    schemas = Path(sys.prefix) / "share/jupyter/lab/schemas"
    for plugin, settings in lab_settings.LAB_SETTINGS.items():
        package, name = plugin.split(":")
        schema = json.loads((schemas / package / f"{name}.json").read_text())
        assert set(settings) <= set(schema["properties"]), plugin


def test_a_report_names_what_is_missing_and_goes_on_after_an_error(capsys):
    def broken():
        raise OSError("no such disk")

    def fine():
        return "all is well", ""

    def hungry():
        return "1 GB free", "buy memory"

    assert ready.report({"Fine": fine}) is True
    assert capsys.readouterr().out.splitlines()[-1].startswith("Ready: ")
    assert ready.report({"Disk": broken, "Memory": hungry, "Fine": fine}) is False
    out = capsys.readouterr().out
    assert "no such disk" in out
    assert "all is well" in out
    assert out.splitlines()[-2:] == ["Not ready. Disk: see the message above.", "Not ready. Memory: buy memory."]


def test_half_a_lesson_or_none_does_not_make_a_class_ready(monkeypatch, toy):
    monkeypatch.setattr(lessons, "find_lessons", lambda: [toy])
    assert ready.check_lessons() == ("missing: 01_toy.ipynb", "take them from a complete copy of the project")
    toy.notebook.write_text("{}")
    assert ready.check_lessons() == ("01_toy", "")
    monkeypatch.setattr(lessons, "find_lessons", list)
    assert ready.check_lessons()[1]


@pytest.mark.parametrize(("share", "enough"), [(0.9, False), (1.1, True)])
def test_too_little_disk_or_memory_does_not_make_a_class_ready(monkeypatch, tmp_path, share, enough):
    monkeypatch.setenv("LENET_TUTORIAL_CACHE", str(tmp_path))
    free = SimpleNamespace(free=share * ready.DISK_NEEDED * 1e9, available=share * ready.MEMORY_NEEDED * 1e9)
    monkeypatch.setattr(ready.shutil, "disk_usage", lambda folder: free)
    monkeypatch.setattr(ready.psutil, "virtual_memory", lambda: free)
    assert [not check()[1] for check in (ready.check_disk, ready.check_memory)] == [enough, enough]


def test_the_sample_does_not_make_a_class_ready(monkeypatch):
    monkeypatch.setenv("LENET_TUTORIAL_MNIST", "sample")
    assert ready.check_mnist()[1]
    assert ready.check_network()[1]


def test_a_cache_that_cannot_be_written_to_does_not_make_a_class_ready(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("LENET_TUTORIAL_CACHE", str(tmp_path / "file"))
    assert ready.report({"Disk": ready.check_disk}) is False
    assert str(tmp_path / "file") in capsys.readouterr().out


def test_data_that_cannot_be_read_are_told_in_one_line(monkeypatch, capsys):
    monkeypatch.setenv("LENET_TUTORIAL_MNIST", "/a/path/that/is/not/there")
    assert commands.main(["record"]) == 1
    said = capsys.readouterr().err
    assert "/a/path/that/is/not/there" in said
    assert "Traceback" not in said


def test_the_lab_opens_at_the_first_lesson_and_hands_options_on(monkeypatch, toy):
    import jupyterlab.labapp

    given = []
    monkeypatch.setattr(jupyterlab.labapp, "main", given.extend)
    monkeypatch.setattr(lessons, "find_lessons", lambda: [toy])
    monkeypatch.setattr(lessons, "NOTEBOOKS", toy.folder)
    commands.main(["lab", "--no-browser", "--port=8889"])
    root = toy.folder.parent
    page = "--LabApp.default_url=/lab/tree/notebooks/01_toy.ipynb"
    assert given == [f"--ServerApp.root_dir={root}", page, "--no-browser", "--port=8889"]


def test_an_unknown_option_is_refused(capsys):
    with pytest.raises(SystemExit):
        commands.main(["check", "--fast"])
    assert "--fast" in capsys.readouterr().err


# Makefile


@pytest.fixture
def elsewhere(tmp_path):
    """The Makefile and what it reads, in a folder with a space in its name and no environment."""
    folder = tmp_path / "with space"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


def make(folder, *arguments):
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    # A make that runs these tests must not hand its own variables on to the one under test.
    clean = {key: value for key, value in os.environ.items() if key not in ("MAKEFLAGS", "MFLAGS", "PYTHON")}
    return subprocess.run(
        ["make", "-C", str(folder), *arguments], capture_output=True, text=True, env=clean, cwd="/", timeout=60
    )


def fake_python(folder, version):
    """A program that answers as a Python of another version would, without being one."""
    path = folder / "fakepython"
    spoof = f"import sys; sys.version_info = {version!r}; sys.argv = sys.argv[1:]; exec(sys.argv.pop(1))"
    path.write_text(f'#!/bin/sh\nshift\nexec "{sys.executable}" -c "{spoof}" fake "$@"\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(("version", "fits"), [((3, 8, 1), False), ((3, 14, 0), False), ((3, 12, 4), True)])
def test_make_says_which_python_it_needs(elsewhere, tmp_path, version, fits):
    done = make(elsewhere, "test", f"PYTHON={fake_python(tmp_path, version)}")
    refused = f"is Python {version[0]}.{version[1]}; the lessons need 3.11 to 3.13." in done.stderr
    assert refused is not fits
    assert done.returncode != 0  # the fake one that fits cannot build an environment
    assert not (elsewhere / ".venv/.ready").exists()
    if not fits:
        assert "make test PYTHON=python3.12" in done.stderr
        assert not (elsewhere / ".venv").exists()


def test_make_says_that_there_is_no_such_python(elsewhere):
    done = make(elsewhere, "lab", "PYTHON=python-that-is-not-there")
    assert done.returncode != 0
    assert "No python-that-is-not-there was found." in done.stderr


def built(folder):
    """Pretend that the environment was built: this Python, and a stamp as make writes it."""
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    version = ".".join(map(str, sys.version_info[:3]))
    (folder / ".venv/.ready").write_text(f"{version} in {folder}\n")


def test_make_uses_an_environment_that_is_up_to_date(elsewhere):
    built(elsewhere)
    assert "venv --clear" not in make(elsewhere, "-n", "test").stdout
    assert "-m pytest" in make(elsewhere, "-n", "test").stdout


@pytest.mark.parametrize("change", ["no stamp", "moved", "other python"])
def test_make_builds_an_environment_anew(elsewhere, tmp_path, change):
    built(elsewhere)
    arguments = ["-n", "test"]
    if change == "no stamp":  # what an interrupted building leaves behind
        (elsewhere / ".venv/.ready").unlink()
    elif change == "moved":
        elsewhere = elsewhere.rename(tmp_path / "moved")
    else:
        arguments.append(f"PYTHON={fake_python(tmp_path, (3, 12, 99))}")
    assert "venv --clear" in make(elsewhere, *arguments).stdout


def test_make_updates_an_environment_in_place_when_the_list_of_packages_is_newer(elsewhere):
    built(elsewhere)
    later = (elsewhere / ".venv/.ready").stat().st_mtime + 5
    os.utime(elsewhere / "constraints.txt", (later, later))
    done = make(elsewhere, "-n", "test")
    assert 'test -z ""' in done.stdout
    assert re.search(r'pip install .*-c constraints\.txt -e "\.\[dev\]"', done.stdout), "without the proven versions"


def test_make_fresh_asks_which_lesson(elsewhere):
    built(elsewhere)
    done = make(elsewhere, "fresh")
    assert done.returncode == 2
    assert "make fresh LESSON=03" in done.stderr


# Lists of packages


def pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_constraints_are_exact_pins_without_addresses():
    assert len(pins()) > 50
    assert [line for line in pins() if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line)] == []


def test_constraints_cover_every_dependency_within_its_bounds():
    pinned = {canonicalize_name(name): version for name, version in (line.split("==") for line in pins())}
    for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dev"]:
        wanted = Requirement(text)
        assert pinned[canonicalize_name(wanted.name)] in wanted.specifier


def test_conda_installs_this_package_under_the_constraints():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    (python,) = (item for item in listed if isinstance(item, str) and item.startswith("python="))
    assert f"{python.removeprefix('python=')}.0" in SpecifierSet(PROJECT["requires-python"])
    assert {"pip": ["-c constraints.txt", "-e ."]} in listed
    assert set(filter(lambda item: isinstance(item, str), listed)) == {python, "pip"}, "a second list of dependencies"


def test_binder_reads_the_repository(tmp_path):
    """repo2docker writes its Dockerfile from environment.yml and postBuild; nothing is built."""
    pytest.importorskip("repo2docker")
    command = [sys.executable, "-m", "repo2docker", "--debug", "--no-build", "--user-id=1000", "--user-name=a", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "CONDA_DEFAULT_ENV" in said
    assert "environment.yml" in said
    assert "./postBuild" in said
    assert os.access(ROOT / "postBuild", os.X_OK)


@pytest.mark.parametrize(
    "path",
    [
        "CITATION.cff",
        ".pre-commit-config.yaml",
        *sorted(str(path.relative_to(ROOT)) for path in (ROOT / ".github/workflows").glob("*.yml")),
    ],
)
def test_a_yaml_file_parses(path):
    assert isinstance(yaml.safe_load((ROOT / path).read_text()), dict)


def test_the_citation_agrees_with_the_project():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors"} <= set(citation)  # what the format requires
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]


# What CI adds up


REPORT = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'


@pytest.mark.parametrize(
    ("suites", "failed_steps", "said"),
    [
        ([(5, 0, 0, 1), (3, 0, 0, 0)], 0, "==== 7 passed, 1 skipped, 0 failed in 60 s ===="),
        ([(5, 1, 0, 0), (3, 0, 1, 0)], 2, "==== 6 passed, 0 skipped, 2 failed in 60 s ===="),
        ([(5, 0, 0, 0)], 1, "==== 5 passed, 0 skipped, 1 failed in 60 s ===="),  # style, which has no report
        ([], 0, "==== 0 passed, 0 skipped, 0 failed in 60 s ===="),
    ],
)
def test_the_closing_line_counts_every_failure_and_nothing_run_is_no_success(tmp_path, suites, failed_steps, said):
    for number, counts in enumerate(suites):
        (tmp_path / f"{number}.xml").write_text(REPORT.format(*counts))
    command = [sys.executable, str(ROOT / ".ci/total.py"), "60", str(failed_steps)]
    done = subprocess.run([*command, *map(str, tmp_path.iterdir())], capture_output=True, text=True)
    assert done.stdout.strip() == said
    assert done.returncode == (0 if suites and "0 failed" in said else 1)


def test_binder_is_given_its_settings_and_the_network():
    """postBuild is run by Binder alone."""
    written = (ROOT / "postBuild").read_text()
    for line in ("python -m lenet_tutorial settings --binder", "python -m lenet_tutorial ready"):
        assert line in written
        assert commands.parse(line.split()[3:]).run in (commands.settings, commands.ready)


# The public address, and what must not stand in a file


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_one_command_sets_the_public_address_everywhere(tmp_path):
    if shutil.which("perl") is None:
        pytest.skip("perl is not installed")
    for path in tracked():
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    command = re.search(r"make org ORG=\S+ REPO=\S+", (ROOT / "CONTRIBUTING.md").read_text()).group().split()
    done = make(tmp_path, *command[1:])
    assert done.returncode == 0, done.stderr
    speak_of_it = {"Makefile", "CONTRIBUTING.md", "tests/unit/test_tools.py"}
    # Also in other spellings, which the command would not know.
    placeholder = re.compile(r"\bORG\b\W{0,3}(?:%2F)?\W{0,3}\bREPO\b|your[-_ ](?:org|name|repo)", re.IGNORECASE)
    left = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if placeholder.search((tmp_path / path.relative_to(ROOT)).read_text(encoding="utf-8", errors="ignore"))
    ]
    assert set(left) <= speak_of_it
    assert "ORG/REPO" in (ROOT / "README.md").read_text() or "/lenet" in (ROOT / "README.md").read_text()
    assert "badge" in (tmp_path / "README.md").read_text()


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "TEACHING.md"])
def test_a_link_to_a_file_leads_somewhere(name):
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (ROOT / link).exists()] == []


def test_no_file_names_a_machine():
    """No folder of the machine where a file was made, and no package index's address: both would be wrong elsewhere."""
    home = re.compile(r"/(?:home|root|Users)/\w|/opt/|index-url|/simple/\w")
    found = []
    for path in tracked():
        if path.suffix == ".png" or path.name == "test_tools.py":
            continue
        found += [(path.name, match.group()) for match in home.finditer(path.read_text(encoding="utf-8"))]
    assert found == []
