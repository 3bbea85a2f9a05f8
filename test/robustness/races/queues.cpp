// SPDX-License-Identifier: BSL-1.0
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>

#include <boost/asio/experimental/channel.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "contender.hpp"
#include "move_only.hpp"

namespace toro_test {

BOOST_AUTO_TEST_SUITE(queues)

namespace {

using any_executor = boost::asio::any_io_executor;

// In which order a queue gives out what was put in this order.
struct first_in
{
  template <class Threading>
  using queue = toro::basic_queue<move_only, any_executor, Threading>;

  static void sort(std::vector<int>&)
  {
  }
};

struct last_in
{
  template <class Threading>
  using queue = toro::basic_lifo_queue<move_only, any_executor, Threading>;

  static void sort(std::vector<int>& items)
  {
    std::reverse(items.begin(), items.end());
  }
};

struct smallest
{
  template <class Threading>
  using queue = toro::basic_priority_queue<move_only, std::less<move_only>,
                                           any_executor, Threading>;

  static void sort(std::vector<int>& items)
  {
    std::sort(items.begin(), items.end());
  }
};

// Numbers that tell every item apart and come in no order.
class numbers
{
public:
  int next(fixture& where)
  {
    return static_cast<int>(where.below(8)) * 10'000'000 + ++count_;
  }

private:
  int count_ = 0;
};

template <class Queue>
std::vector<int> empty(Queue& queue)
{
  std::vector<int> items;
  while (auto item = queue.try_get())
    items.push_back(item->number());
  return items;
}

template <class Order, class Threading>
class queue_get
  : public contender_for<queue_get<Order, Threading>,
                         typename Order::template queue<Threading>, move_only>
{
public:
  explicit queue_get(fixture& where)
    : queue_get::contender_for(where, queue(where.executor()))
  {
  }

  auto start(auto&& token)
  {
    return this->object_.async_get(std::forward<decltype(token)>(token));
  }

  void start_behind(auto follower)
  {
    this->object_.async_get(follower);
  }

  void prepare()
  {
    put_.clear();
    handed_ = 0;
    handed_behind_ = 0;
  }

  // Each item went to one of two, or is where it was.
  void account()
  {
    std::vector<int> left = put_;
    Order::sort(left);
    if (this->op_.succeeded())
    {
      const int expected = handed_ ? handed_ : left.front();
      expect(this->op_.value->number() == expected, "the getter got another");
      std::erase(left, expected);
    }
    else if (handed_ && this->has_follower() && !handed_behind_)
    {
      handed_behind_ = handed_;
    }
    if (this->has_follower())
    {
      expect(this->follower_.succeeded() == (handed_behind_ != 0),
             "the follower should not have got an item, or should have");
      if (handed_behind_)
      {
        expect(this->follower_.value->number() == handed_behind_,
               "the follower got another");
        std::erase(left, handed_behind_);
      }
      else
      {
        this->object_.cancel();
      }
    }
    expect(this->object_.size() == left.size(), "items were lost");
    expect(empty(this->object_) == left, "the order was not kept");
    for (std::size_t n = put_.size(); n > 0; --n)
      this->object_.task_done();
    expect(this->object_.unfinished() == 0, "items were counted twice");
  }

private:
  using queue = typename Order::template queue<Threading>;

  void supply() override
  {
    const bool first = this->is_waiting();
    const bool second = this->has_follower();
    expect(this->object_.waiters() == std::size_t(first) + std::size_t(second),
           "somebody waits who should not");
    for (std::size_t n = 1 + this->where().below(3); n > 0; --n)
    {
      const int item = numbers_.next(this->where());
      expect(this->object_.try_put(move_only(item)), "a put has to wait");
      put_.push_back(item);
      if (first && !handed_)
        handed_ = item;
      else if (second && !handed_behind_)
        handed_behind_ = item;
    }
  }

  numbers numbers_;

  // All items, in the order of their puts.
  std::vector<int> put_;

  // Which of them went to those who waited.
  int handed_ = 0;
  int handed_behind_ = 0;
};

template <class Order, class Threading>
class queue_put
  : public contender_for<queue_put<Order, Threading>,
                         typename Order::template queue<Threading>, no_value>
{
public:
  explicit queue_put(fixture& where)
    : queue_put::contender_for(where, queue(where.executor(), bound))
  {
  }

  auto start(auto&& token)
  {
    return this->object_.async_put(move_only(number_),
                                   std::forward<decltype(token)>(token));
  }

  void start_behind(auto follower)
  {
    this->object_.async_put(move_only(number_behind_), follower);
  }

  bool is_committed() const override
  {
    return std::count(taken_.begin(), taken_.end(), number_) != 0;
  }

  void prepare()
  {
    taken_.clear();
    put_.clear();
    while (put_.size() < bound)
    {
      put_.push_back(numbers_.next(this->where()));
      expect(this->object_.try_put(move_only(put_.back())),
             "a put has to wait");
    }
    number_ = numbers_.next(this->where());
    number_behind_ = numbers_.next(this->where());
  }

  // Each item whose put succeeded is there once, the others are not.
  void account()
  {
    expect(this->op_.succeeded() || !is_committed(),
           "a getter has the item of a put that failed");
    if (this->op_.succeeded())
      put_.push_back(number_);
    if (!this->has_follower())
      expect_order();
    while (this->object_.size() != 0)
    {
      const std::vector<int> more = empty(this->object_);
      taken_.insert(taken_.end(), more.begin(), more.end());
      this->where().drain();
    }
    if (this->has_follower())
    {
      expect(this->follower_.succeeded(), "the follower was forgotten");
      put_.push_back(number_behind_);
    }
    if (std::is_same_v<Order, first_in>)
      expect(taken_ == put_, "the order was not kept");
    std::sort(taken_.begin(), taken_.end());
    std::sort(put_.begin(), put_.end());
    expect(taken_ == put_, "items were lost, or came twice");
    for (std::size_t n = put_.size(); n > 0; --n)
      this->object_.task_done();
    expect(this->object_.unfinished() == 0, "items were counted twice");
  }

private:
  using queue = typename Order::template queue<Threading>;

  static constexpr std::size_t bound = 2;

  // Makes room; now and then so much that the item itself is taken.
  void supply() override
  {
    const std::size_t count = this->where().one_in(4) ? bound + 1 : 1;
    for (std::size_t n = count; n > 0; --n)
    {
      if (auto item = this->object_.try_get())
        taken_.push_back(item->number());
    }
  }

  void expect_order()
  {
    std::vector<int> left;
    for (const int item : put_)
    {
      if (std::count(taken_.begin(), taken_.end(), item) == 0)
        left.push_back(item);
    }
    Order::sort(left);
    const std::vector<int> found = empty(this->object_);
    expect(found == left, "the order was not kept");
    taken_.insert(taken_.end(), found.begin(), found.end());
  }

  numbers numbers_;
  int number_ = 0;
  int number_behind_ = 0;
  std::vector<int> put_;
  std::vector<int> taken_;
};

template <class Order, class Threading>
class queue_get_some
  : public contender_for<queue_get_some<Order, Threading>,
                         typename Order::template queue<Threading>,
                         std::vector<move_only>>
{
public:
  explicit queue_get_some(fixture& where)
    : queue_get_some::contender_for(where, queue(where.executor()))
  {
  }

  auto start(auto&& token)
  {
    return this->object_.async_get_some(most,
                                        std::forward<decltype(token)>(token));
  }

  void start_behind(auto follower)
  {
    this->object_.async_get_some(1, follower);
  }

  void prepare()
  {
    put_.clear();
  }

  // Each item went to one of two, or is where it was.
  void account()
  {
    std::vector<int> left = put_;
    if (this->op_.succeeded())
    {
      expect(!this->op_.value->empty() && this->op_.value->size() <= most,
             "there are too many items, or too few");
      take(left, *this->op_.value);
    }
    if (this->follower_.succeeded())
    {
      expect(this->follower_.value->size() == 1, "the follower got another");
      take(left, *this->follower_.value);
    }
    else if (this->has_follower())
    {
      expect(left.empty(), "the follower was forgotten");
      this->object_.cancel();
    }
    Order::sort(left);
    expect(this->object_.size() == left.size(), "items were lost");
    expect(empty(this->object_) == left, "the order was not kept");
    for (std::size_t n = put_.size(); n > 0; --n)
      this->object_.task_done();
    expect(this->object_.unfinished() == 0, "items were counted twice");
  }

private:
  using queue = typename Order::template queue<Threading>;

  static constexpr std::size_t most = 3;

  void supply() override
  {
    for (std::size_t n = 1 + this->where().below(5); n > 0; --n)
    {
      put_.push_back(numbers_.next(this->where()));
      expect(this->object_.try_put(move_only(put_.back())),
             "a put has to wait");
    }
  }

  static void take(std::vector<int>& left, const std::vector<move_only>& items)
  {
    for (const move_only& item : items)
      expect(std::erase(left, item.number()) == 1, "an item came twice");
  }

  numbers numbers_;

  // All items, in the order of their puts.
  std::vector<int> put_;
};

template <class Order, class Threading>
class queue_reserve
  : public contender_for<queue_reserve<Order, Threading>,
                         typename Order::template queue<Threading>,
                         typename Order::template queue<Threading>::room_type>
{
public:
  explicit queue_reserve(fixture& where)
    : queue_reserve::contender_for(where, queue(where.executor(), bound))
  {
  }

  auto start(auto&& token)
  {
    return this->object_.async_reserve(std::forward<decltype(token)>(token));
  }

  void start_behind(auto follower)
  {
    this->object_.async_reserve(follower);
  }

  void prepare()
  {
    put_.clear();
    taken_.clear();
    while (put_.size() < bound)
    {
      put_.push_back(numbers_.next(this->where()));
      expect(this->object_.try_put(move_only(put_.back())),
             "a put has to wait");
    }
  }

  // What was put into rooms is there once, and the rooms are free again.
  void account()
  {
    use(this->op_.value);
    if (this->has_follower())
    {
      if (!this->follower_.succeeded())
        supply();
      this->where().drain();
      expect(this->follower_.succeeded(), "the follower was forgotten");
      use(this->follower_.value);
    }
    const std::vector<int> left = empty(this->object_);
    taken_.insert(taken_.end(), left.begin(), left.end());
    std::sort(taken_.begin(), taken_.end());
    std::sort(put_.begin(), put_.end());
    expect(taken_ == put_, "items were lost, or came twice");
    for (std::size_t n = put_.size(); n > 0; --n)
      this->object_.task_done();
    expect(this->object_.unfinished() == 0, "items were counted twice");
    const auto first = this->object_.try_reserve();
    expect(first && !this->object_.full(), "room was lost");
    const auto second = this->object_.try_reserve();
    expect(second && this->object_.full(), "there is too much room");
  }

private:
  using queue = typename Order::template queue<Threading>;

  static constexpr std::size_t bound = 2;

  // Makes room.
  void supply() override
  {
    for (std::size_t n = 1 + this->where().below(bound); n > 0; --n)
    {
      if (auto item = this->object_.try_get())
        taken_.push_back(item->number());
    }
  }

  // Puts an item into the room, or gives it back.
  void use(std::optional<typename queue::room_type>& room)
  {
    if (room && this->where().one_in(2))
    {
      put_.push_back(numbers_.next(this->where()));
      std::move(*room).put(move_only(put_.back()));
    }
    room.reset();
    this->where().drain();
  }

  numbers numbers_;
  std::vector<int> put_;
  std::vector<int> taken_;
};

template <class Threading>
using fifo_get_some = queue_get_some<first_in, Threading>;
template <class Threading>
using priority_get_some = queue_get_some<smallest, Threading>;
template <class Threading>
using fifo_reserve = queue_reserve<first_in, Threading>;

template <class Threading>
using fifo_get = queue_get<first_in, Threading>;
template <class Threading>
using fifo_put = queue_put<first_in, Threading>;
template <class Threading>
using lifo_get = queue_get<last_in, Threading>;
template <class Threading>
using lifo_put = queue_put<last_in, Threading>;
template <class Threading>
using priority_get = queue_get<smallest, Threading>;
template <class Threading>
using priority_put = queue_put<smallest, Threading>;

// Asio's own queue, to be compared with. It may lose, and nothing is expected
// of it.
class channel_receive final : public contender
{
public:
  explicit channel_receive(fixture& where)
    : contender(where),
      channel_(where.executor(), 1)
  {
  }

