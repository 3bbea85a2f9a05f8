// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_FAST_OP_HPP
#define TORO_DETAIL_OPERATION_FAST_OP_HPP

#include <toro/detail/associated_name.hpp>
#include <toro/detail/compat.hpp>
#include <toro/detail/executor/handler_executor.hpp>
#include <toro/detail/executor/object_executor.hpp>
#include <toro/detail/executor/posting.hpp>
#include <toro/detail/operation/completion.hpp>
#include <toro/detail/operation/handler_claim.hpp>

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>

#include <type_traits>
#include <utility>

namespace toro::detail {

// Implementation notes
//
// An operation that completes immediately, in the usual surroundings. The
// executor runs the completion itself: this function object. The operation has
// no memory of its own; the state sees a fast_waiter that the core keeps. Why:
// with the allocation, virtual calls and lists of a wait_op, an acquire that
// does not wait costs twice as much.
//
// The usual surroundings are those in which nothing between the grant and the
// handler's call can fail or take another path: a known executor of Asio's, the
// default allocator, no connected cancellation slot, no claim, and a handler
// that moves without throwing. If the executor cannot allocate, the grant is
// revoked and the initiation throws.
template <class Core, class Request, class Handler, class IoExecutor>
class fast_op
{
  using core_pointer = typename Core::pointer;
  using waiter_type = typename Core::fast_waiter;
  using executor_type = boost::asio::associated_executor_t<Handler, IoExecutor>;

public:
  static constexpr bool is_possible =
      !Request::has_predicate && !has_immediate_executor<Handler> &&
      !handler_claim<Handler>::exists &&
      std::is_nothrow_move_constructible_v<Handler> &&
      is_std_allocator<boost::asio::associated_allocator_t<Handler>> &&
      may_be_known_executor<executor_type>;

  // Launches the operation. Returns false, with nothing changed or moved from,
  // if it cannot complete this way.
  static bool launch(core_pointer& core,
                     const kept_executor<IoExecutor>& object, Request& request,
                     Handler& handler)
  {
    if (core->expects_wait(Request::kind) ||
        boost::asio::get_associated_cancellation_slot(handler).is_connected())
      return false;
    if constexpr (has_own_executor<Handler>)
    {
      const executor_type own =
          boost::asio::get_associated_executor(handler, object.get());
      if (!detail::same_executor(object.get(), own))
      {
        if constexpr (may_go_elsewhere)
          return detail::is_known(own) &&
                 start(core, request, handler,
                       [&](const Core&, fast_op&& op, const auto& allocator)
                       {
                         detail::post_on_known(own, std::move(op), allocator);
                       });
        else
          return false;
      }
    }
    return object.is_object_executor &&
           start(core, request, handler,
                 [](const Core& owner, fast_op&& op, const auto& allocator)
                 {
                   owner.get_object_executor().post(std::move(op), allocator);
                 });
  }

  fast_op(fast_op&& other) noexcept
    : waiter_(std::exchange(other.waiter_, nullptr)),
      request_(std::move(other.request_)),
      handler_(std::move(other.handler_))
  {
  }

  ~fast_op()
  {
    if (waiter_)
      take_core()->abandon_fast(*waiter_, request_);
  }

  void operator()()
  {
    auto result = commit();
    result(std::move(handler_));
  }

private:
  fast_op(core_pointer&& core, waiter_type& w, Request&& request,
          Handler&& handler) noexcept
    : waiter_(&w),
      request_(std::move(request)),
      handler_(std::move(handler))
  {
    core.detach();
  }

  core_pointer take_core() noexcept
  {
    return core_pointer(&waiter_->owner, false);
  }

  // Whether a completion may be posted directly to a handler's executor that is
  // not the object's.
  static constexpr bool may_go_elsewhere =
      Core::threading::is_shared && has_direct_path<executor_type, IoExecutor>;

  // Starts the operation. The function posts the completion.
  template <class Post>
  static bool start(core_pointer& core, Request& request, Handler& handler,
                    Post post)
  {
    return core->start_fast(request,
                            [&](waiter_type& w)
                            {
                              const Core& owner = *core;
                              post(owner,
                                   fast_op(std::move(core), w,
                                           std::move(request),
                                           std::move(handler)),
                                   detail::allocator_of(w.memory));
                            });
  }

  // Commits, and makes the arguments of the handler. The core goes into them,
  // or is released before the handler's call.
  auto commit()
  {
    core_pointer core = take_core();
    const outcome how =
        core->commit_fast(*std::exchange(waiter_, nullptr), request_);
    if constexpr (!Request::brings_guard)
    {
      return request_.complete(core, how);
    }
    else
    {
      auto result = request_.complete(core, how);
      detail::pass_on_name<Request>(result, handler_);
      return result;
    }
  }

  // Invariant: the operation owns the core of its fast waiter.
  waiter_type* waiter_;
  [[no_unique_address]] Request request_;
  Handler handler_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_OPERATION_FAST_OP_HPP
