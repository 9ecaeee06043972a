"""What no learner should meet among a cell's outputs: an error, a line on stderr, a library's warning."""

import re

WARNING = re.compile(r"^WARNING\b", re.MULTILINE)  # TensorFlow's go to stdout in a notebook


def troubles(outputs):
    """Each of them in words, for outputs as a notebook holds them: their text is a string or a list of strings."""
    found = []
    for output in outputs:
        text = "".join(output.get("text", []))
        if output["output_type"] == "error":
            found.append(f"{output['ename']}: {output['evalue']}")
        elif output.get("name") == "stderr":
            found.append(f"wrote to stderr: {text.strip()[:200]}")
        elif warning := WARNING.search(text):
            found.append(f"warned: {text[warning.start() :].strip()[:200]}")
    return found
