// SPDX-License-Identifier: BSL-1.0
// Debug builds say what is wrong when a moved-from object is used, whichever
// member is called. It may be destroyed and assigned to.

#include <toro.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/assert.hpp>

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string_view>
#include <utility>

namespace {

std::jmp_buf after_assertion;
int unnoticed = 0;

} // namespace

namespace boost {

void assertion_failed(const char* expression, const char*, const char*, long)
{
  std::puts(expression);
  std::abort();
}

// Leaves by a jump, because what was called is noexcept.
void assertion_failed_msg(const char*, const char* message, const char*,
                          const char*, long)
{
  const std::string_view text(message);
  if (text.starts_with("a moved-from ") &&
      text.ends_with(" may only be destroyed or assigned to"))
    std::longjmp(after_assertion, 1);
  std::puts(message);
  std::abort();
}

} // namespace boost

namespace {

template <class Function>
void is_noticed(const char* what, Function use)
{
  if (setjmp(after_assertion) != 0)
    return;
  use();
  std::printf("%s was not noticed\n", what);
  ++unnoticed;
}

struct weigh_nothing
{
  int operator()(int) const
  {
    return 0;
  }
};

// What all of them have.
template <class Primitive>
void check_common(Primitive object)
{
  const Primitive other(std::move(object));
  is_noticed("get_executor",
             [&]
             {
               (void)object.get_executor();
             });
  is_noticed("waiters",
             [&]
             {
               (void)object.waiters();
             });
  is_noticed("cancel",
             [&]
             {
               object.cancel();
             });
  is_noticed("set_name",
             [&]
             {
               object.set_name({});
             });
  is_noticed("to_string",
             [&]
             {
               (void)to_string(object);
             });
}

} // namespace

int main()
{
  boost::asio::io_context io;
  check_common(toro::condition(io));
  check_common(toro::latch(io, 1));
  check_common(toro::barrier(io, 1));
  check_common(toro::wait_group(io));
  check_common(toro::watch<int>(io));
  check_common(toro::broadcast<int>(io, 1));
  check_common(toro::task_group(io));
  check_common(toro::cancellation_source(io));
  check_common(toro::rw_lock(io));
  check_common(toro::bounded_semaphore(io));
  check_common(toro::priority_queue<int>(io));
  check_common(toro::delay_queue<int>(io));
  check_common(toro::weighted_queue<int, weigh_nothing>(io));
  check_common(toro::async_result<void>(io));

  toro::lock lock(io);
  toro::lock other_lock(std::move(lock));
  is_noticed("try_acquire",
             [&]
             {
               (void)lock.try_acquire();
             });
  is_noticed("async_acquire",
             [&]
             {
               lock.async_acquire(boost::asio::detached);
             });
  lock = std::move(other_lock);
  lock.async_acquire(boost::asio::detached);

  toro::task_group group(io);
  toro::task_group other_group(std::move(group));
  is_noticed("child",
             [&]
             {
               (void)group.child();
             });
  is_noticed("close",
             [&]
             {
               group.close();
             });
  is_noticed("async_join",
             [&]
             {
               group.async_join(boost::asio::detached);
             });
  group = std::move(other_group);
  group.async_join(boost::asio::detached);

  toro::cancellation_source source(io);
  toro::cancellation_source other_source(std::move(source));
  is_noticed("cancelled",
             [&]
             {
               (void)source.cancelled();
             });
  is_noticed("child of a source",
             [&]
             {
               (void)source.child();
             });
  is_noticed("bind_cancellation",
             [&]
             {
               other_group.async_join(
                   toro::bind_cancellation(source, boost::asio::detached));
             });
  source = other_source;
  source.cancel();

  toro::event event(io);
  toro::event other_event(std::move(event));
  is_noticed("set",
             [&]
             {
               event.set();
             });
  is_noticed(
      "a conversion",
      [&]
      {
        using converted =
            toro::basic_event<boost::asio::any_io_executor, toro::thread_safe>;
        toro::basic_event<boost::asio::io_context::executor_type> typed(io);
        auto another = std::move(typed);
        converted(std::move(typed)).clear();
      });

  const toro::watch<int> level(io);
  toro::reader<int> reader = level.read();
  toro::reader<int> other_reader = std::move(reader);
  is_noticed("get_executor of a reader",
             [&]
             {
               (void)reader.get_executor();
             });
  is_noticed("has_news",
             [&]
             {
               (void)reader.has_news();
             });
  is_noticed("get",
             [&]
             {
               (void)reader.get();
             });
  is_noticed("async_next",
             [&]
             {
               reader.async_next(boost::asio::detached);
             });
  is_noticed("async_next with a predicate",
             [&]
             {
               reader.async_next(
                   [](int)
                   {
                     return true;
                   },
                   boost::asio::detached);
             });
  reader = std::move(other_reader);
  (void)reader.get();

  toro::broadcast<int> news(io, 1);
  toro::subscription<int> subscription = news.subscribe();
  toro::subscription<int> other_subscription = std::move(subscription);
  is_noticed("get_executor of a subscription",
             [&]
             {
               (void)subscription.get_executor();
             });
  is_noticed("try_get",
             [&]
             {
               (void)subscription.try_get();
             });
  is_noticed("async_get",
             [&]
             {
               subscription.async_get(boost::asio::detached);
             });
  is_noticed("size",
             [&]
             {
               (void)subscription.size();
             });
  is_noticed("lost",
             [&]
             {
               subscription.lost();
             });
  is_noticed("skip_to_newest",
             [&]
             {
               subscription.skip_to_newest();
             });
  subscription = std::move(other_subscription);
  (void)subscription.size();

  // A guard that was moved from is empty, and no mistake to use.
  toro::guard held = lock.try_acquire();
  toro::guard taken = std::move(held);
  held.reset();
  held.detach();
  return unnoticed == 0 && !held ? EXIT_SUCCESS : EXIT_FAILURE;
}
