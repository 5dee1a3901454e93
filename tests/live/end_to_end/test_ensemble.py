#!/usr/bin/python3
"""Three servers, of which some are always away: killed or stopped, the leader first. What the tasks
note and what a server that was there all the time has logged say that each was done once."""

import os
import unittest

import history
from stage import Case, Ensemble

TASKS = 300
RESULTS = b"".join(b"%d\n" % i for i in range(TASKS))


class Losses(Case):
    """An ensemble of its own for each test, since it is what suffers."""

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
        self.ledger = os.path.join(self.folder, "ledger")

    def begin(self):
        """Everybody is there and has work for a while."""
        masters = [self.master(name) for name in ("m1", "m2")]
        workers = [self.worker(name) for name in ("w1", "w2")]
        self.client.until(lambda names: len(names) == 2, "/workers")
        lines = [f"echo {i} >>{self.ledger}; sleep 0.05; echo {i}\n" for i in range(TASKS)]
        self.submit = self.rota("submit", "--wait", "-", input="".join(lines).encode())
        return workers + masters

    def goes_on(self):
        """Waits until somebody leads and much more has been done; there is still much to do."""
        self.server.leader()
        much = len(self.submit.out.bytes) + len(RESULTS) // 6
        self.submit.out.until(lambda b: len(b) > much)
        self.assertIsNone(self.submit.process.poll())

    def finish(self, cast):
        self.assertEqual(self.submit.status(), 0, self.submit.err.text)
        self.assertEqual(self.submit.out.bytes, RESULTS)
        for program in cast:
            program.stop()
        judge = history.judge(self.server.history(), self.chroot)
        self.assertEqual(judge.statuses, TASKS)
        return judge

    def runs(self):
        with open(self.ledger, "rb") as f:
            return sorted(f.read().split(), key=int)


class Killed(Losses):
    """Their sessions outlast what they live through, so nothing is ever done again."""

    session = "30s"

    def test_the_leader_then_the_next(self):
        cast = self.begin()
        self.goes_on()
        first = self.server.leader()
        first.kill()
        self.goes_on()
        second = self.server.leader()
        second.kill()  # one is left, which is no quorum
        first.start()
        self.goes_on()
        second.start()
        judge = self.finish(cast)
        self.assertEqual(judge.moves, [])
        self.assertEqual(self.runs(), RESULTS.split())


class Stopped(Losses):
    """Who was connected to a stopped server may lose the lease and the session with it."""

    session = "6s"

    def test_the_leader(self):
        cast = self.begin()
        self.goes_on()
        first = self.server.leader()
        first.pause()
        self.goes_on()
        first.resume()
        self.finish(cast)
        self.assertEqual(set(self.runs()), set(RESULTS.split()))


if __name__ == "__main__":
    unittest.main()
