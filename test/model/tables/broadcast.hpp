// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_TABLES_BROADCAST_HPP
#define TORO_TEST_MODEL_TABLES_BROADCAST_HPP

#include <algorithm>
#include <cstddef>
#include <utility>

#include "model/tables/wait_table.hpp"

namespace toro_test {

enum class broadcast_rule : unsigned char
{
  drop_oldest,
  drop_newest,
  wait
};

struct broadcast_wait : plain_wait
{
  broadcast_wait(std::size_t r, std::size_t i)
    : reader(r),
      item(i)
  {
  }

  // Whose get it is, or nothing for a put.
  std::size_t reader;

  // What a put brings, or a granted get has.
  std::size_t item;

  // Whether its handler may be refused what it was granted.
  bool claims = false;

  // Whether room is kept for a put.
  bool promised = false;
};

// Every subscription has a list of the items that it can get. Two subscriptions
// are there at any time; one that ends is replaced. Items are numbered in the
// order in which their puts start.
class broadcast_model : public wait_table<broadcast_model, broadcast_wait>
{
  static auto gets_of(std::size_t r)
  {
    return [r](const broadcast_wait& w)
    {
      return w.reader == r;
    };
  }

public:
  broadcast_model(broadcast_rule r, std::size_t most, std::size_t again)
    : rule(r),
      capacity(most),
      replay(again)
  {
    readers[0] = subscribe();
    readers[1] = subscribe();
  }

  struct subscription
  {
    row<std::size_t> items;
    std::size_t lost = 0;
    std::size_t reserved = 0;
    bool over = false;
  };

  broadcast_rule rule;
  std::size_t capacity;
  std::size_t replay;
  bool open = true;
  std::size_t items = 0;

  // All subscriptions that ever were, and the two.
  row<subscription> all;
  std::size_t readers[2];

  // Those that wait, in the order in which they began to.
  row<std::size_t> hungry;

  // What was put and not withdrawn, in order, and what a get was ever granted.
  row<std::size_t> history;
  row<std::size_t> seen;

  // How many items there is room for that are not there yet.
  std::size_t coming = 0;

  // Items that are being copied.
  struct copied
  {
    std::size_t reader;
    std::size_t item;
  };

  row<copied> copies;

  std::size_t getters() const
  {
    return waiting(gets);
  }

  std::size_t putters() const
  {
    return waiting(puts);
  }

  const subscription& reader(std::size_t k) const
  {
    return all[readers[k]];
  }

  // Returns for how many subscriptions the item is, or nothing if it is closed.
  std::size_t put()
  {
    const std::size_t item = items++;
    if (!open)
      return nothing;
    if (!has_room())
      return 0;
    enter(item);
    return 2;
  }

  bool begin_put()
  {
    if (!can_put())
      return false;
    ++coming;
    return true;
  }

  void finish_put()
  {
    enter(items++);
    --coming;
    settle();
  }

  void undo_put()
  {
    --coming;
    settle();
  }

  void start_put(patience how_long, bool claims = false)
  {
    const std::size_t w = add({nothing, items++});
    waits[w].claims = claims;
    if (inert)
      return;
    if (!open)
      end(w, ending::closed);
    else if (rule != broadcast_rule::wait || can_put())
      admit(w);
    else
      park(w, how_long);
  }

  void start_get(std::size_t k, patience how_long, bool claims = false)
  {
    const std::size_t r = readers[k];
    const std::size_t w = add({r, nothing});
    waits[w].claims = claims;
    if (inert)
      return;
    const std::size_t item = take_next(r);
    if (item != nothing)
    {
      // A put that this admits is granted before the get.
      settle();
      give(w, item);
    }
    else if (is_drained(r))
      end(w, ending::closed);
    else
    {
      park(w, how_long);
      if (waits[w].at == stage::waiting && !is_hungry(r))
        hungry.push_back(r);
    }
  }

  std::size_t try_get(std::size_t k)
  {
    const std::size_t item = take_next(readers[k]);
    settle();
    return item;
  }

  std::size_t begin_get(std::size_t k)
  {
    const std::size_t item = try_get(k);
    if (item != nothing)
      copies.push_back({readers[k], item});
    return item;
  }

  // A copy has failed.
  void undo_get()
  {
    const copied c = copies.front();
    copies.erase(copies.begin());
    give_to(c.reader, c.item);
  }

  std::size_t take_lost(std::size_t k)
  {
    return std::exchange(all[readers[k]].lost, 0);
  }

  std::size_t skip(std::size_t k)
  {
    row<std::size_t>& stock = all[readers[k]].items;
    if (stock.size() < 2)
      return 0;
    const std::size_t count = stock.size() - 1;
    stock.erase(stock.begin(), stock.end() - 1);
    settle();
    return count;
  }

  void resubscribe(std::size_t k)
  {
    const std::size_t r = readers[k];
    all[r].over = true;
    all[r].items.clear();
    for (std::size_t w = 0; w != waits.size(); ++w)
    {
      if (waits[w].reader != r)
        continue;
      if (waits[w].at == stage::waiting)
        end(w, ending::aborted);
      else
        retract(w);
    }
    settle();
    readers[k] = subscribe();
  }

