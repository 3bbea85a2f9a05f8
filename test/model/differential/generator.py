# SPDX-License-Identifier: BSL-1.0
"""Makes random programs, the same ones for the same seed."""

import random
from dataclasses import dataclass

from program import START_OF_TIME, Deadline, Object, Program, Step


@dataclass(frozen=True)
class _Verb:
    """A call, how often it is made, and what its value is below, if any."""

    name: str
    weight: int
    values: int = 0
    is_wait: bool = False


def _wait(name, weight, values=0):
    return _Verb(name, weight, values, True)


_GUARDED = [_wait("acquire", 10), _wait("hold", 8), _Verb("try_acquire", 2),
            _Verb("release", 8), _Verb("drop", 8), _Verb("drop_again", 1)]
_SEMAPHORE = _GUARDED + [_wait("wait", 6)]
_QUEUE = [_wait("put", 18, 30), _wait("get", 11), _wait("next", 8),
          _Verb("try_put", 5, 30), _Verb("try_get", 5), _Verb("cancel", 8, 4),
          _Verb("close", 2)]
_JOINABLE = _QUEUE + [_wait("join", 11), _Verb("task_done", 19)]

_VERBS = {
    "event": [_wait("wait", 6), _Verb("set", 2), _Verb("clear", 3)],
    "condition": [_wait("wait", 6), _Verb("notify", 2, 4),
                  _Verb("notify_all", 1)],
    "result": [_wait("get", 8), _Verb("set", 1, 9), _Verb("get_now", 2)],
    "lock": _GUARDED,
    "semaphore": _SEMAPHORE,
    "bounded": _SEMAPHORE,
    "rw_lock": [_wait("read", 10), _wait("hold_read", 8), _wait("write", 7),
                _wait("hold_write", 6), _Verb("try_read", 2),
                _Verb("try_write", 2), _Verb("release_read", 7),
                _Verb("release_write", 6), _Verb("drop", 10),
                _Verb("drop_again", 1)],
    "queue": _QUEUE,
    "lifo": _QUEUE,
    "priority": _QUEUE,
    "weighted": _QUEUE,
    "joinable": _JOINABLE,
    "joinable_lifo": _JOINABLE,
    "joinable_priority": _JOINABLE,
    "joinable_weighted": _JOINABLE,
}

# The kinds with the most rules come up more often.
_WEIGHTS = {"rw_lock": 4, "lock": 2, "semaphore": 2, "bounded": 2,
            "priority": 2}

# What a handler often does with what it got.
_ANSWERS = {"acquire": "release", "hold": "drop", "read": "release_read",
            "write": "release_write", "hold_read": "drop",
            "hold_write": "drop"}

# A queue of size zero has no limit, and None leaves the size out.
_SIZES = {
    "semaphore": [0, 1, 2, 3],
    "bounded": [0, 1, 1, 2, 2, 3, 3],
    "rw_lock": [None, None, 0, 1, 2, 3, 3, 3],
    "queue": [0, 0, 1, 1, 2, 3],
}


def _sizes_of(kind):
    is_queue = _VERBS[kind] in (_QUEUE, _JOINABLE)
    return _SIZES["queue"] if is_queue else _SIZES.get(kind, [None])


class _Generator:
    """Makes one program."""

    def __init__(self, seed):
        self._random = random.Random(seed)
        self._now = START_OF_TIME

    def make(self):
        count = self._random.choice([1, 1, 1, 2, 2, 3])
        self._objects = [self._make_object() for _ in range(count)]
        length = self._random.randint(8, 16 + 12 * count)
        return Program(self._objects,
                       [self._make_step() for _ in range(length)])

    def _make_object(self):
        kind, = self._random.choices(
            list(_VERBS), [_WEIGHTS.get(kind, 1) for kind in _VERBS])
        return Object(kind, self._random.choice(_sizes_of(kind)))

    def _make_step(self):
        chance = self._random.random()
        if chance < 0.05 and self._may_stop_halfway():
            return Step("one")
        if chance < 0.12:
            return Step("run")
        if chance < 0.25:
            ticks = self._random.randint(1, 3)
            self._now += ticks
            return Step("advance", value=ticks)
        return self._make_call(depth=0)

    def _may_stop_halfway(self):
        """Not where one primitive's time-outs may wait for another's grants,
        whose order is nobody's promise."""
        kinds = [thing.kind for thing in self._objects]
        return len(kinds) == 1 or "rw_lock" not in kinds

    def _make_call(self, depth):
        target = self._random.randrange(len(self._objects))
        verbs = _VERBS[self._objects[target].kind]
        verb, = self._random.choices(verbs, [verb.weight for verb in verbs])
        value = self._random.randrange(verb.values) if verb.values else None
        step = Step(verb.name, target, value)
        if verb.is_wait:
            step.deadline = self._make_deadline()
            step.body = self._make_body(step, depth)
        return step

    def _make_deadline(self):
        chance = self._random.random()
        if chance < 0.45:
            return None
        if chance < 0.70:
            return Deadline(self._now + self._random.randint(1, 6))
        if chance < 0.85:
            return Deadline(self._random.randint(1, 5), is_relative=True)
        if chance < 0.92:
            return Deadline(self._now - self._random.randint(0, 2))
        return Deadline(self._random.randint(-1, 0), is_relative=True)

    def _make_body(self, wait, depth):
        body = []
        if depth < 2 and self._random.random() < 0.35:
            body = [self._make_call(depth + 1)
                    for _ in range(self._random.randint(1, 2))]
        if wait.verb in _ANSWERS and self._random.random() < 0.4:
            body.append(Step(_ANSWERS[wait.verb], wait.target))
        return body


def make_program(seed, index):
    """The program of this number among those of a seed."""
    return _Generator(f"{seed}:{index}").make()
