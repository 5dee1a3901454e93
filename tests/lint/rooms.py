#!/usr/bin/python3
"""A room includes only rooms below it, and the model no system header that could make it impure.

usage: rooms.py ROOT
"""

import os
import re
import sys

import tree

BELOW = {
    "model": set(),
    "backend_zk": {"model"},
    "backend_sim": {"model"},
    "harness": {"model", "backend_zk", "backend_sim"},
    "cli": {"model", "backend_zk", "backend_sim", "harness"},
}
ABOVE_ALL = ("tests", "bench", "examples")

MODEL_SYSTEM = {
    "assert.h", "errno.h", "inttypes.h", "limits.h", "stdarg.h", "stdbool.h", "stddef.h",
    "stdint.h", "stdio.h", "stdlib.h", "string.h", "xxhash.h", "jansson.h",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def check(root, path):
    room = path.split(os.sep)[0]
    allowed = set(BELOW) | set(ABOVE_ALL) if room in ABOVE_ALL else BELOW[room] | {room}
    for number, line in enumerate(tree.read(root, path).splitlines(), 1):
        include = INCLUDE.match(line)
        if not include:
            continue
        quote, header = include.groups()
        where = f"{path}:{number}: <{header}>" if quote == "<" else f'{path}:{number}: "{header}"'
        if header.startswith("zookeeper") and room != "backend_zk":
            yield f"{where} is banned in {room}, use model/backend.h"
        elif quote == "<":
            if room == "model" and header not in MODEL_SYSTEM:
                yield f"{where} is banned in model, use the seam"
        elif not os.path.isfile(os.path.join(root, header)):
            yield f"{where} is banned, use the header's path from the root"
        elif header.split("/")[0] not in allowed:
            yield f"{where} is banned in {room}, use only rooms below it"


def findings(root):
    for path in tree.c_files(root):
        yield from check(root, path)


if __name__ == "__main__":
    sys.exit(tree.report(list(findings(sys.argv[1]))))
