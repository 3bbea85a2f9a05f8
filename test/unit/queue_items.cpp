// SPDX-License-Identifier: BSL-1.0
#include <toro/async_result.hpp>
#include <toro/broadcast.hpp>
#include <toro/delay_queue.hpp>
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>
#include <toro/watch.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/case_template.hpp"
#include "support/counting_allocator.hpp"
#include "support/primitives.hpp"
#include "support/shapes.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_queue_items)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;

// Counts how often it is moved.
class counted
{
public:
  explicit counted(int& moves)
    : moves_(&moves)
  {
  }

  counted(counted&& other) noexcept
    : moves_(other.moves_)
  {
    ++*moves_;
  }

private:
  int* moves_;
};

// The next move calls a function first.
class busy
{
public:
  busy(int number, std::function<void()>& meanwhile)
    : number_(number),
      meanwhile_(&meanwhile)
  {
  }

  busy(busy&& other) noexcept
    : number_(other.number_),
      meanwhile_(other.meanwhile_)
  {
    other.number_ = 0;
    if (const auto call = std::exchange(*meanwhile_, nullptr))
      call();
  }

  int number() const noexcept
  {
    return number_;
  }

private:
  int number_;
  std::function<void()>* meanwhile_;
};

// Neither default-constructible nor copyable.
class bulky
{
public:
  explicit bulky(int number) noexcept
    : number_(std::make_unique<int>(number))
  {
  }

  int number() const
  {
    return *number_;
  }

private:
  std::unique_ptr<int> number_;
};

// Its copies fail when they are told to.
class fragile
{
public:
  explicit fragile(const bool& fail)
    : fail_(&fail)
  {
  }

  fragile(fragile&&) noexcept = default;

  fragile(const fragile& other)
    : fail_(other.fail_)
  {
    if (*fail_)
      throw std::domain_error("copy");
  }

private:
  const bool* fail_;
};

// A handler whose allocator goes with it when it is moved.
class owner_of_memory
{
public:
  using allocator_type = counting_allocator<void>;

  explicit owner_of_memory(allocations& memory) noexcept
    : memory_(&memory)
  {
  }

  owner_of_memory(owner_of_memory&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr))
  {
  }

  allocator_type get_allocator() const noexcept
  {
    BOOST_TEST_REQUIRE(memory_);
    return allocator_type(*memory_);
  }

  void operator()(auto&&...)
  {
  }

private:
  allocations* memory_;
};

struct failing_less
{
  template <class T>
  bool operator()(const T&, const T&) const
  {
    throw std::domain_error("comparison");
  }
};

// What the queue may move wherever it likes: a move runs no code.
class note
{
public:
  explicit note(int number) noexcept
    : number_(number)
  {
  }

  int number() const
  {
    return number_;
  }

private:
  int number_;
};

// The same where there is no copy.
class slip : public note
{
public:
  using note::note;

  slip(slip&&) noexcept = default;
  slip& operator=(slip&&) noexcept = default;
};

// The same of a size that takes its time.
class sheet : public note
{
public:
  using note::note;

  std::array<char, 200> text{};
};

using kinds_of_items = std::tuple<note, slip, sheet, bulky>;

template <class T, class Threading>
void put_and_get_without_waiting()
{
  world w;
  queue_of<T, Threading> q(w.context(), 2);
  BOOST_TEST(!q.try_get());
  BOOST_TEST(q.try_put(T(1)));
  BOOST_TEST(q.try_put(T(2)));
  T third(3);
  BOOST_TEST(!q.try_put(std::move(third)));
  BOOST_TEST(third.number() == 3);
  BOOST_TEST(q.full());
  BOOST_TEST(q.unfinished() == 2u);

  q.async_put(std::move(third), w.on("put"));
  BOOST_TEST(q.try_get()->number() == 1);
  BOOST_TEST(q.try_get()->number() == 2);
  BOOST_TEST(q.try_get()->number() == 3);
  BOOST_TEST(!q.try_get());
  BOOST_TEST(w.poll() == "put");

  q.async_get(w.on("get",
                   [](std::optional<T> item)
                   {
                     BOOST_TEST(item->number() == 4);
                   }));
  BOOST_TEST(q.try_put(T(4)));
  BOOST_TEST(q.empty());
  BOOST_TEST(w.poll() == "get");

  q.close();
  T late(5);
  BOOST_TEST(!q.try_put(std::move(late)));
  BOOST_TEST(late.number() == 5);
  BOOST_TEST(q.unfinished() == 4u);
}

