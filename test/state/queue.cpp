// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/state/value_queue_state.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <iterator>
#include <type_traits>
#include <vector>

#include "state/machine.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::fifo_order;
using toro::detail::lifo_order;
using toro::detail::queue_waiter;
using toro::detail::value_node;
using toro::detail::value_queue_state;

using sorted_order = toro::detail::sorted_order<std::size_t, std::less<>>;

constexpr std::size_t getting = 0;
constexpr std::size_t putting = 1;
constexpr std::size_t joining = 2;
constexpr std::size_t nothing = 1000;

// Items are numbered in the order in which their puts start. Their values go
// down and up, with equal ones among them.
std::size_t value_of(std::size_t item)
{
  constexpr std::size_t values[] = {2, 1, 1, 0, 2, 1};
  return values[item % std::size(values)];
}

template <class Order>
Order make_order()
{
  if constexpr (std::is_same_v<Order, sorted_order>)
    return Order(std::less<>());
  else
    return Order();
}

class numbered_node : public value_node<std::size_t>
{
public:
  std::size_t number = nothing;
};

template <class Order>
class queue_subject
  : public subject<value_queue_state<std::size_t, Order>, queue_waiter>
{
  using base = subject<value_queue_state<std::size_t, Order>, queue_waiter>;

public:
  explicit queue_subject(std::size_t max_size)
    : base(make_order<Order>(), max_size)
  {
  }

  numbered_node& make_item()
  {
    numbered_node& n = nodes.emplace_back();
    n.number = nodes.size() - 1;
    n.value = value_of(n.number);
    return n;
  }

  static std::size_t number_of(toro::detail::item_node* item)
  {
    return item ? static_cast<numbered_node*>(item)->number : nothing;
  }

  void deliver(typename base::wait& w)
  {
    this->state.commit(w);
    if (w.kind == getting)
      got = number_of(w.item);
  }

  void look(view& seen) const
  {
    const auto f = this->state.figures();
    seen.insert(seen.end(), {f.size, f.getters, f.putters, f.joiners,
                             f.unfinished, f.open, got, last});
  }

  std::deque<numbered_node> nodes;
  std::size_t got = nothing;
  std::size_t last = 0;
};

template <class Order>
class queue_model : public plain_model
{
public:
  explicit queue_model(std::size_t size)
    : max_size(size)
  {
  }

  // The position of an item among all others.
  static bool comes_before(std::size_t a, std::size_t b)
  {
    if constexpr (std::is_same_v<Order, fifo_order>)
      return a < b;
    else if constexpr (std::is_same_v<Order, lifo_order>)
      return a > b;
    else
      return value_of(a) != value_of(b) ? value_of(a) < value_of(b) : a < b;
  }

  bool has_room() const
  {
    return max_size == 0 || stock.size() < max_size;
  }

  bool can_put() const
  {
    return open && putters.empty() && has_room();
  }

  std::size_t make_item()
  {
    put_of.push_back(nothing);
    return put_of.size() - 1;
  }

  void insert(std::size_t item)
  {
    stock.insert(
        std::lower_bound(stock.begin(), stock.end(), item, comes_before), item);
  }

  void remember(std::size_t w, std::size_t item)
  {
    item_of.resize(entries.size(), nothing);
    item_of[w] = item;
  }

  void start_put(bool may_wait)
  {
    const std::size_t w = add(putting);
    const std::size_t item = make_item();
    remember(w, item);
    if (!open)
      end(w, outcome::closed);
    else if (can_put())
      admit(w);
    else if (may_wait)
      putters.push_back(w);
    else
      end(w, outcome::timed_out);
    settle();
  }

  // A put becomes part of the queue, and can still be withdrawn.
  void admit(std::size_t w)
  {
    ++unfinished;
    insert(item_of[w]);
    put_of[item_of[w]] = w;
    grant(w);
  }

  bool try_put()
  {
    if (!can_put())
      return false;
    ++unfinished;
    insert(make_item());
    settle();
    return true;
  }

