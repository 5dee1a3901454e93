#!/usr/bin/python3
"""Requests of an operator for tasks and workers on a real server, and the listings."""

import json
import shlex
import unittest

from task_case import DONE, FAILED, TaskCase
from fixtures import PROGRAM, Gate, Lifeline, Process


class Cancellation(TaskCase):
    def test_waiting_task(self):
        self.submit("echo x", "--id", "t")
        self.assertEqual(self.outcome("cancel", "t")[0].split(":")[0], "t cancelled")
        program = self.collect("t", status=FAILED)
        self.assertIn("task t: cancelled", program.err.text)
        self.finish()

    def test_running_tasks(self):
        """One task handles SIGTERM and prints a line, the other ignores it."""
        self.start_worker("w1", "--grace", "3s")
        heard, deaf = Lifeline(self), Lifeline(self)
        self.submit(f"{heard.take} trap 'echo bye; exit 0' TERM; while :; do sleep 0.05; done",
                    "--id", "heard")
        self.submit(f"{deaf.take} trap '' TERM; while :; do sleep 1000; done", "--id", "deaf")
        heard.begins()
        deaf.begins()
        self.assertEqual(self.outcome("cancel", "deaf", "heard"),
                         ["deaf cancelled", "heard cancelled"])
        heard.ends()
        deaf.ends()
        self.assertEqual(self.collect("heard", "deaf", status=FAILED).out.text, "bye\n")
        self.finish()

    def test_task_that_ended_first_is_reported(self):
        self.start_worker()
        self.submit("echo x", "--id", "t")
        self.run_rota("wait", "--keep", "t")
        program = self.run_rota("cancel", "t", "nosuch", "--json", status=FAILED)
        objects = [json.loads(line) for line in program.out.text.splitlines()]
        self.assertEqual([(o["name"], o["state"]) for o in objects],
                         [("t", "done"), ("nosuch", "missing")])
        self.assertEqual(objects[0]["reason"], "it had already ended")
        self.collect("t")
        self.finish()

    def test_name_given_twice_counts_once(self):
        self.submit("echo x", "--id", "t")
        self.assertEqual([line.split(":")[0] for line in self.outcome("cancel", "t", "t")],
                         ["t cancelled"])
        self.assertEqual(self.outcome("retry", "t", "t"), ["t waiting"])
        self.start_worker()
        self.assertEqual(self.outcome("drain", "w1", "w1"), ["w1 draining"])
        self.assertEqual(self.outcome("undrain", "w1", "w1"), ["w1 undrained"])
        self.assertEqual(self.collect("t", "t").out.text, "x\n")
        self.finish()

    def test_race_has_one_outcome(self):
        """Tasks end while they are cancelled; `cancel` and `wait` report the same status."""
        self.start_worker(slots=8)
        names = [f"t{i}" for i in range(16)]
        for i, name in enumerate(names):
            self.submit(f"sleep 0.{i % 8}; echo out", "--id", name)
        program = self.rota("cancel", *names)
        program.status()
        said = dict(line.split(":")[0].split(" ") for line in program.out.text.splitlines())
        ended = {row["name"]: row["state"]
                 for row in map(json.loads, self.run_any("wait", "--json", *names))}
        self.assertEqual(said, ended)
        self.finish()

    def run_any(self, *words):
        """Runs the program; some of the tasks may have failed."""
        program = self.rota(*words)
        self.assertIn(program.status(), (DONE, FAILED))
        return program.out.text.splitlines()


class Draining(TaskCase):
    def test_drained_worker_finishes_its_task_and_takes_no_other(self):
        self.start_worker()
        gate, life = Gate(self), Lifeline(self)
        self.submit(f"{life.take} {gate.wait} echo a", "--id", "a")
        life.begins()
        self.assertEqual(self.outcome("drain", "w1"), ["w1 draining"])
        drain = self.rota("drain", "w1", "--wait")
        self.submit("echo b", "--id", "b")
        gate.open()
        self.assertEqual(drain.status(), DONE)
        self.assertEqual(drain.out.text, "w1 drained\n")
        self.assertEqual(self.collect("a").out.text, "a\n")
        self.assertEqual(self.row("b")["state"], "waiting")
        self.assertEqual(self.outcome("undrain", "w1"), ["w1 undrained"])
        self.assertEqual(self.collect("b").out.text, "b\n")
        self.assertEqual(self.outcome("undrain", "w1", status=FAILED)[0].split(":")[0],
                         "w1 missing")
        self.assertEqual(self.outcome("drain", "w9", status=FAILED)[0].split(":")[0], "w9 missing")
        self.finish()

    def test_run_above_the_drain_timeout_is_handed_back(self):
        """A run that is handed back counts neither as a failure nor as a loss."""
        self.start_worker()
        life = Lifeline(self)
        self.submit(f"test $ROTA_ATTEMPT -gt 1 && echo $ROTA_WORKER && exit; {life.take}"
                    "sleep 1000", "--id", "t")
        life.begins()
        self.start_worker("w2")
        self.assertEqual(self.outcome("drain", "w1", "--wait", "--drain-timeout", "200ms"),
                         ["w1 drained"])
        self.run_rota("wait", "--keep", "t")
        self.assertEqual([how for _, how, _ in self.attempts("t")], ["handed-back", "done"])
        self.assertEqual(self.collect("t").out.text, "w2\n")
        self.outcome("undrain", "w1")
        self.finish()


class Progress(TaskCase):
    def test_listing_shows_progress(self):
        self.start_worker()
        gate = Gate(self)
        self.submit(f"echo 10% >&3; echo '20 % of it' >&3; {gate.wait} true", "--id", "t")
        self.until_row("t", state="assigned", note="20 % of it")
        gate.open()
        self.collect("t")
        self.client.until(lambda names: names == [], "/progress")
        self.finish()

    def test_terminal_shows_progress(self):
        self.start_worker()
        gate = Gate(self)
        task = f"echo half way >&3; {gate.wait} echo end"
        command = shlex.join([PROGRAM, "submit", "--wait", task])
        program = Process(["script", "-qefc", command, "/dev/null"], self.environment())
        self.processes.append(program)
        program.out.await_text("; half way")
        gate.open()
        self.assertEqual(program.status(), DONE)
        program.out.await_text("end")
        self.finish()


class Retention(TaskCase):
    def test_result_that_is_not_collected_is_removed(self):
        self.start_worker()
        self.submit("echo x", "--id", "t", "--keep", "1ms")
        self.submit("echo x", "--id", "u")
        self.client.until(lambda names: names == ["u"], "/tasks")
        self.collect("u")
        self.finish()

    def test_history_is_removed_after_its_task(self):
        """The leading master looks for old histories from time to time."""
        self.start_worker()
        self.submit("exit 1", "--id", "t")
        self.client.until(lambda names: names == ["t"], "/history")
        self.collect("t", status=FAILED)
        self.client.until(lambda names: names == [], "/history")
        self.finish()


if __name__ == "__main__":
    unittest.main()
