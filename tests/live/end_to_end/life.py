"""What the tests of a task's whole life have in common: a master, workers as they are wanted, and a
tree that is empty in the end."""

import json
import time

from stage import PATIENCE, Case

DONE, FAILED, REFUSED = 0, 1, 4


class Life(Case):
    session = "10s"

    def setUp(self):
        super().setUp()
        self.m1 = self.master("m1", "2s")
        self.workers = []

    def work(self, name="w1", *more, slots=2):
        worker = self.worker(name, "--shell", "--grace", "300ms", *more, slots=slots)
        self.workers.append(worker)
        worker.err.hears("registered")
        return worker

    def finish(self):
        """Everybody leaves in good order. What lies beside the tree is left to the next master, who
        sweeps as soon as it leads."""
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
        """Asks until the listing shows the task like that."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            row = self.row(name)
            if all(part in str(row[column]) for column, part in wanted.items()):
                return row
        raise AssertionError(f"{name} stays {row}")

    def attempts(self, name):
        return [(row["attempt"], row["how"], row["reason"]) for row in self.rows("history", name)]

    def outcome(self, *words, status=DONE):
        return self.run_rota(*words, status=status).out.text.splitlines()
