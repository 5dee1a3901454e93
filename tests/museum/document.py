#!/usr/bin/python3
"""Writes docs/MUSEUM.md from the tables of the museum and the mutants, or reports that it is stale.

usage: document.py ROOT [--write]
"""

import configparser
import os
import sys

HEAD = """\
<!-- written by tests/museum/document.py ROOT --write -->
# Museum and mutants

A harness that has never caught anything proves nothing. This page lists what it must catch: broken
protocols of others, and rota's own protocol, broken in one line at a time. If nothing catches one
of them, a check is missing, and a test fails.

## The museum

`tests/museum` holds protocols that programs and books describe, written anew from the descriptions.
The program `museum` is `rota` with these protocols in its table, so that scenarios can name them.
Each scenario switches off the invariants that such a protocol does not know, the fence of the epoch
first of all, so that the rest shows the loss that its users would see. The test demands exactly
this failure, and that rota's own roles hold in the same scenario under all invariants. *Runs* is
the number of seeds that it takes.

    build/tests/museum/museum sim run tests/museum/lock-gives-up.scn --trace -

"""

MUSEUM = """\
| scenario | protocol | what it breaks | caught by | runs |
| --- | --- | --- | --- | --- |
"""

MUTANTS = """
## The mutants

`tests/mutants/table.txt` holds {count} lines of `model/`, each with what a careless change could
make of it. `tests/mutants/mutants.py` breaks a copy of one file at a time, compiles it alone, links
it before the rest of a program, and demands that a test catches it. The test named here is tried
first, then all scenarios, then the unit and step tests of the model, then a sweep of each scenario.
The unbroken model must pass the same tests. A line that is not found exactly once is an error, and
so is a test named here that does not catch its mutant.

    ci/mutants                  # all of them; the test named here first
    ci/mutants any-epoch        # one
    ci/mutants --all --write    # searches anew, and writes which test has caught each

| mutant | file | what it breaks | caught by |
| --- | --- | --- | --- |
"""

WAYS = {"run": "`{}`", "sweep": "sweep of `{}`", "test": "`{}`"}


def read_table(root, *path):
    table = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#",), strict=True)
    with open(os.path.join(root, *path), encoding="utf-8") as file:
        table.read_file(file)
    return {name: dict(table[name]) for name in table.sections()}


def caught_by(way):
    kind, which = way.split()
    return WAYS[kind].format(which)


def document(root):
    text = HEAD + MUSEUM
    for name, protocol in read_table(root, "tests", "museum", "table.txt").items():
        text += (f"| `{name}` | {protocol['protocol']} | {protocol['breaks']} "
                 f"| `{protocol['caught']}` | {protocol['runs']} |\n")
    mutants = read_table(root, "tests", "mutants", "table.txt")
    text += MUTANTS.format(count=len(mutants))
    for name, mutant in mutants.items():
        text += (f"| `{name}` | `{mutant['file']}` | {mutant['breaks']} "
                 f"| {caught_by(mutant['caught'])} |\n")
    return text


def main():
    root = sys.argv[1]
    path = os.path.join(root, "docs", "MUSEUM.md")
    right = document(root)
    if "--write" in sys.argv:
        with open(path, "w", encoding="utf-8") as file:
            file.write(right)
        return 0
    with open(path, encoding="utf-8") as file:
        if file.read() == right:
            return 0
    print("docs/MUSEUM.md:1: it is not what the tables say, use tests/museum/document.py . --write")
    return 1


if __name__ == "__main__":
    sys.exit(main())
