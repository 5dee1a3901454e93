#!/usr/bin/python3
"""Five hundred real commands while the leader and a worker are killed, on both backends."""

import signal
import unittest

import commands
import history
from fixtures import Case


class Kills(Case):
    session = "3s"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lines = commands.first(500)
        cls.results = commands.run_all(cls.lines)
        cls.input = "".join(line + "\n" for line in cls.lines).encode()

    def prefix(self, count):
        return sum(len(result) for result in self.results[:count])

    def check_output(self, process):
        self.assertEqual(process.status(), 0, process.err.text)
        out = process.out.bytes
        for line, result in zip(self.lines, self.results):
            self.assertEqual(out[:len(result)], result, line)
            out = out[len(result):]
        self.assertEqual(out, b"")

    def kill_and_restart(self, masters, workers, victim):
        """Kills the leader and this worker, and starts them again after the standby has taken
        over."""
        leader = self.leader(masters)
        name = next(name for name, process in masters.items() if process is leader)
        standby = next(process for process in masters.values() if process is not leader)
        leader.kill()
        workers[victim].kill()
        standby.err.await_text("took over")
        masters[name] = self.master(name)
        workers[victim] = self.worker(victim)
        self.assertTrue(
            masters[name].err.until(lambda b: b"standby: " in b or b"elected leader" in b))
        workers[victim].err.await_text("registered")

    def test_leader_and_worker_are_killed_and_started_again(self):
        masters = {name: self.master(name) for name in ("m1", "m2")}
        workers = {name: self.worker(name) for name in ("w1", "w2", "w3")}
        self.client.until(lambda names: len(names) == 3, "/workers")
        submit = self.rota("submit", "--wait", "--file", "-", input=self.input)
        submit.out.until(lambda b: len(b) > self.prefix(100))
        self.kill_and_restart(masters, workers, "w1")
        submit.out.until(lambda b: len(b) > self.prefix(300))
        self.kill_and_restart(masters, workers, "w2")
        self.check_output(submit)
        self.assertEqual(self.run_rota("list", "tasks").out.bytes, b"")
        self.assertEqual(self.run_rota("list", "assignments").out.bytes, b"")
        for process in [*workers.values(), *masters.values()]:
            process.stop()
        judge = history.judge(self.server.history(), self.chroot)
        self.assertEqual(judge.statuses, len(self.lines))
        lost = {name for name, worker in workers.items() if "session ended" in worker.err.text}
        self.assertLessEqual({worker for _, worker, _ in judge.moves}, {"w1", "w2"} | lost)

    def test_leader_is_stopped_and_continued(self):
        """A stopped leader stands by when it continues. Its log contains only its trace."""
        masters = {name: self.master(name) for name in ("m1", "m2")}
        workers = [self.worker(name) for name in ("w1", "w2")]
        submit = self.rota("submit", "--wait", "--file", "-", input=self.input)
        submit.out.until(lambda b: len(b) > self.prefix(100))
        leader = self.leader(masters)
        standby, = (master for master in masters.values() if master is not leader)
        leader.signal(signal.SIGSTOP)
        standby.err.await_text("took over")
        leader.signal(signal.SIGCONT).err.await_text("session ended", "standby: ")
        self.check_output(submit)
        for line in leader.err.text.splitlines():
            self.assertRegex(line, r"^\[ *[0-9]+\.[0-9]{3}s\] m[12]  ")
        for process in [*workers, *masters.values()]:
            process.stop()

    def test_run_on_zookeeper(self):
        run = self.rota("run", "--jobs", "4", "-", "--session", self.session, input=self.input)
        self.check_output(run)

    def test_run_embedded(self):
        run = self.rota("run", "--jobs", "4", "-", input=self.input, environment={"ROTA_ZK": ""})
        self.check_output(run)


if __name__ == "__main__":
    unittest.main()
