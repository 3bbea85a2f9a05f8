# SPDX-License-Identifier: BSL-1.0
"""What all primitives have in common when a program is played on Toro."""

import toro


class Ended(Exception):
    """How a wait ended, in a word, where Toro has no such end."""

    @property
    def outcome(self):
        return self.args[0]


class Subject:
    """One primitive of Toro.

    A call that may wait is a pair of methods: blocks_x(), which says whether
    it would have to, and start_x(wait, value, deadline). Any other call is a
    method call_x(value) that returns the answer. If waits of kind x can be
    cancelled, revoke_x(wait) takes back what one was granted whose handler has
    not run, and returns whether that was possible.
    """

    def __init__(self, loop, io_loop, rules):
        self.loop = loop
        self.io_loop = io_loop
        self.rules = rules

    def is_wait(self, verb):
        return hasattr(self, "start_" + verb)

    def blocks(self, verb):
        return getattr(self, "blocks_" + verb)()

    def start(self, verb, wait, value, deadline):
        getattr(self, "start_" + verb)(wait, value, deadline)

    def revoke(self, verb, wait):
        return getattr(self, "revoke_" + verb)(wait)

    def call(self, verb, value):
        return getattr(self, "call_" + verb)(value)

    def state(self):
        """What can be seen of the primitive, as a list of numbers."""
        raise NotImplementedError

    def deliver(self, verb, future):
        """Takes what a wait brought, and returns how to write it."""
        return "ok"

    def count_live(self, waiters):
        """How many wait, of a list that Toro does not clear of the expired."""
        live = sum(not is_done(waiter) for waiter in waiters)
        if live != len(waiters) and not self.rules.apply("exact_waiters"):
            return len(waiters)
        return live


def is_done(waiter):
    """Whether one who stands in a list of Toro's no longer waits."""
    future = waiter[1] if isinstance(waiter, tuple) else waiter
    return future.done()


_NAMES = {
    toro.AlreadySet: "already_set",
    toro.NotReady: "not_ready",
    toro.Full: "full",
    toro.Empty: "empty",
    toro.Timeout: "TO",
}

_MESSAGES = {
    "release unlocked lock": "not_locked",
    "Semaphore released too many times": "over_released",
    "task_done() called too many times": "task_underflow",
}


def name_of(exception):
    """The library's name for what Toro raises."""
    return (_NAMES.get(type(exception)) or _MESSAGES.get(str(exception))
            or type(exception).__name__)


def answer_of(function, *args):
    """What a call returns or raises, as a word."""
    try:
        result = function(*args)
    except Exception as exception:
        return name_of(exception)
    return "ok" if result is None else str(int(result))
