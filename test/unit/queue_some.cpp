// SPDX-License-Identifier: BSL-1.0
// Gets of several items, gets that end softly, and waits for an item.
#include <toro/delay_queue.hpp>
#include <toro/eager.hpp>
#include <toro/lifo_queue.hpp>
#include <toro/priority_queue.hpp>
#include <toro/queue.hpp>
#include <toro/weighted_queue.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/case_template.hpp"
#include "support/world.hpp"

namespace {

// From which size on there is no memory for what has a large alignment: the
// items of one case.
std::size_t too_large = static_cast<std::size_t>(-1);

// How many blocks with a large alignment there are: nodes of such items.
std::atomic<std::size_t> live_blocks = 0;

} // namespace

void* operator new(std::size_t size, std::align_val_t alignment)
{
  if (size >= too_large)
    throw std::bad_alloc();
  const auto unit = static_cast<std::size_t>(alignment);
  void* const memory =
      std::aligned_alloc(unit, (size + unit - 1) / unit * unit);
  if (!memory)
    throw std::bad_alloc();
  ++live_blocks;
  return memory;
}

void operator delete(void* memory, std::align_val_t) noexcept
{
  if (memory)
    --live_blocks;
  std::free(memory);
}

void operator delete(void* memory, std::size_t,
                     std::align_val_t alignment) noexcept
{
  operator delete(memory, alignment);
}

BOOST_AUTO_TEST_SUITE(unit_queue_some)

namespace {

using namespace std::chrono_literals;
using namespace toro_test;

namespace asio = boost::asio;
using boost::system::error_code;

template <class T, class Threading>
using fifo = idle_at_end<toro::basic_queue<T, any_executor, Threading>>;
template <class T, class Threading>
using lifo = idle_at_end<toro::basic_lifo_queue<T, any_executor, Threading>>;
template <class T, class Threading>
using sorted = idle_at_end<
    toro::basic_priority_queue<T, std::less<T>, any_executor, Threading>>;

// Move-only, without a default value, and over-aligned.
class alignas(64) parcel
{
public:
  explicit parcel(int number)
    : number_(std::make_unique<int>(number))
  {
  }

  int number() const
  {
    return number_ ? *number_ : 0;
  }

  friend bool operator<(const parcel& a, const parcel& b)
  {
    return a.number() < b.number();
  }

private:
  std::unique_ptr<int> number_;
};

using parcel_queues = std::tuple<
    fifo<parcel, toro::thread_safe>, fifo<parcel, toro::strand_bound>,
    sorted<parcel, toro::thread_safe>, sorted<parcel, toro::strand_bound>>;

struct weight_of_parcel
{
  std::size_t operator()(const parcel& x) const
  {
    return static_cast<std::size_t>(x.number());
  }
};

using queues_with_spare_nodes = std::tuple<
    fifo<parcel, toro::thread_safe>, lifo<parcel, toro::strand_bound>,
    sorted<parcel, toro::thread_safe>,
    idle_at_end<toro::basic_weighted_queue<parcel, weight_of_parcel>>>;

// Its move throws when it is told to.
class heavy
{
public:
  explicit heavy(int number)
    : number_(number)
  {
  }

  heavy(heavy&& other)
    : number_(other.number_)
  {
    if (moves_until_failure >= 0 && moves_until_failure-- == 0)
      throw std::runtime_error("move");
    other.number_ = 0;
  }

  int number() const
  {
    return number_;
  }

  friend bool operator<(const heavy& a, const heavy& b)
  {
    return a.number_ < b.number_;
  }

  static inline int moves_until_failure = -1;

private:
  int number_;
};

using heavy_queues =
    std::tuple<fifo<heavy, toro::thread_safe>, fifo<heavy, toro::strand_bound>,
               sorted<heavy, toro::thread_safe>,
               sorted<heavy, toro::strand_bound>>;

int number_of(int n)
{
  return n;
}

int number_of(const auto& item)
{
  return item.number();
}

// Notes the items that a handler got.
auto each(world& w)
{
  return [&w](auto items)
  {
    for (auto& item : items)
      w.note(std::to_string(number_of(item)));
  };
}

// Notes the item that a handler got, or that it got none.
auto one(world& w)
{
  return [&w](auto item)
  {
    w.note(item ? std::to_string(number_of(*item)) : "none");
  };
}

template <class T>
std::string text(const std::vector<T>& items)
{
  std::string result;
  for (const T& item : items)
    result += std::to_string(number_of(item));
  return result;
}

// Gets all that is left.
template <class Queue>
std::string drain(Queue& q)
{
  std::vector<typename Queue::value_type> rest;
  q.try_get_some(100, std::back_inserter(rest));
  return text(rest);
}

// An iterator that fails at an element, before it has taken it or after.
template <class T>
class failing_iterator
{
public:
  using difference_type = std::ptrdiff_t;

