# SPDX-License-Identifier: BSL-1.0
"""Plays programs on the real Toro and writes down what happens.

The history has a word for each step: what the call returned, or the number of
the wait it started, and in brackets what can be seen of the primitive then.
A run has the waits that ended, in order, with what their handlers did in
braces; those that the clock ended stand behind them, one list for each
primitive, because which of two primitives notices first is nobody's promise.
"""

import datetime
import functools
import math
from collections import deque

import manual_loop
import toro
from locks import BoundedSemaphore, Lock, Semaphore
from program import START_OF_TIME, Step
from queues import (JoinableLifoQueue, JoinablePriorityQueue, JoinableQueue,
                    JoinableWeightedQueue, LifoQueue, PriorityQueue, Queue,
                    WeightedQueue)
from rw_lock import RWLock
from signals import Condition, Event, Result
from subject import Ended

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
    "weighted": WeightedQueue,
    "joinable": JoinableQueue,
    "joinable_lifo": JoinableLifoQueue,
    "joinable_priority": JoinablePriorityQueue,
    "joinable_weighted": JoinableWeightedQueue,
}

# How many turns after its grant a wait's handler may run. Toro's waits take
# one to four; with as many for all, handlers run in the order of the grants.
_TURNS = 4

# With these outcomes a handler takes no steps.
_ERRORS = ("TO", "impossible", "closed", "aborted")


class _Wait:
    """A wait that was started, and its handler.

    The future is Toro's, unless the wait never could succeed. The item is what
    a put brings.
    """

    def __init__(self, game, number, step):
        self.number = number
        self.step = step
        self.name = f"{game.kinds[step.target]}.{step.verb}"
        self.has_blocked = False
        self.ends_at = math.inf
        self.future = None
        self.item = None
        self.is_revoked = False
        self.has_ended = False
        self._game = game

    def follow(self, future, turns=1):
        """Ends with the future, which runs its callbacks after some turns."""
        self.future = future
        future.add_done_callback(
            lambda done: self._deliver(_TURNS - turns, self._finish, done))

    def end(self, outcome):
        """Ends at once with an outcome that Toro was not asked for."""
        self._deliver(_TURNS, self._game.finish, self, outcome, False)

    def cancel(self):
        """Ends it as cancelled, unless its end is certain."""
        if not self._may_be_cancelled() or not self._game.rules.apply("cancel"):
            return
        if self.future.done():
            self.is_revoked = self._subject().revoke(self.step.verb, self)
        else:
            self.future.set_exception(Ended("aborted"))

    def _may_be_cancelled(self):
        if self.has_ended or self.is_revoked or self.future is None:
            return False
        return not self.future.done() or self.future.exception() is None

    def _subject(self):
        return self._game.subjects[self.step.target]

    def _deliver(self, turns, *call):
        self._game.loop.call_after_turns(
            turns, self._game.deliveries.append, functools.partial(*call))

    def _finish(self, future):
        exception = future.exception()
        if self.is_revoked:
            self._game.finish(self, "aborted", False)
        elif exception is None:
            self._game.finish(
                self, self._subject().deliver(self.step.verb, future), False)
        elif isinstance(exception, toro.Timeout):
            self._game.finish(self, "TO", True)
        elif isinstance(exception, Ended):
            self._game.finish(self, exception.outcome, False)
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
        self.kinds = [thing.kind for thing in program.objects]
        self._waits = []
        self._ended = []
        self._is_in_handler = False
        self.deliveries = deque()

    def take(self, step):
        """Takes a step and returns its word."""
        if step.target is None:
            word = self._run(step.verb == "one")
            self.loop.advance(step.value or 0)
            return word
        subject = self.subjects[step.target]
        if subject.is_wait(step.verb):
            answer = self._start(subject, step)
        elif step.verb == "cancel":
            answer = self._cancel(step)
        else:
            answer = subject.call(step.verb, step.value)
            self.coverage.answered(answer)
        return answer + _shown(subject)

    def _start(self, subject, step):
        wait = _Wait(self, len(self._waits), step)
        self._waits.append(wait)
        wait.has_blocked = subject.blocks(step.verb)
        wait.ends_at = self._instant(step.deadline)
        is_late = wait.ends_at <= self.loop.time()
        if is_late and wait.has_blocked and self.rules.apply("past_deadline"):
            wait.end("TO")
        else:
            subject.start(step.verb, wait, step.value,
                          _in_toros_terms(step.deadline))
        self.coverage.started(wait, is_late, self._is_in_handler)
        return f"#{wait.number}"

    def _cancel(self, step):
        waits = [wait for wait in self._waits
                 if wait.step.target == step.target]
        if step.value >= len(waits):
            return "none"
        waits[-1 - step.value].cancel()
        return "ok"

    def _instant(self, deadline):
        if deadline is None:
            return math.inf
        base = self.loop.time() if deadline.is_relative else 0
        return base + deadline.time

    def finish(self, wait, outcome, is_by_clock):
        """Runs the handler of a wait that ended."""
        wait.has_ended = True
        if wait.is_revoked:
            outcome = "aborted"
        self.coverage.ended(wait, outcome, self.loop.time())
        word = f"#{wait.number}={outcome}"
        if wait.step.body and outcome not in _ERRORS:
            self._is_in_handler = True
            word += "{" + " ".join(map(self.take, wait.step.body)) + "}"
            self._is_in_handler = False
        self._ended.append((word, wait, is_by_clock))

    def _run(self, is_for_one):
        self._ended = []
        self.loop.run_until_idle()
        while self.deliveries:
            self.deliveries.popleft()()
            self.loop.run_until_idle()
            if is_for_one and not self._ended[-1][2]:
                break
        return self._word()

    def _word(self):
        """What ended in this run, and what can be seen after it."""
        words = [word for word, _, is_by_clock in self._ended
                 if not is_by_clock]
        late = sorted({wait.step.target
                       for _, wait, is_by_clock in self._ended
                       if is_by_clock})
        words += [self._line_of(target) for target in late]
        return "(" + " ".join(words) + ")" + "".join(
            map(_shown, self.subjects))

    def _line_of(self, target):
        return f"{target}:" + ",".join(
            f"{wait.number}" + ("!" if is_by_clock else "")
            for _, wait, is_by_clock in self._ended
            if wait.step.target == target)


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

    def __init__(self):
        self._loop, self._io_loop = manual_loop.install()

    def play(self, program, rules, coverage):
        """The history of a program, as the library must have it.

        At its end the loop runs until it is idle.
        """
        self._loop.reset(START_OF_TIME)
        game = _Game(program, self._loop, self._io_loop, rules, coverage)
        words = " ".join(map(game.take, program.steps))
        return words + " " + game.take(Step("run"))
