// SPDX-License-Identifier: BSL-1.0
#include "model/actions/claim.hpp"

#include <toro/detail/state/claim.hpp>
#include <toro/detail/state/semaphore_state.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>

#include "model/state/library.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::semaphore_state;
using toro::detail::semaphore_waiter;

// One of the semaphores.
class side_library : public state_library<semaphore_state, semaphore_waiter>
{
public:
  explicit side_library(std::size_t value)
    : state_library(value, semaphore_state::unlimited)
  {
  }

  void start()
  {
    wait& w = add();
    w.has_claim = true;
    w.permits = 1;
    started(w, state.start_acquire(w, true));
  }

  void deliver(toro::detail::claim& of, std::size_t which)
  {
    wait& w = take_next();
    if (w.stage == toro::detail::phase::granted)
      toro::detail::commit_by_claim(state, w, claimant{of, which});
    told = {w.number, ending_of(w.how), 0};
  }

  std::size_t next() const
  {
    return under_way.front()->number;
  }

  semaphore_state& rules()
  {
    return state;
  }

  const semaphore_state& rules() const
  {
    return state;
  }
};

class claim_library
{
public:
  explicit claim_library(std::size_t value)
    : side_{side_library(value), side_library(value)},
      permits_{value, value}
  {
  }

  void select()
  {
    claims_.add();
    for (side_library& s : side_)
      s.start();
  }

  std::size_t release(std::size_t which)
  {
    ++permits_[which];
    return side_[which].rules().release(1).value_or(nothing);
  }

  bool try_acquire(std::size_t which)
  {
    const bool acquired = side_[which].rules().try_acquire(1);
    permits_[which] -= acquired;
    return acquired;
  }

  message deliver(std::size_t which)
  {
    side_library& s = side_[which];
    const std::size_t number = s.next();
    s.deliver(claims_[number], which);
    if (s.told.how == ending::success)
    {
      ++got_[which];
      owners_.push_back(number);
    }
    return s.told;
  }

  void cancel(std::size_t which, std::size_t w)
  {
    side_[which].cancel(w);
  }

  std::size_t cancel_all(std::size_t which)
  {
    return side_[which].cancel_all();
  }

  void settle()
  {
    for (side_library& s : side_)
      s.settle();
  }

  std::size_t value(std::size_t which) const
  {
    return side_[which].rules().value();
  }

  std::size_t waiters(std::size_t which) const
  {
    return side_[which].rules().waiters();
  }

  std::size_t under_way(std::size_t which) const
  {
    return side_[which].under_way_count();
  }

  // No selection has got two permits, and all permits are with selections or
  // free.
  bool balances(const row<std::size_t>& winners) const
  {
    std::size_t won = 0;
    for (const std::size_t which : winners)
      won += which != nothing;
    for (std::size_t i = 0; i != owners_.size(); ++i)
    {
      for (std::size_t j = 0; j != i; ++j)
      {
        if (owners_[i] == owners_[j])
          return false;
      }
    }
    return owners_.size() == won && got_[0] + value(0) == permits_[0] &&
           got_[1] + value(1) == permits_[1];
  }

private:
  std::array<side_library, 2> side_;
  std::array<std::size_t, 2> permits_;
  std::array<std::size_t, 2> got_{};
  row<std::size_t> owners_;
  pool<toro::detail::claim> claims_;
};

} // namespace

BOOST_AUTO_TEST_CASE(claim_is_got_once_and_loses_nothing)
{
  for (const std::size_t value : std::initializer_list<std::size_t>{0, 1})
    test_all_sequences<claim_machine<claim_library>>(
        "claim on " + std::to_string(value) + " permits", state_lengths(),
        value);
}

BOOST_AUTO_TEST_CASE(claim_remembers_its_owner)
{
  toro::detail::claim c;
  BOOST_TEST(c.owner() == toro::detail::claim::nobody);
  BOOST_TEST(c.take(1));
  BOOST_TEST(!c.take(0));
  BOOST_TEST(c.take(1));
  BOOST_TEST(c.owner() == 1u);
}
