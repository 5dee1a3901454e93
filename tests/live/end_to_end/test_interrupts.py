#!/usr/bin/python3
"""Ctrl-C during rota run: the children end, finished results are printed, and nothing is left."""

import signal
import unittest

from fixtures import Case, Lifeline


class Interrupts(Case):
    def interrupt(self, number, environment=None):
        life = Lifeline(self)
        lines = (f"echo first\n{life.take}sleep 1000\n{life.take}setsid sleep 1000\n"
                 "echo fourth\n" + "echo later; sleep 1000\n" * 20)
        run = self.rota("run", "--jobs", "3", "--session", "3s", input=lines.encode(),
                        environment=environment)
        life.begins(2)
        run.out.await_text("first\n")
        run.signal(number)
        self.assertEqual(run.status(), 130)
        life.ends()
        run.err.ends()
        self.assertIn(run.out.bytes, (b"first\n", b"first\nfourth\n"))
        self.assertEqual(run.err.bytes, b"")

    def test_ctrl_c_embedded(self):
        self.interrupt(signal.SIGINT, {"ROTA_ZK": ""})

    def test_ctrl_c_on_zookeeper(self):
        self.interrupt(signal.SIGINT)

    def test_terminate_embedded(self):
        self.interrupt(signal.SIGTERM, {"ROTA_ZK": ""})

    def test_terminate_on_zookeeper(self):
        self.interrupt(signal.SIGTERM)

    def test_children_that_ignore_signals(self):
        """Children that ignore all signals that can be ignored are killed."""
        life = Lifeline(self)
        line = f"trap '' INT TERM HUP; {life.take}sleep 1000; sleep 1000\n"
        run = self.rota("run", "--session", "3s", input=line.encode())
        life.begins()
        self.assertEqual(run.signal(signal.SIGINT).status(), 130)
        life.ends()

    def test_hundreds_of_results_are_printed_before_the_end(self):
        life = Lifeline(self)
        lines = "".join(f"echo {i}\n" for i in range(300)) + life.take + "sleep 1000\n"
        run = self.rota("run", "--jobs", "1", "--session", "3s", input=lines.encode())
        life.begins()
        run.out.await_text("\n250\n")
        self.assertEqual(run.signal(signal.SIGINT).status(), 130)
        self.assertEqual(run.out.bytes, b"".join(b"%d\n" % i for i in range(300)))


if __name__ == "__main__":
    unittest.main()
