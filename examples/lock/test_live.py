#!/usr/bin/python3
"""The command `lock` on a real ZooKeeper: two processes that want the same lock, one of which is
killed, stopped or disturbed."""

import os
import re
import select
import signal
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "tests", "live", "end_to_end"))
from fixtures import TIMEOUT_S, Process, Server  # noqa: E402

import kazoo.client  # noqa: E402

LOCK = os.environ["LOCK_PROGRAM"]
SESSION = "2s"


class Live(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.log = os.path.join(self.folder.name, "log")

    def lock(self, command, session=SESSION):
        words = [LOCK, "-s", session, self.server.hosts, "/locks/one", "--", "sh", "-c", command]
        process = Process(words, dict(os.environ, LOG=self.log))
        self.addCleanup(process.close)
        return process

    def holder(self, command="echo $$; exec sleep 1000"):
        """A process that holds the lock, and the number of its command's process."""
        process = self.lock(command)
        process.err.await_text("holds /locks/one, fence ")
        process.out.await_text("\n")
        return process, int(process.out.text)

    def store(self):
        client = kazoo.client.KazooClient(self.server.hosts)
        client.start(TIMEOUT_S)
        self.addCleanup(client.close)
        self.addCleanup(client.stop)
        return client

    def fence(self, process):
        return int(re.search(r"fence (\d+)", process.err.text).group(1))

    def assert_gone(self, pid):
        """It has ended, though perhaps its new parent has not waited for it yet."""
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
                self.assertEqual(stat.read().rsplit(") ")[1][0], "Z")
        except FileNotFoundError:
            pass

    def await_gone(self, pid):
        """It ends soon; the kernel signals it when its parent is killed."""
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        self.addCleanup(os.close, descriptor)
        ended, _, _ = select.select([descriptor], [], [], TIMEOUT_S)
        self.assertTrue(ended, pid)

    def test_command(self):
        process = self.lock('echo "$LOCK_PATH $LOCK_FENCE"; exit 7')
        self.assertEqual(process.status(), 7)
        self.assertEqual(process.out.text, f"/locks/one {self.fence(process)}\n")

    def test_in_turn(self):
        """The second one waits for the end of the first one, and has a higher fence."""
        os.mkfifo(self.log)
        first, _ = self.holder("echo $$; read -r _ <$LOG; echo first >>$LOG.order")
        second = self.lock("echo second >>$LOG.order")
        with open(self.log, "w", encoding="utf-8") as gate:
            gate.write("go\n")
        self.assertEqual((first.status(), second.status()), (0, 0))
        with open(self.log + ".order", encoding="utf-8") as order:
            self.assertEqual(order.read(), "first\nsecond\n")
        self.assertLess(self.fence(first), self.fence(second))

    def test_killed(self):
        """If a holder is killed its command dies, and the lock is free when its session ends."""
        first, pid = self.holder()
        second = self.lock("true")
        first.kill()
        first.out.ends()
        self.await_gone(pid)
        self.assertEqual(second.status(), 0)
        self.assertLess(self.fence(first), self.fence(second))

    def test_stopped(self):
        """A holder that is paused past its session ends its command when it is resumed. By then
        only the next holder can write to the store."""
        first, _ = self.holder()
        first.signal(signal.SIGSTOP)
        second, _ = self.holder()
        store = self.store()
        data = store.get("/locks/one/store")[0].decode()
        self.assertIn(f"fence={self.fence(second)} ", data)
        first.signal(signal.SIGCONT)
        self.assertEqual(first.status(), 1)
        self.assertIn("the lock was lost", first.err.text)
        data = store.get("/locks/one/store")[0].decode()
        self.assertIn(f"fence={self.fence(second)} ", data)
        second.signal(signal.SIGTERM)
        self.assertEqual(second.status(), 130)
        self.assertEqual(sorted(store.get_children("/locks/one")), ["fence", "store"])

    def test_server_gone(self):
        """Without a server the lease ends, and the command with it."""
        first, pid = self.holder()
        self.server.kill()
        self.assertEqual(first.status(), 1)
        self.assert_gone(pid)

    def test_terminated(self):
        first, pid = self.holder()
        second = self.lock("true")
        first.signal(signal.SIGTERM)
        self.assertEqual(first.status(), 130)
        self.assert_gone(pid)
        self.assertEqual(second.status(), 0)

    def test_usage(self):
        for words in ([], ["h:1", "/a", "--"], ["h:1", "/a", "true", "x"],
                      ["h:1", "a", "--", "true"], ["h:1", "/", "--", "true"],
                      ["-s", "10", "h:1", "/a", "--", "true"]):
            process = Process([LOCK, *words], dict(os.environ))
            self.addCleanup(process.close)
            self.assertEqual(process.status(), 2, words)
            self.assertIn("usage: lock", process.err.text)


if __name__ == "__main__":
    unittest.main()
