// SPDX-License-Identifier: BSL-1.0
// Turns of a broadcast that find no memory.
#include <toro/event.hpp>

#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <optional>

#include "support/case_template.hpp"
#include "support/world.hpp"

namespace {

// Whether an allocation of Asio's fails, and whether one has.
bool fails = false;
bool has_failed = false;

} // namespace

// What Asio allocates the functions with that an executor keeps.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size)
{
  if (fails)
  {
    has_failed = true;
    return nullptr;
  }
  void* memory = nullptr;
  return posix_memalign(&memory, alignment, size) == 0 ? memory : nullptr;
}

namespace toro_test {

namespace {

// More than are delivered in one turn.
constexpr int many = 100;

// An event on a strand, whose first broadcast finds no memory.
template <class Threading>
struct refused_broadcast
{
  using event_type = toro::basic_event<any_executor, Threading>;

  refused_broadcast()
    : event(std::in_place, any_executor(boost::asio::make_strand(w.context())))
  {
    for (int i = 0; i != many; ++i)
      event->async_wait(
          [this](boost::system::error_code ec)
          {
            ++(ec ? aborted : succeeded);
          });
    fails = true;
    BOOST_CHECK_THROW(event->set(), std::bad_alloc);
    fails = false;
    BOOST_TEST(has_failed);
    BOOST_TEST(event->is_set());
    BOOST_TEST(event->waiters() == 0u);
    w.poll();
    BOOST_TEST(succeeded == 0);
  }

  world w;
  std::optional<event_type> event;
  int succeeded = 0;
  int aborted = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(turns)

TORO_TEST_CASE_TEMPLATE(next_entry_asks_for_a_turn, Threading, policies)
{
  refused_broadcast<Threading> b;
  b.event->set();
  b.w.poll();
  BOOST_TEST(b.succeeded == many);
}

// It is no broadcast, and comes behind.
TORO_TEST_CASE_TEMPLATE(next_grant_asks_for_a_turn, Threading, policies)
{
  refused_broadcast<Threading> b;
  int last = 0;
  b.event->async_wait(
      [&](boost::system::error_code)
      {
        last = b.succeeded;
      });
  b.w.poll();
  BOOST_TEST(last == many);
}

TORO_TEST_CASE_TEMPLATE(waits_without_a_turn_can_be_cancelled, Threading,
                        policies)
{
  refused_broadcast<Threading> b;
  BOOST_TEST(b.event->cancel() == static_cast<std::size_t>(many));
  b.w.poll();
  BOOST_TEST(b.aborted == many);
}

TORO_TEST_CASE_TEMPLATE(waits_without_a_turn_end_with_the_primitive, Threading,
                        policies)
{
  refused_broadcast<Threading> b;
  b.event.reset();
  b.w.poll();
  BOOST_TEST(b.aborted == many);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
