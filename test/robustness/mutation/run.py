#!/usr/bin/python3
# SPDX-License-Identifier: BSL-1.0
"""Tells how many mutants of the library the tests find.

A mutant is a row of a table: a file, a line, and what stands there instead of
the statement or the condition that begins on that line. Most are made here, the
others are in by_hand.csv. All of them are compiled into one copy of the library,
and the environment names the one that a program is.
"""

import argparse
import collections
import concurrent.futures
import glob
import hashlib
import os
import sys

import building
import hunt
import mutants

_HERE = os.path.dirname(os.path.abspath(__file__))


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True, help="the repository")
    parser.add_argument("--copy", required=True, help="where the copy is kept")
    parser.add_argument("--plant", action="store_true",
                        help="only make the copy, where there is none")
    parser.add_argument("--build", help="the build directory")
    parser.add_argument("--programs", nargs="*", default=[],
                        help="the targets to run")
    parser.add_argument("--sample", type=int, default=300,
                        help="how many mutants to try, 0 for all")
    parser.add_argument("--seed", default="1", help="which to try")
    parser.add_argument("--files", default="",
                        help="only those of files whose name has this")
    parser.add_argument("--table", action="append", default=[],
                        metavar="CSV", help="try the mutants of this table "
                        "alone; it needs the columns file, line, replacement")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--limit", type=float, default=60,
                        help="seconds for each mutant")
    parser.add_argument("--resume", action="store_true",
                        help="go on where a run with the same programs was "
                        "interrupted; with --keep")
    parser.add_argument("--keep", action="store_true",
                        help="use the programs and the survey that are there")
    arguments = [word for word in sys.argv[1:] if word != "--"]
    return parser.parse_args(arguments)


def _files(root):
    found = (glob.glob(root + "/include/**/*.hpp", recursive=True) +
             glob.glob(root + "/src/**/*.cpp", recursive=True))
    return sorted(os.path.relpath(path, root) for path in found)


def _keys(path):
    if not os.path.exists(path):
        return set()
    return {tuple(row[name] for name in ("file", "original", "replacement"))
            for row in mutants.read(path)}


def _chosen(options, library, by_hand, dropped):
    """The mutants to try: of a table, or those of ours and some of all."""
    if not options.table:
        able = [mutant for mutant in library.mutants
                if mutant.number not in dropped and
                options.files in mutant.file and mutant not in by_hand]
        # The order goes by the texts, so that a change elsewhere, or one that
        # does not compile, leaves the others in the sample.
        able.sort(key=lambda mutant: hashlib.sha256(
            "\n".join((options.seed, *mutant.key()))
            .encode()).digest())
        del able[options.sample or len(able):]
        return by_hand + sorted(able, key=lambda mutant: mutant.number)
    return by_hand


def _try_all(options, chosen, cases):
    """Tries mutants, and writes how each fared for --resume."""
    path = os.path.join(options.copy, "verdicts.csv")
    known = {}
    if options.resume and os.path.exists(path):
        known = {int(row["number"]): row["how"] for row in mutants.read(path)
                 if row["how"] != "unfinished"}
    verdicts = [hunt.Verdict(mutant, known[mutant.number])
                for mutant in chosen if mutant.number in known]
    with open(path, "w", encoding="utf-8") as file, \
            concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        file.write("number,how\n")
        for number, how in known.items():
            file.write("%d,%s\n" % (number, how))
        pending = [pool.submit(hunt.hunt, mutant, cases, options.limit)
                   for mutant in chosen if mutant.number not in known]
        for done in concurrent.futures.as_completed(pending):
            verdict = done.result()
            verdicts.append(verdict)
            mutant = verdict.mutant
            file.write("%d,%s\n" % (mutant.number, verdict.how))
            file.flush()
            print("%4d/%d %-10s %5.1f s  #%d %s:%d: %s" % (
                len(verdicts), len(chosen), verdict.how, verdict.seconds,
                mutant.number, mutant.file, mutant.line, mutant.replacement),
                flush=True)
    return sorted(verdicts, key=lambda verdict: verdict.mutant.number)


def _describe(verdict):
    mutant = verdict.mutant
    return "%s:%d  #%d, %s, %s\n    %s\n    %s" % (
        mutant.file, mutant.line, mutant.number, mutant.kind,
        "reached by no test" if verdict.how == "missed" else verdict.how,
        mutant.original, mutant.replacement)


def _report(title, verdicts, equivalent):
    if not verdicts:
        return
    alive = [verdict for verdict in verdicts
             if verdict.how in ("survived", "unfinished", "missed")]
    same = [verdict for verdict in alive
            if verdict.mutant.key() in equivalent]
    print("\n" + title)
    for verdict in alive:
        if verdict not in same:
            print(_describe(verdict))
    count = collections.Counter(verdict.how for verdict in verdicts)
    found = len(verdicts) - len(alive)
    print("%d mutants: %d found (%d failed, %d crashed, %d hung), "
          "%d survived, %d unfinished, %d reached by no test; "
          "%d of these are equivalent" %
          (len(verdicts), found, count["failed"], count["crashed"],
           count["hung"], count["survived"], count["unfinished"],
           count["missed"], len(same)))
    if len(verdicts) > len(same):
        print("score: %.1f %%" % (100 * found / (len(verdicts) - len(same))))


def main():
    options = _arguments()
    library = mutants.Library(options.root, _files(options.root))
    tables = [os.path.join(_HERE, "by_hand.csv")] + options.table
    by_hand = []
    for table in tables:
        rows = [library.add(row) for row in mutants.read(table)]
        by_hand = rows if table in options.table[:1] else by_hand + rows
    if options.plant:
        library.plant(options.copy, {m.number for m in library.mutants})
        return

    record = os.path.join(options.copy, "dropped.csv")
    known = _keys(record)
    dropped = {mutant.number for mutant in library.mutants
               if mutant.key() in known}
    chosen = _chosen(options, library, by_hand, dropped)
    if not options.keep:
        building.build(library, {mutant.number for mutant in chosen}, options,
                       dropped, record)
        chosen = [mutant for mutant in chosen if mutant.number not in dropped]
    table = os.path.join(options.copy, "mutants.csv")
    if not options.keep:
        mutants.write(table, chosen)
    elif not mutants.has_all(table, chosen):
        sys.exit("the programs have other mutants: run this without --keep")
    print("%d of %d mutants, without %d that are known not to compile" % (
        len(chosen), len(library.mutants), len(dropped)), flush=True)
    for mutant in by_hand:
        if mutant.number in dropped:
            sys.exit("does not compile: %s" % (mutant,))

    cases = []
    for name in options.programs:
        program = os.path.join(options.build, "test", name)
        report = os.path.join(options.copy, name + ".reached")
        if options.keep and os.path.exists(report):
            cases += hunt.read_survey(program, report)
        else:
            cases += hunt.survey(program, report)
    equivalent = _keys(os.path.join(_HERE, "equivalent.csv"))
    verdicts = _try_all(options, chosen, cases)
    ours = [verdict for verdict in verdicts if verdict.mutant in by_hand]
    _report("Made by hand", ours, equivalent)
    _report("Made by the script", [verdict for verdict in verdicts
                                   if verdict not in ours], equivalent)


if __name__ == "__main__":
    main()
