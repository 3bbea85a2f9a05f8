# SPDX-License-Identifier: BSL-1.0
"""Builds the programs, without the mutants that do not compile."""

import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys

import mutants

# Tests that between them make use of nearly all templates. What only the others
# show is found in the build itself, which then begins again.
_PROBES = ("fault_injection/operations.cpp", "fault_injection/items.cpp",
           "unit/eager.cpp", "unit/pieces.cpp", "unit/diagnostics.cpp",
           "lifetime/programs.cpp")


def _probes(build):
    with open(os.path.join(build, "compile_commands.json"),
              encoding="utf-8") as file:
        commands = json.load(file)
    for entry in commands:
        command = entry["command"]
        if "toro_mutation_" not in command or \
                not re.search("/mutation/src/|" + "|".join(_PROBES),
                              entry["file"]):
            continue
        words = shlex.split(command)
        if os.path.basename(words[0]) == "ccache":
            words = words[1:]
        output = words.index("-o")
        yield entry["file"], words[:output] + words[output + 2:] + [
            "-fsyntax-only",
            "-ferror-limit=0" if "clang" in words[0] else "-fmax-errors=0"]


def _check(command, build):
    return subprocess.run(command, cwd=build, text=True, check=False,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


def _drop(library, messages, directory, places, dropped, record):
    guilty = library.blamed(messages, directory, places) - dropped
    for mutant in library.mutants:
        if mutant.number in guilty and mutant.kind == "by hand":
            sys.exit("%s\nnot C++ there: %s" % (messages, mutant))
    dropped |= guilty
    mutants.write(record, [mutant for mutant in library.mutants
                           if mutant.number in dropped])
    return guilty


def build(library, chosen, options, dropped, record):
    """Plants, compiles and drops until all programs are there."""
    others = {mutant.number for mutant in library.mutants} - chosen
    # What an earlier run has dropped is most of it.
    probes = {} if dropped else dict(_probes(options.build))
    pending = set(probes)
    while pending:
        places = library.plant(options.copy, dropped | others)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            results = dict(zip(sorted(pending), pool.map(
                lambda name: _check(probes[name], options.build),
                sorted(pending))))
        pending = {name for name, result in results.items()
                   if result.returncode}
        guilty = set()
        for name in pending:
            guilty |= _drop(library, results[name].stdout, options.copy,
                            places, dropped, record)
        print("%d of %d probes do not compile, %d mutants less" %
              (len(pending), len(results), len(guilty)), flush=True)
        if pending and not guilty:
            sys.exit("\n".join(results[name].stdout for name in pending))
    places = library.plant(options.copy, dropped | others)
    while True:
        result = subprocess.run(
            ["cmake", "--build", options.build, "--target",
             *options.programs, "--", "-k", "0", "-j", str(options.jobs)],
            text=True, check=False, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        if result.returncode == 0:
            return
        guilty = _drop(library, result.stdout, options.copy, places, dropped,
                       record)
        if not guilty:
            sys.exit(result.stdout)
        print("%d mutants less" % len(guilty), flush=True)
        # What has compiled is not compiled again: nobody will choose them.
        places = library.plant(options.copy, dropped | others, touch=False)
