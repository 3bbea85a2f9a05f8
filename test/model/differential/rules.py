# SPDX-License-Identifier: BSL-1.0
"""Where the library answers otherwise than Toro, and why.

Each rule says what the library answers, exactly, and stands in the code where
Toro is asked: it changes the call, or the answer. What no rule changes is
Toro's own. The numbers in brackets are those of the defects in Toro.
"""

from collections import Counter

RULES = {
    "past_deadline":
        "a wait that would block and whose deadline has passed is not queued "
        "(T4)",
    "putter_first":
        "a put that hands its item to a waiting get ends before the get (J1)",
    "guarded_release":
        "release gives back detached holds only, not what a guard holds or a "
        "grant on its way (S3, S5, W3)",
    "one_release":
        "a guard gives back once (S3)",
    "impossible":
        "what can never be granted ends at once (S4, R5)",
    "stable_priority":
        "items of equal priority leave in the order in which their puts began "
        "(Q5)",
    "joinable_orders":
        "queues of all orders are joinable (Q6)",
    "exact_waiters":
        "waits that timed out or were cancelled are not counted (M1)",
    "close":
        "a queue can be closed: puts end, and gets when no item can come",
    "cancel":
        "a wait can be cancelled until its handler runs, and what it was "
        "granted returns",
    "weighted_get":
        "a get of a weighted queue ends before the put that it makes room for",
    "notify_counts":
        "notify returns how many it woke",
    "unlimited_readers":
        "an rw_lock has no limit of readers unless it is given one (R5)",
    "own_side":
        "release_read gives back reads only, and release_write a write (R3)",
    "waiting_writer":
        "a writer that waits locks nothing (R4)",
    "whole_write":
        "a write that timed out keeps nothing of the lock (R1, R2, R6)",
}


class Rules:
    """Counts how often each rule was followed.

    A rule that is left out changes nothing: Toro's own answer stands, which
    shows what the rule is needed for.
    """

    def __init__(self, without=()):
        self._without = frozenset(without)
        self.counts = Counter()

    def apply(self, name):
        """Whether to follow the rule, here where Toro deviates from it."""
        if name in self._without:
            return False
        self.counts[name] += 1
        return True
