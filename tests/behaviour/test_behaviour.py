#!/usr/bin/python3
"""Tests how behaviour.py reads and compares, with made-up tables, traces and programs."""

import contextlib
import io
import os
import sys
import tempfile
import unittest

import behaviour
import notes
import renames
import scenarios
import sides
from wrong import Wrong

TABLE = r'''
#define ROTA_NOTE_MAP(X)                             \
    X(SEEN, "worker %n is there, %a slots")          \
    X(GIVEN_UP, "%n is %o")                          \
    X(ASSIGNED, "%n -> %o (attempt %a)")             \
    X(REASSIGNED, "%n -> %o (attempt %a, losses %b)") \
    X(DELAYED, "%n waits %a ms more")                \
    X(BLOCKED, "%n waits for %o")                    \
    X(REFUSED, "refused: %n, %o")                    \
    X(COUNTER, "the \"counter\" stands at %a; "      \
               "%b more, then %a again")             \
    X(FAULT, "%n")

int x;
'''

TRACE = """\
[    0.005s] m1     worker w1 is there, 2 slots
[    0.017s] m1     t1 -> w1 (attempt 1)
[   12.022s]   w1   the session is lost
"""

SCENARIO = """\
# Why this file exists.

scenario "a title # of its own"
labels scale # large
cluster   workers=2 # two
submit c1 1 tasks payload="a # b"
zk z1: ls  /tasks # typed
----
[a,  b]
# printed
----
trace
----
anything
----
  expect done all
"""

PROGRAM = """\
#!/bin/bash
# sim run FILE --json --trace TRACE
cat TRACE >"$6"
echo '{"verdict":"held","runs":1,"events":EVENTS,"virtual_seconds":1.5}'
exit STATUS
"""


def reader_of(**sentences):
    return notes.Reader(sentences)


class Tables(unittest.TestCase):
    def test_sentences_are_read_over_several_lines(self):
        sentences = notes.sentences_of(TABLE)
        self.assertEqual(len(sentences), 9)
        self.assertEqual(sentences["COUNTER"],
                         'the "counter" stands at %a; %b more, then %a again')

    def test_a_table_that_cannot_be_read_is_refused(self):
        for header in ("int x;\n", TABLE.replace('"%n"', "TEXT"), TABLE.replace("%b", "%d")):
            with self.assertRaises(Wrong):
                notes.Reader(notes.sentences_of(header))

    def test_two_kinds_of_one_sentence_are_refused(self):
        with self.assertRaises(Wrong):
            reader_of(A="%n has %a", B="%o has %b")


class Lines(unittest.TestCase):
    def setUp(self):
        self.reader = notes.Reader(notes.sentences_of(TABLE))

    def check(self, text, *fields, speaker="m1"):
        self.assertEqual(self.reader.line(f"[    1.000s] {speaker:6} {text}").split("\t"),
                         ["1.000", speaker, *fields])

    def test_time_process_kind_and_arguments_are_read(self):
        self.check("t3 -> w2 (attempt 1)", "ASSIGNED", "n=t3", "o=w2", "a=1")
        self.assertEqual(self.reader.line("[12345.678s]     c1 t3 waits -5 ms more"),
                         "12345.678\tc1\tDELAYED\tn=t3\ta=-5")

    def test_the_most_specific_sentence_is_taken(self):
        self.check("t3 -> w2 (attempt 1, losses 2)", "REASSIGNED", "n=t3", "o=w2", "a=1", "b=2")
        self.check("worker w1 is there, 2 slots", "SEEN", "n=w1", "a=2")
        self.check("t1 waits for t2", "BLOCKED", "n=t1", "o=t2")

    def test_free_text_is_an_argument(self):
        self.check("refused: t1, full: 3, of 3", "REFUSED", "n=t1", "o=full: 3, of 3")
        self.check("the session is lost", "FAULT", "n=the session is lost")
        self.check("a\tb", "FAULT", r"n=a\tb")

    def test_what_sessions_and_servers_say_is_free_text(self):
        self.check("it is t2", "GIVEN_UP", "n=it", "o=t2")
        self.check("it is t2", "FAULT", "n=it is t2", speaker="z1")
        self.check("it is t2", "FAULT", "n=it is t2", speaker="s3")

    def test_an_argument_that_stands_twice_is_the_same(self):
        self.check('the "counter" stands at 7; 2 more, then 7 again', "COUNTER", "a=7", "b=2")
        text = 'the "counter" stands at 7; 2 more, then 8 again'
        self.check(text, "FAULT", "n=" + text)

    def test_orders_have_a_line_of_their_own(self):
        self.assertEqual(self.reader.line("order 2 of 6"), "order\t2\t6")

    def test_a_line_that_no_sentence_fits_is_an_error(self):
        strict = reader_of(STARTED="started")
        strict.line("[    1.000s] m1     started")
        for line in ("[    1.000s] m1     started again", "started", "order 2", ""):
            with self.assertRaises(Wrong):
                strict.line(line)


