// SPDX-License-Identifier: BSL-1.0
#include "model/actions/rw_lock.hpp"

#include <toro/detail/state/rw_lock_state.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>

#include "model/state/library.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::rw_access;

rw_access access_of(side s)
{
  return s == side::reading ? rw_access::read : rw_access::write;
}

class rw_lock_library
  : public state_library<toro::detail::rw_lock_state, toro::detail::waiter>
{
public:
  using state_library::state_library;

  void start_acquire(side s, patience how_long)
  {
    wait& w = add();
    started(w, state.start_acquire(w, access_of(s), how_long != none));
  }

  void start_upgrade(patience how_long)
  {
    wait& w = add();
    started(w, state.start_upgrade(w, how_long != none));
  }

  bool try_upgrade()
  {
    const bool done = state.try_upgrade();
    readers_ -= done;
    writers_ += done;
    return done;
  }

  bool try_acquire(side s)
  {
    const bool taken = state.try_acquire(access_of(s));
    holds(s) += taken;
    return taken;
  }

  std::size_t release(side s)
  {
    const auto granted = state.release(access_of(s));
    holds(s) -= granted.has_value();
    return granted.value_or(nothing);
  }

  void reset_guard(side s)
  {
    state.release_held(access_of(s));
    --holds(s);
  }

  void detach_guard(side s)
  {
    state.detach(access_of(s));
  }

  bool downgrade()
  {
    const bool done = state.downgrade();
    writers_ -= done;
    readers_ += done;
    return done;
  }

  void deliver()
  {
    const wait* const w = deliver_next();
    if (!w)
      return;
    readers_ -= is_upgrade(*w);
    const bool writes =
        is_upgrade(*w) ||
        static_cast<rw_access>(w->queue_index) == rw_access::write;
    ++holds(writes ? side::writing : side::reading);
    told.value = writes;
  }

  // The guard of a reader ends with the handler of its upgrade.
  void abandon()
  {
    wait& w = take_next();
    state.revoke_or_commit(w);
    if (is_upgrade(w))
      reset_guard(side::reading);
  }

  void look(view& v) const
  {
    v.add("readers", state.readers());
    v.add("write locked", state.write_locked());
    v.add("locked", state.locked());
    v.add("waiters", state.waiters());
  }

  // Those inside are those who were let in and have not left.
  bool balances() const
  {
    return state.readers() == readers_ && state.write_locked() == writers_ &&
           writers_ + (readers_ != 0) <= 1;
  }

private:
  static bool is_upgrade(const wait& w)
  {
    return w.queue_index == 2;
  }

  std::size_t& holds(side s)
  {
    return s == side::reading ? readers_ : writers_;
  }

  // Held by guards or detached from them.
  std::size_t readers_ = 0;
  std::size_t writers_ = 0;
};

void test_rw_lock(const char* name, std::size_t max_readers,
                  lengths how_long = state_lengths())
{
  test_all_sequences<rw_lock_machine<rw_lock_library>>(name, how_long,
                                                       max_readers);
}

} // namespace

BOOST_AUTO_TEST_CASE(rw_lock_state_follows_the_model)
{
  test_rw_lock("rw_lock of 3", 3, {4, 5}); // An upgrade holds back a third.
  test_rw_lock("rw_lock of 2", 2);
  test_rw_lock("rw_lock of 1", 1);
  test_rw_lock("rw_lock of 0", 0);
}
