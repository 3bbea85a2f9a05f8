// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_QUEUE_HPP
#define TORO_TEST_MODEL_TABLES_QUEUE_HPP

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "model/tables/wait_table.hpp"

namespace toro_test {

enum class queue_order : unsigned char
{
  fifo,
  lifo,
  smallest_first,
  weighted // first in, first out, with a bound on the sum of weights
};

enum class queue_role : unsigned char
{
  gets,
  puts,
  rooms, // wait among the puts, for room without an item
  joins,
  watches
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

  // Whether its handler may be refused what it was granted.
  bool claims = false;

  // How much room it asks for or has.
  std::size_t room = 1;
  // How many items a get asks for.
  std::size_t most = 1;
};

// Some items as one number.
inline std::size_t add_to_batch(std::size_t batch, std::size_t item)
{
  return batch * 8 + item + 1;
}

// Items are numbered in the order in which their puts start, and have values
// that go down and up, with equal ones among them.
inline std::size_t value_of_item(std::size_t item)
{
  constexpr std::size_t values[] = {2, 1, 1, 0, 2, 1};
  return values[item % std::size(values)];
}

// What an item weighs in a weighted queue: some are lighter than others, some
// weigh nothing, and some are heavier than the bound.
inline std::size_t weight_of_item(std::size_t item)
{
  constexpr std::size_t weights[] = {1, 3, 2, 0, 1, 2};
  return weights[item % std::size(weights)];
}

// Items in order, those who wait to put and to get, and a count of tasks. An
// item whose move may throw comes and goes in two steps, the second of which
// may undo the first.
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

  // All items that ever were in the queue, in the order in which it gives them.
  row<std::size_t> line;

  // For how many items there is room that are not there yet, and how much of
  // the bound that takes.
  std::size_t coming = 0;
  std::size_t kept = 0;

  // What of it belongs to those who reserved it, the earliest first.
  row<std::size_t> held;

  // How many items are to come without room.
  std::size_t forcing = 0;

  // The items that were displaced and are being moved away.
  row<std::size_t> dropping;

  // The most that was ever in stock, as seen between two actions.
  std::size_t peak = 0;

  // What the handler got that asked for several items.
  std::size_t batch = 0;

  // Whether there is memory for no more than one of them.
  bool lacks_memory = false;

  // The items that are being moved away, and those that ever were.
  row<std::size_t> leaving;
  row<std::size_t> changed;

  // Those that somebody set aside, so that their puts are certain.
  row<std::size_t> certain;

  std::size_t getters() const
  {
    return waiting(gets);
  }

  std::size_t watchers() const
  {
    return waiting(watches);
  }

  std::size_t putters() const
  {
    return waiting(puts);
  }

  // What the items in stock take of the bound.
  std::size_t load() const
  {
    std::size_t sum = 0;
    for (const std::size_t item : stock)
      sum += weight_of(item);
    return sum;
  }

  std::size_t weight_of(std::size_t item) const
  {
    return order == queue_order::weighted ? weight_of_item(item) : 1;
  }

  bool full() const
  {
    return max_size != 0 && load() + kept >= max_size;
  }

  // An item that is heavier than the bound has room where nothing else is.
  bool has_room(std::size_t weight = 1) const
  {
    const std::size_t used = load() + kept;
    return max_size == 0 || used + weight <= max_size ||
           (used == 0 && order == queue_order::weighted);
  }

  void start_put(patience how_long, bool claims = false)
  {
    const std::size_t w = add({queue_role::puts, items++});
    waits[w].claims = claims;
    waits[w].room = weight_of(waits[w].item);
    if (inert)
      return;
    const bool at_once = can_put(waits[w].room);
    if (open && (at_once || how_long != none))
      enter(waits[w].item);
    if (!open)
      end(w, ending::closed);
    else if (at_once)
      admit(w);
    else
      park(w, how_long);
    settle();
  }

  bool try_put()
  {
    const std::size_t item = items++;
    if (!can_put(weight_of(item)))
      return false;
    add_item(item);
    return true;
  }

