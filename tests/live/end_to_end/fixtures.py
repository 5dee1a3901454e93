"""Fixtures of the end-to-end tests: a real ZooKeeper server, processes of the program, and the
check that they leave nothing behind.

Every process ends with the test, also if the test fails or is killed. Nothing sleeps: each wait
is for an event and has a time limit.
"""

import contextlib
import logging
import os
import shutil
import random
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

import kazoo.client

import history

PROGRAM = os.environ["ROTA_PROGRAM"]
ZKSERVER = os.environ["ROTA_ZKSERVER"]
logging.getLogger("kazoo").setLevel(logging.CRITICAL)
TIMEOUT_S = 90  # of each wait; long enough for a slow machine


class Stream:
    """The bytes that a process writes, read by a thread."""

    def __init__(self, pipe):
        self.bytes = bytearray()
        self.open = True
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self.reader.start()

    def _read(self, pipe):
        with pipe:
            while True:
                piece = os.read(pipe.fileno(), 1 << 20)
                with self.changed:
                    self.bytes += piece
                    self.open = bool(piece)
                    self.changed.notify_all()
                if not piece:
                    return

    @property
    def text(self):
        return self.bytes.decode(errors="replace")

    def until(self, condition, within=TIMEOUT_S):
        """Waits until condition(bytes) holds; returns whether it does."""
        with self.changed:
            self.changed.wait_for(lambda: condition(self.bytes) or not self.open, within)
            return condition(self.bytes)

    def await_text(self, *words, within=TIMEOUT_S):
        """Waits until the words have been written; otherwise fails with everything that was
        written."""
        for word in words:
            if not self.until(lambda b, w=word.encode(): w in b, within):
                raise AssertionError(f'"{word}" was not written, but:\n{self.text}')
        return self

    def ends(self, within=TIMEOUT_S):
        """Waits until no process holds the write end any more."""
        if not self.until(lambda b: not self.open, within):
            raise AssertionError(f"a process still holds this stream:\n{self.text}")


class Process:
    """A process that is killed when the test ends."""

    def __init__(self, argv, environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE):
        self.argv = argv
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *argv], env=environment, stdin=stdin,
            stdout=stdout, stderr=subprocess.PIPE, start_new_session=True)
        self.out = Stream(self.process.stdout) if self.process.stdout else None
        self.err = Stream(self.process.stderr)

    def __repr__(self):
        return " ".join(self.argv[1:])[:80]

    @property
    def pid(self):
        return self.process.pid

    @property
    def was_disconnected(self):
        """Whether a master or a worker was disconnected at its end, according to its trace."""
        had = self.err.text.count(" opened, timeout ") + self.err.text.count(" resumed\n")
        return had > 0 and had == self.err.text.count(" disconnected\n")

    def signal(self, number):
        self.process.send_signal(number)
        return self

    def status(self, within=TIMEOUT_S):
        """Waits for its end and for all its output. Returns the exit status, or the negative
        number of the signal that ended it, as subprocess does."""
        try:
            status = self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self} does not end; it wrote:\n{self.err.text}") from None
        for stream in filter(None, (self.out, self.err)):
            stream.ends()
        return status

    def stop(self, within=TIMEOUT_S):
        """Sends SIGTERM and expects the end in good order."""
        status = self.signal(signal.SIGTERM).status(within)
        self.err.ends()
        if status != 0:
            raise AssertionError(f"{self} ended with {status}:\n{self.err.text}")

    def kill(self):
        self.signal(signal.SIGKILL).process.wait()

    def close(self):
        if self.process.poll() is None:
            self.signal(signal.SIGCONT).kill()
        for stream in filter(None, (self.out, self.err)):
            stream.ends()


RESERVED_PORTS = []  # sockets, open until this process ends


def free_port():
    """A free port on loopback, below the ports of outgoing connections. The test reserves it
    with an abstract socket until it exits, as tests/live/zkserver.c does."""
    while True:
        port = random.randrange(12000, 32000)
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0rota-port-{port}")
            with socket.socket() as s:
                s.bind(("127.0.0.1", port))
        except OSError:
            name.close()
            continue
        RESERVED_PORTS.append(name)
        return port


