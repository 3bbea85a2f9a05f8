// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_STRESS_WORKER_THREADS_HPP
#define TORO_TEST_ROBUSTNESS_STRESS_WORKER_THREADS_HPP

#include <toro/deadline.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/experimental/cancellation_condition.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace toro_test {

using boost::system::error_code;

// How often to do something; TORO_STRESS_ROUNDS in the environment multiplies.
std::size_t rounds(std::size_t base);

// A check for any thread; Boost.Test's are for one.
void expect(bool holds, const char* what) noexcept;

// Reports in the main thread what failed since the last time.
void report_failures();

// Counts an operation that races with what ends it.
void count_race() noexcept;

// Tells the world.
void announce(const std::string& text);

// One coroutine among many, on a strand of its own.
class worker
{
public:
  worker(boost::asio::any_io_executor strand, std::size_t number)
    : strand_(std::move(strand)),
      random_(static_cast<std::minstd_rand::result_type>(number + 1)),
      number_(number)
  {
  }

  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  const boost::asio::any_io_executor& strand() const
  {
    return strand_;
  }

  std::size_t number() const
  {
    return number_;
  }

  std::size_t below(std::size_t limit)
  {
    return random_() / 7 % limit;
  }

  bool one_in(std::size_t n)
  {
    return below(n) == 0;
  }

  // A moment that may be over before the operation is.
  std::chrono::microseconds moment()
  {
    return std::chrono::microseconds(below(100));
  }

  // Emits on the strand, as Asio asks, a little later.
  void emit_soon(const std::shared_ptr<boost::asio::cancellation_signal>& s)
  {
    emit_after(below(4), s);
  }

private:
  void emit_after(std::size_t hops,
                  const std::shared_ptr<boost::asio::cancellation_signal>& s)
  {
    boost::asio::post(strand_,
                      [=, this]
                      {
                        if (hops == 0)
                          s->emit(boost::asio::cancellation_type::all);
                        else
                          emit_after(hops - 1, s);
                      });
  }

  boost::asio::any_io_executor strand_;
  std::minstd_rand random_;
  std::size_t number_;
};

// How many contexts there are, and how many threads run each.
struct shape
{
  std::size_t contexts;
  std::size_t threads;
};

inline constexpr shape shapes[] = {{1, 2}, {1, 4}, {2, 2}};

// Contexts, their threads, and the workers on them.
class worker_threads
{
public:
  explicit worker_threads(shape form);
  ~worker_threads();

  worker_threads(const worker_threads&) = delete;
  worker_threads& operator=(const worker_threads&) = delete;

  // The context that the shared primitives belong to.
  boost::asio::io_context& object_context()
  {
    return *contexts_.front();
  }

  // Any of the contexts.
  boost::asio::io_context& context(std::size_t number)
  {
    return *contexts_[number % contexts_.size()];
  }

  // Adds a worker, or many of the same kind.
  void add(std::function<boost::asio::awaitable<void>(worker&)> body);
  void add(std::size_t count,
           const std::function<boost::asio::awaitable<void>(worker&)>& body);

  // Runs until all is done.
  void run();

private:
  using work =
      boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

  void finish_one();

  std::size_t threads_;
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
  std::vector<work> work_;
  std::list<worker> workers_;
  std::atomic<std::size_t> busy_ = 1;
};

// How many workers share a primitive, in most cases.
inline constexpr std::size_t worker_count = 6;

// Two threads that run a context until they are joined.
class context_threads
{
public:
  explicit context_threads(boost::asio::io_context& context);

  void join();

private:
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      work_;
  std::vector<std::thread> threads_;
};

// What an operation without a value gives.
using no_value = std::monostate;

template <class Value>
struct result
{
  error_code ec;
  std::optional<Value> value;

  explicit operator bool() const
  {
    return value.has_value();
  }
};

template <class Value>
result<Value> make_result(std::tuple<error_code, Value>&& t)
{
  if (std::get<0>(t))
    return {std::get<0>(t), std::nullopt};
  return {{}, std::move(std::get<1>(t))};
}

template <class Value>
result<Value> make_result(std::tuple<error_code>&& t)
{
  if (std::get<0>(t))
    return {std::get<0>(t), std::nullopt};
  return {{}, Value()};
}

// The ways in which a wait may end early.
enum class way
{
  plain,
  deadline,
  signal,
  group, // with parallel_group, which tells how each of its operations ended
  timer  // with ||, which tells of the first one alone
};

inline way any_way(worker& self)
{
  return static_cast<way>(self.below(5));
}

// If the worker has to know whether the operation has succeeded.
inline way any_way_but_timer(worker& self)
{
  return static_cast<way>(self.below(4));
}

inline way any_early_way(worker& self)
{
  return static_cast<way>(1 + self.below(4));
}

// Waits for an operation and, beside it, for a moment. Returns whether the
// operation was first.
boost::asio::awaitable<bool> is_first(worker& self,
                                      boost::asio::awaitable<void> op);

// Stores what an operation gives. So there is one type of race for all values.
template <class Value>
boost::asio::awaitable<void> store(boost::asio::awaitable<Value> op,
                                   std::optional<Value>& value)
{
  value.emplace(co_await std::move(op));
}

inline boost::asio::awaitable<void> store(boost::asio::awaitable<void> op,
                                          std::optional<no_value>& value)
{
  co_await std::move(op);
  value.emplace();
}

template <class Value, class Awaitable>
boost::asio::awaitable<result<Value>> race_timer(worker& self, Awaitable op)
{
  std::optional<Value> value;
  if (!co_await is_first(self, store(std::move(op), value)))
    co_return result<Value>{boost::asio::error::operation_aborted, {}};
  co_return result<Value>{{}, std::move(value)};
}

// The same with a parallel_group. Its result has the order of completion, what
// the operation gave, and what the timer did.
template <class Value, class Operation>
boost::asio::awaitable<result<Value>> group_timer(worker& self, Operation op)
{
  namespace asio = boost::asio;
  asio::steady_timer timer(self.strand(), self.moment());
  auto all =
      co_await asio::experimental::make_parallel_group(
          std::move(op), timer.async_wait(asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  const error_code ec = std::get<1>(all);
  if (ec)
    co_return result<Value>{ec, std::nullopt};
  if constexpr (std::is_same_v<Value, no_value>)
    co_return result<Value>{ec, Value()};
  else
    co_return result<Value>{ec, std::move(std::get<2>(all))};
}

// Starts an operation, which is told how by start(arguments..., token), and
// waits until it has ended in some way.
template <class Value, class Start>
boost::asio::awaitable<result<Value>> attempt(worker& self, way how,
                                              Start start)
{
  namespace asio = boost::asio;
  constexpr auto token = asio::as_tuple(asio::use_awaitable);
  if (how != way::plain)
    count_race();
  switch (how)
  {
  case way::plain:
    break;
  case way::deadline:
  {
    const toro::deadline limit(self.moment());
    co_return make_result<Value>(co_await start(limit, token));
  }
  case way::signal:
  {
    auto signal = std::make_shared<asio::cancellation_signal>();
    self.emit_soon(signal);
    co_return make_result<Value>(
        co_await start(asio::bind_cancellation_slot(signal->slot(), token)));
  }
  case way::group:
    co_return co_await group_timer<Value>(self, start(asio::deferred));
  case way::timer:
    co_return co_await race_timer<Value>(self, start(asio::use_awaitable));
  }
  co_return make_result<Value>(co_await start(token));
}

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_STRESS_WORKER_THREADS_HPP