  failing_iterator() = default;

  failing_iterator(std::vector<T>& out, std::size_t good, bool takes)
    : out_(&out),
      good_(good),
      takes_(takes)
  {
  }

  failing_iterator& operator*()
  {
    return *this;
  }

  failing_iterator& operator++()
  {
    return *this;
  }

  failing_iterator operator++(int)
  {
    return *this;
  }

  failing_iterator& operator=(T&& item)
  {
    if (out_->size() == good_)
    {
      if (takes_)
        static_cast<void>(T(std::move(item)));
      throw std::domain_error("iterator");
    }
    out_->push_back(std::move(item));
    return *this;
  }

private:
  std::vector<T>* out_ = nullptr;
  std::size_t good_ = 0;
  bool takes_ = false;
};

// Its assignment calls a function, and it notes a comparison meanwhile.
struct assigned_item
{
  explicit assigned_item(int n)
    : number(n)
  {
  }

  assigned_item(const assigned_item&) = default;

  assigned_item& operator=(assigned_item&& other)
  {
    number = other.number;
    source = &other;
    if (on_assign)
      on_assign();
    source = nullptr;
    return *this;
  }

  friend bool operator<(const assigned_item& a, const assigned_item& b)
  {
    was_compared = was_compared || &a == source || &b == source;
    return a.number < b.number;
  }

  int number;

  static inline std::function<void()> on_assign;
  static inline const assigned_item* source = nullptr;
  static inline bool was_compared = false;
};

} // namespace

TORO_TEST_CASE_TEMPLATE(get_of_several_takes_what_is_there, Threading, policies)
{
  world w;
  fifo<int, Threading> q(w.context());
  for (const int n : {1, 2, 3, 4, 5})
    BOOST_TEST(q.try_put(n));
  q.async_get_some(3, w.on("some", each(w)));
  BOOST_TEST(q.size() == 4u);
  BOOST_TEST(w.poll() == "some 1 2 3");
  BOOST_TEST(q.unfinished() == 5u);
  q.async_get_some(3, 1s, w.on("some", each(w)));
  q.async_get(w.on("get"));
  BOOST_TEST(q.empty());
  BOOST_TEST(w.poll() == "some 4 get=5");
  q.async_get_some(0, w.on("none", each(w)));
  q.close();
  q.async_get_some(0, -1s, w.on("none", each(w)));
  BOOST_TEST(w.poll() == "none none");
}

TORO_TEST_CASE_TEMPLATE(get_of_several_waits_for_one_item, Threading, policies)
{
  world w;
  fifo<int, Threading> q(w.context());
  q.async_get_some(3, w.on("some", each(w)));
  q.async_get_some(3, 1s, w.on("more", each(w)));
  q.async_get_some(static_cast<std::size_t>(-1), 1s, w.on("late", each(w)));
  BOOST_TEST(q.getters() == 3u);
  for (const int n : {1, 2})
    BOOST_TEST(q.try_put(n));
  // Each has been granted one, and a get waits.
  BOOST_TEST(w.poll() == "some 1 more 2");
  for (const int n : {3, 4, 5})
    BOOST_TEST(q.try_put(n));
  BOOST_TEST(w.poll() == "late 3 4 5");
  q.async_get_some(3, 1s, w.on("some", each(w)));
  BOOST_TEST(w.advance(1s) == "some:TO");
  q.async_get_some(3, w.on("some", each(w)));
  q.close();
  BOOST_TEST(w.poll() == "some:closed");
}

TORO_TEST_CASE_TEMPLATE(blocked_puts_are_admitted_for_a_get_of_several,
                        Threading, policies)
{
  world w;
  lifo<int, Threading> q(w.context(), 2);
  for (const int n : {1, 2})
    BOOST_TEST(q.try_put(n));
  for (const int n : {3, 4, 5})
    q.async_put(n, w.on("put"));
  q.async_get_some(4, w.on("some", each(w)));
  BOOST_TEST(w.poll() == "put some 3 4 5 2 put put");
  BOOST_TEST(drain(q) == "1");
}

