"""The stage of the end-to-end tests: a real ZooKeeper server, the program's processes on it, and
the proof that they leave nothing behind.

Everything started here ends with the test, also when that fails or is killed itself. Nothing
sleeps: whatever is waited for has an event and a bound.
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
PATIENCE = 90  # seconds: for what must happen, on a slow machine too


class Stream:
    """What a process writes, as it comes."""

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

    def until(self, condition, within=PATIENCE):
        """Waits until condition(bytes) holds; returns whether it does."""
        with self.changed:
            self.changed.wait_for(lambda: condition(self.bytes) or not self.open, within)
            return condition(self.bytes)

    def hears(self, *words, within=PATIENCE):
        """Waits until the words have been written; fails with all that was written instead."""
        for word in words:
            if not self.until(lambda b, w=word.encode(): w in b, within):
                raise AssertionError(f'"{word}" did not come; there was:\n{self.text}')
        return self

    def ends(self, within=PATIENCE):
        """Waits until the last process that could write here has gone."""
        if not self.until(lambda b: not self.open, within):
            raise AssertionError(f"somebody still holds this stream; it says:\n{self.text}")


class Process:
    """A process that dies with the test."""

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
    def cut_off(self):
        """Whether, as the trace of a master or a worker tells, it has lost its connection, or had
        lost it when it ended."""
        had = self.err.text.count(" opened, timeout ") + self.err.text.count(" resumed\n")
        return had > 0 and had == self.err.text.count(" disconnected\n")

    def signal(self, number):
        self.process.send_signal(number)
        return self

    def status(self, within=PATIENCE):
        """Waits for its end, and for all it wrote; the negative number of the signal that ended it,
        as in subprocess."""
        try:
            status = self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self} does not end; it says:\n{self.err.text}") from None
        for stream in filter(None, (self.out, self.err)):
            stream.ends()
        return status

    def stop(self, within=PATIENCE):
        """SIGTERM, and the end in good order."""
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


RESERVED = []  # sockets, open until this process ends


def free_port():
    """A port on loopback that nobody listens on, below those of outgoing connections. Whoever else
    draws one like that, here or in tests/live/zkserver.c, does not get it while this process
    lives: its name among the abstract sockets says that it is taken."""
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
        RESERVED.append(name)
        return port


class Server:
    """A ZooKeeper server on loopback. A shell that waits for our end ends it, whatever happens."""

    def __init__(self, tick_ms=200, *options):
        self.directory = tempfile.mkdtemp(prefix="rota-end-to-end-")
        self.options = [f"--tick={tick_ms}", f"--port={free_port()}", *options]
        self.unharmed = True
        self.keeper = subprocess.Popen(
            ["sh", "-c", 'read -r _; "$1" kill "$2" 2>/dev/null; rm -rf "$2"', "keeper",
             ZKSERVER, self.directory], stdin=subprocess.PIPE, start_new_session=True)
        self.start()

    def _do(self, *words):
        run = subprocess.run([ZKSERVER, *words, self.directory], check=True, text=True,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        return run.stdout.split()

    def start(self):
        """Also what was killed, on its data and its port."""
        self.hosts, pid = self._do("start", *self.options)
        self.pid = int(pid)

    def kill(self):
        self.unharmed = False
        self._do("kill")

    def pause(self):
        self.unharmed = False
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self):
        os.kill(self.pid, signal.SIGCONT)

    def leads(self):
        """Whether it says that it leads an ensemble."""
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
        self.keeper.communicate()
        shutil.rmtree(self.directory, ignore_errors=True)


class Ensemble:
    """Three servers, which are met as if they were one."""

    def __init__(self, tick_ms=200):
        ports = [free_port() for _ in range(6)]
        # A follower may fail to join at the first try, and its leader waits as long as initLimit.
        lines = ["--line=initLimit=15"]
        lines += [f"--line=server.{i + 1}=127.0.0.1:{ports[i]}:{ports[i + 3]}" for i in range(3)]
        with ThreadPoolExecutor(3) as pool:
            self.servers = list(pool.map(lambda i: Server(tick_ms, f"--id={i + 1}", *lines),
                                         range(3)))
        self.hosts = ",".join(server.hosts for server in self.servers)
        self.directory = self.servers[0].directory

    def leader(self):
        """Waits until one of them leads."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for server in self.servers:
                if server.leads():
                    return server
        raise AssertionError("no server leads")

    def history(self):
        """As told by one that was there all the time, once it has all that was done before."""
        witness = next(server for server in self.servers if server.unharmed)
        client = Client(witness.hosts)
        client.sync("/")
        client.close_all()
        return witness.history()

    def close(self):
        for server in self.servers:
            server.close()


