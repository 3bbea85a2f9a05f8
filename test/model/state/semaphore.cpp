// SPDX-License-Identifier: BSL-1.0
#include "model/actions/semaphore.hpp"

#include <toro/detail/state/semaphore_state.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <numeric>

#include "model/state/library.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::semaphore_state;
using toro::detail::semaphore_waiter;

template <bool Shares>
class semaphore_library
  : public state_library<semaphore_state, semaphore_waiter, Shares>
{
  using base = state_library<semaphore_state, semaphore_waiter, Shares>;
  using base::state;

public:
  static constexpr bool is_lock = false;

  semaphore_library(std::size_t value, bool bounded)
    : base(value, bounded ? value : semaphore_state::unlimited),
      total_(value)
  {
  }

  void start_acquire(std::size_t n, patience how_long)
  {
    auto& w = this->add();
    w.permits = n;
    this->started(w, state.start_acquire(w, how_long != none));
  }

  void start_watch(patience how_long)
  {
    auto& w = this->add();
    this->started(w, state.start_wait(w, how_long != none));
  }

  bool try_acquire(std::size_t n)
  {
    if (!state.try_acquire(n))
      return false;
    guards_.push_back(n);
    return true;
  }

  std::size_t release(std::size_t n)
  {
    const auto granted = state.release(n);
    if (granted)
      total_ += n;
    return granted.value_or(nothing);
  }

  void reset_guard()
  {
    state.release_held(pop_guard());
  }

  void detach_guard()
  {
    const std::size_t n = pop_guard();
    state.detach(n);
    total_ -= n;
  }

  void deliver()
  {
    const auto* const w = this->deliver_next();
    if (w && w->permits != 0)
    {
      this->told.value = w->permits;
      guards_.push_back(w->permits);
    }
  }

  void look(view& v) const
  {
    v.add("value", state.value());
    v.add("waiters", state.waiters());
  }

  // No permit is lost, and none is there twice.
  bool balances() const
  {
    return std::accumulate(guards_.begin(), guards_.end(), state.value()) ==
           total_;
  }

private:
  std::size_t pop_guard()
  {
    const std::size_t n = guards_.front();
    guards_.erase(guards_.begin());
    return n;
  }

  row<std::size_t> guards_;

  // What is free or held; what was detached is neither.
  std::size_t total_;
};

template <bool Shares = false>
void test_semaphore(const char* name, std::size_t value, bool bounded)
{
  test_all_sequences<semaphore_machine<semaphore_library<Shares>>>(
      name, state_lengths(), value, bounded);
}

} // namespace

BOOST_AUTO_TEST_CASE(semaphore_state_follows_the_model)
{
  test_semaphore("semaphore of 0", 0, false);
  test_semaphore("semaphore of 2", 2, false);
}

BOOST_AUTO_TEST_CASE(semaphore_state_follows_the_model_with_shared_deliveries)
{
  test_semaphore<true>("semaphore of 0, shared", 0, false);
}

BOOST_AUTO_TEST_CASE(bounded_state_follows_the_model)
{
  test_semaphore("lock", 1, true);
  test_semaphore("bounded semaphore of 2", 2, true);
  test_semaphore("bounded semaphore of 0", 0, true);
}
