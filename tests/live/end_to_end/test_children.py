#!/usr/bin/python3
"""All processes of a task end when its worker is lost, even if they try to escape."""

import os
import signal
import unittest

import history
from fixtures import Case, Gate, Lifeline

# Ways to escape: in the background, in another group, in another session, or ignoring signals.
ESCAPES = ("sleep 1000 & "
           "setsid sleep 1000 & "
           "setsid -f sh -c 'setsid sleep 1000 & sleep 1000' & "
           "sh -c 'trap \"\" TERM HUP INT; sleep 1000; sleep 1000' & "
           "setsid -f env -i sh -c 'sleep 1000' & "
           "perl -e 'setpgrp(0, 0); exec \"sleep\", 1000' & "
           "nohup sleep 1000 >/dev/null 2>&1 & ")


class Children(Case):
    session = "4s"
    SECONDS = 4

    def setUp(self):
        super().setUp()
        self.m1 = self.master("m1")
        self.life = Lifeline(self)

    def submit(self, line):
        self.task = self.run_rota("submit", line).out.text.strip()

    def finish_elsewhere(self):
        """The task is assigned to another worker and runs to its end there."""
        self.w2 = self.worker("w2")
        wait = self.rota("wait", self.task)
        self.assertEqual(wait.status(), 0, wait.err.text)
        return wait.out.text

    def stop_all(self):
        """The znodes of a lost worker are removed one session timeout later."""
        self.w2.stop()
        self.client.until(lambda names: names == [], "/assign")
        self.m1.stop()

    def lose(self, escapes, number):
        """Sends this signal to a worker whose run never ends. All processes of the run end with
        the lease, or shortly after it on a busy machine. The second run ends by itself."""
        self.submit(f"test $ROTA_ATTEMPT -gt 1 && echo again && exit; {self.life.take}"
                    f"{escapes} sleep 1000")
        w1 = self.worker("w1")
        self.life.begins()
        w1.signal(number)
        took = self.life.ends(10 * self.SECONDS)
        self.assertLess(took, 2 * self.SECONDS)
        self.assertEqual(self.finish_elsewhere(), "again\n")
        return w1

    def test_killed_worker(self):
        self.lose("", signal.SIGKILL).process.wait()
        self.stop_all()

    def test_killed_worker_of_a_task_that_escapes(self):
        self.lose(ESCAPES, signal.SIGKILL).process.wait()
        self.stop_all()

    def test_stopped_worker(self):
        """Its late result changes nothing: another worker has completed the task."""
        w1 = self.lose(ESCAPES, signal.SIGSTOP)
        w1.signal(signal.SIGCONT)
        w1.err.await_text("session ended", "registered")
        self.assertEqual(w1.err.text.count("completed"), 0)
        w1.stop()
        self.stop_all()

    def test_result_of_a_stopped_worker_comes_too_late(self):
        """The run ends within the lease while its worker is stopped; the guard keeps the result
        until the worker continues."""
        gate = Gate(self)
        self.submit(f"test $ROTA_ATTEMPT -gt 1 && echo new && exit; {self.life.take}"
                    f"{gate.wait} echo old")
        w1 = self.worker("w1")
        self.life.begins()
        w1.signal(signal.SIGSTOP)
        gate.open()
        self.life.ends()
        self.assertEqual(self.finish_elsewhere(), "new\n")
        w1.signal(signal.SIGCONT)
        w1.err.await_text("session ended", "registered")
        w1.stop()
        self.stop_all()
        judge = history.judge(self.server.history(), self.chroot)
        self.assertEqual(judge.statuses, 1)

    def test_stopped_guard(self):
        """A run that stops its guard ends like any other, and so do later runs."""
        w1 = self.worker("w1")
        for number in range(3):
            self.submit(f"kill -STOP $PPID; echo {number}")
            self.assertEqual(self.run_rota("wait", self.task).out.text, f"{number}\n")
        w1.stop()
        self.m1.stop()

    def test_killed_guard(self):
        """A worker whose guard was killed ends with a sentence."""
        self.submit(f"test $ROTA_ATTEMPT -gt 1 && echo again && exit; {self.life.take}"
                    "echo $PPID >&2; sleep 1000")
        w1 = self.worker("w1")
        self.life.begins()
        w1.err.await_text("task-")
        guard = next(pid for pid in self.own_processes() if " guard " in self.name_of(pid))
        os.kill(guard, signal.SIGKILL)
        self.life.ends()
        self.assertEqual(w1.status(), 1)
        self.assertIn("guard", w1.err.text)
        self.assertIn("the guard process ended", self.run_rota("history", self.task).out.text)
        self.assertEqual(self.finish_elsewhere(), "again\n")
        self.stop_all()


if __name__ == "__main__":
    unittest.main()
