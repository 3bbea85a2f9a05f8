// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_PREDICATE_OP_HPP
#define TORO_DETAIL_OPERATION_PREDICATE_OP_HPP

#include <boost/core/no_exceptions_support.hpp>

#include <exception>

namespace toro::detail {

// How it ended to park a granted operation again, whose predicate was false.
enum class park_result
{
  waits,   // it waits at its old position, and may be gone by now
  ended,   // its grant was revoked in the meantime
  outdated // a notification came in the meantime
};

// What a wait_op does before it commits: nothing, if it has no predicate.
template <class Operation, bool HasPredicate>
class predicate_op
{
protected:
  bool confirm(std::exception_ptr& /*failure*/) noexcept
  {
    return true;
  }
};

// A granted operation with a predicate asks that again: what the notification
// has announced may have changed since. If the predicate is false, the
// operation waits again, with work on the object's executor.
template <class Operation>
class predicate_op<Operation, true>
{
protected:
  // Returns true if the operation is to complete. Otherwise, also if this
  // throws, it waits again or was submitted again, and may be gone. If the
  // predicate throws and the operation has been cancelled, this returns true,
  // and the exception is left for after the handler's call.
  bool confirm(std::exception_ptr& failure)
  {
    Operation& op = static_cast<Operation&>(*this);
    const auto core = op.core_;
    if (op.request_.is_satisfied() || !core->is_granted(op))
      return true;
    const auto seen = core->notifications();
    if (ask(op, failure) || !park_again(op, *core, seen))
      return true;
    if (failure)
      std::rethrow_exception(failure);
    return false;
  }

private:
  static bool ask(Operation& op, std::exception_ptr& failure)
  {
    BOOST_TRY
    {
      return op.request_.ask();
    }
    BOOST_CATCH(...)
    {
      failure = std::current_exception();
    }
    BOOST_CATCH_END
    return false;
  }

  // Parks the operation again, or submits it again if a notification has come.
  // Returns false if it has ended and is to be delivered. Otherwise it may be
  // gone.
  template <class Core, class Count>
  static bool park_again(Operation& op, Core& core, Count seen)
  {
    bool has_ended = true;
    core.use_context(
        [&]
        {
          op.step_ = Operation::step::first;
          const bool has_left = op.handler_executor_.lacks_object_work();
          if (has_left)
            op.regain_object_work();
          const park_result result = core.park_again(op, seen);
          has_ended = result == park_result::ended;
          if (has_ended && has_left)
            op.handler_executor_.release_object_work();
          // Why not call the predicate again here: other functions of the
          // executor are to run in between.
          if (result == park_result::outdated)
            core.resubmit(op);
        });
    return !has_ended;
  }
};

} // namespace toro::detail

#endif // TORO_DETAIL_OPERATION_PREDICATE_OP_HPP