TORO_TEST_CASE_TEMPLATE(cancelled_get_of_several_returns_what_it_has, Threading,
                        policies)
{
  world w;
  sorted<int, Threading> q(w.context());
  asio::cancellation_signal signal;
  q.async_get_some(
      3, asio::bind_cancellation_slot(signal.slot(), w.on("some", each(w))));
  BOOST_TEST(q.try_put(2));
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(q.size() == 1u);
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(q.size() == 2u);
  BOOST_TEST(w.poll() == "some:AB");
  BOOST_TEST(drain(q) == "12");
}

TORO_TEST_CASE_TEMPLATE(items_without_memory_return, Queue, parcel_queues)
{
  world w;
  Queue q(w.context());
  for (const int n : {1, 2, 3, 4})
    BOOST_TEST(q.try_put(parcel(n)));
  q.async_get_some(3, w.on("some", each(w)));
  too_large = 2 * sizeof(parcel);
  BOOST_TEST(w.poll() == "some 1");
  too_large = static_cast<std::size_t>(-1);
  BOOST_TEST(q.size() == 3u);
  BOOST_TEST(q.try_put(parcel(5)));
  // They are compared again.
  BOOST_TEST(q.try_put(parcel(2)));
  q.async_get_some(9, w.on("some", each(w)));
  const std::string all = w.poll();
  BOOST_TEST((all == "some 2 3 4 5 2" || all == "some 2 2 3 4 5"));
  too_large = sizeof(parcel);
  BOOST_CHECK_THROW(q.async_get_some(3, ignore()), std::bad_alloc);
  too_large = static_cast<std::size_t>(-1);
  BOOST_TEST(q.waiters() == 0u);
}

TORO_TEST_CASE_TEMPLATE(move_that_throws_returns_the_rest, Queue, heavy_queues)
{
  world w;
  w.allow_drops();
  Queue q(w.context());
  for (const int n : {1, 2, 3, 4})
    BOOST_TEST(q.try_put(heavy(n)));
  // The second move.
  q.async_get_some(3, w.on("some", each(w)));
  heavy::moves_until_failure = 1;
  BOOST_TEST(w.poll() == "some 1");
  BOOST_TEST(q.size() == 3u);
  // The first one.
  q.async_get_some(3, w.on("some", each(w)));
  heavy::moves_until_failure = 0;
  BOOST_CHECK_THROW(w.poll(), std::runtime_error);
  BOOST_TEST(q.size() == 3u);
  BOOST_TEST(w.drops() == 1u);
  q.async_get_some(3, w.on("some", each(w)));
  BOOST_TEST(w.poll() == "some 2 3 4");
}

TORO_TEST_CASE_TEMPLATE(try_get_some_takes_what_is_there, Threading, policies)
{
  world w;
  sorted<int, Threading> q(w.context());
  std::vector<int> got;
  BOOST_TEST(q.try_get_some(5, std::back_inserter(got)) == 0u);
  for (int n = 200; n != 0; --n)
    BOOST_TEST(q.try_put(n));
  BOOST_TEST(q.try_get_some(0, std::back_inserter(got)) == 0u);
  int place[3];
  BOOST_TEST(q.try_get_some(3, place) == 3u);
  BOOST_TEST(place[2] == 3);
  BOOST_TEST(q.try_get_some(1000, std::back_inserter(got)) == 197u);
  BOOST_TEST(got.front() == 4);
  BOOST_TEST(got.back() == 200);
  BOOST_TEST(q.empty());
}

TORO_TEST_CASE_TEMPLATE(items_that_an_iterator_refuses_return, Queue,
                        parcel_queues)
{
  for (const bool takes : {false, true})
  {
    world w;
    Queue q(w.context());
    for (const int n : {1, 3, 5, 7})
      BOOST_TEST(q.try_put(parcel(n)));
    std::vector<parcel> got;
    BOOST_CHECK_THROW(
        q.try_get_some(4, failing_iterator<parcel>(got, 1, takes)),
        std::domain_error);
    BOOST_TEST(text(got) == "1");
    BOOST_TEST(q.size() == 3u);
    BOOST_TEST(q.unfinished() == 4u);
    BOOST_TEST(q.try_put(parcel(6)));
    const std::string rest = drain(q);
    const std::string second = takes ? "0" : "3";
    BOOST_TEST((rest == second + "576" || rest == second + "567"));
  }
}

