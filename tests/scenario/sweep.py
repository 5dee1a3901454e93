#!/usr/bin/python3
"""The output, the files and the exit status of `rota sim sweep`.

usage: sweep.py ROTA DIRECTORY
"""

import json
import os
import pty
import re
import signal
import sys
import xml.etree.ElementTree

import options

SMALL = ('scenario "small"\ncluster masters=1 workers=1\nstart all\n'
         'submit c1 1 task work=50ms\nuntil done all within 30s\n')
ROBBED = ('scenario "robbed"\ncluster masters=1 workers=0\nstart all\nsubmit c1 1 task\n'
          'until exists /tasks/t1 within 5s\nafter 1s heal all\nzk z1: delete /tasks/t1\n')


def table(shelf, small, robbed):
    out, _ = shelf.run(0, "sweep", small)
    rows = [line.split() for line in out.splitlines()]
    options.demand(rows[0] == ["scenario", "places", "runs", "seconds", "runs/s", "violations"],
                   out)
    options.demand(rows[1][0] == "small.scn" and rows[1][1] == rows[1][2] != "0", out)
    options.demand(rows[2][0] == "all" and out.endswith("no violations\n"), out)
    out, _ = shelf.run(1, "sweep", "--only", "crash", robbed, small)
    options.demand(f"{robbed}: no-task-lost: t1, created at zxid " in out, out)
    options.demand("more violations; --all prints them" in out, out)
    options.demand("\nviolations: no-task-lost " in out, out)
    out, _ = shelf.run(0, "sweep", "--depth", "2", "--most", "20", small)
    options.demand(f"{small}: 40 of " in out, out)


def replayed(shelf, robbed):
    out, _ = shelf.run(1, "sweep", "--only", "crash,connloss", "--who", "clients", robbed)
    lines = [line for line in out.splitlines() if line.startswith("  replay: rota sim ")]
    options.demand(any("--inject " in line for line in lines), out)
    for line in lines:
        trace, err = shelf.run(1, *line.split()[3:])
        options.demand("invariant no-task-lost broken: t1" in err, err)
        options.demand(trace.startswith("[    0.000s]"), trace)


def reports(shelf, small, robbed):
    report = shelf.path("sweep.xml")
    out, _ = shelf.run(1, "sweep", "--json", "--junit", report, small, robbed)
    found = json.loads(out)
    held, broken = found["scenarios"]
    options.demand(held["violations"] == {} and held["breaches"] == [], str(held))
    options.demand(found["violations"] == broken["violations"], out)
    options.demand(len(broken["breaches"]) == broken["violations"]["no-task-lost"], out)
    cases = xml.etree.ElementTree.parse(report).getroot().findall("testsuite/testcase")
    options.demand([c.get("name") for c in cases] == [small, robbed], str(cases))
    options.demand(cases[0].find("failure") is None, "the first one held")
    options.demand("rota sim run " in cases[1].find("failure").text, "the replay line")


def refused(shelf, small):
    """An unreadable file appears in all results."""
    report, bad = shelf.path("refused.xml"), shelf.put("bad.scn", 'scenario "x"\ncrash m9\n')
    out, err = shelf.run(2, "sweep", "--json", "--junit", report, bad, small)
    first, second = json.loads(out)["scenarios"]
    options.demand(first["file"] == bad and first["error"] + "\n" == err, out)
    options.demand(f"{bad}:2:7: there is no m9" in err and second["runs"] > 0, out)
    cases = xml.etree.ElementTree.parse(report).getroot().findall("testsuite/testcase")
    options.demand([c.get("name") for c in cases] == [bad, small], str(cases))
    options.demand(cases[0].find("failure").get("type") == "wrong", "the refusal")


def unreadable_names(shelf):
    """A file name that is not UTF-8 appears with "?" in place of its bytes."""
    held, bad = shelf.put("small\udcff.scn", SMALL), shelf.put("bad\udcff.scn", "nonsense\n")
    out, _ = shelf.run(2, "sweep", "--json", "--most", "3", bad, held)
    names = [os.path.basename(one["file"]) for one in json.loads(out)["scenarios"]]
    options.demand(names == ["bad?.scn", "small?.scn"], out)


def stopped(shelf, small):
    """Ctrl-C in the middle: the table has the runs until then."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(shelf.rota, [shelf.rota, "sim", "sweep", "--depth", "2", "--jobs", "1", small])
    said, asked = b"", False
    while True:
        try:
            said += os.read(terminal, 65536)
        except OSError:  # its end
            break
        if not asked and re.search(rb"\] [1-9]\d* of \d{4,} runs of small.scn", said):
            os.write(terminal, b"\x03")
            asked = True
    said = said.decode().replace("\r\n", "\n")
    _, status = os.waitpid(child, 0)
    options.demand(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGINT, str(status))
    options.demand(f"{small}: the sweep was stopped before its end\nscenario " in said, said)
    options.demand(said.endswith("no violations\n"), said)


def wrong(shelf, small):
    for words in ((), ("--only", "flood", small), ("--who", "servers", small),
                  ("--depth", "3", small), ("--most", "0", small), ("--seed", "x", small),
                  (shelf.path("missing.scn"),), ("--junit", "/nonexistent/x.xml", small)):
        shelf.run(2, "sweep", *words)
    for place in ("crash", "crash@m2:1", "lost@m1:1", "flood@m1:1"):
        _, err = shelf.run(2, "run", "--inject", place, small)
        options.demand(f"--inject {place}: " in err, err)
    _, err = shelf.run(1, "run", "--inject", "crash@m1:99999", small)
    options.demand("only 0 of 1 injected faults met their place" in err, err)


def main(rota, folder):
    shelf = options.Shelf(rota, folder)
    small, robbed = shelf.put("small.scn", SMALL), shelf.put("robbed.scn", ROBBED)
    table(shelf, small, robbed)
    replayed(shelf, robbed)
    reports(shelf, small, robbed)
    refused(shelf, small)
    unreadable_names(shelf)
    stopped(shelf, small)
    wrong(shelf, small)
    print("all as it should be")


if __name__ == "__main__":
    main(*sys.argv[1:])
