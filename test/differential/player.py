# SPDX-License-Identifier: BSL-1.0
"""Plays programs on the real Toro and writes down what happens.

The history has a word for each step: what the call returned, or the number of
the wait it started, and in brackets what can be seen of the primitive then.
A run has the waits that ended, in order, with what their handlers did in
braces; those that the clock ended stand behind them, one list for each
primitive, because which of two primitives notices first is nobody's promise.
"""

import datetime

import manual_loop
import toro
from coverage import Coverage
from locks import BoundedSemaphore, Lock, Semaphore
from program import START_OF_TIME
from queues import (JoinableLifoQueue, JoinablePriorityQueue, JoinableQueue,
                    LifoQueue, PriorityQueue, Queue)
from rw_lock import RWLock
from signals import Condition, Event, Result

KINDS = {
    "event": Event,
    "condition": Condition,
    "result": Result,
    "lock": Lock,
    "semaphore": Semaphore,
    "bounded": BoundedSemaphore,
    "rw_lock": RWLock,
    "queue": Queue,
    "lifo": LifoQueue,
    "priority": PriorityQueue,
    "joinable": JoinableQueue,
    "joinable_lifo": JoinableLifoQueue,
    "joinable_priority": JoinablePriorityQueue,
}

# How many turns after its grant a wait's handler runs. Toro's waits take from
# one to four; with as many for all, handlers run in the order of the grants.
_TURNS = 4


class _Completion:
    """A wait that was started, and its handler."""

    def __init__(self, game, number, step):
        self.number = number
        self.step = step
        self.has_blocked = False
        self._game = game

    def follow(self, future, turns=1):
        """Ends with the future, which runs its callbacks after some turns."""
        future.add_done_callback(
            lambda done: self._game.loop.call_after_turns(
                _TURNS - turns, self._finish, done))

    def end(self, outcome):
        """Ends at once with an outcome that Toro was not asked for."""
        self._game.loop.call_after_turns(
            _TURNS, self._game.finish, self, outcome, False)

    def _finish(self, future):
        exception = future.exception()
        if exception is None:
            subject = self._game.subjects[self.step.target]
            self._game.finish(
                self, subject.deliver(self.step.verb, future), False)
        elif isinstance(exception, toro.Timeout):
            self._game.finish(self, "TO", True)
        else:
            raise exception


class _Game:
    """One program under way."""

    def __init__(self, program, loop, io_loop, rules, coverage):
        self.loop = loop
        self.rules = rules
        self.coverage = coverage
        self.subjects = [
            KINDS[thing.kind](thing.size, loop, io_loop, rules)
            for thing in program.objects]
        self._kinds = [thing.kind for thing in program.objects]
        self._started = 0
        self._ended = []

    def take(self, step):
        """Takes a step and returns its word."""
        if step.verb == "run":
            return self._run()
        if step.verb == "advance":
            word = self._run()
            self.loop.advance(step.value)
            return word
        subject = self.subjects[step.target]
        if subject.is_wait(step.verb):
            answer = self._start(subject, step)
        else:
            answer = subject.call(step.verb, step.value)
            self.coverage.answered(answer)
        return answer + _shown(subject)

    def _start(self, subject, step):
        completion = _Completion(self, self._started, step)
        self._started += 1
        completion.has_blocked = subject.blocks(step.verb)
        is_late = (step.deadline is not None
                   and self._instant(step.deadline) <= self.loop.time())
        if (is_late and completion.has_blocked
                and self.rules.apply("past_deadline")):
            completion.end("TO")
        else:
            subject.start(step.verb, completion, step.value,
                          _in_toros_terms(step.deadline))
        self.coverage.started(self._name(step), completion.has_blocked, is_late)
        return f"#{completion.number}"

    def _instant(self, deadline):
        base = self.loop.time() if deadline.is_relative else 0
        return base + deadline.time

    def _name(self, step):
        return f"{self._kinds[step.target]}.{step.verb}"

    def finish(self, completion, outcome, is_by_clock):
        """Runs the handler of a wait that ended."""
        step = completion.step
        self.coverage.ended(self._name(step), completion.has_blocked, outcome)
        word = f"#{completion.number}={outcome}"
        if step.body and outcome not in ("TO", "impossible"):
            word += "{" + " ".join(map(self.take, step.body)) + "}"
        self._ended.append((word, completion, is_by_clock))

    def _run(self):
        self._ended = []
        self.loop.run_until_idle()
        words = [word for word, _, is_by_clock in self._ended
                 if not is_by_clock]
        late = sorted({completion.step.target
                       for _, completion, is_by_clock in self._ended
                       if is_by_clock})
        words += [self._line_of(target) for target in late]
        return "(" + " ".join(words) + ")" + "".join(
            map(_shown, self.subjects))

    def _line_of(self, target):
        return f"{target}:" + ",".join(
            f"{completion.number}" + ("!" if is_by_clock else "")
            for _, completion, is_by_clock in self._ended
            if completion.step.target == target)


def _shown(subject):
    return "[" + ",".join(str(int(part)) for part in subject.state()) + "]"


def _in_toros_terms(deadline):
    if deadline is None:
        return None
    if deadline.is_relative:
        return datetime.timedelta(seconds=deadline.time)
    return deadline.time


class Player:
    """Plays one program after the other."""

    def __init__(self, rules):
        self.coverage = Coverage()
        self._rules = rules
        self._loop, self._io_loop = manual_loop.install()

    def play(self, program):
        """The history of a program, as the library must have it."""
        self._loop.reset(START_OF_TIME)
        game = _Game(program, self._loop, self._io_loop, self._rules,
                     self.coverage)
        return " ".join(map(game.take, program.steps))
