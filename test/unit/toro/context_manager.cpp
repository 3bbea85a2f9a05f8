// SPDX-License-Identifier: BSL-1.0
//
// What Toro wrote as "with (yield x.acquire())" is a guard in a scope here. The
// four cases of its mix-in run for every class that it was mixed into.
#include <toro/bounded_semaphore.hpp>
#include <toro/lock.hpp>
#include <toro/rw_lock.hpp>
#include <toro/semaphore.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <stdexcept>
#include <string>
#include <tuple>

#include "support/case_template.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(toro_context_manager)

namespace {

using namespace toro_test;

namespace asio = boost::asio;

// A primitive, and beside it the operation that gives the guard.
template <class Primitive, std::size_t... MaxReaders>
struct managed
{
  using type = Primitive;
  idle_at_end<type> object;

  explicit managed(world& w)
    : object(w.context(), MaxReaders...)
  {
  }
};

// LK8 to LK11
template <class Threading>
struct of_lock : managed<toro::basic_lock<any_executor, Threading>>
{
  using of_lock::managed::managed;

  auto acquire()
  {
    return this->object.async_acquire(asio::use_awaitable);
  }
};

// SE21 to SE24
template <class Threading>
struct of_semaphore : managed<toro::basic_semaphore<any_executor, Threading>>
{
  using of_semaphore::managed::managed;

  auto acquire()
  {
    return this->object.async_acquire(asio::use_awaitable);
  }
};

// RW16 to RW19
template <class Threading>
struct of_read : managed<toro::basic_rw_lock<any_executor, Threading>, 1>
{
  using of_read::managed::managed;

  auto acquire()
  {
    return this->object.async_acquire_read(asio::use_awaitable);
  }
};

// RW20 to RW23, and RW24 to RW27
template <class Threading, std::size_t MaxReaders>
struct of_write
  : managed<toro::basic_rw_lock<any_executor, Threading>, MaxReaders>
{
  using of_write::managed::managed;

  auto acquire()
  {
    return this->object.async_acquire_write(asio::use_awaitable);
  }
};

using toro::strand_bound;
using toro::thread_safe;

using managers =
    std::tuple<of_lock<thread_safe>, of_lock<strand_bound>,
               of_semaphore<thread_safe>, of_semaphore<strand_bound>,
               of_read<thread_safe>, of_read<strand_bound>,
               of_write<thread_safe, 1>, of_write<strand_bound, 1>,
               of_write<thread_safe, 10>, of_write<strand_bound, 10>>;

template <class T>
concept basic_lockable = requires(T& x)
{
  x.lock();
  x.unlock();
};

asio::awaitable<void> use_in_a_scope(auto& x, bool& locked_inside)
{
  auto held = co_await x.acquire();
  locked_inside = x.object.locked();
}

asio::awaitable<void> throw_in_a_scope(auto& x)
{
  auto held = co_await x.acquire();
  BOOST_TEST(x.object.locked());
  throw std::runtime_error("thrown in the scope");
}

asio::awaitable<void> compete(world& w, auto& x, std::string number)
{
  auto held = co_await x.acquire();
  w.note("a" + number);
  co_await asio::post(w.context(), asio::use_awaitable);
  w.note("r" + number);
}

} // namespace

TORO_TEST_CASE_TEMPLATE(
    LK8_SE21_RW16_RW20_RW24_guard_holds_until_its_scope_ends, Manager, managers)
{
  world w;
  Manager x(w);
  bool locked_inside = false;
  w.spawn("done", use_in_a_scope(x, locked_inside));
  BOOST_TEST(w.poll() == "done");
  BOOST_TEST(locked_inside);
  BOOST_TEST(!x.object.locked());
}

TORO_TEST_CASE_TEMPLATE(LK9_SE22_RW17_RW21_RW25_exception_in_the_scope_releases,
                        Manager, managers)
{
  world w;
  Manager x(w);
  w.spawn("done", throw_in_a_scope(x));
  BOOST_TEST(w.poll() == "done:thrown in the scope");
  BOOST_TEST(!x.object.locked());
}

TORO_TEST_CASE_TEMPLATE(
    LK10_SE23_RW18_RW22_RW26_contending_scopes_alternate_in_order, Manager,
    managers)
{
  world w;
  Manager x(w);
  std::string expected;
  for (int i = 0; i != 10; ++i)
  {
    const std::string number = std::to_string(i);
    w.spawn("done", compete(w, x, number));
    expected += "a" + number + " r" + number + " done ";
  }
  BOOST_TEST(w.poll() + " " == expected);
  BOOST_TEST(!x.object.locked());
}

TORO_TEST_CASE_TEMPLATE(LK11_SE24_RW19_RW23_RW27_primitive_is_no_standard_mutex,
                        Manager, managers)
{
  static_assert(!basic_lockable<typename Manager::type>);
  world w;
  Manager x(w);
  BOOST_TEST(!x.object.locked());
}

BOOST_AUTO_TEST_SUITE_END()
