"""The widgets on a plain page, without Jupyter, served on this machine only."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lenet_tutorial import digit_input
from lenet_tutorial.widgets import modules
from lenet_tutorial.widgets.stage import ConvolutionStage

TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json"}


def pages() -> dict[str, bytes]:
    """Give the content of each address."""
    files = [path for path in modules.FOLDER.iterdir() if path.suffix in TYPES]
    content = {f"/{path.name}": path.read_bytes() for path in files}
    stage = ConvolutionStage(digit_input.prepare(digit_input.handwritten(7)))
    state = {name: getattr(stage, name) for name in stage.traits(sync=True) if not name.startswith("_")}
    state = {name: value for name, value in state.items() if isinstance(value, bool | int | float | str | list | dict)}
    state["image"] = stage.pixels.ravel().tolist()
    return content | {"/": content["/demo.html"], "/stage.json": json.dumps(state).encode()}


def server(port: int = 0) -> ThreadingHTTPServer:
    """Make a server on loopback; port 0 takes a free one."""
    content = pages()

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
