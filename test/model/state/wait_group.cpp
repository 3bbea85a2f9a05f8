// SPDX-License-Identifier: BSL-1.0
#include "model/actions/wait_group.hpp"

#include <toro/detail/state/wait_group_state.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>

#include "model/state/library.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::wait_group_state;
using toro::detail::wait_group_waiter;

template <bool Shares>
class wait_group_library
  : public state_library<wait_group_state, wait_group_waiter, Shares>
{
  using base = state_library<wait_group_state, wait_group_waiter, Shares>;
  using base::state;

public:
  bool enter()
  {
    return state.enter();
  }

  void reset_guard()
  {
    state.leave_held();
  }

  void detach_guard()
  {
    state.detach();
  }

  std::size_t leave()
  {
    return state.leave().value_or(nothing);
  }

  std::size_t close()
  {
    return state.close();
  }

  void start_wait(patience how_long)
  {
    auto& w = this->add();
    this->started(w, state.start_wait(w, how_long != none));
  }

  // As the core does: the first attempt is not allowed to wait, and changes
  // nothing if the operation does not complete immediately.
  void start_close(patience how_long)
  {
    auto& w = this->add();
    const bool was_open = state.is_open();
    if (state.start_close(w, false))
      return;
    closed_too_early_ += state.is_open() != was_open;
    this->started(w, state.start_close(w, how_long != none));
  }

  void deliver()
  {
    this->deliver_next();
  }

  void look(view& v) const
  {
    v.add("count", state.count());
    v.add("open", state.is_open());
    v.add("waiters", state.waiters());
  }

  std::size_t mistakes() const
  {
    return base::mistakes() + closed_too_early_;
  }

private:
  std::size_t closed_too_early_ = 0;
};

} // namespace

BOOST_AUTO_TEST_CASE(wait_group_state_follows_the_model)
{
  test_all_sequences<wait_group_machine<wait_group_library<false>>>(
      "wait_group", state_lengths());
}

BOOST_AUTO_TEST_CASE(wait_group_state_follows_the_model_with_shared_deliveries)
{
  test_all_sequences<wait_group_machine<wait_group_library<true>>>(
      "wait_group, shared", state_lengths());
}
