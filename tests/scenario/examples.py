#!/usr/bin/python3
"""Runs the scenarios that docs/SCENARIOS.md shows: each indented block with a title.

usage: examples.py ROTA DOCUMENT DIRECTORY
"""

import os
import re
import subprocess
import sys

LEAST = 2


def blocks(text):
    """The indented blocks of a document, without their indentation."""
    for block in re.findall(r"(?m)(?:^(?:    .*)?\n)+", text):
        yield "".join(line[4:] or "\n" for line in block.splitlines(keepends=True))


def main(rota, document, directory):
    with open(document, encoding="utf-8") as f:
        examples = [b for b in blocks(f.read()) if re.search(r'(?m)^scenario "', b)]
    if len(examples) < LEAST:
        sys.exit(f"{document} shows {len(examples)} scenarios, not {LEAST} or more")
    files = []
    os.makedirs(directory, exist_ok=True)
    for number, example in enumerate(examples, 1):
        files.append(os.path.join(directory, f"{number}.scn"))
        with open(files[-1], "w", encoding="utf-8") as f:
            f.write(example)
    sys.exit(subprocess.run([rota, "sim", "run", *files], check=False).returncode)


if __name__ == "__main__":
    main(*sys.argv[1:])
