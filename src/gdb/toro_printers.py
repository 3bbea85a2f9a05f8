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


def holds_exception(pointer):
    """Whether an exception_ptr is not null. Each standard library has its own
    member for that, which is a pointer."""
    return any(int(pointer[field]) for field in pointer.type.fields())


def with_weight(operation, weight):
    return operation if weight == 1 else f"{operation}({weight})"


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


class TaskGroupState(State):
    waiter = "toro::detail::task_group_waiter"
    queues = {
        "spawns_": "async_spawn",
        "joins_": "async_join",
        "whole_joins_": "with_task_group",
    }

    def words(self):
        yield f"size={int(self.state['size_'])}"
        limit = self.state["limit_"]
        unlimited = 2 ** (8 * limit.type.sizeof - 1) - 1
        yield figure("limit", int(limit) if int(limit) != unlimited else 0)
        yield count_if_any("spawners", self.count("spawns_"))
        yield count_if_any("joiners", self.count("joins_", "whole_joins_"))
        yield "" if self.state["open_"] else "closed"
        yield "cancelled" if self.state["cancelled_"] else ""
        yield "failed" if holds_exception(self.state["failure_"]) else ""


class CancellationSourceState(EventState):
    def words(self):
        yield "cancelled" if self.state["set_"] else "active"
        yield count_if_any("waiters", self.count("waiting_"))


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
        "watchers_": "async_wait",
    }

    def words(self):
        yield f"maxsize={int(self.state['max_size_'])}"
        yield figure("size", int(self.state["available_count_"]))
        yield figure("reserved", self.reserved())
        for name in self.queues:
            yield count_if_any(name.rstrip("_"), self.count(name))
        yield figure("tasks", int(self.state["unfinished_"]))
        yield "" if self.state["open_"] else "closed"

    def reserved(self):
        """The bound, if there is one, minus the limit that room has left."""
        bits = 8 * self.state["limit_"].type.sizeof
        bound = int(self.state["max_size_"]) or 2**bits - 1
        return bound - int(self.state["limit_"])

    def operation(self, name, wait):
        if name == "async_get":
            return ("async_get", "async_next", "async_get_some")[int(wait["form"])]
        if int(wait["queue_index"]) != 2:
            return name
        return with_weight("async_reserve", int(wait["weight"]))


class WeightedQueueState(QueueState):
    def words(self):
        yield f"maxweight={int(self.state['max_size_'])}"
        yield figure("weight", int(self.state["weight_"]))
        yield from list(super().words())[1:]

    def reserved(self):
        return int(self.state["weight_kept_"])

    def operation(self, name, wait):
        if name != "async_put" or int(wait["queue_index"]) == 2:
            return super().operation(name, wait)
        node = gdb.lookup_type("toro::detail::weighted_node").pointer()
        return with_weight(name, int(wait["item"].cast(node)["weight"]))


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


class DelayQueueState(State):
    waiter = "toro::detail::delay_waiter"
    queues = {"getters_": "async_get"}

    def words(self):
        yield f"size={int(self.state['size_'])}"
        yield count_if_any("getters", self.count("getters_"))
        yield "" if self.state["open_"] else "closed"


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
    "cancellation_source": CancellationSourceState,
    "condition": ConditionState,
    "delay_queue": DelayQueueState,
    "event": EventState,
    "latch": LatchState,
    "lifo_queue": QueueState,
    "lock": LockState,
    "priority_queue": QueueState,
    "queue": QueueState,
    "rw_lock": RwLockState,
    "semaphore": SemaphoreState,
    "task_group": TaskGroupState,
    "wait_group": WaitGroupState,
    "watch": WatchState,
    "weighted_queue": WeightedQueueState,
}


def core_of(value):
    """The core of a primitive, or a null pointer."""
    if any(field.name == "shared_" for field in value.type.fields()):
        shared = value["shared_"]["_M_ptr"]
        return shared.dereference()["core_"]["px"] if int(shared) else shared
    return value["core_"]["px"]


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
        self.core = core_of(value)
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
    """A guard: whether it holds its lock, work, room or how many permits."""

    def __init__(self, kind, value):
        self.kind = kind
        self.value = value

    def to_string(self):
        if int(self.value["core_"]["px"]) == 0:
            return f"<{self.kind}, empty>"
        if self.kind != "permit":
            return f"<{self.kind}, holding>"
        return f"<permit, holding {int(self.value['ownership_']['count'])}>"


class ReaderPrinter:
    """A reader of a watch: the version that it saw last."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        position = self.value["position_"]["px"]
        if not int(position):
            return "<reader, moved from>"
        return f"<reader, version {int(position.dereference()['seen']['_M_i'])} seen>"


class Lookup(gdb.printing.PrettyPrinter):
    """Finds the printer of a type of the library."""

    PATTERN = re.compile(r"^toro::basic_(\w+)<")
    GUARDS = ("guard", "permit", "read_guard", "room", "work", "write_guard")

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
        if name == "reader":
            return ReaderPrinter(value)
        return None


gdb.printing.register_pretty_printer(gdb.current_objfile(), Lookup(), True)
