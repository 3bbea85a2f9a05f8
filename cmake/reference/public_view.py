#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Shows Doxygen a public header as its users see it.

public_view.py <header>, an INPUT_FILTER, writes the header to its standard
output with these changes:

- Namespace detail and what is private are left out. What a public class inherits
  from a class in there is written into it, because Doxygen has no members of a
  base that it hides.
- Signatures lose what the compiler alone needs.
- A class has its asynchronous functions first, each with the example that the page
  operations.md has for it.
- An overload has its own parameters where its text has all others, and not
  after the text that "@copydoc" copies.
- A class names its alias, and what follows "@sa" is a link.

It goes by the layout that clang-format gives the headers; check_reference.py
tells where that was not enough.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = ROOT / "include" / "toro"
EXAMPLES = ROOT / "src" / "reference" / "operations.md"

# A block of the page of examples, below the heading that says what it shows.
EXAMPLE = re.compile(r"^## (?P<type>\w+)::(?P<function>\w+) .*?"
                     r"^```cpp\n(?P<code>.*?)^```$", re.M | re.S)

COMMENT = re.compile(r"(///[^\n]*|/\*\*.*?\*/)", re.S)

DETAIL = re.compile(r"^namespace detail \{$.*?^\} // namespace detail$\n?",
                    re.M | re.S)

# A class template, with the base that its members may come from.
CLASS = re.compile(
    r"^template <(?P<parameters>[^{};]*)>\n"
    r"class (?P<name>\w+)(?:<[^{}:]*>)?\s*"
    r"(?:: public (?:detail::)?(?P<base>\w+)<(?P<arguments>[^{}]*)>)?\n"
    r"\{\n(?P<body>.*?)^\};$", re.M | re.S)

# The private part of a class, whose classes Doxygen would announce.
PRIVATE = re.compile(r"^private:\n.*?(?=^(?:\};|public:|protected:)$)", re.M | re.S)

ALIAS = re.compile(r"^using (\w+) =\s+(basic_\w+)<", re.M)

# An asynchronous function with its comment, which OVERLOAD fits where another
# function has the whole text.
OPERATION = re.compile(
    r"(?P<text>^  ///[^\n]*\n  /\*\*\n(?:(?!\*/).)*\*/\n)"
    r"(?P<declaration>(?:  template [^{};/]*)?"
    r"  auto (?P<name>async_\w+)\((?P<parameters>[^{};/]*)\)\n  \{)",
    re.M | re.S)

OVERLOAD = re.compile(
    r"  /// @copydoc (?P<other>.*?)\n  /\*\*\n(?P<own>.*)   \*/\n", re.S)

# What a signature has too much, and what remains of it.
SIGNATURE = [
    (r"\n  friend struct detail::\w+;", ""),
    (r"detail::max_count", "PTRDIFF_MAX"),
    (r"\n  //[^\n]*\n(?:  template <[^;{}]*\) = delete;\n)+", ""),
    (r"\n  //[^\n]*\n  [\w:]+ \w+\([^;{}]*\)(?: const)? = delete;\n", ""),
    (r"\s*-> decltype\(.*?\)(?=\n  \{)", ""),
    (r"\s*-> decltype\([^{;]*\)(?=\n\{)", ""),
    (r"\nrequires detail::for_each_arguments<[^{;]*?auto (?=async_)", "\nauto "),
    (r"(?:boost::asio::)?awaitable<\s*typename detail::group_body_awaitable<.*?"
     r">::executor_type>", "awaitable<T>"),
    (r"detail::executor_or_context ", "class "),
    (r"detail::executor_of_t<ExecutorOrContext>", "Executor"),
    (r"detail::map_signature<Range, Function>",
     "void(std::exception_ptr, std::vector<R>)"),
    (r"detail::child_token<core_type, Executor>", "unspecified"),
    (r"detail::default_token<", "default_token<"),
    (r"detail::\w+_order(?:<[^<>]*>)?", "unspecified"),
    (r"\n  requires detail::convertible_executor<Executor, OtherExecutor>", ""),
    (r"(?:detail::)?execution_context_like", "class"),
    (r"detail::wait_predicate", "std::predicate"),
    (r"detail::value_predicate<T>", "std::predicate<const T&>"),
    (r"completion_token_for<signature>",
     "completion_token_for<void(error_code, T)>"),
    (r"(?:detail::)?completion_token_for", "completion_token_for"),
    (r"typename result_request<(\w+)>::signature", r"void(error_code, \1)"),
    (r"(?:detail::)?delivered<(\w+)>", r"\1"),
    (r"boost::asio::(?!\w+::)", ""),
    (r"void\(boost::system::error_code", "void(error_code"),
]


def source(path):
    """The text of a header, without what does not concern its users."""
    text = re.sub(r"(\[\[nodiscard\]\]|TORO_DETAIL_(?:FORCEINLINE|VISIBLE))\s+", "",
                  Path(path).read_text())
    return re.sub(r"^#(?:if|endif).*TORO_DETAIL_HAS_CO_\w+.*\n", "", text,
                  flags=re.M)


def in_code(text, change):
    """The text with its code changed and its comments left alone."""
    parts = COMMENT.split(text)
    parts[::2] = map(change, parts[::2])
    return "".join(parts)


def listed(text):
    """The elements of a list of template parameters or arguments."""
    elements, depth = [""], 0
    for c in text:
        depth += (c == "<") - (c == ">")
        if c == "," and depth == 0:
            elements.append("")
        else:
            elements[-1] += c
    return [e.strip() for e in elements]


def public_end(body):
    """Where the public part of a class ends that begins with it."""
    end = re.search(r"^ *(?:/// @cond|protected:|private:)$", body, re.M)
    return end.start() if end else len(body)


