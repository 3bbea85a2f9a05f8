// SPDX-License-Identifier: BSL-1.0
#include "model/actions/queue.hpp"

#include <toro/detail/state/claim.hpp>
#include <toro/detail/state/sorted_order.hpp>
#include <toro/detail/state/value_queue_state.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <type_traits>

#include "model/state/library.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::fifo_order;
using toro::detail::item_list;
using toro::detail::item_node;
using toro::detail::lifo_order;
using toro::detail::queue_waiter;
using toro::detail::value_node;
using toro::detail::value_queue_state;

// An item whose move may throw, as far as its type tells.
struct throwing_item
{
  throwing_item(std::size_t v)
    : value(v)
  {
  }

  throwing_item(throwing_item&& other) noexcept(false)
    : value(other.value)
  {
  }

  friend bool operator<(const throwing_item& a, const throwing_item& b)
  {
    return a.value < b.value;
  }

  std::size_t value;
};

template <class T>
using sorted_order = toro::detail::sorted_order<T, std::less<>>;

template <class Order>
Order make_order()
{
  if constexpr (std::is_constructible_v<Order, std::less<>>)
    return Order(std::less<>());
  else if constexpr (toro::detail::is_weighted<Order>)
    return Order({});
  else
    return Order();
}

class role_of_wait : public queue_waiter
{
public:
  queue_role role = queue_role::joins;
  std::size_t most = 1;

protected:
  ~role_of_wait() = default;
};

template <class T, class Order>
class numbered_node : public value_node<T, typename Order::node_type>
{
public:
  std::size_t number = nothing;
  bool was_put = false;
  std::size_t times_got = 0;
};

// A queue of any type.
class abstract_queue : public queue_functions<abstract_state>
{
public:
  virtual void start_put(patience how_long, bool claims = false) = 0;
  virtual void start_get(patience how_long, bool claims = false) = 0;
  virtual bool begin_put(std::size_t weight = 1) = 0;
  virtual void finish_put() = 0;
  virtual void undo_put() = 0;
  virtual std::size_t begin_get() = 0;
  virtual std::size_t finish_get() = 0;
  virtual void undo_get() = 0;
  virtual bool begin_force_put() = 0;
  virtual std::size_t finish_force_put() = 0;
  virtual void undo_force_put() = 0;
  virtual std::size_t finish_drop() = 0;
  virtual void undo_drop() = 0;
  virtual void refuse() = 0;
  virtual void fail_delivery() = 0;

  // Whether there is memory for no more than one item.
  bool lacks_memory = false;

protected:
  ~abstract_queue() = default;
};

