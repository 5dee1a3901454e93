#!/usr/bin/python3
"""Faults of the server while masters, workers and clients run: it is killed and started again,
paused for longer than a session, or does not come back."""

import signal
import unittest

from fixtures import Case, Lifeline, Server

TASKS = 300
LONG = "10s"  # even a busy machine does not pause for two thirds of that
LINES = b"".join(b"sleep 0.02; echo %d\n" % i for i in range(TASKS))
RESULTS = b"".join(b"%d\n" % i for i in range(TASKS))


class ServerFaults(Case):
    """Each test has its own server, since it disturbs it."""

    tick_ms = 500

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        self.server = Server(self.tick_ms)
        self.addCleanup(self.server.close)
        super().setUp()

    def start_processes(self):
        masters = [self.master(name) for name in ("m1", "m2")]
        workers = [self.worker(name) for name in ("w1", "w2")]
        self.client.until(lambda names: len(names) == 2, "/workers")
        return workers + masters

    def restart(self):
        self.server.start()
        self.fresh_client()

    def kill_and_restart(self):
        self.server.kill()
        self.restart()

    def finish(self, client):
        self.assertEqual(client.status(), 0, client.err.text)
        self.assertEqual(client.out.bytes, RESULTS)

    def test_killed_and_restarted_during_submit(self):
        self.session = LONG
        processes = self.start_processes()
        client = self.rota("submit", "--wait", "-", input=LINES)
        for share in (5, 3, 2):
            client.out.until(lambda b, n=share: len(b) > len(RESULTS) // n)
            self.kill_and_restart()
        self.finish(client)
        for program in processes:
            program.stop()

    def test_killed_and_restarted_during_run(self):
        self.session = LONG
        client = self.rota("run", "--jobs", "3", "--session", self.session, "-", input=LINES)
        client.out.until(lambda b: len(b) > len(RESULTS) // 4)
        self.kill_and_restart()
        self.finish(client)

    def pause_beyond_the_lease(self, start):
        """The first run of one task ends only with the lease; its second run ends by itself."""
        life = Lifeline(self)
        middle = f"test $ROTA_ATTEMPT -gt 1 || {{ {life.take} sleep 1000; }}; ".encode()
        lines = LINES.splitlines(keepends=True)
        lines[TASKS // 2] = middle + lines[TASKS // 2]
        client = start(b"".join(lines))
        life.begins()
        self.server.pause()
        life.ends()
        self.server.resume()
        self.finish(client)

    def test_paused_during_submit(self):
        processes = self.start_processes()
        self.pause_beyond_the_lease(lambda lines: self.rota("submit", "--wait", "-", input=lines))
        for program in processes:
            program.stop()

    def test_paused_during_run(self):
        self.pause_beyond_the_lease(
            lambda lines: self.rota("run", "--jobs", "3", "--session", self.session, "-",
                                    input=lines))

    def test_down_while_all_processes_are_stopped(self):
        """The processes wait for the server no longer than the drain timeout; no run continues,
        and their znodes end with their sessions."""
        life = Lifeline(self)
        processes = [self.master("m1"), self.worker("w1", "--shell", "--drain", "1s")]
        wait = self.rota("submit", "--wait", life.take + "sleep 1000")
        life.begins()
        self.server.kill()
        for program in (wait, *processes):
            program.signal(signal.SIGTERM)
        for program in (wait, *processes):
            program.status()
        life.ends()
        self.assertTrue(all(program.was_disconnected for program in processes))
        self.restart()
        for task in self.client.get_children("/tasks"):
            self.client.delete("/tasks/" + task)

    def test_down_during_run(self):
        """An interrupted `rota run` ends although the server is down."""
        life = Lifeline(self)
        run = self.rota("run", "--session", self.session, input=(life.take + "sleep 1000").encode())
        life.begins()
        self.server.kill()
        self.assertEqual(run.signal(signal.SIGINT).status(), 130)
        life.ends()
        self.restart()
        for task in self.client.get_children("/tasks"):
            self.client.delete("/tasks/" + task)
        m1 = self.master("m1")
        self.client.until(lambda names: names == [], "/assign")
        m1.stop()


if __name__ == "__main__":
    unittest.main()
