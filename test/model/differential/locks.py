# SPDX-License-Identifier: BSL-1.0
"""Locks and semaphores, as Toro has them."""

import toro

from subject import Subject, answer_of

# A wait for a permit ends in Toro one turn after it was granted.
ACQUIRE_TURNS = 2


class Holder(Subject):
    """A primitive whose waits bring something to be given back.

    What "acquire" brings is let go at once, and release() may give it back;
    what "hold" brings stays in a guard until it is dropped.
    """

    def __init__(self, *common):
        super().__init__(*common)
        self._guards = []
        self._dropped = None

    def keep(self, verb, future):
        self._guards.append((verb, future))

    def dropped(self, verb):
        """Called when what this wait brought was given back."""

    def call_drop(self, value):
        if not self._guards:
            return "none"
        verb, self._dropped = self._guards.pop(0)
        self.dropped(verb)
        return answer_of(_leave_block, self._dropped)

    def call_drop_again(self, value):
        if self._dropped is None:
            return "none"
        if self.rules.apply("one_release"):
            return "ok"
        return answer_of(_leave_block, self._dropped)


def _leave_block(future):
    """Leaves the block of a with statement that had this."""
    managers = future.result()
    for manager in managers if isinstance(managers, list) else [managers]:
        with manager:
            pass


class Semaphore(Holder):
    """toro.Semaphore"""

    def __init__(self, size, *common):
        super().__init__(*common)
        self._primitive = self.make(1 if size is None else size)
        self._permits = self.permits_of(self._primitive)

    def make(self, value):
        return toro.Semaphore(value, io_loop=self.io_loop)

    def permits_of(self, primitive):
        """The semaphore that counts."""
        return primitive

    def state(self):
        permits = self._permits
        return [permits.counter, permits.locked(),
                self.count_live(permits.q.getters)
                + self.count_live(permits._unlocked.condition.waiters)]

    def deliver(self, verb, future):
        if verb == "hold":
            self.keep(verb, future)
        return "ok"

    def blocks_acquire(self):
        return self._primitive.locked()

    blocks_hold = blocks_wait = blocks_acquire

    def start_acquire(self, wait, value, deadline):
        wait.follow(self._primitive.acquire(deadline), ACQUIRE_TURNS)

    def start_hold(self, wait, value, deadline):
        self.start_acquire(wait, value, deadline)

    def start_wait(self, wait, value, deadline):
        wait.follow(self._primitive.wait(deadline))

    def call_try_acquire(self, value):
        if self._primitive.locked():
            return "no"
        self._primitive.acquire()
        return "ok"

    def call_release(self, value):
        return answer_of(self._primitive.release)


class BoundedSemaphore(Semaphore):
    """toro.BoundedSemaphore"""

    too_much = "over_released"

    def __init__(self, size, *common):
        super().__init__(size, *common)
        self._bound = self._permits.counter
        self._detached = 0

    def make(self, value):
        return toro.BoundedSemaphore(value, io_loop=self.io_loop)

    def deliver(self, verb, future):
        self._detached += verb == "acquire"
        return super().deliver(verb, future)

    def blocks_acquire(self):
        return self._bound != 0 and super().blocks_acquire()

    blocks_hold = blocks_acquire

    def start_acquire(self, wait, value, deadline):
        if self._bound == 0 and self.rules.apply("impossible"):
            wait.end("impossible")
        else:
            super().start_acquire(wait, value, deadline)

    def call_try_acquire(self, value):
        answer = super().call_try_acquire(value)
        self._detached += answer == "ok"
        return answer

    def call_release(self, value):
        is_held = self._permits.counter < self._bound
        if self._detached > 0:
            self._detached -= 1
        elif is_held and self.rules.apply("guarded_release"):
            return self.too_much
        return super().call_release(value)


class Lock(BoundedSemaphore):
    """toro.Lock"""

    too_much = "not_locked"

    def make(self, value):
        return toro.Lock(io_loop=self.io_loop)

    def permits_of(self, primitive):
        return primitive._block

    def state(self):
        _, locked, waiters = super().state()
        return [locked, waiters]
