#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Plays random programs on the real Toro and on the library.

The library's side is the program toro_test_differential, which is told each
program with the history that it must have, and reports the differences.
"""

import argparse
import logging
import subprocess
import sys

import generator
import program
from player import Player
from rules import RULES, Rules


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
    parser.add_argument("--without", action="append", choices=RULES,
                        default=[], help="a rule to leave out, to see what "
                        "it is needed for")
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


def _play(arguments, player, out):
    for name, made in _programs(arguments):
        out.write(f"{name}\t{made}\t{player.play(made)}\n")


class _Strict(logging.Handler):
    """Ends the run where Tornado or asyncio would log an error."""

    def emit(self, record):
        raise RuntimeError(record.getMessage())


def _compare(arguments, player):
    """Plays on both sides, and returns the exit code of the library's."""
    library = subprocess.Popen([arguments.library], stdin=subprocess.PIPE,
                               text=True)
    try:
        with library.stdin:
            _play(arguments, player, library.stdin)
    except BrokenPipeError:
        pass  # It says why.
    return library.wait()


def _report(player, rules):
    for line in player.coverage.report():
        print(line)
    print("answers that the library gives otherwise:")
    for name, text in RULES.items():
        print(f"{rules.counts[name]:8} {name}: {text}")


def main():
    arguments = _arguments()
    logging.getLogger().addHandler(_Strict(logging.ERROR))
    rules = Rules(arguments.without)
    player = Player(rules)
    if arguments.library is None:
        _play(arguments, player, sys.stdout)
        return 0
    code = _compare(arguments, player)
    _report(player, rules)
    return code


if __name__ == "__main__":
    sys.exit(main())
