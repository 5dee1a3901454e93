"""Reads trace lines back into notes: the kind and its arguments, by a revision's own table."""

import os
import re

from wrong import Wrong

TABLE = "ROTA_NOTE_MAP"
BODY = re.compile(r"#define " + TABLE + r"\(X\)((?:[^\n]*\\\n)*[^\n]*)")
STRING = r'"(?:\\.|[^"\\])*"'
ENTRY = re.compile(rf"\bX\((\w+),\s*({STRING}(?:\s*{STRING})*)\)")
LINE = re.compile(r"\[ *(\d+\.\d{3})s\] {1,5}(\S+) +(.*)")
ORDER = re.compile(r"order (\d+) of (\d+)")
TEXTS, NUMBERS = "no", "abc"
FREE = "%n"
# zkCli sessions and servers only ever have free text: a typed command may look like any sentence.
FREE_SPEAKER = re.compile(r"[zs]\d+")


def sentences_of(header):
    """The sentence of each kind, as the table in the text of a header says."""
    body = BODY.search(header)
    if not body:
        raise Wrong(f"{TABLE}: the header does not define it")
    entries = ENTRY.findall(body[1].replace("\\\n", " "))
    if len(entries) != len(re.findall(r"\bX\(", body[1])):
        raise Wrong(f"{TABLE}: an entry is not X(KIND, \"sentence\")")
    return {kind: "".join(re.sub(r"\\(.)", r"\1", string[1:-1])
                          for string in re.findall(STRING, strings))
            for kind, strings in entries}


def find_sentences(folder):
    """The table of the source tree in a folder."""
    for place, inner, names in os.walk(folder):
        inner[:] = sorted(name for name in inner if name != ".git" and name[:5] != "build")
        for name in names:
            if name.endswith(".h"):
                with open(os.path.join(place, name), encoding="utf-8") as file:
                    text = file.read()
                if BODY.search(text):
                    return sentences_of(text)
    raise Wrong(f"{TABLE}: no header of {folder} defines it")


def shape_of(sentence):
    """The sentence without the names of its arguments: two kinds of one shape look the same."""
    return re.sub(r"%[abc]", "%a", sentence.replace("%o", "%n"))


def literal_length(sentence):
    return len(re.sub(r"%.", "", sentence))


def group_of(letter, index, first):
    """The regular expression of an argument. A text in front of other words is one word, so that
    "%n is %o" is not found in "the next reply is lost"."""
    if letter in NUMBERS:
        what = r"-?\d+"
    elif letter in TEXTS:
        what = r"\S+" if first else r".*?"
    else:
        raise Wrong(f"{TABLE}: %{letter} is no argument of a note")
    return f"(?P<{letter}{index}>{what})"


def pattern_of(sentence, index):
    """The regular expression of a sentence; its groups carry the letter and the index."""
    parts, seen = [], set()
    for part in re.findall(r"%.|[^%]+", sentence):
        if part[0] != "%":
            parts.append(re.escape(part))
        elif part[1] in seen:
            parts.append(f"(?P={part[1]}{index})")
        else:
            parts.append(group_of(part[1], index, not parts and sentence != FREE))
            seen.add(part[1])
    return "".join(parts)


class Reader:
    """Reads the trace lines of one revision. A line that several sentences fit is the kind whose
    sentence has most letters of its own."""

    def __init__(self, sentences):
        shapes = [shape_of(sentence) for sentence in sentences.values()]
        if len(set(shapes)) != len(shapes):
            raise Wrong(f"{TABLE}: two kinds have the same sentence")
        order = sorted(sentences, key=lambda kind: -literal_length(sentences[kind]))
        self.kinds = [(kind, self.letters(sentences[kind])) for kind in order]
        self.free = next((kind for kind in order if sentences[kind] == FREE), None)
        self.pattern = re.compile("|".join(
            f"(?P<kind{i}>{pattern_of(sentences[kind], i)})" for i, kind in enumerate(order)))

    @staticmethod
    def letters(sentence):
        return [letter for letter in TEXTS + NUMBERS if "%" + letter in sentence]

    def note(self, speaker, text):
        """The kind and the arguments, each as "letter=value"; None if no sentence fits."""
        if self.free and FREE_SPEAKER.fullmatch(speaker):
            return self.free, ["n=" + text]
        found = self.pattern.fullmatch(text)
        if not found:
            return None
        index = int(found.lastgroup[len("kind"):])
        kind, letters = self.kinds[index]
        return kind, [f"{letter}={found[letter + str(index)]}" for letter in letters]

    def line(self, line):
        """The normal form of a trace line: time, process, kind and arguments between tabs."""
        order = ORDER.fullmatch(line)
        if order:
            return "\t".join(("order",) + order.groups())
        found = LINE.fullmatch(line)
        note = found and self.note(found[2], found[3])
        if not note:
            raise Wrong(f"no sentence of {TABLE} fits this line: {line}")
        kind, arguments = note
        fields = [found[1], found[2], kind] + arguments
        return "\t".join(field.replace("\t", r"\t") for field in fields)
