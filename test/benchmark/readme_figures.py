#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""One run of the benchmarks: JSON, the picture, the tables of README and guide.

readme_figures.py <benchmark.json> <benchmark.svg> <README.md> <cost.md> tells
whether the picture or a table shows another figure than the JSON.
`toro_benchmark --json ... --svg ...` makes these two. With --write it first puts
each row of the JSON on a line of its own, and writes the tables into the documents.
"""

import json
import re
import sys
from pathlib import Path

# The columns of a document's table, and its rows: what the document calls them,
# and the benchmark.
README = (["toro strand_bound", "channel", "toro thread_safe",
           "concurrent_channel", "steady_timer"], [
    ("acquire a free lock, callback", "W1/callback, io_context"),
    ("the same, `use_awaitable`", "W1/use_awaitable"),
    ("the same, `toro::eager`", "W1/eager"),
    ("pass a lock on, callback", "W2/callback, 32 users"),
    ("the same, `use_awaitable`", "W2/use_awaitable, 32 users"),
    ("`try_put` and `try_get`", "W3/callback, trying first"),
    ("put and get, callback", "W3/callback, room for 64, 1 x 1"),
    ("the same, `use_awaitable`", "W3/use_awaitable, room for 64, 1 x 1"),
    ("wake each of 100 000 on a strand",
     "W4/event, delivery on a strand of 100 000"),
    ("the same, if they may run in parallel", "W4/event, delivery of 100 000"),
    ("a deadline that does not pass, while waiting",
     "W5/use_awaitable, 2 users, beside a reactor"),
    ("cancel one of 1 000", "W7/one of 1 000"),
])
COST = (["toro strand_bound", "toro thread_safe"], [
    ("acquire a free lock, `use_awaitable`", "W1/use_awaitable"),
    ("acquire a free lock, `toro::eager`", "W1/eager"),
    ("put and get, `use_awaitable`",
     "W3/use_awaitable, room for 64, 1 x 1"),
    ("`try_put` and `try_get`", "W3/callback, trying first"),
    ("a deadline that does not pass, while waiting",
     "W5/use_awaitable, 2 users, beside a reactor"),
    ("wake each of 100 000 that may run in parallel",
     "W4/event, delivery of 100 000"),
    ("wake each of 100 000 on a strand",
     "W4/event, delivery on a strand of 100 000"),
])

TABLE = re.compile(r"^\| Work \|.*?(?=^(?!\|))", re.M | re.S)
BAR = re.compile(r'<path data-row="(?P<row>[^"]*)".*?<text [^>]*>(?P<figure>.*?)<',
                 re.S)


def medians(results):
    return {"/".join([row["workload"], row["variant"], row["contender"]]):
            row["median"] for row in results["rows"]}


def one_row_a_line(results):
    others = {key: value for key, value in results.items() if key != "rows"}
    rows = ",\n".join(json.dumps(row) for row in results["rows"])
    return f'{json.dumps(others)[:-1]}, "rows": [\n{rows}\n]}}\n'


def shown(value, digits):
    """A figure as people read it, with that many digits behind the point."""
    return "" if value is None else f"{value:.{digits}f}"


def in_table(value):
    return shown(value, 0 if value is not None and value >= 100 else 1)


def in_picture(value):
    return shown(value, 2 if value < 10 else 1 if value < 100 else 0)


def table(figures, columns, rows):
    names = [c.removeprefix("toro ") for c in columns]
    lines = [["Work", *(f"`{n}`" for n in names)], ["---"] * (len(names) + 1)]
    for label, row in rows:
        lines.append([label, *(in_table(figures.get(f"{row}/{c}"))
                               for c in columns)])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def faults(figures, picture, documents):
    for path, expected in documents.items():
        found = TABLE.search(path.read_text())
        if not found or found[0] != expected:
            yield f"the table of {path.name} should be\n{expected}"
    bars = BAR.findall(picture)
    if not bars:
        yield "the picture has no bars"
    for row, figure in bars:
        if row not in figures:
            yield f"the picture shows {row}, which was not measured"
        elif figure != in_picture(figures[row]):
            yield f"the picture shows {figure} for {row}, not {figures[row]}"


def main(arguments):
    run, picture, readme, cost = map(
        Path, [a for a in arguments if a != "--write"])
    results = json.loads(run.read_text())
    figures = medians(results)
    documents = {readme: table(figures, *README), cost: table(figures, *COST)}
    if "--write" in arguments:
        run.write_text(one_row_a_line(results))
        for path, expected in documents.items():
            path.write_text(
                TABLE.sub(lambda match: expected, path.read_text()))
    found = list(faults(figures, picture.read_text(), documents))
    print(*found, f"{len(found)} faults", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
