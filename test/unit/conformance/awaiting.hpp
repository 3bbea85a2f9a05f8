// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_UNIT_CONFORMANCE_AWAITING_HPP
#define TORO_TEST_UNIT_CONFORMANCE_AWAITING_HPP

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <type_traits>
#include <utility>

#include "unit/conformance/fixture.hpp"

namespace toro_test {

// Waits and notes the value; passes a failure on.
template <class Value, class Awaited>
boost::asio::awaitable<void> note_value(Awaited awaited, call_record& report)
{
  if constexpr (std::is_void_v<Value>)
  {
    co_await std::move(awaited);
    report.note({});
  }
  else
  {
    Value value = co_await std::move(awaited);
    report.note({}, std::move(value));
  }
}

// Notes a failure as well. Keeps something until then.
inline boost::asio::awaitable<void>
note_end(boost::asio::awaitable<void> awaited, call_record& report,
         [[maybe_unused]] std::shared_ptr<void> kept = nullptr)
{
  try
  {
    co_await std::move(awaited);
  }
  catch (const boost::system::system_error& failure)
  {
    report.note(failure.code());
  }
}

// Checks a coroutine that waits, and notes what came of it.
template <class Subject>
void check_coroutine(
    const operation_kind<Subject>& kind,
    boost::asio::awaitable<void> (Subject::*await)(call_record& report))
{
  for (ending how : all_endings)
  {
    fixture<Subject> f(kind);
    bring_to_end(kind, f, how,
                 [&](Subject& s)
                 {
                   boost::asio::co_spawn(f.io, (s.*await)(f.first),
                                         boost::asio::detached);
                   BOOST_TEST(s.waiters() == 0u);
                   f.turn();
                 });
    f.turn();
    BOOST_TEST(f.first.has(result_of(kind, how)));
    BOOST_TEST(f.io.stopped());
  }
}

} // namespace toro_test

#endif // TORO_TEST_UNIT_CONFORMANCE_AWAITING_HPP
