# SPDX-License-Identifier: BSL-1.0
"""The table of mutants, and the copy of the library that has all of them."""

import csv
import dataclasses
import os
import re

import kinds
import sites

FIELDS = ("number", "file", "line", "kind", "original", "replacement")


@dataclasses.dataclass(frozen=True)
class Mutant:
    number: int
    file: str
    line: int
    kind: str
    original: str
    replacement: str

    def key(self):
        """What it is by text, wherever that stands."""
        return self.file, self.original, self.replacement


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return list(rows)


def write(path, mutants):
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(FIELDS)
        for mutant in mutants:
            table.writerow(dataclasses.astuple(mutant))


def has_all(path, mutants):
    """Whether a table that was written has these mutants, among others."""
    rows = {tuple(row[name] for name in FIELDS) for row in read(path)}
    return all(tuple(str(value) for value in dataclasses.astuple(mutant))
               in rows for mutant in mutants)


class Copy:
    """One file of the library, with its mutants."""

    def __init__(self, root, name):
        self.name = name
        with open(os.path.join(root, name), encoding="utf-8") as file:
            self.source = file.read()
        self.sites = sites.find(self.source)
        self.planted = {}

    def automatic(self):
        """Yields site, kind and replacement."""
        for site in self.sites:
            for kind, text in kinds.replacements(site):
                yield site, kind, text

    def find(self, row):
        """The site that a row is about: its line is a hint if it has a text."""
        line = int(row.get("line") or 0)
        original = sites.one_line(row.get("original") or "")
        found = [site for site in self.sites
                 if (site.original() == original if original
                     else site.line == line)]
        if not found and not original:
            # The innermost that goes on there.
            found = [site for site in self.sites
                     if site.line <= line <= self._last_line(site)][-1:]
        if not found:
            raise ValueError("%s:%s: nothing that can be replaced: %s" %
                             (self.name, line or "", original))
        if original and not line and len(found) > 1:
            raise ValueError("%s: more than once: %s" % (self.name, original))
        return min(found, key=lambda site: abs(site.line - line))

    def _last_line(self, site):
        return site.line + self.source.count("\n", site.start, site.end)

    def plant(self, site, mutant):
        self.planted.setdefault(site, []).append(mutant)

    def text(self, dropped):
        """The copy, and where in it each mutant stands: line, columns."""
        before, after = {}, {}
        for site in self.sites:
            mutants = [mutant for mutant in self.planted.get(site, [])
                       if mutant.number not in dropped]
            if not mutants:
                continue
            before.setdefault(site.start, []).extend(_opening(site, mutants))
            after.setdefault(site.end, []).insert(0, _closing(site))
        parts, places, last = [], [], 0
        line, column = 1, 1

        def put(text):
            nonlocal line, column
            parts.append(text)
            newlines = text.count("\n")
            line += newlines
            column = (len(text) - text.rfind("\n") if newlines
                      else column + len(text))

        for at in sorted(set(before) | set(after)):
            put(self.source[last:at])
            last = at
            for text in after.get(at, []):
                put(text)
            for number, text in before.get(at, []):
                begin = column
                put(text)
                places.append((line, begin, column, number))
        put(self.source[last:])
        text = "".join(parts)
        include = "#include <robustness/mutation/selector.hpp>"
        first, rest = text.split("\n", 1)
        if not first.startswith("//"):
            raise ValueError(self.name + ": the first line is not a comment")
        return include + "\n" + rest, places

    def at(self, line):
        """The numbers of the mutants whose site covers a line."""
        for site, mutants in self.planted.items():
            if site.line <= line <= self._last_line(site):
                yield from (mutant.number for mutant in mutants)

    def hiding(self, message):
        """The mutants of what was not recognised as a declaration."""
        missing = re.search("error: .(\\w+). was not declared", message)
        if not missing:
            return
        for site, mutants in self.planted.items():
            if site.kind == "statement" and re.search(
                    r"\b%s\b( =|[;({\[])" % missing.group(1), site.text):
                yield from (mutant.number for mutant in mutants)


