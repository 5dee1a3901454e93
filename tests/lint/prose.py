#!/usr/bin/python3
"""Prose is plain technical English, as far as a pattern can tell: comments, documentation, scenario
openings and titles, messages, test names.

usage: prose.py ROOT [--count]

A pattern finds a tenth of what is wrong; the rest is found by reading (CONTRIBUTING.md). --count
prints only how many findings each file has.
"""

import collections
import re
import sys

import tree

FOLDERS = (".", "model", "server", "system", "backend_zk", "backend_sim", "harness", "cli", "docs",
           "scenarios", "tests", "bench", "ci", "cmake", "examples")

# What is banned, and what takes its place. A sentence begins at the start of a text, behind a full
# stop, a colon, a semicolon or a list's bullet; the stop may be in bold or followed by a bracket.
BEGIN = (r"(?:(?:\A|(?<=\n))\s*(?:[*-]|\d+\.) +|\A|"
         r"(?:(?<=[.:;!?])|(?<=[.:!?]\*\*)|(?<=[.!?]\)))\s+|\n\n)")
WORDS = (
    (BEGIN + r"(Who|Whoever|Whom|Nobody|Somebody|Everybody|Anybody)\b(?![^.!?]*\?)",
     "name the subject of the sentence"),
    (BEGIN + r"(What|Whose|Those who|Everyone|Someone|Anyone)\b(?![^.!?]*\?)",
     "name the subject of the sentence"),
    (BEGIN + r"(Of (?:whom|[\w-]+,? (?:that|which|whom|those)))\b",
     "name the subject of the sentence"),
    (r"\b(whoever|whomever|whosoever)\b", "name the process, client or person"),
    (r"\b(nobody|somebody|anybody|everybody|somebody's|nobody's)\b",
     "name it: no process, another client, every worker"),
    (r"(?<!\w)(he|him|his|himself)\b(?!-)", "it, its: a process is a thing"),
    (r"\b((?:is|are|was|were|be|been|being)(?: not)? told)\b", "is notified, is given, receives"),
    (r"\b(comes? after|came after)\b", "depends on, follows"),
    (r"\b((?:sent|sends?|sending) back)\b", "retried, handed back"),
    (r"\b(in the manner of the seeds|(?:as|of) the seeds|the seeds')", "plain ZooKeeper clients"),
    (r"\b(stands? still|stood still|standing still)\b", "is paused"),
    (r"\b(for ever)\b", "without bound, permanently"),
    (r"\b(docket|(?<!duty\x20)roster|ledger|agenda|appointment|misfortune|injur(?:y|ies)|"
     r"doom(?:ed)?|charter|locus|parcel|bury|buried|dawn|kin|wish(?:es)?|crew|briefing)\b",
     "the field's term: see the table of names in docs/ARCHITECTURE.md"),
)
PATTERNS = [(re.compile(pattern.replace(" ", r"\s+") if pattern[:2] == r"\b" else pattern,
                        re.IGNORECASE if pattern[:2] == r"\b" else 0), hint)
            for pattern, hint in WORDS]

C_COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)
TEST_NAME = re.compile(r"^static void (\w+)\(void \*\*state\)", re.MULTILINE)
HASH_COMMENT = re.compile(r"(?:^[ \t]*#(?!!).*(?:\n|\Z))+", re.MULTILINE)
DOCSTRING = re.compile(r'"""(.*?)"""', re.DOTALL)
TITLE = re.compile(r'^scenario "(.*)"$|^(?:test|case) (.+)$', re.MULTILINE)
QUOTED = re.compile(r"`[^`\n]*`|\"[^\"\n]*\"|(?<![\w*])\*\w[\w ]*\*(?![\w*])")
FENCE = re.compile(r"^```.*?^```|^(?:    |\t)[^\n]*$|<!--.*?-->", re.DOTALL | re.MULTILINE)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def in_c(text):
    """Comments without their stars; literals with a space in them, which are messages; the names
    of tests."""
    for found in C_COMMENT.finditer(text):
        piece = found.group()
        if piece[0] == '"':
            if " " in piece:
                yield found.start(), piece[1:-1]
        else:
            piece = re.sub(r"^(?:/\*+|//) ?", "", piece.removesuffix("*/"))
            yield found.start(), re.sub(r"\n[ \t]*\* ?", "\n", piece)
    for found in TEST_NAME.finditer(text):
        yield found.start(1), found.group(1).replace("_", " ")


def in_hash(text):
    for found in HASH_COMMENT.finditer(text):
        yield found.start(), re.sub(r"^[ \t]*# ?", "", found.group(), flags=re.MULTILINE)


def in_python(text):
    yield from in_hash(text)
    for found in DOCSTRING.finditer(text):
        yield found.start(1), found.group(1)


def in_script(text):
    yield from in_hash(text)
    for found in TITLE.finditer(text):
        yield found.start(), found.group(1) or found.group(2)


def in_markdown(text):
    plain = FENCE.sub(lambda m: blank(m.group()), text)
    for found in re.finditer(r"(?:^(?![ \t]*$|#).+\n?)+", plain, re.MULTILINE):
        yield found.start(), re.sub(r"\|[ \t]*", ". ", found.group()) if "|" in found.group() \
            else found.group()


READERS = {".c": in_c, ".h": in_c, ".py": in_python, ".md": in_markdown, ".scn": in_script,
           ".txt": in_script, ".sh": in_hash, ".cmake": in_hash, "": in_hash}


def reader_of(path):
    """How the prose of a file is found, by the ending of its name."""
    name = path.rsplit("/", 1)[-1]
    return READERS["." + name.rsplit(".", 1)[-1] if "." in name else ""]


def is_prose(name):
    return "." + name.rsplit(".", 1)[-1] in READERS if "." in name else name != "LICENSE"


def findings(root):
    for path in tree.files(root, is_prose, FOLDERS):
        if path.startswith("tests/lint/") or path.count("/") == 0 and not path.endswith(".md"):
            continue
        text = tree.read(root, path)
        for start, piece in reader_of(path)(text):
            words = QUOTED.sub(lambda m: blank(m.group()), piece)
            for pattern, hint in PATTERNS:
                for found in pattern.finditer(words):
                    number = line_of(text, start) + line_of(words, found.start(1)) - 1
                    phrase = " ".join(found.group(1).split())
                    yield f"{path}:{number}: `{phrase}` is banned in prose, use: {hint}"


def main(root, option=None):
    found = sorted(set(findings(root)))
    if option == "--count":
        counts = collections.Counter(line.split(":", 1)[0] for line in found)
        for path, count in counts.most_common():
            print(f"{count:5} {path}")
        return 1 if found else 0
    return tree.report(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
