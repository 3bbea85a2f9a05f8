# SPDX-License-Identifier: BSL-1.0
"""Runs the tests that reach a mutant, until one of them fails."""

import dataclasses
import os
import re
import resource
import signal
import subprocess
import threading
import time

_OPTIONS = ["--catch_system_errors=no", "--color_output=no",
            "--log_level=error"]
_ERROR = re.compile(rb"(?:fatal )?error: in |died in: |Assertion .* failed|"
                    rb"terminate called")
_MEMORY = 6 << 30
# A path of Boost.Test ends where a template's or a data set's part begins.
_PLAIN = re.compile(r"^[\w/]+")
# As many names as fit into one argument of a program.
_LONGEST = 100_000


@dataclasses.dataclass
class Case:
    program: str
    name: str
    seconds: float
    reached: set


def survey(program, report):
    """Runs all tests of a program once, to see which mutants each reaches."""
    environment = dict(os.environ, TORO_MUTANT="0",
                       TORO_MUTANTS_REACHED=report)
    result = subprocess.run([program] + _OPTIONS, env=environment, check=False,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode:
        raise RuntimeError("%s fails without a mutant:\n%s" % (
            program, result.stdout.decode(errors="replace")))
    return read_survey(program, report)


def read_survey(program, report):
    cases = {}
    with open(report, encoding="utf-8") as file:
        for line in file:
            path, microseconds, reached = line.rstrip("\n").split("\t")
            name = _PLAIN.match(path).group()
            if len(name) < len(path):
                name += "*"
            case = cases.setdefault(name, Case(program, name, 0, set()))
            case.seconds += int(microseconds) * 1e-6
            case.reached |= {int(number) for number in reached.split()}
    return list(cases.values())


@dataclasses.dataclass
class Verdict:
    """How a mutant fared.

    It was found: "failed", "crashed", "hung". Or it was not: "survived",
    "unfinished" where time was short, "missed" where no test reaches it.
    """
    mutant: object
    how: str
    program: str = ""
    seconds: float = 0


def _batches(cases):
    """Quick tests first, all of one program at once, then the slow ones."""
    for slow in (False, True):
        chosen = [case for case in cases if (case.seconds > 0.5) == slow]
        for program in sorted({case.program for case in chosen}, key=lambda p:
                              sum(c.seconds for c in chosen if c.program == p)):
            batch = sorted((case for case in chosen if case.program == program),
                           key=lambda case: case.seconds)
            while batch:
                names, length = [], 0
                while batch and length < _LONGEST:
                    names.append(batch.pop(0))
                    length += len(names[-1].name) + 1
                yield program, names


def _is_busy(process):
    """Whether a process has got less of the processor than it wants."""
    with open("/proc/%d/stat" % process, encoding="utf-8") as file:
        return file.read().rsplit(")", 1)[1].split()[0] == "R"


def _run(program, cases, number, limit):
    """Returns how it ended, or None where nothing was found."""
    # Where the machine is busy the clock says little.
    cpu = 2 + 5 * sum(case.seconds for case in cases)

    def restrict():
        resource.setrlimit(resource.RLIMIT_CPU, (int(cpu) + 1, int(cpu) + 2))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    environment = dict(os.environ, TORO_MUTANT=str(number))
    environment.pop("TORO_MUTANTS_REACHED", None)
    process = subprocess.Popen(
        [program, "--run_test=" + ":".join(case.name for case in cases)] +
        _OPTIONS, env=environment, preexec_fn=restrict,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    given_up = []

    def give_up():
        given_up.append("unfinished" if _is_busy(process.pid) else "hung")
        process.kill()

    timer = threading.Timer(max(limit, 0.1), give_up)
    timer.start()
    try:
        for line in process.stdout:
            if _ERROR.search(line):
                process.kill()
                process.wait()
                return "failed"
        code = process.wait()
    finally:
        timer.cancel()
        process.stdout.close()
    if given_up:
        return given_up[0]
    if -code in (signal.SIGXCPU, signal.SIGKILL):
        return "hung"
    if code < 0:
        return "crashed"
    return "failed" if code else None


def hunt(mutant, cases, limit):
    """Tries to find a mutant."""
    reaching = [case for case in cases if mutant.number in case.reached]
    if not reaching:
        return Verdict(mutant, "missed")
    begin = time.monotonic()
    for program, batch in _batches(reaching):
        left = limit - (time.monotonic() - begin)
        how = _run(program, batch, mutant.number, left)
        if how:
            return Verdict(mutant, how, os.path.basename(program),
                           time.monotonic() - begin)
    return Verdict(mutant, "survived", "", time.monotonic() - begin)