// More than are kept for later, so that some are made and some go.
template <class T, class Threading>
void fill_and_drain()
{
  constexpr int count = 300;
  world w;
  queue_of<T, Threading> q(w.context());
  for (int round = 0; round != 2; ++round)
  {
    for (int i = 0; i != count; ++i)
      BOOST_TEST_REQUIRE(q.try_put(T(i)));
    for (int i = 0; i != count; ++i)
      BOOST_TEST_REQUIRE(q.try_get()->number() == i);
    BOOST_TEST(!q.try_get());
  }
}

template <class T, class Threading>
void throw_in_try_put()
{
  world w;
  toro::basic_priority_queue<T, failing_less, any_executor, Threading> q(
      w.context());
  BOOST_TEST(q.try_put(T(1)));
  T item(2);
  BOOST_CHECK_THROW(static_cast<void>(q.try_put(std::move(item))),
                    std::domain_error);
  BOOST_TEST(item.number() == 2);
  BOOST_TEST(q.size() == 1u);
  BOOST_TEST(q.unfinished() == 1u);
  BOOST_TEST(q.try_get()->number() == 1);
  BOOST_TEST(q.try_put(std::move(item)));
  BOOST_TEST(q.try_get()->number() == 2);
}

// What classes may have beside values: functions that stand for an address, a
// comma or an allocation.
template <bool Throws>
class alignas(64) guarded final
{
public:
  guarded() = default;

  explicit guarded(int number) noexcept
    : number_(number)
  {
  }

  guarded(const guarded&) = default;
  guarded& operator=(const guarded&) = default;

  guarded(guarded&& other) noexcept(!Throws)
    : number_(std::exchange(other.number_, 0))
  {
  }

  guarded* operator&() = delete;
  const guarded* operator&() const = delete;
  template <class T>
  void operator,(T&&) const = delete;
  static void* operator new(std::size_t) = delete;
  static void* operator new(std::size_t, std::align_val_t) = delete;
  static void operator delete(void*) = delete;

  friend bool operator<(const guarded& a, const guarded& b) noexcept
  {
    return a.number_ < b.number_;
  }

  int number() const
  {
    return number_;
  }

private:
  int number_ = 0;
};

template <class Queue>
void pass_guarded_items()
{
  using item_type = typename Queue::value_type;
  world w;
  Queue q(w.context(), 10);
  const item_type first(1);
  BOOST_TEST(q.try_put(first));
  BOOST_TEST(q.try_put(item_type(2)));
  std::vector<item_type> some;
  BOOST_TEST(q.try_get_some(2, std::back_inserter(some)) == 2u);
  BOOST_TEST(some.front().number() + some.back().number() == 3);
  int sum = 0;
  q.async_get(w.on("get",
                   [&](item_type item)
                   {
                     sum += item.number();
                   }));
  q.async_put(item_type(3), w.on("put"));
  BOOST_TEST(w.poll() == "put get");
  q.async_next(w.on("next",
                    [&](std::optional<item_type> item)
                    {
                      sum += item->number();
                    }));
  q.async_get_some(2, w.on("some",
                           [&](const std::vector<item_type>& items)
                           {
                             sum += items.front().number();
                           }));
  auto room = q.try_reserve();
  std::move(room).put(item_type(4));
  BOOST_TEST(q.try_put(item_type(5)));
  BOOST_TEST(w.poll() == "next some");
  BOOST_TEST(sum == 12);
}

