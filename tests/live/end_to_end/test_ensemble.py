#!/usr/bin/python3
"""An ensemble whose servers are killed or paused, the leader first. The notes of the tasks and
the log of a server that was never disturbed show that each task was completed once."""

import os
import unittest

import history
from fixtures import Case, Ensemble

TASKS = 300
RESULTS = b"".join(b"%d\n" % i for i in range(TASKS))


class Losses(Case):
    """Each test has its own ensemble, since it disturbs the servers."""

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        self.server = Ensemble(self.tick_ms)
        self.addCleanup(self.server.close)
        super().setUp()
        self.executions = os.path.join(self.folder, "executions")

    def begin(self):
        """Starts masters, workers and a client with many tasks."""
        masters = [self.master(name) for name in ("m1", "m2")]
        workers = [self.worker(name) for name in ("w1", "w2")]
        self.client.until(lambda names: len(names) == 2, "/workers")
        lines = [f"echo {i} >>{self.executions}; sleep 0.05; echo {i}\n" for i in range(TASKS)]
        self.submit = self.rota("submit", "--wait", "-", input="".join(lines).encode())
        return workers + masters

    def await_progress(self):
        """Waits until a server leads and many more tasks are done; many others are left."""
        self.server.leader()
        much = len(self.submit.out.bytes) + len(RESULTS) // 6
        self.submit.out.until(lambda b: len(b) > much)
        self.assertIsNone(self.submit.process.poll())

    def finish(self, processes):
        self.assertEqual(self.submit.status(), 0, self.submit.err.text)
        self.assertEqual(self.submit.out.bytes, RESULTS)
        for process in processes:
            process.stop()
        judge = history.judge(self.server.history(), self.chroot)
        self.assertEqual(judge.statuses, TASKS)
        return judge

    def runs(self):
        with open(self.executions, "rb") as f:
            return sorted(f.read().split(), key=int)


class Killed(Losses):
    """The sessions are longer than each disturbance, so no task runs again."""

    session = "30s"

    def test_the_leader_then_the_next(self):
        processes = self.begin()
        self.await_progress()
        first = self.server.leader()
        first.kill()
        self.await_progress()
        second = self.server.leader()
        second.kill()  # only one server is left, which is not a quorum
        first.start()
        self.await_progress()
        second.start()
        judge = self.finish(processes)
        self.assertEqual(judge.moves, [])
        self.assertEqual(self.runs(), RESULTS.split())


class Stopped(Losses):
    """A process that is connected to a paused server may lose its lease and its session."""

    session = "6s"

    def test_the_leader(self):
        processes = self.begin()
        self.await_progress()
        first = self.server.leader()
        first.pause()
        self.await_progress()
        first.resume()
        self.finish(processes)
        self.assertEqual(set(self.runs()), set(RESULTS.split()))


if __name__ == "__main__":
    unittest.main()