class Client(kazoo.client.KazooClient):
    """A ZooKeeper client in another language."""

    def __init__(self, zk):
        super().__init__(hosts=zk, timeout=30)
        self.start(timeout=PATIENCE)

    def until(self, condition, path, within=PATIENCE):
        """Waits until condition(children of path) holds, by watching them."""
        end = time.monotonic() + within
        while True:
            changed = threading.Event()
            children = self.get_children(path, watch=lambda event, c=changed: c.set())
            if condition(children):
                return children
            if not changed.wait(max(0, end - time.monotonic())):
                raise AssertionError(f"below {path} there is only {children}")

    def listing(self, path="/"):
        """Every path below, sorted."""
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
PLACES = ["/workers", "/assign", "/progress"]


class Case(unittest.TestCase):
    """A server for all tests of a class and a chroot for each. Afterwards the tree is empty, no
    process is left, and the server's transactions tell of one life for each task."""

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
        self.mark = "ROTA_STAGE=" + self.folder
        self.untidy = False  # whether somebody leaves what ended assigned
        self.abrupt = False  # whether somebody who was killed is not followed by the next
        self.processes = []
        self.addCleanup(shutil.rmtree, self.folder)
        self.addCleanup(self.end_all)
        self.run_rota("init")
        self.fresh_client()

    def fresh_client(self):
        """One whose session has not suffered from what was done to the server."""
        self.client = Client(self.zk)
        self.addCleanup(self.client.close_all)

    def end_all(self):
        """Whatever came before, nobody of this test lives on."""
        for process in self.processes:
            if process.process.poll() is None:
                process.signal(signal.SIGCONT).kill()
        for pid in self.marked():
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
        self.assertEqual([self.name_of(pid) for pid in self.marked()], [])
        self.fresh_client()
        self.sweep()
        self.assertEqual(self.client.listing(), sorted(EMPTY_TREE))
        if not self.untidy:
            self.assertEqual(history.complaints(self.server.history(), self.chroot), [])

    def sweep(self):
        """A master lives as long as something lies beside the tree that tasks have left, and until
        the places are gone of whoever could not say goodbye."""
        waits = self.abrupt or any(process.cut_off for process in self.processes)
        left = [path for path in SWEPT if self.client.get_children(path)]
        if not left and not waits:
            return
        master = self.master("sweeper", "2s")
        if waits:
            master.err.hears("elected leader")
            left += PLACES
        for path in left:
            self.client.until(lambda names: names == [], path)
        master.stop()
        if master.cut_off:
            self.client.until(lambda names: "master" not in names, "/")
        master.close()

    def marked(self):
        """The processes that this test started, at any remove."""
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
        own = {"ROTA_ZK": self.zk, "ROTA_STAGE": self.folder}
        return {**os.environ, **own, **more}

    def rota(self, *words, input=None, environment=None, stdout=subprocess.PIPE):
        """Starts the program; input is a file's path, or bytes."""
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
        """Runs it to its end, with this exit status."""
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
        """The one whose name stands in /master."""
        return among[self.client.get("/master")[0].split()[0].decode()]

    def file(self, content):
        descriptor, path = tempfile.mkstemp(dir=self.folder)
        with open(descriptor, "wb") as f:
            f.write(content)
        return path


class Lifeline:
    """Tells when the last process that a task started has gone, however it got away: each of them
    holds the write end of a pipe, by `exec 9>PATH; echo >&9` at the task's beginning."""

    def __init__(self, case):
        self.path = os.path.join(case.folder, f"lifeline-{time.monotonic_ns()}")
        os.mkfifo(self.path)
        reading = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)
        self.writing = os.open(self.path, os.O_WRONLY)
        os.set_blocking(reading, True)
        self.stream = Stream(os.fdopen(reading, "rb", buffering=0))
        self.take = f"exec 9>{self.path}; echo >&9; "

    def begins(self, times=1):
        """Waits until so many have taken hold; from now on only they hold it."""
        if not self.stream.until(lambda b: len(b) >= times):
            raise AssertionError("the task did not begin")
        os.close(self.writing)

    def ends(self, within=PATIENCE):
        """Waits until nobody holds it; returns how long that took, in seconds."""
        begin = time.monotonic()
        self.stream.ends(within)
        return time.monotonic() - begin


class Gate:
    """Holds up a task that says `wait` until it is opened."""

    def __init__(self, case):
        path = os.path.join(case.folder, f"gate-{time.monotonic_ns()}")
        os.mkfifo(path)
        self.pipe = open(path, "r+b", buffering=0)
        self.wait = f"read -r _ <{path}; "
        case.addCleanup(self.pipe.close)

    def open(self):
        """For one that waits, or will."""
        self.pipe.write(b"\n")
