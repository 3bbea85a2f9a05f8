// SPDX-License-Identifier: BSL-1.0
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>
#include <toro/threading.hpp>
#include <toro/weighted_queue.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/actions/queue.hpp"
#include "model/exhaustive/library.hpp"

namespace {

using namespace toro_test;

// Move-only, so that an item cannot be in two places; empty where a handler got
// an error.
class move_only
{
public:
  move_only() = default;

  explicit move_only(std::size_t number)
    : number_(std::make_unique<std::size_t>(number))
  {
  }

  explicit operator bool() const
  {
    return number_ != nullptr;
  }

  std::size_t number() const
  {
    return *number_;
  }

  friend bool operator<(const move_only& a, const move_only& b)
  {
    return value_of_item(a.number()) < value_of_item(b.number());
  }

private:
  std::unique_ptr<std::size_t> number_;
};

// A queue of any type.
class abstract_queue : public queue_functions<abstract_object>
{
public:
  virtual void start_put(patience how_long) = 0;
  virtual void start_get(patience how_long) = 0;

protected:
  ~abstract_queue() = default;
};

template <class Primitive>
class queue_library final
  : public public_library<queue_library<Primitive>, Primitive, abstract_queue>
{
  // Whether items and rooms have weights.
  static constexpr bool has_weights = requires(const Primitive& q)
  {
    q.weight();
  };

public:
  queue_library(queue_order, std::size_t max_size, queue_topic)
    : max_size_(max_size)
  {
    this->make_object();
  }

  Primitive make()
  {
    return Primitive(this->executor(), max_size_);
  }

  void start_put(patience how_long) override
  {
    const std::size_t number = make_item();
    put_by_wait_.resize(started_ + 1, nothing);
    put_by_wait_[started_++] = number;
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_put(
                      move_only(number), std::forward<decltype(args)>(args)...);
                });
  }

  void start_get(patience how_long) override
  {
    ++started_;
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_get(
                      std::forward<decltype(args)>(args)...);
                });
  }

  void start_get_some(patience how_long, std::size_t most) override
  {
    ++started_;
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_get_some(
                      most, std::forward<decltype(args)>(args)...);
                });
  }

  void start_next(patience how_long) override
  {
    ++started_;
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_next(
                      std::forward<decltype(args)>(args)...);
                });
  }

  void start_wait(patience how_long) override
  {
    ++started_;
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_wait(
                      std::forward<decltype(args)>(args)...);
                });
  }

  // The iterator may fail at the second one.
  std::size_t try_get_some(std::size_t most, bool fails) override
  {
    std::size_t batch = 0;
    try
    {
      this->object().try_get_some(most, counting_iterator{this, &batch, fails});
    }
    catch (const iterator_failed&)
    {
    }
    return batch;
  }

  void start_join(patience how_long) override
  {
    ++started_;
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_join(
                      std::forward<decltype(args)>(args)...);
                });
  }

  // A put that fails leaves the item alone.
  bool try_put() override
  {
    const std::size_t number = make_item();
    move_only p(number);
    items_[number].was_put = this->object().try_put(std::move(p));
    return items_[number].was_put || !p;
  }

  std::size_t try_get() override
  {
    const std::optional<move_only> p = this->object().try_get();
    return p ? note_got(p->number()) : nothing;
  }

  void start_reserve(patience how_long,
                     [[maybe_unused]] std::size_t weight) override
  {
    ++started_;
    this->start(
        how_long,
        [&](auto&&... args)
        {
          if constexpr (has_weights)
            this->object().async_reserve(weight,
                                         std::forward<decltype(args)>(args)...);
          else
            this->object().async_reserve(std::forward<decltype(args)>(args)...);
        });
  }

  bool try_reserve([[maybe_unused]] std::size_t weight) override
  {
    room_type room;
    if constexpr (has_weights)
      room = this->object().try_reserve(weight);
    else
      room = this->object().try_reserve();
    if (!room)
      return false;
    rooms_.push_back(std::move(room));
    return true;
  }

  // An item is dropped where the queue is gone.
  void put_into_room() override
  {
    const std::size_t number = make_item();
    room_type room = pop_room();
    std::move(room).put(move_only(number));
    items_[number].was_put = true;
  }

  void give_room_back() override
  {
    static_cast<void>(pop_room());
  }

  void detach_room() override
  {
    room_type room = pop_room();
    room.detach();
  }

  // A queue with weights has no such function.
  std::size_t force_put() override
  {
    if constexpr (has_weights)
      return nothing;
    else
      return force_put_unweighted();
  }

  // What is dropped cannot be told apart.
  std::size_t clear() override
  {
    was_cleared_ = true;
    return this->object().clear();
  }

  std::size_t task_done() override
  {
    error_code ec;
    return count_of(this->object().task_done(ec), ec);
  }

  std::size_t close() override
  {
    return this->object().close();
  }

  void look(view& v) const override
  {
    const Primitive& q = this->object();
    v.add("size", q.size());
    v.add("full", q.full());
    v.add("getters", q.getters());
    v.add("putters", q.putters());
    v.add("waiters", q.waiters());
    v.add("unfinished", q.unfinished());
    v.add("open", q.is_open());
    v.add("peak", q.peak());
    if constexpr (has_weights)
      v.add("load", q.weight());
    else
      v.add("load", q.size());
  }

  // Once the queue is emptied, what was put has been got, once.
  bool balances() override
  {
    for (;;)
    {
      rooms_.clear();
      this->settle();
      if (this->under_way_count() != 0)
        this->deliver();
      else if (try_get() == nothing)
        break;
    }
    for (const item& i : items_)
    {
      if (i.times_got > 1 || (i.was_put && i.times_got == 0 && !was_cleared_))
        return false;
    }
    return true;
  }

  // A put has succeeded, or a join.
  std::size_t keep(std::size_t w)
  {
    if (w < put_by_wait_.size() && put_by_wait_[w] != nothing)
      items_[put_by_wait_[w]].was_put = true;
    return 0;
  }

  std::size_t keep(std::size_t, move_only p)
  {
    return note_got(p.number());
  }

  std::size_t keep(std::size_t, typename Primitive::room_type room)
  {
    rooms_.push_back(std::move(room));
    return 0;
  }

  std::size_t keep(std::size_t, const std::optional<move_only>& p)
  {
    return note_got(p->number());
  }

  std::size_t keep(std::size_t, const std::vector<move_only>& some)
  {
    std::size_t batch = 0;
    for (const move_only& p : some)
      batch = add_to_batch(batch, note_got(p.number()));
    return batch;
  }

  static bool ends_softly(const std::optional<move_only>& p)
  {
    return !p;
  }