class Server:
    """A ZooKeeper server on loopback. A shell waits for the end of this process and then kills
    it."""

    def __init__(self, tick_ms=200, *options):
        self.directory = tempfile.mkdtemp(prefix="rota-end-to-end-")
        self.options = [f"--tick={tick_ms}", f"--port={free_port()}", *options]
        self.undisturbed = True
        self.cleaner = subprocess.Popen(
            ["sh", "-c", 'read -r _; "$1" kill "$2" 2>/dev/null; rm -rf "$2"', "cleaner",
             ZKSERVER, self.directory], stdin=subprocess.PIPE, start_new_session=True)
        self.start()

    def _do(self, *words):
        run = subprocess.run([ZKSERVER, *words, self.directory], check=True, text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        return run.stdout.split()

    def start(self):
        """Starts the server; a killed one again, on its data and port."""
        self.hosts, pid = self._do("start", *self.options)
        self.pid = int(pid)

    def kill(self):
        self.undisturbed = False
        self._do("kill")

    def pause(self):
        self.undisturbed = False
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self):
        os.kill(self.pid, signal.SIGCONT)

    def leads(self):
        """Whether the server reports that it leads an ensemble."""
        host, port = self.hosts.split(":")
        try:
            with socket.create_connection((host, int(port)), timeout=1) as s:
                s.sendall(b"srvr")
                return b"Mode: leader" in s.makefile("rb").read()
        except OSError:
            return False

    def history(self):
        return history.read(os.path.join(self.directory, "data", "version-2"))

    def close(self):
        self.cleaner.communicate()
        shutil.rmtree(self.directory, ignore_errors=True)


class Ensemble:
    """Three servers with the interface of one."""

    def __init__(self, tick_ms=200):
        ports = [free_port() for _ in range(6)]
        # A follower may fail to join at the first try; the leader waits for it until initLimit.
        lines = ["--line=initLimit=15"]
        lines += [f"--line=server.{i + 1}=127.0.0.1:{ports[i]}:{ports[i + 3]}" for i in range(3)]
        with ThreadPoolExecutor(3) as pool:
            self.servers = list(pool.map(lambda i: Server(tick_ms, f"--id={i + 1}", *lines),
                                         range(3)))
        self.hosts = ",".join(server.hosts for server in self.servers)
        self.directory = self.servers[0].directory

    def leader(self):
        """Waits until one of them leads."""
        end = time.monotonic() + TIMEOUT_S
        while time.monotonic() < end:
            for server in self.servers:
                if server.leads():
                    return server
        raise AssertionError("no server leads")

    def history(self):
        """The transactions of a server that was never killed or paused, after a sync."""
        server = next(server for server in self.servers if server.undisturbed)
        client = Client(server.hosts)
        client.sync("/")
        client.close_all()
        return server.history()

    def close(self):
        for server in self.servers:
            server.close()


class Client(kazoo.client.KazooClient):
    """A ZooKeeper client in another language."""

    def __init__(self, zk):
        super().__init__(hosts=zk, timeout=30)
        self.start(timeout=TIMEOUT_S)

    def until(self, condition, path, within=TIMEOUT_S):
        """Waits until condition(children of path) holds, with a watch on them."""
        end = time.monotonic() + within
        while True:
            changed = threading.Event()
            children = self.get_children(path, watch=lambda event, c=changed: c.set())
            if condition(children):
                return children
            if not changed.wait(max(0, end - time.monotonic())):
                raise AssertionError(f"the children of {path} are only {children}")

    def listing(self, path="/"):
        """All paths below, sorted."""
        found = []
        for name in sorted(self.get_children(path)):
            child = path.rstrip("/") + "/" + name
            found += [child, *self.listing(child)]
        return found

    def close_all(self):
        self.stop()
        self.close()


EMPTY_TREE = ["/assign", "/cancel", "/collect", "/drain", "/epoch", "/history", "/progress",
              "/retry", "/tasks", "/workers"]
SWEPT = ["/cancel", "/collect", "/history"]
REGISTRATIONS = ["/workers", "/assign", "/progress"]


