#!/usr/bin/python3
"""Breaks a copy of lock.c in one line at a time, and demands that the scenario named in mutants.txt
fails for the reason that stands there.

usage: mutants.py LINKS

LINKS is the folder of lists that the build writes: how to compile, and how lock_sim is linked.
"""

import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tests", "mutants"))
from mutants import Build, Wrong, read_table  # noqa: E402


def play(build, mutant):
    path = os.path.join(HERE, mutant["scenario"] + ".scn")
    command = [build.program("lock_sim"), "sim", "run", path]
    if "inject" in mutant:
        command += ["--inject", mutant["inject"]]
    return build.run(command)


def is_caught(status, output, reason):
    """Status 1 is a failure, 3 no progress; a crash has caught nothing."""
    return status in (1, 3) and (f"invariant {reason} broken" in output or
                                 f"statement: {reason}\n" in output)


def check(links, name, mutant):
    """Whether the mutant is caught, and the lock as it stands is not."""
    with tempfile.TemporaryDirectory() as folder:
        status, output = play(Build(links, folder, name, None, set()), mutant)
        if status != 0:
            raise Wrong(f"{name}: the lock itself fails:\n{output}")
    with tempfile.TemporaryDirectory() as folder:
        status, output = play(Build(links, folder, name, mutant, set()), mutant)
    caught = is_caught(status, output, mutant["caught"])
    print(f"{name:24} {mutant['caught'] if caught else 'NOT CAUGHT'}")
    if not caught:
        print(output)
    return caught


def main():
    table = read_table(os.path.join(HERE, "mutants.txt"))
    results = [check(sys.argv[1], name, mutant) for name, mutant in table.items()]
    return 0 if all(results) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as wrong:
        sys.exit(f"mutants.py: {wrong}")
