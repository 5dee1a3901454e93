"""What the checks of this folder share: which files there are, and C without its comments."""

import os
import re

ROOMS = ("model", "system", "server", "backend_zk", "backend_sim", "harness", "cli", "tests",
         "bench", "examples")


def room_of(path):
    """The folder of the root that a path lies in, "." for the root itself."""
    return path.split(os.sep)[0] if os.sep in path else "."


def files(root, match, folders=None):
    """Paths relative to root, sorted, of the files whose name `match` accepts."""
    found = []
    for place, inner, names in os.walk(root):
        inner[:] = [d for d in inner if d not in (".git", "__pycache__") and d[:5] != "build"]
        here = os.path.relpath(place, root)
        found += [os.path.normpath(os.path.join(here, n)) for n in names if match(n)]
    return sorted(f for f in found if folders is None or room_of(f) in folders)


def c_files(root):
    return files(root, lambda name: name.endswith((".c", ".h")), ROOMS)


def read(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


WORDLESS = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def code_only(text):
    """The text with comments and the insides of literals blanked, every line where it was."""
    return WORDLESS.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


COMMENT_OR_TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def without_comments(text):
    """The text with its comments blanked and its literals kept, every line where it was."""
    return COMMENT_OR_TEXT.sub(
        lambda m: m.group() if m.group()[0] == '"' else re.sub(r"[^\n]", " ", m.group()), text)


def report(findings):
    """Prints the findings, one a line, and returns the exit status."""
    for line in findings:
        print(line)
    return 1 if findings else 0
