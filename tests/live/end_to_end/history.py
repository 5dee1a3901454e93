"""Reads the transaction log of a ZooKeeper server and checks that the guarantees were kept.

The log holds every write in order, with the parts of each multi. It does not depend on the
retries or watches of a client.
"""

import collections
import glob
import os
import struct

CREATE, DELETE, SET, CHECK, MULTI, CREATE2 = 1, 2, 5, 13, 14, 15
CLOSE_SESSION = -11

# One transaction: its zxid, the session that requested it, and its writes as (kind, path, data).
Transaction = collections.namedtuple("Transaction", "zxid session writes")


class Reader:
    """Reads ZooKeeper's format: big-endian numbers; a string or buffer has its length in front,
    -1 for none."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def number(self, form):
        value, = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return value

    def buffer(self):
        length = max(0, self.number("i"))
        self.at += length
        return self.data[self.at - length:self.at]

    def path(self):
        return self.buffer().decode()


def writes_of(kind, reader):
    if kind in (CREATE, CREATE2):
        return [("create", reader.path(), reader.buffer())]
    if kind == DELETE:
        return [("delete", reader.path(), b"")]
    if kind == SET:
        return [("set", reader.path(), reader.buffer())]
    if kind == CHECK:
        return [("check", reader.path(), b"")]
    if kind == CLOSE_SESSION:
        count = reader.number("i") if reader.at < len(reader.data) else 0
        return [("delete", reader.path(), b"") for _ in range(max(0, count))]
    if kind == MULTI:
        found = []
        for _ in range(reader.number("i")):
            part = reader.number("i")
            found += writes_of(part, Reader(reader.buffer()))
        return found
    return []


def read_log(path):
    """The transactions of one log file; zeros follow the last one."""
    with open(path, "rb") as f:
        reader = Reader(f.read())
    reader.at = 16  # magic, version, database
    while reader.at + 12 <= len(reader.data):
        reader.number("q")
        entry = reader.buffer()
        if not entry:
            return
        reader.at += 1
        inner = Reader(entry)
        session, _, zxid, _, kind = (inner.number(form) for form in "qiqqi")
        yield Transaction(zxid, session, writes_of(kind, inner))


def read(directory):
    """All transactions that a server has logged in that directory, in order."""
    found = {}
    for path in glob.glob(os.path.join(directory, "log.*")):
        found.update((t.zxid, t) for t in read_log(path))
    return [found[zxid] for zxid in sorted(found)]


class Judge:
    """Follows the writes below one chroot and notes each violation of a guarantee."""

    def __init__(self, chroot):
        self.chroot = chroot
        self.complaints = []
        self.tasks = set()
        self.ended = set()      # tasks that have a status
        self.completed = set()  # tasks that had a status since their submission or last retry
        self.assigned = {}      # (task, worker) -> zxid
        self.moves = []         # (task, from, to)
        self.statuses = 0       # created in all

    def complain(self, transaction, sentence):
        self.complaints.append(f"zxid {transaction.zxid:#x}: {sentence}")

    def task(self, t, kind, name):
        if kind == "create":
            self.tasks.add(name)
        elif kind == "delete":
            self.tasks.discard(name)
            self.ended.discard(name)
            self.completed.discard(name)

    def status(self, t, kind, name):
        if kind == "set":
            self.complain(t, f"the status of {name} was changed")
        elif kind == "create":
            if name in self.completed:
                self.complain(t, f"{name} was completed twice")
            self.ended.add(name)
            self.completed.add(name)
            self.statuses += 1
        else:
            self.ended.discard(name)

    def retry(self, t, kind, name):
        """A retry deletes the status in the same transaction."""
        status = f"{self.chroot}/tasks/{name}/status"
        if kind == "create" and ("delete", status, b"") in t.writes:
            self.completed.discard(name)

    def assignment(self, t, kind, worker, name):
        if kind == "delete":
            self.assigned.pop((name, worker), None)
        elif kind == "create":
            self.assigned[name, worker] = t.zxid
            if ("check", self.chroot + "/epoch", b"") not in t.writes:
                self.complain(t, f"{name} was assigned without a check of the epoch")

    def apply(self, t):
        before = {name: worker for name, worker in self.assigned}
        for kind, path, _ in t.writes:
            if kind == "check" or not path.startswith(self.chroot + "/"):
                continue
            parts = path[len(self.chroot) + 1:].split("/")
            if parts[0] == "tasks" and len(parts) == 2:
                self.task(t, kind, parts[1])
            elif parts[0] == "tasks" and len(parts) == 3:
                self.status(t, kind, parts[1])
            elif parts[0] == "retry" and len(parts) == 2:
                self.retry(t, kind, parts[1])
            elif parts[0] == "assign" and len(parts) == 3:
                self.assignment(t, kind, parts[1], parts[2])
        self.check_holders(t, before)

    def check_holders(self, t, before):
        holders = collections.Counter(name for name, _ in self.assigned)
        for name, count in holders.items():
            if count > 1:
                self.complain(t, f"{name} is assigned to {count} workers")
            if name in self.ended:
                self.complain(t, f"{name} has ended and is still assigned")
        for name, worker in self.assigned:
            if name in before and before[name] != worker:
                self.moves.append((name, before[name], worker))


def judge(transactions, chroot):
    """A judge that has followed all transactions."""
    one = Judge(chroot)
    for t in transactions:
        one.apply(t)
    return one


def complaints(transactions, chroot):
    return judge(transactions, chroot).complaints
