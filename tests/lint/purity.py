#!/usr/bin/python3
"""The model is pure: its library asks nothing of the world but what purity.allow lists, so it has
no clock, no thread, no file and no socket. It keeps no state of its own either: no variable that
can be written.

usage: purity.py LIBRARY
"""

import os
import re
import subprocess
import sys

WRITABLE = re.compile(r"\*COM\*|\.(data(?!\.rel\.ro)|bss|tdata|tbss)")


def symbols(library):
    """(name, section) of every symbol of every object in the library."""
    lines = subprocess.run(["nm", "--format=sysv", library], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    rows = [[cell.strip() for cell in line.split("|")] for line in lines if line.count("|") == 6]
    return [(row[0], row[6]) for row in rows if row[0] != "Name"]


def findings(library, allowed):
    found = symbols(library)
    defined = {name for name, section in found if section != "*UND*"}
    if not defined:
        yield f"{library}: defines nothing"
    for name in sorted({name for name, _ in found} - defined - allowed):
        yield f"{library}: {name} is banned, use the seam"
    for name, section in found:
        if WRITABLE.match(section):
            yield f"{library}: the mutable global {name} is banned, use the role's state"


def allow_list():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "purity.allow")
    with open(path, encoding="utf-8") as f:
        return {line.strip() for line in f if line.strip() and not line.startswith("#")}


if __name__ == "__main__":
    complaints = list(findings(sys.argv[1], allow_list()))
    print("\n".join(complaints))
    sys.exit(1 if complaints else 0)
