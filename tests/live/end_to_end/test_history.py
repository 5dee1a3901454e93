#!/usr/bin/python3
"""The judge of histories is judged: each broken promise is seen."""

import os
import struct
import tempfile
import unittest

import history

EPOCH = ("check", "/r/epoch", b"")


def lives(*writes):
    """What the judge says when each of these groups of writes is one transaction."""
    transactions = [history.Transaction(zxid, 7, list(group)) for zxid, group in enumerate(writes)]
    return " ".join(history.complaints(transactions, "/r"))


def create(path):
    return ("create", "/r/" + path, b"")


def delete(path):
    return ("delete", "/r/" + path, b"")


SUBMITTED = [create("tasks/t")]
PLACED = [EPOCH, create("assign/w/t")]
COMPLETED = [delete("assign/w/t"), create("tasks/t/status")]
COLLECTED = [delete("tasks/t/status"), delete("tasks/t")]


class Histories(unittest.TestCase):
    def test_whole_life(self):
        life = [SUBMITTED, PLACED, COMPLETED, COLLECTED]
        self.assertEqual(lives(*life, *life), "")

    def test_two_completions(self):
        again = [delete("tasks/t/status"), create("tasks/t/status")]
        self.assertIn("completed twice", lives(SUBMITTED, PLACED, COMPLETED, again))

    def test_new_life(self):
        asked = [delete("tasks/t/status"), create("retry/t")]
        handed_back = [delete("assign/w/t"), create("retry/t")]
        placed = [*PLACED, delete("retry/t")]
        self.assertEqual(lives(SUBMITTED, PLACED, COMPLETED, asked, placed, COMPLETED), "")
        self.assertEqual(lives(SUBMITTED, PLACED, handed_back, placed, COMPLETED), "")
        self.assertIn("completed twice", lives(SUBMITTED, PLACED, COMPLETED, [asked[0]],
                                               [asked[1]], placed, COMPLETED))

    def test_changed_status(self):
        change = [("set", "/r/tasks/t/status", b"")]
        self.assertIn("was changed", lives(SUBMITTED, PLACED, COMPLETED, change))

    def test_two_workers(self):
        other = [EPOCH, create("assign/v/t")]
        self.assertIn("assigned to 2 workers", lives(SUBMITTED, PLACED, other))

    def test_assigned_after_its_end(self):
        self.assertIn("still assigned", lives(SUBMITTED, PLACED, [create("tasks/t/status")]))

    def test_unfenced_assignment(self):
        self.assertIn("without a check of the epoch", lives(SUBMITTED, [create("assign/w/t")]))

    def test_move_is_noted(self):
        move = [EPOCH, delete("assign/w/t"), create("assign/v/t")]
        transactions = [history.Transaction(z, 7, g) for z, g in enumerate([PLACED, move])]
        self.assertEqual(history.judge(transactions, "/r").moves, [("t", "w", "v")])

    def test_other_trees_are_not_judged(self):
        self.assertEqual(lives([("create", "/s/assign/w/t", b"")]), "")

    def test_log(self):
        """As a server writes it: a header, then each transaction with its checksum, then zeros."""
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
