# SPDX-License-Identifier: BSL-1.0
"""Toro's RWLock, with what the library makes of it."""

import builtins

import toro

from locks import ACQUIRE_TURNS, Holder
from subject import answer_of

# Toro's RWLock still asks for it on Python 3.
builtins.xrange = range

# A write is a coroutine over waits for permits, which takes two turns more.
_WRITE_TURNS = ACQUIRE_TURNS + 2

# More readers than a program ever has.
_MANY = 40


class _Request:
    """A read or a write: the permits that Toro wants for it, one by one."""

    def __init__(self, permits):
        self.permits = permits
        self.is_given_back = False

    def is_waiting(self):
        return not all(permit.done() for permit in self.permits)

    def count_granted(self):
        return sum(permit.done() and permit.exception() is None
                   for permit in self.permits)

    def holds(self):
        return (not self.is_given_back
                and self.count_granted() == len(self.permits))


class RWLock(Holder):
    """toro.RWLock

    The permits that it asks its semaphore for are noted in passing, because
    they alone tell a grant that is not delivered yet from a wait.
    """

    def __init__(self, size, *common):
        super().__init__(*common)
        self._limit = size
        self._reads = []
        self._writes = []
        self._detached = {"read": 0, "write": 0}
        self._lock = toro.RWLock(self._toro_limit(), io_loop=self.io_loop)
        self._block = self._lock._block
        self._asked = []
        self._get = self._block.q.get
        self._block.q.get = self._note_get

    def _toro_limit(self):
        if self._limit == 0 and self.rules.apply("impossible"):
            return 1
        if self._limit is None:
            return _MANY if self.rules.apply("unlimited_readers") else 1
        return self._limit

    def _note_get(self, deadline=None):
        permit = self._get(deadline)
        self._asked.append(permit)
        return permit

    def _request(self, requests, acquire, deadline=None):
        self._asked = []
        future = acquire(deadline)
        requests.append(_Request(self._asked))
        return future

    def state(self):
        readers = sum(read.holds() for read in self._reads)
        is_written = any(write.holds() for write in self._writes)
        waiters = sum(request.is_waiting()
                      for request in self._reads + self._writes)
        is_locked = self._lock.locked()
        if is_locked != (is_written or readers == self._limit):
            is_locked ^= self.rules.apply("waiting_writer")
        return [readers, is_written, is_locked, waiters]

    def deliver(self, verb, future):
        if verb.startswith("hold_"):
            self.keep(verb, future)
        else:
            self._detached[verb] += 1
        return "ok"

    def blocks_read(self):
        return self._limit != 0 and self._lock.locked()

    def blocks_write(self):
        return self._block.counter < self._toro_bound()

    blocks_hold_read = blocks_read
    blocks_hold_write = blocks_write

    def _toro_bound(self):
        return self._lock._max_readers

    def start_read(self, wait, value, deadline):
        if self._limit == 0 and self.rules.apply("impossible"):
            wait.end("impossible")
        else:
            wait.follow(
                self._request(self._reads, self._lock.acquire_read, deadline),
                ACQUIRE_TURNS)

    def start_write(self, wait, value, deadline):
        wait.follow(
            self._request(self._writes, self._lock.acquire_write, deadline),
            _WRITE_TURNS)
        if deadline is not None:
            self.io_loop.add_timeout(
                deadline, self._give_back_parts, self._writes[-1])

    start_hold_read = start_read
    start_hold_write = start_write

    def _give_back_parts(self, write):
        """Called right after the permits of a write have timed out, if any."""
        granted = write.count_granted()
        if (granted and granted < len(write.permits)
                and self.rules.apply("whole_write")):
            # All that are due expire before anything is granted.
            self.loop.call_soon(self._release_parts, granted)

    def _release_parts(self, count):
        for _ in range(count):
            self._block.release()

    def call_try_read(self, value):
        if self._limit == 0 or self._lock.locked():
            return "no"
        self._request(self._reads, self._lock.acquire_read)
        self._detached["read"] += 1
        return "ok"

    def call_try_write(self, value):
        if self.blocks_write():
            return "no"
        self._request(self._writes, self._lock.acquire_write)
        self._detached["write"] += 1
        return "ok"

    def call_release_read(self, value):
        is_accepted = self._block.counter < self._toro_bound()
        return self._release("read", self._lock.release_read, is_accepted)

    def call_release_write(self, value):
        return self._release("write", self._lock.release_write,
                             self._lock.locked())

    def _release(self, side, release, is_accepted):
        if self._detached[side] > 0:
            self._detached[side] -= 1
            self._give_up(side)
        elif is_accepted and self.rules.apply(self._reason(side)):
            return "not_locked"
        return answer_of(release)

    def _reason(self, side):
        """Why nobody may release what Toro would."""
        requests = self._reads if side == "read" else self._writes
        is_held = any(request.holds() for request in requests)
        return "guarded_release" if is_held else "own_side"

    def _give_up(self, side):
        requests = self._reads if side == "read" else self._writes
        next(r for r in requests if r.holds()).is_given_back = True

    def dropped(self, verb):
        self._give_up(verb.removeprefix("hold_"))
