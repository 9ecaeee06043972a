"""A page of JupyterLab in a browser: what a learner does there, and what they would see."""

import io
import re
from urllib.parse import urlsplit

import nbformat
import numpy as np
from PIL import Image

from lenet_tutorial.tools.lessons import KERNELSPEC
from tests.plugins.lessons import PADDING, TIMING
from tests.plugins.near import Near, tolerance_of
from tests.plugins.trouble import troubles

RUN_TIMEOUT = 600  # seconds for all the cells of one lesson, on the offline sample

# Resolves to the kernel's connection and status: when the kernel of the notebook in front answers, or after a minute.
# The idle badge alone is shown before it connects.
KERNEL_READY = """async () => {
    const widget = window.jupyterapp.shell.currentWidget;
    await widget.context.ready;
    await widget.sessionContext.ready;
    const kernel = () => widget.sessionContext.session?.kernel;
    const state = () => `${kernel()?.connectionStatus}, ${kernel()?.status}`;
    for (let i = 0; i < 600 && state() !== 'connected, idle'; i++) {
        await new Promise(resolve => setTimeout(resolve, 100));
    }
    return state();
}"""
RUN_ALL = """seconds => Promise.race([
    window.jupyterapp.commands.execute('notebook:run-all-cells'),
    new Promise(resolve => setTimeout(resolve, 1000 * seconds, 'too slow')),
])"""
RUN_CELL = """async index => {
    const panel = window.jupyterapp.shell.currentWidget;
    panel.content.activeCellIndex = index;
    await window.jupyterapp.commands.execute('notebook:run-cell');
    return panel.content.model.toJSON().cells;
}"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
CLEAR = "() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"
RESTART = "() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()"
MODEL = "() => window.jupyterapp.shell.currentWidget.content.model.toJSON()"
IS_NOTEBOOK = "() => Boolean(window.jupyterapp?.shell.currentWidget?.content?.model?.cells)"
PATH = "() => window.jupyterapp.shell.currentWidget.context.path"
SHUT_DOWN = "() => window.jupyterapp.serviceManager.sessions.shutdownAll()"
THEME = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
IN_THEME = "theme => document.body.dataset.jpThemeName === theme"
# Cells far from the window are not in the page: brings a cell in sight and resolves when the selector finds something
# in it that is as high as a line, and loaded if it is a picture.
IN_SIGHT = """async ([index, selector]) => {
    const content = window.jupyterapp.shell.currentWidget.content, cell = content.widgets[index];
    for (let i = 0; i < 100; i++) {
        await content.scrollToItem(index, 'center').catch(() => undefined);
        const found = cell.node.isConnected && cell.node.querySelector(selector);
        const loaded = found && (found.tagName !== 'IMG' || (found.complete && found.naturalWidth > 0));
        if (loaded && found.getBoundingClientRect().height >= 10) {
            cell.node.dataset.cell = index;
            return true;
        }
        await new Promise(resolve => setTimeout(resolve, 100));
    }
    return false;
}"""
SEEN = 1.05  # contrast from which on a row of pixels holds something, be it faint
PICTURE, CAPTION = ".jp-OutputArea-output.jp-RenderedImage img", ".jp-OutputArea-output.jp-RenderedMarkdown em"
WIDGET = "application/vnd.jupyter.widget-view+json"
# Where JupyterLab's own scripts and requests come from; what a lesson's output or widget says comes from elsewhere, or
# from those who draw the widgets.
WIDGETS_OWN = r"extensions/(@jupyter-widgets|anywidget)\b"
LABS_OWN = re.compile(rf"^/(static|lab(?!/{WIDGETS_OWN})|api|lsp|jupytext|kernelspecs|custom)\b|^/$")


def watch(page):
    """Note the hosts that a page asks, and what a lesson, not JupyterLab itself, complains of in the console."""
    page.hosts, page.console = set(), []
    page.on("request", lambda request: page.hosts.add(urlsplit(request.url).hostname))
    page.on("websocket", lambda socket: page.hosts.add(urlsplit(socket.url).hostname))
    page.on("console", lambda message: page.console.extend(_ours(message)))
    page.on("pageerror", lambda error: page.console.append(f"uncaught: {error}"))
    page.set_default_timeout(60_000)
    return page


def _ours(message):
    address = urlsplit(message.location.get("url", ""))
    labs_own = address.scheme in ("http", "https") and LABS_OWN.match(address.path)
    return [] if message.type not in ("error", "warning") or labs_own else [f"{message.type}: {message.text[:300]}"]


def opened(page, server, path):
    """Open a lesson and wait for its kernel; give the path that JupyterLab opened."""
    page.goto(server.url(path))
    return ready(page)


def ready(page):
    """Wait until the notebook in front has a kernel; give its path."""
    page.wait_for_function(IS_NOTEBOOK)
    state = page.evaluate(KERNEL_READY)
    assert state == "connected, idle", f"{page.url}: no kernel answered within 60 seconds; it is {state}"
    return page.evaluate(PATH)


def run_all(page):
    """Run every cell and give the code cells that are not empty, as the page then holds them."""
    ended = page.evaluate(RUN_ALL, RUN_TIMEOUT)
    cells = [cell for cell in page.evaluate(MODEL)["cells"] if cell["cell_type"] == "code" and "".join(cell["source"])]
    assert ended is True, f"Run All: {ended}, within {RUN_TIMEOUT} seconds; {'; '.join(complaints(cells))}"
    return cells


def run_from_scratch(page):
    """Restart the kernel, clear all outputs and run every cell, as Restart and Run All does.

    Nor does it wait for an idle kernel: JupyterLab asks a restarted kernel once, and sends what is to be run three
    seconds later if no answer came. A page that waits without sending anything then waits for ever.
    """
    page.evaluate(RESTART)
    page.evaluate(CLEAR)
    return run_all(page)


def written(server, name, *sources):
    """Write a notebook of these cells into the server's folder; give its path there."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNELSPEC})
    nbformat.write(notebook, server.folder / name)
    return name


