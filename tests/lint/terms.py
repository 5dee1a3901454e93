#!/usr/bin/python3
"""docs/PROTOCOL.md lists every number of a task's specification with the bounds in spec.h.

usage: terms.py ROOT
"""

import re
import sys

import tree

NUMBER = re.compile(r'X\("(\w+)", \w+, (-?\d+), (-?\d+), (\w+)\)')
ROW = re.compile(r"^\| `(\w+)` \|.*\| (-?\d+) \| (-?\d+) \| (-?\d+) \|$", re.MULTILINE)


def findings(root):
    header = tree.read(root, "model/tree/spec.h")
    names = {"INT64_MAX": str(2**63 - 1),
             "ROTA_SPEC_DURATION_MAX": re.search(r"DURATION_MAX (\d+)", header)[1]}
    rows = {row[0]: row[1:] for row in ROW.findall(tree.read(root, "docs/PROTOCOL.md"))}
    numbers = {name: (otherwise, least, names.get(most, most))
               for name, otherwise, least, most in NUMBER.findall(header)}
    for name in sorted(rows.keys() | numbers.keys()):
        if rows.get(name) != numbers.get(name):
            yield (f"docs/PROTOCOL.md: `{name}` is {rows.get(name)} there and {numbers.get(name)} "
                   "in model/tree/spec.h")
    if not numbers:
        yield "model/tree/spec.h: there is no table of numbers any more"


if __name__ == "__main__":
    sys.exit(tree.report(list(findings(sys.argv[1]))))
