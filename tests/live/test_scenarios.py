#!/usr/bin/python3
"""Scenario files of zkCli sessions on a real ZooKeeper: the same files as in virtual time, each
on a new server."""

import glob
import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "end_to_end"))
from fixtures import TIMEOUT_S, PROGRAM, Server  # noqa: E402

SCENARIOS = os.path.join(HERE, "..", "..", "scenarios")


def run_live(file, hosts):
    return subprocess.run([PROGRAM, "sim", "run", file, "--live", hosts], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=TIMEOUT_S, check=False)


def scenario_file(case, text):
    file = tempfile.NamedTemporaryFile("w", suffix=".scn", encoding="utf-8")
    case.addCleanup(file.close)
    file.write(text)
    file.flush()
    return file.name


class Live(unittest.TestCase):
    def server(self):
        server = Server()
        self.addCleanup(server.close)
        return server

    def test_files(self):
        files = sorted(glob.glob(os.path.join(SCENARIOS, "zkcli", "*-seed-*.scn")))
        self.assertGreaterEqual(len(files), 3)
        for file in files:
            with self.subTest(os.path.basename(file)):
                run = run_live(file, self.server().hosts)
                self.assertEqual((run.returncode, run.stdout[:2]), (0, "ok"), run.stdout)

    def test_difference(self):
        file = scenario_file(self, 'scenario "x"\nzk z1: ls /zookeeper\n----\n[zoo]\n----\n')
        run = run_live(file, self.server().hosts)
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stdout, r":2: the output of z1 differs from what is expected from "
                                     r"line 4 on:\n    - \[zoo\]\n    \+ \[config, quota\]\n")

    def test_tree(self):
        hosts = self.server().hosts
        for text in ("[zookeeper]", "[assign, <any>, tasks, workers, zookeeper]"):
            file = scenario_file(self, f'scenario "x"\nzk z1: ls /\n----\n{text}\n----\n')
            run = run_live(file, hosts)
            self.assertEqual((run.returncode, run.stdout[:2]), (0, "ok"), run.stdout)

    def test_other_statements(self):
        for text in ("start all\n", "cluster masters=1\nzk z1:\n", "without progress\nzk z1:\n",
                     "zk z1:\nuntil exists /a within 1s\n", ""):
            run = run_live(scenario_file(self, 'scenario "x"\n' + text), "127.0.0.1:1")
            self.assertEqual(run.returncode, 2, run.stdout)
            self.assertEqual(len(re.findall("a seed and zk statements\n", run.stdout)), 1)

    def test_server_is_not_found(self):
        file = scenario_file(self, 'scenario "x"\nzk z1:\n')
        run = run_live(file, "no..where:1")
        self.assertEqual(run.returncode, 3)
        self.assertIn("cannot be found", run.stdout)


if __name__ == "__main__":
    unittest.main()
