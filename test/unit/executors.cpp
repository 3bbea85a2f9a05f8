// SPDX-License-Identifier: BSL-1.0
// The ways of a completion to its handler's executor.

#include <toro/lock.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/test/unit_test.hpp>

#include <utility>

namespace asio = boost::asio;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(executors)

namespace {

using error_code = boost::system::error_code;
using io_executor = asio::io_context::executor_type;

// An executor of a user's own, whose behaviour the library does not know.
class own_executor
{
public:
  explicit own_executor(const io_executor& inner) noexcept
    : inner_(inner)
  {
  }

  template <class Function>
  void execute(Function&& function) const
  {
    asio::require(inner_, asio::execution::blocking.never)
        .execute(std::forward<Function>(function));
  }

  own_executor require(asio::execution::blocking_t::never_t) const noexcept
  {
    return *this;
  }

  asio::execution_context& query(asio::execution::context_t) const noexcept
  {
    return inner_.context();
  }

  bool operator==(const own_executor&) const noexcept = default;

private:
  io_executor inner_;
};

enum class way
{
  direct,   // the context of the object need not run
  by_object // it must run before the handler's
};

// Waits for a lock with a handler on an executor of another context.
template <class Lock, class Executor>
void check_way(way expected, asio::io_context& here, asio::io_context& there,
               const Executor& executor)
{
  here.restart();
  there.restart();
  Lock lock(here);
  auto held = lock.try_acquire();
  bool called = false;
  lock.async_acquire(
      asio::bind_executor(executor,
                          [&](error_code ec, typename Lock::guard_type g)
                          {
                            called = !ec && bool(g);
                          }));
  held = {};
  there.poll();
  BOOST_TEST((called == (expected == way::direct)));
  here.poll();
  there.restart();
  there.poll();
  BOOST_TEST(called);
  BOOST_TEST(here.stopped());
  BOOST_TEST(there.stopped());
}

template <class Lock>
void check_executors_of_asio(way expected)
{
  asio::io_context here;
  asio::io_context there;
  const io_executor executor = there.get_executor();
  check_way<Lock>(expected, here, there, executor);
  check_way<Lock>(expected, here, there, asio::make_strand(there));
  check_way<Lock>(expected, here, there, asio::any_io_executor(executor));
  check_way<Lock>(expected, here, there,
                  asio::make_strand(asio::any_io_executor(executor)));
  check_way<Lock>(expected, here, there,
                  asio::any_io_executor(own_executor(executor)));
  check_way<Lock>(expected, here, there,
                  asio::require(executor, asio::execution::blocking.never));
}

} // namespace

BOOST_AUTO_TEST_CASE(executors_of_asio_are_posted_to_directly)
{
  check_executors_of_asio<toro::lock>(way::direct);
  check_executors_of_asio<toro::basic_lock<io_executor>>(way::direct);
}

BOOST_AUTO_TEST_CASE(other_executors_are_reached_by_the_objects)
{
  asio::io_context here;
  asio::io_context there;
  const own_executor own(there.get_executor());
  check_way<toro::lock>(way::by_object, here, there, own);
  check_way<toro::basic_lock<io_executor>>(way::by_object, here, there, own);
}

BOOST_AUTO_TEST_CASE(an_object_without_a_mutex_completes_by_its_own_executor)
{
  check_executors_of_asio<
      toro::basic_lock<asio::any_io_executor, toro::strand_bound>>(
      way::by_object);
}

BOOST_AUTO_TEST_CASE(a_thread_pool_is_posted_to_directly)
{
  asio::io_context io;
  toro::lock lock(io);
  bool called = false;
  asio::thread_pool pool(1);
  {
    const auto held = lock.try_acquire();
    lock.async_acquire(asio::bind_executor(pool.get_executor(),
                                           [&](error_code ec, toro::guard g)
                                           {
                                             called = !ec && bool(g);
                                           }));
  }
  pool.join();
  BOOST_TEST(called);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