  bool begin_put(std::size_t weight = 1)
  {
    if (!can_put(weight))
      return false;
    keep(weight);
    return true;
  }

  void finish_put(std::size_t weight = 1)
  {
    free(weight);
    add_item(items++);
  }

  void undo_put(std::size_t weight = 1)
  {
    free(weight);
    settle();
  }

  void start_reserve(patience how_long, std::size_t weight = 1)
  {
    const std::size_t w = add({queue_role::rooms, nothing});
    waits[w].room = weight;
    if (inert)
      return;
    if (!open)
      end(w, ending::closed);
    else if (can_put(weight))
      admit(w);
    else
      park(w, how_long);
    settle();
  }

  bool try_reserve(std::size_t weight = 1)
  {
    if (!begin_put(weight))
      return false;
    held.push_back(weight);
    return true;
  }

  // Whether the next item fits into the room that is used next.
  bool fits_into_room() const
  {
    return !held.empty() && weight_of(items) <= held.front();
  }

  // An item is put into room that was reserved, whatever has happened since. It
  // is gone if the queue is.
  void put_into_room()
  {
    const std::size_t weight = pop_front(held);
    if (exists)
      finish_put(weight);
    else
      ++items;
  }

  void give_room_back()
  {
    undo_put(pop_front(held));
  }

  // It stays taken, but no item is to come.
  void detach_room()
  {
    held.erase(held.begin());
    --coming;
    settle();
  }

  // Returns the item that is displaced, nothing if none is, or less than that
  // if the queue is closed.
  std::size_t force_put()
  {
    const std::size_t item = items++;
    if (!open)
      return nothing - 1;
    const std::size_t displaced = force(item);
    if (displaced != nothing)
      unfinished -= unfinished != 0;
    settle();
    return displaced;
  }

  // The same in steps: of the item, and of what it displaces.
  bool begin_force_put()
  {
    forcing += open;
    return open;
  }

  std::size_t finish_force_put()
  {
    --forcing;
    const std::size_t displaced = force(items++);
    if (displaced != nothing)
    {
      dropping.push_back(displaced);
      changed.push_back(displaced);
    }
    settle();
    return displaced;
  }

  void undo_force_put()
  {
    --forcing;
    settle();
  }

  std::size_t finish_drop()
  {
    const std::size_t item = pop_front(dropping);
    unfinished -= unfinished != 0;
    settle();
    return item;
  }

  void undo_drop()
  {
    insert(pop_front(dropping));
    settle();
  }

  // Returns how many items are gone.
  std::size_t clear()
  {
    const std::size_t count = stock.size();
    stock.clear();
    unfinished -= std::min(unfinished, count);
    settle();
    return count;
  }

  // After each action.
  void expire_due()
  {
    peak = std::max(peak, stock.size());
    wait_table::expire_due();
    peak = std::max(peak, stock.size());
  }

  void start_get(patience how_long, bool claims = false, std::size_t most = 1)
  {
    const std::size_t w = add({queue_role::gets, nothing});
    waits[w].claims = claims;
    waits[w].most = most;
    if (inert)
      return;
    if (!stock.empty())
      reserve(w);
    else if (!open && !may_come())
      end(w, ending::closed);
    else
      park(w, how_long);
    settle();
  }

  void start_wait(patience how_long)
  {
    const std::size_t w = add({queue_role::watches, nothing});
    if (inert)
      return;
    if (!stock.empty())
      grant(w);
    else if (!open && !may_come())
      end(w, ending::closed);
    else
      park(w, how_long);
  }

  // Returns them as a batch, or nothing. The move of the second one may fail.
  std::size_t try_get_some(std::size_t most, bool fails)
  {
    const row<std::size_t> taken = set_aside(most);
    settle();
    const std::size_t good = fails && taken.size() > 1 ? 1 : taken.size();
    for (std::size_t i = good; i < taken.size(); ++i)
      insert(taken[i]);
    if (good < taken.size())
      changed.push_back(taken[good]);
    leave_aside(taken.size());
    settle();
    std::size_t result = 0;
    for (std::size_t i = 0; i != good; ++i)
      result = add_to_batch(result, taken[i]);
    return result;
  }