template <class T, class Threading>
void pass_guarded_values()
{
  world w;
  int sum = 0;
  const auto add = [&](T value)
  {
    sum += value.number();
  };
  toro::basic_async_result<T, any_executor, Threading> result(w.context());
  result.async_get(w.on("result", add));
  result.set(T(1));
  BOOST_TEST(result.get().number() == 1);
  toro::basic_watch<T, any_executor, Threading> watch(w.context(), T(0));
  auto reader = watch.read();
  reader.async_next(w.on("watch", add));
  watch.set(T(2));
  toro::basic_broadcast<T, any_executor, Threading> cast(w.context(), 2);
  auto subscription = cast.subscribe();
  subscription.async_get(w.on("broadcast", add));
  cast.put(T(3));
  toro::basic_delay_queue<T, any_executor, Threading> later(w.context());
  later.async_get(w.on("later", add));
  later.put(T(4), 0s);
  BOOST_TEST(w.run() == "result watch broadcast later");
  BOOST_TEST(sum == 10);
}

// A shape that is not assigned.
struct fixed_shape
{
  explicit fixed_shape(int& ends)
    : ends_(&ends)
  {
  }

  fixed_shape(fixed_shape&& other) noexcept
    : ends_(other.ends_)
  {
  }

  virtual ~fixed_shape() = default;

protected:
  int* const ends_;
};

struct fixed_circle final : fixed_shape
{
  using fixed_shape::fixed_shape;

  ~fixed_circle() override
  {
    ++*ends_;
  }
};

// Uses the queue that it was in when it goes.
template <class Threading>
class nosy
{
public:
  using queue = toro::basic_queue<nosy, any_executor, Threading>;

  nosy(queue& q, int& looks) noexcept
    : queue_(&q),
      looks_(&looks)
  {
  }

  nosy(nosy&& other) noexcept
    : queue_(std::exchange(other.queue_, nullptr)),
      looks_(other.looks_)
  {
  }

  nosy& operator=(nosy&&) = delete;

  ~nosy()
  {
    if (!queue_)
      return;
    static_cast<void>(queue_->size());
    ++*looks_;
  }

private:
  queue* queue_;
  int* looks_;
};

} // namespace

TORO_TEST_CASE_TEMPLATE(failed_try_put_leaves_its_argument, Threading, policies)
{
  world w;
  int moves = 0;
  queue_of<counted, Threading> q(w.context(), 1);
  BOOST_TEST(q.try_put(counted(moves)));
  counted item(moves);
  moves = 0;
  BOOST_TEST(!q.try_put(std::move(item)));
  BOOST_TEST(moves == 0);
  BOOST_TEST(q.try_get().has_value());
  q.close();
  moves = 0;
  BOOST_TEST(!q.try_put(std::move(item)));
  BOOST_TEST(moves == 0);
}

TORO_TEST_CASE_TEMPLATE(try_put_that_throws_leaves_its_argument, Item,
                        kinds_of_items)
{
  throw_in_try_put<Item, toro::thread_safe>();
  throw_in_try_put<Item, toro::strand_bound>();
}

TORO_TEST_CASE_TEMPLATE(items_of_each_kind_pass_without_waiting, Item,
                        kinds_of_items)
{
  put_and_get_without_waiting<Item, toro::thread_safe>();
  put_and_get_without_waiting<Item, toro::strand_bound>();
}

TORO_TEST_CASE_TEMPLATE(many_items_of_each_kind_come_and_go, Item,
                        kinds_of_items)
{
  fill_and_drain<Item, toro::thread_safe>();
  fill_and_drain<Item, toro::strand_bound>();
}

