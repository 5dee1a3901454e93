#!/usr/bin/python3
"""The terms of a task on a real server: how often it is tried, its name, when and where it runs."""

import json
import os
import time
import unittest

from task_case import DONE, FAILED, REFUSED, TaskCase
from fixtures import Gate, Lifeline


class Failures(TaskCase):
    def test_retries_end_as_dead(self):
        self.start_worker()
        self.submit("echo try $ROTA_ATTEMPT; echo why >&2; exit 3", "--id", "t", "--retries", "2",
                    "--backoff", "20ms")
        program = self.run_rota("wait", "--keep", "t", status=FAILED)
        self.assertEqual(program.out.text, "try 3\n")
        self.assertIn("task t: dead: 3 attempts failed, the last: exit status 3", program.err.text)
        self.assertIn("why\n", program.err.text)
        failed = [(n, "failed", "exit status 3") for n in (1, 2, 3)]
        self.assertEqual(self.attempts("t"), failed)
        self.assertEqual(self.row("t")["state"], "dead")
        self.assertEqual(self.outcome("retry", "t"), ["t waiting"])
        self.assertEqual(self.collect("t", status=FAILED).out.text, "try 6\n")
        self.finish()

    def test_retry_keeps_the_history(self):
        self.start_worker()
        self.submit("test $ROTA_ATTEMPT -gt 2", "--id", "t", "--retries", "1", "--backoff", "0ms")
        self.run_rota("wait", "--keep", "t", status=FAILED)
        self.assertEqual(self.outcome("retry", "t"), ["t waiting"])
        self.run_rota("wait", "--keep", "t")
        self.assertEqual([how for _, how, _ in self.attempts("t")], ["failed", "failed", "done"])
        self.assertEqual(self.outcome("retry", "t", status=REFUSED), ["t refused: it is done"])
        self.assertEqual(self.outcome("retry", "u", status=FAILED)[0].split(":")[0], "u missing")
        self.collect("t")
        self.finish()

    def test_fatal_status_is_not_retried(self):
        self.start_worker()
        self.submit("exit 9", "--id", "t", "--retries", "5", "--fatal-status", "8,9")
        program = self.collect("t", status=FAILED)
        self.assertIn("task t: failed: exit status 9", program.err.text)
        self.finish()

    def test_log_of_a_task_is_limited(self):
        """The log of the worker is limited; a failure keeps the end of standard error."""
        w1 = self.start_worker()
        program = self.run_rota("submit", "--wait", "seq 1000000 >&2; echo end >&2; exit 1",
                                status=FAILED)
        self.assertTrue(program.err.text.endswith("1000000\nend\n"), program.err.text[-100:])
        w1.err.await_text(f"({6888896 + 4 - 65536} more bytes left out)\n")
        self.assertEqual(w1.err.text.count("1000000\n"), 0)
        self.finish()

    def test_task_that_ignores_sigterm_is_killed_at_its_timeout(self):
        """The timeout is long enough for the task to begin, on a busy machine too."""
        self.start_worker()
        life = Lifeline(self)
        self.submit(f"{life.take} trap '' TERM; setsid sleep 1000 & while :; do sleep 1000; done",
                    "--id", "t", "--timeout", "2s")
        life.begins()
        life.ends()
        program = self.collect("t", status=FAILED)
        self.assertIn("task t: failed: timed out after 2s", program.err.text)
        self.finish()

    def test_daemon_ends_with_its_task(self):
        self.start_worker()
        life = Lifeline(self)
        program = self.rota("submit", "--wait", f"{life.take} setsid -f sleep 1000; echo end")
        life.begins()
        life.ends()
        self.assertEqual(program.status(), DONE)
        self.assertEqual(program.out.text, "end\n")
        self.finish()

    def test_closed_outputs_do_not_end_a_task(self):
        self.start_worker()
        gate = Gate(self)
        program = self.rota("submit", "--wait", f"echo a; exec >&- 2>&- 3>&-; {gate.wait} exit 4")
        gate.open()
        self.assertEqual(program.status(), FAILED)
        self.assertEqual(program.out.text, "a\n")
        program.err.await_text("exit status 4")
        self.finish()


