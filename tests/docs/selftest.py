#!/usr/bin/python3
"""outputs.py reports what it should: planted documents, right and wrong.

usage: selftest.py ROTA DIRECTORY
"""

import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SCENARIO = ('scenario "x"\ncluster masters=1 workers=0 clients=0\nstart m1\n'
            "until leader m1 within 5s\n")
WRONG = ("<!-- output: rota sim check x.scn\nstatus: 2\n---\n"
         'scenario "x"\ncrash m3\n-->\n')
RUN = f"<!-- output: rota sim check x.scn\n---\n{SCENARIO}-->\n"
TRACE = f"<!-- output: rota sim run x.scn --trace -\n---\n{SCENARIO}-->\n"

# Each document, and what must be said about it; None: nothing is wrong.
CASES = {
    "right": (RUN + '    ok     x.scn "x"\n', None),
    "fenced": (RUN + '\n```\nok     x.scn "x"\n```\n', None),
    "in part": (TRACE + "    ...\n    [    0.011s] m1     elected leader, epoch 1\n    ...\n",
                None),
    "hidden": (RUN.replace("---", "hide: .\n---", 1) + '    ok     x.scn "y"\n', None),
    "of a file": ("<!-- file: text -->\n    one\n\n    two\n", None),
    "an example": ("<!-- example: text -->\n    FAILED x.scn\n", None),
    "measured": ("<!-- measured: text -->\n| a | b |\n| - | - |\n", None),
    "no output": ("text\n\n    rota sim run x.scn\n", None),
    "another line": (RUN + '    ok     x.scn "y"\n', "1: this is not the output any more"),
    "a line more": (RUN + '    ok     x.scn "x"\n    end\n', "1: this is not the output any more"),
    "another part": (TRACE + "    ...\n    [    0.012s] m1     elected leader, epoch 1\n    ...\n",
                     "1: this is not the output any more"),
    "another file": ("text\n\n<!-- file: text -->\n    one\n    two\n",
                     "3: this is not the output any more"),
    "another status": (WRONG.replace("status: 2", "status: 1") + "    ...\n",
                       "1: `rota sim check x.scn` ends with status 2, not 1"),
    "without a block": (RUN + "text\n", "1: there is no block below this comment"),
    "without a source": ("<!-- example: nothing -->\n    FAILED x.scn\n", "1: there is no nothing"),
    "a wrong comment": (RUN.replace("---", "statu: 1\n---", 1) + "    ...\n",
                        "1: `statu: 1` is no line of such a comment"),
    "a trace without a comment": ("text\n\n    [    0.000s] m1     started\n",
                                  "3: this looks like output"),
    "an error without a comment": ("```\nx.scn:2:7: there is no m3\n```\n",
                                   "1: this looks like output"),
}


def outputs(rota, root, *options):
    done = subprocess.run([sys.executable, os.path.join(HERE, "outputs.py"), rota, root, *options],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def plant(folder, name, text):
    root = os.path.join(folder, name.replace(" ", "-"))
    shutil.rmtree(root, ignore_errors=True)
    os.makedirs(os.path.join(root, "docs"))
    for path, content in (("README.md", ""), ("text", "one\n\ntwo\n"), ("docs/A.md", text)):
        with open(os.path.join(root, path), "w", encoding="utf-8") as f:
            f.write(content)
    return root


def check(rota, folder, name, text, error):
    root = plant(folder, name, text)
    status, said = outputs(rota, root)
    if error is None:
        if status != 0:
            sys.exit(f"{name}: this is right, but:\n{said}")
        return
    if status != 1 or f"docs/A.md:{error}" not in said:
        sys.exit(f"{name}: `{error}` is not reported, but:\n{said}")
    if "--write" in said:
        check_written(rota, root, name, text)


def check_written(rota, root, name, text):
    """The block is right after --write, and the rest of the document stays."""
    status, said = outputs(rota, root, "--write")
    with open(os.path.join(root, "docs", "A.md"), encoding="utf-8") as f:
        new = f.read()
    if status != 0 or outputs(rota, root)[0] != 0:
        sys.exit(f"{name}: it is not right after --write:\n{said}{new}")
    if new.split("-->")[0] != text.split("-->")[0]:
        sys.exit(f"{name}: --write has changed something else:\n{new}")


def main(rota, folder):
    for name, (text, error) in CASES.items():
        check(rota, folder, name, text, error)
    print(f"{len(CASES)} documents: right ones are right, and each error is reported")


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]), sys.argv[2])