template <class T, class Order>
class queue_library final
  : public state_library<value_queue_state<T, Order>, role_of_wait, false,
                         abstract_queue>
{
  using base = state_library<value_queue_state<T, Order>, role_of_wait, false,
                             abstract_queue>;
  using typename base::wait;
  using node = numbered_node<T, Order>;

  static constexpr bool moves_in_steps =
      !std::is_nothrow_move_constructible_v<T>;
  static constexpr bool has_weights = toro::detail::is_weighted<Order>;

public:
  // The order is one of the type.
  queue_library(queue_order, std::size_t max_size, queue_topic)
    : base(make_order<Order>(), max_size)
  {
  }

  void start_put(patience how_long, bool claims) override
  {
    wait& w = add(queue_role::puts);
    w.has_claim = claims;
    node& item = make_item();
    w.item = &item;
    items_of_puts_.resize(this->waits.size(), nullptr);
    items_of_puts_.back() = &item;
    this->started(w, this->state.start_put(w, how_long != none));
  }

  void start_get(patience how_long, bool claims) override
  {
    wait& w = add(queue_role::gets);
    w.has_claim = claims;
    this->started(w, this->state.start_get(w, how_long != none));
  }

  void start_get_some(patience how_long, std::size_t most) override
  {
    wait& w = add(queue_role::gets);
    w.most = most;
    this->started(w, this->state.start_get(w, how_long != none));
  }

  // The rules are those of a get.
  void start_next(patience how_long) override
  {
    start_get(how_long, false);
  }

  void start_wait(patience how_long) override
  {
    wait& w = add(queue_role::watches);
    this->started(w, this->state.start_wait(w, how_long != none));
  }

  // The move of the second one may fail.
  std::size_t try_get_some(std::size_t most, bool fails) override
  {
    item_list left;
    item_list moved;
    this->state.set_aside(left, most);
    std::size_t batch = 0;
    while (!left.empty())
    {
      node& item = static_cast<node&>(left.front());
      this->state.hide(item);
      if (fails && !moved.empty())
        break;
      batch = add_to_batch(batch, note_got(&item));
      left.pop_front();
      moved.push_back(item);
    }
    this->state.finish_some(moved);
    moved.clear();
    this->state.undo_some(left);
    return batch;
  }

  void start_join(patience how_long) override
  {
    wait& w = add(queue_role::joins);
    this->started(w, this->state.start_join(w, how_long != none));
  }

  bool try_put() override
  {
    node& item = make_item();
    if (!this->state.can_put(weight_of(item.number)))
      return false;
    this->state.put(item);
    item.was_put = true;
    return true;
  }

  std::size_t try_get() override
  {
    return note_got(this->state.try_get());
  }

  bool begin_put(std::size_t weight = 1) override
  {
    if (!this->state.can_put(weight))
      return false;
    this->state.begin_put(weight);
    coming_.push_back(weight);
    return true;
  }

  void finish_put() override
  {
    node& item = make_item();
    this->state.finish_put(item, pop_front(coming_));
    item.was_put = true;
  }

  void undo_put() override
  {
    this->state.undo_put(pop_front(coming_));
  }

  void start_reserve(patience how_long, std::size_t weight) override
  {
    wait& w = add(queue_role::rooms);
    w.weight = weight;
    this->started(w, this->state.start_reserve(w, how_long != none));
  }

  bool try_reserve(std::size_t weight) override
  {
    return begin_put(weight);
  }

  void put_into_room() override
  {
    finish_put();
  }

  void give_room_back() override
  {
    undo_put();
  }

  void detach_room() override
  {
    pop_front(coming_);
    this->state.detach_room();
  }

  std::size_t force_put() override
  {
    node& item = make_item();
    if (!this->state.figures().open)
      return nothing - 1;
    item_node* const displaced = this->state.force_put(item);
    item.was_put = true;
    if (displaced)
      this->state.finish_drop(*displaced);
    return note_got(displaced);
  }

  bool begin_force_put() override
  {
    if (!this->state.figures().open)
      return false;
    this->state.begin_force_put();
    ++forcing_;
    return true;
  }

  std::size_t finish_force_put() override
  {
    node& item = make_item();
    --forcing_;
    item_node* const displaced = this->state.finish_force_put(item);
    item.was_put = true;
    if (!displaced)
      return nothing;
    dropping_.push_back(static_cast<node*>(displaced));
    return dropping_.back()->number;
  }

  void undo_force_put() override
  {
    --forcing_;
    this->state.undo_force_put();
  }

  std::size_t finish_drop() override
  {
    node& item = *pop_front(dropping_);
    this->state.finish_drop(item);
    return note_got(&item);
  }

  void undo_drop() override
  {
    node& item = *pop_front(dropping_);
    item.value.emplace(std::size_t(9));
    this->state.undo_get(item);
  }

  std::size_t clear() override
  {
    toro::detail::item_list dropped;
    const std::size_t count = this->state.clear(dropped);
    for (item_node& item : dropped)
      note_got(&item);
    return count;
  }

  std::size_t begin_get() override
  {
    item_node* const item = this->state.begin_get();
    if (!item)
      return nothing;
    leaving_.push_back(static_cast<node*>(item));
    return leaving_.back()->number;
  }

  std::size_t finish_get() override
  {
    node& item = *pop_front(leaving_);
    this->state.finish_get(item);
    return note_got(&item);
  }

  // The move has left something else behind.
  void undo_get() override
  {
    node& item = *pop_front(leaving_);
    item.value.emplace(std::size_t(9));
    this->state.undo_get(item);
  }

  // Another wait has the claim.
  void refuse() override
  {
    toro::detail::claim others;
    others.take(0);
    wait& w = this->take_next();
    toro::detail::commit_by_claim(this->state, w, claimant{others, 1});
    this->told = {w.number, ending_of(w.how), 0};
  }

  void fail_delivery() override
  {
    item_node& item = *this->deliver_next()->item;
    this->told = {};
    this->state.undo_get(item);
  }

  std::size_t task_done() override
  {
    return this->state.task_done().value_or(nothing);
  }

  std::size_t close() override
  {
    return this->state.close();
  }

  void deliver() override
  {
    wait* const w = this->deliver_next();
    if (!w)
      return;
    if (w->role == queue_role::gets)
    {
      if constexpr (moves_in_steps)
        this->state.finish_get(*w->item);
      this->told.value = note_got(w->item);
      if (w->most > 1)
        take_batch(*w);
    }
    else if (w->role == queue_role::puts)
      items_of_puts_[w->number]->was_put = true;
    else if (w->role == queue_role::rooms)
      coming_.push_back(w->weight);
  }

  void look(view& v) const override
  {
    const auto f = this->state.figures();
    v.add("size", f.size);
    v.add("full", f.max_size != 0 && f.load + f.room_kept >= f.max_size);
    v.add("getters", f.getters);
    v.add("watchers", f.watchers);
    v.add("putters", f.putters);
    v.add("waiters", this->state.waiters());
    v.add("unfinished", f.unfinished);
    v.add("open", f.open);
    v.add("peak", f.peak);
    v.add("load", f.load);
  }

  // Once the queue is emptied, what was put has been got, once, and what was
  // not has not, except where the handler of its put was destroyed.
  bool balances() override
  {
    while (!leaving_.empty())
      undo_get();
    while (!dropping_.empty())
      undo_drop();
    while (forcing_ != 0)
      undo_force_put();
    for (;;)
    {
      while (!coming_.empty())
        undo_put();
      this->settle();
      if (this->under_way_count() != 0)
        deliver();
      else if (try_get() == nothing)
        break;
    }
    for (std::size_t i = 0; i != nodes_.size(); ++i)
    {
      if (nodes_[i].times_got > 1 ||
          (nodes_[i].was_put && nodes_[i].times_got == 0))
        return false;
    }
    return true;
  }

private:
  wait& add(queue_role role)
  {
    wait& w = base::add();
    w.role = role;
    return w;
  }

  node& make_item()
  {
    node& n = nodes_.add();
    n.number = nodes_.size() - 1;
    n.value.emplace(value_of_item(n.number));
    if constexpr (has_weights)
      n.weight = weight_of_item(n.number);
    return n;
  }

  static std::size_t weight_of(std::size_t item)
  {
    return has_weights ? weight_of_item(item) : 1;
  }

  static std::size_t note_got(item_node* item)
  {
    if (!item)
      return nothing;
    node& n = static_cast<node&>(*item);
    ++n.times_got;
    return n.number;
  }

  // What was delivered has the first item already.
  void take_batch(wait& w)
  {
    item_list rest;
    this->state.set_aside(rest, w.most - 1);
    this->told.value = add_to_batch(0, this->told.value);
    if (this->lacks_memory)
      return this->state.undo_some(rest);
    this->state.finish_some(rest);
    for (item_node& item : rest)
      this->told.value = add_to_batch(this->told.value, note_got(&item));
    rest.clear();
  }

  template <class Item>
  static Item pop_front(row<Item>& items)
  {
    const Item item = items.front();
    items.erase(items.begin());
    return item;
  }

  row<std::size_t> coming_;
  std::size_t forcing_ = 0;
  row<node*> leaving_;
  row<node*> dropping_;
  pool<node> nodes_;
  row<node*> items_of_puts_;
};

