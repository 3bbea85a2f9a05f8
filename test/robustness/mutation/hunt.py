# SPDX-License-Identifier: BSL-1.0
"""Runs the tests that reach a mutant, until one of them fails."""

import dataclasses
import glob
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
# Seconds of the processor that tests take which run in one process.
_SLOW = 1


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
    """The quick tests first, some of one program at once, the slow one by one.

    A test that does not end is recognised by the time that it should take.
    """
    batch, seconds = [], 0
    for case in sorted(cases, key=lambda case: (
            case.seconds > _SLOW / 4, case.program if case.seconds <= _SLOW / 4
            else "", case.seconds)):
        if batch and (batch[0].program != case.program or
                      seconds + case.seconds > _SLOW or
                      sum(len(c.name) + 1 for c in batch) > _LONGEST):
            yield batch[0].program, batch
            batch, seconds = [], 0
        batch.append(case)
        seconds += case.seconds
    if batch:
        yield batch[0].program, batch


def _stat(path):
    with open(path, encoding="utf-8") as file:
        return file.read().rsplit(")", 1)[1].split()


def _lacks_time(process, seconds):
    """Whether a process wants more of the processor than it has got."""
    fields = _stat("/proc/%d/stat" % process)
    used = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    if used >= seconds:
        return False
    for _ in range(3):
        for path in glob.glob("/proc/%d/task/*/stat" % process):
            if _stat(path)[0] != "S":
                return True
        time.sleep(0.2)
    return False


def _run(program, cases, number, limit):
    """Returns how it ended, or None where nothing was found."""
    # Where the machine is busy the clock says little.
    cpu = 2 + 3 * sum(case.seconds for case in cases)

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
        given_up.append("unfinished" if _lacks_time(process.pid, cpu)
                        else "hung")
        process.kill()

    timer = threading.Timer(limit, give_up)
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
        if left < 1:
            return Verdict(mutant, "unfinished", "", limit - left)
        how = _run(program, batch, mutant.number, left)
        if how:
            return Verdict(mutant, how, os.path.basename(program),
                           time.monotonic() - begin)
    return Verdict(mutant, "survived", "", time.monotonic() - begin)
