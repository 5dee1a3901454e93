#!/usr/bin/python3
"""Scripts are sound before they run: shell passes `bash -n` and shellcheck, Python compiles, and
Python is Debian's own, which has the packages the tests need.

usage: scripts.py ROOT
"""

import os
import re
import subprocess
import sys

import tree

SHELL = re.compile(r"#!\S*[/ ](ba|da)?sh\b")


def first_line(root, path):
    return tree.read(root, path).split("\n", 1)[0]


def check_shell(root, path):
    for command in (["bash", "-n"], ["shellcheck", "--format=gcc"]):
        run = subprocess.run(command + [path], cwd=root, text=True, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        yield from run.stdout.splitlines()
        if run.returncode and not run.stdout:
            yield f"{path}:1: {command[0]} fails"


def check_python(root, path):
    try:
        compile(tree.read(root, path), path, "exec")
    except SyntaxError as error:
        yield f"{path}:{error.lineno}: {error.msg}"


def findings(root):
    for path in tree.files(root, lambda name: name.endswith((".sh", ".py")) or "." not in name):
        first = first_line(root, path)
        if path.endswith(".sh") or SHELL.match(first):
            yield from check_shell(root, path)
        elif path.endswith(".py") or "python" in first:
            yield from check_python(root, path)
        if "python" in first and first.startswith("#!") and first != "#!/usr/bin/python3":
            yield f"{path}:1: {first} is banned, use #!/usr/bin/python3"


if __name__ == "__main__":
    sys.exit(tree.report(list(findings(sys.argv[1]))))
