#!/usr/bin/python3
"""Runs the example of every word of the scenario language, as `rota sim words` gives them.

usage: words.py ROTA DIRECTORY
"""

import json
import os
import subprocess
import sys

LEAST = 80

HEAD = ("scenario", "labels", "seed", "protocol", "cluster", "tags")
STORY = """
start all
until leader m1 within 5s
until workers >= 2 within 5s
submit c1 4 tasks work=2s
until assigned all >= 2 within 5s
"""


def words(rota):
    """Every word: an object with kind and word, and perhaps syntax, meaning and example."""
    lines = subprocess.run([rota, "sim", "words"], check=True, capture_output=True, text=True)
    return [json.loads(line) for line in lines.stdout.splitlines()]


def scenario(word):
    """A whole scenario around the example."""
    example = word["example"] + "\n"
    title = "" if example.startswith("scenario") else f'scenario "{word["kind"]} {word["word"]}"\n'
    if "\n" in example.rstrip() and example.startswith("scenario"):
        return example
    if example.startswith(HEAD):
        return title + example + STORY
    return title + "cluster servers=3\n" + STORY + example


def main(rota, directory):
    examples = [w for w in words(rota) if "syntax" in w]
    if len(examples) < LEAST:
        sys.exit(f"there are {len(examples)} words with an example, not {LEAST} or more")
    os.makedirs(directory, exist_ok=True)
    files = []
    for word in examples:
        files.append(os.path.join(directory, f"{word['kind']}-{word['word']}.scn"))
        with open(files[-1], "w", encoding="utf-8") as f:
            f.write(scenario(word))
    sys.exit(subprocess.run([rota, "sim", "run", *files], check=False).returncode)


if __name__ == "__main__":
    main(*sys.argv[1:])
