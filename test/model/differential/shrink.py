# SPDX-License-Identifier: BSL-1.0
"""Makes a program that shows a difference as short as it can be."""

from dataclasses import replace

from program import Program


def shrink(program, shows):
    """Leaves out steps, bodies and deadlines for as long as it still shows."""
    found = True
    while found:
        found = False
        for steps in _shorter(program.steps):
            candidate = Program(program.objects, steps)
            if shows(candidate):
                program = candidate
                found = True
                break
    return program


def _shorter(steps):
    """The same steps without one, or with one that does less."""
    for place, step in enumerate(steps):
        before, after = steps[:place], steps[place + 1:]
        yield before + after
        for body in _shorter(step.body):
            yield before + [replace(step, body=body)] + after
        if step.deadline is not None:
            yield before + [replace(step, deadline=None)] + after
