#!/usr/bin/python3
"""The way to the servers: what is said when none can be reached, which of several addresses are
tried, and how often; and a server that is too busy."""

import re
import socket
import tempfile
import threading
import unittest

import history
from fixtures import Case, Client, Ensemble, Server, free_port

ALERT = b"\x15\x03\x03\x00\x02\x02\x28"  # of TLS: the handshake has failed


def greet(connection):
    connection.sendall(b"SSH-2.0-OpenSSH_9.2p1 and a comment that makes the line rather long\r\n")
    connection.recv(4096)


def web(connection):
    request = connection.recv(4096)
    if b"\n" in request:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    else:
        connection.recv(4096)


def tls(connection):
    if connection.recv(4096)[:1] == b"\x16":
        connection.sendall(ALERT)
        connection.recv(4096)


def silent(connection):
    while connection.recv(4096):
        pass


def no_quorum(connection):
    if connection.recv(4096).startswith(b"srvr"):
        connection.sendall(b"This ZooKeeper instance is not currently serving requests\n")


class Fake:
    """A server that treats each connection by a function and counts them."""

    def __init__(self, treat, host="127.0.0.1", port=0):
        self.treat = treat
        self.count = 0
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((host, port))
        self.socket.listen(64)
        self.address = "%s:%d" % self.socket.getsockname()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.count += 1
            threading.Thread(target=self._treat, args=(connection,), daemon=True).start()

    def _treat(self, connection):
        with connection:
            try:
                self.treat(connection)
            except OSError:
                pass

    def close(self):
        self.socket.close()


class Unreachable(Case):
    """No real server is needed, except where a test starts one."""

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.folder = self.directory.name
        self.mark = "ROTA_TEST_FOLDER=" + self.folder
        self.zk = ""
        self.processes = []
        self.addCleanup(self.end_all)

    def tearDown(self):
        for process in self.processes:
            process.close()

    def expect(self, zk, *words, connect="4s"):
        run = self.run_rota("list", "--zk", zk, "--connect", connect, status=3)
        for word in words:
            self.assertIn(word, run.err.text)
        self.assertEqual(run.err.text.count("\n"), 1)

    def expect_of(self, treat, *words):
        fake = Fake(treat)
        self.addCleanup(fake.close)
        self.expect(fake.address, fake.address, *words)
        return fake.count

    def test_nobody_listens(self):
        self.expect(f"127.0.0.1:{free_port()}", "refuses connections", "start it", connect="2s")

    def test_each_server_is_named(self):
        first, second = free_port(), free_port()
        self.expect(f"127.0.0.1:{first},127.0.0.2:{second}", f"127.0.0.1:{first} refuses",
                    f"127.0.0.2:{second} refuses", connect="2s")

    def test_another_server(self):
        self.expect_of(greet, 'not a ZooKeeper server: it says "SSH-2.0-OpenSSH')

    def test_a_web_server(self):
        self.expect_of(web, 'not a ZooKeeper server: it says "HTTP/1.1 400 Bad Request"')

    def test_a_server_that_expects_tls(self):
        self.expect_of(tls, "expects TLS", "plain client port")

    def test_a_silent_server(self):
        self.expect_of(silent, "accepts connections but does not answer")

    def test_no_quorum(self):
        self.expect_of(no_quorum, "no quorum", "start the other servers")

    def test_attempts_have_a_pace(self):
        count = self.expect_of(socket.socket.close, "closes every connection at once")
        self.assertLess(count, 30)

    def test_attempts_at_two_addresses_have_a_pace_and_reach_both(self):
        first = Fake(socket.socket.close)
        self.addCleanup(first.close)
        second = Fake(socket.socket.close, "127.0.0.2")
        self.addCleanup(second.close)
        self.expect(f"{first.address},{second.address}", first.address, second.address)
        self.assertGreater(first.count, 2)
        self.assertGreater(second.count, 2)
        self.assertLess(first.count + second.count, 60)

    def test_names_without_an_address(self):
        self.expect("no..such:2181,none..either:2181", '"no..such" cannot be found')

    def test_a_chroot_before_the_end(self):
        self.expect("127.0.0.1:1/rota,127.0.0.1:2", "the chroot goes once, at the end")
        self.expect("127.0.0.1:1/rota,127.0.0.1:2/rota", "the chroot goes once, at the end")

    def test_too_many_connections(self):
        server = Server(200, "--line=maxClientCnxns=1")
        self.addCleanup(server.close)
        holder = Client(server.hosts)
        self.addCleanup(holder.close_all)
        self.expect(server.hosts, server.hosts, "too many connections", "maxClientCnxns")

    def test_authentication_is_demanded(self):
        server = Server(200, "--line=enforce.auth.enabled=true",
                        "--line=enforce.auth.schemes=digest")
        self.addCleanup(server.close)
        self.expect(server.hosts, "the servers demand that clients authenticate")


