#!/usr/bin/python3
"""rota shell compared with the real zkCli, and its behaviour at a terminal and in scripts."""

import fcntl
import glob
import os
import pty
import re
import select
import subprocess
import sys
import termios
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "end_to_end"))
from fixtures import TIMEOUT_S, PROGRAM, Server  # noqa: E402

TRANSCRIPTS = os.path.join(HERE, "..", "unit", "harness", "zkcli")
JARS = os.environ.get("ROTA_ZOOKEEPER_JARS", "/usr/share/java")
ENVIRONMENT = {**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8", "TERM": "dumb", "ROTA_ZK": ""}
WATCHER = re.compile(r"\nWATCHER::\n")
EVENT = re.compile(r"\nWatchedEvent (.*)\n")
CLOSED = "state:Closed type:None path:null"
NOISE = re.compile(r"(?m)^(?:|\t.*|ZooKeeper -server .*|Connecting to .*|Welcome to .*|"
                   r"JLine .*)\n")


def commands_of(name):
    """The commands of a transcript."""
    with open(os.path.join(TRANSCRIPTS, name), encoding="utf-8") as f:
        lines = "".join(line[4:] for line in f if line.startswith("z1> "))
    return lines.replace("<tab>", "\t").replace("<space>", " ")


def plain(text):
    """The output without times, session numbers and usage, and the events. The real zkCli
    prints events from another thread, in two pieces that may be apart and within a line, so the
    events are compared separately. Each handle has its own thread, so the end of one may be
    printed after the beginning of the next; therefore ends are only counted."""
    text = WATCHER.sub("", text)
    events = EVENT.findall(text)
    lasting = [event for event in events if event != CLOSED]
    text = NOISE.sub("", EVENT.sub("", text))
    text = re.sub(r"([cm]time = ).*", r"\1TIME", text)
    text = re.sub(r"(ephemeralOwner = 0x)[1-9a-f][0-9a-f]*", r"\1SESSION", text)
    return text, lasting, len(events) - len(lasting)


def run(argv, commands):
    """Runs a program with these lines as input. Returns its output and its exit status."""
    done = subprocess.run(argv, input=commands, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=ENVIRONMENT, encoding="utf-8", timeout=TIMEOUT_S)
    return done.stdout, done.returncode


def zkcli(hosts, commands):
    jars = [os.path.join(JARS, name + ".jar") for name in ("zookeeper", "slf4j-nop", "commons-cli")]
    return run(["java", "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                "-Dfile.encoding=UTF-8", "-cp", ":".join(jars),
                "org.apache.zookeeper.ZooKeeperMain", "-server", hosts], commands)[0]


def rota(hosts, commands):
    return run([PROGRAM, "shell", "--zk", hosts], commands)[0]


class Compared(unittest.TestCase):
    """The same lines on new servers, one for each program."""

    maxDiff = None

    def compare(self, name):
        commands = commands_of(name)
        self.assertGreater(commands.count("\n"), 30)
        # The reply to a sync follows all events, so all of them are printed then.
        self.assertTrue(commands.endswith("\nsync /\n"))
        answers = {}
        for program in (zkcli, rota):
            server = Server()
            self.addCleanup(server.close)
            answers[program] = plain(program(server.hosts, commands))
        self.assertEqual(answers[zkcli][0].split("\n"), answers[rota][0].split("\n"))
        self.assertEqual(answers[zkcli][1:], answers[rota][1:])

    def test_answers(self):
        self.compare("answers.txt")

    def test_errors(self):
        self.compare("errors.txt")

    def test_words(self):
        self.compare("words.txt")

    def test_watches(self):
        self.compare("watches.txt")

    def test_all_transcripts_are_compared(self):
        names = {os.path.basename(p) for p in glob.glob(os.path.join(TRANSCRIPTS, "[!s]*.txt"))}
        self.assertEqual(names, {"answers.txt", "errors.txt", "words.txt", "watches.txt"})


class Terminal:
    """A program at its own terminal. Text that is typed before the prompt is shown may be lost,
    since the terminal is in another mode between two lines."""

    def __init__(self, *words):
        self.master, slave = pty.openpty()
        self.text = ""
        self.process = subprocess.Popen(
            [PROGRAM, "shell", *words], stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, env=ENVIRONMENT,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(slave)

    def type(self, text):
        os.write(self.master, text.encode())
        return self

    def await_text(self, pattern):
        """Waits until the terminal shows this, behind the text of the last wait."""
        end = time.monotonic() + TIMEOUT_S
        while True:
            found = re.search(pattern, self.text)
            if found:
                self.text = self.text[found.end():]
                return self
            if not select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
                raise AssertionError(f"{pattern} was not shown, but:\n{self.text}")
            self.text += os.read(self.master, 4096).decode(errors="replace").replace("\r", "")

    def status(self):
        """Waits for its end and reads all output."""
        end = time.monotonic() + TIMEOUT_S
        while select.select([self.master], [], [], max(0, end - time.monotonic()))[0]:
            try:
                self.text += os.read(self.master, 4096).decode(errors="replace")
            except OSError:  # the other end is closed
                break
        return self.process.wait(TIMEOUT_S)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


class AtTerminal(unittest.TestCase):
    """The shell at a terminal."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def terminal(self, *words):
        terminal = Terminal(*(words or ("--zk", self.server.hosts)))
        self.addCleanup(terminal.close)
        return terminal

    def test_a_session(self):
        t = self.terminal()
        t.await_text(re.escape(f"[zk: {self.server.hosts}(CONNECTED) 0] "))
        t.type("cre\t").await_text("create $").type("/person x\r").await_text("Created /person\n")
        t.await_text(r"\(CONNECTED\) 1\] $").type("get /per\t").await_text("/person$")
        t.type("\r").await_text("\nx\n").await_text(r"CONNECTED\) 2\] $")
        t.type("de\t\t").await_text("delete   deleteall").type(" /person\r")
        t.await_text(r"CONNECTED\) 3\] $").type("close\r").await_text(r"\(CLOSED\) 4\] $")
        t.type("ls /\r").await_text("Not connected\n").type("quit\r")
        self.assertEqual(t.status(), 0)

    def test_an_event_comes_while_a_line_is_typed(self):
        t = self.terminal()
        t.await_text(r"0\] $").type("ls -w /\r").await_text(r"1\] $")
        t.type("ls /zoo").await_text("ls /zoo$")
        run([PROGRAM, "shell", "--zk", self.server.hosts, "-c", "create /event"], "")
        t.await_text("\nWATCHER::\n\n"
                     "WatchedEvent state:SyncConnected type:NodeChildrenChanged path:/\n")
        t.await_text(r"1\] ls /zoo$").type("keeper\r").await_text(r"\n\[config, quota\]\n")
        t.await_text(r"2\] $").type("\x04")
        self.assertEqual(t.status(), 0)

    def test_ctrl_c_ends_the_session(self):
        t = self.terminal()
        t.await_text(r"0\] $").type("create -e /held\r").await_text(r"1\] $").type("ls\x03")
        self.assertEqual(t.status(), 130)
        out, status = run([PROGRAM, "shell", "--zk", self.server.hosts, "-c", "stat /held"], "")
        self.assertEqual((out, status), ("Node does not exist: /held\n", 1))

    def test_in_memory(self):
        t = self.terminal("--sim")
        t.await_text(r"\[zk: sim\(CONNECTED\) 0\] $")
        t.type("ls /\r").await_text(r"\n\[zookeeper\]\n")
        t.await_text(r"1\] $").type("\x04")
        self.assertEqual(t.status(), 0)


class InScripts(unittest.TestCase):
    """The shell with a pipe, and with -c."""

    def shell(self, *words, commands=""):
        return run([PROGRAM, "shell", *words], commands)

    def test_last_line_without_newline(self):
        out, status = self.shell("--sim", commands="create /a x\r\n\nget /a\nls /")
        self.assertEqual(plain(out)[0], "Created /a\nx\n[a, zookeeper]\n")
        self.assertEqual(status, 0)

    def test_the_last_command_decides(self):
        self.assertEqual(self.shell("--sim", "-c", "ls /a"), ("Node does not exist: /a\n", 1))
        self.assertEqual(self.shell("--sim", "-c", "ls /a", "-c", "ls /"),
                         ("Node does not exist: /a\n[zookeeper]\n", 0))
        self.assertEqual(self.shell("--sim", "-c", "bogus", "-c", "quit", "-c", "ls /")[1], 1)
        self.assertEqual(self.shell("--sim", commands="ls /\nbogus\n")[1], 1)

    def test_old_output(self):
        out, status = self.shell("--sim", "--old", "-c", "create /a x", "-c", "get /a true")
        self.assertRegex(out, r"^Created /a\nx\ncZxid = 0x2\n")
        self.assertNotIn("deprecated", out)
        self.assertEqual(status, 0)

    def test_streams(self):
        done = subprocess.run([PROGRAM, "shell", "--sim", "-c", "create /a x", "-c", "get /a",
                               "-c", "get /b"], capture_output=True, env=ENVIRONMENT, text=True,
                              timeout=TIMEOUT_S, stdin=subprocess.DEVNULL)
        self.assertEqual(done.stdout, "x\n")
        self.assertEqual(done.stderr, "Created /a\nNode does not exist: /b\n")

    def test_long_lines_and_bytes(self):
        out, status = self.shell("--sim", commands=f"create /{'x' * 2000}\ncreate /b\0c\n"
                                 f"create /large {'y' * 1100000}\nls /large\n")
        self.assertIn(f"Created /{'x' * 2000}\n", out)
        self.assertIn("null character not allowed @2\n", out)
        self.assertIn("KeeperErrorCode = ConnectionLoss for /large\n", out)
        self.assertTrue(out.endswith("Node does not exist: /large\n"))
        self.assertEqual(status, 1)

    def test_no_server_answers(self):
        out, status = self.shell("--zk", "127.0.0.1:1", "--connect", "500ms", "-c", "ls /")
        self.assertRegex(out, r"^rota: no ZooKeeper server answered.*127\.0\.0\.1:1.*\n$")
        self.assertEqual(status, 3)
        self.assertEqual(self.shell("--zk", "no such host:x", "-c", "ls /")[1], 3)
        self.assertEqual(self.shell("-c", "ls /")[1], 2)
        self.assertEqual(self.shell("--sim", "ls", "/")[1], 2)

    def test_other_servers(self):
        servers = [Server(), Server()]
        for server in servers:
            self.addCleanup(server.close)
        first, second = (server.hosts for server in servers)
        out, status = self.shell("--zk", first, commands=(
            f"create -e /first\nconnect {second}\nls /\ncreate /second\nconnect no..where\n"
            f"ls /\nconnect {first}\nls /\n"))
        self.assertRegex(plain(out)[0], r"^Created /first\n\[zookeeper\]\nCreated /second\n"
                         r"rota: .*no\.\.where.*\nNot connected\n\[zookeeper\]\n$")
        self.assertEqual(status, 0)

    def test_a_large_subtree(self):
        """The deletion of a large subtree takes several multis."""
        lines = "create /t\n" + "".join(f"create /t/{i}\n" for i in range(2500))
        server = Server()
        self.addCleanup(server.close)
        out, status = self.shell("--zk", server.hosts, commands=lines + "deleteall /t\nls /\n")
        self.assertTrue(out.endswith("\n[zookeeper]\n"), out[-200:])
        self.assertEqual(status, 0)


if __name__ == "__main__":
    unittest.main()