template <class T, class Order>
void test_all(const std::string& subject, queue_order order,
              std::size_t max_size, queue_topic topic = queue_topic::common)
{
  test_all_sequences<queue_machine<abstract_queue>, queue_library<T, Order>>(
      subject, state_lengths(), order, max_size, topic);
}

template <class Order>
void test_queue(const std::string& name, queue_order order)
{
  for (const std::size_t max_size : std::initializer_list<std::size_t>{1, 2, 0})
    test_all<std::size_t, Order>(name + " of " + std::to_string(max_size),
                                 order, max_size);
}

// The same with items whose moves may throw.
template <class Order>
void test_moves(const std::string& name, queue_order order)
{
  for (const std::size_t max_size : std::initializer_list<std::size_t>{1, 2, 0})
    test_all<throwing_item, Order>(name + " of " + std::to_string(max_size) +
                                       " with throwing moves",
                                   order, max_size, queue_topic::moves);
}

// The same with waits that may be refused what they were granted.
template <class Order>
void test_claims(const std::string& name, queue_order order)
{
  for (const std::size_t max_size : std::initializer_list<std::size_t>{1, 2, 0})
    test_all<std::size_t, Order>(name + " of " + std::to_string(max_size) +
                                     " with claims",
                                 order, max_size, queue_topic::claims);
}