  std::size_t try_get()
  {
    if (stock.empty())
      return nothing;
    const std::size_t item = take_next();
    settle();
    return item;
  }

  std::size_t begin_get()
  {
    const std::size_t item = stock.empty() ? nothing : take_next();
    if (item == nothing)
      return item;
    leaving.push_back(item);
    changed.push_back(item);
    settle();
    return item;
  }

  std::size_t finish_get()
  {
    const std::size_t item = pop_front(leaving);
    settle();
    return item;
  }

  void undo_get()
  {
    insert(pop_front(leaving));
    settle();
  }

  // The next handler is one that gets an item.
  bool gets_next() const
  {
    return !under_way.empty() && gets(waits[under_way.front()]) &&
           waits[under_way.front()].at == stage::granted;
  }

  // Its item cannot be moved. Requires gets_next().
  void fail_delivery()
  {
    const std::size_t item = waits[under_way.front()].item;
    changed.push_back(item);
    --reserved;
    insert(item);
    waits[under_way.front()].at = stage::ended;
    abandon();
    settle();
  }

  // Whether the next handler may be refused what it was granted.
  bool refuses_next() const
  {
    return !under_way.empty() && waits[under_way.front()].claims &&
           waits[under_way.front()].at == stage::granted;
  }

  // It is refused. Requires refuses_next(). Returns whose it is.
  std::size_t refuse()
  {
    retract(under_way.front());
    const std::size_t w = deliver();
    settle();
    return w;
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
      if (putters() != 0 && has_room(waits[first_waiting(puts)].room))
        admit(first_waiting(puts));
      else if (getters() != 0 && !stock.empty())
        reserve(first_waiting(gets));
      else
        break;
    }
    if (!stock.empty())
      grant_if(watches);
    if (!open)
      end_gets_if_drained();
    if (unfinished == 0)
      grant_if(joins);
  }

  // A put's item can be withdrawn until somebody has it, or tried to.
  bool can_give_back(std::size_t w) const
  {
    return waits[w].role != queue_role::puts || waits[w].claims ||
           (find(waits[w].item) != stock.end() && !has_changed(waits[w].item) &&
            !is_certain(waits[w].item));
  }

  void give_back(std::size_t w)
  {
    if (waits[w].role == queue_role::gets)
    {
      --reserved;
      insert(waits[w].item);
    }
    else if (waits[w].role == queue_role::rooms ||
             (waits[w].role == queue_role::puts && waits[w].claims))
    {
      free(waits[w].room);
    }
    else if (waits[w].role == queue_role::puts)
    {
      stock.erase(find(waits[w].item));
      // The task may have been counted as done before its item was got.
      unfinished -= unfinished != 0;
    }
  }

  // The item of a put that may be refused comes into stock only now.
  void take(std::size_t w)
  {
    reserved -= waits[w].role == queue_role::gets;
    if (waits[w].role == queue_role::rooms)
      held.push_back(waits[w].room);
    if (gets(waits[w]) && waits[w].most > 1)
      take_batch(w);
    if (waits[w].role != queue_role::puts || !waits[w].claims)
      return;
    free(waits[w].room);
    ++unfinished;
    insert(waits[w].item);
  }

  // Gets are taken back before puts, which can withdraw their items then.
  std::size_t cancel_all()
  {
    std::size_t count = dismiss_if(ending::aborted, gets);
    count += dismiss_if(ending::aborted, puts);
    count += dismiss_if(ending::aborted, joins);
    count += dismiss_if(ending::aborted, watches);
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
    return w.role == queue_role::puts || w.role == queue_role::rooms;
  }

  static bool joins(const queue_wait& w)
  {
    return w.role == queue_role::joins;
  }

  static bool watches(const queue_wait& w)
  {
    return w.role == queue_role::watches;
  }

  bool can_put(std::size_t weight = 1) const
  {
    return open && putters() == 0 && has_room(weight);
  }

  void keep(std::size_t weight)
  {
    ++coming;
    kept += weight;
  }

  void free(std::size_t weight)
  {
    --coming;
    kept -= weight;
  }

  // Whether an item may come into stock although nobody puts one.
  bool may_come() const
  {
    return reserved + coming + forcing + leaving.size() + dropping.size() +
               aside !=
           0;
  }

  row<std::size_t> set_aside(std::size_t most)
  {
    row<std::size_t> taken;
    while (taken.size() != most && !stock.empty())
      taken.push_back(take_next());
    certain.insert(certain.end(), taken.begin(), taken.end());
    aside += taken.size();
    return taken;
  }

  void leave_aside(std::size_t count)
  {
    aside -= count;
  }

  // A get that has the first of several items takes what is in stock, and
  // returns what it has no memory for.
  void take_batch(std::size_t w)
  {
    const row<std::size_t> taken = set_aside(waits[w].most - 1);
    settle();
    batch = add_to_batch(0, waits[w].item);
    for (const std::size_t item : taken)
    {
      if (lacks_memory)
        insert(item);
      else
        batch = add_to_batch(batch, item);
    }
    leave_aside(taken.size());
  }

  static std::size_t pop_front(row<std::size_t>& items)
  {
    const std::size_t item = items.front();
    items.erase(items.begin());
    return item;
  }

  // Adds an item. Returns the one that it displaces, or nothing.
  std::size_t force(std::size_t item)
  {
    const bool fits = has_room();
    enter(item);
    ++unfinished;
    insert(item);
    if (fits)
      return nothing;
    const auto gone = order == queue_order::smallest_first
                          ? stock.end() - 1
                          : std::min_element(stock.begin(), stock.end());
    const std::size_t displaced = *gone;
    stock.erase(gone);
    return displaced;
  }

  bool has_changed(std::size_t item) const
  {
    return std::find(changed.begin(), changed.end(), item) != changed.end();
  }

  bool is_certain(std::size_t item) const
  {
    return std::find(certain.begin(), certain.end(), item) != certain.end();
  }

  // An item that may have changed, or is gone, is not compared.
  bool is_compared(std::size_t item) const
  {
    if (has_changed(item))
      return false;
    if (find(item) != stock.end())
      return true;
    return std::any_of(
        waits.begin(), waits.end(),
        [&](const queue_wait& w)
        {
          return w.item == item &&
                 (w.at == (gets(w) ? stage::granted : stage::waiting) ||
                  (w.claims && w.at == stage::granted));
        });
  }

  // The item finds its place.
  void enter(std::size_t item)
  {
    auto place = order == queue_order::lifo ? line.begin() : line.end();
    if (order == queue_order::smallest_first)
      place = std::find_if(line.begin(), line.end(),
                           [&](std::size_t other)
                           {
                             return is_compared(other) &&
                                    value_of_item(item) < value_of_item(other);
                           });
    line.insert(place, item);
  }

  bool comes_before(std::size_t a, std::size_t b) const
  {
    return std::find(line.begin(), line.end(), a) <
           std::find(line.begin(), line.end(), b);
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

  void add_item(std::size_t item)
  {
    enter(item);
    ++unfinished;
    insert(item);
    settle();
  }

  // The item of a put comes into stock, and the put is granted. There is only
  // room for it yet if the put may be refused.
  void admit(std::size_t w)
  {
    if (waits[w].claims || waits[w].role == queue_role::rooms)
    {
      keep(waits[w].room);
    }
    else
    {
      ++unfinished;
      insert(waits[w].item);
    }
    grant(w);
  }

  // A put that waits enters before, so that its item has its part in the order,
  // unless a roll-back has brought the queue over its bound. In a weighted
  // queue its item would not be the next one, so it enters afterwards.
  std::size_t take_next()
  {
    if (putters() != 0 && order != queue_order::weighted &&
        load() + kept <= max_size)
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
    if (!stock.empty() || may_come())
      return 0;
    return dismiss_if(ending::closed, gets) +
           dismiss_if(ending::closed, watches);
  }

  // How many items a batch has set aside that may return.
  std::size_t aside = 0;
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_QUEUE_HPP
