// SPDX-License-Identifier: BSL-1.0
#include "model/actions/condition.hpp"

#include <toro/detail/state/condition_state.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>

#include "model/state/library.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;

template <bool Shares>
class condition_library
  : public state_library<toro::detail::condition_state,
                         toro::detail::condition_waiter, Shares>
{
  using base = state_library<toro::detail::condition_state,
                             toro::detail::condition_waiter, Shares>;
  using base::state;

public:
  void start_wait(patience how_long)
  {
    auto& w = this->add();
    w.may_decline = true;
    this->started(w, state.start_wait(w, how_long != none));
  }

  std::size_t notify(std::size_t n)
  {
    const std::size_t count = state.notify(n);
    offers_ += count;
    return count;
  }

  std::size_t notify_all()
  {
    const std::size_t count = state.notify_all();
    offers_ += count;
    return count;
  }

  void decline()
  {
    state.decline(this->take_next());
  }

  void deliver()
  {
    if (this->deliver_next())
      ++successes_;
  }

  void look(view& v) const
  {
    v.add("waiters", state.waiters());
  }

  // Nobody was woken by a notification that was not made.
  bool balances() const
  {
    return successes_ <= offers_;
  }

private:
  std::size_t offers_ = 0;
  std::size_t successes_ = 0;
};

} // namespace

BOOST_AUTO_TEST_CASE(condition_state_follows_the_model)
{
  test_all_sequences<condition_machine<condition_library<false>>>(
      "condition", state_lengths(1));
}

BOOST_AUTO_TEST_CASE(condition_state_follows_the_model_with_shared_deliveries)
{
  test_all_sequences<condition_machine<condition_library<true>>>(
      "condition, shared", state_lengths());
}
