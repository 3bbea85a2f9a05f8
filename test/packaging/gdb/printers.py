# SPDX-License-Identifier: BSL-1.0
"""Compares what the pretty printers show with what the program says:
gdb -batch -iex "python program_output = '<file>'" -x printers.py <program>
"""

import traceback

import gdb

OTHERS = {
    "moved_from": "<lock, moved from>",
    "source_moved_from": "<cancellation_source, moved from>",
    "guard": "<guard, holding>",
    "reading": "<read_guard, holding>",
    "writing": "<write_guard, holding>",
    "permit": "<permit, holding 3>",
    "room": "<room, holding>",
    "entered": "<work, holding>",
    "reader": "<reader, version 0 seen>",
}

NAMES = {"accounts": ' "the accounts"'}

WAITS = {
    "held": ["async_acquire", "async_acquire"],
    "read": ["async_acquire_write"],
    "written": ["async_acquire_read"],
    "wanted": ["async_acquire(5)", "async_acquire_some(2)", "async_wait"],
    "full": ["async_put", "async_join"],
    "asked": ["async_get", "async_get_some", "async_next", "async_wait"],
    "later": ["async_get"],
    "reserved": ["async_reserve", "async_put"],
    "heavy": ["async_put(10)", "async_reserve(7)"],
    "clear": ["async_wait"],
    "started": ["async_arrive", "async_wait"],
    "step": ["async_arrive"],
    "busy": ["async_wait", "async_close"],
    "level": ["async_next"],
    "chat": ["async_get", "async_get", "async_put"],
    "never": ["async_wait"],
    "active": ["async_wait"],
    "limited": ["async_spawn", "async_join"],
    "waited_for": ["async_wait"],
    "unset": ["async_get"],
}


def expected_text(name, said):
    if name in OTHERS:
        return OTHERS[name]
    waits = WAITS.get(name, [])
    listed = ", ".join(f"[{n}] = {wait}" for n, wait in enumerate(waits))
    return said[name] + NAMES.get(name, "") + (f" = {{{listed}}}" if waits else "")


def compare(frame, said):
    """Compares the primitives and guards of a frame. Returns their names."""
    seen = set()
    for symbol in frame.block():
        value = symbol.value(frame)
        if not str(value.type.strip_typedefs().unqualified()).startswith("toro::"):
            continue
        shown = value.format_string()
        expected = expected_text(symbol.name, said)
        if shown != expected:
            raise AssertionError(f"{symbol.name}: {shown} instead of {expected}")
        seen.add(symbol.name)
    return seen


def main():
    gdb.execute("set pagination off")
    gdb.Breakpoint("show_in_debugger")
    gdb.execute(f"run > {program_output}")  # noqa: F821, from the command line
    seen = set()
    while gdb.selected_inferior().pid:
        with open(program_output) as lines:  # noqa: F821
            said = dict(line.rstrip("\n").split(" ", 1) for line in lines)
        seen |= compare(gdb.newest_frame().older(), said)
        gdb.execute("continue")
    missing = (set(said) | set(OTHERS)) - seen
    if missing:
        raise AssertionError(f"not seen: {missing}")
    print(f"{len(seen)} objects show what they should")


try:
    main()
except Exception:
    traceback.print_exc()
    gdb.execute("quit 1")
