#!/usr/bin/python3
"""Every check of this folder bites: each violation, planted in a copy of the tree, is reported.

usage: selftest.py ROOT LIBRARY BUILD ROTA
"""

import os
import shutil
import subprocess
import sys
import tempfile

LONG = "long_line " * 11

# check, the file that is written into the copy, its text, the expected report. Instead of a text, a
# pair replaces the first by the second in the file that is there.
PLANTS = [
    ("tidy", "cli/plant.c", "void f(char *a)\n{\n    strcpy(a, \"b\");\n}\n",
     "cli/plant.c:3: strcpy is banned, use memcpy or snprintf"),
    ("tidy", "tests/plant.c", "int f(void)\n{\n    return usleep (5);\n}\n",
     "tests/plant.c:3: usleep is banned, use a wait for a condition, with a bound"),
    ("tidy", "model/plant.c", "void f(void)\n{\n    assert(1);\n}\n",
     "model/plant.c:3: assert is banned, use rota_assert"),
    ("tidy", "model/plant.c", "/* " + LONG + " */\n",
     "model/plant.c:1: 116 columns are banned, use at most 100"),
    ("tidy", "model/plant.c", "void f(void)\n{\n" + "    g();\n" * 99 + "}\n",
     "model/plant.c:2: a function of 101 lines is banned, use at most 100"),
    ("tidy", "model/plant.c", "int a;\n" * 901,
     "model/plant.c:901: a file of 901 lines is banned, use at most 900"),
    ("tidy", "model/plant.c", "\tint a;\n", "model/plant.c:1: a tab is banned, use spaces"),
    ("tidy", "docs/plant.md", "text \n", "docs/plant.md:1: trailing space is banned, use none"),
    ("tidy", "docs/plant.md", "See [it](../nowhere.md#there).\n",
     "docs/plant.md:1: a link to nothing is banned, use another than ../nowhere.md"),
    ("tidy", "docs/plant.md", "Type `ci/nothing`.\n",
     "docs/plant.md:1: ci/nothing is banned, use a command that exists"),
    ("tidy", "ci/plant", "# TO" "DO later\n",
     "ci/plant:1: TO" "DO is banned, use an issue or do it now"),
    ("tidy", "model/plant.h", "#ifndef PLANT_H\n#define PLANT_H\n#endif\n",
     "model/plant.h:1: this header guard is banned, use ROTA_MODEL_PLANT_H"),
    ("tidy", "model/plant.h", "#ifndef ROTA_MODEL_PLANT_H\n#define ROTA_MODEL_PLANT_H\n#endif\n",
     "model/plant.h:1: a header that nobody includes is banned, use it or remove it"),
    ("tidy-build", "model/plant.c", "int a;\n",
     "model/plant.c:1: a source in no target is banned, use its room's CMakeLists.txt"),
    ("stories", "scenarios/basics/999-plant.scn", 'scenario "a plant"\n\nstart all\n',
     "scenarios/basics/999-plant.scn:1: an opening without a sentence and a title is banned"),
    ("stories", "scenarios/basics/999-plant.scn", '# Why (hazard 30).\n\nscenario "a plant"\n',
     "there is no hazard 30"),
    ("stories", "scenarios/basics/999-plant.scn", '# Why.\n\nscenario "a plant"\nlabels hazard-3\n',
     "hazard 3 is named by "),
    ("rooms", "model/plant.c", "#include <time.h>\n",
     "model/plant.c:1: <time.h> is banned in model, use the seam"),
    ("rooms", "harness/plant.c", "#  include <zookeeper/zookeeper.h>\n",
     "harness/plant.c:1: <zookeeper/zookeeper.h> is banned in harness, use model/seam/backend.h"),
    ("rooms", "model/plant.c", '#include "harness/plant.h"\n',
     'model/plant.c:1: "harness/plant.h" is banned in model, use only rooms below it'),
    ("rooms", "system/plant.c", '#include "harness/plant.h"\n',
     'system/plant.c:1: "harness/plant.h" is banned in system, use only rooms below it'),
    ("rooms", "backend_sim/plant.c", '#include "backend_zk/plant.h"\n',
     'backend_sim/plant.c:1: "backend_zk/plant.h" is banned in backend_sim, '
     'use only rooms below it'),
    ("rooms", "backend_zk/plant.c", '#include "backend_sim/plant.h"\n',
     'backend_zk/plant.c:1: "backend_sim/plant.h" is banned in backend_zk, '
     'use only rooms below it'),
    ("rooms", "harness/plant.c", '#include "cli/plant.h"\n',
     'harness/plant.c:1: "cli/plant.h" is banned in harness, use only rooms below it'),
    ("rooms", "cli/plant.c", '#include "tests/plant.h"\n',
     'cli/plant.c:1: "tests/plant.h" is banned in cli, use only rooms below it'),
    ("rooms", "cli/plant.c", '#include "nowhere.h"\n',
     'cli/plant.c:1: "nowhere.h" is banned, use the header\'s path from the root'),
    ("terms", "docs/PROTOCOL.md", ("| 0 | -1000 | 1000 |", "| 0 | -1000 | 999 |"),
     "docs/PROTOCOL.md: `priority` is ('0', '-1000', '999') there"),
    ("words", "docs/SCENARIOS.md", ("<!-- words: action -->\n", "<!-- words: action -->\n| x |\n"),
     "docs/SCENARIOS.md:1: its words are not those of `rota sim words`"),
    ("rooms", "model/base/plant.c", '#include "model/seam/event.h"\n',
     'model/base/plant.c:1: "model/seam/event.h" is banned in model/base, '
     'use only sub-rooms below it'),
    ("rooms", "model/worker/plant.c", '#include "model/client/client.h"\n',
     'is banned in model/worker, use only sub-rooms below it'),
    ("rooms", "harness/elsewhere/plant.c", "int a;\n",
     "harness/elsewhere/plant.c:1: the sub-room harness/elsewhere is banned, "
     "use one of FLOORS in tests/lint/rooms.py"),
    ("rooms", "model/base/plant.h", "void rota_plant_grow(void);\n",
     "model/base/plant.h:1: rota_plant_grow is banned here, declare it in the header "
     "of the file that defines it"),
    ("rooms", "model/base/assert.h", '#include "model/base/pool.h"\n',
     "a circle of files is banned: model/base/assert, "),
    ("rooms", "cli/plant.c", '#define PLANT "cli/main.h"\n#include PLANT\n',
     "cli/plant.c:2: an include by a macro is banned, use the header's path"),
    ("rooms", "model/base/plant.c", "int rota_plant_grow(void);\n",
     "model/base/plant.c:1: rota_plant_grow is banned here, declare it in a header"),
    ("rooms", "model/base/plant.h", "extern void rota_plant_grow(void);\n",
     "model/base/plant.h:1: rota_plant_grow is banned here, declare it in the header "
     "of the file that defines it"),
    ("prose", "model/plant.c", "/* Who is lost\n * is told. */\n",
     "model/plant.c:1: `Who` is banned in prose, use: name the subject of the sentence"),
    ("prose", "model/plant.c", "/* A task that comes\n * after another. */\n",
     "model/plant.c:1: `comes after` is banned in prose, use: depends on, follows"),
    ("prose", "cli/plant.c", 'const char *a = "nobody leads";\n',
     "cli/plant.c:1: `nobody` is banned in prose"),
    ("prose", "docs/plant.md", "A text.\n\n* What is lost, is lost.\n",
     "docs/plant.md:3: `What` is banned in prose"),
    ("prose", "docs/plant.md", "A text:\n\n    a command\n\n**Late.** What is late, is refused.\n",
     "docs/plant.md:5: `What` is banned in prose"),
    ("prose", "docs/plant.md", "| a | b |\n| --- | --- |\n| c | it is told |\n",
     "docs/plant.md:3: `is told` is banned in prose"),
    ("prose", "tests/plant.c", "static void nobody_is_left(void **state)\n{\n}\n",
     "tests/plant.c:1: `nobody` is banned in prose"),
    ("prose", "scenarios/basics/999-plant.scn", '# It is.\n\nscenario "he leads"\n',
     "scenarios/basics/999-plant.scn:3: `he` is banned in prose"),
    ("prose", "tests/plant.py", '"""Whoever comes."""\n', "tests/plant.py:1: `Whoever` is banned"),
    ("references", "model/plant.c", "/* The order of events (S999). */\n",
     "model/plant.c:1: rule S999 is banned, there is no such thing"),
    ("references", "model/plant.c", "/* Fenced\n * by rules 2 and 999. */\n",
     "model/plant.c:2: rule 999 is banned, there is no such thing"),
    ("references", "scenarios/basics/999-plant.scn", "# A deposed master (hazard 30) writes.\n",
     "scenarios/basics/999-plant.scn:1: hazard 30 is banned, there is no such thing"),
    ("references", "docs/plant.md", "It relies on G99.\n",
     "docs/plant.md:1: guarantee G99 is banned, there is no such thing"),
    ("references", "tests/plant.py", '"""See model/nowhere.c."""\n',
     "tests/plant.py:1: model/nowhere.c is banned, there is no such thing"),
    ("references", "docs/plant.md", "Scenario `998-nowhere` shows it.\n",
     "docs/plant.md:1: 998-nowhere is banned, there is no such thing"),
    ("references", "model/plant.c", "/* See model/nowhere/plant. */\n",
     "model/plant.c:1: model/nowhere/plant is banned, there is no such thing"),
    ("references", "model/plant.c", '/* See docs/PROTOCOL.md, "A\n * Plant". */\n',
     'model/plant.c:1: PROTOCOL.md, "A Plant" is banned, there is no such thing'),
    ("references", "docs/plant.md", "See [it](PROTOCOL.md#a-plant).\n",
     "docs/plant.md:1: PROTOCOL.md#a-plant is banned, there is no such thing"),
    ("references", "cli/plant.c", "/* As rota_plant_nowhere does. */\n",
     "cli/plant.c:1: rota_plant_nowhere is banned, there is no such thing"),
    ("names", "cli/plant.c", "struct rota_pool {\n    int a;\n};\n",
     ": rota_pool is banned here, it is defined at cli/plant.c:1 already"),
    ("names", "tests/plant.c", "struct rota_pool {\n    int a;\n};\n",
     "tests/plant.c:1: rota_pool is banned here, it is defined at model/base/pool.h:"),
    ("names", "cli/plant.c", "typedef int (*rota_wake_f)(void);\n",
     ": rota_wake_f is banned here, it is defined at cli/plant.c:1 already"),
    ("names", "cli/plant.c", "enum { ROTA_EVENT_START = 7 };\n",
     ": ROTA_EVENT_START is banned here, it is defined at cli/plant.c:1 already"),
    ("dialect", "model/plant.c", '#include "model/base/map.h"\n\n#include <stdio.h>\n',
     "model/plant.c:1: this order of includes is banned, sort them"),
    ("dialect", "tests/plant.c", "#include <cmocka.h>\n#include <stdio.h>\n",
     "tests/plant.c:1: this order of includes is banned, sort them"),
    ("dialect", "cli/plant.c",
     "void f(void)\n{\n    const char *a = g(1,\n        2);\n    h(a);\n}\n",
     "cli/plant.c:5: declarations without a blank line after them are banned, add one"),
    ("dialect", "cli/plant.c", "void f(void)\n{\n    if (a) {\n        int b;\n        g(&b);\n"
     "        h();\n    }\n}\n",
     "cli/plant.c:5: declarations without a blank line after them are banned, add one"),
    ("dialect", "cli/plant.c", "void f(int a)\n{\n    g(sizeof(a));\n}\n",
     "cli/plant.c:3: sizeof(x) is banned, use sizeof x"),
    ("dialect", "cli/plant.c",
     "void f(void)\n{\n    if (a)\n        b();\n    else {\n        c();\n"
     "        d();\n    }\n}\n",
     "cli/plant.c:5: braces around one branch alone are banned, use them around each"),
    ("dialect", "cli/plant.c", "void f(void)\n{\n    while (g()) {\n    }\n}\n",
     "cli/plant.c:3: an empty body in braces is banned, use a semicolon on a line of its own"),
    ("dialect", "cli/plant.c", "void f(void)\n{\n    while (g())\n        continue;\n}\n",
     "cli/plant.c:3: continue as a body is banned, use a semicolon on a line of its own"),
    ("dialect", "tests/plant.c", "static void test_it(void **state)\n{\n    (void)state;\n}\n",
     "tests/plant.c:1: test_ before the name of a test is banned, use a sentence"),
    ("format", "model/plant.c", "void f(void)\n{\n    if (a) {\n        b();\n    }\n}\n",
     "error: code should be clang-formatted"),
    ("format", "model/plant.c", "int  f( void ){return 1 ;}\n",
     "model/plant.c:1:4: error: code should be clang-formatted"),
    ("scripts", "ci/plant", "#!/usr/bin/env bash\nif true; then\n",
     "ci/plant: line 3: syntax error"),
    ("scripts", "ci/plant", "#!/usr/bin/env bash\ncd $1\n", "ci/plant:2:1: "),
    ("scripts", "ci/plant.py", "#!/usr/bin/python3\nprint(\n",
     "ci/plant.py:2: '(' was never closed"),
    ("scripts", "ci/plant", "#!/usr/bin/env python3\n",
     "ci/plant:1: #!/usr/bin/env python3 is banned, use #!/usr/bin/python3"),
]