def public_members(body):
    """The members between the first access specifier and the next one."""
    body = body[body.index("public:\n") + len("public:\n"):]
    return re.split(r"\n\n(?=  \S)", body[:public_end(body)].rstrip("\n"))


def bind(member, parameter, argument):
    """A member of a template whose parameter is known."""
    if argument == "void":
        member = member.replace(f", {parameter})", ")")
    return in_code(member, lambda code: re.sub(
        rf"\b{parameter}\b", lambda match: argument, code))


def inherited(derived, bases):
    """The members of the base of a class, as members of that class."""
    if derived["base"] not in bases:
        return []
    base = bases[derived["base"]]
    members = public_members(base["body"]) + inherited(base, bases)
    names = [re.split(r"\W+", p)[1] for p in listed(base["parameters"])]
    for name, argument in zip(names, listed(derived["arguments"])):
        if name != argument:
            members = [bind(m, name, argument) for m in members]
    return [re.sub(rf"\b{base['name']}\b", derived["name"], m) for m in members]


def asynchronous_first(match):
    """A class with its asynchronous functions before its other members."""
    if "public:\n" not in match["body"]:
        return match[0]
    start = match.start("body") - match.start() + match["body"].index("public:\n")
    start += len("public:\n")
    end = start + public_end(match[0][start:])
    members = re.split(r"\n\n(?=  \S)", match[0][start:end].rstrip("\n"))
    members.sort(key=lambda member: "\n  auto async_" not in member)
    return match[0][:start] + "\n\n".join(members) + "\n\n" + match[0][end:]


def example_of(type_name, function, examples):
    """The lines of a comment with the example of a function; a bounded_semaphore
    has those of a semaphore unless it has its own."""
    owners = [owner for owner, name in examples
              if name == function and type_name.endswith("_" + owner)]
    if not owners:
        return ""
    code = examples[max(owners, key=len), function]
    lines = ["@par Example", "@code", *code.splitlines(), "@endcode"]
    return "".join(f"   * {line}".rstrip() + "\n" for line in ["", *lines])


def is_constructor(member, name):
    return re.search(rf"^  (?:explicit )?{name}\((?!{name}&&)", member, re.M)


def is_hidden(member, body):
    """Whether a class has a function of the same name as one of its base."""
    name = re.search(r"^  (?!friend)[\w:<>&* ]+\s+(\w+)\(",
                     COMMENT.sub("", member), re.M)
    return name and re.search(rf"^  (?!friend)[\w:<>&* ]+\s+{name[1]}\(",
                              COMMENT.sub("", body), re.M)


def with_inherited(match, bases):
    """A class with the public members of its bases written into it."""
    members = [m for m in inherited(match, bases)
               if not is_hidden(m, match["body"])]
    if not members:
        return match[0]
    constructors = [m for m in members if is_constructor(m, match["name"])]
    others = [m for m in members if m not in constructors]
    body = match["body"].replace("  using base::base;",
                                 "\n\n".join(constructors))
    start = body.index("public:\n") + len("public:\n")
    end = start + public_end(body[start:])
    before, after = body[:end].rstrip("\n"), body[end:]
    head = re.match(r".*?(?=\s*: public)", match[0], re.S)[0]
    return "\n".join([head, "{", before, "", "\n\n".join(others), after + "};"])


def with_whole_texts(text):
    """The text with a whole comment at each overload of an operation."""
    texts = {}
    examples = {(m["type"], m["function"]): m["code"] for m in
                EXAMPLE.finditer(EXAMPLES.read_text())}

    def whole(match):
        types = [re.match(r"\S+", p)[0] for p in listed(match["parameters"])]
        comment = match["text"]
        overload = OVERLOAD.fullmatch(comment)
        if overload and overload["other"] in texts:
            token = "   * @param token"
            comment = texts[overload["other"]].replace(
                token, f"{overload['own']}   *\n{token}")
        else:
            owner = re.findall(r"^class (\w+)", text[:match.start()], re.M)[-1]
            comment = comment.replace(
                "   */\n", example_of(owner, match["name"], examples) + "   */\n")
        texts[f"{match['name']}({', '.join(types)})"] = comment
        return comment + match["declaration"]

    return OPERATION.sub(whole, text)


def with_links(text):
    """The text with the names of types made known to Doxygen as such."""
    for alias, name in ALIAS.findall(text):
        text = re.sub(
            rf"( \* @tparam(?:(?!\*/).)*\*/\n"
            rf"template <[^;{{}}]*>\nclass {name}\b(?!<))",
            rf" * @par Alias\n * toro::{alias} is this with the usual template"
            rf" arguments.\n *\n\1",
            text, count=1, flags=re.S)
    # The word after @throws is taken for a type.
    text = re.sub(r"( *\* )@throws (?=(?:Any|What) )", r"\1@par Exceptions\n\1", text)
    return re.sub(r"(?<=@sa )[\w, ]+",
                  lambda match: re.sub(r"(\w+)", r"toro::\1", match[0]), text)


def signature(code):
    for pattern, plain in SIGNATURE:
        code = re.sub(pattern, plain, code, flags=re.S)
    return code


def main(header):
    bases = {}
    for path in INCLUDE.rglob("*.hpp"):
        for match in CLASS.finditer(source(path)):
            bases[match["name"]] = match
    text = DETAIL.sub("", source(header))
    text = CLASS.sub(lambda match: with_inherited(match, bases), text)
    text = PRIVATE.sub("", CLASS.sub(asynchronous_first, text))
    text = in_code(with_links(text), signature)
    sys.stdout.write(with_whole_texts(text))


if __name__ == "__main__":
    main(sys.argv[1])
