// SPDX-License-Identifier: BSL-1.0
#include "model/actions/semaphore.hpp"

#include <toro/detail/state/semaphore_state.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <numeric>
#include <utility>

#include "model/state/library.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::semaphore_state;
using toro::detail::semaphore_waiter;

// A wait, and how many permits it takes if they are free at its commit.
struct limited_waiter : semaphore_waiter
{
  std::size_t most = 0;
};

template <bool Shares>
class semaphore_library
  : public state_library<semaphore_state, limited_waiter, Shares>
{
  using base = state_library<semaphore_state, limited_waiter, Shares>;
  using base::state;

public:
  static constexpr bool is_lock = false;

  semaphore_library(std::size_t value, bool bounded)
    : base(value, bounded ? value : semaphore_state::unlimited),
      bound_(value),
      total_(value)
  {
  }

  void start_acquire(std::size_t n, patience how_long)
  {
    auto& w = this->add();
    w.permits = n;
    this->started(w, state.start_acquire(w, how_long != none));
  }

  void start_acquire_some(std::size_t least, std::size_t most,
                          patience how_long)
  {
    auto& w = this->add();
    w.most = most;
    w.permits = least <= most ? least : static_cast<std::size_t>(-1);
    this->started(w, state.start_acquire_some(w, how_long != none));
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

  void give_back(std::size_t n)
  {
    state.release_held(n);
    guards_.front() -= n;
    if (guards_.front() == 0)
      guards_.erase(guards_.begin());
  }

  // The rules do not see how permits are divided among guards.
  void split(std::size_t n)
  {
    guards_.front() -= n;
    guards_.push_back(n);
  }

  void merge()
  {
    const std::size_t n = pop_guard();
    guards_.front() += n;
  }

  std::size_t close()
  {
    return state.close();
  }

  std::size_t resize(std::size_t n)
  {
    total_ += n - std::exchange(bound_, n);
    return state.resize(n);
  }

  void deliver()
  {
    auto* const w = this->deliver_next();
    if (!w)
      return;
    state.take_more(*w, w->most);
    this->told.value = w->permits;
    if (w->permits != 0)
      guards_.push_back(w->permits);
  }

  void look(view& v) const
  {
    v.add("value", state.value());
    v.add("waiters", state.waiters());
  }

  // No permit is lost, and none is there twice.
  bool balances() const
  {
    const std::size_t owned =
        std::accumulate(guards_.begin(), guards_.end(), std::size_t(0));
    return state.value() == left_of(total_, owned);
  }

private:
  std::size_t pop_guard()
  {
    const std::size_t n = guards_.front();
    guards_.erase(guards_.begin());
    return n;
  }

  row<std::size_t> guards_;
  std::size_t bound_;

  // What may be free or held; what was detached may not. Below zero if a
  // smaller bound leaves less than that.
  std::size_t total_;
};

template <bool Shares = false, bool Changing = false>
void test_semaphore(const char* name, std::size_t value, bool bounded)
{
  lengths how_long = state_lengths();
  if (Changing)
    how_long.of_all = 5;
  test_all_sequences<semaphore_machine<semaphore_library<Shares>, Changing>>(
      name, how_long, value, bounded);
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

BOOST_AUTO_TEST_CASE(changing_semaphore_state_follows_the_model)
{
  test_semaphore<false, true>("changing semaphore of 2", 2, false);
}

BOOST_AUTO_TEST_CASE(changing_bounded_state_follows_the_model)
{
  test_semaphore<false, true>("changing bounded semaphore of 2", 2, true);
}
