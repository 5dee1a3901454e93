#!/usr/bin/python3
"""The plan of the house: a room includes only rooms below it, a sub-room only sub-rooms below it,
files form no circle, and a function is defined in the file that bears its header's name.

usage: rooms.py ROOT
"""

import os
import re
import sys

import tree

# Each room, and the rooms that it may include besides itself.
BELOW = {
    "model": set(),
    "system": {"model"},
    "server": {"model", "system"},
    "backend_zk": {"model", "system"},
    "backend_sim": {"model", "system", "server"},
    "harness": {"model", "system", "server", "backend_zk", "backend_sim"},
    "cli": {"model", "system", "server", "backend_zk", "backend_sim", "harness"},
}
ABOVE_ALL = ("tests", "bench", "examples")

# The sub-rooms of a room in floors, from the ground: sub-rooms of one floor do not see each other.
# "." is the room's own folder.
FLOORS = {
    "model": (("base",), ("seam",), ("tree",),
              ("master", "worker", "client", "operator", "reader"), (".",)),
    "backend_sim": (("net",), ("world",), (".",)),
    "harness": (("language", "zkcli"), ("judge",), ("play",), ("search",), (".",)),
    "cli": (("base",), ("runner",), ("jobs",), ("commands",), (".",)),
}

MODEL_SYSTEM = {
    "assert.h", "errno.h", "inttypes.h", "limits.h", "stdarg.h", "stdbool.h", "stddef.h",
    "stdint.h", "stdio.h", "stdlib.h", "string.h", "xxhash.h", "jansson.h",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
HIDDEN = re.compile(r"^[ \t]*#[ \t]*include[ \t]+[A-Za-z_]", re.MULTILINE)
# A prototype, and a definition, of one of the house's own functions, each in the first column.
PROTOTYPE = re.compile(r"^(?!static|typedef|#)[a-z][\w \t*]*?\b(rota_\w+)\([^;{}]*\)"
                       r"(?:\s*__attribute__\(\([^;]*\)\))?;", re.MULTILINE)
DEFINITION = re.compile(r"^(?!static|typedef|#)[a-z][\w \t*]*?\b(rota_\w+)\([^;{}]*\)\s*\{",
                        re.MULTILINE)


def room_of(path):
    return path.split(os.sep)[0]


def sub_room_of(path):
    parts = path.split(os.sep)
    return parts[1] if len(parts) > 2 else "."


def includes(text):
    """The number of the line, the kind of quote and the header of each include."""
    for number, line in enumerate(text.splitlines(), 1):
        include = INCLUDE.match(line)
        if include:
            yield number, include.group(1), include.group(2)


def floor_of(path):
    """How high a file's sub-room stands in its room; None if the room has no such sub-room."""
    floors = FLOORS.get(room_of(path), ((".",),))
    for height, sub_rooms in enumerate(floors):
        if sub_room_of(path) in sub_rooms:
            return height
    return None


def goes_up(path, header):
    """Whether an include within one room leaves its sub-room otherwise than downwards."""
    return sub_room_of(path) != sub_room_of(header) and floor_of(path) <= floor_of(header)


def check_includes(root, path, text):
    room = room_of(path)
    for found in HIDDEN.finditer(text):
        number = text.count("\n", 0, found.start()) + 1
        yield f"{path}:{number}: an include by a macro is banned, use the header's path"
    allowed = set(BELOW) | set(ABOVE_ALL) if room in ABOVE_ALL else BELOW[room] | {room}
    for number, quote, header in includes(text):
        where = f"{path}:{number}: <{header}>" if quote == "<" else f'{path}:{number}: "{header}"'
        if header.startswith("zookeeper") and room != "backend_zk":
            yield f"{where} is banned in {room}, use model/seam/backend.h"
        elif quote == "<":
            if room == "model" and header not in MODEL_SYSTEM:
                yield f"{where} is banned in model, use the seam"
        elif not os.path.isfile(os.path.join(root, header)):
            yield f"{where} is banned, use the header's path from the root"
        elif room_of(header) not in allowed:
            yield f"{where} is banned in {room}, use only rooms below it"
        elif room in BELOW and room == room_of(header) and goes_up(path, header):
            yield (f"{where} is banned in {room}/{sub_room_of(path)}, "
                   "use only sub-rooms below it")


def check_floor(path):
    if room_of(path) in BELOW and floor_of(path) is None:
        yield (f"{path}:1: the sub-room {room_of(path)}/{sub_room_of(path)} is banned, "
               "use one of FLOORS in tests/lint/rooms.py")


def check_prototypes(path, headers, sources):
    """What x.h declares, x.c defines: so the includes are all that ties files together."""
    defined = set(DEFINITION.findall(sources.get(path[:-1] + "c", "")))
    defined |= set(DEFINITION.findall(headers[path]))
    for prototype in PROTOTYPE.finditer(headers[path]):
        name = prototype.group(1)
        if name not in defined:
            number = headers[path].count("\n", 0, prototype.start()) + 1
            yield (f"{path}:{number}: {name} is banned here, declare it in the header "
                   "of the file that defines it")


def check_own_prototypes(path, code):
    """A source that declares a function by itself calls a file that it does not include."""
    for prototype in PROTOTYPE.finditer(code[path]):
        number = code[path].count("\n", 0, prototype.start()) + 1
        yield (f"{path}:{number}: {prototype.group(1)} is banned here, declare it in a header "
               "and include that")


def graph_of(texts):
    """Which files each file includes; x.c and x.h are one file."""
    stems = {os.path.splitext(path)[0] for path in texts}
    graph = {stem: set() for stem in stems}
    for path, text in texts.items():
        stem = os.path.splitext(path)[0]
        for _, quote, header in includes(text):
            other = os.path.splitext(header)[0]
            if quote == '"' and other in stems and other != stem:
                graph[stem].add(other)
    return graph


def circles(graph):
    """The strongly connected components of more than one file, by Tarjan's algorithm."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def findings(root):
    texts = {path: tree.read(root, path) for path in tree.c_files(root)}
    code = {path: tree.without_comments(text) for path, text in texts.items()}
    for path, text in texts.items():
        yield from check_floor(path)
        yield from check_includes(root, path, text)
    headers = {path: text for path, text in code.items() if path.endswith(".h")}
    for path in headers:
        if room_of(path) in BELOW:
            yield from check_prototypes(path, headers, code)
    for path in code:
        if path.endswith(".c") and room_of(path) in BELOW:
            yield from check_own_prototypes(path, code)
    for circle in circles(graph_of(texts)):
        yield f"{circle[0]}:1: a circle of files is banned: {', '.join(circle)}"


if __name__ == "__main__":
    sys.exit(tree.report(list(findings(sys.argv[1]))))