// What a user's assignment puts meanwhile is compared with other items only.
TORO_TEST_CASE_TEMPLATE(item_is_not_compared_while_it_is_assigned, Threading,
                        policies)
{
  world w;
  sorted<assigned_item, Threading> q(w.context());
  for (const int i : {1, 2, 3})
    BOOST_TEST(q.try_put(assigned_item(i)));
  int left = 2;
  assigned_item::on_assign = [&]
  {
    if (left-- > 0)
      BOOST_TEST(q.try_put(assigned_item(0)));
  };
  assigned_item::was_compared = false;
  std::vector<assigned_item> got(3, assigned_item(0));
  BOOST_TEST(q.try_get_some(2, got.begin()) == 2u);
  assigned_item::on_assign = nullptr;
  BOOST_TEST(!assigned_item::was_compared);
  BOOST_TEST(got[0].number == 1);
  BOOST_TEST(got[1].number == 2);
  BOOST_TEST(q.clear() == 3u);
}

TORO_TEST_CASE_TEMPLATE(get_waits_for_items_that_may_return, Threading,
                        policies)
{
  world w;
  fifo<int, Threading> q(w.context());
  for (const int n : {1, 2})
    BOOST_TEST(q.try_put(n));
  q.close();

  struct busy_iterator
  {
    using difference_type [[maybe_unused]] = std::ptrdiff_t;

    world* w;
    fifo<int, Threading>* q;

    busy_iterator& operator*()
    {
      return *this;
    }

    busy_iterator& operator++()
    {
      return *this;
    }

    busy_iterator operator++(int)
    {
      return *this;
    }

    busy_iterator& operator=(int)
    {
      q->async_get(w->on("get"));
      q->async_wait(w->on("wait"));
      BOOST_TEST(q->waiters() == 2u);
      throw std::domain_error("iterator");
    }
  };
  BOOST_CHECK_THROW(q.try_get_some(2, busy_iterator{&w, &q}),
                    std::domain_error);
  BOOST_TEST(w.poll() == "get=1 wait");
  BOOST_TEST(drain(q) == "2");
}

TORO_TEST_CASE_TEMPLATE(next_ends_softly, Threading, policies)
{
  world w;
  fifo<int, Threading> q(w.context());
  q.async_next(w.on("next", one(w)));
  BOOST_TEST(q.getters() == 1u);
  BOOST_TEST(q.try_put(0));
  BOOST_TEST(w.poll() == "next 0");
  q.async_next(1s, w.on("next", one(w)));
  BOOST_TEST(w.advance(1s) == "next:TO");
  q.async_next(w.on("next", one(w)));
  BOOST_TEST(q.cancel() == 1u);
  BOOST_TEST(w.poll() == "next:AB");
  BOOST_TEST(q.try_put(1));
  q.async_next(w.on("next", one(w)));
  q.async_next(w.on("next", one(w)));
  q.close();
  q.async_next(w.on("next", one(w)));
  BOOST_TEST(w.poll() == "next 1 next none next none");
  q.async_next(-1s, w.on("next", one(w)));
  BOOST_TEST(w.poll() == "next none");
}

TORO_TEST_CASE_TEMPLATE(loop_over_all_items_needs_no_exception, Queue,
                        heavy_queues)
{
  world w;
  Queue q(w.context());
  const auto loop = [&](const auto& token) -> asio::awaitable<void>
  {
    while (const std::optional<heavy> item = co_await q.async_next(token))
      w.note(std::to_string(item->number()));
  };
  for (const int n : {1, 2})
    BOOST_TEST(q.try_put(heavy(n)));
  w.spawn("eager", loop(toro::eager));
  BOOST_TEST(w.poll() == "1 2");
  w.spawn("awaitable", loop(asio::use_awaitable));
  BOOST_TEST(w.poll() == "");
  BOOST_TEST(q.try_put(heavy(3)));
  BOOST_TEST(q.try_put(heavy(4)));
  q.close();
  BOOST_TEST(w.poll().size() == std::string("3 4 eager awaitable").size());
}

TORO_TEST_CASE_TEMPLATE(wait_for_an_item_takes_nothing, Threading, policies)
{
  world w;
  fifo<int, Threading> q(w.context());
  q.async_wait(w.on("1st"));
  q.async_wait(1s, w.on("2nd"));
  BOOST_TEST(q.waiters() == 2u);
  BOOST_TEST(q.getters() == 0u);
  BOOST_TEST(to_string(q) == "<queue maxsize=0 watchers[2]>");
  std::ostringstream dump;
  q.dump(dump);
  BOOST_TEST(dump.str().find("async_wait") != std::string::npos);
  // A get goes first.
  q.async_get(w.on("get"));
  BOOST_TEST(q.try_put(1));
  BOOST_TEST(w.poll() == "get=1");
  q.async_put(2, w.on("put"));
  BOOST_TEST(w.poll() == "put 1st 2nd");
  BOOST_TEST(q.size() == 1u);
  q.async_wait(-1s, w.on("at once"));
  BOOST_TEST(w.poll() == "at once");
  BOOST_TEST((q.try_get() == 2));
  q.async_wait(1s, w.on("late"));
  BOOST_TEST(w.advance(1s) == "late:TO");
  q.async_wait(w.on("last"));
  BOOST_TEST(q.close() == 1u);
  q.async_wait(w.on("later"));
  BOOST_TEST(w.poll() == "last:closed later:closed");
}

