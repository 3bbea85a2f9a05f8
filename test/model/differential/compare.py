#!/usr/bin/python3
# SPDX-License-Identifier: BSL-1.0
"""Plays random programs on the real Toro and on the library.

The library's side is the program toro_test_differential, which is told each
program with the history that it must have, and reports the differences.

Toro has no close() and no cancellation, so rules say what these do to its
queues. It has nothing like room that is reserved, batches, weights other than
one, delays, watch and broadcast, so those are left to the fuzzer and to the
exhaustive tests.
"""

import argparse
import logging
import subprocess
import sys

import generator
import program
from coverage import Coverage
from deviations import Deviations
from player import Player
from rules import RULES, Rules
from shrink import shrink


# Exit codes of toro_test_differential.
_DIFFERS = 1
_CANNOT_COMPARE = 2


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", nargs="?",
                        help="toro_test_differential; without it the "
                        "programs and their histories are printed")
    parser.add_argument("--programs", type=int, default=1000,
                        help="how many to make")
    parser.add_argument("--seed", default="1", help="what to make them of")
    parser.add_argument("--only", type=int, metavar="INDEX",
                        help="the one with this number alone")
    parser.add_argument("--replay", metavar="PROGRAM",
                        help="a program as it was printed")
    parser.add_argument("--shrink", action="store_true",
                        help="print the shortest form of a program that "
                        "differs")
    parser.add_argument("--without", action="append", choices=RULES,
                        default=[], help="a rule to leave out, to see what "
                        "it is needed for")
    parser.add_argument("--need-all-rules", action="store_true",
                        help="fail if a rule makes no difference")
    return parser.parse_args()


def _programs(arguments):
    """The names of the programs and the programs."""
    if arguments.replay is not None:
        yield "replay", program.parse(arguments.replay)
        return
    indices = range(arguments.programs)
    if arguments.only is not None:
        indices = [arguments.only]
    for index in indices:
        yield (f"--seed {arguments.seed} --only {index}",
               generator.make_program(arguments.seed, index))


class _Trials:
    """What is played, and what was learnt of it."""

    def __init__(self, arguments):
        self._arguments = arguments
        self._player = Player()
        self._coverage = Coverage()
        self.deviations = Deviations(self._player)

    def play(self, out):
        """Writes the programs, each with the history that it must have."""
        for name, made in _programs(self._arguments):
            rules = Rules(self._arguments.without)
            history = self._player.play(made, rules, self._coverage)
            out.write(f"{name}\t{made}\t{history}\n")
            self.deviations.note(made, history, rules)

    def shrink(self):
        """Prints what the programs that differ come down to."""
        for name, made in _programs(self._arguments):
            if self._differs(made):
                print(f"{name}\t{shrink(made, self._differs)}")

    def _differs(self, made):
        rules = Rules(self._arguments.without)
        history = self._player.play(made, rules, Coverage())
        library = subprocess.run(
            [self._arguments.library], input=f"shrunk\t{made}\t{history}\n",
            stdout=subprocess.DEVNULL, text=True)
        return library.returncode not in (0, _CANNOT_COMPARE)

    def report(self):
        for table in self._coverage, self.deviations:
            print(*table.report(), sep="\n")


class _Strict(logging.Handler):
    """Ends the run where Tornado or asyncio would log an error."""

    def emit(self, record):
        raise RuntimeError(record.getMessage())


def _compare(library, trials):
    """Plays on both sides, and returns the exit code of the library's."""
    process = subprocess.Popen([library], stdin=subprocess.PIPE, text=True)
    try:
        with process.stdin:
            trials.play(process.stdin)
    except BrokenPipeError:
        pass  # Its exit code says why.
    code = process.wait()
    if code not in (0, _DIFFERS, _CANNOT_COMPARE):
        print(f"{library} ended with {code}; --shrink finds where")
    return code


def main():
    arguments = _arguments()
    logging.getLogger().addHandler(_Strict(logging.ERROR))
    trials = _Trials(arguments)
    if arguments.library is None:
        trials.play(sys.stdout)
        return 0
    if arguments.shrink:
        trials.shrink()
        return 0
    code = _compare(arguments.library, trials)
    trials.report()
    unneeded = trials.deviations.unneeded()
    if arguments.need_all_rules and unneeded:
        print("no program needs the rule of", *unneeded)
        code = code or 1
    return code


if __name__ == "__main__":
    sys.exit(main())