// The bound is one of weights, or there is none.
struct weigh_value
{
  std::size_t operator()(std::size_t value) const
  {
    return value;
  }
};

// The same with room that is reserved, and with items that are displaced.
template <class Order, class OrderOfThrowing>
void test_rooms(const std::string& name, queue_order order)
{
  for (const std::size_t max_size : std::initializer_list<std::size_t>{1, 2, 0})
    test_all<std::size_t, Order>(name + " of " + std::to_string(max_size) +
                                     " with rooms",
                                 order, max_size, queue_topic::rooms);
  for (const std::size_t max_size : std::initializer_list<std::size_t>{1, 2})
    test_all<throwing_item, OrderOfThrowing>(
        name + " of " + std::to_string(max_size) +
            " with rooms and throwing moves",
        order, max_size, queue_topic::rooms_and_moves);
}

// The same with gets of several items, and waits for an item.
template <class Order>
void test_batches(const std::string& name, queue_order order)
{
  for (const std::size_t max_size : std::initializer_list<std::size_t>{1, 2, 0})
    test_all<std::size_t, Order>(name + " of " + std::to_string(max_size) +
                                     " with batches",
                                 order, max_size, queue_topic::batches);
}

} // namespace

BOOST_AUTO_TEST_CASE(queue_state_with_batches_follows_the_model)
{
  test_batches<fifo_order>("queue", queue_order::fifo);
  test_batches<lifo_order>("lifo_queue", queue_order::lifo);
  test_batches<sorted_order<std::size_t>>("priority_queue",
                                          queue_order::smallest_first);
}

BOOST_AUTO_TEST_CASE(queue_state_follows_the_model)
{
  test_queue<fifo_order>("queue", queue_order::fifo);
  test_moves<fifo_order>("queue", queue_order::fifo);
  test_claims<fifo_order>("queue", queue_order::fifo);
}

BOOST_AUTO_TEST_CASE(queue_state_with_rooms_follows_the_model)
{
  test_rooms<fifo_order, fifo_order>("queue", queue_order::fifo);
  test_rooms<lifo_order, lifo_order>("lifo_queue", queue_order::lifo);
  test_rooms<sorted_order<std::size_t>, sorted_order<throwing_item>>(
      "priority_queue", queue_order::smallest_first);
}

// The weights follow from the numbers of the items, so nothing is weighed here.
BOOST_AUTO_TEST_CASE(weighted_state_follows_the_model)
{
  using order = toro::detail::weighted_order<weigh_value>;
  for (const std::size_t max_weight :
       std::initializer_list<std::size_t>{1, 2, 3, 0})
    test_all<std::size_t, order>(
        "weighted_queue of " + std::to_string(max_weight),
        queue_order::weighted, max_weight, queue_topic::weights);
}

BOOST_AUTO_TEST_CASE(lifo_state_follows_the_model)
{
  test_queue<lifo_order>("lifo_queue", queue_order::lifo);
  test_moves<lifo_order>("lifo_queue", queue_order::lifo);
  test_claims<lifo_order>("lifo_queue", queue_order::lifo);
}

BOOST_AUTO_TEST_CASE(priority_state_follows_the_model)
{
  test_queue<sorted_order<std::size_t>>("priority_queue",
                                        queue_order::smallest_first);
  test_moves<sorted_order<throwing_item>>("priority_queue",
                                          queue_order::smallest_first);
  test_claims<sorted_order<std::size_t>>("priority_queue",
                                         queue_order::smallest_first);
}
