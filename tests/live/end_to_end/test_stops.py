#!/usr/bin/python3
"""SIGTERM ends every kind of process in good order. Sessions are long here, so that whoever waited
for one to end would be too late."""

import signal
import time
import unittest

from stage import Case, Gate, Lifeline

SOON = 30  # seconds: much less than a session, much more than a busy machine needs


class Stops(Case):
    tick_ms = 2000
    session = "60s"

    def setUp(self):
        super().setUp()
        self.m1 = self.master("m1")
        self.m1.err.hears("elected leader")

    def submit(self, line):
        self.task = self.run_rota("submit", line).out.text.strip()

    def result(self):
        return self.run_rota("wait", self.task).out.text

    def test_master_hands_over(self):
        m2 = self.master("m2")
        m2.err.hears("standby: ")
        begin = time.monotonic()
        self.m1.stop(SOON)
        m2.err.hears("elected leader", within=SOON)
        self.assertLess(time.monotonic() - begin, SOON)
        self.assertIn("handed over", self.m1.err.text)
        m2.stop(SOON)

    def test_standby_leaves_the_leader_alone(self):
        m2 = self.master("m2")
        m2.err.hears("standby: ")
        m2.stop(SOON)
        self.assertNotIn("standby: ", self.m1.err.text)
        self.m1.stop(SOON)

    def test_lone_master_is_followed_by_the_next(self):
        """Who comes later need not wait for the session of the one before."""
        self.m1.stop(SOON)
        m2 = self.master("m2")
        m2.err.hears("elected leader", within=SOON)
        m2.stop(SOON)

    def test_idle_worker_leaves_nothing(self):
        w1 = self.worker("w1")
        w1.err.hears("registered")
        w1.stop(SOON)
        self.assertEqual(self.client.get_children("/assign"), [])
        self.assertEqual(self.client.get_children("/workers"), [])
        self.m1.stop(SOON)

    def test_worker_finishes(self):
        gate = Gate(self)
        self.submit(gate.wait + "echo finished")
        w1 = self.worker("w1")
        w1.err.hears("running ")
        w1.signal(signal.SIGTERM).err.hears("stopping")
        gate.open()
        self.assertEqual(w1.status(SOON), 0)
        self.assertEqual(self.result(), "finished\n")
        self.m1.stop(SOON)

    def hand_back(self, signals, *more):
        life = Lifeline(self)
        self.submit(f"test $ROTA_WORKER = w2 && echo $ROTA_ATTEMPT && exit; {life.take} sleep 1000")
        w1 = self.worker("w1", "--shell", *more)
        life.begins()
        w2 = self.worker("w2")
        w2.err.hears("registered")
        for _ in range(signals):
            w1.signal(signal.SIGTERM).err.hears("stopping")
        self.assertEqual(w1.status(SOON), 0)
        life.ends(SOON)
        self.assertIn("handed back", w1.err.text)
        self.assertEqual(self.result(), "2\n")
        w2.stop(SOON)
        self.m1.stop(SOON)

    def test_worker_gives_back_what_takes_too_long(self):
        self.hand_back(1, "--drain", "300ms")

    def test_worker_gives_back_at_once_when_told_twice(self):
        self.hand_back(2)

    def test_worker_gives_back_at_once_without_time_to_drain(self):
        self.hand_back(1, "--drain", "0s")

    def test_all_hands_change_while_tasks_flow(self):
        """Workers and masters come and go in good order: no task runs twice."""
        workers = [self.worker(f"w{i}") for i in range(3)]
        m2 = self.master("m2")
        submit = self.rota("submit", "--wait", "-", input=b"sleep 0.05; echo 1\n" * 200)
        submit.out.until(lambda b: len(b) > 2 * 20)
        for worker in workers[:2]:
            worker.stop(SOON)
            workers.append(self.worker(f"w{len(workers)}"))
        self.m1.stop(SOON)
        m2.err.hears("elected leader", within=SOON)
        workers[2].stop(SOON)
        self.assertEqual(submit.status(), 0)
        self.assertEqual(submit.out.bytes, b"1\n" * 200)
        for program in (*workers[3:], m2):
            program.stop(SOON)
        self.assertEqual(sum(worker.err.text.count(" running task-") for worker in workers), 200)

    def test_waiting_client(self):
        self.submit(":")
        for words in (["submit", "--wait", "echo 1"], ["wait", self.task]):
            client = self.rota(*words, "--verbose")
            client.err.hears("session")
            self.client.until(lambda names: len(names) >= 1, "/tasks")
            self.assertEqual(client.signal(signal.SIGTERM).status(SOON), 130)
        w1 = self.worker("w1")
        left = [name for name in self.client.get_children("/tasks") if name != self.task]
        self.assertEqual(self.run_rota("wait", self.task, *left).out.text, "1\n" * len(left))
        w1.stop(SOON)
        self.m1.stop(SOON)


if __name__ == "__main__":
    unittest.main()
