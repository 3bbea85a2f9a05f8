// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_QUEUE_HPP
#define TORO_TEST_MODEL_QUEUE_HPP

#include <cstddef>
#include <iterator>

#include "model/wait_table.hpp"

namespace toro_test {

enum class queue_order : unsigned char
{
  fifo,
  lifo,
  smallest_first
};

enum class queue_role : unsigned char
{
  gets,
  puts,
  joins
};

struct queue_wait : plain_wait
{
  queue_wait(queue_role r, std::size_t i)
    : role(r),
      item(i)
  {
  }

  queue_role role;

  // What a put brings, or a granted get has.
  std::size_t item;
};

// Items are numbered in the order in which their puts start, and have values
// that go down and up, with equal ones among them.
inline std::size_t value_of_item(std::size_t item)
{
  constexpr std::size_t values[] = {2, 1, 1, 0, 2, 1};
  return values[item % std::size(values)];
}

// Items in order, those who wait to put and to get, and a count of tasks.
class queue_model : public wait_table<queue_model, queue_wait>
{
public:
  queue_model(queue_order o, std::size_t size)
    : order(o),
      max_size(size)
  {
  }

  queue_order order;
  std::size_t max_size;
  bool open = true;
  std::size_t unfinished = 0;

  // The items that anyone may get, the next one first.
  row<std::size_t> stock;

  // How many items are granted to gets whose handlers have not run.
  std::size_t reserved = 0;

  std::size_t items = 0;

  std::size_t getters() const
  {
    return waiting(gets);
  }

  std::size_t putters() const
  {
    return waiting(puts);
  }

  bool full() const
  {
    return max_size != 0 && stock.size() >= max_size;
  }

  void start_put(patience how_long)
  {
    const std::size_t w = add({queue_role::puts, items++});
    if (inert)
      return;
    if (!open)
      end(w, ending::closed);
    else if (can_put())
      admit(w);
    else
      park(w, how_long);
    settle();
  }

  bool try_put()
  {
    const std::size_t item = items++;
    if (!can_put())
      return false;
    ++unfinished;
    insert(item);
    settle();
    return true;
  }

  void start_get(patience how_long)
  {
    const std::size_t w = add({queue_role::gets, nothing});
    if (inert)
      return;
    if (!stock.empty())
      reserve(w);
    else if (!open && reserved == 0)
      end(w, ending::closed);
    else
      park(w, how_long);
    settle();
  }

  std::size_t try_get()
  {
    if (stock.empty())
      return nothing;
    const std::size_t item = take_next();
    settle();
    return item;
  }

  void start_join(patience how_long)
  {
    const std::size_t w = add({queue_role::joins, nothing});
    if (inert)
      return;
    if (unfinished == 0)
      grant(w);
    else
      park(w, how_long);
  }

  // Returns how many waits that granted, or nothing if no task is unfinished.
  std::size_t task_done()
  {
    if (unfinished == 0)
      return nothing;
    --unfinished;
    return count_grants(
        [this]
        {
          settle();
        });
  }

  // Returns how many waits that ended.
  std::size_t close()
  {
    if (!open)
      return 0;
    open = false;
    return dismiss_if(ending::closed, puts) + end_gets_if_drained();
  }

  // A put that is let in is granted before the get that made room for it. A get
  // ends with closed only when no roll-back can bring an item.
  void settle()
  {
    for (;;)
    {
      if (putters() != 0 && !full())
        admit(first_waiting(puts));
      else if (getters() != 0 && !stock.empty())
        reserve(first_waiting(gets));
      else
        break;
    }
    if (!open)
      end_gets_if_drained();
    if (unfinished == 0)
      grant_if(joins);
  }

  // A put's item can be withdrawn until somebody has it.
  bool can_give_back(std::size_t w) const
  {
    return waits[w].role != queue_role::puts ||
           find(waits[w].item) != stock.end();
  }

  void give_back(std::size_t w)
  {
    if (waits[w].role == queue_role::gets)
    {
      --reserved;
      insert(waits[w].item);
    }
    else if (waits[w].role == queue_role::puts)
    {
      stock.erase(find(waits[w].item));
      // The task may have been counted as done before its item was got.
      unfinished -= unfinished != 0;
    }
  }

  void take(std::size_t w)
  {
    reserved -= waits[w].role == queue_role::gets;
  }

  // Gets are taken back before puts, which can withdraw their items then.
  std::size_t cancel_all()
  {
    std::size_t count = dismiss_if(ending::aborted, gets);
    count += dismiss_if(ending::aborted, puts);
    count += dismiss_if(ending::aborted, joins);
    for (std::size_t i = 0; i != under_way.size(); ++i)
      count += gets(waits[under_way[i]]) && retract(under_way[i]);
    for (std::size_t i = 0; i != under_way.size(); ++i)
      count += retract(under_way[i]);
    return count;
  }

private:
  static bool gets(const queue_wait& w)
  {
    return w.role == queue_role::gets;
  }

  static bool puts(const queue_wait& w)
  {
    return w.role == queue_role::puts;
  }

  static bool joins(const queue_wait& w)
  {
    return w.role == queue_role::joins;
  }

  bool can_put() const
  {
    return open && putters() == 0 && !full();
  }

  bool comes_before(std::size_t a, std::size_t b) const
  {
    if (order == queue_order::fifo)
      return a < b;
    if (order == queue_order::lifo)
      return a > b;
    const std::size_t left = value_of_item(a);
    const std::size_t right = value_of_item(b);
    return left != right ? left < right : a < b;
  }

  row<std::size_t>::const_iterator find(std::size_t item) const
  {
    return std::find(stock.begin(), stock.end(), item);
  }

  void insert(std::size_t item)
  {
    auto place = stock.begin();
    while (place != stock.end() && comes_before(*place, item))
      ++place;
    stock.insert(place, item);
  }

  // The item of a put enters, and the put is granted.
  void admit(std::size_t w)
  {
    ++unfinished;
    insert(waits[w].item);
    grant(w);
  }

  // A put that waits enters before, so that its item has its part in the order,
  // unless a roll-back has brought the queue over its bound.
  std::size_t take_next()
  {
    if (putters() != 0 && stock.size() <= max_size)
      admit(first_waiting(puts));
    const std::size_t item = stock.front();
    stock.erase(stock.begin());
    return item;
  }

  void reserve(std::size_t w)
  {
    waits[w].item = take_next();
    ++reserved;
    grant(w);
  }

  std::size_t end_gets_if_drained()
  {
    if (!stock.empty() || reserved != 0)
      return 0;
    return dismiss_if(ending::closed, gets);
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_QUEUE_HPP
