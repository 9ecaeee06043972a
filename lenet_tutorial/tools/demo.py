"""The widgets on a plain page, without Jupyter, served on this machine only."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lenet_tutorial import digit_input
from lenet_tutorial.backend import keras
from lenet_tutorial.data import load_digits
from lenet_tutorial.model import build_lenet
from lenet_tutorial.training import trained_lenet
from lenet_tutorial.widgets import modules
from lenet_tutorial.widgets.explorer import NetworkExplorer
from lenet_tutorial.widgets.pad import DrawingPad
from lenet_tutorial.widgets.stage import ConvolutionStage

TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".bin": "application/octet-stream",
}
PLAIN = (bool, int, float, str, list, dict)  # what JSON can hold


def pages(model: keras.Model | None = None) -> dict[str, bytes]:
    """Give the content of each address.

    Args:
        model: the network to explore; the textbook's if not given, which is trained first if it was not yet.
    """
    files = [path for path in modules.FOLDER.iterdir() if path.suffix in TYPES]
    content = {f"/{path.name}": path.read_bytes() for path in files}
    stage = ConvolutionStage(digit_input.prepare(digit_input.handwritten(7)))
    digits = load_digits()
    model = model or trained_lenet(digits=digits).model
    explorer = NetworkExplorer(model, digits.test.images, untrained=build_lenet(), dtype="int8")
    content["/"] = content["/demo.html"]
    widgets = {"stage": stage, "explorer": explorer, "pad": DrawingPad(model, dtype="int8")}
    for name, widget in widgets.items():
        state = {trait: getattr(widget, trait) for trait in widget.traits(sync=True) if not trait.startswith("_")}
        content[f"/{name}.json"] = json.dumps(
            {key: state[key] for key in state if isinstance(state[key], PLAIN)}
        ).encode()
        content |= {f"/{name}-{key}.bin": value for key, value in state.items() if isinstance(value, bytes)}
    return content


def server(port: int = 0, model: keras.Model | None = None) -> ThreadingHTTPServer:
    """Make a server on loopback; port 0 takes a free one. The model is that of :func:`pages`."""
    content = pages(model)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server looks for
            found = content.get(self.path)
            self.send_response(200 if found else 404)
            suffix = self.path[self.path.rfind(".") :] if "." in self.path else ".html"
            self.send_header("Content-Type", f"{TYPES.get(suffix, 'text/plain')}; charset=utf-8")
            self.end_headers()
            self.wfile.write(found or b"There is no such page.")

        def log_message(self, *args: object) -> None:
            """Say nothing of requests."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def start(port: int) -> int:
    """Serve the page until you press Ctrl+C; the exit status is 0."""
    with server(port) as running:
        print(f"The widgets on a plain page: http://127.0.0.1:{running.server_port}/  (Ctrl+C ends it)", flush=True)
        try:
            running.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0
