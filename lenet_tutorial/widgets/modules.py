"""The widgets' JavaScript as anywidget wants it: a module and what it imports, joined into one file.

The files are plain ES modules, which a browser or node loads as they are. To be joined they keep two rules: names at
the top of a file are unique among all files, and all exports are named.
"""

import re
from pathlib import Path

FOLDER = Path(__file__).parent
IMPORT = re.compile(r'^import\s*\{[^}]*\}\s*from\s*"\./(\w+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?function|const|let|class)", re.MULTILINE)


def joined(name: str, render: str) -> str:
    """Join a module and all that it imports.

    Args:
        name: the module's, such as ``stage`` for stage.js.
        render: the function in it that draws the widget.

    Returns:
        The text of one module, whose default export has that function as ``render``.
    """
    names = _in_order(name, [])
    bodies = [EXPORT.sub("", IMPORT.sub("", (FOLDER / f"{each}.js").read_text(encoding="utf-8"))) for each in names]
    return "\n".join([*bodies, f"export default {{ render: {render} }};\n"])


def _in_order(name: str, found: list[str]) -> list[str]:
    """Names of modules, each after all that it imports."""
    for each in IMPORT.findall((FOLDER / f"{name}.js").read_text(encoding="utf-8")):
        if each not in found:
            _in_order(each, found)
    if name not in found:
        found.append(name)
    return found


def styles(*names: str) -> str:
    """Join style sheets."""
    return "\n".join((FOLDER / f"{each}.css").read_text(encoding="utf-8") for each in names)