  // The best item; a blocked put goes in first, so that its item takes part.
  std::size_t take_best()
  {
    if (!putters.empty() && stock.size() <= max_size)
    {
      const std::size_t w = putters.front();
      putters.pop_front();
      admit(w);
    }
    const std::size_t item = stock.front();
    stock.erase(stock.begin());
    return item;
  }

  std::size_t try_get()
  {
    if (stock.empty())
      return nothing;
    const std::size_t item = take_best();
    put_of[item] = nothing;
    settle();
    return item;
  }

  void reserve(std::size_t w)
  {
    const std::size_t item = take_best();
    remember(w, item);
    ++reserved;
    grant(w);
  }

  void start_get(bool may_wait)
  {
    const std::size_t w = add(getting);
    if (!stock.empty())
      reserve(w);
    else if (!open && reserved == 0)
      end(w, outcome::closed);
    else if (may_wait)
      getters.push_back(w);
    else
      end(w, outcome::timed_out);
    settle();
  }

  void start_join(bool may_wait)
  {
    const std::size_t w = add(joining);
    if (unfinished == 0)
      grant(w);
    else if (may_wait)
      joiners.push_back(w);
    else
      end(w, outcome::timed_out);
  }

  bool task_done()
  {
    if (unfinished == 0)
      return false;
    --unfinished;
    settle();
    return true;
  }

  std::size_t close()
  {
    if (!open)
      return 0;
    open = false;
    std::size_t count = putters.size();
    for (const std::size_t w : putters)
      end(w, outcome::closed);
    putters.clear();
    if (stock.empty() && reserved == 0)
      count += getters.size();
    settle();
    return count;
  }

  void settle()
  {
    for (;;)
    {
      if (!putters.empty() && has_room())
      {
        const std::size_t w = putters.front();
        putters.pop_front();
        admit(w);
      }
      else if (!getters.empty() && !stock.empty())
      {
        const std::size_t w = getters.front();
        getters.pop_front();
        reserve(w);
      }
      else
      {
        break;
      }
    }
    if (!open && stock.empty() && reserved == 0)
    {
      for (const std::size_t w : getters)
        end(w, outcome::closed);
      getters.clear();
    }
    if (unfinished == 0)
    {
      for (const std::size_t w : joiners)
        grant(w);
      joiners.clear();
    }
  }

  std::deque<std::size_t>& line_of(std::size_t kind)
  {
    return kind == getting ? getters : kind == putting ? putters : joiners;
  }

  // Whether a granted wait could be taken back. The caller settles.
  bool retract(std::size_t w)
  {
    const std::size_t kind = entries[w].kind;
    if (kind == getting)
    {
      --reserved;
      insert(item_of[w]);
    }
    else if (kind == putting)
    {
      const auto place = std::find(stock.begin(), stock.end(), item_of[w]);
      if (place == stock.end() || put_of[item_of[w]] != w)
        return false;
      stock.erase(place);
      unfinished -= unfinished != 0;
    }
    take_back(w);
    return true;
  }

  bool abort(std::size_t w, outcome why)
  {
    if (waits(w))
    {
      remove(line_of(entries[w].kind), w);
      end(w, why);
      settle();
      return true;
    }
    if (!is_granted(w) || why != outcome::aborted || !retract(w))
      return false;
    settle();
    return true;
  }

  std::size_t abort_all()
  {
    std::size_t count = 0;
    for (const std::size_t kind : {getting, putting, joining})
    {
      for (const std::size_t w : line_of(kind))
        end(w, outcome::aborted);
      count += line_of(kind).size();
      line_of(kind).clear();
    }
    for (const std::size_t w : under_way)
      count += is_granted(w) && entries[w].kind == getting && retract(w);
    for (const std::size_t w : under_way)
      count += is_granted(w) && retract(w);
    return count;
  }

  void deliver(std::size_t w)
  {
    entries[w].at = status::ended;
    if (entries[w].kind == getting)
    {
      got = item_of[w];
      --reserved;
      settle();
    }
    if (entries[w].kind != joining)
      put_of[item_of[w]] = nothing;
  }