class RenamedThings(unittest.TestCase):
    def table(self, text, older=""):
        return renames.Renames(renames.read_entries(text), renames.read_entries(older))

    def test_comments_say_nothing_and_other_lines_are_refused(self):
        self.assertEqual(renames.read_entries("# word A B\n\nkind A B # so\n"),
                         [("kind", "A", "B")])
        for line in ("kind A", "note A B", "word a b c"):
            with self.assertRaises(Wrong):
                renames.read_entries(line)

    def test_the_table_of_the_repository_can_be_read(self):
        with open(os.path.join(behaviour.ROOT, sides.RENAMED), encoding="utf-8") as file:
            renames.read_entries(file.read())

    def test_kinds_are_renamed_in_their_order(self):
        table = self.table("kind B C\nkind A B\n")
        self.assertTrue(table.same_line("1.0\tm1\tA\tn=A", "1.0\tm1\tB\tn=A"))
        self.assertTrue(table.same_line("1.0\tm1\tB\tn=A", "1.0\tm1\tC\tn=A"))
        self.assertFalse(table.same_line("1.0\tm1\tB\tn=A", "1.0\tm1\tB\tn=A"))
        self.assertFalse(table.same_line("1.0\tm1\tA\tn=A", "1.0\tm1\tC\tn=A"))

    def test_words_are_renamed_in_texts_alone(self):
        table = self.table('word "goes on" resumes\nword w1 w2')
        self.assertTrue(table.same_line("1.0\tw1\tF\tn=it goes on", "1.0\tw1\tF\tn=it resumes"))
        self.assertFalse(table.same_line("1.0\tw1\tF\tn=x", "1.0\tw2\tF\tn=x"))
        self.assertFalse(table.same_line("1.0\tm1\tF\tn=it goes one", "1.0\tm1\tF\tn=it resumese"))

    def test_a_name_may_stay_where_a_word_is_renamed(self):
        table = self.table("word lost gone")
        self.assertTrue(table.same_line("1.0\tm1\tX\tn=lost\to=lost", "1.0\tm1\tX\tn=lost\to=gone"))
        self.assertTrue(table.same_statement("expect lost lost", "expect gone lost"))

    def test_marks_follow_their_kinds(self):
        table = self.table("kind WORKER_SEEN WORKER_FOUND\nkind ASSIGNED PLACED")
        self.assertTrue(table.same_statement("until assigned w1 >= 1", "until assigned w1 >= 1"))
        self.assertFalse(table.same_statement("until assigned w1 >= 1", "until placed w1 >= 1"))
        self.assertTrue(table.same_statement("sometimes worker-seen", "sometimes worker-found"))
        self.assertFalse(table.same_statement("sometimes worker-lost", "sometimes worker-found"))

    def test_what_the_older_revision_knows_is_not_renamed_again(self):
        table = self.table("kind A B\nkind C D\n", older="kind A B\n")
        self.assertFalse(table.same_line("1.0\tm1\tA", "1.0\tm1\tB"))
        self.assertTrue(table.same_line("1.0\tm1\tC", "1.0\tm1\tD"))


