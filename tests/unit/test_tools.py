"""The tools around the lessons: recording, checking and restoring them, the Makefile, the lists of packages."""

import itertools
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import nbformat
import pytest
import yaml
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from jupytext.sync_contentsmanager import build_sync_jupytext_contents_manager_class
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from tornado.web import HTTPError

import lenet_tutorial
from lenet_tutorial.tools import bench, commands, fresh, lab, lessons, ready, sync
from lenet_tutorial.tools.check import differences
from lenet_tutorial.tools.lessons import Lesson, LessonError
from lenet_tutorial.tools.record import execute, in_step

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OPTIONAL = PROJECT["optional-dependencies"]

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
    return Lesson(folder, "01_toy")


@pytest.fixture
def pair(toy):
    """The toy lesson with its notebook, not executed."""
    toy.notebook.write_text(nbformat.writes(in_step(toy), version=4) + "\n")
    return toy


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def committed(pair):
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "Lesson"]):
        git(pair.folder, *command)
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
    edit(toy.source, '# %% tags=["data"]', '# %% tags=["data"] jupyter={"source_hidden": true}', seconds_later=0)
    execute(toy)
    text = toy.notebook.read_text()
    stored = json.loads(text)
    assert stored["metadata"] == {"kernelspec": lessons.KERNELSPEC, "language_info": {"name": "python"}}
    metadata = {"jupyter": {"source_hidden": True}, "tags": ["data"]}
    assert [cell["metadata"] for cell in stored["cells"]] == [{}, {}, metadata]
    assert [cell.get("execution_count") for cell in stored["cells"]] == [None, 1, 2]
    assert stored["cells"][1]["outputs"] == [{"name": "stdout", "output_type": "stream", "text": ["step 2\n"]}]
    assert stored["cells"][2]["outputs"][0]["data"] == {"text/plain": ["42"]}
    assert "iopub" not in text  # what nbclient writes when it records timing
    assert differences(toy) == [], "the order of the metadata counts"
    execute(toy)
    assert toy.notebook.read_text() == text, "a second recording changed the file"


def test_a_fold_that_jupyterlab_forgot_is_recorded_again(toy):
    edit(toy.source, '# %% tags=["data"]', '# %% tags=["data", "folded"]', seconds_later=0)
    (*_, plain, last) = execute(toy).cells
    assert last.metadata["jupyter"] == {"outputs_hidden": True}
    assert "jupyter" not in plain.metadata
    for path in (toy.source, toy.notebook):
        path.write_text(path.read_text().replace('"outputs_hidden": true', ""))
    os.utime(toy.source)
    assert execute(toy).cells[-1].metadata["jupyter"] == {"outputs_hidden": True}
    assert differences(toy) == []


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("6 / 0", r"01_toy: cell 3 raised ZeroDivisionError: division by zero\n\n +6 / 0"),
        ("import time; time.sleep(300)", "cell 3 took longer than 2 seconds"),
        ("file = open('01_toy.py', 'a'); file.write('# more'); file.close()", "edited while the lesson ran"),
    ],
)
def test_a_lesson_that_cannot_be_recorded_says_why_and_keeps_both_files(pair, cell, said):
    before = pair.notebook.read_text()
    edit(pair.source, "6 * 7", cell, seconds_later=5)
    start = time.monotonic()
    with pytest.raises(LessonError, match=said):
        execute(pair, timeout=2)
    assert time.monotonic() - start < 30
    assert pair.notebook.read_text() == before
    assert pair.source.read_text().endswith("# more") is ("# more" in cell)
    assert sorted(path.name for path in pair.folder.iterdir()) == ["01_toy.ipynb", "01_toy.py"]


