#!/usr/bin/python3
"""The tables of docs/SCENARIOS.md and the syntax files of the editors say what the program's own
list of words says.

usage: words.py ROTA ROOT [--write]

With --write they are written anew.
"""

import json
import os
import re
import subprocess
import sys

DOCUMENT = "docs/SCENARIOS.md"
VIM = "examples/editors/vim/syntax/rota.vim"
CODE = "examples/editors/vscode/syntaxes/rota.tmLanguage.json"

# Kind of word: what the editors take it for.
COLOURS = (
    ("statement", "Statement", "keyword.control"),
    ("action", "Function", "support.function"),
    ("condition", "Conditional", "support.type"),
    ("cluster", "Identifier", "variable.parameter"),
    ("submit", "Identifier", "variable.parameter"),
    ("state", "Constant", "constant.language"),
    ("operation", "Operator", "support.constant"),
    ("particle", "Keyword", "keyword.other"),
    ("invariant", "Constant", "constant.language"),
    ("protocol", "Constant", "constant.language"),
    ("mark", "Constant", "constant.language"),
)
TABLES = ("statement", "action", "condition", "who", "cluster", "submit", "state")
KEYS = ("cluster", "submit")


def words(rota):
    """The words by kind, each as an object."""
    lines = subprocess.run([rota, "sim", "words"], check=True, capture_output=True, text=True)
    by_kind = {}
    for line in lines.stdout.splitlines():
        word = json.loads(line)
        by_kind.setdefault(word["kind"], []).append(word)
    return by_kind


# ---- the document ----

def cell(text):
    return text.replace("|", "\\|")


def example(word):
    """One line of a table's cell; longer ones have a place of their own."""
    lines = word["example"].splitlines()
    if "----" in lines:
        return "see below"
    return "<br>".join(f"`{cell(line)}`" for line in lines)


def table(entries):
    rows = ["| word | meaning | example |", "| --- | --- | --- |"]
    for word in entries:
        rows.append(f"| `{cell(word['syntax'])}` | {cell(word['meaning'])} | {example(word)} |")
    return "\n".join(rows)


def listing(entries):
    return " ".join(f"`{word['word']}`" for word in entries)


def document(text, by_kind):
    """The document with each part behind a mark `<!-- words: KIND -->` as it should be."""
    def part(match):
        kind = match.group(1)
        made = table(by_kind[kind]) if kind in TABLES else listing(by_kind[kind])
        return f"<!-- words: {kind} -->\n{made}\n"
    return re.sub(r"<!-- words: (\w+) -->\n(?:[|`].*\n)*", part, text)


# ---- the editors ----

def vim(by_kind):
    lines = [
        '" Scenario files of rota. Copy or link this folder into ~/.vim/pack/rota/start/.',
        'if exists("b:current_syntax")',
        "  finish",
        "endif",
        "",
        "syntax iskeyword @,48-57,_,-",
        r'syntax match rotaComment /#.*$/ contains=@Spell',
        r'syntax region rotaString start=/"/ skip=/\\./ end=/"/ oneline contains=@Spell',
        r"syntax match rotaNumber /\<\d\+\(us\|ms\|s\|m\|h\|%\)\?\>/",
        r"syntax match rotaName /\<\([mwcsz]\d\+\|leader\|standby\|all\)\>/",
        r"syntax match rotaName /\<any worker\>/",
        r"syntax match rotaComparison /[=!<>]=\|[<>]/",
    ]
    links = {"Comment": "Comment", "String": "String", "Number": "Number", "Name": "Type",
             "Comparison": "Operator"}
    for kind, group, _ in COLOURS:
        names = " ".join(w["word"] for w in by_kind[kind])
        if kind in KEYS:
            choice = r"\|".join(w["word"] for w in by_kind[kind])
            lines.append(rf"syntax match rota{kind.capitalize()} /\<\({choice}\)\ze=/")
        else:
            lines.append(f"syntax keyword rota{kind.capitalize()} {names}")
        links[kind.capitalize()] = group
    lines.append(r"syntax region rotaBlock start=/^----$/ end=/^----$/ contains=rotaWild")
    lines.append(r"syntax match rotaWild /<any>\|<n>/ contained")
    links["Block"] = "PreProc"
    links["Wild"] = "Special"
    lines.append("")
    lines += [f"highlight default link rota{name} {group}" for name, group in links.items()]
    lines += ["", 'let b:current_syntax = "rota"', ""]
    return "\n".join(lines)


def code(by_kind):
    patterns = [
        {"name": "comment.line.number-sign.rota", "match": "#.*$"},
        {"name": "string.quoted.double.rota", "begin": '"', "end": '"',
         "patterns": [{"name": "constant.character.escape.rota", "match": r"\\."}]},
        {"name": "markup.raw.block.rota", "begin": "^----$", "end": "^----$",
         "patterns": [{"name": "constant.other.placeholder.rota", "match": "<any>|<n>"}]},
    ]
    for kind, _, scope in COLOURS:
        choice = "|".join(re.escape(w["word"]).replace(r"\-", "-") for w in by_kind[kind])
        ending = "(?==)" if kind in KEYS else r"(?![\w=-])"
        patterns.append({"name": f"{scope}.{kind}.rota",
                         "match": rf"(?<![\w-])(?:{choice}){ending}"})
    patterns += [
        {"name": "entity.name.type.rota",
         "match": r"\b(?:[mwcsz][1-9][0-9]*|leader|standby|any worker|all)\b"},
        {"name": "constant.numeric.rota", "match": r"[+-]?\b[0-9]+(?:us|ms|s|m|h|%)?"},
        {"name": "keyword.operator.comparison.rota", "match": "[=!<>]=|[<>]"},
    ]
    return json.dumps({"name": "rota scenario", "scopeName": "source.rota", "fileTypes": ["scn"],
                       "patterns": patterns}, indent=2) + "\n"


# ---- both ----

def wanted(rota, root):
    """Each file, and what it should hold."""
    by_kind = words(rota)
    with open(os.path.join(root, DOCUMENT), encoding="utf-8") as f:
        yield DOCUMENT, document(f.read(), by_kind)
    yield VIM, vim(by_kind)
    yield CODE, code(by_kind)


def held(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as f:
        return f.read()


def main(rota, root, write=None):
    wrong = []
    for name, text in wanted(rota, root):
        path = os.path.join(root, name)
        if held(path) == text:
            continue
        wrong.append(name)
        if write:
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
    for name in wrong:
        print(f"{name}: written anew" if write else
              f"{name}:1: its words are not those of `rota sim words`;"
              " tests/lint/words.py ROTA ROOT --write writes them")
    return 1 if wrong and not write else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
