# SPDX-License-Identifier: BSL-1.0
"""Finds the statements and the expressions of a C++ source that can be changed.

This reads the layout that clang-format gives to this repository, not C++: the
body of a function begins with a brace on a line of its own, a condition follows
its keyword in parentheses. What it does not recognise is left alone.
"""

import dataclasses
import re


@dataclasses.dataclass(frozen=True)
class Site:
    """A part of a source that another text can stand for.

    Its kind is "statement", or "condition", "initialiser": an expression. The
    prefix and the suffix belong to the text of a mutant, and stay.
    """
    kind: str
    line: int
    start: int
    end: int
    prefix: str
    suffix: str
    text: str

    def original(self):
        return self.prefix + one_line(self.text) + self.suffix


def one_line(text):
    return re.sub(r"\s+", " ", re.sub(r"//[^\n]*", "", text)).strip()


def blank(source):
    """The source with spaces for comments, strings and directives."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*'
        r'|"(?:\\.|[^"\\\n])*"|(?<![0-9a-zA-Z_])\'(?:\\.|[^\'\\\n])+\'',
        re.DOTALL | re.MULTILINE)

    def spaces(match):
        text = match.group()
        filler = "$" if text[0] in "\"'" else " "
        return re.sub(r"[^\n]", filler, text)

    return pattern.sub(spaces, source)


_TYPE = re.compile(r"(?:inline |constexpr |BOOST_\w+ |\[\[.*?\]\] )*"
                   r"(namespace|class|struct|union|enum|extern)\b")
_DECLARATION = re.compile(
    r"(?:static |thread_local |const(?:expr|init)? |typename |"
    r"\[\[\w+\]\] |(?:un)?signed )*"
    r"(?!return\b|delete\b|throw\b|co_\w+\b|goto\b|new\b|else\b)"
    r"[\w:]+(?:<.*?>)?(?:::\w+)*(?: const)?(?:[*&]+ ?(?:const )?| )"
    r"(?:\w+|\[[\w, ]+\])(?= ?[=;({\[])")
_SKIPPED = re.compile(r"(using|static_assert|typedef|friend|struct|class|enum|"
                      r"goto|BOOST_ASSERT_MSG|assert|"
                      r"public|private|protected)\b|"
                      r"static_cast<void>|template\b")


class _Reader:
    def __init__(self, source):
        self.source = source
        self.text = blank(source)
        self.sites = []

    # Positions

    def skip(self, i):
        while i < len(self.text) and self.text[i].isspace():
            i += 1
        return i

    def word(self, i):
        match = re.compile(r"\w+").match(self.text, i)
        return match.group() if match else ""

    def closing(self, i):
        """The end of what the bracket at i opens."""
        depth = 0
        while i < len(self.text):
            if self.text[i] in "([{":
                depth += 1
            elif self.text[i] in ")]}":
                depth -= 1
                if depth == 0:
                    return i + 1
            i += 1
        raise ValueError("a bracket is not closed")

    def on_own_line(self, i):
        return not self.text[self.text.rfind("\n", 0, i) + 1:i].strip()

    def add(self, kind, start, end, prefix="", suffix=""):
        line = self.source.count("\n", 0, start) + 1
        self.sites.append(Site(kind, line, start, end, prefix, suffix,
                               self.source[start:end]))

    # Scopes

    def declarations(self, i):
        """What stands in a file, a namespace or a class."""
        begin = i
        while i < len(self.text):
            c = self.text[i]
            if c == "}":
                return i + 1
            if c == ";":
                begin = i + 1
            elif c in "([":
                i = self.closing(i)
                continue
            elif c == "{":
                i = self.scope(begin, i)
                if self.on_own_line(i - 1) or self.text[i - 1] == "{":
                    begin = i
                continue
            i += 1
        return i

    def scope(self, begin, i):
        head = one_line(self.text[begin:i])
        head = re.sub(r"^(?:(?:public|private|protected):\s*)+", "", head)
        head = re.sub(r"^template ?<.*?>+ (?:requires .*? )?"
                      r"(?=class|struct|union|[\w:]+ )", "", head)
        match = _TYPE.match(head)
        if match and match.group(1) == "enum":
            return self.closing(i)
        if match and "(" not in re.sub(r"BOOST_\w+\(.*?\)|alignas\(.*?\)|"
                                       r"requires.*", "", head):
            return self.declarations(i + 1)
        if match and match.group(1) == "namespace":
            return self.declarations(i + 1)
        if "(" in head and self.on_own_line(i):
            return self.block(i + 1)
        return self.closing(i)

    def block(self, i):
        while True:
            i = self.skip(i)
            if self.text[i] == "}":
                return i + 1
            i = self.statement(i)

    # Statements

    def statement(self, i):
        i = self.skip(i)
        if self.text[i] == "{":
            return self.block(i + 1)
        word = self.word(i)
        if word in ("if", "while", "switch"):
            return self.branch(word, i)
        if word == "for":
            return self.statement(self.loop(i))
        if word in ("else", "do", "try", "BOOST_TRY"):
            return self.statement(i + len(word))
        if word in ("catch", "BOOST_CATCH"):
            return self.statement(self.closing(self.text.index("(", i)))
        if word in ("BOOST_CATCH_END", "BOOST_RETHROW"):
            return i + len(word)
        if word in ("case", "default"):
            label = re.compile(r"[^:]*(?:::[^:]*)*:(?!:)").match(self.text, i)
            return label.end()
        return self.simple(i)

    def branch(self, word, i):
        opening = self.text.index("(", i)
        end = self.closing(opening)
        is_constant = "constexpr" in self.text[i:opening]
        inner = self.text[opening + 1:end - 1]
        if not is_constant and word != "switch" and ";" not in inner and \
                not _DECLARATION.match(one_line(inner)):
            self.add("condition", opening + 1, end - 1, word + " (", ")")
        if not is_constant:
            self.lambdas(opening + 1, end - 1)
        i = self.skip(end)
        if self.text.startswith("[[", i):
            i = self.closing(i)
        if self.text[i] == ";":
            return i + 1
        i = self.statement(i)
        after = self.skip(i)
        if word == "if" and self.word(after) == "else":
            return self.statement(after + len("else"))
        return i

    def loop(self, i):
        opening = self.text.index("(", i)
        end = self.closing(opening)
        parts = self.text[opening + 1:end - 1].split(";")
        if len(parts) == 3 and parts[1].strip():
            start = self.skip(opening + 1 + len(parts[0]) + 1)
            self.add("condition", start, opening + 2 + len(parts[0]) +
                     len(parts[1]), "for (;", ";)")
        return end

    def simple(self, i):
        end = i
        while self.text[end] != ";":
            if self.text[end] in "([":
                end = self.closing(end)
            elif self.text[end] == "{":
                end = self.closing(end)
                if self.text[self.skip(end)] == "}":
                    return end  # Not a statement.
            elif self.text[end] == "}":
                return end  # Not a statement.
            else:
                end += 1
        end += 1
        text = one_line(self.text[i:end])
        if not _SKIPPED.match(text):
            declaration = _DECLARATION.match(text)
            if not declaration:
                self.add("statement", i, end)
            elif text[declaration.end():].startswith(" = ") and \
                    not re.match(r"(static )?constexpr", text):
                start = self.skip(re.compile(r" =\s").search(
                    self.text, i).end())
                self.add("initialiser", start, end - 1,
                         one_line(self.source[i:start]) + " ", ";")
            self.lambdas(i, end)
        return end

    def lambdas(self, i, end):
        """The bodies of lambdas in a statement."""
        while i < end:
            if self.text[i] == "{" and self.on_own_line(i):
                i = self.block(i + 1)
            else:
                i += 1


def find(source):
    """The sites of a source, in the order of where they begin."""
    reader = _Reader(source)
    reader.declarations(0)
    return sorted(reader.sites, key=lambda site: (site.start, -site.end))
