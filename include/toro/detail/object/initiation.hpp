// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_INITIATION_HPP
#define TORO_DETAIL_OBJECT_INITIATION_HPP

#include <toro/detail/compat.hpp>
#include <toro/detail/core/core.hpp>
#include <toro/detail/operation/fast_op.hpp>
#include <toro/detail/operation/wait_op.hpp>

#include <boost/asio/async_result.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace toro::detail {

// An asynchronous operation before it is launched: a function object that owns
// the core, so that the primitive may be moved or destroyed in the meantime.
// Copies of it may be launched more than once.
template <class Core, class Executor>
class initiation
{
public:
  using executor_type = Executor;

  initiation(typename Core::pointer core, kept_executor<Executor>& executor)
    : core_(std::move(core)),
      executor_(&executor)
  {
  }

  const executor_type& get_executor() const noexcept
  {
    return executor_->get();
  }

  template <class Handler, class Request>
  void operator()(Handler&& handler, Request request) const&
  {
    initiation(*this).template launch<false>(std::forward<Handler>(handler),
                                             std::move(request), deadline());
  }

  template <class Handler, class Request>
  void operator()(Handler&& handler, Request request) &&
  {
    launch<false>(std::forward<Handler>(handler), std::move(request),
                  deadline());
  }

  template <class Handler, class Request>
  void operator()(Handler&& handler, Request request, deadline limit) const&
  {
    initiation(*this).template launch<true>(std::forward<Handler>(handler),
                                            std::move(request), limit);
  }

  template <class Handler, class Request>
  void operator()(Handler&& handler, Request request, deadline limit) &&
  {
    launch<true>(std::forward<Handler>(handler), std::move(request), limit);
  }

  // Makes the parts of a request that are needed before the operation.
  template <class Request>
  auto prepare(Request&& what)
  {
    if constexpr (requires { std::move(what).prepare(*core_); })
      return std::move(what).prepare(*core_);
    else
      return std::move(what);
  }

  // Does what the request asks if that needs no wait. Returns the outcome, or
  // nothing.
  template <class Request>
  std::optional<outcome> try_now(Request& request)
  {
    if constexpr (Request::has_predicate)
    {
      if (!request.ask())
        return std::nullopt;
    }
    return core_->try_now(request);
  }

  // Makes the arguments that a handler would get.
  template <class Request>
  auto complete(Request& request, outcome how) &&
  {
    return request.complete(core_, how);
  }

private:
  template <bool Timed, class Handler, class Request>
  void launch(Handler&& handler, Request&& what, deadline limit)
  {
    TORO_DETAIL_HANDLER_LOCATION(Request::name);
    auto prepared = prepare(std::move(what));
    using fast =
        fast_op<Core, decltype(prepared), std::decay_t<Handler>, Executor>;
    std::decay_t<Handler> own(std::forward<Handler>(handler));
    // Order: no operation refers to the context yet, which a predicate may end.
    if constexpr (Request::has_predicate)
      core_->ask(prepared);
    // Order: after items and handlers of users were moved, which may end the
    // context. The handler is destroyed un-invoked then.
    if (core_->is_shut_down())
      return;
    if constexpr (fast::is_possible)
    {
      if (fast::launch(core_, *executor_, prepared, own))
        return;
    }
    using op = wait_op<Core, decltype(prepared), std::decay_t<Handler>,
                       Executor, Timed>;
    Core& core = *core_;
    core.launch(
        op::make(std::move(core_), *executor_, std::move(prepared), own), limit,
        op::traits());
  }

  typename Core::pointer core_;
  kept_executor<Executor>* executor_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_OBJECT_INITIATION_HPP
