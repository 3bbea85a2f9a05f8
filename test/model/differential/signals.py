# SPDX-License-Identifier: BSL-1.0
"""Events, conditions and results, as Toro has them."""

import toro

from subject import Subject, answer_of


class Event(Subject):
    """toro.Event"""

    def __init__(self, size, *common):
        super().__init__(*common)
        self._event = toro.Event(io_loop=self.io_loop)

    def state(self):
        return [self._event.is_set(),
                self.count_live(self._event.condition.waiters)]

    def blocks_wait(self):
        return not self._event.is_set()

    def start_wait(self, wait, value, deadline):
        wait.follow(self._event.wait(deadline))

    def call_set(self, value):
        return answer_of(self._event.set)

    def call_clear(self, value):
        return answer_of(self._event.clear)


class Condition(Subject):
    """toro.Condition"""

    def __init__(self, size, *common):
        super().__init__(*common)
        self._condition = toro.Condition(io_loop=self.io_loop)

    def state(self):
        return [self.count_live(self._condition.waiters)]

    def blocks_wait(self):
        return True

    def start_wait(self, wait, value, deadline):
        wait.follow(self._condition.wait(deadline))

    def call_notify(self, value):
        return self._woken_by(self._condition.notify, value)

    def call_notify_all(self, value):
        return self._woken_by(self._condition.notify_all)

    def _woken_by(self, notify, *args):
        waiters = list(self._condition.waiters)
        before = sum(waiter.done() for waiter in waiters)
        answer = answer_of(notify, *args)
        if self.rules.apply("notify_counts"):
            answer = str(sum(waiter.done() for waiter in waiters) - before)
        return answer


class Result(Subject):
    """toro.AsyncResult"""

    def __init__(self, size, *common):
        super().__init__(*common)
        self._result = toro.AsyncResult(io_loop=self.io_loop)

    def state(self):
        return [self._result.ready(), self.count_live(self._result.waiters)]

    def deliver(self, verb, future):
        return str(future.result())

    def blocks_get(self):
        return not self._result.ready()

    def start_get(self, wait, value, deadline):
        wait.follow(self._result.get(deadline))

    def call_set(self, value):
        return answer_of(self._result.set, value)

    def call_get_now(self, value):
        return answer_of(self._result.get_nowait)