@pytest.mark.parametrize(("allowed", "status"), [("", 1), ("0", 1), ("1", 0)])
def test_the_sample_is_recorded_only_when_asked_for(monkeypatch, capsys, toy, allowed, status):
    monkeypatch.setenv("LENET_TUTORIAL_MNIST", "sample")
    monkeypatch.setenv("ALLOW_SAMPLE", allowed)
    monkeypatch.setattr(lessons, "NOTEBOOKS", toy.folder)
    assert commands.main(["record"]) == status
    assert ("ALLOW_SAMPLE=1" in capsys.readouterr().err) is (status == 1)
    assert toy.notebook.exists() is (status == 0)


# Keeping a pair in step


def test_ids_stay_when_cells_are_edited_and_added(pair):
    def ids():
        return [cell.id for cell in in_step(pair).cells]

    before, new = ids(), '# %% tags=["data"]\n6 * 7\n\n'
    edit(pair.source, "6 * 7", "6 * 8", seconds_later=5)
    edit(pair.source, '# %% tags=["data"]', f'{new}{new}# %% tags=["data"]', seconds_later=5)
    assert ids()[:2] == before[:2]
    assert len(set(ids())) == len(ids()) == 5, "equal cells have equal ids"
    assert ids() == ids(), "a new cell's id is random"
    edit(pair.source, new, "", seconds_later=5)
    assert ids() == before


@pytest.mark.parametrize(
    ("old", "new"), [("6 * 7", "6 * 8"), ("A toy lesson", "A top lesson"), ('["data"]', '["varies"]')]
)
def test_check_finds_an_edit_of_code_text_or_tags_and_a_missing_half_but_no_outputs(pair, old, new):
    notebook = nbformat.read(pair.notebook, as_version=4)
    notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="42")]
    nbformat.write(notebook, pair.notebook)
    assert differences(pair) == []
    edit(pair.source, old, new, seconds_later=0)
    found = "\n".join(differences(pair))
    assert old in found
    assert new in found
    pair.source.unlink()
    assert differences(pair) == ["01_toy.py is missing"]


def test_the_source_wins_unless_the_notebook_holds_newer_edits(pair):
    edit(pair.notebook, "6 * 7", "6 * 9", seconds_later=-50)
    assert in_step(pair).cells[2].source == "6 * 7"
    edit(pair.notebook, "6 * 9", "6 * 8", seconds_later=100)
    before = pair.notebook.read_text()
    with pytest.raises(LessonError, match=f"Nothing was changed.*jupytext --sync {re.escape(str(pair.notebook))}"):
        execute(pair)
    assert pair.notebook.read_text() == before


def test_a_damaged_notebook_says_how_to_get_it_back(pair):
    pair.notebook.write_text(pair.notebook.read_text()[:100])
    with pytest.raises(LessonError, match="make fresh LESSON=01"):
        differences(pair)


def test_a_lesson_is_found_by_what_people_type_and_else_those_there_are_are_listed(toy):
    for which in ("1", "01", "01_toy", "notebooks/01_toy.ipynb"):
        assert lessons.find_lessons(which, toy.folder) == [toy]
    with pytest.raises(LessonError, match=r"01_toy.*got '07'"):
        lessons.find_lessons("07", toy.folder)


# Bringing a lesson back


def test_fresh_brings_a_lesson_back_and_keeps_both_copies_of_one_second(committed):
    originals = {path: path.read_bytes() for path in (committed.source, committed.notebook)}
    for answer in (b"one", b"two"):
        committed.notebook.write_bytes(answer)
        changed, (copy,) = fresh.fresh(committed)
        assert changed == [committed.notebook]
        assert copy.read_bytes() == answer
        assert {path: path.read_bytes() for path in originals} == originals
    assert sorted(path.read_bytes() for path in (committed.folder / "mine").glob("01_toy-*.ipynb")) == [b"one", b"two"]
    assert fresh.fresh(committed) == ([], [])
    for path, original in originals.items():
        path.write_bytes(original.replace(b"\n", b"\r\n"))
    assert fresh.fresh(committed) == ([], []), "line ends are a change"


def test_fresh_without_git_changes_nothing(pair):
    before = pair.notebook.read_bytes()
    with pytest.raises(LessonError, match="ZIP"):
        fresh.fresh(pair)
    assert pair.notebook.read_bytes() == before


