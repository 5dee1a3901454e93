#!/usr/bin/python3
"""Clients and workers in another language take part, knowing nothing but the tree."""

import threading
import unittest

from kazoo.exceptions import NoNodeError

from stage import PATIENCE, Case, Client, Gate

TASKS = 30


class Seed:
    """A worker in the manner of the seeds: it registers by two creates, watches its assignments,
    writes `done`, and deletes the assignment or leaves it to the master."""

    def __init__(self, zk, name, tidy=True, lazy=False, data=b"127.0.0.1:2224"):
        self.zk = Client(zk)
        self.name = name
        self.tidy = tidy
        self.lazy = lazy
        self.done = []
        self.assigned = threading.Event()
        self.zk.create(f"/workers/{name}", data, ephemeral=True)
        self.zk.create(f"/assign/{name}", b"")
        self.look()

    def look(self, event=None):
        if self.zk.client_state != "CONNECTED":
            return
        for task in self.zk.get_children(f"/assign/{self.name}", watch=self.look):
            self.assigned.set()
            if task not in self.done and not self.lazy:
                self.do(task)

    def do(self, task):
        self.done.append(task)
        self.zk.get(f"/tasks/{task}")
        self.zk.create(f"/tasks/{task}/status", b"done")
        if self.tidy:
            self.zk.delete(f"/assign/{self.name}/{task}")

    def leave(self):
        self.zk.close_all()


def collect(client, task):
    """Waits for a task by watching it for `status`; two deletes collect it."""
    client.until(lambda children: children == ["status"], f"/tasks/{task}")
    status = client.get(f"/tasks/{task}/status")[0]
    client.delete(f"/tasks/{task}/status")
    client.delete(f"/tasks/{task}")
    return status


class Foreign(Case):
    def setUp(self):
        super().setUp()
        self.m1 = self.master("m1")

    def submit(self, payload):
        return self.client.create("/tasks/task-", payload, sequence=True).rsplit("/", 1)[1]

    def leave_all(self, *programs):
        """Assignments of finished tasks and places of workers that left are swept."""
        self.client.until(lambda names: names == [], "/assign")
        for program in (*programs, self.m1):
            program.stop()

    def test_client(self):
        w1 = self.worker("w1")
        tasks = [self.submit(b"echo %d" % i) for i in range(TASKS)]
        self.assertEqual([collect(self.client, task) for task in tasks],
                         [b"done\n%d\n" % i for i in range(TASKS)])
        self.assertEqual(collect(self.client, self.submit(b":")), b"done")
        failed = collect(self.client, self.submit(b"echo part; echo why >&2; exit 3"))
        self.assertEqual(failed, b"failed errors=4: exit status 3\npart\nwhy\n")
        w1.stop()
        self.leave_all()

    def test_workers(self):
        """One that deletes its assignments, one that does not, and one of rota's own."""
        self.untidy = True
        w1 = self.worker("w1", slots=1)
        seeds = [Seed(self.zk, "tidy"), Seed(self.zk, "untidy", tidy=False)]
        self.m1.err.hears("worker w1 registered", "worker tidy registered",
                          "worker untidy registered")
        tasks = [self.submit(b"sleep 0.1; echo %d" % i) for i in range(TASKS)]
        found = [collect(self.client, task) for task in tasks]
        for i, (task, status) in enumerate(zip(tasks, found)):
            by_seed = any(task in seed.done for seed in seeds)
            self.assertEqual(status, b"done" if by_seed else b"done\n%d\n" % i)
        self.assertTrue(all(seed.done for seed in seeds))
        self.client.until(lambda names: names == [], "/assign/untidy")
        for seed in seeds:
            seed.leave()
        w1.stop()
        self.leave_all()

    def test_task_whose_status_is_gone_does_not_run_again(self):
        """Between the two deletes of a collect anything may happen, a takeover too."""
        w1 = self.worker("w1", slots=1)
        task = self.submit(b"echo once")
        self.client.until(lambda children: children == ["status"], f"/tasks/{task}")
        self.client.delete(f"/tasks/{task}/status")
        self.m1.stop()
        self.m1 = self.master("m1")
        self.assertEqual(collect(self.client, self.submit(b"echo next")), b"done\nnext\n")
        self.client.delete(f"/tasks/{task}")
        self.assertEqual(w1.err.text.count(f"running {task}"), 1)
        w1.stop()
        self.leave_all()

    def test_workers_that_lie_about_their_slots(self):
        """More than any machine has, fewer than none: what they hold runs when they are gone."""
        honest = [self.worker(f"w{i}", slots=1) for i in range(3)]
        liars = [Seed(self.zk, "huge", lazy=True, data=b"liar slots=1000000"),
                 Seed(self.zk, "less", lazy=True, data=b"liar\xff slots=-3 slots=many")]
        self.m1.err.hears("worker huge registered, 4096 slots", "worker less registered, 1 slots")
        tasks = [self.submit(b"echo %d" % i) for i in range(TASKS)]
        self.assertTrue(liars[0].assigned.wait(PATIENCE))
        self.assertLessEqual(len(self.client.get_children("/assign/less")), 1)
        for liar in liars:
            liar.leave()
        self.assertEqual([collect(self.client, task) for task in tasks],
                         [b"done\n%d\n" % i for i in range(TASKS)])
        for worker in honest:
            worker.stop()
        self.leave_all()

    def test_lost_worker(self):
        """What it held is placed again."""
        lazy = Seed(self.zk, "lazy", lazy=True)
        self.m1.err.hears("worker lazy registered")
        task = self.submit(b"echo again")
        self.assertTrue(lazy.assigned.wait(PATIENCE))
        lazy.leave()
        w1 = self.worker("w1")
        self.assertEqual(collect(self.client, task), b"done\nagain\n")
        w1.stop()
        self.leave_all()

    def test_task_withdrawn_while_it_runs(self):
        """A client may delete its task at any time; nothing of it stays."""
        w1 = self.worker("w1", slots=1)
        gate = Gate(self)
        task = self.submit(gate.wait.encode() + b":")
        w1.err.hears("running " + task)
        self.client.delete(f"/tasks/{task}")
        gate.open()
        self.assertEqual(collect(self.client, self.submit(b"echo next")), b"done\nnext\n")
        self.assertRaises(NoNodeError, self.client.get, f"/tasks/{task}")
        w1.stop()
        self.leave_all()

    def test_results_of_rota_for_all(self):
        """What rota's client submits another collects, and the reverse."""
        w1 = self.worker("w1")
        ours = self.run_rota("submit", "printf 'a\\0b'").out.text.strip()
        theirs = self.submit(b"printf 'c\\0d'")
        self.assertEqual(collect(self.client, ours), b"done\na\0b")
        self.assertEqual(self.run_rota("wait", theirs).out.bytes, b"c\0d")
        w1.stop()
        self.leave_all()


if __name__ == "__main__":
    unittest.main()
