// SPDX-License-Identifier: BSL-1.0
#include <toro.hpp>

#include <boost/test/unit_test.hpp>

#include <sstream>
#include <string>

#include "support/world.hpp"

BOOST_AUTO_TEST_SUITE(unit_format)

namespace {

using namespace toro_test;

// An item that cannot be printed.
struct opaque
{
  bool operator<(const opaque&) const
  {
    return false;
  }
};

template <class T>
std::string printed(const T& object)
{
  std::ostringstream out;
  out << object;
  BOOST_TEST(out.str() == to_string(object));
  return out.str();
}

} // namespace

BOOST_AUTO_TEST_CASE(primitives_show_counts_and_flags)
{
  world w;
  auto& c = w.context();

  toro::event ev(c);
  BOOST_TEST(printed(ev) == "<event clear>");
  toro::condition cv(c);
  BOOST_TEST(printed(cv) == "<condition>");

  toro::lock lk(c);
  const auto held = lk.try_acquire();
  BOOST_TEST(printed(lk) == "<lock locked>");

  toro::semaphore sem(c, 4);
  BOOST_TEST(printed(sem) == "<semaphore counter=4>");
  toro::bounded_semaphore bs(c, 3);
  const auto two = bs.try_acquire(2);
  BOOST_TEST(printed(bs) == "<bounded_semaphore counter=1>");

  toro::rw_lock rw(c);
  BOOST_TEST(printed(rw) == "<rw_lock unlocked>");
  auto writer = rw.try_acquire_write();
  BOOST_TEST(printed(rw) == "<rw_lock write_locked>");
  const auto reader = std::move(writer).downgrade();
  BOOST_TEST(printed(rw) == "<rw_lock read_locked readers=1>");
}

BOOST_AUTO_TEST_CASE(queues_show_counts_and_never_an_item)
{
  world w;
  auto& c = w.context();

  toro::queue<opaque> q(c, 2);
  BOOST_TEST(q.try_put(opaque()));
  q.async_join(w.on("join"));
  BOOST_TEST(printed(q) == "<queue maxsize=2 size=1 joiners[1] tasks=1>");
  q.close();
  BOOST_TEST(printed(q) ==
             "<queue maxsize=2 size=1 joiners[1] tasks=1 closed>");
  q.task_done();
  BOOST_TEST(w.poll() == "join");

  BOOST_TEST(printed(toro::lifo_queue<opaque>(c)) == "<lifo_queue maxsize=0>");
  BOOST_TEST(printed(toro::priority_queue<opaque>(c, 9)) ==
             "<priority_queue maxsize=9>");
}

BOOST_AUTO_TEST_CASE(results_show_what_they_are_and_never_the_value)
{
  world w;
  auto& c = w.context();

  toro::async_result<opaque> ar(c);
  BOOST_TEST(printed(ar) == "<async_result unset>");
  ar.set(opaque());
  BOOST_TEST(printed(ar) == "<async_result set>");
  toro::async_result<void> none(c);
  none.set_error(toro::error::closed);
  BOOST_TEST(printed(none) == "<async_result error>");
}

BOOST_AUTO_TEST_SUITE_END()
