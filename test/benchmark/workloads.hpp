// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_TEST_BENCHMARK_WORKLOADS_HPP
#define TORO_TEST_BENCHMARK_WORKLOADS_HPP

#include "row.hpp"

namespace bench {

/// What everything else is measured in: a callback that posts itself again.
void bare_post(trial& t);

/// W0: the parts that all are made of.
void add_floors(rows& all);

/// W1: acquire and release what is free.
void add_uncontended(rows& all);

/// W1: take a guard and reset it.
void add_guards(rows& all);

/// W2: pass a lock from one to the next.
void add_handoff(rows& all);

/// W3: put into a queue and get from it.
void add_queue(rows& all);

/// W4: wake all who wait.
void add_broadcast(rows& all);

/// W5: deadlines.
void add_deadlines(rows& all);

/// W6: two threads.
void add_threads(rows& all);

/// W6: ask what another thread uses.
void add_questions(rows& all);

/// W7: cancel one wait among many.
void add_cancellation(rows& all);

/// W8: select among two operations.
void add_selection(rows& all);

/// W9: start coroutines and wait for their ends.
void add_children(rows& all);

/// W10: an item for many subscriptions.
void add_deliveries(rows& all);

} // namespace bench

#endif // TORO_TEST_BENCHMARK_WORKLOADS_HPP
