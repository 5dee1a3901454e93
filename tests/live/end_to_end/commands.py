"""Real commands on files that every Debian machine has, and their output when they are run
directly."""

import itertools
import subprocess
from concurrent.futures import ThreadPoolExecutor

LICENSES = ["Apache-2.0", "Artistic", "BSD", "GFDL-1.2", "GFDL-1.3", "GPL-1", "GPL-2", "GPL-3",
            "LGPL-2", "LGPL-2.1", "LGPL-3", "MPL-1.1", "MPL-2.0"]
PROGRAMS = ["cat", "cp", "dpkg", "env", "find", "grep", "gzip", "head", "ls", "sed", "sort", "tar"]
FILES = [f"/usr/share/common-licenses/{name}" for name in LICENSES]
FILES += [f"/usr/bin/{name}" for name in PROGRAMS]

TEMPLATES = [
    "sha256sum {}",
    "md5sum {}",
    "cksum <{}",
    "wc {}",
    "gzip -9 -n -c {} | wc -c",
    "gzip -1 -n -c {} | sha1sum",
    "gzip -n -c {} | gzip -dc | cmp - {} && echo the same",
    "head -c 20000 {} | gzip -n -c",
    "head -c 3000 {}",
    "tail -c 500 {} | od -An -tx1",
    "tr -cs 'A-Za-z' '\\n' <{} | sort | uniq -c | sort -rn | head -n 3",
    "grep -c -a the {} || true",
    "LC_ALL=C sort {} | sha256sum",
    "awk 'length($0) > n {{ n = length($0) }} END {{ print n }}' {}",
    "dd if={} bs=1000 count=1 2>/dev/null | od -c | tail -n 2",
    "sleep 0.05; sha512sum {}",
    "sleep 0.1; tail -n 1 {}",
    "printf '%s' $(basename {})",
    ": {}",
    "tar -C / -c {} 2>/dev/null | tar -t",
]


def first(count=500):
    """The first `count` commands; neighbours use different programs."""
    pairs = itertools.product(FILES, TEMPLATES)
    found = [template.format(*[path] * template.count("{}")) for path, template in pairs]
    return found[:count]


def run(command):
    return subprocess.run(["/bin/sh", "-c", command], stdin=subprocess.DEVNULL, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def run_all(commands):
    """The output of each command."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, commands))
