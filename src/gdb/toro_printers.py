# SPDX-License-Identifier: BSL-1.0
"""Pretty printers for gdb. A primitive is shown as to_string() does, with its
waiters, and a guard with what it holds:

    (gdb) source toro_printers.py
    (gdb) print mutex
    $1 = <lock locked waiters[1]> "accounts" = {[0] = async_acquire}

They need the debug information of the program. The names of primitives also
need that of the library.
"""

import re

import gdb
import gdb.printing


def waiters_in(queue, waiter):
    """The waiters in a wait_queue, in their order."""
    header = queue["data_"]["root_plus_size_"]["m_header"]
    base = gdb.lookup_type("toro::detail::waiter")
    hook = base.fields()[0].type
    node = header["next_"]
    while int(node) != int(header.address):
        wait = node.cast(hook.pointer()).cast(base.pointer())
        yield wait.cast(waiter.pointer()).dereference()
        node = node["next_"]


def count_if_any(key, count):
    return f"{key}[{count}]" if count else ""


def figure(key, count):
    return f"{key}={count}" if count else ""


class State:
    """The state of a primitive: the words that it shows, the queues of its
    waiters, each with the name of the operation, and the type of a waiter."""

    waiter = "toro::detail::waiter"

    def __init__(self, state):
        self.state = state

    def count(self, *names):
        """The number of waiters in these queues."""
        queues = (self.state[name] for name in names)
        return sum(int(q["data_"]["root_plus_size_"]["size_"]) for q in queues)

    def wait_queues(self):
        """The queues of waiters, each with the name of the operation."""
        for name, operation in self.queues.items():
            yield self.state[name], operation

    def operation(self, name, _wait):
        return name


class EventState(State):
    queues = {"waiting_": "async_wait"}

    def words(self):
        yield "set" if self.state["set_"] else "clear"
        yield count_if_any("waiters", self.count("waiting_"))


class LatchState(State):
    waiter = "toro::detail::latch_waiter"
    queues = {"waiting_": "async_wait"}

    def words(self):
        yield f"count={int(self.state['count_'])}"
        yield count_if_any("waiters", self.count("waiting_"))

    def operation(self, name, wait):
        return "async_arrive" if wait["arrives"] else name


class BarrierState(State):
    waiter = "toro::detail::barrier_waiter"
    queues = {"waiting_": "async_arrive"}

    def words(self):
        yield f"parties={int(self.state['parties_'])}"
        yield f"phase={int(self.state['phase_'])}"
        yield count_if_any("waiters", self.count("waiting_"))


class WaitGroupState(State):
    waiter = "toro::detail::wait_group_waiter"
    queues = {"waiting_": "async_wait"}

    def words(self):
        yield f"count={int(self.state['held_']) + int(self.state['detached_'])}"
        yield count_if_any("waiters", self.count("waiting_"))
        yield "" if self.state["open_"] else "closed"

    def operation(self, name, wait):
        return "async_close" if wait["closes"] else name


class ResultState(State):
    queues = {"waiting_": "async_get"}

    def words(self):
        if not self.state["set_"]:
            yield "unset"
        else:
            failed = int(self.state["error_"]["lc_flags_"]) & 1
            yield "error" if failed else "set"
        yield count_if_any("waiters", self.count("waiting_"))


class ConditionState(State):
    queues = {"waiting_": "async_wait"}

    def words(self):
        yield count_if_any("waiters", self.count("waiting_"))


class SemaphoreState(State):
    waiter = "toro::detail::semaphore_waiter"
    queues = {"acquirers_": "async_acquire", "watchers_": "async_wait"}

    def words(self):
        if not self.state["open_"]:
            yield "closed"
        yield f"counter={int(self.state['free_'])}"
        yield count_if_any("waiters", self.count(*self.queues))

    def operation(self, name, wait):
        permits = int(wait["permits"])
        if name == "async_acquire" and int(wait["queue_index"]) == 1:
            name = "async_acquire_some"
        return f"{name}({permits})" if permits > 1 else name


class LockState(SemaphoreState):
    def words(self):
        yield "unlocked" if int(self.state["free_"]) else "locked"
        yield count_if_any("waiters", self.count(*self.queues))


class RwLockState(State):
    queues = {"upgrades_": "async_upgrade", "waiting_": "async_acquire"}

    def words(self):
        readers = int(self.state["readers_"])
        if self.state["writing_"]:
            yield "write_locked"
        else:
            yield "read_locked" if readers else "unlocked"
        yield figure("readers", readers)
        yield count_if_any("waiters", self.count(*self.queues))

    def operation(self, name, wait):
        if name == "async_upgrade":
            return name
        return f"{name}_{'write' if int(wait['queue_index']) else 'read'}"