# An object of a model that went astray, and what is reported about it.
IMPURE = [
    ("#include <time.h>\nlong f(void) { return (long)time(0); }\n",
     "time is banned, use the seam"),
    ("#include <stdio.h>\nint f(void) { return puts(\"\"); }\n", "puts is banned, use the seam"),
    ("#include <pthread.h>\nint f(pthread_mutex_t *m) { return pthread_mutex_lock(m); }\n",
     "pthread_mutex_lock is banned, use the seam"),
    ("int counter;\n", "the mutable global counter is banned, use the role's state"),
    ("int f(void) { static int calls = 7; return calls++; }\n", "the mutable global calls"),
]


def command(check, copy, build, rota):
    here = os.path.join(copy, "tests", "lint")
    if check == "format":
        return [os.path.join(copy, "ci", "format")]
    if check == "tidy-build":
        return [os.path.join(here, "tidy.py"), copy, build]
    if check == "words":
        return [os.path.join(here, "words.py"), rota, copy]
    return [os.path.join(here, check + ".py"), copy]


def run(arguments):
    done = subprocess.run(arguments, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def say_not_seen(what, expected, status, output):
    print(f"selftest: {what} was not seen (exit status {status})\n  expected: {expected}")
    print("  reported: " + "\n            ".join(output.splitlines()[:10]))
    return 1


def read_if_there(path):
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as f:
        return f.read()


def planted(former, text):
    """What a file holds with the plant in it."""
    if isinstance(text, str):
        return text
    if text[0] not in former:
        raise SystemExit(f"selftest: nothing to replace: {text[0]!r}")
    return former.replace(*text)


def plant_all(copy, build, rota):
    missed = 0
    for header in ("backend_zk", "backend_sim", "harness", "cli", "tests"):
        with open(os.path.join(copy, header, "plant.h"), "w", encoding="utf-8") as f:
            f.write("")
    for check, path, text, expected in PLANTS:
        place = os.path.join(copy, path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        former = read_if_there(place)
        with open(place, "w", encoding="utf-8") as f:
            f.write(planted(former, text))
        status, output = run(command(check, copy, build, rota))
        os.remove(place)
        if former is not None:
            with open(place, "w", encoding="utf-8") as f:
                f.write(former)
        if status == 0 or expected not in output:
            missed += say_not_seen(f"{check}: {path}", expected, status, output)
    return missed


def plant_impure(folder, library, purity):
    missed = 0
    for text, expected in IMPURE:
        astray = os.path.join(folder, "astray.a")
        source = os.path.join(folder, "astray.c")
        with open(source, "w", encoding="utf-8") as f:
            f.write(text)
        shutil.copy(library, astray)
        subprocess.run(["cc", "-fPIC", "-c", "-o", source + ".o", source], check=True)
        subprocess.run(["ar", "rs", astray, source + ".o"], check=True)
        status, output = run([purity, astray])
        if status == 0 or expected not in output:
            missed += say_not_seen("purity: " + text.replace("\n", " "), expected, status, output)
    return missed


def main(root, library, build, rota):
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy")
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(".git", "build*", "__pycache__"))
        missed = plant_all(copy, build, rota)
        missed += plant_impure(folder, library, os.path.join(copy, "tests", "lint", "purity.py"))
    print(f"selftest: {len(PLANTS) + len(IMPURE)} violations planted, {missed} not seen")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
