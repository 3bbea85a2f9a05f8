# SPDX-License-Identifier: BSL-1.0
"""Programs: what they are made of, and how one is written on one line.

    lock queue:2 | 0.acquire 0.acquire@103{1.put=4} 1.get~2 +3 0.release run

Before the bar stand the objects, with their size where they have one; after it
the steps, each a call on an object by its number. A call that waits may have a
deadline, absolute (@103) or from now (~2), and steps of its own in braces that
its handler takes if it succeeds. "0.cancel=1" cancels the last but one of the
waits that were started on an object. "run" lets the loop run until it is idle,
and "+3" moves the clock after that. "one" lets it run one handler, not counting
those of waits that the clock ended.
"""

import re
from dataclasses import dataclass, field
from typing import List, Optional

START_OF_TIME = 100

_TOKEN = re.compile(
    r"(?P<loop>run|one)|\+(?P<advance>\d+)"
    r"|(?P<target>\d+)\.(?P<verb>[a-z_]+)(?:=(?P<value>\d+))?"
    r"(?:(?P<clock>[@~])(?P<time>-?\d+))?(?P<body>\{)?")


@dataclass
class Deadline:
    """An absolute time, or one that counts from the call."""

    time: int
    is_relative: bool = False

    def __str__(self):
        return ("~" if self.is_relative else "@") + str(self.time)


@dataclass
class Step:
    """A call on an object, or something that the loop is to do."""

    verb: str
    target: Optional[int] = None
    value: Optional[int] = None
    deadline: Optional[Deadline] = None
    body: List["Step"] = field(default_factory=list)

    def __str__(self):
        if self.verb == "advance":
            return f"+{self.value}"
        if self.target is None:
            return self.verb
        value = "" if self.value is None else f"={self.value}"
        deadline = "" if self.deadline is None else str(self.deadline)
        body = "{" + " ".join(map(str, self.body)) + "}" if self.body else ""
        return f"{self.target}.{self.verb}{value}{deadline}{body}"


@dataclass
class Object:
    """A primitive to make: its kind, and its size unless that is left out."""

    kind: str
    size: Optional[int] = None

    def __str__(self):
        return self.kind if self.size is None else f"{self.kind}:{self.size}"


@dataclass
class Program:
    """Some objects and what is done to them."""

    objects: List[Object]
    steps: List[Step]

    def __str__(self):
        return " | ".join(
            " ".join(map(str, part)) for part in (self.objects, self.steps))


def parse(text):
    """The program that a line stands for."""
    objects, steps = text.split("|")
    return Program([_parse_object(word) for word in objects.split()],
                   _parse_steps(steps))


def _parse_object(word):
    kind, _, size = word.partition(":")
    return Object(kind, int(size) if size else None)


def _parse_steps(text):
    open_lists = [[]]
    position = 0
    while position != len(text):
        if text[position] in " }":
            if text[position] == "}":
                open_lists.pop()
            position += 1
            continue
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"no step: {text[position:]}")
        step = _step_of(match)
        open_lists[-1].append(step)
        if match["body"]:
            open_lists.append(step.body)
        position = match.end()
    return open_lists[0]


def _step_of(match):
    if match["loop"]:
        return Step(match["loop"])
    if match["advance"]:
        return Step("advance", value=int(match["advance"]))
    deadline = None
    if match["time"]:
        deadline = Deadline(int(match["time"]), match["clock"] == "~")
    value = None if match["value"] is None else int(match["value"])
    return Step(match["verb"], int(match["target"]), value, deadline)
