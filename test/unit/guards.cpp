// SPDX-License-Identifier: BSL-1.0
#include <toro/bounded_semaphore.hpp>
#include <toro/lock.hpp>
#include <toro/rw_lock.hpp>
#include <toro/semaphore.hpp>
#include <toro/wait_group.hpp>

#include <boost/test/unit_test.hpp>

#include <optional>
#include <type_traits>
#include <utility>

#include "support/case_template.hpp"
#include "support/primitives.hpp"
#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_guards)

namespace {

using namespace toro_test;

template <class Guard>
concept has_release = requires(Guard& guard)
{
  guard.release();
};

template <class Guard>
constexpr bool is_a_guard =
    std::is_nothrow_default_constructible_v<Guard>&&
        std::is_nothrow_move_constructible_v<Guard>&&
            std::is_nothrow_move_assignable_v<Guard> &&
    !std::is_copy_constructible_v<Guard> && !std::is_copy_assignable_v<Guard> &&
    std::is_nothrow_destructible_v<Guard> &&
    std::is_constructible_v<bool, const Guard&> &&
    !std::is_convertible_v<const Guard&, bool> &&
    !has_release<Guard>&& noexcept(std::declval<Guard&>().reset());

static_assert(is_a_guard<toro::guard>);
static_assert(is_a_guard<toro::permit>);
static_assert(is_a_guard<toro::read_guard>);
static_assert(is_a_guard<toro::write_guard>);
static_assert(is_a_guard<toro::work>);
static_assert(is_a_guard<toro::basic_guard<toro::strand_bound>>);

} // namespace

BOOST_AUTO_TEST_CASE(empty_guard_does_nothing)
{
  toro::guard g;
  BOOST_TEST(!g);
  g.reset();
  g.detach();
  toro::guard moved(std::move(g));
  BOOST_TEST(!moved);
  toro::permit p;
  BOOST_TEST(p.count() == 0u);
  toro::write_guard w;
  const toro::read_guard r = std::move(w).downgrade();
  BOOST_TEST(!r);
}

TORO_TEST_CASE_TEMPLATE(move_assignment_gives_back_what_was_held, Threading,
                        policies)
{
  world w;
  semaphore_of<Threading> sem(w.context(), 5);
  auto one = sem.try_acquire(1);
  auto three = sem.try_acquire(3);
  BOOST_TEST(sem.value() == 1u);
  one = std::move(three);
  BOOST_TEST(sem.value() == 2u);
  BOOST_TEST(one.count() == 3u);
  BOOST_TEST(!three);
  BOOST_TEST(three.count() == 0u);
  one.reset();
  BOOST_TEST(one.count() == 0u);
  BOOST_TEST(sem.value() == 5u);
}

TORO_TEST_CASE_TEMPLATE(self_move_assignment_keeps_the_hold, Threading,
                        policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  auto held = lk.try_acquire();
  auto& same = held;
  held = std::move(same);
  BOOST_TEST(static_cast<bool>(held));
  BOOST_TEST(lk.locked());
}

TORO_TEST_CASE_TEMPLATE(detached_hold_is_released_by_hand, Threading, policies)
{
  world w;
  toro::basic_bounded_semaphore<any_executor, Threading> sem(w.context(), 3);
  auto two = sem.try_acquire(2);
  boost::system::error_code ec;
  sem.release(2, ec);
  BOOST_TEST(ec == make_error_code(toro::error::over_released));
  two.detach();
  BOOST_TEST(!two);
  BOOST_TEST(sem.value() == 1u);
  sem.release(1);
  sem.release(1, ec);
  BOOST_TEST(!ec);
  BOOST_TEST(sem.value() == 3u);
}

TORO_TEST_CASE_TEMPLATE(reset_serves_the_next_waiter_later, Threading, policies)
{
  world w;
  lock_of<Threading> lk(w.context());
  auto held = lk.try_acquire();
  lk.async_acquire(w.on("next"));
  held.reset();
  BOOST_TEST(lk.locked());
  BOOST_TEST(w.poll() == "next");
}

TORO_TEST_CASE_TEMPLATE(downgrade_admits_readers_but_no_writer, Threading,
                        policies)
{
  world w;
  rw_lock_of<Threading> rw(w.context(), 3);
  auto writer = rw.try_acquire_write();
  rw.async_acquire_read(w.on("r1", let_go()));
  rw.async_acquire_write(w.on("w2"));
  rw.async_acquire_read(w.on("r3"));
  auto reader = std::move(writer).downgrade();
  BOOST_TEST(!writer);
  BOOST_TEST(static_cast<bool>(reader));
  BOOST_TEST(!rw.write_locked());
  BOOST_TEST(rw.readers() == 2u);
  BOOST_TEST(w.poll() == "r1");
  rw.release_read();
  reader.reset();
  BOOST_TEST(w.poll() == "w2 r3");
}

BOOST_AUTO_TEST_CASE(downgrade_where_no_reader_may_be_changes_nothing)
{
  world w;
  toro::rw_lock rw(w.context(), 0);
  auto writer = rw.try_acquire_write();
  BOOST_TEST(throws_code(
      [&]
      {
        static_cast<void>(std::move(writer).downgrade());
      },
      toro::error::impossible));
  BOOST_TEST(static_cast<bool>(writer));
  BOOST_TEST(rw.write_locked());
}

TORO_TEST_CASE_TEMPLATE(guards_outlive_primitive_and_context, Threading,
                        policies)
{
  world w;
  std::optional<toro::basic_lock<any_executor, Threading>> lk(std::in_place,
                                                              w.context());
  std::optional<toro::basic_rw_lock<any_executor, Threading>> rw(std::in_place,
                                                                 w.context());
  toro::basic_semaphore<any_executor, Threading> sem(w.context(), 2);
  auto g = lk->try_acquire();
  auto writer = rw->try_acquire_write();
  auto p = sem.try_acquire();
  auto q = sem.try_acquire();
  lk.reset();
  rw.reset();
  auto reader = std::move(writer).downgrade();
  BOOST_TEST(static_cast<bool>(reader));
  w.end_context();
  g.reset();
  reader.reset();
  p.detach();
  q.reset();
  BOOST_TEST(!g);
  BOOST_TEST(sem.value() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
