#!/usr/bin/python3
"""The command outputs in README.md and docs/ are what the program prints now.

usage: outputs.py ROTA ROOT [--write]

A block of output, indented or fenced, stands below a comment that says where it comes from:

    <!-- output: rota sim run FILE -->      the output of this command, run in ROOT
    <!-- file: PATH -->                     the text of this file
    <!-- terminal: rota shell --sim -->     a session at a terminal: what is typed, and the answers
    <!-- example: PATH -->                  an example of what this source prints, not compared
    <!-- measured: PATH -->                 figures or a table that this program measures

A comment may go on below its first line, in any order: `status: N` is the expected exit status (0
without it), `hide: REGEX` hides text that differs from run to run, and `type: TEXT` types a line.
Below a line `---` stands the text of the scenario file that the command names; the command then
runs in a folder of its own. `rota`, with or without a folder before it, is ROTA.

In a block a line `...` stands for any lines. A block that looks like output and has no comment is
an error. With --write the blocks are written anew; a block with `...` keeps the lines that are
nearest to its old ones.
"""

import difflib
import os
import pty
import re
import select
import shlex
import subprocess
import sys
import tempfile
import time

MARK = re.compile(r"<!-- (output|file|terminal|example|measured): (.*?)-->\n\n?", re.DOTALL)
FENCE = re.compile(r"```[^\n]*\n(.*?)```\n", re.DOTALL)
INDENTED = re.compile(r"(?:(?:    .*)?\n(?=    )|    .*\n)+")
TABLE = re.compile(r"(?:\|.*\n)+")
# A line that only a program of ours prints.
OUTPUT = re.compile(r"^(\[ +\d+\.\d{3}s\] |ok     \S+\.scn |FAILED \S+\.scn |\S+\.scn:\d+:|"
                    r"\[zk: .*\] |difference at step |violations: |  replay: rota )", re.MULTILINE)
PROMPT = re.compile(rb"(?:^|\n)\[zk: [^\n]*\] $")
DOTS = ("...", "…")
TIMEOUT_S = 120


class Mark:
    """A comment above a block."""

    def __init__(self, kind, text):
        head, self.scenario = text, None
        if "\n---\n" in text:
            head, self.scenario = text.split("\n---\n", 1)
        first, *rest = head.strip().splitlines()
        self.kind, self.what = kind, first.strip()
        self.status, self.hidden, self.typed = 0, [], []
        for line in rest:
            key, _, value = line.strip().partition(": ")
            if key == "status":
                self.status = int(value)
            elif key == "hide":
                self.hidden.append(re.compile(value))
            elif key == "type":
                self.typed.append(value)
            else:
                raise ValueError(f"`{line.strip()}` is no line of such a comment")

    def hide(self, line):
        for pattern in self.hidden:
            line = pattern.sub("#", line)
        return line


# ---- what is printed ----

def words_of(command, rota):
    words = shlex.split(command)
    if os.path.basename(words[0]) == "rota":
        words[0] = os.path.abspath(rota)
    return words


def run(mark, rota, root):
    """The output of the command, both streams in order."""
    words = words_of(mark.what, rota)
    with tempfile.TemporaryDirectory() as folder:
        if mark.scenario is not None:
            name = next(word for word in words if word.endswith(".scn"))
            with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
                f.write(mark.scenario.lstrip("\n"))
        done = subprocess.run(words, cwd=root if mark.scenario is None else folder, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, encoding="utf-8", timeout=TIMEOUT_S,
                              env={**os.environ, "ROTA_ZK": ""})
    if done.returncode != mark.status:
        raise ValueError(f"`{mark.what}` ends with status {done.returncode}, not {mark.status}:\n"
                         + done.stdout)
    return done.stdout


def read_prompt(terminal):
    """The text that a terminal shows up to the next prompt."""
    shown, end = b"", time.monotonic() + TIMEOUT_S
    while not PROMPT.search(shown.replace(b"\r", b"")):
        if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
            raise ValueError(f"the terminal shows no prompt:\n{shown.decode()}")
        shown += os.read(terminal, 4096)
    return shown


