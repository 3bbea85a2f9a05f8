// SPDX-License-Identifier: BSL-1.0

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "fibers.hpp"
#include "queues.hpp"
#include "workloads.hpp"

namespace bench {

namespace {

// Who is at work, with how much room between them.
struct traffic
{
  std::size_t capacity;
  std::size_t pairs;

  // Whether everybody tries what needs no wait, and waits only if it fails.
  bool tries_first = false;
};

template <class T>
T made()
{
  if constexpr (std::same_as<T, std::string>)
    return std::string(64, 'x');
  else
    return T(1);
}

template <class Queue>
struct queue_fixture : fixture
{
  using item_type = typename Queue::item_type;

  queue_fixture(trial& t, const traffic& what)
    : fixture(t),
      queue(context.get_executor(), what.capacity),
      tries_first(what.tries_first)
  {
  }

  // What is to be put once there is room.
  item_type put_what_fits()
  {
    auto item = made<item_type>();
    while (tries_first && queue.try_put(item))
      item = made<item_type>();
    return item;
  }

  // Counts an item that was got, and gets others; false when it is enough.
  bool get_what_is_there()
  {
    do
    {
      if (!again())
        return false;
    } while (tries_first && queue.try_get());
    return true;
  }

  Queue queue;
  bool tries_first;
};

template <class Queue>
struct put_next
{
  queue_fixture<Queue>* on;

  void operator()(error_code = {}) const
  {
    on->queue.async_put(on->put_what_fits(), *this);
  }
};

template <class Queue>
struct get_next
{
  queue_fixture<Queue>* on;

  void operator()(error_code, const typename Queue::item_type&) const
  {
    if (on->get_what_is_there())
      start();
  }

  void start() const
  {
    on->queue.async_get(*this);
  }
};

template <class Queue>
procedure callbacks(traffic what)
{
  return [=](trial& t)
  {
    queue_fixture<Queue> on(t, what);
    for (std::size_t i = 0; i != what.pairs; ++i)
    {
      put_next<Queue>{&on}();
      get_next<Queue>{&on}.start();
    }
    on.run(100 + 4 * what.capacity);
  };
}

template <class Queue>
asio::awaitable<void> put(queue_fixture<Queue>& on)
{
  for (;;)
  {
    auto item = on.put_what_fits();
    co_await on.queue.async_put(std::move(item), asio::use_awaitable);
  }
}

template <class Queue>
asio::awaitable<void> get(queue_fixture<Queue>& on)
{
  do
    co_await on.queue.async_get(asio::use_awaitable);
  while (on.get_what_is_there());
}

template <class Queue>
procedure coroutines(traffic what)
{
  return [=](trial& t)
  {
    queue_fixture<Queue> on(t, what);
    for (std::size_t i = 0; i != what.pairs; ++i)
    {
      asio::co_spawn(on.context, put(on), asio::detached);
      asio::co_spawn(on.context, get(on), asio::detached);
    }
    on.run(100 + 4 * what.capacity);
  };
}

std::string described(const traffic& what)
{
  const std::string pairs = std::to_string(what.pairs);
  return "room for " + std::to_string(what.capacity) + ", " + pairs + " x " +
         pairs;
}

template <class T>
void add_callbacks(rows& all, const work& what, traffic how)
{
  for_each_queue<T, io_executor>(
      [&]<class Queue>()
      {
        all.push_back({what, Queue::who, callbacks<Queue>(how)});
      });
}

template <class T>
void add_coroutines(rows& all, const work& what, traffic how)
{
  for_each_queue<T, any_executor>(
      [&]<class Queue>()
      {
        all.push_back({what, Queue::who, coroutines<Queue>(how)});
      });
}

constexpr std::size_t batch_size = 64;

// How many queues are filled before their items are got. Each has one batch,
// for which it keeps its nodes, so that nothing is allocated for items.
constexpr std::size_t filled_queues = 16;

template <class Threading>
struct filled_queue
{
  using queue_type = toro::basic_queue<int, io_executor, Threading>;

  filled_queue(asio::io_context& context, filled_queue* following)
    : queue(context.get_executor()),
      next(following)
  {
  }

  void fill()
  {
    for (; left != batch_size; ++left)
      require(queue.try_put(1));
  }

  // This queue, or the next if it is empty.
  filled_queue* first_filled() noexcept
  {
    return left != 0 ? this : next;
  }