class Names(TaskCase):
    def test_same_name_is_the_same_task(self):
        self.start_worker()
        marks = os.path.join(self.folder, "marks")
        for _ in range(2):
            self.assertEqual(self.submit(f"echo x >>{marks}", "--id", "t"), "t")
        program = self.run_rota("submit", "echo other", "--id", "t", status=REFUSED)
        self.assertIn("another task has this name, with another payload", program.err.text)
        program = self.run_rota("submit", "echo other", "--id", "t", "--json", status=REFUSED)
        self.assertEqual(json.loads(program.out.text)["state"], "refused")
        program = self.run_rota("submit", "x", "--id", "t0123456789", status=REFUSED)
        self.assertIn("must not end in ten digits", program.err.text)
        self.collect("t")
        with open(marks) as f:
            self.assertEqual(f.read(), "x\n")
        self.finish()

    def test_invalid_specification_is_refused(self):
        for payload, part in (('{"rota":2}', "version 2"), ('{"rota":1,"colour":3}', "colour"),
                              ('{"rota":1,"retries":-1}', "retries")):
            program = self.run_rota("submit", payload, status=REFUSED)
            self.assertIn(part, program.err.text)
        self.start_worker()
        program = self.run_rota("submit", "--wait", '{"rota":1,"payload":"echo a"}')
        self.assertEqual(program.out.text, "a\n")
        self.finish()

    def test_limit_of_the_backlog(self):
        self.run_rota("init", "--max-tasks", "3")
        program = self.run_rota("submit", "-", "--json", input=b"a\nb\nc\nd\n", status=REFUSED)
        objects = [json.loads(line) for line in program.out.text.splitlines()]
        refused = [o for o in objects if o.get("state") == "refused"]
        self.assertEqual([o["line"] for o in refused if "name" not in o][-1], 4)
        self.assertEqual(len(objects), 4)
        self.assertGreaterEqual(len(refused), 1)
        self.assertIn("the backlog is full", program.err.text)
        self.assertLessEqual(len(self.client.get_children("/tasks")), 3)
        program = self.run_rota("submit", "-", input=b"a\n" * 5000, status=REFUSED)
        self.assertIn("lines 1 to ", program.err.text)
        self.assertLess(len(program.err.text.splitlines()), 10)
        self.run_rota("init", "--max-tasks", "0")
        self.start_worker()
        named = [o["name"] for o in objects if o not in refused]
        self.run_rota("submit", "--wait", "-", input=b"true\n" * 10)
        self.collect(*named, status=FAILED)
        self.finish()


class Order(TaskCase):
    def test_higher_priority_is_assigned_first(self):
        """The order is exact after a master has read all tasks; a new master reads them first."""
        order = os.path.join(self.folder, "order")
        names = [f"t{priority}" for priority in (0, -5, 7, 3)]
        for name in names:
            self.submit(f"echo {name} >>{order}", "--priority", name[1:], "--id", name)
        self.m1.stop()
        self.m1 = self.master("m2", "2s")
        self.m1.err.await_text("4 tasks listed")
        self.start_worker(slots=1)
        self.collect(*names)
        with open(order) as f:
            self.assertEqual(f.read().split(), ["t7", "t3", "t0", "t-5"])
        self.finish()

    def test_delay_and_time(self):
        self.start_worker()
        self.submit("echo x", "--id", "x", "--delay", "1d")
        self.assertEqual(self.row("x")["state"], "delayed")
        begin = time.time()
        self.submit("date +%s.%N", "--id", "t", "--delay", "1500ms")
        at = int(time.time()) + 6  # both tasks are submitted before that
        for program in [self.rota("submit", "--id", name, "--at", f"@{at}", command)
                        for name, command in (("u", "date +%s.%N"), ("v", "echo v"))]:
            self.assertEqual(program.status(), DONE, program.err.text)
        t, u = map(float, self.collect("t", "u").out.text.split())
        self.assertGreater(t, begin + 1.4)
        self.assertGreater(u, at - 0.1)
        # The time has passed: the existing task is found, and a new one is refused.
        program = self.run_rota("submit", "--wait", "--id", "v", "--at", f"@{at}", "echo v")
        self.assertEqual(program.out.text, "v\n")
        program = self.run_rota("submit", "--id", "v", "--at", f"@{at}", "echo v",
                                status=REFUSED)
        self.assertIn("in the past", program.err.text)
        self.outcome("cancel", "x")
        self.collect("x", status=FAILED)
        self.finish()

    def test_task_expires(self):
        self.submit("echo x", "--id", "t", "--expires", "500ms", "--tag", "gpu")
        self.start_worker()
        program = self.collect("t", status=FAILED)
        self.assertIn("task t: expired", program.err.text)
        self.finish()

    def test_dependencies(self):
        gate = Gate(self)
        self.start_worker()
        self.submit(f"{gate.wait} echo a", "--id", "a")
        self.submit("exit 1", "--id", "b")
        self.submit("echo c", "--id", "c", "--after", "a")
        self.submit("echo d", "--id", "d", "--after", "a,b")
        self.until_row("c", state="blocked", note="a")
        gate.open()
        self.assertEqual(self.collect("c").out.text, "c\n")
        program = self.collect("d", status=FAILED)
        self.assertIn("task d: skipped", program.err.text)
        self.assertIn("b", program.err.text)
        self.collect("a")
        self.collect("b", status=FAILED)
        program = self.run_rota("submit", "x", "--after", "nosuch", status=REFUSED)
        self.assertIn("it depends on nosuch, which does not exist", program.err.text)
        self.finish()

    def test_dependency_is_retried(self):
        """A task on which another depends is retried like any other, and ends as dead."""
        self.start_worker()
        self.submit("exit 1", "--id", "a", "--retries", "2", "--backoff", "300ms")
        self.submit("echo b", "--id", "b", "--after", "a")
        program = self.collect("b", status=FAILED)
        self.assertIn("task b: skipped", program.err.text)
        program = self.collect("a", status=FAILED)
        self.assertIn("task a: dead: 3 attempts failed", program.err.text)
        self.finish()

    def test_tags(self):
        self.start_worker("plain")
        self.submit("echo $ROTA_WORKER", "--id", "t", "--tag", "gpu", "--tag", "big")
        self.until_row("t", state="waiting", note="no worker carries")
        self.start_worker("w2", "--tag", "big")
        self.start_worker("w3", "--tag", "gpu", "--tag", "big")
        self.assertEqual(self.collect("t").out.text, "w3\n")
        self.finish()

if __name__ == "__main__":
    unittest.main()