private:
  using room_type = typename Primitive::room_type;

  struct iterator_failed
  {
  };

  struct counting_iterator
  {
    using difference_type = std::ptrdiff_t;

    queue_library* library;
    std::size_t* batch;
    bool fails;

    counting_iterator& operator*()
    {
      return *this;
    }

    counting_iterator& operator++()
    {
      return *this;
    }

    counting_iterator operator++(int)
    {
      return *this;
    }

    counting_iterator& operator=(move_only&& p)
    {
      if (fails && *batch != 0)
        throw iterator_failed();
      *batch = add_to_batch(*batch, library->note_got(p.number()));
      return *this;
    }
  };

  struct item
  {
    bool was_put = false;
    std::size_t times_got = 0;
  };

  std::size_t force_put_unweighted()
  {
    const std::size_t number = make_item();
    move_only p(number);
    error_code ec;
    const std::optional<move_only> gone =
        this->object().force_put(std::move(p), ec);
    if (ec)
      return p && !gone ? nothing - 1 : number;
    items_[number].was_put = true;
    return gone ? note_got(gone->number()) : nothing;
  }

  std::size_t make_item()
  {
    items_.emplace_back();
    return items_.size() - 1;
  }

  room_type pop_room()
  {
    room_type room = std::move(rooms_.front());
    rooms_.erase(rooms_.begin());
    return room;
  }

  std::size_t note_got(std::size_t number)
  {
    ++items_[number].times_got;
    return number;
  }

  std::vector<room_type> rooms_;
  bool was_cleared_ = false;
  row<item> items_;
  row<std::size_t> put_by_wait_;
  std::size_t started_ = 0;
  std::size_t max_size_;
};

template <class Primitive>
void test_all(const std::string& subject, queue_order order,
              std::size_t max_size, queue_topic topic = queue_topic::common)
{
  test_all_sequences<queue_machine<abstract_queue>, queue_library<Primitive>>(
      subject, public_lengths(), order, max_size, topic);
}

template <template <class...> class Queue>
void test_queue(const std::string& name, queue_order order)
{
  using safe = Queue<move_only, step_executor, toro::thread_safe>;
  using bound = Queue<move_only, step_executor, toro::strand_bound>;
  using sizes = std::initializer_list<std::size_t>;
  for (const std::size_t max_size : sizes{1, 2})
    test_all<safe>(name + " of " + std::to_string(max_size), order, max_size);
  for (const std::size_t max_size : sizes{1, 0})
    test_all<bound>("strand_bound " + name + " of " + std::to_string(max_size),
                    order, max_size);
  test_all<safe>(name + " of 1 with rooms", order, 1, queue_topic::rooms);
  test_all<bound>("strand_bound " + name + " of 2 with rooms", order, 2,
                  queue_topic::rooms);
}

// The same with gets of several items, and waits for an item.
template <template <class...> class Queue>
void test_batches(const std::string& name, queue_order order)
{
  using safe = Queue<move_only, step_executor, toro::thread_safe>;
  using bound = Queue<move_only, step_executor, toro::strand_bound>;
  test_all<safe>(name + " of 2 with batches", order, 2, queue_topic::batches);
  test_all<bound>("strand_bound " + name + " with batches", order, 0,
                  queue_topic::batches);
}

struct weigh_number
{
  std::size_t operator()(const move_only& item) const
  {
    return weight_of_item(item.number());
  }
};

template <class Threading>
using weighted = toro::basic_weighted_queue<move_only, weigh_number,
                                            step_executor, Threading>;

template <class T, class Executor, class Threading>
using smallest_first =
    toro::basic_priority_queue<T, std::less<>, Executor, Threading>;

} // namespace

BOOST_AUTO_TEST_CASE(queue_follows_the_model)
{
  test_queue<toro::basic_queue>("queue", queue_order::fifo);
  test_batches<toro::basic_queue>("queue", queue_order::fifo);
}

BOOST_AUTO_TEST_CASE(weighted_queue_follows_the_model)
{
  test_all<weighted<toro::thread_safe>>(
      "weighted_queue of 2", queue_order::weighted, 2, queue_topic::weights);
  test_all<weighted<toro::strand_bound>>("strand_bound weighted_queue of 3",
                                         queue_order::weighted, 3,
                                         queue_topic::weights);
}

BOOST_AUTO_TEST_CASE(lifo_queue_follows_the_model)
{
  test_queue<toro::basic_lifo_queue>("lifo_queue", queue_order::lifo);
  test_batches<toro::basic_lifo_queue>("lifo_queue", queue_order::lifo);
}

BOOST_AUTO_TEST_CASE(priority_queue_follows_the_model)
{
  test_queue<smallest_first>("priority_queue", queue_order::smallest_first);
  test_batches<smallest_first>("priority_queue", queue_order::smallest_first);
}
