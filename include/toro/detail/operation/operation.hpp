// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_OPERATION_HPP
#define TORO_DETAIL_OPERATION_OPERATION_HPP

#include <toro/detail/deadline/deadline_set.hpp>
#include <toro/detail/executor/object_executor.hpp>
#include <toro/detail/operation/delivery.hpp>

namespace toro::detail {

template <class Waiter>
class operation;

// The cancellation slot's side of a link to an operation. Each side points at
// the other, and either may be destroyed first.
template <class Waiter>
class slot_link
{
public:
  // Invariant: guarded by the lock of the object, like the operation's link.
  operation<Waiter>* op = nullptr;

protected:
  ~slot_link() = default;
};

// A wait with an Asio handler. The handler and its executor are in the derived
// class, wait_op.
template <class Waiter>
class operation : public Waiter, public deliverable
{
public:
  // Submits the delivery to an executor. If the submission was dropped, by an
  // exception or without one, the caller still owns the operation.
  virtual void submit(const submission& current) = 0;

  // Ends the operation without invoking its handler.
  virtual void destroy() noexcept = 0;

  // Later emissions of the cancellation signal have no effect. Requires lock.
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
  bool deadline_registered = false;

  object_work work = object_work::none;

  // Whether the delivery is posted directly to the handler's executor. Work on
  // the object's executor ends then.
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
