#!/usr/bin/python3
"""Clients and workers in another language, which use only the znodes of the tree."""

import threading
import unittest

from kazoo.exceptions import NoNodeError

from fixtures import TIMEOUT_S, Case, Client, Gate

TASKS = 30


class PlainWorker:
    """A worker on a plain ZooKeeper client: it registers with two creates, watches its
    assignments, writes `done`, and deletes the assignment or leaves that to the master."""

    def __init__(self, zk, name, tidy=True, lazy=False, data=b"127.0.0.1:2224"):
        self.zk = Client(zk)
        self.name = name
        self.tidy = tidy
        self.lazy = lazy
        self.done = []
        self.assigned = threading.Event()
        self.zk.create(f"/workers/{name}", data, ephemeral=True)
        self.zk.create(f"/assign/{name}", b"")
        self.read_assignments()

    def read_assignments(self, event=None):
        if self.zk.client_state != "CONNECTED":
            return
        for task in self.zk.get_children(f"/assign/{self.name}", watch=self.read_assignments):
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
    """Waits for a task with a watch for its `status`, and collects it with two deletes."""
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
        """Waits until the master has removed all assignments, and stops the processes."""
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
        """A plain worker that deletes its assignments, one that does not, and a worker of rota."""
        self.leaves_assignments = True
        w1 = self.worker("w1", slots=1)
        plain = [PlainWorker(self.zk, "tidy"), PlainWorker(self.zk, "untidy", tidy=False)]
        self.m1.err.await_text("worker w1 registered", "worker tidy registered",
                          "worker untidy registered")
        tasks = [self.submit(b"sleep 0.1; echo %d" % i) for i in range(TASKS)]
        found = [collect(self.client, task) for task in tasks]
        for i, (task, status) in enumerate(zip(tasks, found)):
            by_plain_worker = any(task in worker.done for worker in plain)
            self.assertEqual(status, b"done" if by_plain_worker else b"done\n%d\n" % i)
        self.assertTrue(all(worker.done for worker in plain))
        self.client.until(lambda names: names == [], "/assign/untidy")
        for worker in plain:
            worker.leave()
        w1.stop()
        self.leave_all()

    def test_task_whose_status_is_gone_does_not_run_again(self):
        """A takeover between the two deletes of a collection does not start the task again."""
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

    def test_workers_with_wrong_numbers_of_slots(self):
        """A worker reports a million slots, another a negative number; their tasks run after
        they have left."""
        workers = [self.worker(f"w{i}", slots=1) for i in range(3)]
        plain = [PlainWorker(self.zk, "huge", lazy=True, data=b"liar slots=1000000"),
                 PlainWorker(self.zk, "less", lazy=True, data=b"liar\xff slots=-3 slots=many")]
        self.m1.err.await_text("worker huge registered, 4096 slots",
                               "worker less registered, 1 slots")
        tasks = [self.submit(b"echo %d" % i) for i in range(TASKS)]
        self.assertTrue(plain[0].assigned.wait(TIMEOUT_S))
        self.assertLessEqual(len(self.client.get_children("/assign/less")), 1)
        for worker in plain:
            worker.leave()
        self.assertEqual([collect(self.client, task) for task in tasks],
                         [b"done\n%d\n" % i for i in range(TASKS)])
        for worker in workers:
            worker.stop()
        self.leave_all()

    def test_lost_worker(self):
        """The tasks of a lost worker are assigned again."""
        lazy = PlainWorker(self.zk, "lazy", lazy=True)
        self.m1.err.await_text("worker lazy registered")
        task = self.submit(b"echo again")
        self.assertTrue(lazy.assigned.wait(TIMEOUT_S))
        lazy.leave()
        w1 = self.worker("w1")
        self.assertEqual(collect(self.client, task), b"done\nagain\n")
        w1.stop()
        self.leave_all()

    def test_task_withdrawn_while_it_runs(self):
        """A client may delete its task at any time; no record of it stays."""
        w1 = self.worker("w1", slots=1)
        gate = Gate(self)
        task = self.submit(gate.wait.encode() + b":")
        w1.err.await_text("running " + task)
        self.client.delete(f"/tasks/{task}")
        gate.open()
        self.assertEqual(collect(self.client, self.submit(b"echo next")), b"done\nnext\n")
        self.assertRaises(NoNodeError, self.client.get, f"/tasks/{task}")
        w1.stop()
        self.leave_all()

    def test_results_of_rota_for_other_clients(self):
        """Another client collects a task of rota's client, and the reverse."""
        w1 = self.worker("w1")
        ours = self.run_rota("submit", "printf 'a\\0b'").out.text.strip()
        theirs = self.submit(b"printf 'c\\0d'")
        self.assertEqual(collect(self.client, ours), b"done\na\0b")
        self.assertEqual(self.run_rota("wait", theirs).out.bytes, b"c\0d")
        w1.stop()
        self.leave_all()


if __name__ == "__main__":
    unittest.main()
