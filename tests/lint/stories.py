#!/usr/bin/python3
"""Every scenario opens with the sentence that says why it exists and has a title; every hazard of
docs/PROTOCOL.md is named by a scenario, and the table there says by which.

usage: stories.py ROOT [--write]
"""

import os
import re
import sys

import tree

TABLE = "docs/PROTOCOL.md"
ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \|(?: ([^|]*) \|)?$")
NAMED = re.compile(r"hazard-(\d+)|hazards? (\d+)(?: and (\d+))?")
OPENING = re.compile(r"# [A-Z\"'][^\n]*(\n#[^\n]*)*\.\n\nscenario \"[^\"\n]+\"\n")


def hazards_of(text):
    """The numbers of the hazards that a scenario names, in its comments or labels."""
    return {int(n) for found in NAMED.findall(text.replace("\n# ", " ")) for n in found if n}


def rows(root):
    """Number of the line, hazard and cells of the rows of the table."""
    lines = tree.read(root, TABLE).split("\n")
    for at in range(lines.index("## Hazards"), len(lines)):
        row = ROW.match(lines[at])
        if row:
            yield at, int(row.group(1)), row.groups()[1:]


def named(root):
    """The scenarios' numbers by hazard, and what is wrong with the openings of the files."""
    by_hazard, wrong = {}, []
    paths = tree.files(root, lambda name: name.endswith(".scn"), ("scenarios",))
    for path in sorted(paths, key=os.path.basename):
        text = tree.read(root, path)
        if not OPENING.match(text):
            wrong.append(f"{path}:1: an opening without a sentence and a title is banned, "
                         "use a comment that ends with a full stop, an empty line, scenario \"…\"")
        for hazard in hazards_of(text):
            by_hazard.setdefault(hazard, []).append(os.path.basename(path)[:3])
    return by_hazard, wrong


def findings(root):
    by_hazard, wrong = named(root)
    known = set()
    yield from wrong
    for at, hazard, cells in rows(root):
        known.add(hazard)
        scenarios = ", ".join(by_hazard.get(hazard, []))
        if not scenarios:
            yield f"{TABLE}:{at + 1}: no scenario names hazard {hazard}"
        elif cells[2] != scenarios:
            yield f"{TABLE}:{at + 1}: hazard {hazard} is named by {scenarios}; use --write"
    for hazard in sorted(set(by_hazard) - known):
        yield f"scenarios/{by_hazard[hazard][0]}: there is no hazard {hazard}"
    if known != set(range(1, 30)):
        yield f"{TABLE}: the table does not have the hazards 1 to 29"


def write(root):
    by_hazard, _ = named(root)
    lines = tree.read(root, TABLE).split("\n")
    for at, hazard, cells in rows(root):
        scenarios = ", ".join(by_hazard.get(hazard, []))
        lines[at] = f"| {hazard} | {cells[0]} | {cells[1]} | {scenarios} |"
    with open(os.path.join(root, TABLE), "w", encoding="utf-8") as f:
        f.write("\n".join(lines))


if __name__ == "__main__":
    if sys.argv[2:] == ["--write"]:
        write(sys.argv[1])
    sys.exit(tree.report(list(findings(sys.argv[1]))))
