# SPDX-License-Identifier: BSL-1.0
"""Queues of all orders, as Toro has them, joinable or not."""

import itertools

import toro

from subject import Subject, answer_of


class _Item:
    """An item of a priority queue: its priority is its value without units."""

    def __init__(self, value, place, rules):
        self._key = value // 10
        self._value = value
        self._place = place
        self._rules = rules

    def __lt__(self, other):
        if self._key == other._key and self._rules.apply("stable_priority"):
            return self._place < other._place
        return self._key < other._key

    def __int__(self):
        return self._value


class _JoinableLifoQueue(toro.JoinableQueue):
    """What Toro lacks: its own counting of tasks, with another order."""

    _init = toro.LifoQueue._init
    _get = toro.LifoQueue._get


class _JoinablePriorityQueue(toro.JoinableQueue):
    """The same for the order of priorities."""

    _init = toro.PriorityQueue._init
    _get = toro.PriorityQueue._get

    def _put(self, item):
        super()._put(item)
        # What was appended sinks to where a heap has it.
        toro.PriorityQueue._put(self, self.queue.pop())


class Queue(Subject):
    """toro.Queue and its subclasses that only have another order."""

    kind = toro.Queue

    def __init__(self, size, *common):
        super().__init__(*common)
        self._places = itertools.count()
        self._queue = self.kind(maxsize=size or 0, io_loop=self.io_loop)

    def state(self):
        queue = self._queue
        return [queue.qsize(), queue.empty(), queue.full(),
                self.count_live(queue.getters), self.count_live(queue.putters)]

    def deliver(self, verb, future):
        return str(int(future.result())) if verb == "get" else "ok"

    def blocks_put(self):
        return self._queue.full()

    def start_put(self, wait, value, deadline):
        is_handed_over = not all(get.done() for get in self._queue.getters)
        put_first = is_handed_over and self.rules.apply("putter_first")
        if put_first:
            wait.end("ok")
        future = self._queue.put(self._item(value), deadline)
        if not put_first:
            wait.follow(future)

    def blocks_get(self):
        return self._queue.empty()

    def start_get(self, wait, value, deadline):
        wait.follow(self._queue.get(deadline))

    def call_try_put(self, value):
        return answer_of(self._queue.put_nowait, self._item(value))

    def call_try_get(self, value):
        return answer_of(self._queue.get_nowait)

    def _item(self, value):
        return value


class LifoQueue(Queue):
    """toro.LifoQueue"""

    kind = toro.LifoQueue


class PriorityQueue(Queue):
    """toro.PriorityQueue"""

    kind = toro.PriorityQueue

    def _item(self, value):
        return _Item(value, next(self._places), self.rules)


class _Joinable:
    """What joining adds to a queue."""

    def state(self):
        return super().state() + [
            self._queue.unfinished_tasks,
            self.count_live(self._queue._finished.condition.waiters)]

    def blocks_join(self):
        return self._queue.unfinished_tasks > 0

    def start_join(self, wait, value, deadline):
        wait.follow(self._queue.join(deadline))

    def call_task_done(self, value):
        return answer_of(self._queue.task_done)


class JoinableQueue(_Joinable, Queue):
    """toro.JoinableQueue"""

    kind = toro.JoinableQueue


class _JoinableInAnotherOrder(_Joinable):
    """A queue that Toro can only join in the order of a FIFO."""

    def __init__(self, *args):
        super().__init__(*args)
        if not self.rules.apply("joinable_orders"):
            self._queue = toro.JoinableQueue(
                maxsize=self._queue.maxsize, io_loop=self.io_loop)


class JoinableLifoQueue(_JoinableInAnotherOrder, LifoQueue):
    """toro.JoinableQueue with the order of toro.LifoQueue"""

    kind = _JoinableLifoQueue


class JoinablePriorityQueue(_JoinableInAnotherOrder, PriorityQueue):
    """toro.JoinableQueue with the order of toro.PriorityQueue"""

    kind = _JoinablePriorityQueue