  void abandon(std::size_t w)
  {
    if (is_granted(w) && !abort(w, outcome::aborted))
      deliver(w);
  }

  void look(view& seen) const
  {
    seen.insert(seen.end(), {stock.size(), getters.size(), putters.size(),
                             joiners.size(), unfinished, open, got, last});
  }

  std::size_t max_size;
  bool open = true;
  std::size_t unfinished = 0;
  std::size_t reserved = 0;
  // The items that anyone may get, the next one first.
  std::vector<std::size_t> stock;
  std::deque<std::size_t> getters;
  std::deque<std::size_t> putters;
  std::deque<std::size_t> joiners;
  // By wait, and by item while its put can be withdrawn.
  std::vector<std::size_t> item_of;
  std::vector<std::size_t> put_of;
  std::size_t got = nothing;
  std::size_t last = 0;
};

template <class Order, std::size_t MaxSize>
class queue_machine : public machine<queue_subject<Order>, queue_model<Order>>
{
  using base = machine<queue_subject<Order>, queue_model<Order>>;

public:
  static constexpr const char* names[] = {
      "put",       "get",      "join",
      "try put",   "try get",  "put with a passed deadline",
      "task done", "close",    "cancel 0",
      "cancel 1",  "cancel 2", "expire 0",
      "expire 1",  "deliver",  "abandon",
      "cancel all"};
  static constexpr std::size_t step_count = std::size(names);

  queue_machine()
    : base(MaxSize)
  {
  }

  static const char* name(std::size_t step)
  {
    return names[step];
  }

  void collect()
  {
    this->subject_.collect();
  }

  bool step(std::size_t which)
  {
    auto& seen = this->subject_;
    auto& expected = this->model_;
    switch (which)
    {
    case 0:
    case 5:
    {
      auto& w = seen.add(putting);
      w.item = &seen.make_item();
      seen.started(w, seen.state.start_put(w, which == 0));
      expected.start_put(which == 0);
      return true;
    }
    case 1:
    {
      auto& w = seen.add(getting);
      seen.started(w, seen.state.start_get(w, true));
      expected.start_get(true);
      return true;
    }
    case 2:
    {
      auto& w = seen.add(joining);
      seen.started(w, seen.state.start_join(w, true));
      expected.start_join(true);
      return true;
    }
    case 3:
    {
      const bool can = seen.state.can_put();
      if (can)
        seen.state.put(seen.make_item());
      return this->report(can, expected.try_put());
    }
    case 4:
      return this->report(seen.number_of(seen.state.try_get()),
                          expected.try_get());
    case 6:
      return this->report(seen.state.task_done(), expected.task_done());
    case 7:
      return this->report(seen.state.close(), expected.close());
    case 8:
    case 9:
    case 10:
      return this->cancel(which - 8, outcome::aborted);
    case 11:
    case 12:
      return this->cancel(which - 11, outcome::timed_out);
    case 13:
      return this->deliver();
    case 14:
      return this->abandon();
    default:
      return this->cancel_all();
    }
  }
};

template <class Order>
void exhaust_queue(std::size_t length)
{
  exhaust(length,
          []
          {
            return queue_machine<Order, 1>();
          });
  exhaust(length,
          []
          {
            return queue_machine<Order, 2>();
          });
  exhaust(length - 1,
          []
          {
            return queue_machine<Order, 0>();
          });
}

} // namespace

BOOST_AUTO_TEST_CASE(queue_state_follows_the_model_in_all_short_sequences)
{
  exhaust_queue<fifo_order>(5);
}

BOOST_AUTO_TEST_CASE(lifo_state_follows_the_model_in_all_short_sequences)
{
  exhaust_queue<lifo_order>(4);
}

BOOST_AUTO_TEST_CASE(priority_state_follows_the_model_in_all_short_sequences)
{
  exhaust_queue<sorted_order>(4);
}