class Lists(Case):
    def test_one_name_has_no_address(self):
        zk = self.zk
        self.zk = "no..such:2181, " + self.server.hosts + " ," + self.chroot
        master = self.master("m1")
        worker = self.worker("w1")
        submit = self.run_rota("submit", "--wait", "-", input=b"echo hello\n")
        self.assertEqual(submit.out.bytes, b"hello\n")
        worker.stop()
        master.stop()
        self.zk = zk


class TwoAddresses(Case):
    """The processes know two of three servers. Each of the two is killed twice."""

    session = "20s"

    @classmethod
    def setUpClass(cls):
        cls.server = Ensemble(cls.tick_ms)

    def resumed(self, process):
        """How often it was connected and disconnected."""
        text = process.err.text
        return (len(re.findall(r" opened, timeout | resumed\n", text)),
                text.count(" disconnected\n"))

    def await_connected(self, process):
        process.err.until(lambda b: self.resumed(process)[0] > self.resumed(process)[1])
        self.assertGreater(*self.resumed(process))

    def test_both_are_used(self):
        first, second, third = self.server.servers
        self.zk = f"{first.hosts},{second.hosts}{self.chroot}"
        watcher = Client(third.hosts + self.chroot)
        self.addCleanup(watcher.close_all)
        workers = [self.worker(f"w{i}", slots=1) for i in range(4)]
        processes = [self.master("m1"), *workers]
        watcher.until(lambda names: len(names) == 4, "/workers")
        for server in (first, second, first, second):
            server.kill()
            submit = self.run_rota("submit", "--wait", "-", input=b"echo hello\n" * 8)
            self.assertEqual(submit.out.bytes, b"hello\n" * 8)
            for process in processes:
                self.await_connected(process)
            server.start()
        self.assertEqual(len(watcher.get_children("/workers")), 4)
        for process in reversed(processes):
            process.stop()


class Busy(Case):
    """A server that executes one request at a time and throttles those that wait. It would throttle
    the client of the test as well, so the log of the server alone is the judge."""

    session = "10s"

    def tearDown(self):
        for process in self.processes:
            process.close()
        self.assertEqual([self.name_of(pid) for pid in self.own_processes()], [])
        self.assertEqual(history.complaints(self.server.history(), self.chroot), [])

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.tick_ms, "--line=request_throttle_max_requests=1",
                            "--line=throttled_op_wait_time=2")

    def test_all_tasks_are_done(self):
        processes = [self.master("m1"), *(self.worker(f"w{i}", slots=4) for i in range(3))]
        for _ in range(10):
            submit = self.run_rota("submit", "--wait", "-", input=b"echo hello\n" * 30)
            self.assertEqual(submit.out.bytes, b"hello\n" * 30)
            if any("pausing requests" in process.err.text for process in processes):
                break
        else:
            self.fail("no request was throttled")
        for process in reversed(processes):
            process.stop()


if __name__ == "__main__":
    unittest.main()
