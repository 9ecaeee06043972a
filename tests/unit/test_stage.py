"""The convolution stage as Python sees it, and the JavaScript of the widgets as one file."""

import base64
import io
import re
import shutil
import subprocess
import urllib.request
from threading import Thread

import numpy as np
import pytest
from PIL import Image

from lenet_tutorial import digit_input
from lenet_tutorial.model import build_lenet
from lenet_tutorial.tools import demo
from lenet_tutorial.widgets import modules
from lenet_tutorial.widgets.stage import PRESETS, ConvolutionStage

SEVEN = digit_input.prepare(digit_input.handwritten(7))
WIDGETS = {"pad": "renderPad", "stage": "renderStage", "explorer": "renderExplorer"}


@pytest.mark.parametrize("shape", [(28, 28), (784,)])
def test_the_stage_holds_what_it_was_given(shape):
    stage = ConvolutionStage(SEVEN.reshape(shape), [[1, 2, 3], [0, 0, -1]], presets={"mine": [[5]]})
    np.testing.assert_array_equal(stage.pixels, SEVEN)
    np.testing.assert_array_equal(stage.kernel, [[1, 2, 3], [0, 0, -1]])
    assert list(stage.presets) == [*PRESETS, "mine"]
    stage.kernel = np.eye(2)
    assert stage.weights == [[1, 0], [0, 1]]


BAD = {
    "several images": (lambda: ConvolutionStage(np.zeros((5, 28, 28))), r"got \(5, 28, 28\).*choose one"),
    "bytes": (lambda: ConvolutionStage(255 * SEVEN), "from 0 to 1, got 0 to 255: divide"),
    "NaN": (lambda: ConvolutionStage(np.full((9, 9), np.nan)), "got nan to nan"),
    "a huge image": (lambda: ConvolutionStage(np.zeros((65, 9))), "at most 64 each"),
    "a huge kernel": (lambda: ConvolutionStage(SEVEN, np.zeros((8, 8))), "at most 7 each"),
    "all kernels": (lambda: ConvolutionStage(SEVEN, np.zeros((4, 4, 1, 32))), r"such as kernels\[:, :, 0, 7\]"),
    "ragged": (lambda: ConvolutionStage(SEVEN, [[1, 2], [3]]), "rows of numbers, all of one length"),
    "infinite": (lambda: ConvolutionStage(SEVEN, [[np.inf]]), "finite weights"),
}


@pytest.mark.parametrize("bad", BAD)
def test_bad_images_and_kernels_are_told(bad):
    make, message = BAD[bad]
    with pytest.raises(ValueError, match=message):
        make()
    stage = ConvolutionStage(SEVEN)
    with pytest.raises(ValueError, match="one kernel of shape"):
        stage.weights = [1, 2]
    np.testing.assert_array_equal(stage.kernel, PRESETS["horizontal edge"])


def test_a_static_picture_stands_in_where_no_script_runs():
    stage = ConvolutionStage(SEVEN, presets={})
    stage.row, stage.column = 9, 12
    data, metadata = stage._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    before, after = 1, 2  # pixels of padding for a kernel of four
    window = np.pad(SEVEN, (before, after))[9:13, 12:16]
    alt = metadata["image/png"]["alt"]
    assert f"At row 9, column 12 the sum is {(window * stage.kernel).sum():.2f}" in alt
    with Image.open(io.BytesIO(base64.b64decode(data["image/png"]))) as picture:
        assert picture.width > 700


@pytest.mark.parametrize("name", WIDGETS)
@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed: it would parse the joined file")
def test_the_joined_file_is_one_module(tmp_path, name):
    """node refuses names that clash, imports that were left, and a second default export."""
    text = modules.joined(name, WIDGETS[name])
    (tmp_path / "joined.mjs").write_text(text, encoding="utf-8")
    script = f"import widget from './joined.mjs'; if (typeof widget.render !== 'function') throw Error('{name}')"
    (tmp_path / "look.mjs").write_text(script)
    done = subprocess.run(["node", tmp_path / "look.mjs"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "import " not in text.replace("important", "")


def test_names_at_the_top_of_the_modules_are_unique_and_exports_are_named():
    """So that any of them can be joined."""
    names = []
    for path in modules.FOLDER.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert "export default" not in text, path.name
        names += re.findall(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", text, re.MULTILINE)
    assert len(names) > 40
    assert len(names) == len(set(names))


def test_nothing_of_the_widgets_comes_from_elsewhere():
    for path in [*modules.FOLDER.glob("*.js"), *modules.FOLDER.glob("*.css"), *modules.FOLDER.glob("*.html")]:
        text = re.sub(r"//.*|/\*[\s\S]*?\*/", "", path.read_text(encoding="utf-8"))
        for word in ("http:", "https:", "//cdn", "import(", "XMLHttpRequest", "localStorage", "url("):
            assert word not in text, path.name


def test_the_demo_serves_what_the_page_needs_and_nothing_else():
    with demo.server(model=build_lenet()) as running:
        Thread(target=running.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{running.server_port}"
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        for path in ("/", "/stage.js", "/network.js", "/page.js", "/widgets.css", "/stage.json", "/explorer-data.bin"):
            assert opener.open(address + path, timeout=5).status == 200
        for path in ("/pad.py", "/../pyproject.toml", "/%2e%2e/backend.py"):
            with pytest.raises(urllib.error.HTTPError):
                opener.open(address + path, timeout=5)
        running.shutdown()
