# SPDX-License-Identifier: BSL-1.0
"""Counts what the programs made happen, to show that they are not shallow."""

from collections import Counter

_COLUMNS = ("at once", "blocked", "handed over", "in overtime", "timed out",
            "cancelled", "closed")

# The columns of the outcomes that are no success, or bring no item.
_ENDINGS = {"TO": "timed out", "aborted": "cancelled", "closed": "closed",
            "nothing": "closed"}


class Coverage:
    """How the waits of each kind began and ended, and the other answers.

    A wait is handed over what it waited for, and in overtime if its deadline
    had passed but nobody had looked at the clock.
    """

    def __init__(self):
        self._waits = {}
        self._answers = Counter()
        self._marks = Counter()

    def started(self, wait, is_late, is_in_handler):
        counts = self._waits.setdefault(wait.name, Counter())
        counts["blocked" if wait.has_blocked else "at once"] += 1
        self._marks["too late"] += is_late
        self._marks["in handlers"] += is_in_handler

    def ended(self, wait, outcome, now):
        counts = self._waits[wait.name]
        if outcome in _ENDINGS:
            counts[_ENDINGS[outcome]] += 1
        elif wait.has_blocked:
            counts["handed over"] += 1
            counts["in overtime"] += wait.ends_at <= now

    def answered(self, answer):
        self._answers["a number" if answer.isdigit() else answer] += 1

    def report(self):
        """A table, as lines of text."""
        yield f"{'waits':24}" + "".join(f"{name:>13}" for name in _COLUMNS)
        rows = sorted(self._waits.items())
        for name, counts in rows + [("all", self._all())]:
            yield f"{name:24}" + "".join(
                f"{counts[column]:13}" for column in _COLUMNS)
        yield "of these: " + _listed(self._marks)
        yield "other calls: " + _listed(self._answers)

    def _all(self):
        return sum(self._waits.values(), Counter())


def _listed(counts):
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())
