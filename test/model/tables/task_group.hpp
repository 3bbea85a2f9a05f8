// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_TASK_GROUP_HPP
#define TORO_TEST_MODEL_TABLES_TASK_GROUP_HPP

#include <cstddef>

#include "model/tables/wait_table.hpp"

namespace toro_test {

// What a wait of a task_group is for: a place, the end of the children, or the
// end of the children and of the body.
enum class group_wait_kind : unsigned char
{
  spawns,
  joins,
  joins_whole
};

struct group_wait : plain_wait
{
  explicit group_wait(group_wait_kind k)
    : kind(k)
  {
  }

  group_wait_kind kind;

  // Whether its cancellation was passed on to the children.
  bool passed_on = false;
};

// Children have places; at most so many run, or are about to. Failures have
// numbers, and the first of them counts.
class task_group_model : public wait_table<task_group_model, group_wait>
{
public:
  // What a join reports besides failures.
  static constexpr std::size_t no_failure = 0;
  static constexpr std::size_t aborted = 100;

  task_group_model(std::size_t most, bool failure_cancels)
    : limit(most),
      cancels_on_failure(failure_cancels)
  {
  }

  std::size_t limit;
  bool cancels_on_failure;

  // The children that were started, and have not ended.
  std::size_t running = 0;
  std::size_t failures = 0;
  std::size_t first_failure = no_failure;
  bool open = true;
  bool cancelled = false;
  std::size_t bodies = 0;

  // Also those that were granted a place.
  std::size_t size() const
  {
    std::size_t count = running;
    for (const group_wait& w : waits)
      count += w.at == stage::granted && spawns(w);
    return count;
  }

  // 0: may start; 1: closed; 2: full.
  std::size_t enter()
  {
    if (!open)
      return 1;
    if (!has_place())
      return 2;
    ++running;
    return 0;
  }

  void leave()
  {
    --running;
    settle();
  }

  // Returns whether the children are to be cancelled.
  bool fail(bool by_abortion)
  {
    ++failures;
    const bool counts =
        first_failure == no_failure && !(by_abortion && cancelled);
    if (counts)
      first_failure = failures;
    if (counts && cancels_on_failure)
      stop();
    leave();
    return counts && cancels_on_failure;
  }

  void enter_body()
  {
    ++bodies;
  }

  void leave_body()
  {
    --bodies;
    settle();
  }

  std::size_t close()
  {
    open = false;
    return dismiss_if(ending::closed, spawns);
  }

  std::size_t stop()
  {
    cancelled = true;
    std::size_t count = dismiss_if(ending::aborted, spawns);
    for (std::size_t w = 0; w != waits.size(); ++w)
      count += spawns(waits[w]) && retract(w);
    settle();
    return count;
  }

  // A terminal cancellation of a join.
  void pass_on(std::size_t w)
  {
    if (waits[w].at == stage::ended)
      return;
    waits[w].passed_on = true;
    stop();
  }

  void start_spawn(patience how_long)
  {
    const std::size_t w = add(group_wait(group_wait_kind::spawns));
    if (inert)
      return;
    if (!open)
      end(w, ending::closed);
    else if (has_place())
      grant(w);
    else
      park(w, how_long);
  }

  void start_join(group_wait_kind kind, patience how_long)
  {
    const std::size_t w = add(group_wait(kind));
    if (inert)
      return;
    if (may_join(waits[w]))
      grant(w);
    else
      park(w, how_long);
  }

  // What a join that was delivered reports.
  std::size_t report_of(std::size_t w) const
  {
    if (first_failure != no_failure)
      return first_failure;
    return waits[w].passed_on ? aborted : no_failure;
  }

  // The end of the group.
  std::size_t cancel_all()
  {
    open = false;
    cancelled = true;
    return wait_table::cancel_all();
  }

  std::size_t dismiss_all(ending how)
  {
    return dismiss_if(how, spawns) +
           dismiss_if(how,
                      [](const group_wait& w)
                      {
                        return w.kind == group_wait_kind::joins;
                      }) +
           wait_table::dismiss_all(how);
  }

  void settle()
  {
    for (std::size_t w = first_waiting(spawns); w != nothing && size() < limit;
         w = first_waiting(spawns))
      grant(w);
    grant_if(
        [this](const group_wait& w)
        {
          return w.kind == group_wait_kind::joins && may_join(w);
        });
    grant_if(
        [this](const group_wait& w)
        {
          return w.kind == group_wait_kind::joins_whole && may_join(w);
        });
  }

  // A place that was granted is the child's, which runs from now on.
  void take(std::size_t w)
  {
    running += spawns(waits[w]);
  }

private:
  static bool spawns(const group_wait& w)
  {
    return w.kind == group_wait_kind::spawns;
  }

  bool has_place() const
  {
    return size() < limit && waiting(spawns) == 0;
  }

  bool may_join(const group_wait& w) const
  {
    return size() == 0 && !(w.kind == group_wait_kind::joins_whole && bodies != 0);
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_TASK_GROUP_HPP