def test_fresh_wants_one_lesson(monkeypatch, capsys, committed):
    (committed.folder / "01_mine.py").write_text("")
    monkeypatch.setattr(lessons, "NOTEBOOKS", committed.folder)
    assert commands.main(["fresh", "1"]) == 1
    assert "01_mine, 01_toy" in capsys.readouterr().err


# Editing elsewhere


def opens(lesson):
    """Whether JupyterLab opens both files of the pair; it is asked as its server asks."""
    manager = build_sync_jupytext_contents_manager_class(LargeFileManager)(root_dir=str(lesson.folder.parent))
    try:
        return [
            [cell["source"] for cell in manager.get(f"notebooks/{path.name}", type="notebook")["content"]["cells"]]
            for path in (lesson.notebook, lesson.source)
        ]
    except HTTPError:
        return None


def edited_elsewhere(lesson, old="6 * 7", new="6 * 9"):
    """As VS Code saves it: another indent, metadata of its own, an output, and the .py as it was."""
    notebook = nbformat.read(lesson.notebook, as_version=4)
    notebook.metadata["vscode"] = {"interpreter": {"hash": "0"}}
    for cell in notebook.cells:
        cell.source = cell.source.replace(old, new)
    notebook.cells[2].outputs = [nbformat.v4.new_output("stream", text="54")]
    lesson.notebook.write_text(json.dumps(notebook, indent=4))
    os.utime(lesson.notebook, (time.time() + 60,) * 2)


def test_a_notebook_that_was_edited_elsewhere_opens_and_what_is_replaced_is_kept(committed):
    before = committed.source.read_bytes()
    edited_elsewhere(committed)
    held = committed.notebook.read_bytes()
    assert opens(committed) is None, "this is no problem any more: take the tool away"
    os.utime(committed.notebook)
    assert "01_toy.ipynb was edited outside of JupyterLab: 01_toy.py has the same" in sync.synchronize(committed)
    assert differences(committed) == []
    assert committed.notebook.read_bytes() == held
    assert [copy.read_bytes() for copy in (committed.folder / "mine").glob("*")] == [before]
    notebook, source = opens(committed)
    assert notebook == source
    assert notebook[2] == "6 * 9"
    assert sync.synchronize(committed) == ""


def test_a_source_that_was_edited_elsewhere_keeps_the_outputs_of_its_notebook(committed):
    edited_elsewhere(committed, "6 * 7", "6 * 7")  # run, and not edited
    before = committed.notebook.read_bytes()
    edit(committed.source, "A toy lesson", "A top lesson", seconds_later=-100)
    assert "01_toy.py was edited" in sync.synchronize(committed)
    assert differences(committed) == []
    assert nbformat.read(committed.notebook, as_version=4).cells[2].outputs[0].text == "54"
    assert [copy.read_bytes() for copy in (committed.folder / "mine").glob("*")] == [before]
    assert opens(committed)[0][0] == "# A top lesson"


def test_where_both_were_edited_you_choose_and_nothing_is_changed(committed, capsys, monkeypatch):
    edited_elsewhere(committed)
    edit(committed.source, "A toy lesson", "A top lesson", seconds_later=0)
    before = committed.source.read_bytes(), committed.notebook.read_bytes()
    monkeypatch.setattr(lessons, "NOTEBOOKS", committed.folder)
    assert commands.main(["sync"]) == 1
    assert "both edited, and they differ. Nothing was changed" in capsys.readouterr().err
    assert (committed.source.read_bytes(), committed.notebook.read_bytes()) == before
    assert not (committed.folder / "mine").exists()


@pytest.mark.parametrize(("later", "counts"), [(-100, "01_toy.ipynb"), (100, "01_toy.py")])
def test_without_git_the_newer_file_counts(pair, later, counts):
    edited_elsewhere(pair)
    edit(pair.source, "A toy lesson", "A top lesson", seconds_later=later)
    assert sync.synchronize(pair).startswith(f"{counts} was edited")
    assert differences(pair) == []
    assert len(list((pair.folder / "mine").glob("*"))) == 1


