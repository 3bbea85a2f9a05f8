// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_DELAY_QUEUE_HPP
#define TORO_TEST_MODEL_TABLES_DELAY_QUEUE_HPP

#include <cstddef>

#include "model/tables/wait_table.hpp"

namespace toro_test {

struct delay_wait : plain_wait
{
  // What a granted get has.
  std::size_t item = nothing;
};

// Items with the tick at which they are due, and those who wait to get them.
// Items are numbered in the order in which they are put.
class delay_model : public wait_table<delay_model, delay_wait>
{
  using base = wait_table<delay_model, delay_wait>;

public:
  // When each item that ever was put is due, and whether it is stored.
  row<std::size_t> due_of;
  row<bool> is_stored;

  bool open = true;

  // How many items are being put, or are granted to gets whose handlers have
  // not run.
  std::size_t coming = 0;

  // How many of these are being put.
  std::size_t being_put = 0;

  std::size_t size() const
  {
    std::size_t count = 0;
    for (const bool stored : is_stored)
      count += stored;
    return count;
  }

  // Returns the number of the item, or nothing.
  std::size_t put(std::size_t in_ticks)
  {
    if (!begin_put())
      return nothing;
    return finish_put(in_ticks);
  }

  bool begin_put()
  {
    if (!open)
      return false;
    ++coming;
    ++being_put;
    return true;
  }

  std::size_t finish_put(std::size_t in_ticks)
  {
    --coming;
    --being_put;
    due_of.push_back(in_ticks == endless ? endless : now + in_ticks);
    is_stored.push_back(true);
    settle();
    return due_of.size() - 1;
  }

  void undo_put()
  {
    --coming;
    --being_put;
    settle();
  }

  bool erase(std::size_t item)
  {
    if (item >= is_stored.size() || !is_stored[item])
      return false;
    is_stored[item] = false;
    settle();
    return true;
  }

  std::size_t try_get()
  {
    const std::size_t item = next_due_item();
    if (item == nothing || waiting() != 0)
      return nothing;
    is_stored[item] = false;
    settle();
    return item;
  }

  void start_get(patience how_long)
  {
    const std::size_t w = add({});
    if (inert)
      return;
    if (waiting() == 0 && next_due_item() != nothing)
      reserve(w);
    else if (is_drained())
      end(w, ending::closed);
    else
      park(w, how_long);
    settle();
  }

  // Returns how many waits that ended.
  std::size_t close()
  {
    open = false;
    return is_drained() ? dismiss_all(ending::closed) : 0;
  }

  // The next handler is one that gets an item.
  bool gets_next() const
  {
    return !under_way.empty() && waits[under_way.front()].at == stage::granted;
  }

  // Its item cannot be moved. Requires gets_next().
  void fail_delivery()
  {
    const std::size_t w = under_way.front();
    is_stored[waits[w].item] = true;
    --coming;
    waits[w].at = stage::ended;
    abandon();
    settle();
  }

  void settle()
  {
    while (waiting() != 0 && next_due_item() != nothing)
      reserve(first_waiting());
    if (is_drained())
      dismiss_all(ending::closed);
  }

  // What is due is given before those give up whose time has come.
  void expire_due()
  {
    settle();
    base::expire_due();
  }

  // Whether the time matters to somebody.
  bool has_due() const
  {
    if (base::has_due())
      return true;
    return waiting() != 0 && first_item() != nothing &&
           due_of[first_item()] != endless;
  }

  void give_back(std::size_t w)
  {
    --coming;
    is_stored[waits[w].item] = true;
  }

  void take(std::size_t)
  {
    --coming;
  }

private:
  bool is_drained() const
  {
    return !open && size() == 0 && coming == 0;
  }

  std::size_t first_item() const
  {
    std::size_t first = nothing;
    for (std::size_t i = 0; i != due_of.size(); ++i)
    {
      if (is_stored[i] && (first == nothing || due_of[i] < due_of[first]))
        first = i;
    }
    return first;
  }

  std::size_t next_due_item() const
  {
    const std::size_t first = first_item();
    return first != nothing && due_of[first] <= now ? first : nothing;
  }

  void reserve(std::size_t w)
  {
    waits[w].item = next_due_item();
    is_stored[waits[w].item] = false;
    ++coming;
    grant(w);
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_DELAY_QUEUE_HPP
