#!/usr/bin/python3
"""The checks of history.py: each violation of a guarantee is reported."""

import os
import struct
import tempfile
import unittest

import history

EPOCH = ("check", "/r/epoch", b"")


def complaints_about(*writes):
    """The complaints if each of these groups of writes is one transaction."""
    transactions = [history.Transaction(zxid, 7, list(group)) for zxid, group in enumerate(writes)]
    return " ".join(history.complaints(transactions, "/r"))


def create(path):
    return ("create", "/r/" + path, b"")


def delete(path):
    return ("delete", "/r/" + path, b"")


SUBMITTED = [create("tasks/t")]
ASSIGNED = [EPOCH, create("assign/w/t")]
COMPLETED = [delete("assign/w/t"), create("tasks/t/status")]
COLLECTED = [delete("tasks/t/status"), delete("tasks/t")]


class Histories(unittest.TestCase):
    def test_complete_life(self):
        life = [SUBMITTED, ASSIGNED, COMPLETED, COLLECTED]
        self.assertEqual(complaints_about(*life, *life), "")

    def test_two_completions(self):
        again = [delete("tasks/t/status"), create("tasks/t/status")]
        self.assertIn("completed twice", complaints_about(SUBMITTED, ASSIGNED, COMPLETED, again))

    def test_retry(self):
        asked = [delete("tasks/t/status"), create("retry/t")]
        handed_back = [delete("assign/w/t"), create("retry/t")]
        assigned = [*ASSIGNED, delete("retry/t")]
        self.assertEqual(
            complaints_about(SUBMITTED, ASSIGNED, COMPLETED, asked, assigned, COMPLETED), "")
        self.assertEqual(
            complaints_about(SUBMITTED, ASSIGNED, handed_back, assigned, COMPLETED), "")
        self.assertIn("completed twice",
                      complaints_about(SUBMITTED, ASSIGNED, COMPLETED, [asked[0]], [asked[1]],
                                       assigned, COMPLETED))

    def test_changed_status(self):
        change = [("set", "/r/tasks/t/status", b"")]
        self.assertIn("was changed", complaints_about(SUBMITTED, ASSIGNED, COMPLETED, change))

    def test_two_workers(self):
        other = [EPOCH, create("assign/v/t")]
        self.assertIn("assigned to 2 workers", complaints_about(SUBMITTED, ASSIGNED, other))

    def test_assigned_after_its_end(self):
        self.assertIn("still assigned",
                      complaints_about(SUBMITTED, ASSIGNED, [create("tasks/t/status")]))

    def test_unfenced_assignment(self):
        self.assertIn("without a check of the epoch",
                      complaints_about(SUBMITTED, [create("assign/w/t")]))

    def test_move_is_noted(self):
        move = [EPOCH, delete("assign/w/t"), create("assign/v/t")]
        transactions = [history.Transaction(z, 7, g) for z, g in enumerate([ASSIGNED, move])]
        self.assertEqual(history.judge(transactions, "/r").moves, [("t", "w", "v")])

    def test_other_trees_are_not_judged(self):
        self.assertEqual(complaints_about([("create", "/s/assign/w/t", b"")]), "")

    def test_log(self):
        """A log file has a header, then each transaction with its checksum, then zeros."""
        def buffer(data):
            return struct.pack(">i", len(data)) + data

        def transaction(zxid, kind, body):
            entry = struct.pack(">qiqqi", 7, 1, zxid, 0, kind) + body
            return struct.pack(">q", 0) + buffer(entry) + b"B"

        made = buffer(b"/r/tasks/t") + buffer(b"x")
        multi = struct.pack(">i", 2) + struct.pack(">i", history.CREATE) + buffer(made)
        multi += struct.pack(">i", history.DELETE) + buffer(buffer(b"/r/retry/t"))
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "log.1"), "wb") as f:
                f.write(b"ZKLG" + bytes(12) + transaction(1, history.CREATE, made) +
                        transaction(2, history.MULTI, multi) + bytes(100))
            one, two = history.read(folder)
        self.assertEqual(one, (1, 7, [("create", "/r/tasks/t", b"x")]))
        self.assertEqual(two.writes, [*one.writes, ("delete", "/r/retry/t", b"")])


if __name__ == "__main__":
    unittest.main()