# What JupyterLab and the teacher get


def test_settings_leave_what_else_was_configured(tmp_path):
    path = tmp_path / lab.SERVER_SETTINGS_FILE
    path.parent.mkdir(parents=True)
    path.write_text('{"ServerApp": {"quit_button": false}, "MappingKernelManager": {"cull_busy": true}}')
    lab.write_settings(tmp_path, binder=True)
    stored = json.loads(path.read_text())
    assert stored["ServerApp"] == {"quit_button": False}
    assert stored["MappingKernelManager"] == {"cull_busy": True} | lab.BINDER_SETTINGS["MappingKernelManager"]


def test_jupyterlab_knows_the_settings_and_they_do_what_they_are_for():
    """A misspelt option would be ignored in silence."""
    schemas = Path(sys.prefix) / "share/jupyter/lab/schemas"
    for plugin, settings in lab.LAB_SETTINGS.items():
        schema = json.loads((schemas / f"{plugin.replace(':', '/')}.json").read_text())
        assert set(settings) <= set(schema["properties"]), plugin
        jsonschema.validate(settings, schema)
    news = lab.LAB_SETTINGS["@jupyterlab/apputils-extension:notification"]
    assert news == {"fetchNews": "false", "checkForUpdates": False}, "JupyterLab would ask another host"
    culling = lab.BINDER_SETTINGS["MappingKernelManager"]
    assert all(MappingKernelManager.class_traits()[name].metadata["config"] for name in culling)
    assert 0 < culling["cull_idle_timeout"] <= 1800
    assert culling["cull_interval"] > 0, "0 would mean never"
    assert culling["cull_connected"], "a lesson left open keeps its connection"


def test_a_report_names_what_is_missing_and_goes_on_after_an_error(capsys):
    def broken():
        raise OSError("no such disk")

    checks = {"Disk": broken, "Memory": lambda: ("1 GB free", "buy memory"), "Fine": lambda: ("all is well", "")}
    assert ready.report({"Fine": checks["Fine"]}) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("Ready: ")
    assert ready.report(checks) == 1
    out = capsys.readouterr().out
    assert "no such disk" in out
    assert "all is well" in out
    assert out.splitlines()[-2:] == ["Not ready. Disk: see the message above.", "Not ready. Memory: buy memory."]


def test_half_a_lesson_or_none_does_not_make_a_class_ready(monkeypatch, toy):
    monkeypatch.setattr(lessons, "NOTEBOOKS", toy.folder)
    assert ready.check_lessons() == ("missing: 01_toy.ipynb", "take them from a complete copy of the project")
    toy.notebook.write_text("{}")
    (toy.folder / "01_toy-Copy1.ipynb").write_text("{}")  # JupyterLab's Duplicate
    assert ready.check_lessons() == ("01_toy", "")
    toy.source.unlink()
    toy.notebook.unlink()
    assert ready.check_lessons()[1]


@pytest.mark.parametrize(("share", "enough"), [(0.9, False), (1.1, True)])
def test_too_little_disk_or_memory_does_not_make_a_class_ready(monkeypatch, tmp_path, share, enough):
    monkeypatch.setenv("LENET_TUTORIAL_CACHE", str(tmp_path))
    free = SimpleNamespace(free=share * ready.DISK_NEEDED * 1e9, available=share * ready.MEMORY_NEEDED * 1e9)
    monkeypatch.setattr(ready.shutil, "disk_usage", lambda folder: free)
    monkeypatch.setattr(ready.psutil, "virtual_memory", lambda: free)
    assert [not check()[1] for check in (ready.check_disk, ready.check_memory)] == [enough, enough]


