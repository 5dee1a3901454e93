#!/usr/bin/python3
"""One name means one thing: no tag of a struct, union or enum, no typedef, no enumeration constant
and no macro of the house, rota_* and ROTA_*, is defined in two places.

usage: names.py ROOT
"""

import collections
import re
import sys

import tree

ROOMS = ("model", "server", "system", "backend_zk", "backend_sim", "harness", "cli", "bench",
         "tests", "examples")

TAG = re.compile(r"^(?:typedef )?(?:struct|union|enum) (rota_\w+)\s*\{", re.MULTILINE)
TYPEDEF = re.compile(r"^typedef\b[^;{}]*?(?:\(\*)?\b(rota_\w+)\)?(?:\([^;{}]*\))?;", re.MULTILINE)
ENUM = re.compile(r"\benum\b(?: \w+)?\s*\{([^}]*)\}", re.DOTALL)
CONSTANT = re.compile(r"(?:^|,)\s*(ROTA_\w+)\s*(?:=|,|$|(?=\n))")
MACRO = re.compile(r"^#define (ROTA_\w+)", re.MULTILINE)
# A table of one X: its first argument names what it makes.
UNDEFINED = re.compile(r"^#undef (\w+)", re.MULTILINE)


def definitions(text):
    """Position and name of each tag, typedef, constant and macro that a file defines."""
    code = tree.code_only(text)
    for found in TAG.finditer(code):
        yield found.start(), found.group(1)
    for found in TYPEDEF.finditer(code):
        yield found.start(), found.group(1)
    for enum in ENUM.finditer(code):
        for found in CONSTANT.finditer(enum.group(1)):
            yield enum.start(1) + found.start(1), found.group(1)
    local = set(UNDEFINED.findall(code))
    for found in MACRO.finditer(code):
        if found.group(1) not in local:
            yield found.start(), found.group(1)


def findings(root):
    places = collections.defaultdict(list)
    for path in tree.files(root, lambda name: name.endswith((".c", ".h")), ROOMS):
        text = tree.read(root, path)
        for position, name in definitions(text):
            places[name].append(f"{path}:{text.count(chr(10), 0, position) + 1}")
    for name, where in sorted(places.items()):
        for place in where[1:]:
            yield f"{place}: {name} is banned here, it is defined at {where[0]} already"


if __name__ == "__main__":
    sys.exit(tree.report(list(findings(sys.argv[1]))))
