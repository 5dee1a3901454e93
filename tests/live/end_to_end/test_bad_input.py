#!/usr/bin/python3
"""Bad input and bad surroundings: the program prints one clear sentence on standard error, ends
with the documented exit status, and loses nothing."""

import fcntl
import json
import os
import subprocess
import unittest

from kazoo.security import make_acl, make_digest_acl

from fixtures import EMPTY_TREE, TIMEOUT_S, PROGRAM, Case

DONE, FAILED, USAGE, UNREACHABLE, REFUSED = 0, 1, 2, 3, 4
PAYLOAD_LIMIT = 1000000
RESULT_LIMIT = 512 * 1024


class Sentences(Case):
    """Commands that end at once; there is no master and no worker."""

    def expect_sentence(self, words, status, *parts, **how):
        """The program ends with this status, and with one sentence on standard error that holds
        the parts."""
        program = self.run_rota(*words, status=status, **how)
        sentence, *more = program.err.text.splitlines()
        self.assertTrue(sentence.startswith("rota"), program.err.text)
        self.assertEqual([line for line in more if not line.startswith("Try `rota")], [])
        for part in parts:
            self.assertIn(part, sentence)
        return program

    def test_file_is_checked_as_a_whole(self):
        path = os.path.join(self.folder, "lines")
        for line, part in ((b'{"rota":2}', "version 2"), (b"a\0b", "a NUL byte"),
                           (b"x" * (PAYLOAD_LIMIT + 1), "longer than 1000000 bytes")):
            with open(path, "wb") as f:
                f.write(b"echo a\n" + line + b"\necho b\n")
            program = self.run_rota("submit", "--file", path, status=REFUSED)
            self.assertIn(f"{path}, line 2 ", program.err.text)
            self.assertIn(part, program.err.text)
            self.assertIn("nothing of", program.err.text)
            self.assertEqual(program.out.text, "")
        self.assertEqual(self.client.get_children("/tasks"), [])

    def test_program_of_a_worker_does_not_exist(self):
        for name in ("/no/such", "no-such-program", "/"):
            self.expect_sentence(["worker", "--name", "w", "--exec", name], USAGE, "no program",
                                 name)
        # Without PATH, execvp searches default folders.
        for path in ({}, {"PATH": "/bin:/usr/bin"}):
            found = subprocess.run([PROGRAM, "worker", "--zk", "127.0.0.1:1", "--connect", "100ms",
                                    "--name", "w", "--exec", "true"], env=path,
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
            self.assertEqual(found.returncode, UNREACHABLE, found.stderr)

    def test_no_server_listens(self):
        for command in (["status"], ["submit", "x"], ["list", "tasks"], ["wait", "x"], ["init"],
                        ["run", "/dev/null"]):
            self.expect_sentence([*command, "--zk", "127.0.0.1:1", "--connect", "300ms"],
                                 UNREACHABLE, "127.0.0.1:1", "check --zk or ROTA_ZK")

    def test_wrong_server_list(self):
        for servers, part in (("127.0.0.1:", "HOST:PORT"), ("127.0.0.1:99999", "HOST:PORT"),
                              ("127.0.0.1,,127.0.0.1", "HOST:PORT"), ("/rota", "empty"),
                              ("no such host.invalid:2181", "cannot be found"),
                              (self.server.hosts + "/a//b", "not a valid path"),
                              (self.server.hosts + "/a/", "not a valid path")):
            for command in (["status"], ["init"], ["run", "/dev/null"], ["master"],
                            ["worker", "--name", "w", "--shell"], ["submit", "x"]):
                self.expect_sentence([*command, "--zk", servers], UNREACHABLE, part,
                                     "check --zk or ROTA_ZK")

    def test_no_server_list(self):
        for command in (["status"], ["init"], ["master"], ["submit", "x"], ["wait", "x"],
                        ["list", "tasks"], ["worker", "--name", "w", "--shell"]):
            self.expect_sentence(command, USAGE, "--zk", "ROTA_ZK", environment={"ROTA_ZK": ""})

    def test_last_server_list_counts(self):
        program = self.run_rota("status", "--zk", "127.0.0.1:1", "--zk", self.zk, "--json")
        self.assertEqual(json.loads(program.out.bytes)["tasks"], 0)

    def test_chroot_does_not_exist(self):
        for command in (["status"], ["submit", "x"], ["list", "tasks"], ["wait", "x"]):
            self.expect_sentence([*command, "--zk", self.server.hosts + "/no/such"], UNREACHABLE,
                      "`rota init`", "/no/such")
        for command in (["master"], ["worker", "--name", "w", "--shell"]):
            program = self.run_rota(*command, "--zk", self.server.hosts + "/no/such",
                                    status=UNREACHABLE)
            self.assertIn("`rota init`", program.err.text)

    def test_tree_without_permission(self):
        others = make_digest_acl("somebody", "else", all=True)
        for name in EMPTY_TREE:
            self.client.set_acls(name, [others])
        # `init` uses a handle without chroot.
        self.client.set_acls("/", [make_acl("world", "anyone", read=True, admin=True)])
        for command in (["status"], ["list", "tasks"], ["submit", "x"]):
            self.expect_sentence(command, REFUSED, "no permission", "access")
        for command in (["master"], ["worker", "--name", "w", "--shell"]):
            self.assertIn("no permission", self.run_rota(*command, status=REFUSED).err.text)
        self.expect_sentence(["init", "--zk", self.zk + "/deeper"], REFUSED,
                             "no permission to create")
        self.run_rota("init")  # does nothing, since the tree exists
        self.client.add_auth("digest", "somebody:else")
        for name in ("/", *EMPTY_TREE):
            self.client.set_acls(name, [make_acl("world", "anyone", all=True)])

    def test_two_workers_of_one_name(self):
        first = self.worker("w1")
        first.err.await_text("registered")
        second = self.worker("w1")
        self.assertEqual(second.status(), REFUSED)
        self.assertIn("w1", second.err.text.splitlines()[-1])
        first.stop()

    def test_numbers_out_of_bounds(self):
        worker = ["worker", "--name", "w", "--shell"]
        for option in (["--slots", "0"], ["--slots", "-1"], ["--slots", "99999999999999999999"],
                       ["--slots", "many"], ["--session", "1ms"], ["--session", "1000h"],
                       ["--session", "10"], ["--session", "-1s"], ["--max-result", "1000000000"],
                       ["--max-log", "-1"]):
            self.expect_sentence([*worker, *option], USAGE, option[0], option[1])

    def test_smallest_and_largest_values(self):
        """The shortest and longest values are accepted; the server adjusts a session timeout."""
        for session in ("100ms", "1h"):
            self.run_rota("status", "--session", session)
        worker = self.worker("w1", slots=4096)
        worker.err.await_text("registered as w1, 4096 slots")
        worker.stop()

    def test_wrong_arguments(self):
        self.expect_sentence(["statsu"], USAGE, "status")
        self.expect_sentence(["list", "nonsense"], USAGE, "tasks, workers or assignments")
        self.expect_sentence(["submit", "a", "b"], USAGE, "quotes")
        self.expect_sentence(["submit"], USAGE, "PAYLOAD")
        self.expect_sentence(["wait", "a/b"], USAGE, "a/b")
        self.expect_sentence(["worker", "--name", "w"], USAGE, "--shell", "--exec")
        self.expect_sentence(["wait", "nosuchtask"], FAILED, "nosuchtask", "missing")

    def test_unknown_word_in_a_scenario(self):
        path = self.file(b'scenario "x"\nstart all\nstrat w1\n')
        program = self.run_rota("sim", "run", path, status=USAGE)
        self.assertIn(f'{path}:3:1: "strat" is not a statement; did you mean "start"?',
                      program.err.text)

    def test_unreadable_input(self):
        for option in ("--file", "--payload-file"):
            self.expect_sentence(["submit", option, "/no/such"], USAGE, "/no/such", "No such file")
            self.expect_sentence(["submit", option, "/etc"], USAGE, "/etc cannot be read")
        self.expect_sentence(["run", "/no/such"], USAGE, "/no/such", "No such file")

    def test_empty_input(self):
        for words in (["submit", "--file"], ["submit", "--wait", "--file"], ["run"]):
            for content in (b"", b"\n\n"):
                path = self.file(content)
                self.expect_sentence([*words, path], DONE, path, "nothing was")

    def test_trace_that_cannot_be_written(self):
        path = self.file(b'scenario "x"\nstart all\nuntil leader m1 within 5s\n')
        for trace in ("/no/such/trace", "/dev/full"):
            program = self.run_rota("sim", "run", path, "--trace", trace, status=USAGE)
            self.assertIn(trace, program.err.text)

    def closed(self, *words, output="&-"):
        """Runs the program with a standard output that is closed or cannot be written."""
        run = subprocess.run(["sh", "-c", f'exec "$@" >{output}', "sh", PROGRAM, *words],
                             env=self.environment(), stdin=subprocess.DEVNULL,
                             stderr=subprocess.PIPE)
        self.assertEqual(run.returncode, FAILED, words)
        self.assertIn(b"standard output cannot be written", run.stderr)

    def test_standard_output_is_closed(self):
        scenario = self.file(b'scenario "x"\nstart all\nuntil leader m1 within 5s\n')
        for output in ("&-", "/dev/full"):
            for words in (["status"], ["help"], ["--version"], ["submit", "x"],
                          ["sim", "run", scenario, "--trace", "-"]):
                self.closed(*words, output=output)
        self.assertEqual(len(self.client.get_children("/tasks")), 2)  # submitted all the same
        for task in self.client.get_children("/tasks"):
            self.client.delete("/tasks/" + task)


class UnreadLog(Case):
    """The standard error of a master and a worker is not read."""

    def start(self, log, *words):
        return subprocess.Popen(["setpriv", "--pdeathsig", "KILL", PROGRAM, *words, "--session",
                                 self.session], env=self.environment(), stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=log)

    def test_log_that_is_read_late(self):
        """A task floods the log too; its worker keeps its session all the same."""
        reading, writing = os.pipe()
        programs = [self.start(writing, "master"),
                    self.start(writing, "worker", "--name", "w1", "--slots", "4", "--shell",
                               "--max-log", "1000000000")]
        os.close(writing)
        program = self.run_rota("submit", "--wait", "-", input=b"echo 1\n" * 200)
        self.assertEqual(program.out.bytes, b"1\n" * 200)
        program = self.run_rota("submit", "--wait", "seq 3000000 >&2; echo $ROTA_ATTEMPT")
        self.assertEqual(program.out.text, "1\n")
        for program in programs[::-1]:
            program.terminate()
        log = b""
        while piece := os.read(reading, 65536):
            log += piece
        self.assertIn(b" lines left out\n", log)
        for program in programs:
            self.assertEqual(program.wait(TIMEOUT_S), 0)
        os.close(reading)

    def test_log_that_is_never_read(self):
        reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
        programs = [self.start(writing, "master"),
                    self.start(writing, "worker", "--name", "w1", "--slots", "4", "--shell")]
        os.close(writing)
        self.run_rota("submit", "--wait", "-", input=b"echo 1\n" * 200)
        for program in programs[::-1]:
            program.terminate()
            self.assertEqual(program.wait(TIMEOUT_S), 0)
        os.close(reading)


class Work(Case):
    """Bad tasks among good ones."""

    def setUp(self):
        super().setUp()
        self.m1 = self.master("m1")
        self.w1 = self.worker("w1", slots=4)
        self.w1.err.await_text("registered")

    def tearDown(self):
        if self.complaints() == self.complaints_before:
            self.w1.stop()
            self.m1.stop()
        super().tearDown()

    def submit(self, payload, status=DONE, **how):
        """Submits this payload as a file and waits for the result."""
        return self.run_rota("submit", "--wait", "--payload-file", self.file(payload),
                             status=status, **how)

    def use_program(self, *words):
        self.w1.stop()
        self.w1 = self.worker("w1", "--exec", *words)
        self.w1.err.await_text("registered")

    def test_lines_that_no_task_can_carry(self):
        lines = b"echo a\n" + b"x" * 2000000 + b"\necho \0\n\n\necho b\n"
        for words in (["submit", "--wait", "-"], ["run", "--session", "2s"]):
            program = self.run_rota(*words, input=lines, status=REFUSED)
            self.assertEqual(program.out.bytes, b"a\nb\n")
            long, nul = program.err.text.splitlines()
            self.assertIn("line 2 is longer than 1000000 bytes", long)
            self.assertIn("line 3 holds a NUL byte", nul)

    def test_payload_above_the_limit(self):
        program = self.submit(b"x" * (PAYLOAD_LIMIT + 1), REFUSED)
        self.assertIn("longer than 1000000 bytes", program.err.text)

    def test_payload_at_the_limit(self):
        self.use_program("wc", "-c")
        self.assertEqual(self.submit(b"\0" * PAYLOAD_LIMIT).out.bytes, b"1000000\n")

    def test_payload_for_the_shell_with_nul_bytes(self):
        self.assertIn("NUL byte", self.submit(b"echo \0", FAILED).err.text)

    def test_empty_payload(self):
        self.assertEqual(self.submit(b"").out.bytes, b"")
        self.use_program("wc", "-c")
        self.assertEqual(self.submit(b"").out.bytes, b"0\n")

    def test_input_that_is_never_read(self):
        self.use_program("true")
        self.assertEqual(self.submit(b"x" * PAYLOAD_LIMIT).out.bytes, b"")

    def test_program_that_does_not_exist(self):
        """The program exists when the worker starts, and is removed before a task runs."""
        program = self.file(b"#!/bin/sh\n")
        os.chmod(program, 0o700)
        self.use_program(program)
        os.unlink(program)
        self.assertIn("No such file", self.submit(b"x", FAILED).err.text)

    def test_commands_that_fail_among_others(self):
        lines = (b"echo 1\nnosuchcommand\necho 3\nhead -c 10000000 /dev/zero\necho 5\n"
                 b"kill -9 $$\necho 7\nexit 3\necho 9\nhead -c 10000000 /dev/urandom >&2\n")
        good = [b"1\n", b"3\n", b"5\n", b"7\n", b"9\n"]
        expected = good[0] + good[1] + b"\0" * RESULT_LIMIT + b"".join(good[2:])
        for words in (["submit", "--wait", "-"], ["run", "--session", "2s"]):
            program = self.run_rota(*words, input=lines, status=FAILED)
            self.assertEqual(program.out.bytes, expected)
            for part in ("line 2: failed: exit status 127", "line 6: failed: killed by signal 9",
                         "line 4: failed: standard output is longer than 524288 bytes",
                         "line 8: failed: exit status 3"):
                self.assertIn(part, program.err.text)

    def test_result_at_and_above_the_limit(self):
        for size, status in ((RESULT_LIMIT, DONE), (RESULT_LIMIT + 1, FAILED)):
            program = self.submit(b"head -c %d /dev/zero" % size, status)
            self.assertEqual(program.out.bytes, b"\0" * RESULT_LIMIT)

    def test_most_a_result_may_be(self):
        self.w1.stop()
        self.w1 = self.worker("w1", "--shell", "--max-result", "900000", slots=4)
        lines = b"head -c 900000 /dev/zero; head -c 100000 /dev/zero >&2; exit 1\n" * 8
        program = self.run_rota("submit", "--wait", "-", input=lines, status=FAILED)
        self.assertEqual(len(program.out.bytes), 8 * 900000)
        self.w1.stop()
        self.w1 = self.worker("w1", "--shell", "--max-result", "0")
        self.assertEqual(self.submit(b":").out.bytes, b"")
        self.assertEqual(self.submit(b"echo", FAILED).out.bytes, b"")

    def test_every_byte_is_preserved(self):
        self.use_program("cat")
        payload = bytes(range(256)) * 1000
        self.assertEqual(self.submit(payload).out.bytes, payload)

    def test_reader_that_goes_away(self):
        """The tasks whose results were not printed stay in the tree and are named."""
        lines = b"".join(b"echo %d\n" % i for i in range(400))
        program = self.rota("submit", "--wait", "-", input=lines, stdout=subprocess.PIPE)
        head = subprocess.run(["sh", "-c", 'exec "$@" | head -n 1', "sh", PROGRAM, "submit",
                               "--wait", "--file", self.file(lines)], env=self.environment(),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        self.assertEqual(head.stdout, b"0\n")
        self.assertEqual(program.status(), DONE)
        left = [line.split()[-1] for line in head.stderr.decode().splitlines()
                if "no result was printed for:" in line]
        self.assertEqual(sorted(left), sorted(self.client.get_children("/tasks")))
        if left:
            taken = self.run_rota("wait", *left).out.bytes
            self.assertTrue(lines.replace(b"echo ", b"").endswith(taken))

    def test_more_at_once_than_the_usual_limit_of_descriptors(self):
        run = subprocess.run(["prlimit", "--nofile=256:4096", PROGRAM, "run", "--jobs", "300"],
                             env=self.environment(ROTA_ZK=""), input=b"sleep 0.5; echo 1\n" * 400,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((run.returncode, run.stdout), (DONE, b"1\n" * 400), run.stderr)

    def test_too_few_descriptors(self):
        """The program ends with a sentence however few descriptors there are."""
        for limit in range(6, 17):
            run = subprocess.run(["prlimit", f"--nofile={limit}:{limit}", PROGRAM, "run"],
                                 env=self.environment(ROTA_ZK=""), input=b"true\n",
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertIn(run.returncode, (FAILED, UNREACHABLE, REFUSED), limit)
            self.assertRegex(run.stderr, b"^rota: .*\n$", limit)

    def test_no_terminal_and_no_input(self):
        program = self.run_rota("submit", "--wait", "echo here; tty; cat", status=DONE)
        self.assertEqual(program.out.bytes, b"here\nnot a tty\n")


if __name__ == "__main__":
    unittest.main()