class Statements(unittest.TestCase):
    def test_what_has_no_say_is_left_out(self):
        self.assertEqual(scenarios.statements_of(SCENARIO), [
            "cluster workers=2", 'submit c1 1 tasks payload="a # b"', "zk z1: ls  /tasks # typed",
            "----", "[a,  b]", "# printed", "----", "expect done all"])
        self.assertTrue(scenarios.is_scale(SCENARIO))
        self.assertFalse(scenarios.is_scale(SCENARIO.replace("labels scale", "labels scaled")))

    def test_a_block_that_does_not_end_ends_with_the_file(self):
        self.assertEqual(scenarios.statements_of("start all\ntrace\n----\nx"), ["start all"])

    def test_files_are_found_in_all_folders(self):
        with tempfile.TemporaryDirectory() as root:
            write(root, "scenarios/faults/002-b.scn", "")
            write(root, "scenarios/001-a.scn", "")
            self.assertEqual(scenarios.find(root), {"001": "scenarios/001-a.scn",
                                                    "002": "scenarios/faults/002-b.scn"})

    def test_files_without_a_number_of_their_own_are_refused(self):
        for other in ("scenarios/x/001-b.scn", "scenarios/b.scn"):
            with tempfile.TemporaryDirectory() as root, self.assertRaises(Wrong):
                write(root, "scenarios/001-a.scn", "")
                write(root, other, "")
                scenarios.find(root)
        with tempfile.TemporaryDirectory() as root, self.assertRaises(Wrong):
            scenarios.find(root)


def write(root, path, text):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, 0o755)


class Revision:
    """A made-up revision, whose program prints a given trace."""

    def __init__(self, case, trace=TRACE, table=TABLE, renamed="", files=None, events=9, status=0):
        folder = tempfile.TemporaryDirectory()
        case.addCleanup(folder.cleanup)
        self.root = folder.name
        write(self.root, "model/trace.h", table)
        write(self.root, "trace", trace)
        write(self.root, sides.RENAMED, renamed)
        program = PROGRAM.replace("cat TRACE", f"cat {self.root}/trace")
        write(self.root, "rota",
              program.replace("EVENTS", str(events)).replace("STATUS", str(status)))
        for path, text in (files or {"scenarios/001-a.scn": SCENARIO}).items():
            write(self.root, path, text)

    def built(self):
        return sides.Built(self.root, os.path.join(self.root, "rota"))