  void launch(boost::asio::cancellation_slot) override
  {
  }

  boost::asio::awaitable<void> take() override
  {
    note_start();
    std::apply(report_to(op_),
               co_await channel_.async_receive(
                   boost::asio::as_tuple(boost::asio::use_awaitable)));
    if (op_.ec)
      throw boost::system::system_error(op_.ec);
  }

  void launch_pair(toro::event& other, bool, bool, group_report& group) override
  {
    note_start();
    boost::asio::experimental::make_parallel_group(
        channel_.async_receive(boost::asio::deferred),
        other.async_wait(boost::asio::deferred))
        .async_wait(boost::asio::experimental::wait_for_one(),
                    [this, &group](std::array<std::size_t, 2> order,
                                   error_code ec, int item, error_code)
                    {
                      group = {true, order[0]};
                      op_(ec, item);
                    });
  }

  // Asio 1.26 would run its receivers in threads of the system.
  void launch_range(contender&, group_report&) override
  {
  }

  std::size_t cancel() override
  {
    return 0;
  }

  bool succeeded() const override
  {
    return op_.succeeded();
  }

private:
  void block() override
  {
    op_ = {};
  }

  // A second receiver would get the next message, and nothing is learnt.
  void start_follower() override
  {
  }

  void supply() override
  {
    sent_ = channel_.try_send(error_code(), 1);
  }