def test_neither_the_sample_nor_a_cache_that_cannot_be_written_to_makes_a_class_ready(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("LENET_TUTORIAL_CACHE", str(tmp_path / "file"))
    monkeypatch.setenv("LENET_TUTORIAL_MNIST", "sample")
    assert ready.report({"MNIST": ready.check_mnist}) == ready.report({"Trained network": ready.check_network}) == 1
    assert ready.report({"Disk": ready.check_disk}) == 1
    assert str(tmp_path / "file") in capsys.readouterr().out


@pytest.mark.parametrize(("value", "status"), [(1.2, 0), (1.4, 1)])
def test_a_missed_bound_of_the_bench_is_a_failure(monkeypatch, capsys, value, status):
    ratios = [bench.Measured("maps / pass", value, at_most=1.3), bench.Measured("slow / quick", 20, at_least=10)]
    monkeypatch.setattr(bench, "measure", lambda: iter(ratios))
    monkeypatch.setattr(bench.chromium, "NAMES", ("no such browser",))
    assert commands.main(["bench"]) == status
    told = capsys.readouterr().out
    assert ("MISSED" in told) is (status == 1)
    assert "skipped the widgets: no browser here: looked for no such browser" in told


# Commands


def test_data_that_cannot_be_read_are_told_in_one_line(monkeypatch, capsys):
    monkeypatch.setenv("LENET_TUTORIAL_MNIST", "/a/path/that/is/not/there")
    assert commands.main(["record"]) == 1
    assert "/a/path/that/is/not/there" in capsys.readouterr().err


def test_the_lab_opens_at_the_first_lesson_and_hands_options_on(monkeypatch, toy):
    given = []
    monkeypatch.setattr("jupyterlab.labapp.main", given.extend)
    monkeypatch.setattr(lab, "write_settings", list)
    monkeypatch.setattr(lessons, "NOTEBOOKS", toy.folder)
    assert commands.main(["lab", "--no-browser", "--port=8889"]) == 0
    url = "--LabApp.default_url=/lab/tree/notebooks/01_toy.ipynb"
    assert given == [f"--ServerApp.root_dir={toy.folder.parent}", url, "--no-browser", "--port=8889"]


@pytest.mark.parametrize(("argv", "said"), [(["check", "--fast"], "--fast"), (["fresh", ""], "expected a lesson")])
def test_a_mistyped_command_is_refused_with_its_usage(capsys, argv, said):
    with pytest.raises(SystemExit, match="2"):
        commands.main(argv)
    assert re.match(rf"usage: (.|\n)*{said}", capsys.readouterr().err)


@pytest.mark.parametrize("command", [["lab"], ["fresh", "3"], ["record"], ["check"], ["picture"]])
def test_outside_a_clone_a_command_says_that_it_needs_one(monkeypatch, tmp_path, capsys, command):
    monkeypatch.setattr(lessons, "ROOT", tmp_path)
    monkeypatch.setattr(lessons, "NOTEBOOKS", tmp_path / "notebooks")
    assert commands.main(command) == 2
    assert f"lenet-tutorial {command[0]} needs the lessons" in capsys.readouterr().err
    assert ready.check_lessons()[1] == "", "a wheel has none, and can do without"


ONLY_CORE = """
import importlib, pkgutil, sys
sys.modules.update(dict.fromkeys(sys.argv[1:]))  # as if they were not installed
import lenet_tutorial
for module in pkgutil.walk_packages(lenet_tutorial.__path__, "lenet_tutorial."):
    if not module.name.startswith(("lenet_tutorial.tools", "lenet_tutorial.studies", "lenet_tutorial.__main__")):
        importlib.import_module(module.name)
from lenet_tutorial.tools.commands import main
sys.exit([main([name]) for name in ("lab", "ready", "record", "check")] != [2, 2, 2, 2])
"""


def test_the_package_can_be_imported_without_the_extras_and_a_command_says_what_it_needs():
    extras = (Requirement(each).name for name in ("lab", "cluster", "jax", "dev") for each in OPTIONAL[name])
    modules = [each.replace("-", "_") for each in extras if each not in ("lenet-tutorial", "tensorflow")]
    done = subprocess.run([sys.executable, "-c", ONLY_CORE, *modules], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("lenet-tutorial[lab]") == 4


# Makefile


@pytest.fixture
def elsewhere(tmp_path):
    """The Makefile and what it reads, in a folder with a space in its name and no environment."""
    folder = tmp_path / "with space"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture
def built(elsewhere):
    """The same with an environment: this Python, and stamps as make writes them."""
    (elsewhere / ".venv/bin").mkdir(parents=True)
    (elsewhere / ".venv/bin/python").symlink_to(sys.executable)
    (elsewhere / ".venv/.lab").write_text(f"{platform.python_version()} in {elsewhere}\n")
    (elsewhere / ".venv/.ready").write_text("")
    return elsewhere


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
    assert ("make test PYTHON=python3.12" in done.stderr) is refused is not fits
    assert done.returncode != 0  # the fake one that fits cannot build an environment
    assert not (elsewhere / ".venv/.lab").exists()
    assert fits or not (elsewhere / ".venv").exists()
    assert "No python-not-there was found." in make(elsewhere, "lab", "PYTHON=python-not-there").stderr


def test_make_uses_an_environment_that_is_up_to_date(built):
    for target, command in (("test", "-m pytest"), ("lab", "-m lenet_tutorial lab")):
        said = make(built, "-n", target).stdout
        assert command in said
        assert "venv --clear" not in said
        assert "pip install" not in said


@pytest.mark.parametrize("change", ["no stamp", "moved", "other python"])
def test_make_builds_an_environment_anew(built, tmp_path, change):
    arguments = ["-n", "test"]
    if change == "no stamp":  # what an interrupted building leaves behind
        (built / ".venv/.lab").unlink()
    elif change == "moved":
        built = built.rename(tmp_path / "moved")
    else:
        arguments.append(f"PYTHON={fake_python(tmp_path, (3, 12, 99))}")
    assert "venv --clear" in make(built, *arguments).stdout


@pytest.mark.parametrize(("target", "extras"), [("lab", ["lab"]), ("test", ["lab", "dev"])])
def test_make_updates_an_environment_in_place_with_what_a_target_needs(built, target, extras):
    later = (built / ".venv/.ready").stat().st_mtime + 5
    os.utime(built / "constraints.txt", (later, later))
    said = make(built, "-n", target).stdout
    assert 'test -z ""' in said
    assert re.findall(r'pip install .*-c constraints\.txt -e "\.\[(\w+)\]"', said) == extras


def test_make_fresh_asks_which_lesson(built):
    assert "make fresh LESSON=04" in make(built, "fresh").stderr


# Lists of packages


def test_constraints_are_exact_pins_of_every_dependency_within_its_bounds():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line)] == []
    pinned = {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}
    for text in itertools.chain(PROJECT["dependencies"], *OPTIONAL.values()):
        wanted = Requirement(text)
        assert wanted.name == PROJECT["name"] or pinned[canonicalize_name(wanted.name)] in wanted.specifier


