"""The two sides of a comparison: a revision that is built and run, or a normal form on the disk."""

import contextlib
import gzip
import json
import os
import shutil
import signal
import subprocess
import tempfile

import notes
import scenarios
from wrong import Wrong

SEEDS = ("own", "2", "3", "5", "7")
LARGE_SEEDS = ("own",)
PATIENCE_S = 900
WRONG_FILE = 2
RESULT = ("verdict", "runs", "events", "virtual_seconds")
TEXT = {"encoding": "utf-8", "errors": "surrogateescape", "newline": "\n"}
RENAMED = "tests/behaviour/renamed.txt"
INDEX = "index.json"


def sim_command(rota, file, seed, trace):
    """How a program runs a scenario: the trace goes to a file, the result to standard output."""
    choice = [] if seed == "own" else ["--seed", seed]
    return [rota, "sim", "run", file, "--json", "--trace", trace] + choice


def read(path):
    with open(path, **TEXT) as file:
        return file.read()


def call(command, **more):
    """Runs a command that must succeed, and returns what it printed."""
    run = subprocess.run(command, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, check=False, **more)
    if run.returncode != 0:
        raise Wrong(f"{' '.join(command)} fails:\n{run.stdout[-4000:]}")
    return run.stdout


def result_line(status, printed):
    """The last line of a normal form: the exit status, and the result that the program printed."""
    try:
        said = json.loads(printed)
        words = [f"{key}={said[key]}" for key in RESULT]
    except (ValueError, KeyError) as error:
        if status >= 0:
            raise Wrong(f"the result of a run cannot be read ({error!r}): {printed}") from error
        words = []
    return "\t".join(["result", f"status={status}"] + words)


class Built:
    """A revision with its own program and its own scenario files."""

    def __init__(self, root, rota):
        self.root, self.rota = root, rota
        self.files = scenarios.find(root)
        self.reader = notes.Reader(notes.find_sentences(root))
        renamed = os.path.join(root, RENAMED)
        self.renamed = read(renamed) if os.path.exists(renamed) else ""

    def text(self, number):
        return read(os.path.join(self.root, self.files[number]))

    def statements(self, number):
        return scenarios.statements_of(self.text(number))

    def seeds(self, number):
        return LARGE_SEEDS if scenarios.is_scale(self.text(number)) else SEEDS

    def run(self, number, seed):
        """The normal form of a run, as a list of lines."""
        with tempfile.TemporaryDirectory(dir=os.path.dirname(self.rota)) as folder:
            trace = os.path.join(folder, "trace")
            command = sim_command(self.rota, self.files[number], seed, trace)
            try:
                run = subprocess.run(command, cwd=self.root, stdin=subprocess.DEVNULL,
                                     capture_output=True, encoding="utf-8", errors="replace",
                                     timeout=PATIENCE_S, check=False)
            except subprocess.TimeoutExpired as late:
                raise Wrong(f"{' '.join(command)} does not end in {PATIENCE_S} s") from late
            if run.returncode == WRONG_FILE:
                raise Wrong(f"{' '.join(command)} fails:\n{run.stderr}")
            lines = read(trace).split("\n")[:-1]
        try:
            return [self.reader.line(line) for line in lines] + [
                result_line(run.returncode, run.stdout)]
        except Wrong as wrong:
            raise Wrong(f"{self.files[number]}, seed {seed}: {wrong}") from wrong


class Stored:
    """The normal form of a revision, as `store` has written it."""

    def __init__(self, folder):
        self.folder = folder
        try:
            index = json.loads(read(os.path.join(folder, INDEX)))
        except OSError as error:
            raise Wrong(f"{folder} holds no normal form: {error}") from error
        self.files, self.renamed = index["files"], index["renamed"]
        self.loaded = None, None

    def form(self, number):
        """The whole normal form of a file, kept until another one is asked for."""
        if self.loaded[0] != number:
            with gzip.open(form_path(self.folder, number), "rt", **TEXT) as file:
                self.loaded = number, json.load(file)
        return self.loaded[1]

    def statements(self, number):
        return self.form(number)["statements"]

    def seeds(self, number):
        return tuple(self.form(number)["runs"])

    def run(self, number, seed):
        return self.form(number)["runs"][seed]


def form_path(folder, number):
    return os.path.join(folder, number + ".json.gz")


def store_form(side, number, folder):
    """Writes the normal form of one file, and returns the number of its runs. Traces are kept
    whole, because renames cannot be applied to a hash."""
    form = {"statements": side.statements(number),
            "runs": {seed: side.run(number, seed) for seed in side.seeds(number)}}
    with gzip.open(form_path(folder, number), "wt", compresslevel=6, **TEXT) as file:
        file.write(json.dumps(form, indent=0, ensure_ascii=False))
    return len(form["runs"])


def store_index(side, folder):
    """Writes the list of files and the table of renames. The index is written last: a folder
    without it is not a complete normal form."""
    with open(os.path.join(folder, INDEX), "w", **TEXT) as file:
        json.dump({"files": side.files, "renamed": side.renamed}, file, indent=0)


# ---- building ----

def build(source, folder):
    """Builds the program of a source tree, and returns its path."""
    environment = dict(os.environ, CCACHE_BASEDIR=source, CCACHE_NOHASHDIR="1")
    launcher = ["-DCMAKE_C_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
    call(["cmake", "-S", source, "-B", folder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
          "-DROTA_TESTS=OFF", "-DROTA_BENCH=OFF"] + launcher, env=environment)
    call(["cmake", "--build", folder, "--target", "rota"], env=environment)
    return os.path.join(folder, "rota")


@contextlib.contextmanager
def uninterrupted():
    """Ignores a second Ctrl-C while files and work trees are removed."""
    former = {number: signal.signal(number, signal.SIG_IGN)
              for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def checked_out(root, revision, folder):
    """The path of a work tree of the revision, which is removed at the end; None is the work tree
    of root itself."""
    if revision is None:
        yield root
        return
    commit = call(["git", "-C", root, "rev-parse", "--verify", "--end-of-options",
                   revision + "^{commit}"]).strip()
    try:
        call(["git", "-C", root, "worktree", "add", "--detach", folder, commit])
        yield folder
    finally:
        with uninterrupted():
            subprocess.run(["git", "-C", root, "worktree", "remove", "--force", "--force", folder],
                           capture_output=True, check=False)


@contextlib.contextmanager
def built(root, revision):
    """A revision, built in a temporary folder."""
    folder = tempfile.mkdtemp(prefix="rota-behaviour-")
    try:
        with checked_out(root, revision, os.path.join(folder, "source")) as source:
            yield Built(source, build(source, os.path.join(folder, "build")))
    finally:
        with uninterrupted():
            shutil.rmtree(folder, ignore_errors=True)