  queue_type queue;
  std::size_t left = 0;
  filled_queue* next;
};

template <class Threading>
struct batch_after_batch
{
  filled_queue<Threading>* from;

  void operator()(error_code, const std::vector<int>& items) const
  {
    from->left -= items.size();
    start();
  }

  void start() const
  {
    if (filled_queue<Threading>* const q = from->first_filled())
      q->queue.async_get_some(batch_size, batch_after_batch{q});
  }
};

template <class Threading>
struct get_after_get
{
  filled_queue<Threading>* from;

  void operator()(error_code, int) const
  {
    --from->left;
    start();
  }

  void start() const
  {
    if (filled_queue<Threading>* const q = from->first_filled())
      q->queue.async_get(get_after_get{q});
  }
};

// Get the items of one queue after the other, each by a batch or by one get for
// each item.
template <template <class> class Get, class Threading>
void get_all(trial& t)
{
  asio::io_context context;
  std::deque<filled_queue<Threading>> queues;
  while (queues.size() != filled_queues)
    queues.emplace_front(context, queues.empty() ? nullptr : &queues.front());
  for (std::size_t done = 0; done != t.operations();
       done += filled_queues * batch_size)
  {
    for (filled_queue<Threading>& q : queues)
      q.fill();
    context.restart();
    t.start();
    Get<Threading>{&queues.front()}.start();
    context.run();
    t.stop();
    for (const filled_queue<Threading>& q : queues)
      require(q.left == 0);
  }
}

// The vector is allocated for the item that is granted, and for the others.
constexpr double allocations_of_batch = 2;

template <class Threading>
void add_batches(rows& all)
{
  all.push_back({{"W3",
                  "64 items by one get, against 64 gets",
                  {0.25, 0.25, allocations_of_batch / batch_size},
                  unit::times_base,
                  filled_queues * batch_size},
                 toro_with<Threading>,
                 get_all<batch_after_batch, Threading>,
                 get_all<get_after_get, Threading>});
}

template <class Threading>
void add_weighted(rows& all, const std::string& variant, traffic how)
{
  all.push_back(
      {{"W3",
        "weighted_queue, " + variant + ", against a queue",
        {1.1, 1.1},
        unit::times_base},
       toro_with<Threading>,
       callbacks<toro_weighted_queue<int, io_executor, Threading>>(how),
       callbacks<toro_queue<int, io_executor, Threading>>(how)});
}

template <class Threading>
void add_queue_features(rows& all)
{
  add_batches<Threading>(all);
  const traffic calling{.capacity = 64, .pairs = 1};
  add_weighted<Threading>(all, "callback, " + described(calling), calling);
  add_weighted<Threading>(all, "callback, trying first",
                          {.capacity = 64, .pairs = 1, .tries_first = true});
}

} // namespace

void add_queue(rows& all)
{
  for (const traffic how :
       {traffic{1, 1}, traffic{64, 1}, traffic{1, 8}, traffic{64, 8}})
  {
    add_callbacks<int>(all, {"W3", "callback, " + described(how)}, how);
    const work awaiting{"W3", "use_awaitable, " + described(how), {6.8, 7.5}};
    add_coroutines<int>(all, awaiting, how);
    // Where they never wait, they belong to those that try first.
    if (how.capacity == 1)
    {
      all.push_back(
          {awaiting, contender::timer, coroutines<timer_queue<int>>(how)});
      add_fibers(all, awaiting, fibers_with_channel(0, how.pairs));
    }
  }

  const traffic trying{.capacity = 64, .pairs = 1, .tries_first = true};
  add_callbacks<int>(all, {"W3", "callback, trying first"}, trying);
  const work awaiting{"W3", "use_awaitable, trying first"};
  add_coroutines<int>(all, awaiting, trying);
  all.push_back(
      {awaiting, contender::timer, coroutines<timer_queue<int>>(trying)});
  add_fibers(all, awaiting, fibers_with_channel(trying.capacity, trying.pairs));

  add_queue_features<toro::strand_bound>(all);
  add_queue_features<toro::thread_safe>(all);

  const traffic texts{.capacity = 64, .pairs = 1};
  add_callbacks<std::string>(all, {"W3", "callback, strings"}, texts);
  add_coroutines<std::string>(all, {"W3", "use_awaitable, strings"}, texts);
}

} // namespace bench
