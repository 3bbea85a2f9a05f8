# SPDX-License-Identifier: BSL-1.0
"""Counts what each rule is needed for."""

from collections import Counter

from coverage import Coverage
from rules import RULES, Rules


class Deviations:
    """How often each rule was followed, and how many histories it changed."""

    def __init__(self, player):
        self._player = player
        self._uses = Counter()
        self._changes = Counter()

    def note(self, program, history, rules):
        """Plays it again without each of the rules that were followed."""
        for name, count in rules.counts.items():
            self._uses[name] += count
            without = self._player.play(program, Rules([name]), Coverage())
            self._changes[name] += without != history

    def unneeded(self):
        return [name for name in RULES if not self._changes[name]]

    def report(self):
        """A table, as lines of text."""
        yield "deviations from Toro          uses  programs changed"
        for name, text in RULES.items():
            yield (f"{name:24}{self._uses[name]:10}{self._changes[name]:10}"
                   f"  {text}")
