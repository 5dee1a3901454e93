"""The base class of tests that follow tasks from submission to collection: it has a master, starts
workers, and expects an empty tree in the end."""

import json
import time

from fixtures import TIMEOUT_S, Case

DONE, FAILED, REFUSED = 0, 1, 4


class TaskCase(Case):
    session = "10s"

    def setUp(self):
        super().setUp()
        self.m1 = self.master("m1", "2s")
        self.workers = []

    def start_worker(self, name="w1", *more, slots=2):
        worker = self.worker(name, "--shell", "--grace", "300ms", *more, slots=slots)
        self.workers.append(worker)
        worker.err.await_text("registered")
        return worker

    def finish(self):
        """Stops all workers and the master in good order. Records outside of /tasks are left to
        the next master, which sweeps them as soon as it leads."""
        for worker in self.workers:
            worker.stop()
        for name in ("/tasks", "/retry", "/assign", "/drain"):
            self.client.until(lambda names: names == [], name)
        self.m1.stop()

    def submit(self, payload, *terms, status=DONE):
        return self.run_rota("submit", payload, *terms, status=status).out.text.strip()

    def collect(self, *names, status=DONE):
        return self.run_rota("wait", *names, status=status)

    def rows(self, *words):
        lines = self.run_rota(*words, "--json").out.text.splitlines()
        return [json.loads(line) for line in lines]

    def row(self, name):
        return next(row for row in self.rows("list", "tasks") if row["task"] == name)

    def until_row(self, name, **wanted):
        """Repeats the listing until it shows the task with these values."""
        end = time.monotonic() + TIMEOUT_S
        while time.monotonic() < end:
            row = self.row(name)
            if all(part in str(row[column]) for column, part in wanted.items()):
                return row
        raise AssertionError(f"{name} stays {row}")

    def attempts(self, name):
        return [(row["attempt"], row["how"], row["reason"]) for row in self.rows("history", name)]

    def outcome(self, *words, status=DONE):
        return self.run_rota(*words, status=status).out.text.splitlines()
