# SPDX-License-Identifier: BSL-1.0
"""Queues of all orders, as Toro has them, joinable or not."""

import contextlib
import itertools
import operator
from collections import deque

import toro

from subject import Ended, Subject, answer_of

# How a get ends if the queue is closed and no item can come.
_WITHOUT_ITEM = {"get": "closed", "next": "nothing"}


class _Item:
    """An item, with its place among all in the order in which puts began.

    In a priority queue its priority is its value without units.
    """

    def __init__(self, value, place, rules):
        self.place = place
        self._key = value // 10
        self._value = value
        self._rules = rules

    def __lt__(self, other):
        if self._key == other._key and self._rules.apply("stable_priority"):
            return self.place < other.place
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
    """toro.Queue and its subclasses that only have another order.

    Closing and cancelling are not Toro's: what they do is done to its futures
    and to its items.
    """

    kind = toro.Queue

    # What Toro's list of items is sorted by: themselves, if by nothing.
    order = operator.attrgetter("place")

    def __init__(self, size, *common):
        super().__init__(*common)
        self._places = itertools.count()
        self._queue = self.kind(maxsize=size or 0, io_loop=self.io_loop)
        self._is_open = True

        # The verbs of the gets that wait or were granted; those that failed
        # stay.
        self._gets = {}

    def state(self):
        queue = self._queue
        return [queue.qsize(), queue.empty(), queue.full(), self._is_open,
                self.count_live(queue.getters), self.count_live(queue.putters)]

    def deliver(self, verb, future):
        if verb not in _WITHOUT_ITEM:
            return "ok"
        del self._gets[future]
        self._end_gets()
        return str(int(future.result()))

    def blocks_put(self):
        return self._is_open and self._queue.full()

    def start_put(self, wait, value, deadline):
        if not self._is_open:
            wait.end("closed")
            return
        is_handed_over = not all(get.done() for get in self._queue.getters)
        put_first = is_handed_over and self.rules.apply("putter_first")
        if put_first:
            wait.end("ok")
        wait.item = self._item(value)
        future = self._queue.put(wait.item, deadline)
        if put_first:
            wait.future = future
        else:
            wait.follow(future)

    def revoke_put(self, wait):
        """Withdraws the item, if it is still there."""
        items = self._queue.queue
        if wait.item not in items:
            return False
        self._arrange(item for item in items if item is not wait.item)
        self._admit()
        self._end_gets()
        return True

    def blocks_get(self):
        return self._queue.empty() and not self._is_over()

    blocks_next = blocks_get

    def start_get(self, wait, value, deadline):
        verb = wait.step.verb
        if self._is_over():
            wait.end(_WITHOUT_ITEM[verb])
            return
        with self._admission():
            future = self._queue.get(deadline)
            self._gets[future] = verb
            wait.follow(future)

    start_next = start_get

    def revoke_get(self, wait):
        """The item goes to the next get, or back to its place."""
        del self._gets[wait.future]
        item = wait.future.result()
        getters = [get for get in self._queue.getters if not get.done()]
        if getters:
            getters[0].set_result(item)
        else:
            self._arrange([*self._queue.queue, item])
        return True

    revoke_next = revoke_get

    def call_try_put(self, value):
        if not self._is_open:
            return "full"
        return answer_of(self._queue.put_nowait, self._item(value))

    def call_try_get(self, value):
        with self._admission():
            return answer_of(self._queue.get_nowait)

    def call_close(self, value):
        if not self._is_open or not self.rules.apply("close"):
            return "0"
        self._is_open = False
        putters = [put for _, put in self._queue.putters if not put.done()]
        self._queue.putters.clear()
        for put in putters:
            put.set_exception(Ended("closed"))
        return str(len(putters) + self._end_gets())

    def _item(self, value):
        return _Item(value, next(self._places), self.rules)

    def _arrange(self, items):
        """Makes these the items of the queue."""
        ordered = sorted(items, key=self.order)
        self._queue.queue.clear()
        self._queue.queue.extend(ordered)

    def _is_over(self):
        """Whether no get will have an item: not even by a cancellation."""
        return not (self._is_open or self._queue.qsize()
                    or any(map(_has_item, self._gets)))

    def _end_gets(self):
        """Ends those that wait if no item can come, and returns how many."""
        if not self._is_over():
            return 0
        getters = [get for get in self._queue.getters if not get.done()]
        self._queue.getters.clear()
        for get in getters:
            get.set_exception(Ended(_WITHOUT_ITEM[self._gets[get]]))
        return len(getters)

    @contextlib.contextmanager
    def _admission(self):
        """Takes an item. Toro lets the first put in before that, even where
        there is no room for it."""
        if not self._admits_late():
            yield
            return
        putters, self._queue.putters = self._queue.putters, deque()
        yield
        self._queue.putters = putters
        self._admit()

    def _admits_late(self):
        """Whether a put is only let in after the item was taken, if then. An
        item that returned may have brought the queue over its bound."""
        return 0 < self._queue.maxsize < self._queue.qsize()

    def _admit(self):
        """Lets in the puts that there is room for."""
        for item, put in list(self._queue.putters):
            if not put.done() and not self._queue.full():
                self._queue._put(item)
                put.set_result(None)


def _has_item(get):
    return get.done() and get.exception() is None


class LifoQueue(Queue):
    """toro.LifoQueue"""

    kind = toro.LifoQueue


class PriorityQueue(Queue):
    """toro.PriorityQueue"""

    kind = toro.PriorityQueue
    order = None


class WeightedQueue(Queue):
    """toro.Queue, if the weight of each item is one"""

    def state(self):
        return super().state() + [self._queue.qsize()]

    def _admits_late(self):
        if super()._admits_late():
            return True
        is_put_waiting = not all(put.done() for _, put in self._queue.putters)
        return is_put_waiting and self.rules.apply("weighted_get")


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

    def revoke_join(self, wait):
        return True

    def revoke_put(self, wait):
        is_unfinished = self._queue.unfinished_tasks > 0
        is_revoked = super().revoke_put(wait)
        if is_revoked and is_unfinished:
            self._queue.task_done()
        return is_revoked

    def call_task_done(self, value):
        return answer_of(self._queue.task_done)


class JoinableQueue(_Joinable, Queue):
    """toro.JoinableQueue"""

    kind = toro.JoinableQueue


class JoinableWeightedQueue(_Joinable, WeightedQueue):
    """toro.JoinableQueue, if the weight of each item is one"""

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
