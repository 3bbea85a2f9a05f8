// SPDX-License-Identifier: BSL-1.0
// Operations as members of parallel groups, where nothing may be lost.

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "support/case_template.hpp"
#include "unit/conformance/fixture.hpp"

namespace asio = boost::asio;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(groups)

namespace {

// Two operations that end at about the same time, each with its handler's
// report; first is the index of the one that a group saw first.
struct race
{
  explicit race(asio::io_context& io)
    : other_event(io)
  {
  }

  toro::event other_event;
  std::size_t first = 2;
};

using case_subject = subject;

template <class Operation>
using case_subject_of = plain_subject_of<Operation>;

// The operation as a member of a group, to which its record gives the error
// code and keeps the value. So there is one type of groups for all operations.
template <class Token>
auto async_record(subject& s, call_record& report, Token&& token)
{
  return asio::async_initiate<Token, void(error_code)>(
      [](auto handler, const launcher& launch, call_record& to)
      {
        const auto slot = asio::get_associated_cancellation_slot(handler);
        auto kept = std::make_shared<decltype(handler)>(std::move(handler));
        to.on_call = [kept = std::move(kept), &to]
        {
          auto member = std::move(*kept);
          std::move(member)(to.ec);
        };
        launch(asio::bind_cancellation_slot(slot, recording_handler(to)));
      },
      token, s.defer(), std::ref(report));
}

void start_group(subject& s, race& r, call_record& mine, call_record& other)
{
  auto group = asio::experimental::make_parallel_group(
      async_record(s, mine, asio::deferred),
      r.other_event.async_wait(asio::deferred));
  group.async_wait(asio::experimental::wait_for_one(),
                   [&r, &mine, &other](std::array<std::size_t, 2> order,
                                       error_code ec, error_code ec2)
                   {
                     r.first = order[0];
                     BOOST_TEST(ec == mine.ec);
                     other.note(ec2);
                   });
}

// A group of two of the operation, of which one is enough, and a record of the
// group.
void start_range(subject& s, call_record& one, call_record& two,
                 call_record& both)
{
  auto group = asio::experimental::make_parallel_group(
      std::vector{async_record(s, one, asio::deferred),
                  async_record(s, two, asio::deferred)});
  group.async_wait(
      asio::experimental::wait_for_one(),
      [&one, &two, &both](std::vector<std::size_t>, std::vector<error_code> ec)
      {
        BOOST_TEST(ec[0] == one.ec);
        BOOST_TEST(ec[1] == two.ec);
        both.note({});
      });
}

// What a group of an operation and an event gets.
void note_member(call_record& mine, call_record& other, error_code ec,
                 error_code ec2)
{
  mine.note(ec);
  other.note(ec2);
}

template <class Value>
void note_member(call_record& mine, call_record& other, error_code ec,
                 Value value, error_code ec2)
{
  mine.note(ec, std::move(value));
  other.note(ec2);
}

// Which of the operations have no group of their own types in the races.
using not_raced =
    with_both_policies<cancellation_source_wait, latch_wait, latch_arrive,
                       barrier_arrive, wait_group_wait, wait_group_close,
                       broadcast_put, broadcast_get, watch_next,
                       weighted_queue_reserve, queue_next, delay_queue_get>;

} // namespace

// The groups get the error codes and the values from the operations themselves.
TORO_TEST_CASE_TEMPLATE(group_gets_the_value, Operation, not_raced)
{
  for (bool mine_first : {false, true})
  {
    call_record mine;
    call_record other;
    manual_clock clock;
    asio::io_context io;
    clock.install(io);
    subject_of<Operation> s(io.get_executor());
    race r(io);
    asio::experimental::make_parallel_group(
        s.start(asio::deferred), r.other_event.async_wait(asio::deferred))
        .async_wait(
            asio::experimental::wait_for_one(),
            [&](std::array<std::size_t, 2> order, error_code ec, auto... rest)
            {
              r.first = order[0];
              note_member(mine, other, ec, std::move(rest)...);
            });
    io.poll();
    if (mine_first)
      s.grant();
    r.other_event.set();
    if (!mine_first)
      s.grant();
    io.restart();
    io.poll();
    const error_code late =
        Operation::grant_is_final ? error_code() : aborted();
    BOOST_TEST(r.first == (mine_first ? 0u : 1u));
    BOOST_TEST(mine.has(mine_first ? error_code() : late));
    BOOST_TEST(other.has(mine_first ? aborted() : error_code()));
    if (!mine_first)
      BOOST_TEST((s.is_whole() || Operation::grant_is_final));
  }
}

TORO_TEST_CASE_TEMPLATE(group_of_any_size_gets_the_values, Operation, not_raced)
{
  call_record one;
  call_record two;
  manual_clock clock;
  asio::io_context io;
  clock.install(io);
  subject_of<Operation> s(io.get_executor());
  std::vector<decltype(s.start(asio::deferred))> operations;
  operations.push_back(s.start(asio::deferred));
  operations.push_back(s.start(asio::deferred));
  asio::experimental::make_parallel_group(std::move(operations))
      .async_wait(asio::experimental::wait_for_one(),
                  [&](std::vector<std::size_t>, std::vector<error_code> ec,
                      auto... values)
                  {
                    // Not the proxies of a vector of bool.
                    using value_type = typename Operation::value_type;
                    one.note(ec[0], value_type(std::move(values[0]))...);
                    two.note(ec[1], value_type(std::move(values[1]))...);
                  });
  io.poll();
  s.grant();
  io.restart();
  io.poll();
  BOOST_TEST(one.succeeded());
  BOOST_TEST(two.has(Operation::grants_all && Operation::grant_is_final
                         ? error_code()
                         : aborted()));
  BOOST_TEST(s.object.cancel() == 0u);
}

TORO_CONFORMANCE_CASE(case_subject, group_of_fixed_size_loses_nothing)
{
  for (bool mine_first : {false, true})
  {
    fixture<case_subject> f(kind);
    race r(f.io);
    start_group(*f.subject, r, f.first, f.second);
    f.turn();
    BOOST_TEST(f.subject->waiters() == 1u);
    if (mine_first)
      f.subject->grant();
    r.other_event.set();
    if (!mine_first)
      f.subject->grant();
    f.turn();
    BOOST_TEST(r.first == (mine_first ? 0u : 1u));
    BOOST_TEST(f.first.has(mine_first ? error_code() : late_result(kind)));
    BOOST_TEST(f.second.has(mine_first ? aborted() : error_code()));
    if (!mine_first)
      BOOST_TEST((f.subject->is_whole() || kind.grant_is_final));
  }
}

TORO_CONFORMANCE_CASE(case_subject, group_of_any_size)
{
  fixture<case_subject> f(kind);
  start_range(*f.subject, f.first, f.second, f.third);
  f.turn();
  BOOST_TEST(f.subject->waiters() == 2u);
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.first.succeeded());
  BOOST_TEST(f.second.has(late_result_behind(kind)));
  BOOST_TEST(f.third.succeeded());
  BOOST_TEST(f.subject->cancel() == 0u);
}

// Ended in one go, as a whole.
TORO_CONFORMANCE_CASE(case_subject, group_of_any_size_is_cancelled)
{
  fixture<case_subject> f(kind);
  start_range(*f.subject, f.first, f.second, f.third);
  f.turn();
  f.subject->grant();
  BOOST_TEST(f.subject->cancel() == cancellable(kind, 2));
  f.turn();
  BOOST_TEST(f.first.has(late_result(kind)));
  BOOST_TEST(f.second.has(late_result_behind(kind)));
  BOOST_TEST(f.third.succeeded());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
