// SPDX-License-Identifier: BSL-1.0
// Operations as members of parallel groups, where nothing may be lost.

#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

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
  bool done = false;
};

class case_subject : public subject
{
public:
  virtual void start_group(race& r, call_record& mine, call_record& other) = 0;

  // A group of two of the operation, of which one is enough.
  virtual void start_range(call_record& one, call_record& two) = 0;
};

template <class Operation>
class case_subject_of : public subject_base<Operation, case_subject>
{
  using value_type = typename Operation::value_type;
  static constexpr bool has_value = !std::is_void_v<value_type>;

public:
  using subject_base<Operation, case_subject>::subject_base;

  void start_group(race& r, call_record& mine, call_record& other) override
  {
    auto group = asio::experimental::make_parallel_group(
        this->it.start(asio::deferred),
        r.other_event.async_wait(asio::deferred));
    if constexpr (has_value)
      group.async_wait(asio::experimental::wait_for_one(),
                       [&r, &mine, &other](std::array<std::size_t, 2> order,
                                           error_code ec, value_type value,
                                           error_code ec2)
                       {
                         r.done = true;
                         r.first = order[0];
                         mine.note(ec, std::move(value));
                         other.note(ec2);
                       });
    else
      group.async_wait(asio::experimental::wait_for_one(),
                       [&r, &mine, &other](std::array<std::size_t, 2> order,
                                           error_code ec, error_code ec2)
                       {
                         r.done = true;
                         r.first = order[0];
                         mine.note(ec);
                         other.note(ec2);
                       });
  }

  void start_range(call_record& one, call_record& two) override
  {
    std::vector<decltype(this->it.start(asio::deferred))> operations;
    operations.push_back(this->it.start(asio::deferred));
    operations.push_back(this->it.start(asio::deferred));
    auto group = asio::experimental::make_parallel_group(std::move(operations));
    if constexpr (has_value)
      group.async_wait(asio::experimental::wait_for_one(),
                       [&one, &two](std::vector<std::size_t>,
                                    std::vector<error_code> ec,
                                    std::vector<value_type> value)
                       {
                         // Not the proxies of a vector of bool.
                         one.note(ec[0], value_type(std::move(value[0])));
                         two.note(ec[1], value_type(std::move(value[1])));
                       });
    else
      group.async_wait(
          asio::experimental::wait_for_one(),
          [&one, &two](std::vector<std::size_t>, std::vector<error_code> ec)
          {
            one.note(ec[0]);
            two.note(ec[1]);
          });
  }
};

} // namespace

TORO_CONFORMANCE_CASE(case_subject, group_of_fixed_size_loses_nothing)
{
  for (bool mine_first : {false, true})
  {
    fixture<case_subject> f(kind);
    race r(f.io);
    f.subject->start_group(r, f.first, f.second);
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
  f.subject->start_range(f.first, f.second);
  f.turn();
  BOOST_TEST(f.subject->waiters() == 2u);
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.first.succeeded());
  BOOST_TEST(f.second.has(late_result_behind(kind)));
  BOOST_TEST(f.subject->cancel() == 0u);
}

// Ended in one go, as a whole.
TORO_CONFORMANCE_CASE(case_subject, group_of_any_size_is_cancelled)
{
  fixture<case_subject> f(kind);
  f.subject->start_range(f.first, f.second);
  f.turn();
  f.subject->grant();
  BOOST_TEST(f.subject->cancel() == cancellable(kind, 2));
  f.turn();
  BOOST_TEST(f.first.has(late_result(kind)));
  BOOST_TEST(f.second.has(late_result_behind(kind)));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
