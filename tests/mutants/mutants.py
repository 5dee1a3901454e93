#!/usr/bin/python3
"""Breaks one line of model/ after the other, and demands that something catches each.

A mutant of table.txt is a copy of one file with a broken line. It is compiled alone and linked
before the rest of a program. The test that the table names is tried first. If that test passes, all
others are tried: the scenarios, the tests of the model, then a sweep of each scenario. The run
fails if nothing catches a mutant, if the table names a test that does not, if the file does not
hold the line exactly once, or if the unbroken model fails one of the same tests.

usage: mutants.py LINKS [--all] [--no-sweeps] [--write] [--jobs N] [NAME...]

LINKS is the folder of lists that the build writes: how to compile, what each program is linked
from, and the names of the tests. --all ignores what the table names, --write writes what was found
into table.txt.
"""

import argparse
import configparser
import glob
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TABLE = os.path.join(HERE, "table.txt")
SWEEP_MOST = 60
PATIENCE_S = 60
LONG_S = 900
FAILED = re.compile(r"^\[  FAILED  \] (.+)$", re.M)
SWEPT = re.compile(r"^(\S+)\.scn +\d+ +\d+ .* (\d+)$", re.M)


class Wrong(Exception):
    """The table does not fit the model."""


def read_table(path=TABLE):
    table = configparser.RawConfigParser(delimiters=("=",), comment_prefixes=("#",), strict=True)
    with open(path, encoding="utf-8") as file:
        table.read_file(file)
    return {name: dict(table[name]) for name in table.sections()}


def replace(text, name, mutant, number):
    """Puts the broken line in the place of the right one, which must be there exactly once."""
    words = mutant["line" + number].split()
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words))
    found = len(pattern.findall(text))
    if found != 1:
        raise Wrong(f"{name}: its line stands {found} times in {mutant['file']}, not once: "
                    f"{' '.join(words)}")
    return pattern.sub(lambda _: mutant["with" + number], text)


def broken_text(name, mutant):
    with open(os.path.join(ROOT, mutant["file"]), encoding="utf-8") as file:
        text = replace(file.read(), name, mutant, "")
    return replace(text, name, mutant, "2") if "line2" in mutant else text


def words_of(links, name):
    with open(os.path.join(links, name + ".link"), encoding="utf-8") as file:
        return [word for word in file.read().split(";") if word]


class Build:
    """A folder with one mutant, or with the model as it stands."""

    def __init__(self, links, folder, name, mutant, known):
        self.links, self.folder, self.object, self.known = links, folder, None, known
        if mutant is None:
            return
        source = os.path.join(folder, os.path.basename(mutant["file"]))
        self.object = os.path.join(folder, "mutant.o")
        with open(source, "w", encoding="utf-8") as file:
            file.write(broken_text(name, mutant))
        command = words_of(links, "compile") + ["-w", "-c", source, "-o", self.object]
        run = subprocess.run(command, text=True, stderr=subprocess.PIPE, check=False)
        if run.returncode != 0:
            raise Wrong(f"{name}: it does not compile:\n{run.stderr}")

    def program(self, name):
        path = os.path.join(self.folder, name)
        if not os.path.exists(path):
            words = words_of(self.links, name)
            mutant = [self.object] if self.object else []
            subprocess.run([words[0], "-o", path] + mutant + words[1:], check=True)
        return path

    def run(self, command, patience_s=PATIENCE_S):
        """The exit status and the output; not to end in time is a way to fail."""
        try:
            run = subprocess.run(command, text=True, stdin=subprocess.DEVNULL, timeout=patience_s,
                                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=ROOT,
                                 errors="replace", check=False)
        except subprocess.TimeoutExpired as late:
            return 1, (late.stdout or b"").decode(errors="replace") + "it did not end"
        return run.returncode, run.stdout

    def asked(self, way):
        """Runs one test: whether it passed, and its output."""
        kind, which = way.split()
        if kind == "test":
            status, said = self.run([self.program(which)])
            failed = set(FAILED.findall(said))
            return status == 0 or bool(failed) and failed <= self.known, said
        if kind == "run":
            status, said = self.run([self.program("rota"), "sim", "run", path_of(which)])
            return status == 0, said
        status, said = self.run(sweep_of(self, [which]))
        return status == 0, said


