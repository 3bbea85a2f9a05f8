// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_OPERATION_HPP
#define TORO_DETAIL_OPERATION_OPERATION_HPP

#include <toro/detail/deadline/deadline_set.hpp>
#include <toro/detail/executor/object_executor.hpp>
#include <toro/detail/operation/delivery.hpp>

namespace toro::detail {

template <class Waiter>
class operation;

// What a cancellation slot knows of an operation. Each points at the other,
// and either may go first.
template <class Waiter>
class slot_link
{
public:
  // Invariant: guarded by the lock of the object, like the operation's link.
  operation<Waiter>* op = nullptr;

protected:
  ~slot_link() = default;
};

// A wait as an Asio operation: the handler and its executor are below.
template <class Waiter>
class operation : public Waiter, public deliverable
{
public:
  // Hands the delivery to an executor. Where that throws, or the submission
  // was dropped, the operation is still the caller's.
  virtual void submit(const submission& current) = 0;

  // Ends the operation without invoking its handler.
  virtual void destroy() noexcept = 0;

  // From now on an emission finds nothing. Requires lock.
  void cut_link() noexcept
  {
    if (link)
      link->op = nullptr;
    link = nullptr;
  }

  slot_link<Waiter>* link = nullptr;

  // Whether this is a timed_operation whose deadline counts.
  bool has_deadline = false;

  // Whether that deadline is registered.
  bool timed = false;

  object_work work = object_work::none;

  // Whether its delivery is posted past the object's executor, which is to be
  // let go then.
  bool posts_directly = false;

protected:
  ~operation() = default;
};

// An operation that was started with a deadline.
template <class Waiter>
class timed_operation : public operation<Waiter>, public deadline_entry
{
protected:
  ~timed_operation() = default;
};

} // namespace toro::detail

#endif // TORO_DETAIL_OPERATION_OPERATION_HPP
