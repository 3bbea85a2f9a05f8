// SPDX-License-Identifier: BSL-1.0
// Debug builds notice when a thread blocks on an object whose context it runs,
// with each kind of executor, and when it blocks on an object while it submits
// a completion of that object.

#include <toro/blocking.hpp>
#include <toro/event.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/assert.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <type_traits>
#include <utility>

namespace asio = boost::asio;

namespace {

struct noticed
{
};

int unnoticed = 0;

} // namespace

namespace boost {

void assertion_failed(const char* expression, const char*, const char*, long)
{
  std::puts(expression);
  std::abort();
}

void assertion_failed_msg(const char*, const char* message, const char*,
                          const char*, long)
{
  const std::string_view text = message;
  if (text.find("runs the object's context") != text.npos ||
      text.find("while it submits completions") != text.npos)
    throw noticed();
  std::puts(message);
  std::abort();
}

} // namespace boost

namespace {

// Blocks in a function of an executor.
template <class Executor, class Function>
void is_noticed(const char* what, Executor&& executor, Function block)
{
  asio::post(executor,
             [what, block]() mutable
             {
               try
               {
                 block();
               }
               catch (const noticed&)
               {
                 return;
               }
               std::printf("%s was not noticed\n", what);
               ++unnoticed;
             });
}

template <class Event, class Executor>
auto wait_for(const Executor& executor)
{
  return [executor]
  {
    Event event(executor);
    event.async_wait(std::chrono::seconds(0), toro::blocking);
  };
}

// An executor that drops each function.
struct dropping_executor
{
  asio::io_context& query(asio::execution::context_t) const noexcept
  {
    return *context;
  }

  static constexpr asio::execution::blocking_t
  query(asio::execution::blocking_t) noexcept
  {
    return asio::execution::blocking.never;
  }

  template <class Function>
  void execute(Function&& function) const
  {
    const std::decay_t<Function> dropped(std::forward<Function>(function));
  }

  friend bool operator==(const dropping_executor&,
                         const dropping_executor&) noexcept = default;

  asio::io_context* context;
};

// A handler that blocks in its destructor.
class blocking_at_end
{
public:
  using event_type = toro::basic_event<dropping_executor>;

  explicit blocking_at_end(event_type& event)
    : event_(&event)
  {
  }

  blocking_at_end(blocking_at_end&& other) noexcept
    : event_(std::exchange(other.event_, nullptr))
  {
  }

  ~blocking_at_end()
  {
    if (!event_)
      return;
    try
    {
      event_->async_wait(std::chrono::seconds(0), toro::blocking);
    }
    catch (const noticed&)
    {
      return;
    }
    std::puts("the destructor of a handler was not noticed");
    ++unnoticed;
  }

  void operator()(boost::system::error_code) const
  {
  }

private:
  event_type* event_;
};

} // namespace

int main()
{
  using any_event = toro::event;
  using context_event = toro::basic_event<asio::io_context::executor_type>;
  asio::io_context io;
  asio::io_context other;
  const auto strand = asio::make_strand(io);
  is_noticed("a context", io, wait_for<context_event>(io.get_executor()));
  is_noticed("any executor", io, wait_for<any_event>(io.get_executor()));
  is_noticed("a strand", strand, wait_for<any_event>(strand));
  is_noticed("a strand of the context", io, wait_for<any_event>(strand));
  is_noticed("an adapter", io,
             [&]
             {
               any_event event(io);
               event.async_wait(std::chrono::seconds(0),
                                asio::as_tuple(toro::blocking));
             });
  is_noticed("a timer", io,
             [&]
             {
               asio::steady_timer timer(io);
               timer.async_wait(toro::blocking);
             });
  // Another context is none of this thread's business.
  asio::post(io,
             [&]
             {
               any_event event(other);
               event.set();
               event.async_wait(toro::blocking);
             });
  io.run();

  asio::thread_pool pool(1);
  is_noticed("a pool", pool, wait_for<any_event>(pool.get_executor()));
  is_noticed("a strand of a pool", pool,
             wait_for<any_event>(asio::make_strand(pool.get_executor())));
  pool.join();

  blocking_at_end::event_type event{dropping_executor{&io}};
  event.async_wait(blocking_at_end(event));
  event.set();
  return unnoticed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