def test_conda_and_binder_install_this_package_under_the_constraints():
    """repo2docker writes its Dockerfile from environment.yml and postBuild; nothing is built."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    python, pip, packages = listed
    assert f"{python.removeprefix('python=')}.0" in SpecifierSet(PROJECT["requires-python"])
    assert (pip, packages) == ("pip", {"pip": ["-c constraints.txt", "-e .[lab]"]}), "a second list of dependencies"
    pytest.importorskip("repo2docker")
    command = [sys.executable, "-m", "repo2docker", "--debug", "--no-build", "--user-id=1000", "--user-name=a", "."]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert all(word in said for word in ("CONDA_DEFAULT_ENV", "environment.yml", "./postBuild"))


def test_binder_is_given_its_settings_and_the_network_and_opens_without_them(tmp_path):
    """postBuild is run by Binder alone; here with a python that writes down its arguments and fails to get MNIST."""
    fake = tmp_path / "python"
    fake.write_text('#!/bin/sh\necho "$@" >> "$0.log"\ncase "$*" in *ready) exit 1;; esac\n')
    fake.chmod(0o755)
    path = os.pathsep.join([str(tmp_path), os.environ["PATH"]])
    subprocess.run([str(ROOT / "postBuild")], env=os.environ | {"PATH": path}, check=True, capture_output=True)
    ran = [commands.parse(line.split()[2:]) for line in (tmp_path / "python.log").read_text().splitlines()]
    assert [each.command for each in ran] == ["settings", "ready"]
    assert ran[0].binder


def test_the_citation_agrees_with_the_project():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title"} <= set(citation)  # what the format requires
    assert citation["authors"] == [{"name": author["name"]} for author in PROJECT["authors"]]
    assert (citation["version"], citation["license"]) == (lenet_tutorial.__version__, PROJECT["license"])
    assert citation["repository-code"] == PROJECT["urls"]["Source"]


# What CI adds up


@pytest.mark.parametrize(
    ("suites", "failed_steps", "said"),
    [
        ([(5, 0, 0, 1), (3, 0, 0, 0)], 0, "7 passed, 1 skipped, 0 failed"),
        ([(5, 1, 0, 0), (3, 0, 1, 0)], 2, "6 passed, 0 skipped, 2 failed"),
        ([(5, 0, 0, 0)], 1, "5 passed, 0 skipped, 1 failed"),  # style, which has no report
        ([], 0, "0 passed, 0 skipped, 0 failed"),
    ],
)
def test_the_closing_line_counts_every_failure_and_nothing_run_is_no_success(tmp_path, suites, failed_steps, said):
    report = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'
    for number, counts in enumerate(suites):
        (tmp_path / f"{number}.xml").write_text(report.format(*counts))
    command = [sys.executable, ROOT / ".ci/total.py", "60", str(failed_steps), *tmp_path.iterdir()]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout == f"==== {said} in 60 s ====\n"
    assert done.returncode == (0 if suites and "0 failed" in said else 1)


# The public address, and what must not stand in a file


def grep(folder, pattern, *paths):
    """What git finds of a pattern in the files that it tracks or would: the lines of its output."""
    command = ["git", "grep", "--untracked", "-IiP", pattern, "--", *paths]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode > 1:
        pytest.skip("not a git checkout")
    return done.stdout.splitlines()


def test_one_command_sets_the_public_address_everywhere(tmp_path):
    if shutil.which("perl") is None:
        pytest.skip("perl is not installed")
    copy = shutil.copytree(
        ROOT, tmp_path / "copy", ignore=shutil.ignore_patterns(".git", ".venv*", "mine", "__pycache__")
    )
    git(copy, "init", "-q")
    git(copy, "add", ".")
    command = re.search(r"make org ORG=\S+ REPO=\S+", (ROOT / "CONTRIBUTING.md").read_text()).group().split()
    done = make(copy, *command[1:])
    assert done.returncode == 0, done.stderr
    speak_of_it = (":!Makefile", ":!CONTRIBUTING.md", ":!tests/unit/test_tools.py")
    # Also in other spellings, which the command would not know.
    assert grep(copy, r"\bORG\b\W{0,3}(%2F)?\W{0,3}(REPO\b|users)|your[-_ ](org|name|repo)", *speak_of_it) == []
    address = "https://github.com/{}/{}".format(*(each.partition("=")[2] for each in command[2:]))
    assert tomllib.loads((copy / "pyproject.toml").read_text())["project"]["urls"]["Homepage"] == address


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "TEACHING.md"])
def test_a_link_to_a_file_leads_somewhere(name):
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text(encoding="utf-8"))
    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []


def test_no_file_names_a_machine():
    """No folder of the machine where a file was made, and no package index's address: both would be wrong elsewhere."""
    assert grep(ROOT, r"/(home|root|Users)/\w|/opt/|index-url|/simple/\w", ":!tests/unit/test_tools.py") == []