  void verify() override
  {
    const bool left = channel_.try_receive([](error_code, int) {});
    expect(!sent_ || left != op_.succeeded(), "the channel made a message");
  }

  std::size_t waiters() const override
  {
    return 0;
  }

  boost::asio::experimental::channel<void(error_code, int)> channel_;
  report<int> op_;
  bool sent_ = false;
};

} // namespace

BOOST_AUTO_TEST_CASE(get_that_loses_a_race_leaves_the_item_first)
{
  race_all<fifo_get>("queue::async_get");
}

BOOST_AUTO_TEST_CASE(get_of_a_lifo_queue_that_loses_leaves_the_item_in_place)
{
  race_all<lifo_get>("lifo_queue::async_get");
}

BOOST_AUTO_TEST_CASE(get_of_a_priority_queue_that_loses_leaves_it_in_place)
{
  race_all<priority_get>("priority_queue::async_get");
}

BOOST_AUTO_TEST_CASE(put_that_loses_a_race_withdraws_its_item)
{
  race_all<fifo_put>("queue::async_put");
}

BOOST_AUTO_TEST_CASE(put_into_a_lifo_queue_that_loses_withdraws_its_item)
{
  race_all<lifo_put>("lifo_queue::async_put");
}

BOOST_AUTO_TEST_CASE(put_into_a_priority_queue_that_loses_withdraws_its_item)
{
  race_all<priority_put>("priority_queue::async_put");
}

BOOST_AUTO_TEST_CASE(get_of_several_that_loses_a_race_returns_its_item)
{
  race_all<fifo_get_some>("queue::async_get_some");
}

BOOST_AUTO_TEST_CASE(get_of_several_from_a_priority_queue_returns_its_item)
{
  race_all<priority_get_some>("priority_queue::async_get_some");
}

BOOST_AUTO_TEST_CASE(wait_for_room_that_loses_a_race_gives_the_room_back)
{
  race_all<fifo_reserve>("queue::async_reserve");
}

BOOST_AUTO_TEST_CASE(where_a_channel_loses_messages_a_queue_does_not)
{
  constexpr std::size_t rounds = 20'000;
  for (const kind what : {kind::or_event, kind::or_timer, kind::two_sources,
                          kind::and_failure, kind::pair})
  {
    fixture asio_side;
    channel_receive asio_first(asio_side);
    channel_receive asio_second(asio_side);
    const tally channel =
        run_races(asio_side, what, asio_first, asio_second, rounds);

    fixture toro_side;
    fifo_get<toro::thread_safe> toro_first(toro_side);
    fifo_get<toro::thread_safe> toro_second(toro_side);
    const tally queue =
        run_races(toro_side, what, toro_first, toro_second, rounds);

    BOOST_TEST_INFO_SCOPE(to_string(what));
    BOOST_TEST(channel.lost > 0u);
    BOOST_TEST(queue.lost == 0u);
    announce(std::string(to_string(what)) + ": channel lost " +
             std::to_string(channel.lost) + " of " +
             std::to_string(channel.rounds) + ", toro lost " +
             std::to_string(queue.lost) + " of " +
             std::to_string(queue.rounds));
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
