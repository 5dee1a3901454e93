#!/usr/bin/python3
"""Compares the behaviour of two revisions in every scenario: only names may differ.

Each revision is built, and its program runs its own scenario files, each with several seeds. Files
are paired by their number. The tool compares a normal form of each trace: for each line the virtual
time, the process, the kind of the note and its arguments; then the exit status, the verdict and
the number of events. The sentences of the trace may differ, and so may the titles, comments, labels
and expected traces of scenarios. Kinds and words may differ if renamed.txt lists them. If two files
have different statements, the tool reports that and does not run them. A trace does not show the
order of operations within one multi; the step tests in tests/unit check that order.

usage: behaviour.py BASE [NEW] | --store DIR REV | --against DIR [NEW]

BASE, NEW and REV are revisions of git; NEW left out is the work tree. --store writes the normal
form of REV into a new folder, --against compares with it. Exit status: 0 the same; 1 differences;
2 usage, build, or a line that no sentence fits.
"""

import argparse
import collections
import contextlib
import functools
import itertools
import multiprocessing
import os
import signal
import sys

import renames
import sides
from wrong import Wrong

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHOWN_RUNS = 20
SHOWN_COLUMNS = 300
NOTHING = "(nothing)"

# The result for a pair of files: the number of runs compared, whether the statements are the same,
# and a text for each difference.
Outcome = collections.namedtuple("Outcome", "number runs comparable differences")


# ---- comparing ----

def first_difference(older, newer, same):
    """The first pair of items that are not the same, with its number from 1; None if all are."""
    for number, (a, b) in enumerate(itertools.zip_longest(older, newer), 1):
        if a is None or b is None or not same(a, b):
            return number, NOTHING if a is None else a, NOTHING if b is None else b
    return None


def describe(what, difference):
    """A difference as three lines."""
    number, older, newer = difference
    sides_of_it = [f"    {sign} {' '.join(text.split(chr(9)))[:SHOWN_COLUMNS]}"
                   for sign, text in (("-", older), ("+", newer))]
    return "\n".join([f"{what} {number}:"] + sides_of_it)


def compare_file(base, new, renamed, number):
    """Compares the statements of a pair of files, then its runs."""
    file = new.files[number]
    found = first_difference(base.statements(number), new.statements(number),
                             renamed.same_statement)
    if found:
        return Outcome(number, 0, False, [describe(f"{file}: statements differ, number", found)])
    seeds = [seed for seed in base.seeds(number) if seed in new.seeds(number)]
    differences = []
    for seed in seeds:
        found = first_difference(base.run(number, seed), new.run(number, seed), renamed.same_line)
        if found:
            differences.append(describe(f"{file}, seed {seed}: traces differ, line", found))
    return Outcome(number, len(seeds), True, differences)


def store_file(side, folder, number):
    return Outcome(number, sides.store_form(side, number, folder), True, [])


# ---- in parallel ----

def let_interrupt_end_runs():
    """Prepares a process of the pool: the main process ends it; Ctrl-C ends only its program."""
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def show_progress(text):
    """Writes a line that the next one replaces, on a terminal only."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\033[K{text}")
        sys.stderr.flush()


def for_each(numbers, job):
    """The outcomes of a job for each number, in the order of the numbers."""
    outcomes = []
    try:
        with multiprocessing.Pool(len(os.sched_getaffinity(0)), let_interrupt_end_runs) as pool:
            for outcome in pool.imap_unordered(job, numbers):
                outcomes.append(outcome)
                show_progress(f"{len(outcomes)}/{len(numbers)} files")
    finally:
        show_progress("")
    return sorted(outcomes)


def longest_first(side, numbers):
    """Large files have the fewest seeds."""
    return sorted(numbers, key=lambda number: (len(side.seeds(number)), number))


# ---- reporting ----

def print_differences(texts):
    for text in texts[:SHOWN_RUNS]:
        print(text)
    if len(texts) > SHOWN_RUNS:
        print(f"... and {len(texts) - SHOWN_RUNS} more")


def counted(number, one, many):
    return f"{number} {one if number == 1 else many}"


def report(outcomes, gone, added):
    """Prints what differs and a line of counts; returns the exit status."""
    unlike = [outcome for outcome in outcomes if not outcome.comparable]
    differing = sum(len(outcome.differences) for outcome in outcomes if outcome.comparable)
    print_differences([text for outcome in outcomes for text in outcome.differences])
    for file in gone:
        print(f"{file}: no file of the newer revision has its number")
    counts = [(differing, "run differs", "runs differ"),
              (len(unlike), "file has other statements", "files have other statements"),
              (len(gone), "file is gone", "files are gone")]
    verdict = ", ".join(counted(*count) for count in counts if count[0]) or "the same"
    more = f" ({counted(len(added), 'file is new', 'files are new')})" if added else ""
    print(f"{len(outcomes)} files, {sum(outcome.runs for outcome in outcomes)} runs: "
          f"{verdict}{more}")
    return 0 if verdict == "the same" else 1


def compare(base, new):
    """Compares two sides, and returns the exit status."""
    renamed = renames.Renames(renames.read_entries(new.renamed),
                              renames.read_entries(base.renamed))
    common = base.files.keys() & new.files.keys()
    outcomes = for_each(longest_first(new, common),
                        functools.partial(compare_file, base, new, renamed))
    return report(outcomes, [base.files[number] for number in sorted(base.files.keys() - common)],
                  new.files.keys() - common)


def store(side, folder):
    """Writes the normal form of a side and its table of renames into a folder."""
    os.makedirs(folder, exist_ok=True)
    if os.listdir(folder):
        raise Wrong(f"{folder} is not empty")
    outcomes = for_each(longest_first(side, side.files),
                        functools.partial(store_file, side, folder))
    sides.store_index(side, folder)
    print(f"{len(outcomes)} files, {sum(outcome.runs for outcome in outcomes)} runs: stored")
    return 0


# ---- the command line ----

def parse():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("revisions", nargs="*")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--store", metavar="DIR")
    way.add_argument("--against", metavar="DIR")
    options = parser.parse_intermixed_args()
    least, most = (1, 1) if options.store else (0, 1) if options.against else (1, 2)
    if not least <= len(options.revisions) <= most:
        parser.error(f"{len(options.revisions)} revisions are given")
    return options


def end(*_):
    raise KeyboardInterrupt


def main():
    options = parse()
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, end)
    revisions = options.revisions
    show_progress("building")
    with contextlib.ExitStack() as stack:
        if options.store:
            return store(stack.enter_context(sides.built(ROOT, revisions[0])), options.store)
        if options.against:
            base = sides.Stored(options.against)
        else:
            base = stack.enter_context(sides.built(ROOT, revisions.pop(0)))
        new = stack.enter_context(sides.built(ROOT, revisions[0] if revisions else None))
        return compare(base, new)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Wrong as wrong:
        print(f"behaviour.py: {wrong}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