class QueueState(State):
    waiter = "toro::detail::queue_waiter"
    queues = {
        "getters_": "async_get",
        "putters_": "async_put",
        "joiners_": "async_join",
    }

    def words(self):
        yield f"maxsize={int(self.state['max_size_'])}"
        yield figure("size", int(self.state["available_count_"]))
        for name in self.queues:
            yield count_if_any(name.rstrip("_"), self.count(name))
        yield figure("tasks", int(self.state["unfinished_"]))
        yield "" if self.state["open_"] else "closed"


class BroadcastState(State):
    waiter = "toro::detail::broadcast_waiter"
    queues = {"putters_": "async_put"}

    def words(self):
        yield "" if self.state["open_"] else "closed"
        yield f"capacity={int(self.state['capacity_'])}"
        count = self.state["subscribers_"]["data_"]["root_plus_size_"]["size_"]
        yield f"subscriptions={int(count)}"
        yield figure("size", int(self.state["size_"]))
        yield count_if_any("getters", int(self.state["getters_"]))
        yield count_if_any("putters", self.count("putters_"))

    def wait_queues(self):
        """Those of the subscriptions whose gets wait, and then the puts."""
        header = self.state["hungry_"]["data_"]["root_plus_size_"]["m_header"]
        subscriber = gdb.lookup_type("toro::detail::subscriber")
        hook = subscriber.fields()[1]
        node = header["next_"]
        while int(node) != int(header.address):
            place = int(node) - hook.bitpos // 8
            reader = gdb.Value(place).cast(subscriber.pointer())
            yield reader["getters_"], "async_get"
            node = node["next_"]
        yield from super().wait_queues()


class WatchState(State):
    waiter = "toro::detail::watch_waiter"
    queues = {"waiting_": "async_next"}

    def words(self):
        yield "" if self.state["open_"] else "closed"
        yield f"version={int(self.state['version_']['_M_i'])}"
        yield count_if_any("waiters", self.count("waiting_"))


STATES = {
    "async_result": ResultState,
    "barrier": BarrierState,
    "bounded_semaphore": SemaphoreState,
    "broadcast": BroadcastState,
    "condition": ConditionState,
    "event": EventState,
    "latch": LatchState,
    "lifo_queue": QueueState,
    "lock": LockState,
    "priority_queue": QueueState,
    "queue": QueueState,
    "rw_lock": RwLockState,
    "semaphore": SemaphoreState,
    "wait_group": WaitGroupState,
    "watch": WatchState,
}


def name_of(core):
    """The name that set_name() gave, in quotes."""
    try:
        notes = core["diagnosis_"]["notes_"]
        if int(notes) == 0:
            return ""
        name = notes["name"].format_string(raw=False)
        return "" if name == '""' else f" {name}"
    except gdb.error:
        return ""  # The library has no debug information.


class PrimitivePrinter:
    """A primitive: its state and its waiters."""

    def __init__(self, kind, value):
        self.kind = kind
        self.core = value["core_"]["px"]
        self.state = None
        if int(self.core):
            self.state = STATES[kind](self.core.dereference()["state_"])

    def to_string(self):
        if self.state is None:
            return f"<{self.kind}, moved from>"
        words = [word for word in self.state.words() if word]
        text = " ".join([self.kind] + words)
        return f"<{text}>{name_of(self.core.dereference())}"

    def children(self):
        if self.state is None:
            return
        waiter = gdb.lookup_type(self.state.waiter)
        number = 0
        for queue, operation in self.state.wait_queues():
            for wait in waiters_in(queue, waiter):
                yield f"[{number}]", self.state.operation(operation, wait)
                number += 1


class GuardPrinter:
    """A guard: whether it holds its lock, work or how many permits."""

    def __init__(self, kind, value):
        self.kind = kind
        self.value = value

    def to_string(self):
        if int(self.value["core_"]["px"]) == 0:
            return f"<{self.kind}, empty>"
        if self.kind != "permit":
            return f"<{self.kind}, holding>"
        return f"<permit, holding {int(self.value['ownership_']['count'])}>"


class Lookup(gdb.printing.PrettyPrinter):
    """Finds the printer of a type of the library."""

    PATTERN = re.compile(r"^toro::basic_(\w+)<")
    GUARDS = ("guard", "permit", "read_guard", "work", "write_guard")

    def __init__(self):
        super().__init__("toro")

    def __call__(self, value):
        kind = value.type.strip_typedefs().unqualified()
        match = self.PATTERN.match(str(kind))
        if not match or kind.code != gdb.TYPE_CODE_STRUCT:
            return None
        name = match.group(1)
        if name in STATES:
            return PrimitivePrinter(name, value)
        if name in self.GUARDS:
            return GuardPrinter(name, value)
        return None


gdb.printing.register_pretty_printer(gdb.current_objfile(), Lookup(), True)
