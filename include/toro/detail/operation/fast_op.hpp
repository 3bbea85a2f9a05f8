// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_FAST_OP_HPP
#define TORO_DETAIL_OPERATION_FAST_OP_HPP

#include <toro/detail/associated_name.hpp>
#include <toro/detail/compat.hpp>
#include <toro/detail/executor/embedded_memory.hpp>
#include <toro/detail/executor/handler_executor.hpp>
#include <toro/detail/executor/object_executor.hpp>
#include <toro/detail/executor/posting.hpp>
#include <toro/detail/operation/completion.hpp>
#include <toro/detail/operation/delivery.hpp>
#include <toro/detail/operation/handler_claim.hpp>

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <boost/core/no_exceptions_support.hpp>

#include <new>
#include <type_traits>
#include <utility>

namespace toro::detail {

// Implementation notes
//
// An operation that completes immediately, in the usual surroundings. It has no
// memory of its own: the core lends it a fast_waiter, which is what the state
// sees and which has memory for the operation and its delivery. Why: with the
// allocation and the lists of a wait_op, an acquire that does not wait costs
// twice as much.
//
// The usual surroundings are those in which nothing between the grant and the
// handler's call can fail or take another path: a known executor of Asio's, the
// default allocator, no connected cancellation slot, no claim, and a handler
// that moves without throwing. If the executor cannot allocate, the grant is
// revoked and the initiation throws.
template <class Core, class Request, class Handler, class IoExecutor>
class fast_op final : public deliverable
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
    parts all{core, request, handler, nullptr};
    if constexpr (has_own_executor<Handler>)
    {
      const executor_type own =
          boost::asio::get_associated_executor(handler, object.get());
      if (!detail::same_executor(object.get(), own))
      {
        all.own = &own;
        return may_go_elsewhere && detail::is_known(own) &&
               core->start_fast(request, {&post, &all});
      }
    }
    return object.is_object_executor &&
           core->start_fast(request, {&post, &all});
  }

  void deliver() override
  {
    waiter_type& w = waiter_;
    Request request(std::move(request_));
    Handler handler(std::move(handler_));
    free();
    auto result = commit(core_of(w), w, request, handler);
    result(std::move(handler));
  }

  void on_drop() noexcept override
  {
    waiter_type& w = waiter_;
    Request request(std::move(request_));
    [[maybe_unused]] const Handler handler(std::move(handler_));
    free();
    core_of(w)->abandon_fast(w, request);
  }

private:
  // What launch() has, for post().
  struct parts
  {
    core_pointer& core;
    Request& request;
    Handler& handler;

    // The handler's executor; null for that of the object.
    const executor_type* own;
  };

  // Whether a completion may be posted directly to a handler's executor that is
  // not the object's.
  static constexpr bool may_go_elsewhere =
      Core::threading::is_shared && has_direct_path<executor_type, IoExecutor>;

  fast_op(waiter_type& w, Request&& request, Handler&& handler) noexcept
    : waiter_(w),
      request_(std::move(request)),
      handler_(std::move(handler))
  {
  }

  ~fast_op() = default;

  // Posts the operation, which has begun. The function of a fast_post.
  static void post(void* argument, waiter_type& w)
  {
    const parts& all = *static_cast<const parts*>(argument);
    fast_op& op = make(all, w);
    const auto allocator = detail::allocator_of(w.for_delivery);
    if constexpr (may_go_elsewhere)
    {
      if (all.own)
        return detail::post_on_known(*all.own, delivery(op), allocator);
    }
    w.owner.get_object_executor().post(delivery(op), allocator);
  }

  static fast_op& make(const parts& all, waiter_type& w)
  {
    void* const memory = allocate(all, w);
    all.core.detach();
    auto* const op = ::new (memory)
        fast_op(w, std::move(all.request), std::move(all.handler));
    // Safety: another thread may have freed an operation at this address that
    // this thread is still submitting further up the stack.
    submission::note_over(*op);
    return *op;
  }

  // Whether the memory of the fast waiter is large enough.
  static constexpr bool fits() noexcept
  {
    return sizeof(fast_op) <= sizeof(waiter_type::for_operation) &&
           alignof(fast_op) <= alignof(decltype(waiter_type::for_operation));
  }

  static void* allocate([[maybe_unused]] const parts& all,
                        [[maybe_unused]] waiter_type& w)
  {
    if constexpr (fits())
    {
      return w.for_operation.space;
    }
    else
    {
      BOOST_TRY
      {
        return boost::asio::recycling_allocator<fast_op>().allocate(1);
      }
      BOOST_CATCH(...)
      {
        all.core->abandon_fast(w, all.request);
        BOOST_RETHROW
      }
      BOOST_CATCH_END
    }
  }

  // Requires that the handler was moved out.
  void free() noexcept
  {
    this->~fast_op();
    if constexpr (!fits())
      boost::asio::recycling_allocator<fast_op>().deallocate(this, 1);
  }

  static core_pointer core_of(waiter_type& w) noexcept
  {
    return core_pointer(&w.owner, false);
  }

  // Commits, and makes the arguments of the handler. The core goes into them,
  // or is released before the handler's call.
  static auto commit(core_pointer core, waiter_type& w, Request& request,
                     [[maybe_unused]] const Handler& handler)
  {
    const outcome how = core->commit_fast(w, request);
    if constexpr (!Request::brings_guard)
    {
      return request.complete(core, how);
    }
    else
    {
      auto result = request.complete(core, how);
      detail::pass_on_name<Request>(result, handler);
      return result;
    }
  }

  // Invariant: the operation owns the core of its fast waiter.
  waiter_type& waiter_;
  [[no_unique_address]] Request request_;
  Handler handler_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_OPERATION_FAST_OP_HPP
