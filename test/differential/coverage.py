# SPDX-License-Identifier: BSL-1.0
"""Counts what the programs made happen, to show that they are not shallow."""

from collections import Counter


class Coverage:
    """How the waits of each kind began and ended, and the other answers."""

    def __init__(self):
        self._waits = {}
        self._answers = Counter()
        self._late = 0

    def started(self, name, has_blocked, is_late):
        counts = self._waits.setdefault(name, Counter())
        counts["blocked" if has_blocked else "at once"] += 1
        self._late += is_late

    def ended(self, name, has_blocked, outcome):
        if outcome == "TO":
            self._waits[name]["timed out"] += 1
        elif has_blocked:
            self._waits[name]["handed over"] += 1

    def answered(self, answer):
        self._answers["a number" if answer.isdigit() else answer] += 1

    def report(self):
        """A table, as lines of text."""
        columns = ("at once", "blocked", "handed over", "timed out")
        rows = sorted(self._waits.items())
        rows.append(("all waits", sum(self._waits.values(), Counter())))
        yield f"{'':24}" + "".join(f"{column:>13}" for column in columns)
        for name, counts in rows:
            yield f"{name:24}" + "".join(
                f"{counts[column]:13}" for column in columns)
        yield f"deadlines in the past: {self._late}"
        yield "other calls answered: " + ", ".join(
            f"{answer} {count}" for answer, count in self._answers.most_common())