def _alternative(site, mutant):
    """What a mutant has in the place of the site."""
    text = mutant.replacement
    if site.kind == "statement":
        return text
    text = re.sub(r"^(else|do) ", "", text)
    if not (text.startswith(site.prefix.strip()) and
            text.endswith(site.suffix)):
        raise ValueError("%s:%s: it has to look like this: %s" %
                         (mutant.file, mutant.line, site.original()))
    return text[len(site.prefix.strip()):len(text) - len(site.suffix)].strip()


def _opening(site, mutants):
    for i, mutant in enumerate(mutants):
        text = _alternative(site, mutant)
        if site.kind == "statement":
            form = "if (::toro_mutant(%d)) { %s } else "
        elif site.kind == "condition":
            form = "::toro_mutant(%d) ? static_cast<bool>(%s) : "
        else:
            form = "::toro_mutant(%d) ? (%s) : "
        text = form % (mutant.number, text)
        if site.kind != "statement":
            if i == 0:
                text = "(" + text
            if i + 1 == len(mutants):
                text += ("static_cast<bool>(" if site.kind == "condition"
                         else "(")
        yield mutant.number, text


def _closing(site):
    return "" if site.kind == "statement" else "))"


class Library:
    """The library with all its mutants."""

    def __init__(self, root, files):
        self.copies = {name: Copy(root, name) for name in files}
        self.mutants = []
        self._known = {}
        for copy in self.copies.values():
            for site, kind, text in copy.automatic():
                self._add(copy, site, kind, text)

    def add(self, row):
        """The mutant that a row of a table is, maybe one that is there."""
        copy = self.copies[row["file"]]
        text = sites.one_line(row["replacement"])
        if any(text.count(a) != text.count(b) for a, b in ("()", "{}", "[]")):
            raise ValueError("a bracket is not closed: " + text)
        site = copy.find(row)
        if site.kind == "statement" and not text.endswith((";", "}")):
            raise ValueError("%s:%d: not a statement: %s" %
                             (copy.name, site.line, text))
        return self._add(copy, site, "by hand", text)

    def _add(self, copy, site, kind, text):
        number = len(self.mutants) + 1
        mutant = Mutant(number, copy.name, site.line, kind, site.original(),
                        text)
        key = mutant.key() + (site.start,)
        if key not in self._known:
            self._known[key] = mutant
            copy.plant(site, mutant)
            self.mutants.append(mutant)
        return self._known[key]

    def plant(self, directory, dropped, touch=True):
        """Writes what has changed of the copies. Returns where mutants are."""
        places = {}
        for name, copy in self.copies.items():
            text, places[name] = copy.text(dropped)
            path = os.path.join(directory, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if os.path.exists(path) and _content(path) == text:
                continue
            times = None
            if not touch:
                status = os.stat(path)
                times = status.st_atime_ns, status.st_mtime_ns
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            if times:
                os.utime(path, ns=times)
        return places

    def blamed(self, messages, directory, places):
        """The mutants that a compiler's messages are about."""
        guilty = set()
        pattern = re.compile(r"^(?:In file included from |\s+from )?"
                             r"(\S+?):(\d+):(\d+): *(.*)", re.MULTILINE)
        for path, line, column, what in pattern.findall(messages):
            name = os.path.relpath(os.path.realpath(path),
                                   os.path.realpath(directory))
            if name not in self.copies or not re.match("(fatal )?error", what):
                continue
            line, column = int(line), int(column)
            here = {number for at, begin, end, number in places[name]
                    if at == line and begin <= column < end}
            guilty |= (here or set(self.copies[name].at(line)) |
                       set(self.copies[name].hiding(what)))
        return guilty


def _content(path):
    with open(path, encoding="utf-8") as file:
        return file.read()