class Comparisons(unittest.TestCase):
    def compare(self, base, new):
        """The exit status and the output."""
        with contextlib.redirect_stdout(io.StringIO()) as out:
            status = behaviour.compare(base if isinstance(base, sides.Stored) else base.built(),
                                       new.built())
        return status, out.getvalue()

    def check_same(self, base, new):
        self.assertEqual(self.compare(base, new), (0, "1 files, 1 runs: the same\n"))

    def check_differs(self, new, *said, base=None):
        status, out = self.compare(base or Revision(self), new)
        self.assertEqual(status, 1, out)
        for text in said:
            self.assertIn(text, out)

    def test_a_revision_is_the_same_as_itself(self):
        self.check_same(Revision(self), Revision(self))

    def test_another_sentence_title_comment_trace_and_folder_are_the_same(self):
        table = TABLE.replace('"%n -> %o (attempt %a)"', '"assigns %n (run %a) to %o"')
        trace = TRACE.replace("t1 -> w1 (attempt 1)", "assigns t1 (run 1) to w1")
        text = SCENARIO.replace("Why this", "Why the").replace("a title", "another title")
        new = Revision(self, trace, table,
                       files={"scenarios/x/001-other.scn": text.replace("anything", "else")})
        self.check_same(Revision(self), new)

    def test_what_is_planted_in_a_trace_is_found(self):
        for old, planted in (("12.022s", "12.023s"), ("  w1   the", "  w2   the"),
                             ("t1 ->", "t2 ->"), ("-> w1", "-> w2"), ("attempt 1", "attempt 2"),
                             ("t1 -> w1 (attempt 1)", "t1 is w1"), ("is lost", "is los")):
            with self.subTest(planted=planted):
                self.assertIn(old, TRACE)
                self.check_differs(Revision(self, TRACE.replace(old, planted)), ": 1 run differs")

    def test_lines_more_or_less_or_in_another_order_are_found(self):
        lines = TRACE.splitlines(keepends=True)
        self.check_differs(Revision(self, "".join(lines[:2])), "line 3:", "- 12.022 w1 FAULT")
        self.check_differs(Revision(self, TRACE + lines[2]), "line 4:", "+ 12.022 w1 FAULT")
        self.check_differs(Revision(self, "".join(lines[1:] + lines[:1])), "line 1:")

    def test_another_result_is_found(self):
        self.check_differs(Revision(self, events=10), "line 4:", "events=9", "events=10")
        self.check_differs(Revision(self, status=1), "status=0", "status=1")

    def test_a_run_without_a_result_is_no_comparison(self):
        for new in (Revision(self, status=2), Revision(self, events='""}')):
            with self.assertRaises(Wrong):
                self.compare(Revision(self), new)

    def test_other_statements_are_found(self):
        files = {"scenarios/001-a.scn": SCENARIO.replace("workers=2", "workers=3")}
        self.check_differs(Revision(self, files=files), "- cluster workers=2",
                           "+ cluster workers=3", "1 files, 0 runs: 1 file has other statements")

    def test_renamed_kinds_and_words_are_the_same(self):
        table = TABLE.replace("ASSIGNED, ", "PLACED, ")
        trace = TRACE.replace("is lost", "has ended")
        renamed = 'kind ASSIGNED PLACED\nkind REASSIGNED REPLACED\nword "is lost" "has ended"\n'
        self.check_differs(Revision(self, trace, table), "ASSIGNED n=t1", "PLACED n=t1")
        self.check_same(Revision(self), Revision(self, trace, table, renamed))
        self.check_same(Revision(self, trace, table, renamed),
                        Revision(self, trace, table, renamed))

    def test_files_that_are_gone_are_a_difference_and_new_ones_are_not(self):
        one = Revision(self)
        two = Revision(self, files={"scenarios/001-a.scn": SCENARIO,
                                    "scenarios/002-b.scn": SCENARIO})
        self.assertEqual(self.compare(one, two)[0], 0)
        self.assertIn("1 file is new", self.compare(one, two)[1])
        self.check_differs(one, "scenarios/002-b.scn: no file", "1 file is gone", base=two)

    def test_small_files_have_five_seeds_and_twenty_runs_are_shown(self):
        files = {f"scenarios/{n:03}-a.scn": SCENARIO.replace(" scale", "") for n in range(5)}
        self.check_differs(Revision(self, events=10, files=files), "000-a.scn, seed own", "seed 7",
                           "... and 5 more", "5 files, 25 runs: 25 runs differ",
                           base=Revision(self, files=files))

    def test_a_stored_normal_form_is_compared_like_its_revision(self):
        with tempfile.TemporaryDirectory() as folder:
            with contextlib.redirect_stdout(io.StringIO()):
                behaviour.store(Revision(self).built(), folder)
            stored = sides.Stored(folder)
            self.check_same(stored, Revision(self))
            self.check_differs(Revision(self, TRACE.replace("t1", "t2")), "n=t1", base=stored)
            table = TABLE.replace("ASSIGNED, ", "PLACED, ")
            self.check_same(stored, Revision(self, table=table, renamed="kind ASSIGNED PLACED"))
            with self.assertRaises(Wrong):
                behaviour.store(Revision(self).built(), folder)

    def test_a_folder_without_a_normal_form_is_refused(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(Wrong):
            sides.Stored(folder)


if __name__ == "__main__":
    sys.exit(unittest.main())