def made_anew(page, selector):
    """Run all cells of a notebook again, until the widget that they make is drawn anew."""
    page.evaluate(CLEAR)
    page.wait_for_selector(selector, state="detached")
    found = complaints(run_all(page))
    assert found == [], found
    page.wait_for_selector(selector)
    return page


def run_cell(page, index):
    """Run one cell, and give the text of its first output."""
    cells = page.evaluate(RUN_CELL, index)
    return "".join(cells[index]["outputs"][0]["text"])


def complaints(cells):
    """What a learner would stumble over: a cell that was not run, and whatever `troubles` finds."""
    found = []
    for number, cell in enumerate(cells, start=1):
        if cell["execution_count"] is None:
            found.append(f"code cell {number} was not run: {''.join(cell['source'])[:60]}")
        found += [f"code cell {number}: {trouble}" for trouble in troubles(cell["outputs"])]
    return found


def texts(cells):
    """What the cells say, without timings, each within its tolerance; nothing of cells that vary from run to run."""
    return [None if "varies" in _tags(cell) else _said(cell) for cell in cells]


def _tags(cell):
    return cell["metadata"].get("tags", [])


def _said(cell):
    said = []
    for output in cell["outputs"]:
        data = output.get("data", {})
        if WIDGET in data:  # its text has a number of its own each time
            continue
        said.append("".join(output.get("text", [])) + "".join(data.get("text/markdown", data.get("text/plain", ""))))
    text = PADDING.sub(r"\1", TIMING.sub("TIME/step", "\n".join(said)))
    tolerance = tolerance_of(_tags(cell))
    return text if tolerance is None else Near(text, tolerance)


def holding(page, kind):
    """The positions of the cells that hold an output of a MIME kind beginning so, among all cells.

    A progress bar, which is gone when its work is done, does not count.
    """
    return [
        position
        for position, cell in enumerate(page.evaluate(MODEL)["cells"])
        for output in cell.get("outputs", [])
        if any(name.startswith(kind) for name in output.get("data", {}))
        and (kind == WIDGET or WIDGET not in output["data"])  # the picture of a widget stands in where no script runs
        and "%|" not in "".join(output["data"].get("text/plain", ""))
    ]


def drawn(page):
    """The positions of the cells that hold figures, and of those that hold widgets."""
    return holding(page, "image/"), holding(page, WIDGET)


def dressed(page, theme):
    """Change the theme, and wait until the page has it."""
    page.evaluate(THEME, theme)
    page.wait_for_function(IN_THEME, arg=theme)


def unseen_figures(page):
    """The figures that are not to be seen in the page, or not with their caption, as words."""
    found = []
    for position in holding(page, "image/"):
        for selector, what in ((PICTURE, "picture"), (CAPTION, "caption")):
            if not page.evaluate(IN_SIGHT, [position, selector]):
                found.append(f"cell {position + 1}: its {what} is not to be seen")
    return found


def dead_widgets(page):
    """The widgets that are not drawn."""
    broken = page.evaluate("() => document.body.innerText.match(/Error (displaying|creating) widget[^\\n]*/g) ?? []")
    found = [f"the page says: {each}" for each in broken]
    for position in holding(page, WIDGET):
        if not page.evaluate(IN_SIGHT, [position, ".jp-OutputArea-output.lm-Panel > .lm-Widget"]):
            found.append(f"cell {position + 1}: its widget is not drawn")
    return found


def luminance(pixels):
    """Relative luminance of colors (..., 3) in [0, 1]. Source: Web Content Accessibility Guidelines 2.2."""
    linear = np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(screenshot, *, title=False):
    """The contrast of what is written to its ground, 1 to 21, read off the pixels of a screenshot.

    The ground is the color of the upper left corner, the writing the one that stands out from it most.

    Args:
        screenshot: PNG bytes.
        title: only what stands highest is looked at, down to the next rows of nothing but ground: a figure's title.
    """
    with Image.open(io.BytesIO(screenshot)) as image:
        light = luminance(np.asarray(image.convert("RGB")) / 255)
    ground = light[0, 0]
    against = (np.maximum(light, ground) + 0.05) / (np.minimum(light, ground) + 0.05)
    rows = against.max(axis=1)
    written = rows > SEEN
    if title and written.any():
        first = written.argmax()
        rows = rows[first : first + np.append(written[first:], False).argmin()]
    return float(rows.max())


def faint_figures(page):
    """Figures whose title, or caption, is too faint to read: less than 4.5 to 1."""
    found = []
    for position in holding(page, "image/"):
        for selector, what in ((PICTURE, "title"), (CAPTION, "caption")):
            assert page.evaluate(IN_SIGHT, [position, selector]), f"cell {position + 1}: no {what}"
            shot = page.locator(f'[data-cell="{position}"] {selector}').first.screenshot()
            seen = contrast(shot, title=what == "title")
            if seen < 4.5:
                found.append(f"cell {position + 1}: its {what} has a contrast of {seen:.1f} to 1")
    return found
