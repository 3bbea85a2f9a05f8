// SPDX-License-Identifier: BSL-1.0
#include "model/actions/delay_queue.hpp"

#include <toro/detail/state/delay_queue_state.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <type_traits>

#include "model/state/library.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::delay_node;
using toro::detail::delay_waiter;
using toro::detail::value_delay_queue_state;
using toro::detail::value_node;

// An item whose move may throw, as far as its type tells.
struct item_with_throwing_move
{
  item_with_throwing_move() = default;

  item_with_throwing_move(item_with_throwing_move&&) noexcept(false)
  {
  }
};

template <class T>
class delay_library
  : public state_library<value_delay_queue_state<T>, delay_waiter>
{
  using base = state_library<value_delay_queue_state<T>, delay_waiter>;
  using typename base::wait;

  class node : public value_node<T, delay_node>
  {
  public:
    std::size_t index = nothing;
    std::size_t times_left = 0;
  };

public:
  static constexpr bool moves_in_steps =
      !std::is_nothrow_move_constructible_v<T>;

  delay_library()
  {
    this->state.pass_time(now_);
  }

  std::size_t put(std::size_t in_ticks)
  {
    return begin_put() ? finish_put(in_ticks) : nothing;
  }

  bool begin_put()
  {
    coming_ += this->state.is_open();
    return this->state.begin_put();
  }

  std::size_t finish_put(std::size_t in_ticks)
  {
    --coming_;
    node& item = nodes_.add();
    item.index = nodes_.size() - 1;
    item.due = in_ticks == endless ? instant::max()
                                   : now_ + std::chrono::seconds(in_ticks);
    this->state.finish_put(item);
    return item.index;
  }

  void undo_put()
  {
    --coming_;
    this->state.undo_put();
  }

  bool erase(std::size_t index)
  {
    if (index >= nodes_.size())
      return false;
    return leave(this->state.erase(nodes_[index].due, nodes_[index].number)) !=
           nothing;
  }

  void start_get(patience how_long)
  {
    wait& w = base::add();
    this->started(w, this->state.start_get(w, how_long != none));
  }

  std::size_t try_get()
  {
    if constexpr (!moves_in_steps)
      return leave(this->state.try_get());
    delay_node* const item = this->state.begin_get();
    if (item)
      this->state.finish_get(*item);
    return leave(item);
  }

  std::size_t close()
  {
    return this->state.close();
  }

  void tick()
  {
    now_ += std::chrono::seconds(1);
    this->state.pass_time(now_);
  }

  bool alarm_is_set() const
  {
    return this->state.next_instant() != instant::max();
  }

  void deliver()
  {
    wait* const w = this->deliver_next();
    if (!w)
      return;
    if constexpr (moves_in_steps)
      this->state.finish_get(*w->item);
    this->told.value = leave(w->item);
  }

  void fail_delivery()
  {
    delay_node& item = *this->deliver_next()->item;
    this->told = {};
    this->state.undo_get(item);
  }

  void look(view& v) const
  {
    v.add("size", this->state.size());
    v.add("waiters", this->state.waiters());
    v.add("open", this->state.is_open());
  }

  // Once the queue is emptied, each item has left it once.
  bool balances()
  {
    while (coming_ != 0)
      undo_put();
    now_ = instant::max();
    this->state.pass_time(now_);
    for (;;)
    {
      this->settle();
      if (this->under_way_count() != 0)
        deliver();
      else if (try_get() == nothing)
        break;
    }
    for (std::size_t i = 0; i != nodes_.size(); ++i)
    {
      if (nodes_[i].times_left != 1)
        return false;
    }
    return this->state.size() == 0;
  }

private:
  using instant = toro::deadline::time_point;

  static std::size_t leave(delay_node* item)
  {
    if (!item)
      return nothing;
    node& n = static_cast<node&>(*item);
    ++n.times_left;
    return n.index;
  }

  instant now_{};
  std::size_t coming_ = 0;
  pool<node> nodes_;
};

} // namespace

BOOST_AUTO_TEST_CASE(delay_queue_state_follows_the_model)
{
  test_all_sequences<delay_machine<delay_library<std::size_t>>>(
      "delay_queue", state_lengths());
  test_all_sequences<delay_machine<delay_library<item_with_throwing_move>>>(
      "delay_queue with throwing moves", state_lengths());
}
