#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Tell what the library adds to the time of a compilation and to its result.

Each file is compiled several times, in turns. The time is that of the
processor, so that a busy machine matters less, and the median counts.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile

SOURCE = pathlib.Path(__file__).with_name("compile_cost.cpp")
CASES = {
    "Asio alone": [],
    "concurrent_channel.hpp": ["-DCOST_CHANNEL"],
    "toro/lock.hpp": ["-DCOST_LOCK"],
    "toro/lock.hpp, separate": ["-DCOST_LOCK", "-DTORO_SEPARATE_COMPILATION"],
    "toro/queue.hpp": ["-DCOST_QUEUE"],
    "toro/queue.hpp, separate": ["-DCOST_QUEUE",
                                 "-DTORO_SEPARATE_COMPILATION"],
    "toro.hpp": ["-DCOST_ALL"],
}
USES = {"included": [], "used": ["-DCOST_USE"]}
BOUND = 1 / 3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--library", help="the compiled library")
    parser.add_argument("--json", help="write the results to this file")
    parser.add_argument("flags", nargs="*", help="flags for the compiler")
    return parser.parse_args()


def processor_time():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compile_once(options, output, definitions):
    command = [options.compiler, *options.flags, *definitions,
               "-c", str(SOURCE), "-o", output]
    before = processor_time()
    subprocess.run(command, check=True)
    return processor_time() - before


def code_bytes(file):
    """Code and data of an object or of all members of a library."""
    lines = subprocess.run(["size", file], check=True, capture_output=True,
                           text=True).stdout.splitlines()[1:]
    return sum(int(line.split()[0]) + int(line.split()[1]) for line in lines)


def measured(options):
    times = {(use, case): [] for use in USES for case in CASES}
    sizes = {}
    with tempfile.TemporaryDirectory() as directory:
        output = os.path.join(directory, "object.o")
        for _ in range(options.runs):
            for use, case in times:
                seconds = compile_once(options, output,
                                       USES[use] + CASES[case])
                times[use, case].append(seconds)
                sizes[use, case] = code_bytes(output)
    return [{"case": case, "use": use,
             "seconds": statistics.median(seconds),
             "bytes": sizes[use, case]}
            for (use, case), seconds in times.items()]


def with_additions(rows):
    """Each row, with its time above Asio's as a part of Asio's."""
    alone = {row["use"]: row["seconds"]
             for row in rows if not CASES[row["case"]]}
    for row in rows:
        row["addition"] = row["seconds"] / alone[row["use"]] - 1
    return rows


def verdict(row):
    if row["use"] == "used" or not row["case"].startswith("toro"):
        return ""
    return "below a third" if row["addition"] < BOUND else "OVER A THIRD"


def show(rows):
    print(f"{'':34}{'seconds':>9}{'addition':>10}{'object':>9}")
    for row in rows:
        print(f"{row['case'] + ', ' + row['use']:34}{row['seconds']:9.2f}"
              f"{row['addition']:10.0%}{row['bytes']:9}  {verdict(row)}")


def main():
    options = arguments()
    rows = with_additions(measured(options))
    show(rows)
    result = {"compilations": rows}
    if options.library:
        result["library_bytes"] = code_bytes(options.library)
        print(f"the compiled library: {result['library_bytes']} bytes")
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