class Case(unittest.TestCase):
    """The tests of a class share a server, and each has a chroot. After each test the tree is
    empty, no process is left, and the transactions of the server violate no guarantee."""

    tick_ms = 200
    session = "2s"
    maxDiff = 2000

    @classmethod
    def setUpClass(cls):
        cls.server = Server(cls.tick_ms)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def setUp(self):
        self.chroot = "/" + self.id().rsplit(".", 1)[1]
        self.zk = self.server.hosts + self.chroot
        self.folder = tempfile.mkdtemp(dir=self.server.directory)
        self.mark = "ROTA_TEST_FOLDER=" + self.folder
        self.leaves_assignments = False  # whether a worker does not delete finished assignments
        self.leaves_registrations = False  # whether a killed process is not started again
        self.processes = []
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(self.end_all)
        self.run_rota("init")
        self.fresh_client()

    def fresh_client(self):
        """Replaces the client, whose session may have expired while the server was disturbed."""
        self.client = Client(self.zk)
        self.addCleanup(self.client.close_all)

    def end_all(self):
        """Kills all processes of this test."""
        for process in self.processes:
            if process.process.poll() is None:
                process.signal(signal.SIGCONT).kill()
        for pid in self.own_processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def run(self, result=None):
        self.complaints = lambda: len(result.failures) + len(result.errors)
        self.complaints_before = self.complaints()
        return super().run(result)

    def tearDown(self):
        if self.complaints() > self.complaints_before:
            return
        for process in self.processes:
            process.close()
        self.assertEqual([self.name_of(pid) for pid in self.own_processes()], [])
        self.fresh_client()
        self.sweep()
        self.assertEqual(self.client.listing(), sorted(EMPTY_TREE))
        if not self.leaves_assignments:
            self.assertEqual(history.complaints(self.server.history(), self.chroot), [])

    def sweep(self):
        """Runs a master until it has removed the records that finished tasks have left, and the
        znodes of processes that could not close their sessions."""
        waits = self.leaves_registrations or any(p.was_disconnected for p in self.processes)
        left = [path for path in SWEPT if self.client.get_children(path)]
        if not left and not waits:
            return
        master = self.master("sweeper", "2s")
        if waits:
            master.err.await_text("elected leader")
            left += REGISTRATIONS
        for path in left:
            self.client.until(lambda names: names == [], path)
        master.stop()
        if master.was_disconnected:
            self.client.until(lambda names: "master" not in names, "/")
        master.close()

    def own_processes(self):
        """All processes that this test has started, directly or not."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/environ", "rb") as f:
                    if self.mark.encode() in f.read().split(b"\0"):
                        found.append(int(pid))
            except OSError:
                continue
        return found

    @staticmethod
    def name_of(pid):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                return f.read().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""

    def environment(self, **more):
        own = {"ROTA_ZK": self.zk, "ROTA_TEST_FOLDER": self.folder}
        return {**os.environ, **own, **more}

    def rota(self, *words, input=None, environment=None, stdout=subprocess.PIPE):
        """Starts the program; `input` is the path of a file, or bytes."""
        stdin = subprocess.DEVNULL
        if isinstance(input, bytes):
            input = self.file(input)
        if input:
            stdin = open(input, "rb")
        process = Process([PROGRAM, *words], self.environment(**(environment or {})), stdin,
                          stdout)
        if input:
            stdin.close()
        self.processes.append(process)
        return process

    def run_rota(self, *words, status=0, **how):
        """Runs the program to its end and expects this exit status."""
        process = self.rota(*words, **how)
        ended = process.status()
        process.err.ends()
        self.assertEqual(ended, status, f"{process}:\n{process.err.text}")
        return process

    def master(self, name, session=None):
        return self.rota("master", "--id", name, "--session", session or self.session)

    def worker(self, name, *more, slots=2, session=None):
        return self.rota("worker", "--name", name, "--slots", str(slots), "--session",
                         session or self.session, *(more or ("--shell",)))

    def leader(self, among):
        """The process whose name is in /master."""
        return among[self.client.get("/master")[0].split()[0].decode()]

    def file(self, content):
        descriptor, path = tempfile.mkstemp(dir=self.folder)
        with open(descriptor, "wb") as f:
            f.write(content)
        return path


class Lifeline:
    """Detects when the last process of a task has ended, even one that left its session: each
    of them holds the write end of a pipe, through `exec 9>PATH; echo >&9` at the beginning of
    the task."""

    def __init__(self, case):
        self.path = os.path.join(case.folder, f"lifeline-{time.monotonic_ns()}")
        os.mkfifo(self.path)
        reading = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        self.writing = os.open(self.path, os.O_WRONLY)
        os.set_blocking(reading, True)
        self.stream = Stream(os.fdopen(reading, "rb", buffering=0))
        self.take = f"exec 9>{self.path}; echo >&9; "

    def begins(self, times=1):
        """Waits until that many tasks hold the pipe; from now on only they do."""
        if not self.stream.until(lambda b: len(b) >= times):
            raise AssertionError("the task did not begin")
        os.close(self.writing)

    def ends(self, within=TIMEOUT_S):
        """Waits until no process holds the pipe. Returns the duration in seconds."""
        begin = time.monotonic()
        self.stream.ends(within)
        return time.monotonic() - begin


class Gate:
    """Stops a task at its command `wait` until the gate is opened."""

    def __init__(self, case):
        path = os.path.join(case.folder, f"gate-{time.monotonic_ns()}")
        os.mkfifo(path)
        self.pipe = open(path, "r+b", buffering=0)
        self.wait = f"read -r _ <{path}; "
        case.addCleanup(self.pipe.close)

    def open(self):
        """Lets one task pass, now or later."""
        self.pipe.write(b"\n")
