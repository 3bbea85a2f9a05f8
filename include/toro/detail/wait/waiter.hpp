// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_WAIT_WAITER_HPP
#define TORO_DETAIL_WAIT_WAITER_HPP

#include <boost/intrusive/list_hook.hpp>
#include <boost/intrusive/slist_hook.hpp>

#include <cstdint>

namespace toro::detail {

// Implementation notes
//
// A waiter is one wait as the rules see it: its links in queues, its phase, and
// its outcome. The layers above derive from it and add a handler, executors and
// a deadline.
//
//   starting --park--> waiting --grant--> granted --commit--> decided
//
// A wait that succeeds immediately is granted without being parked. Each of the
// first three phases can end early: a starting or a waiting wait is decided,
// and a grant is revoked.

// The phase of a wait.
enum class phase : unsigned char
{
  starting, // not linked yet
  waiting,  // in a wait_queue
  granted,  // success, which can be revoked until the handler runs
  decided   // the outcome is final
};

// How a wait ended.
enum class outcome : unsigned char
{
  success,
  cancelled,
  timed_out,
  closed,
  impossible,
  underflow, // a count would fall below zero
  not_locked // the caller does not own the lock
};
struct wait_queue_tag;
struct ready_list_tag;

using wait_queue_hook = boost::intrusive::list_base_hook<
    boost::intrusive::tag<wait_queue_tag>,
    boost::intrusive::link_mode<boost::intrusive::normal_link>>;

using ready_list_hook = boost::intrusive::slist_base_hook<
    boost::intrusive::tag<ready_list_tag>,
    boost::intrusive::link_mode<boost::intrusive::normal_link>>;

// Safety: linked by address, so neither copied nor moved.
class waiter : public wait_queue_hook, public ready_list_hook
{
public:
  waiter() noexcept = default;
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;

  // Invariant: the wait is linked by its first hook while waiting or granted.
  // Rules call phase_of() of the state instead, since a broadcast grants waits
  // without writing to them.
  phase stage = phase::starting;

  // Invariant: success unless the wait is decided.
  outcome how = outcome::success;

  // Which queue of the state the waiter is in. The state chooses the numbers.
  unsigned char queue_index = 0;

  // Whether the wait may be delivered in one batch with others. Why bits: what
  // is here has eight bytes with the epoch, and each wait would be larger by
  // eight more.
  bool can_batch : 1 = false;

  // Whether a claim is asked at the commit, which may refuse it. Until then
  // nothing may rely on the grant.
  bool has_claim : 1 = false;

  // The number of the broadcast that the waiter waits for, or zero.
  std::uint32_t epoch = 0;

protected:
  ~waiter() = default;
};

} // namespace toro::detail

#endif // TORO_DETAIL_WAIT_WAITER_HPP
