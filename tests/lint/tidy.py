#!/usr/bin/python3
"""The rules of style that a compiler does not know, as `path:line: what is wrong`.

usage: tidy.py ROOT [BUILD]

With BUILD, a configured build directory of ROOT, every .c file must also be compiled there.
"""

import json
import os
import re
import sys

import tree

COLUMNS = 100
FUNCTION_LINES = 100
FILE_LINES = 900

BANNED = {
    "strcpy": "memcpy or snprintf",
    "strcat": "snprintf",
    "strncpy": "memcpy or snprintf",
    "strncat": "snprintf",
    "sprintf": "snprintf",
    "vsprintf": "vsnprintf",
    "gets": "fgets or getline",
    "atoi": "strtol",
    "atol": "strtol",
    "atoll": "strtoll",
    "atof": "strtod",
    "strtok": "strcspn and strspn",
    "rand": "the backend's random",
    "srand": "the backend's random",
    "random": "the backend's random",
    "srandom": "the backend's random",
    "sleep": "a wait for a condition, with a bound",
    "usleep": "a wait for a condition, with a bound",
    "nanosleep": "a wait for a condition, with a bound",
    "signal": "sigaction or uv_signal_start",
    "system": "uv_spawn",
    "popen": "uv_spawn",
    "vfork": "uv_spawn",
    "alloca": "the outbox, the pool or malloc",
    "setjmp": "a result code",
    "longjmp": "a result code",
    "localtime": "localtime_r",
    "gmtime": "gmtime_r",
    "ctime": "strftime",
    "asctime": "strftime",
    "tmpnam": "mkstemp",
    "tempnam": "mkstemp",
    "mktemp": "mkstemp",
    "assert": "rota_assert",
}
CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
EXEMPT = {("model/base/assert.h", "assert")}

LATER = re.compile(r"\b(TO" "DO|FIX" "ME|XX" "X|HA" "CK)\\b")
TEXT = (".c", ".h", ".py", ".sh", ".cmake", ".txt", ".json", ".md", ".scn")
NARROW = (".c", ".h", ".py", ".sh", ".cmake")

LINK = re.compile(r"\]\((?![a-z]+:|#)([^)#]+)")
COMMAND = re.compile(r"(?<![\w./-])ci/[a-z]+(?!\w)")


def is_text(name):
    return name.endswith(TEXT) or "." not in name and name not in ("LICENSE", "Makefile")


def check_lines(path, lines):
    """What holds for every kind of text file."""
    for number, line in enumerate(lines, 1):
        if "\t" in line:
            yield f"{path}:{number}: a tab is banned, use spaces"
        if line != line.rstrip():
            yield f"{path}:{number}: trailing space is banned, use none"
        if path.endswith(NARROW) and len(line) > COLUMNS:
            yield f"{path}:{number}: {len(line)} columns are banned, use at most {COLUMNS}"
        later = LATER.search(line)
        if later and not path.endswith(".md"):
            yield f"{path}:{number}: {later.group()} is banned, use an issue or do it now"


def check_calls(path, code):
    for number, line in enumerate(code, 1):
        for call in CALL.finditer(line):
            name = call.group(1)
            if (path, name) not in EXEMPT:
                yield f"{path}:{number}: {name} is banned, use {BANNED[name]}"


def check_lengths(path, code):
    """A function's body runs from a lone { to a lone } in the first column."""
    if len(code) > FILE_LINES:
        yield (f"{path}:{FILE_LINES + 1}: a file of {len(code)} lines is banned, "
               f"use at most {FILE_LINES}")
    begin = None
    for number, line in enumerate(code, 1):
        if line.rstrip() == "{":
            begin = number
        elif line.rstrip() == "}" and begin:
            length = number - begin + 1
            if length > FUNCTION_LINES:
                yield (f"{path}:{begin}: a function of {length} lines is banned, "
                       f"use at most {FUNCTION_LINES}")
            begin = None


def check_guard(path, text):
    name = "ROTA_" + re.sub(r"[/.]", "_", path).upper()
    if f"#ifndef {name}\n#define {name}\n" not in text:
        yield f"{path}:1: this header guard is banned, use {name}"


def check_document(root, path, lines):
    """What a document links to, and the commands it names, exist."""
    for number, line in enumerate(lines, 1):
        for target in LINK.findall(line):
            if not os.path.exists(os.path.join(root, os.path.dirname(path), target)):
                yield f"{path}:{number}: a link to nothing is banned, use another than {target}"
        for command in COMMAND.findall(line):
            if not os.path.exists(os.path.join(root, command)):
                yield f"{path}:{number}: {command} is banned, use a command that exists"


def check_included(root, headers, sources):
    """A header that nobody includes is dead."""
    text = "\n".join(tree.read(root, s) for s in sources)
    for header in headers:
        if f'#include "{header}"' not in text:
            yield f"{header}:1: a header that nobody includes is banned, use it or remove it"


def check_compiled(root, build, sources):
    """A source that no target compiles is dead."""
    with open(os.path.join(build, "CMakeCache.txt"), encoding="utf-8") as f:
        home = re.search(r"^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$", f.read(), re.MULTILINE).group(1)
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as f:
        compiled = {os.path.relpath(entry["file"], home) for entry in json.load(f)}
    for source in sources:
        if source not in compiled:
            yield f"{source}:1: a source in no target is banned, use its room's CMakeLists.txt"


def findings(root, build=None):
    for path in tree.files(root, is_text):
        lines = tree.read(root, path).splitlines()
        yield from check_lines(path, lines)
        if path.endswith(".md"):
            yield from check_document(root, path, lines)
    sources = tree.c_files(root)
    for path in sources:
        text = tree.read(root, path)
        code = tree.code_only(text).splitlines()
        yield from check_calls(path, code)
        yield from check_lengths(path, code)
        if path.endswith(".h"):
            yield from check_guard(path, text)
    yield from check_included(root, [s for s in sources if s.endswith(".h")], sources)
    if build:
        yield from check_compiled(root, build, [s for s in sources if s.endswith(".c")])


if __name__ == "__main__":
    sys.exit(tree.report(list(findings(*sys.argv[1:3]))))
