"""Reads and applies the table of kinds and words that the newer revision has renamed."""

import re
import shlex

from wrong import Wrong

MARKED = "sometimes "
TEXT_FIELDS = ("n", "o", "verdict")


def read_entries(text):
    """The entries of a table in their order: (what, old, new)."""
    entries = []
    for number, line in enumerate(text.split("\n"), 1):
        words = shlex.split(line, comments=True)
        if not words:
            continue
        if len(words) != 3 or words[0] not in ("kind", "word"):
            raise Wrong(f"renamed.txt:{number}: it is not `kind OLD NEW` or `word OLD NEW`: {line}")
        entries.append(tuple(words))
    return entries


def whole(word):
    """The regular expression of a word that is not a part of a longer one."""
    return re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")


def mark_of(kind):
    """The mark of a kind, as the statement `sometimes` names it."""
    return kind.lower().replace("_", "-")


class Renames:
    """The entries that the older revision does not have. They are applied to the output of the
    older revision, in the order in which the renames were made."""

    def __init__(self, newer, older=()):
        entries = [entry for entry in newer if entry not in older]
        self.kinds = [(old, new) for what, old, new in entries if what == "kind"]
        self.words = [(whole(old), new) for what, old, new in entries if what == "word"]
        self.marks = [(whole(mark_of(old)), mark_of(new)) for old, new in self.kinds]
        self.any_word = re.compile("|".join(old.pattern for old, _ in self.words) or r"(?!)")

    def kind(self, kind):
        for old, new in self.kinds:
            kind = new if kind == old else kind
        return kind

    def text(self, text):
        if self.any_word.search(text):
            for old, new in self.words:
                text = old.sub(lambda _, new=new: new, text)
        return text

    def words_of_field(self, field):
        name, equals, text = field.partition("=")
        return name + equals + self.text(text) if name in TEXT_FIELDS else field

    def words_of_line(self, line):
        """A line of a normal form with the words in its texts renamed, and its kind as it is."""
        if not self.any_word.search(line):
            return line
        return "\t".join(self.words_of_field(field) for field in line.split("\t"))

    def line(self, line):
        """A line of the older revision's normal form as the newer one should write it."""
        fields = line.split("\t")
        if fields[0][0].isdigit():
            fields[2] = self.kind(fields[2])
        return self.words_of_line("\t".join(fields))

    def same_line(self, older, newer):
        """Whether two lines say the same. A word may stay where it is a name, such as a task's."""
        if not self.kinds and not self.words:
            return older == newer
        renamed = self.line(older)
        return newer == renamed or self.words_of_line(newer) == renamed

    def same_statement(self, older, newer):
        """Whether two statements of scenarios are the same, but for words and marks."""
        if older.startswith(MARKED):
            for old, new in self.marks:
                older = old.sub(new, older)
        return newer in (older, self.text(older)) or self.text(newer) == self.text(older)
