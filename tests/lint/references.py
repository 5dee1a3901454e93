#!/usr/bin/python3
"""What comments and documents refer to exists: rules of ZooKeeper (S53), rules and hazards of the
protocol, guarantees of the seam (G12), files, folders, sections of documents, scenarios, and names
of the code.

usage: references.py ROOT
"""

import os
import re
import sys

import prose
import tree

# Where each kind of number is defined, and how it is cited.
NUMBERED = (
    ("rule S", "docs/ZOOKEEPER.md", r'\bid="s(\d+)"|\*\*S(\d+)\b', r"\bS(\d+)(?:[–-]S(\d+))?\b"),
    ("guarantee G", "docs/BACKEND.md", r"^\* \*\*G(\d+)\*\*", r"\bG(\d+)\b"),
    ("rule ", "docs/PROTOCOL.md", r"^(\d+)\. \*\*",
     r"\b[Rr]ules?\s+(\d+)(?:(?:,\s+|\s+and\s+|\s+or\s+)(\d+))*\b"),
    ("hazard ", "docs/PROTOCOL.md", r"^\| (\d+) \| ",
     r"\b[Hh]azards?[\s-]+(\d+)(?:(?:,\s+|\s+and\s+|\s+or\s+)(\d+))*\b"),
)
NUMBER = re.compile(r"\d+")

FILE = re.compile(r"(?<![\w./*<-])((?:[\w-]+/)*[\w-]+\.(?:c|h|py|md|scn|txt|cmake|sh))\b(?![\w/*])")
SCENARIO = re.compile(r"(?<![\w-])(\d{3}-[a-z][a-z0-9-]*[a-z0-9])(?![\w-])")
NAME = re.compile(r"(?<![\w-])(rota_[a-z0-9_]*[a-z0-9]|ROTA_[A-Z0-9_]*[A-Z0-9])(?![\w*{…]|_\*)")
PLACE = re.compile(r"(?<![\w/.<-])((?:%s)/[\w/-]+)(?![\w/*<{-]|\.\w)"
                   % "|".join(tree.ROOMS + ("docs", "ci", "scenarios", "cmake")))
SECTION = re.compile(r'docs/(\w+\.md),\s+"([^"]+)"')
ANCHOR = re.compile(r"\]\(([\w./-]*)#([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
TITLED = re.compile(r"\*\*([^*]+?)\.?\*\*")
MARK = re.compile(r'id="([^"]+)"')
BUILT = ("CMakeCache.txt", "CMakeLists.txt", "zookeeper.h", "zoo_lock.c")

# Files that are written down as examples, and documents that speak of other trees.
MADE_UP = re.compile(r"^(?:FILE|NAME|x|f|plant|small|held|failed|report|tasks|commands|program)\.")


def defined(root, page, pattern):
    text = tree.read(root, page) if os.path.exists(os.path.join(root, page)) else ""
    return {int(number) for found in re.finditer(pattern, text, re.MULTILINE)
            for number in found.groups() if number}


def pieces(root):
    """Path, number of the first line and text of each comment and paragraph."""
    for path in tree.files(root, prose.is_prose, prose.FOLDERS):
        if path.startswith("tests/lint/"):
            continue
        text = tree.read(root, path)
        if path.endswith(".md"):
            yield path, 1, text
            continue
        for start, piece in prose.reader_of(path)(text):
            yield path, prose.line_of(text, start), piece


def names_in_code(root):
    """Every word of the code itself, so that a comment's name for a thing can be looked up."""
    words = set()
    for path in tree.files(root, lambda name: True):
        if path.startswith("tests/lint/"):
            continue
        if path.endswith((".c", ".h")):
            words |= set(re.findall(r"\b(?:rota|ROTA)_\w+", tree.without_comments(
                tree.read(root, path))))
        elif path.endswith((".txt", ".cmake", ".json", ".py")) or path.startswith("ci/"):
            words |= set(re.findall(r"\b(?:rota|ROTA)_\w+", tree.read(root, path)))
    return words


def check_numbers(kind, known, cited, text):
    for found in cited.finditer(text):
        numbers = [int(n) for n in NUMBER.findall(found.group())]
        for number in numbers:
            if number not in known:
                yield found.start(), f"{kind}{number}"


def check_files(paths, base_names, path, text):
    for found in FILE.finditer(text):
        name = found.group(1)
        beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
        if name in paths or beside in paths or os.path.basename(name) in BUILT:
            continue
        if "/" not in name and (name in base_names or MADE_UP.match(name)):
            continue
        if any(known.endswith("/" + name) for known in paths):
            continue
        yield found.start(), name


def check_places(paths, text):
    """Folders, and files without their endings."""
    for found in PLACE.finditer(text):
        name = found.group(1).rstrip("/")
        if not any(path == name or path.startswith((name + "/", name + ".")) for path in paths):
            yield found.start(), name


def sections_of(root, paths):
    """The titles of each document, and what a link can point at in it."""
    titles, anchors = {}, {}
    for path in paths:
        if path.endswith(".md"):
            text = tree.read(root, path)
            headings = HEADING.findall(text)
            titles[path] = set(headings) | set(TITLED.findall(text))
            anchors[path] = set(MARK.findall(text)) | {
                re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return titles, anchors


def check_sections(titles, anchors, path, text):
    for found in SECTION.finditer(text):
        title = " ".join(found.group(2).split())
        if title not in titles.get(f"docs/{found.group(1)}", {title}):
            yield found.start(), f'{found.group(1)}, "{title}"'
    for found in ANCHOR.finditer(text) if path.endswith(".md") else ():
        page, anchor = found.groups()
        page = os.path.normpath(os.path.join(os.path.dirname(path), page)) if page else path
        if anchor not in anchors.get(page, {anchor}):
            yield found.start(), found.group()[2:-1]


def findings(root):
    paths = set(tree.files(root, lambda name: True))
    base_names = {os.path.basename(path) for path in paths}
    scenarios = {name[:-4] for name in base_names if name.endswith(".scn")}
    code = names_in_code(root)
    titles, anchors = sections_of(root, paths)
    numbered = [(kind, defined(root, page, pattern), re.compile(cited))
                for kind, page, pattern, cited in NUMBERED]
    for path, first, text in pieces(root):
        missing = []
        for kind, known, cited in numbered:
            missing += check_numbers(kind, known, cited, text)
        missing += check_files(paths, base_names, path, text)
        missing += check_places(paths, text)
        missing += check_sections(titles, anchors, path, text)
        missing += [(m.start(), m.group(1)) for m in SCENARIO.finditer(text)
                    if m.group(1) not in scenarios]
        missing += [(m.start(), m.group(1)) for m in NAME.finditer(text)
                    if m.group(1) not in code and not any(w.startswith(m.group(1) + "_")
                                                          for w in code)]
        for position, what in missing:
            number = first + text.count("\n", 0, position)
            yield f"{path}:{number}: {what} is banned, there is no such thing; use one that exists"


if __name__ == "__main__":
    sys.exit(tree.report(sorted(set(findings(sys.argv[1])))))
