// SPDX-License-Identifier: BSL-1.0
#include "model/actions/latch.hpp"

#include <toro/detail/state/latch_state.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>

#include "model/state/library.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::latch_state;
using toro::detail::latch_waiter;

template <bool Shares>
class latch_library : public state_library<latch_state, latch_waiter, Shares>
{
  using base = state_library<latch_state, latch_waiter, Shares>;
  using base::state;

public:
  explicit latch_library(std::size_t expected)
    : base(expected)
  {
  }

  void start_wait(patience how_long)
  {
    auto& w = this->add();
    this->started(w, state.start_wait(w, how_long != none));
  }

  // As the core does: the first attempt is not allowed to wait.
  void start_arrive(patience how_long)
  {
    auto& w = this->add();
    if (!state.start_arrive(w, false))
      this->started(w, state.start_arrive(w, how_long != none));
  }

  std::size_t count_down(std::size_t n)
  {
    return state.count_down(n).value_or(nothing);
  }

  void deliver()
  {
    this->deliver_next();
  }

  void look(view& v) const
  {
    v.add("count", state.count());
    v.add("waiters", state.waiters());
  }
};

template <bool Shares = false>
void test_latch(const char* name, std::size_t expected)
{
  test_all_sequences<latch_machine<latch_library<Shares>>>(
      name, state_lengths(), expected);
}

} // namespace

BOOST_AUTO_TEST_CASE(latch_state_follows_the_model)
{
  test_latch("latch of 0", 0);
  test_latch("latch of 1", 1);
  test_latch("latch of 3", 3);
}

BOOST_AUTO_TEST_CASE(latch_state_follows_the_model_with_shared_deliveries)
{
  test_latch<true>("latch of 3, shared", 3);
}
