"""Finds scenario files, and reads the statements that determine a run."""

import glob
import os
import re

from wrong import Wrong

NAME = re.compile(r"(\d{3})-.*\.scn")
FENCE = "----"
SILENT = re.compile(r"(scenario|labels|trace)(\s|$)")
TYPED = re.compile(r"\s*zk(\s|$)")
SCALE = re.compile(r"^\s*labels( .*)? scale( |$)", re.MULTILINE)
COMMENT = re.compile(r'^((?:[^"#]|"(?:\\.|[^"\\])*")*)#.*$')


def find(root):
    """The files by their number, each as a path relative to root."""
    found = {}
    for path in sorted(glob.glob(os.path.join(root, "scenarios", "**", "*.scn"), recursive=True)):
        path = os.path.relpath(path, root)
        name = NAME.fullmatch(os.path.basename(path))
        if not name:
            raise Wrong(f"{path}: its name does not begin with a number of three digits")
        if name[1] in found:
            raise Wrong(f"{path}: {found[name[1]]} has the same number")
        found[name[1]] = path
    if not found:
        raise Wrong(f"{root} has no scenarios")
    return found


def is_scale(text):
    """Whether the file is labelled as a large one."""
    return bool(SCALE.search(text))


def take_block(lines, at):
    """The block of lines at `at` with its fences, if there is one, and the line behind it."""
    if at >= len(lines) or lines[at].rstrip() != FENCE:
        return [], at
    end = at + 1
    while end < len(lines) and lines[end].rstrip() != FENCE:
        end += 1
    return [FENCE] + lines[at + 1:end] + [FENCE], end + 1


def statements_of(text):
    """The statements of a file, with the output that zkCli sessions expect; without comments, the
    title, labels and expected traces. White space is folded, except in typed commands."""
    lines, statements, at = text.split("\n"), [], 0
    while at < len(lines):
        typed = TYPED.match(lines[at])
        line = lines[at].strip() if typed else " ".join(COMMENT.sub(r"\1", lines[at]).split())
        block, at = take_block(lines, at + 1) if typed or line == "trace" else ([], at + 1)
        if line and not SILENT.match(line):
            statements += [line] + block
    return statements
