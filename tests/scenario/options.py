#!/usr/bin/python3
"""The output, the files and the exit status of `rota sim run`, `check` and `words`.

usage: options.py ROTA DIRECTORY
"""

import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree

HELD = 'scenario "held"\ncluster masters=1\nstart all\nuntil leader m1 within 5s\n'
FAILED = 'scenario "<failed> & \\"quoted\\""\nexpect exists /nothing\n'
WRONG = 'scenario "wrong"\nuntil leader m3 within 5s\n'
STUCK = ('scenario "stuck"\ncluster masters=0 workers=0 clients=0\n'
         'until exists /nothing within 5s\n')
STEPS = ('scenario "steps"\nstart all\nuntil leader m1 within 5s\nstep a: crash m1\n'
         'step b: crash leader\npermute a b\n')
TRACE = '# kept\nscenario "trace"\ncluster masters=1 workers=0 clients=0\nstart m1 # kept\ntrace'


class Shelf:
    """A folder of scenario files and the program that reads them."""

    def __init__(self, rota, folder):
        self.rota = rota
        self.folder = folder
        os.makedirs(folder, exist_ok=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def put(self, name, text):
        with open(self.path(name), "w", encoding="utf-8", newline="") as f:
            f.write(text)
        return self.path(name)

    def get(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def run(self, status, *words):
        done = subprocess.run([self.rota, "sim", *words], capture_output=True, text=True,
                              errors="replace", check=False)
        demand(done.returncode == status,
               f"{words}: exit status {done.returncode}, not {status}\n{done.stderr}")
        return done.stdout, done.stderr


def demand(holds, sentence):
    if not holds:
        sys.exit(sentence)


def statuses(shelf):
    held, failed = shelf.put("held.scn", HELD), shelf.put("failed.scn", FAILED)
    wrong, stuck = shelf.put("wrong.scn", WRONG), shelf.put("stuck.scn", STUCK)
    for status, files in ((0, [held]), (1, [failed, held]), (3, [stuck, failed]),
                          (2, [wrong, stuck])):
        shelf.run(status, "run", *files)
    out, err = shelf.run(1, "run", failed)
    demand(out.startswith("FAILED ") and f"{failed}:2: this is not true" in err, out + err)
    demand(f"replay: rota sim run {failed} --seed 1 --trace -" in err, err)
    shelf.run(2, "run", shelf.path("missing.scn"))


def order(shelf):
    """The report of a failed file stands before its line, also in one stream."""
    failed = shelf.path("failed.scn")
    done = subprocess.run([shelf.rota, "sim", "run", failed, failed], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    kinds = [line.split()[0] for line in done.stdout.splitlines() if failed in line.split(":")[0]]
    demand(kinds == [f"{failed}:2:", "FAILED", f"{failed}:2:", "FAILED"], done.stdout)


def checking(shelf):
    held, wrong = shelf.path("held.scn"), shelf.path("wrong.scn")
    out, err = shelf.run(2, "check", wrong, held)
    demand(out == f'ok     {held} "held"\n', out)
    demand(err == f"{wrong}:2:14: there is no m3: the cluster has 2 masters; did you mean \"m2\"?\n"
                  "    until leader m3 within 5s\n                 ^~\n", err)
    shelf.run(0, "check", shelf.path("failed.scn"))
    for words in (("check",), ("run",), ("words", held), ("check", "--json", held), ("rnu", held),
                  ("run", "--json", "--trace", "-", held),
                  ("run", "--rewrite", "--seed", "1", held)):
        shelf.run(2, *words)


def reports(shelf):
    names = [shelf.path(n) for n in ("held.scn", "failed.scn", "wrong.scn")]
    out, _ = shelf.run(2, "run", *names, "--json", "--junit", shelf.path("report.xml"))
    held, failed, wrong = (json.loads(line) for line in out.splitlines())
    demand(held["verdict"] == "held" and held["status"] == 0 and "report" not in held, str(held))
    demand(failed["title"] == '<failed> & "quoted"' and failed["verdict"] == "failed", str(failed))
    demand("replay: rota sim run" in failed["report"], str(failed))
    demand(wrong["verdict"] == "wrong" and "title" not in wrong, str(wrong))
    suites = xml.etree.ElementTree.parse(shelf.path("report.xml")).getroot()
    suite = suites.find("testsuite")
    demand((suites.tag, len(suites)) == ("testsuites", 1), suites.tag)
    demand(all(float(suite.get(name)) == number for name, number in
               (("tests", 3), ("failures", 2), ("errors", 0), ("skipped", 0))), str(suite.attrib))
    demand(abs(float(suite.get("time")) - sum(float(c.get("time")) for c in suite)) < .01, "time")
    cases = suite.findall("testcase")
    demand(all(c.get("classname") == "scenario" for c in cases), "the class of a case")
    demand([c.get("name") for c in cases] == names, str([c.attrib for c in cases]))
    failures = [c.find("failure") for c in cases]
    demand(failures[0] is None and "replay: " in failures[1].text, "the failure's text")
    demand(failures[1].get("message") == f"{names[1]}:2: this is not true: /nothing does not exist",
           failures[1].get("message"))
    shelf.run(2, "run", names[0], "--junit", "/nonexistent/report.xml")
    odd = shelf.put("odd.scn", 'scenario "x"\nexpect data /epoch "\ufffe]]>&<"\n')
    for status, name in ((1, odd), (2, os.fsencode(shelf.path("none")) + b"\xff.scn")):
        shelf.run(status, "run", name, "--junit", shelf.path("report.xml"))
        xml.etree.ElementTree.parse(shelf.path("report.xml"))


def orders(shelf):
    steps = shelf.put("steps.scn", STEPS)
    out, err = shelf.run(1, "run", steps)
    demand("--order 1 " in err and "there is no leader" in err, err)
    shelf.run(1, "run", "--order", "2", steps)
    shelf.run(2, "run", "--order", "3", steps)
    shelf.put("steps.scn", STEPS.replace("crash leader", "restart w1"))
    out, _ = shelf.run(0, "run", steps)
    demand('"steps": 2 orders, ' in out, out)
    out, _ = shelf.run(0, "run", steps, "--trace", "-")
    demand("order 1 of 2\n" in out and "order 2 of 2\n" in out, out)


def without_rights():
    """A prefix for a command that makes root obey the permissions of files."""
    caps = "-dac_override,-dac_read_search"
    return ["setpriv", "--bounding-set", caps] if os.geteuid() == 0 else []


def folders(shelf):
    """A folder stands for all files below it, ordered by their names."""
    home = shelf.path("folder")
    shutil.rmtree(home, ignore_errors=True)
    for name in ("two/001-a.scn", "one/002-b.scn", "one/deep/000-c.scn", "one/.hidden.scn",
                 "one/notes.txt", ".git/003-d.scn"):
        os.makedirs(os.path.dirname(os.path.join(home, name)), exist_ok=True)
        shelf.put(os.path.join("folder", name), HELD)
    expected = ["one/deep/000-c.scn", "two/001-a.scn", "one/002-b.scn"]
    lines = [f'ok     {home}/{name} "held"' for name in expected]
    for folder in (home, home + "/"):
        out, _ = shelf.run(0, "check", folder)
        demand(out.splitlines() == lines, out)
    out, _ = shelf.run(0, "run", home)
    demand([line.split('": ')[0] + '"' for line in out.splitlines()] == lines, out)
    out, _ = shelf.run(0, "check", shelf.path("held.scn"), os.path.join(home, "two"))
    demand(len(out.splitlines()) == 2, out)
    out, _ = shelf.run(0, "sweep", "--most", "1", home)
    demand([line.split()[0] for line in out.splitlines() if ".scn " in line]
           == [os.path.basename(name) for name in expected], out)


def wrong_folders(shelf):
    """One sentence and status 2 for a folder that gives no files."""
    home = shelf.path("wrong")
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(os.path.join(home, "empty"))
    os.makedirs(os.path.join(home, "loop", "inner"))
    os.symlink("..", os.path.join(home, "loop", "inner", "outer"))
    os.makedirs(os.path.join(home, "link"))
    os.symlink("self.scn", os.path.join(home, "link", "self.scn"))
    sentences = (("empty", "empty: this folder has no scenario file (.scn)"),
                 ("loop", "loop/inner/outer: this symbolic link leads back to a folder that "
                          "contains it"),
                 ("link", "link/self.scn: this symbolic link leads back to itself"))
    for verb in ("run", "check", "sweep"):
        for name, sentence in sentences:
            out, err = shelf.run(2, verb, os.path.join(home, name))
            demand((out, err) == ("", f"{home}/{sentence}\n"), out + err)
    closed = os.path.join(home, "outer", "closed")
    os.makedirs(os.path.dirname(closed))
    os.mkdir(closed, mode=0o000)
    done = subprocess.run([*without_rights(), shelf.rota, "sim", "run", os.path.dirname(closed)],
                          capture_output=True, text=True, check=False)
    os.chmod(closed, 0o755)
    demand(done.returncode == 2 and
           done.stderr == f"{closed}: this folder cannot be read: Permission denied\n",
           done.stderr)


def rewriting(shelf):
    for number, ending in enumerate(("", "\n", "\nafter 2s crash m1\ntrace\n----\nold\n----\n# end",
                                     "\n----\nold\n", "\n----\n----\nafter 1s stop m1\n")):
        trace = shelf.put(f"trace-{number}.scn", TRACE + ending)
        os.chmod(trace, 0o640)
        shelf.run(1, "run", trace)
        shelf.run(0, "run", "--rewrite", trace)
        text = shelf.get(f"trace-{number}.scn")
        demand(text.startswith(TRACE + "\n----\n[    0.0") and "old" not in text, text)
        demand(os.stat(trace).st_mode & 0o777 == 0o640, "the mode of the file")
        shelf.run(0, "run", trace)
        shelf.run(0, "run", "--seed", "9", trace)
        shelf.run(0, "run", "--rewrite", trace)
        demand(shelf.get(f"trace-{number}.scn") == text, "what matches stays")
    demand("----\nafter 2s crash m1\ntrace\n----\n----\n# end" in shelf.get("trace-2.scn"),
           shelf.get("trace-2.scn"))


def main(rota, folder):
    shelf = Shelf(rota, folder)
    for part in (statuses, order, checking, reports, orders, folders, wrong_folders, rewriting):
        part(shelf)
    print("all as it should be")


if __name__ == "__main__":
    main(*sys.argv[1:])
