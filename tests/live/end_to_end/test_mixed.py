#!/usr/bin/python3
"""A mixture of all kinds of tasks, while masters and workers are killed and paused. Each task
gets the expected final status, once, and nothing is left. The environment variable ROTA_MIXED
sets the number of tasks (default 1,000)."""

import collections
import json
import os
import random
import signal
import threading
import time
import unittest

import history
from fixtures import Case

COUNT = int(os.environ.get("ROTA_MIXED", "1000"))
MINUTES = 2 + COUNT / 500  # time limit of the test
BATCH = 200


def specification(payload, **members):
    return json.dumps({"rota": 1, "payload": payload, **members}).encode()


def kinds(name, done, failing):
    """One task of each kind: its payload and expected final status. `done` and `failing` are
    the names of earlier tasks on which it may depend."""
    again = dict(backoff_ms=50, backoff_cap_ms=500)
    return [
        *[(f"echo {name}".encode(), "done")] * 8,
        (b"exit 3", "failed"),
        (specification("exit 3", retries=2, **again), "dead"),
        (specification('[ "$ROTA_ATTEMPT" -gt 1 ]', retries=50, **again), "done"),
        (specification("exit 9", retries=5, fatal=[9]), "failed"),
        (specification("sleep 0.3"), "done"),
        (specification("sleep 600", timeout_ms=300), "failed"),
        (specification("echo late", delay_ms=3000, priority=5), "done"),
        (specification("echo never", tags=["nobody"], expires_ms=2000), "expired"),
        (specification("sleep 600", priority=9), "cancelled"),
        (specification("sleep 600", delay_ms=86400000), "cancelled"),
        (specification("echo after", after=[done]), "done"),
        (specification("echo after", after=[failing]), "skipped"),
    ]


class Mixed(Case):
    session = "3s"

    def setUp(self):
        super().setUp()
        self.leaves_registrations = True

    def submit(self, count):
        """Submits many tasks in each transaction. The tasks on which others depend are marked."""
        expected, cancelled = {}, []
        done, failing = "task-a", "task-b"
        first = [(done, b"echo a", "done"), (failing, b"exit 1", "failed")]
        rest = []
        for i in range(count - 2):
            name = f"task-{i:06}-x"
            payload, state = kinds(name, done, failing)[i % 20]
            rest.append((name, payload, state))
        for begin in range(0, count, BATCH):
            some = (first + rest)[begin:begin + BATCH]
            transaction = self.client.transaction()
            for name, payload, state in some:
                transaction.create(f"/tasks/{name}", payload)
                expected[name] = state
            if begin == 0:
                for name, payload, _ in first:
                    transaction.set_data(f"/tasks/{name}", payload)
            self.commit(transaction)
            cancelled += [name for name, _, state in some if state == "cancelled"]
        return expected, cancelled

    def disturb(self, chance):
        """Kills or pauses a process, and starts or continues it again. Only the main thread starts
        processes, since they are killed when the thread that started them ends."""
        name = chance.choice([*self.members])
        process = self.members[name]
        if chance.random() < 0.5:
            process.kill()
            self.members[name] = self.begin(name)
        else:
            process.signal(signal.SIGSTOP)
            self.pause(chance.uniform(0.5, 5))
            process.signal(signal.SIGCONT)
        self.pause(chance.uniform(0.3, 1.5))

    @staticmethod
    def pause(seconds):
        """The duration of a disturbance; nothing is waited for."""
        threading.Event().wait(seconds)

    def cancel(self, names):
        """Cancels the tasks and stores the printed lines in self.cancel_lines."""
        for begin in range(0, len(names), 100):
            process = self.rota("cancel", *names[begin:begin + 100])
            process.status(within=MINUTES * 60)
            self.cancel_lines += process.out.text.splitlines()

    def begin(self, name):
        if name.startswith("m"):
            return self.rota("master", "--id", name, "--session", self.session, "--losses", "1000",
                             "--hold", "2s")
        return self.worker(name, "--shell", slots=4)

    def states(self):
        found = {}
        for name in self.client.get_children("/tasks"):
            try:
                data = self.client.get(f"/tasks/{name}/status")[0]
            except Exception:  # there is no status yet
                continue
            found[name] = data.split(b"\n")[0].split()[0].decode()
        return found

    def collect(self, names):
        names = list(names)
        for begin in range(0, len(names), BATCH):
            transaction = self.client.transaction()
            for name in names[begin:begin + BATCH]:
                transaction.delete(f"/tasks/{name}/status")
                transaction.delete(f"/tasks/{name}")
            self.commit(transaction)

    def commit(self, transaction):
        self.assertEqual([r for r in transaction.commit() if isinstance(r, Exception)], [])

    def until(self, condition, meanwhile):
        end = time.monotonic() + MINUTES * 60
        while not condition() and time.monotonic() < end:
            meanwhile()

    def test_all_kinds_of_tasks(self):
        chance, self.cancel_lines = random.Random(1), []
        self.members = {name: self.begin(name) for name in ("m1", "m2", "w1", "w2", "w3")}
        expected, cancelled = self.submit(COUNT)
        cancelling = threading.Thread(target=self.cancel, args=(cancelled,))
        cancelling.start()
        self.disturb(chance)
        self.until(lambda: len(self.states()) == len(expected), lambda: self.disturb(chance))
        cancelling.join()
        states = self.states()
        self.assertEqual(collections.Counter(expected[n] for n in expected if n not in states), {})
        self.assertEqual({n: s for n, s in states.items() if s != expected[n]}, {})
        self.assertEqual(sorted(line.split(":")[0] for line in self.cancel_lines),
                         sorted(f"{name} cancelled" for name in cancelled))
        self.collect(states)
        self.until(lambda: not self.client.get_children("/history")
                   and not self.client.get_children("/cancel"), lambda: self.pause(0.5))
        for name in sorted(self.members, reverse=True):
            self.members[name].stop()
        judge = history.judge(self.server.history(), self.chroot)
        self.assertEqual(judge.statuses, len(expected))


if __name__ == "__main__":
    unittest.main()
