#!/usr/bin/python3
"""Runs the museum: each broken protocol must be caught by its scenario, for the reason that the
table states, and rota's own roles must hold in the same scenario.

usage: museum.py MUSEUM FOLDER [--write]

MUSEUM is the program with the broken protocols. Scenarios with rota's roles are written to FOLDER.
--write writes into table.txt how many seeds each protocol takes.
"""

import configparser
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, "table.txt")
SEEDS = 50


def read_table(path=TABLE):
    table = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#",), strict=True)
    with open(path, encoding="utf-8") as file:
        table.read_file(file)
    return {name: dict(table[name]) for name in table.sections()}


def play(rota, path, seed):
    run = subprocess.run([rota, "sim", "run", path, "--seed", str(seed)], text=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, check=False)
    return run.returncode, run.stdout


def is_caught(status, output, reason):
    """Status 1 is a failure, 3 no progress; any other has caught nothing."""
    return status in (1, 3) and (f"invariant {reason} broken" in output or
                                 f"statement: {reason}\n" in output)


def runs_needed(rota, path, reason):
    """The first seed that catches the protocol, 0 if none does; and the last output."""
    for seed in range(1, SEEDS + 1):
        status, output = play(rota, path, seed)
        if is_caught(status, output, reason):
            return seed, output
    return 0, output


def as_rota(path, folder):
    """The same scenario for rota's own roles, under all invariants."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    text, found = re.subn(r"^protocol \w+$", "protocol rota", text, flags=re.M)
    assert found == 1, path
    text = re.sub(r"^without .*\n", "", text, flags=re.M)
    copy = os.path.join(folder, os.path.basename(path))
    with open(copy, "w", encoding="utf-8") as file:
        file.write(text)
    return copy


def write_runs(found):
    with open(TABLE, encoding="utf-8") as file:
        lines = file.read().splitlines()
    name = None
    for i, line in enumerate(lines):
        if line.startswith("["):
            name = line.strip("[]")
        elif line.startswith("runs ="):
            lines[i] = f"runs = {found[name]}"
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def main():
    rota, folder = sys.argv[1:3]
    os.makedirs(folder, exist_ok=True)
    table = read_table()
    found, wrong = {}, 0
    for name, protocol in table.items():
        path = os.path.join(HERE, name + ".scn")
        found[name], output = runs_needed(rota, path, protocol["caught"])
        print(f"{name:28} {protocol['caught'] if found[name] else 'NOT CAUGHT'}, run {found[name]}")
        if not found[name]:
            wrong += 1
            print(output)
        if "rota" in protocol:
            continue
        status, output = play(rota, as_rota(path, folder), 1)
        if status != 0:
            wrong += 1
            print(f"{name:28} rota's own roles fail, too\n{output}")
    listed = {name for name in os.listdir(HERE) if name.endswith(".scn")}
    for name in sorted(listed ^ {name + ".scn" for name in table}):
        wrong += 1
        print(f"{name}: it is in the table or in the folder, but not in both")
    if "--write" in sys.argv and not wrong:
        write_runs(found)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
