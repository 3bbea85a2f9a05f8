// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_OPERATION_HPP
#define TORO_DETAIL_OPERATION_OPERATION_HPP

#include <toro/deadline.hpp>

#include <toro/detail/deadline/deadline_set.hpp>
#include <toro/detail/executor/object_executor.hpp>
#include <toro/detail/operation/delivery.hpp>

#include <memory>
#include <string_view>

namespace toro::detail {

template <class State>
class operation;

// The cancellation slot's side of a link to an operation. Each side points at
// the other, and either may be destroyed first.
template <class State>
class slot_link
{
public:
  // Invariant: guarded by the lock of the object, like the operation's link.
  operation<State>* op = nullptr;

protected:
  ~slot_link() = default;
};

// A wait with an Asio handler. The handler and its executor are in the derived
// class, wait_op.
template <class State>
class operation : public State::waiter_type, public deliverable
{
public:
  // Tries, or parks the operation if it may wait. Requires lock.
  virtual bool start(State& state, bool may_wait) = 0;

  // The operation is about to wait. Its executors are told of outstanding work.
  virtual void prepare_to_wait() = 0;

  // The operation is about to wait until a deadline.
  virtual void watch_deadline(deadline::time_point when) = 0;

  // The name that dumps show.
  virtual std::string_view name() const = 0;

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

  slot_link<State>* link = nullptr;

  // Whether this is a timed_operation whose deadline counts.
  bool has_deadline = false;

  // Whether that deadline is registered.
  bool deadline_registered = false;

  object_work work = object_work::none;

  // Whether the operation may wait after its first attempt: nothing is to be
  // done before that, and to tell the executors of outstanding work throws
  // nothing and calls no user code.
  bool may_wait_at_once = false;

  // Whether the delivery is posted directly to the handler's executor. Work on
  // the object's executor ends then.
  bool posts_directly = false;

protected:
  ~operation() = default;
};

struct operation_destroyer
{
  template <class State>
  void operator()(operation<State>* op) const noexcept
  {
    op->destroy();
  }
};

// Owns an operation that is in no list.
template <class State>
using operation_pointer =
    std::unique_ptr<operation<State>, operation_destroyer>;

// What the type of an operation says of its launch. The functions are known by
// their addresses, so that the entry that calls them is compiled once for all
// types of handlers.
template <class State>
struct launch_traits
{
  unsigned char kind;

  // The operation completes immediately, so that the others with the same claim
  // need not be started. Requires lock. Null for operations without a claim.
  void (*note_immediate)(operation<State>&) noexcept = nullptr;

  // Completes through the handler's immediate executor, possibly within this
  // call. Null for handlers that have none.
  void (*submit_immediately)(operation<State>&) = nullptr;
};

// An operation that was started with a deadline.
template <class State>
class timed_operation : public operation<State>, public deadline_entry
{
protected:
  ~timed_operation() = default;
};

} // namespace toro::detail

#endif // TORO_DETAIL_OPERATION_OPERATION_HPP