TORO_TEST_CASE_TEMPLATE(memory_of_a_burst_goes_back, Queue,
                        queues_with_spare_nodes)
{
  constexpr std::size_t burst = 100'000;
  constexpr std::size_t kept = 129;
  const std::size_t before = live_blocks;
  {
    world w;
    Queue q(w.context());
    const auto fill = [&]
    {
      bool all = true;
      for (std::size_t n = 0; n < burst; ++n)
        all &= q.try_put(parcel(1));
      BOOST_TEST(all);
      BOOST_TEST(live_blocks >= before + burst);
    };
    fill();
    while (q.try_get())
    {
    }
    BOOST_TEST(live_blocks == before + kept);
    fill();
    {
      std::vector<parcel> batch;
      batch.reserve(burst);
      BOOST_TEST(q.try_get_some(burst, std::back_inserter(batch)) == burst);
    }
    BOOST_TEST(live_blocks <= before + kept);
    fill();
    std::size_t count = 0;
    q.async_get_some(burst,
                     [&](error_code, const std::vector<parcel>& batch)
                     {
                       count = batch.size();
                     });
    w.poll();
    BOOST_TEST(count == burst);
    BOOST_TEST(live_blocks <= before + kept);
    fill();
    BOOST_TEST(q.clear() == burst);
    BOOST_TEST(live_blocks <= before + kept);
    fill();
  }
  BOOST_TEST(live_blocks == before);
}

TORO_TEST_CASE_TEMPLATE(spare_memory_is_used_again, Queue,
                        queues_with_spare_nodes)
{
  constexpr std::size_t count = 100;
  const std::size_t before = live_blocks;
  {
    world w;
    Queue q(w.context());
    for (std::size_t n = 0; n < count; ++n)
      BOOST_TEST(q.try_put(parcel(1)));
    while (q.try_get())
    {
    }
    BOOST_TEST(live_blocks == before + count);
    for (std::size_t n = 0; n < count; ++n)
      q.async_put(parcel(1), [](error_code) {});
    w.poll();
    BOOST_TEST(q.size() == count);
    BOOST_TEST(live_blocks == before + count);
  }
  BOOST_TEST(live_blocks == before);
}

TORO_TEST_CASE_TEMPLATE(delay_queue_keeps_the_memory_of_one_item, Threading,
                        policies)
{
  constexpr std::size_t burst = 100'000;
  const std::size_t before = live_blocks;
  {
    world w;
    toro::basic_delay_queue<parcel, any_executor, Threading> q(w.context());
    std::vector<toro::delay_key> keys;
    for (std::size_t n = 0; n < burst; ++n)
      keys.push_back(q.put(parcel(1), 0s));
    BOOST_TEST(live_blocks == before + burst);
    std::size_t erased = 0;
    for (std::size_t n = 0; n < burst; n += 2)
      erased += q.erase(keys[n]);
    BOOST_TEST(erased == burst / 2);
    BOOST_TEST(live_blocks == before + burst / 2 + 1);
    while (q.try_get())
    {
    }
    BOOST_TEST(live_blocks == before + 1);
    q.put(parcel(1), 1s);
    q.put(parcel(1), 2s);
  }
  BOOST_TEST(live_blocks == before);
}

TORO_TEST_CASE_TEMPLATE(dump_names_the_gets, Threading, policies)
{
  world w;
  fifo<int, Threading> q(w.context());
  q.async_get(w.on("a"));
  q.async_get_some(2, w.on("b"));
  q.async_next(w.on("c"));
  std::ostringstream out;
  q.dump(out);
  const std::string dump = out.str();
  const std::size_t some = dump.find("async_get_some");
  BOOST_TEST(dump.find("async_get") < some);
  BOOST_TEST(some < dump.find("async_next"));
  BOOST_TEST(q.cancel() == 3u);
  BOOST_TEST(w.poll() == "a:AB b:AB c:AB");
}

BOOST_AUTO_TEST_SUITE_END()
