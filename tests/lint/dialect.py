#!/usr/bin/python3
"""One way to write what C lets one write in several, where clang-format has no setting for it.

usage: dialect.py ROOT [--fix]

With --fix (ci/format --fix does that too) the first three are rewritten:

* includes: the file's own header, system headers, <cmocka.h>, headers of the house; each group
  sorted, a blank line between two of them;
* declarations at the head of a block are followed by a blank line. Others stand where their first
  value is known;
* `sizeof x`, with parentheses only around a type;
* if one branch of an `if` has braces, all have them (clang-format removes those that none needs);
* the body of an empty loop is a semicolon on a line of its own;
* the name of a test is a sentence, without `test_` before it.
"""

import os
import re
import sys

import tree

# ---- includes ----

INCLUDE = re.compile(r'#include (?:"([^"]+)"|<([^>]+)>)')


def group_of(path, match):
    own = path[:-2] + ".h"
    if match.group(1):
        return 0 if match.group(1) == own and path.endswith(".c") else 3
    return 2 if match.group(2) == "cmocka.h" else 1


def include_block(lines):
    """First and last line, both counted from 0, of the includes at the head of a file."""
    at = [i for i, line in enumerate(lines) if INCLUDE.match(line)]
    if not at:
        return None
    end = at[0]
    for i in range(at[0], at[-1] + 1):
        if lines[i] and not INCLUDE.match(lines[i]):
            break  # what follows is included for a reason of its own
        end = i
    while not lines[end]:
        end -= 1
    return at[0], end


def sorted_includes(path, lines):
    groups = ([], [], [], [])
    for line in lines:
        match = INCLUDE.match(line)
        if match:
            groups[group_of(path, match)].append(((match.group(1) or match.group(2)), line))
    parts = [[line for _, line in sorted(group)] for group in groups if group]
    return "\n\n".join("\n".join(part) for part in parts).split("\n")


def includes(path, lines):
    block = include_block(lines)
    if block is None:
        return
    begin, end = block
    wanted = sorted_includes(path, lines[begin:end + 1])
    if wanted != lines[begin:end + 1]:
        yield begin, "this order of includes is banned, sort them", (begin, end + 1, wanted)


# ---- declarations ----

KEYWORD = re.compile(r"(?:return|goto|else|case|default|break|continue|do|if|for|while|switch)\b")
TYPE = r"(?:\w+(?:\s+|\s*\*+\s*(?:const\s+)?))+"
DECLARATION = re.compile(
    rf"(?:{TYPE}\w+\s*(?:\[.*|=.*|[;,].*|$))|(?:{TYPE}\(\*.*)|(?:(?:static\s+|const\s+)*"
    r"(?:enum|struct|union)\b[^;()]*\{.*)")
BLOCK = re.compile(r"(?:\{|\s+(?:.*\b(?:if|for|while|switch)\b.*|\} else|else|do|case .*:|default:)"
                   r"\s*\{)$")


def is_declaration(line):
    text = line.strip()
    return not KEYWORD.match(text) and DECLARATION.match(text) is not None


def end_of_statement(code, at):
    """The line after the statement that begins at this line."""
    depth = 0
    for i in range(at, len(code)):
        for c in code[i]:
            depth += (c in "({[") - (c in ")}]")
        if depth == 0 and code[i].rstrip().endswith(";"):
            return i + 1
    return len(code)


def declarations(path, lines, code):
    for i, line in enumerate(code):
        if not BLOCK.match(line) or line.rstrip() != line:
            continue
        at = last = i + 1
        while at < len(lines):
            if lines[at] and not lines[at].isspace() and not code[at].strip():
                at += 1  # a comment goes with what follows it
            elif lines[at] and is_declaration(code[at]):
                at = last = end_of_statement(code, at)
            else:
                break
        if last > i + 1 and lines[last] and code[at].strip() != "}":
            yield last, "declarations without a blank line after them are banned, add one", \
                (last, last, [""])


# ---- sizeof ----

SIZEOF = re.compile(r"\bsizeof\(([*&]*[A-Za-z_][\w.\[\]]*(?:->[\w.\[\]]+)*)\)")
BUILTIN = re.compile(r"(?:void|char|short|int|long|float|double|bool|unsigned|signed|FILE|DIR|"
                     r"struct|union|enum|const|\w+_t|\w+_f)\b")
TYPEDEF = re.compile(r"^typedef [^;]*?\b(\w+);", re.MULTILINE)


def sizes(path, lines, code, types):
    for i, line in enumerate(code):
        def bare(match):
            name = match.group(1)
            keep = BUILTIN.match(name) or name in types
            return match.group(0) if keep else "sizeof " + name
        wanted = SIZEOF.sub(bare, lines[i]) if SIZEOF.search(line) else lines[i]
        if wanted != lines[i]:
            yield i, "sizeof(x) is banned, use sizeof x", (i, i + 1, [wanted])


# ---- bodies ----

HEAD = re.compile(r"(\} )?(else if|if|else|for|while)\b")


def end_of_head(code, at):
    """The last line of the head of an `if`, `else` or loop that begins at this line."""
    depth = 0
    for i in range(at, len(code)):
        depth += code[i].count("(") - code[i].count(")")
        if depth <= 0:
            return i
    return at


def bodies(path, lines, code):
    for i, line in enumerate(code):
        head = HEAD.match(line.strip())
        if not head:
            continue
        end = end_of_head(code, i)
        opens = code[end].rstrip().endswith("{")
        branch = "else" in head.group(2)
        following = code[end + 1].strip() if end + 1 < len(code) else ""
        if branch and opens != bool(head.group(1)):
            yield i, "braces around one branch alone are banned, use them around each", None
        if not branch and opens and following == "}" and lines[end + 1].strip() == "}":
            yield i, "an empty body in braces is banned, use a semicolon on a line of its own", None
        if head.group(2) in ("for", "while") and not opens and following == "continue;":
            yield i, "continue as a body is banned, use a semicolon on a line of its own", None


# ---- names of tests ----

TEST = re.compile(r"static void test_\w+\(void \*\*")


def tests(path, lines, code):
    for i, line in enumerate(code):
        if TEST.match(line):
            yield i, "test_ before the name of a test is banned, use a sentence", None


# ---- all of it ----

def findings_in(path, text, types):
    lines = text.split("\n")
    code = tree.code_only(text).split("\n")
    yield from includes(path, lines)
    yield from declarations(path, lines, code)
    yield from sizes(path, lines, code, types)
    yield from bodies(path, lines, code)
    if path.startswith("tests"):
        yield from tests(path, lines, code)


def rewrite(text, path, types):
    """The text with every repair, from the last line to the first so that numbers stay right."""
    lines = text.split("\n")
    repairs = [repair for _, _, repair in findings_in(path, text, types) if repair]
    for begin, end, new in sorted(repairs, key=lambda repair: repair[:2], reverse=True):
        lines[begin:end] = new
    return "\n".join(lines)


def main(root, fix=None):
    texts = {path: tree.read(root, path) for path in tree.c_files(root)}
    types = {name for text in texts.values() for name in TYPEDEF.findall(tree.code_only(text))}
    if fix:
        for path, text in texts.items():
            texts[path] = rewrite(text, path, types)
            if texts[path] != text:
                with open(os.path.join(root, path), "w", encoding="utf-8",
                          errors="surrogateescape") as f:
                    f.write(texts[path])
    return tree.report([f"{path}:{line + 1}: {sentence}" for path, text in texts.items()
                        for line, sentence, _ in findings_in(path, text, types)])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