TORO_TEST_CASE_TEMPLATE(copy_that_throws_puts_nothing, Threading, policies)
{
  world w;
  bool fail = true;
  queue_of<fragile, Threading> q(w.context());
  const fragile item(fail);
  BOOST_CHECK_THROW(static_cast<void>(q.try_put(item)), std::domain_error);
  BOOST_TEST(q.empty());
  BOOST_TEST(q.unfinished() == 0u);
  fail = false;
  BOOST_TEST(q.try_put(item));
  BOOST_TEST(q.size() == 1u);
}

TORO_TEST_CASE_TEMPLATE(item_without_a_default_arrives_as_an_optional,
                        Threading, policies)
{
  world w;
  queue_of<bulky, Threading> q(w.context());
  q.async_put(bulky(7), w.on("put"));
  q.async_get(w.on("get",
                   [](std::optional<bulky> item)
                   {
                     BOOST_TEST(item.value().number() == 7);
                   }));
  BOOST_TEST(w.poll() == "put get");
  bool empty = false;
  q.async_get(0s,
              [&](boost::system::error_code ec, std::optional<bulky> item)
              {
                empty = ec && !item;
              });
  w.poll();
  BOOST_TEST(empty);
}

TORO_TEST_CASE_TEMPLATE(item_of_a_failed_put_dies_before_its_handler_runs,
                        Threading, policies)
{
  using item = std::shared_ptr<int>;
  world w;
  std::string history;
  std::weak_ptr<int> watch;
  const auto fresh = [&]
  {
    item result = std::make_shared<int>(1);
    watch = result;
    return result;
  };
  const auto handler = [&](boost::system::error_code ec)
  {
    history += outcome_of(ec) + (watch.expired() ? "!" : "?");
  };
  queue_of<item, Threading> q(w.context(), 1);
  BOOST_TEST(q.try_put(std::make_shared<int>(0)));

  q.async_put(fresh(), 0s, handler);
  w.poll();
  q.async_put(fresh(), 10ms, handler);
  w.advance(10ms);
  q.async_put(fresh(), handler);
  q.cancel();
  w.poll();
  BOOST_TEST(q.try_get().has_value());
  q.async_put(fresh(), handler);
  q.cancel();
  w.poll();
  BOOST_TEST(q.try_put(std::make_shared<int>(0)));
  q.async_put(fresh(), handler);
  q.close();
  w.poll();
  q.async_put(fresh(), handler);
  w.poll();
  BOOST_TEST(history == ":TO!:TO!:AB!:AB!:closed!:closed!");
}

TORO_TEST_CASE_TEMPLATE(items_die_with_their_queue, Threading, policies)
{
  using item = std::shared_ptr<int>;
  world w;
  const auto shared = std::make_shared<int>(1);
  {
    toro::basic_queue<item, any_executor, Threading> q(w.context(), 2);
    BOOST_TEST(q.try_put(shared));
    q.async_put(shared, w.on("stocked"));
    q.async_put(shared, w.on("blocked"));
    q.async_get(w.on("get"));
    BOOST_TEST(shared.use_count() == 4);
  }
  BOOST_TEST(w.poll() == "stocked:AB blocked:AB get:AB");
  BOOST_TEST(shared.use_count() == 1);
}

TORO_TEST_CASE_TEMPLATE(items_are_destroyed_outside_of_the_lock, Threading,
                        policies)
{
  using item = nosy<Threading>;
  world w;
  int looks = 0;
  typename item::queue watched(w.context());
  {
    typename item::queue q(w.context(), 1);
    BOOST_TEST(q.try_put(item(q, looks)));
    q.async_put(item(q, looks), w.on("put"));
    q.cancel();
    BOOST_TEST(w.poll() == "put:AB");
    BOOST_TEST(looks == 1);
    BOOST_TEST(q.try_get().has_value());
    BOOST_TEST(looks == 2);
    BOOST_TEST(q.try_put(item(watched, looks)));
  }
  BOOST_TEST(looks == 3);
}

