// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_PROMPT_OP_HPP
#define TORO_DETAIL_IO_PROMPT_OP_HPP

#include <toro/detail/io/associated_name.hpp>
#include <toro/detail/io/compat.hpp>
#include <toro/detail/io/completion.hpp>
#include <toro/detail/io/home_executor.hpp>
#include <toro/detail/io/route.hpp>

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>

#include <type_traits>
#include <utility>

namespace toro::detail {

// Implementation notes
//
// An operation that ends in its initiation, in the usual surroundings: the
// completion itself is what the executor runs. It has no memory of its own, and
// the state knows of it by a record that the block keeps for that. Why: with
// another operation's allocation, virtual calls and lists an acquire that does
// not wait costs twice as much.
//
// The surroundings are those in which nothing between the grant and the call of
// the handler can fail or go another way: an executor of Asio's, its memory, no
// slot, a handler that moves without throwing. Should the executor have no
// memory left, the grant is taken back and the initiation throws.
template <class Core, class Request, class Handler, class IoExecutor>
class prompt_op
{
  using core_pointer = typename Core::pointer;
  using record_type = typename Core::prompt_record;
  using executor_type = boost::asio::associated_executor_t<Handler, IoExecutor>;

public:
  static constexpr bool is_possible =
      !Request::has_predicate && !has_immediate_executor<Handler> &&
      std::is_nothrow_move_constructible_v<Handler> &&
      is_std_allocator<boost::asio::associated_allocator_t<Handler>>::value &&
      may_be_known_executor<executor_type>;

  // Launches the operation, or returns false with nothing changed and nothing
  // taken.
  static bool launch(core_pointer& core, const executor_slot<IoExecutor>& home,
                     Request& request, Handler& handler)
  {
    if (core->expects_wait(Request::kind) ||
        boost::asio::get_associated_cancellation_slot(handler).is_connected())
      return false;
    if constexpr (has_own_executor<Handler>)
    {
      const executor_type own =
          boost::asio::get_associated_executor(handler, home.get());
      if (!detail::same_executor(home.get(), own))
      {
        if constexpr (may_go_elsewhere)
          return detail::is_known(own) &&
                 start(core, request, handler,
                       [&](const Core&, prompt_op&& op, const auto& allocator)
                       {
                         detail::with_known_executor(
                             own,
                             [&](const auto& known)
                             {
                               detail::post_on(known, std::move(op), allocator);
                               return true;
                             });
                       });
        else
          return false;
      }
    }
    return home.is_home &&
           start(core, request, handler,
                 [](const Core& block, prompt_op&& op, const auto& allocator)
                 {
                   block.home().post(std::move(op), allocator);
                 });
  }

  prompt_op(prompt_op&& other) noexcept
    : record_(std::exchange(other.record_, nullptr)),
      request_(std::move(other.request_)),
      handler_(std::move(other.handler_))
  {
  }

  ~prompt_op()
  {
    if (record_)
      take_block()->abandon_promptly(*record_, request_);
  }

  void operator()()
  {
    auto result = conclude();
    result(std::move(handler_));
  }

private:
  prompt_op(core_pointer&& core, record_type& record, Request&& request,
            Handler&& handler) noexcept
    : record_(&record),
      request_(std::move(request)),
      handler_(std::move(handler))
  {
    core.detach();
  }

  core_pointer take_block() noexcept
  {
    return core_pointer(&record_->block, false);
  }

  // Whether a handler whose executor is another is called there directly.
  static constexpr bool may_go_elsewhere =
      Core::threading::is_shared &&
      is_postable<executor_type, IoExecutor>::value;

  // Starts the operation and has a function hand it to its executor.
  template <class Post>
  static bool start(core_pointer& core, Request& request, Handler& handler,
                    Post post)
  {
    return core->start_promptly(request,
                                [&](record_type& record)
                                {
                                  const Core& block = *core;
                                  post(block,
                                       prompt_op(std::move(core), record,
                                                 std::move(request),
                                                 std::move(handler)),
                                       detail::allocator_of(record.memory));
                                });
  }

  // The block goes into the result, or before the handler is called.
  auto conclude()
  {
    core_pointer core = take_block();
    const outcome how =
        core->conclude_promptly(*std::exchange(record_, nullptr), request_);
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

  // Invariant: the operation keeps the block of its record.
  record_type* record_;
  [[no_unique_address]] Request request_;
  Handler handler_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_IO_PROMPT_OP_HPP
