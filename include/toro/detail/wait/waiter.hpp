// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_WAIT_WAITER_HPP
#define TORO_DETAIL_WAIT_WAITER_HPP

#include <boost/intrusive/list_hook.hpp>
#include <boost/intrusive/slist_hook.hpp>

#include <cstdint>

namespace toro::detail {

// Implementation notes
//
// A waiter is one wait as the lower layers see it: a link in a queue, where it
// stands in its life, and how it ended. What is done about it (a handler, an
// executor, a timer) belongs to the layers above, which derive from it.
//
//   starting --park--> waiting --grant--> granted --commit--> ended
//       |                 |                  |
//       |                 +------end-------->+--roll back---> ended
//       +--grant--> granted
//       +--end----> ended

// Where a wait stands in its life.
enum class phase : unsigned char
{
  starting, // not linked anywhere yet
  waiting,  // in a wait_queue
  granted,  // success is on offer, the handler has not run
  decided   // the outcome is final
};

// How a wait ended.
enum class outcome : unsigned char
{
  success,
  cancelled,
  timed_out,
  closed,
  impossible
};

// Whether a wait may be delivered together with others.
enum class sharing : unsigned char
{
  never,
  possible
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
  // Not what rules go by: a broadcast grants waits without writing to them, and
  // phase_of() of the state tells.
  phase stage = phase::starting;

  // Invariant: success unless the stage is ended.
  outcome how = outcome::success;

  // Which of its state's queues a waiting waiter stands in; chosen by the
  // state, which has at most a handful.
  unsigned char queue_index = 0;

  sharing share = sharing::never;

  // The broadcast that a waiting waiter waits for, or zero.
  std::uint32_t epoch = 0;

protected:
  ~waiter() = default;
};

} // namespace toro::detail

#endif // TORO_DETAIL_WAIT_WAITER_HPP