TORO_TEST_CASE_TEMPLATE(copy_for_a_reader_that_throws_leaves_through_run,
                        Threading, policies)
{
  world w;
  w.allow_drops();
  bool fail = false;
  idle_at_end<toro::basic_async_result<fragile, any_executor, Threading>> ar(
      w.context());
  int served = 0;
  const auto count = [&](std::optional<fragile>)
  {
    ++served;
  };
  ar.async_get(w.on("1", count));
  ar.async_get(w.on("2", count));
  ar.set(fragile(fail));
  fail = true;
  BOOST_CHECK_THROW(w.poll(), std::domain_error);
  fail = false;
  BOOST_TEST(w.poll() == "2");
  BOOST_TEST(w.drops() == 1u);
  BOOST_TEST(served == 1);
  ar.async_get(w.on("3", count));
  BOOST_TEST(w.poll() == "3");
}

TORO_TEST_CASE_TEMPLATE(
    memory_of_a_reader_whose_copy_throws_goes_by_the_handler_that_was_taken,
    Threading, policies)
{
  world w;
  allocations memory;
  bool fail = false;
  idle_at_end<toro::basic_async_result<fragile, any_executor, Threading>> ar(
      w.context());
  ar.async_get(owner_of_memory(memory));
  BOOST_TEST(memory.live != 0u);
  ar.set(fragile(fail));
  fail = true;
  BOOST_CHECK_THROW(w.poll(), std::domain_error);
  BOOST_TEST(memory.live == 0u);
}

TORO_TEST_CASE_TEMPLATE(classes_may_hide_addresses_and_allocations, Threading,
                        policies)
{
  using safe = guarded<false>;
  using unsafe = guarded<true>;
  pass_guarded_items<queue_of<safe, Threading>>();
  pass_guarded_items<queue_of<unsafe, Threading>>();
  pass_guarded_items<toro::basic_lifo_queue<unsafe, any_executor, Threading>>();
  pass_guarded_items<
      toro::basic_priority_queue<safe, std::less<>, any_executor, Threading>>();
  pass_guarded_items<toro::basic_priority_queue<unsafe, std::less<>,
                                                any_executor, Threading>>();
  pass_guarded_values<safe, Threading>();
  pass_guarded_values<unsafe, Threading>();
}

TORO_TEST_CASE_TEMPLATE(refused_item_stays_part_of_its_object, Threading,
                        policies)
{
  world w;
  queue_of<shape, Threading> closed(w.context());
  closed.close();
  circle item;
  boost::system::error_code ec;
  closed.force_put(std::move(item), ec);
  BOOST_TEST((ec == toro::error::closed));
  const shape& seen = item;
  BOOST_TEST(seen.kind() == "circle");
  BOOST_TEST(item.name == shape().name);
  BOOST_TEST(item.color == circle().color);

  int ends = 0;
  {
    queue_of<fixed_shape, Threading> also_closed(w.context());
    also_closed.close();
    fixed_circle other(ends);
    also_closed.force_put(std::move(other), ec);
    BOOST_TEST((ec == toro::error::closed));
    BOOST_TEST(ends == 0);
  }
  BOOST_TEST(ends == 1);
}

// The move of an item runs without the lock, and may put another one.
TORO_TEST_CASE_TEMPLATE(item_that_finds_the_queue_filled_returns, Threading,
                        policies)
{
  world w;
  std::function<void()> meanwhile;
  queue_of<busy, Threading> q(w.context(), 1);
  busy first(1, meanwhile);
  meanwhile = [&]
  {
    BOOST_TEST(q.try_put(busy(2, meanwhile)));
  };
  BOOST_TEST(!q.try_put(std::move(first)));
  BOOST_TEST(first.number() == 1);
  BOOST_TEST(q.size() == 1u);
  const auto item = q.try_get();
  BOOST_REQUIRE(item.has_value());
  BOOST_TEST(item->number() == 2);
}

BOOST_AUTO_TEST_SUITE_END()