  // Returns how many waits that ended.
  std::size_t close()
  {
    if (!open)
      return 0;
    open = false;
    return dismiss_if(ending::closed, puts) + end_gets_if_drained();
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

  void settle()
  {
    forget_the_fed();
    while (putters() != 0 && has_room())
      admit(first_waiting(puts));
    if (!open)
      end_gets_if_drained();
  }

  // An item can be withdrawn until a get was granted it. A put that may have
  // dropped another one stays.
  bool can_give_back(std::size_t w) const
  {
    if (gets(waits[w]) || waits[w].claims)
      return true;
    return rule == broadcast_rule::wait && !has(seen, waits[w].item);
  }

  void give_back(std::size_t w)
  {
    if (gets(waits[w]))
    {
      --all[waits[w].reader].reserved;
      give_to(waits[w].reader, waits[w].item);
    }
    else if (waits[w].claims)
    {
      coming -= waits[w].promised;
    }
    else
    {
      remove(history, waits[w].item);
      for (subscription& s : all)
        remove(s.items, waits[w].item);
    }
  }

  // The item of a put that may be refused is there only now.
  void take(std::size_t w)
  {
    if (gets(waits[w]))
      --all[waits[w].reader].reserved;
    else if (waits[w].promised)
    {
      enter(waits[w].item);
      --coming;
    }
  }

  // The gets of a subscription end together.
  std::size_t cancel_all()
  {
    std::size_t count = 0;
    forget_the_fed();
    const row<std::size_t> order = hungry;
    for (const std::size_t r : order)
      count += dismiss_if(ending::aborted, gets_of(r));
    forget_the_fed();
    count += dismiss_if(ending::aborted, puts);
    for (std::size_t i = 0; i != under_way.size(); ++i)
      count += retract(under_way[i]);
    return count;
  }

private:
  static bool gets(const broadcast_wait& w)
  {
    return w.reader != nothing;
  }

  static bool puts(const broadcast_wait& w)
  {
    return w.reader == nothing;
  }

  static bool has(const row<std::size_t>& list, std::size_t what)
  {
    return std::find(list.begin(), list.end(), what) != list.end();
  }

  static void remove(row<std::size_t>& list, std::size_t what)
  {
    list.erase(std::remove(list.begin(), list.end(), what), list.end());
  }

  std::size_t kept_room() const
  {
    return rule == broadcast_rule::drop_oldest ? 0 : coming;
  }

  bool has_room() const
  {
    return rule == broadcast_rule::drop_oldest ||
           std::all_of(all.begin(), all.end(),
                       [this](const subscription& s)
                       {
                         return s.items.size() + coming < capacity;
                       });
  }

  bool can_put() const
  {
    return open && putters() == 0 && has_room();
  }

  std::size_t subscribe()
  {
    subscription s;
    std::size_t count = std::min(replay, history.size());
    count = std::min(count, capacity - std::min(capacity, kept_room()));
    s.items.assign(history.end() - static_cast<std::ptrdiff_t>(count),
                   history.end());
    all.push_back(s);
    return all.size() - 1;
  }

  bool is_hungry(std::size_t r) const
  {
    return has(hungry, r);
  }

  void forget_the_fed()
  {
    const auto none_waits = [this](std::size_t r)
    {
      return waiting(gets_of(r)) == 0;
    };
    hungry.erase(std::remove_if(hungry.begin(), hungry.end(), none_waits),
                 hungry.end());
  }

  void admit(std::size_t w)
  {
    grant(w);
    if (!has_room())
      return;
    if (waits[w].claims)
    {
      waits[w].promised = true;
      ++coming;
    }
    else
      enter(waits[w].item);
  }

  void enter(std::size_t item)
  {
    forget_the_fed();
    history.push_back(item);
    for (subscription& s : all)
    {
      if (s.over)
        continue;
      if (rule == broadcast_rule::drop_oldest && s.items.size() == capacity)
      {
        s.items.erase(s.items.begin());
        ++s.lost;
      }
      s.items.push_back(item);
    }
    const row<std::size_t> order = hungry;
    for (const std::size_t r : order)
      give(first_waiting(gets_of(r)), take_next(r));
    forget_the_fed();
  }

  std::size_t take_next(std::size_t r)
  {
    row<std::size_t>& stock = all[r].items;
    if (stock.empty())
      return nothing;
    const std::size_t item = stock.front();
    stock.erase(stock.begin());
    seen.push_back(item);
    return item;
  }

  void give(std::size_t w, std::size_t item)
  {
    waits[w].item = item;
    ++all[waits[w].reader].reserved;
    grant(w);
  }

  // An item comes back to a subscription.
  void give_to(std::size_t r, std::size_t item)
  {
    forget_the_fed();
    subscription& s = all[r];
    if (s.over)
      return;
    if (is_hungry(r))
    {
      give(first_waiting(gets_of(r)), item);
      forget_the_fed();
    }
    else if (s.items.size() + kept_room() >= capacity)
      ++s.lost;
    else
      s.items.insert(std::find_if(s.items.begin(), s.items.end(),
                                  [&](std::size_t other)
                                  {
                                    return place_of(item) < place_of(other);
                                  }),
                     item);
  }

  std::ptrdiff_t place_of(std::size_t item) const
  {
    return std::find(history.begin(), history.end(), item) - history.begin();
  }

  bool is_drained(std::size_t r) const
  {
    return !open && coming == 0 && all[r].items.empty() && all[r].reserved == 0;
  }

  std::size_t end_gets_if_drained()
  {
    forget_the_fed();
    std::size_t count = 0;
    const row<std::size_t> order = hungry;
    for (const std::size_t r : order)
    {
      if (is_drained(r))
        count += dismiss_if(ending::closed, gets_of(r));
    }
    forget_the_fed();
    return count;
  }
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_TABLES_BROADCAST_HPP