def path_of(name):
    """The path from the root of the scenario of that name, in whichever folder it is."""
    found = glob.glob(os.path.join("scenarios", "*", name + ".scn"), root_dir=ROOT)
    if len(found) != 1:
        raise Wrong(f"there are {len(found)} scenarios {name}, not one")
    return found[0]


def sweep_of(build, names):
    files = [path_of(name) for name in names]
    return [build.program("rota"), "sim", "sweep", "--jobs", "1", "--most", str(SWEEP_MOST)] + files


def text_of(name):
    with open(os.path.join(ROOT, path_of(name)), encoding="utf-8") as file:
        return file.read()


def scenario_names():
    """All but the large ones, which would take longer than the patience for all."""
    paths = glob.glob(os.path.join(ROOT, "scenarios", "*", "*.scn"))
    names = sorted(os.path.splitext(os.path.basename(path))[0] for path in paths)
    return [name for name in names
            if not re.search(r"^labels .*\bscale\b", text_of(name), re.M)]


def has_processes(name):
    return "start " in text_of(name)


def first_to_fail(build):
    """The first of all scenarios that does not hold; None if all do. One process runs them all, and
    may die of one."""
    names = scenario_names()
    files = [path_of(name) for name in names]
    _, said = build.run([build.program("rota"), "sim", "run"] + files)
    for name, file in zip(names, files):
        if f"ok     {file} " not in said:
            return f"run {name}"
    return None


def first_to_break(build):
    """The first of all sweeps with a violation; None if there is none."""
    names = [name for name in scenario_names() if has_processes(name)]
    _, said = build.run(sweep_of(build, names), LONG_S)
    for name, violations in SWEPT.findall(said):
        if name in names and violations != "0":
            return f"sweep {name}"
    return None


def first_test(build):
    """The first test of the model that fails; None if all pass."""
    for name in words_of(build.links, "tests"):
        if not build.asked(f"test {name}")[0]:
            return f"test {name}"
    return None


def find(build, first, sweeps):
    """The way to catch the mutant, or None."""
    if first and not build.asked(first)[0]:
        return first
    return (first_to_fail(build) or first_test(build) or
            (first_to_break(build) if sweeps else None))


def judge(links, name, mutant, known, first, sweeps):
    with tempfile.TemporaryDirectory() as folder:
        return find(Build(links, folder, name, mutant, known), first, sweeps)


def check_model(links, ways):
    """The unbroken model must pass the tests that catch its mutants. Returns the functions of the
    model's tests that fail all the same: they catch nothing."""
    tests = words_of(links, "tests")
    known = set()
    with tempfile.TemporaryDirectory() as folder:
        build = Build(links, folder, "", None, set())
        for way in sorted(ways - {f"test {name}" for name in tests}):
            held, said = build.asked(way)
            if not held:
                raise Wrong(f"the model itself fails: {way}\n{said}")
        for name in tests:
            known |= set(FAILED.findall(build.asked(f"test {name}")[1]))
    return known


def write_caught(found):
    """Notes in the table what has caught each mutant; everything else stays as it is."""
    with open(TABLE, encoding="utf-8") as file:
        lines = file.read().splitlines()
    name = None
    for i, line in enumerate(lines):
        if line.startswith("["):
            name = line.strip("[]")
        elif line.startswith("caught") and found.get(name):
            lines[i] = "caught = " + found[name]
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def parse():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("links")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--no-sweeps", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    return parser.parse_intermixed_args()


def main():
    options = parse()
    table = read_table()
    names = options.names or list(table)
    found, survived, stale = {}, [], []
    known = check_model(options.links, {table[name]["caught"] for name in names} - {""})

    def one(name):
        first = "" if options.all else table[name]["caught"]
        return name, judge(options.links, name, table[name], known, first,
                           not options.no_sweeps)

    with ThreadPoolExecutor(options.jobs) as pool:
        for name, caught in pool.map(one, names):
            found[name] = caught
            if caught is None:
                survived.append(name)
            elif not options.write and caught != table[name]["caught"]:
                stale.append(name)
            print(f"{name:26} {caught or 'SURVIVED: ' + table[name]['breaks']}",
                  flush=True)
    for name in stale:
        print(f"{name}: the table says {table[name]['caught']}, which passes; use --write")
    if options.write:
        write_caught(found)
    print(f"{len(names) - len(survived)} caught, {len(survived)} survived")
    return 1 if survived or stale else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as wrong:
        sys.exit(f"mutants.py: {wrong}")