def talk(mark, rota, root):
    """The text that a terminal shows while these lines are typed, each at a prompt."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(root)
        os.environ.update(TERM="dumb", ROTA_ZK="")
        os.execvp(words_of(mark.what, rota)[0], words_of(mark.what, rota))
    shown = read_prompt(terminal)
    for line in mark.typed:
        os.write(terminal, line.encode() + b"\n")
        shown += read_prompt(terminal)
    os.close(terminal)
    os.waitpid(child, 0)
    text = re.sub(r"\r+\n", "\n", shown.decode()).replace("\r", "")
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def read(mark, root):
    with open(os.path.join(root, mark.what), encoding="utf-8") as f:
        return f.read()


def printed(mark, rota, root):
    if mark.kind == "file":
        return read(mark, root)
    return run(mark, rota, root) if mark.kind == "output" else talk(mark, rota, root)


# ---- comparing ----

def is_dots(line):
    return line.strip() in DOTS


def matches(mark, shown, lines):
    """Whether the shown lines are these, where `...` stands for any lines."""
    parts = [r"(?:.*\n)*?" if is_dots(line) else re.escape(mark.hide(line)) + "\n"
             for line in shown]
    text = "".join(mark.hide(line) + "\n" for line in lines)
    return re.fullmatch("".join(parts), text) is not None


def likeness(old, new):
    """How much two lines are alike, beside their numbers."""
    old, new = (re.sub(r"\d+", "0", line) for line in (old, new))
    return 1 if old == new else difflib.SequenceMatcher(None, old, new).ratio() ** 4


def align(old, new):
    """For each old line the number of a new line, in order, so that they are most alike."""
    best = [[(0.0, ())] * (len(new) + 1)]
    for line in old:
        row = [(-1.0, ())]
        for number, other in enumerate(new):
            score, chosen = best[-1][number]
            taken = (score + likeness(line, other), (*chosen, number)) if score >= 0 else row[0]
            row.append(max(row[-1], taken, key=lambda entry: entry[0]))
        best.append(row)
    return best[-1][-1][1]


def nearest(shown, lines):
    """The lines that are most like the shown ones, with `...` where others are left out."""
    if not any(is_dots(line) for line in shown):
        return lines
    result, last = [], -1
    for number in align([line for line in shown if not is_dots(line)], lines):
        result += (["..."] if number != last + 1 else []) + [lines[number]]
        last = number
    return result + (["..."] if last + 1 < len(lines) else [])


# ---- documents ----

def block_at(text, begin):
    """The block at this place: its end, its lines, and what stands before each line."""
    fenced = FENCE.match(text, begin)
    if fenced:
        return fenced.end(1), fenced.start(1), fenced.group(1).splitlines(), ""
    indented = INDENTED.match(text, begin)
    if indented:
        return (indented.end(), begin,
                [line[4:] for line in indented.group().splitlines()], "    ")
    table = TABLE.match(text, begin)
    return (table.end(), begin, None, "") if table else (begin, begin, None, "")


def check_block(text, found, rota, root):
    """Returns the text of the block as it should be, and where it stands."""
    mark = Mark(*found.groups())
    end, begin, shown, indent = block_at(text, found.end())
    if end == begin:
        raise ValueError("there is no block below this comment")
    if mark.kind in ("example", "measured"):
        if not os.path.exists(os.path.join(root, mark.what)):
            raise ValueError(f"there is no {mark.what}")
        return begin, end, text[begin:end]
    lines = printed(mark, rota, root).splitlines()
    if shown is not None and matches(mark, shown, lines):
        return begin, end, text[begin:end]
    new = nearest(shown or [], lines)
    return begin, end, "".join(f"{indent}{line}".rstrip() + "\n" for line in new)


def unmarked(text, spans):
    """The places of blocks that look like output and have no comment."""
    plain = re.sub(r"<!--.*?-->", lambda m: re.sub(r"[^\n]", " ", m.group()), text,
                   flags=re.DOTALL)
    for block in [*FENCE.finditer(plain), *INDENTED.finditer(plain)]:
        lines = "\n".join(line[4:] if line.startswith("    ") else line
                          for line in block.group().splitlines())
        if OUTPUT.search(lines) and 'scenario "' not in lines and \
                not any(begin <= block.end() and block.start() <= end for begin, end in spans):
            yield block.start() + len(block.group()) - len(block.group().lstrip("\n"))


def check_document(path, text, rota, root):
    """Yields errors; the last value is the text as it should be."""
    pieces, spans, last = [], [], 0
    for found in MARK.finditer(text):
        number = text.count("\n", 0, found.start()) + 1
        try:
            begin, end, block = check_block(text, found, rota, root)
        except (ValueError, OSError) as error:
            yield f"{path}:{number}: {error}"
            continue
        if block != text[begin:end]:
            difference = "".join(difflib.unified_diff(
                text[begin:end].splitlines(True), block.splitlines(True), n=0))
            yield (f"{path}:{number}: this is not the output any more; "
                   f"tests/docs/outputs.py ROTA ROOT --write writes it:\n{difference}")
        pieces += [text[last:begin], block]
        spans.append((found.start(), end))
        last = end
    for place in unmarked(text, spans):
        yield (f"{path}:{text.count(chr(10), 0, place) + 1}: this looks like output; put a comment "
               "above it that says where it comes from (tests/docs/outputs.py)")
    yield "".join(pieces) + text[last:]


def documents(root):
    yield "README.md"
    for name in sorted(os.listdir(os.path.join(root, "docs"))):
        if name.endswith(".md"):
            yield os.path.join("docs", name)


def main(rota, root, write=None):
    errors = []
    for path in documents(root):
        with open(os.path.join(root, path), encoding="utf-8") as f:
            text = f.read()
        *found, new = check_document(path, text, rota, root)
        if write and new != text:
            with open(os.path.join(root, path), "w", encoding="utf-8") as f:
                f.write(new)
            *found, _ = check_document(path, new, rota, root)
            print(f"{path}: written anew")
        errors += found
    print("\n".join(errors) if errors else "all outputs are those of the program")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
