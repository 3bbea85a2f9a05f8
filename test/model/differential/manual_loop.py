# SPDX-License-Identifier: BSL-1.0
"""A loop for Tornado whose time stands still until it is moved by hand."""

import asyncio
import heapq
import itertools
from collections import deque

from tornado.platform.asyncio import BaseAsyncIOLoop


class _Handle:
    """A call to be made, unless it is cancelled."""

    def __init__(self, function, args):
        self._function = function
        self._args = args

    def cancel(self):
        self._function = None

    def run(self):
        if self._function is not None:
            self._function(*self._args)


class ManualLoop(asyncio.AbstractEventLoop):
    """What asyncio's futures and Tornado need of a loop, and nothing else.

    Timers that are due at the same time run in the order in which they were
    set, and each turn runs what was ready when it began, as asyncio does.
    """

    def __init__(self):
        self._sequence = itertools.count()
        self.reset(0)

    def reset(self, now):
        """Forgets all that was to be done."""
        self._now = now
        self._ready = deque()
        self._timers = []

    def time(self):
        return self._now

    def advance(self, ticks):
        self._now += ticks

    def get_debug(self):
        return False

    def is_closed(self):
        return False

    def call_soon(self, callback, *args, context=None):
        handle = _Handle(callback, args)
        self._ready.append(handle)
        return handle

    def call_later(self, delay, callback, *args, context=None):
        return self.call_at(self._now + delay, callback, *args)

    def call_at(self, when, callback, *args, context=None):
        handle = _Handle(callback, args)
        heapq.heappush(self._timers, (when, next(self._sequence), handle))
        return handle

    def call_after_turns(self, turns, callback, *args):
        """Calls after so many turns; at once if that is none."""
        if turns == 0:
            callback(*args)
        else:
            self.call_soon(self.call_after_turns, turns - 1, callback, *args)

    def run_until_idle(self):
        """Runs turns until nothing is ready and no timer is due."""
        self._take_due_timers()
        while self._ready:
            for _ in range(len(self._ready)):
                self._ready.popleft().run()
            self._take_due_timers()

    def _take_due_timers(self):
        while self._timers and self._timers[0][0] <= self._now:
            self._ready.append(heapq.heappop(self._timers)[2])


class ManualIOLoop(BaseAsyncIOLoop):
    """Tornado's loop over that one, with the same time."""

    def initialize(self, asyncio_loop):
        super().initialize(asyncio_loop, make_current=False)

    def time(self):
        return self.asyncio_loop.time()


def install():
    """Makes a loop and makes it the one that Tornado and Toro find."""
    loop = ManualLoop()
    asyncio.set_event_loop(loop)
    return loop, ManualIOLoop(loop)
