// SPDX-License-Identifier: BSL-1.0
#include "model/actions/barrier.hpp"

#include <toro/detail/state/barrier_state.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>

#include "model/state/library.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::barrier_state;
using toro::detail::barrier_waiter;

template <bool Shares>
class barrier_library
  : public state_library<barrier_state, barrier_waiter, Shares>
{
  using base = state_library<barrier_state, barrier_waiter, Shares>;
  using base::state;

public:
  explicit barrier_library(std::size_t parties)
    : base(parties)
  {
  }

  // As the core does: the first attempt is not allowed to wait.
  void start_arrive(patience how_long)
  {
    auto& w = this->add();
    if (!state.start_arrive(w, false))
      this->started(w, state.start_arrive(w, how_long != none));
  }

  std::size_t drop()
  {
    return state.drop().value_or(nothing);
  }

  void deliver()
  {
    if (const auto* const w = this->deliver_next())
      this->told.value = w->is_last;
  }

  void look(view& v) const
  {
    v.add("parties", state.parties());
    v.add("phase", state.phase());
    v.add("arrived", state.waiters());
  }
};

template <bool Shares = false>
void test_barrier(const char* name, std::size_t parties)
{
  test_all_sequences<barrier_machine<barrier_library<Shares>>>(
      name, state_lengths(), parties);
}

} // namespace

BOOST_AUTO_TEST_CASE(barrier_state_follows_the_model)
{
  test_barrier("barrier of 1", 1);
  test_barrier("barrier of 2", 2);
  test_barrier("barrier of 3", 3);
}

BOOST_AUTO_TEST_CASE(barrier_state_follows_the_model_with_shared_deliveries)
{
  test_barrier<true>("barrier of 3, shared", 3);
}
