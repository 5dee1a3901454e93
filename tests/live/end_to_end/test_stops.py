#!/usr/bin/python3
"""SIGTERM ends every kind of process in good order. The sessions are long, so that a process
that waits for the end of a session would be too late."""

import signal
import time
import unittest

from fixtures import Case, Gate, Lifeline

SOON = 30  # seconds: much shorter than a session, but long enough for a busy machine


class Stops(Case):
    tick_ms = 2000
    session = "60s"

    def setUp(self):
        super().setUp()
        self.m1 = self.master("m1")
        self.m1.err.await_text("elected leader")

    def submit(self, line):
        self.task = self.run_rota("submit", line).out.text.strip()

    def result(self):
        return self.run_rota("wait", self.task).out.text

    def test_master_hands_over(self):
        m2 = self.master("m2")
        m2.err.await_text("standby: ")
        begin = time.monotonic()
        self.m1.stop(SOON)
        m2.err.await_text("elected leader", within=SOON)
        self.assertLess(time.monotonic() - begin, SOON)
        self.assertIn("handed over", self.m1.err.text)
        m2.stop(SOON)

    def test_standby_leaves_the_leader_alone(self):
        m2 = self.master("m2")
        m2.err.await_text("standby: ")
        m2.stop(SOON)
        self.assertNotIn("standby: ", self.m1.err.text)
        self.m1.stop(SOON)

    def test_next_master_leads_at_once(self):
        """The next master need not wait for the session of the one that stopped."""
        self.m1.stop(SOON)
        m2 = self.master("m2")
        m2.err.await_text("elected leader", within=SOON)
        m2.stop(SOON)

    def test_idle_worker_leaves_nothing(self):
        w1 = self.worker("w1")
        w1.err.await_text("registered")
        w1.stop(SOON)
        self.assertEqual(self.client.get_children("/assign"), [])
        self.assertEqual(self.client.get_children("/workers"), [])
        self.m1.stop(SOON)

    def test_worker_finishes_its_task(self):
        gate = Gate(self)
        self.submit(gate.wait + "echo finished")
        w1 = self.worker("w1")
        w1.err.await_text("running ")
        w1.signal(signal.SIGTERM).err.await_text("stopping")
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
        w2.err.await_text("registered")
        for _ in range(signals):
            w1.signal(signal.SIGTERM).err.await_text("stopping")
        self.assertEqual(w1.status(SOON), 0)
        life.ends(SOON)
        self.assertIn("handed back", w1.err.text)
        self.assertEqual(self.result(), "2\n")
        w2.stop(SOON)
        self.m1.stop(SOON)

    def test_worker_hands_back_runs_above_its_drain_timeout(self):
        self.hand_back(1, "--drain", "300ms")

    def test_worker_hands_back_at_once_on_the_second_signal(self):
        self.hand_back(2)

    def test_worker_hands_back_at_once_without_a_drain_timeout(self):
        self.hand_back(1, "--drain", "0s")

    def test_all_processes_are_replaced_while_tasks_run(self):
        """Workers and masters start and stop in good order while tasks run: no task runs twice."""
        workers = [self.worker(f"w{i}") for i in range(3)]
        m2 = self.master("m2")
        submit = self.rota("submit", "--wait", "-", input=b"sleep 0.05; echo 1\n" * 200)
        submit.out.until(lambda b: len(b) > 2 * 20)
        for worker in workers[:2]:
            worker.stop(SOON)
            workers.append(self.worker(f"w{len(workers)}"))
        self.m1.stop(SOON)
        m2.err.await_text("elected leader", within=SOON)
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
            client.err.await_text("session")
            self.client.until(lambda names: len(names) >= 1, "/tasks")
            self.assertEqual(client.signal(signal.SIGTERM).status(SOON), 130)
        w1 = self.worker("w1")
        left = [name for name in self.client.get_children("/tasks") if name != self.task]
        self.assertEqual(self.run_rota("wait", self.task, *left).out.text, "1\n" * len(left))
        w1.stop(SOON)
        self.m1.stop(SOON)


if __name__ == "__main__":
    unittest.main()
