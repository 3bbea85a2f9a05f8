// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TASK_GROUP_HPP
#define TORO_TASK_GROUP_HPP

#include <toro/cancellation_source.hpp>
#include <toro/deadline.hpp>
#include <toro/error.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/compat.hpp>
#include <toro/detail/config.hpp>
#include <toro/detail/executor/asio_executor.hpp>
#include <toro/detail/format.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/object/task_group_child.hpp>
#include <toro/detail/object/task_group_request.hpp>
#include <toro/detail/state/task_group_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/core/no_exceptions_support.hpp>
#include <boost/system/error_code.hpp>
#include <boost/throw_exception.hpp>

#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#if defined(TORO_DETAIL_HAS_CO_SPAWN)
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#endif // TORO_DETAIL_HAS_CO_SPAWN

namespace toro {

namespace detail {

TORO_DETAIL_SEPARATE_CORE(task_group_core_state)

struct task_group_access;

} // namespace detail

/// What a task_group does about the first failure of a child.
enum class TORO_DETAIL_VISIBLE failure_policy
{
  /// Cancels the children, as basic_task_group::cancel() does.
  cancel_all,

  /// Lets the other children run to their ends.
  keep_going
};

/// The options of a task_group.
struct task_group_options
{
  /// A limit for as many children as there is memory for.
  static constexpr std::size_t unlimited = detail::max_count;

  /// How many children may run at a time.
  std::size_t limit = unlimited;

  /// What the first failure of a child does.
  failure_policy on_failure = failure_policy::cancel_all;
};

/// Owns operations that run at the same time: limits, cancels and joins them.
/**
 * A coroutine that starts others has to know when they have ended, and has to
 * cancel them if it gives up or if one of them fails. @c co_spawn with
 * @c detached makes neither possible. A group owns the operations that were
 * started with it, its children.
 *
 * Each child takes a place until it ends. The group keeps the first failure. A
 * failure is an exception, or an error code, that is the first argument of the
 * child's completion. Other results of a child are dropped. A child that ends
 * with @c operation_aborted after the group was cancelled has not failed.
 * The memory that a group needs for a child is free when that ends. The group
 * keeps that of 64 children for others to come.
 *
 * | State | spawn(), child() | async_spawn() | async_join() |
 * | ----- | ---------------- | ------------- | ------------ |
 * | open, a place is free | starts | starts | waits for the children |
 * | open, no place is free | @c would_block | waits | waits |
 * | closed | @c closed | @c closed | waits for the children |
 * | cancelled | as above; a child that starts is cancelled | as above | waits |
 * | without children | as above | as above | completes |
 *
 * A closed group stays closed, and a cancelled group stays cancelled.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound. With strand_bound,
 * children must end on the executor of the group.
 *
 * @par Fairness
 * Places go to async_spawn() in the order in which the operations started; no
 * other function overtakes them. Joins are woken in the order in which they
 * started, all of them as soon as the last child has ended.
 *
 * @par Memory Ordering
 * A handler of async_join() that is called without an error of its own sees
 * everything that was written before each child ended.
 *
 * @toro_class_thread_safety
 *
 * @par Destruction and Shutdown
 * Destroying a task_group, or assigning to it, completes its waits with
 * @c operation_aborted, closes it and cancels its children. It does not wait
 * for them: they may outlive the group and its context. Destroying the context
 * destroys the handlers without invoking them.
 *
 * @par Example
 * For example:
 * @code
 * toro::task_group group(executor, {.limit = 2});
 * for (int i = 0; i != 5; ++i)
 *   co_await group.async_spawn(
 *       [i]() -> asio::awaitable<void>
 *       {
 *         asio::steady_timer timer(co_await asio::this_coro::executor);
 *         timer.expires_after(std::chrono::milliseconds(i));
 *         co_await timer.async_wait(asio::use_awaitable);
 *       },
 *       asio::use_awaitable);
 * co_await group.async_join(asio::use_awaitable);
 * assert(group.size() == 0);
 * @endcode
 *
 * @sa with_task_group, async_for_each, wait_group
 */
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_task_group
  : public detail::io_object<detail::task_group_core_state, Executor, Threading>
{
  using base =
      detail::io_object<detail::task_group_core_state, Executor, Threading>;
  using default_token = detail::default_token<Executor>;
  using core_type = detail::core<detail::task_group_core_state, Threading>;

public:
  /// The type of the completion token that child() returns.
  using child_token_type = detail::child_token<core_type, Executor>;

  /// A limit for as many children as there is memory for.
  static constexpr std::size_t unlimited = task_group_options::unlimited;

  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_task_group<OtherExecutor, Threading>;
  };

  /// Constructs an open task_group without children.
  /**
   * @param executor The executor for handlers that have no associated executor,
   * and for the children of spawn() and async_spawn().
   *
   * @param options The limit, and what a failure does. Range of the limit: 1 to
   * unlimited.
   *
   * @throws std::invalid_argument The limit is out of range.
   */
  explicit basic_task_group(const Executor& executor,
                            task_group_options options = {})
    : base(executor, &basic_task_group::describe, checked(options.limit),
           options.on_failure == failure_policy::cancel_all)
  {
  }

  /// Constructs an open task_group on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   *
   * @param options The limit, and what a failure does. Range of the limit: 1 to
   * unlimited.
   *
   * @throws std::invalid_argument The limit is out of range.
   */
  template <detail::execution_context_like Context>
  explicit basic_task_group(Context& context, task_group_options options = {})
    : basic_task_group(Executor(context.get_executor()), options)
  {
  }

  /// Moves a task_group together with its waits and its children.
  basic_task_group(basic_task_group&&) noexcept = default;
  /// Ends this task_group as its destruction does, then moves another one in.
  /**
   * @returns This task_group.
   */
  basic_task_group& operator=(basic_task_group&&) noexcept = default;

  /// Moves a task_group from another type of executor.
  /**
   * @param other The task_group to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_task_group(basic_task_group<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Make a completion token for operations that become children.
  /**
   * Any asynchronous operation can be started with this token:
   * @code
   * timer.async_wait(group.child());
   * asio::co_spawn(executor, session(), group.child());
   * @endcode
   * Each initiation takes a place. If the group is closed or at its limit, the
   * initiation throws a @c boost::system::system_error with toro::error::closed
   * or @c boost::asio::error::would_block, and the operation is not started. An
   * operation that starts returns nothing.
   *
   * Adapters such as @c bind_executor and @c bind_allocator may be around the
   * token, as around bind_cancellation(); but the failure of an operation whose
   * results @c as_tuple or @c redirect_error changes is not seen.
   *
   * The token binds no executor. cancel() reaches the operation on the executor
   * of its initiation, for a timer the timer's, or on that of the group if the
   * initiation has none. The operation must be safe to cancel there. If the
   * handler is destroyed without being called, the child has ended without a
   * failure.
   *
   * @returns The token. It may be copied, and may outlive the task_group. Then
   * it starts operations no more, as that of a closed group.
   *
   * @toro_constant
   */
  [[nodiscard]] child_token_type child() const noexcept
  {
    return child_token_type(this->share_core(), this->get_kept_executor());
  }

#if defined(TORO_DETAIL_HAS_CO_SPAWN)
  /// Start a coroutine as a child.
  /**
   * Does what @c co_spawn with child() does. As with @c co_spawn, a coroutine
   * must not run while it is cancelled: if the executor runs functions at the
   * same time, give each coroutine a strand of its own.
   *
   * @param function The coroutine: an @c awaitable, or a function object that
   * returns one. A function object is kept until its coroutine has ended, so
   * that it may be a lambda expression with captures.
   *
   * @throws boost::system::system_error With toro::error::closed if the group
   * is closed, with @c boost::asio::error::would_block if it is at its limit or
   * if other operations wait for a place. Also what @c co_spawn throws. In all
   * cases the coroutine has not started. If the executor has thrown, the place
   * is left once the executor has destroyed the coroutine.
   *
   * @toro_constant
   */
  template <class Function>
  void spawn(Function&& function)
  {
    spawn(this->get_executor(), std::forward<Function>(function));
  }

  /// Start a coroutine as a child, on another executor.
  /**
   * @copydetails spawn(Function&&)
   *
   * @param executor The executor of the coroutine.
   */
  template <class OtherExecutor, class Function>
  void spawn(const OtherExecutor& executor, Function&& function)
  {
    boost::asio::co_spawn(executor, std::forward<Function>(function), child());
  }

  /// Try to start a coroutine as a child.
  /**
   * @param function The coroutine, as for spawn(). It is not touched if the
   * result is false.
   *
   * @returns Whether the coroutine was started: false if the group is closed,
   * if it is at its limit, or if other operations wait for a place.
   *
   * @throws Any exception that @c co_spawn throws. The coroutine has not
   * started then.
   *
   * @toro_constant
   */
  template <class Function>
  [[nodiscard]] bool try_spawn(Function&& function)
  {
    const child_token_type token = child();
    if (token.enter() != detail::admission::admitted)
      return false;
    boost::asio::co_spawn(this->get_executor(),
                          std::forward<Function>(function), token.place());
    return true;
  }
#endif // TORO_DETAIL_HAS_CO_SPAWN

  /// Cancel the children, and those that start later.
  /**
   * Does not wait for the children. Each child is cancelled on its executor. If
   * this thread runs that executor, this happens after this function has
   * returned, so a child may call this function. Operations that wait in
   * async_spawn() complete with @c operation_aborted. Joins go on waiting. A
   * child that starts later is cancelled with every type that was used so far.
   *
   * Does nothing if @p type is @c none.
   *
   * @param type The type of the cancellation. Whether a child ends depends on
   * the types that it supports; a coroutine supports @c terminal unless it says
   * otherwise.
   *
   * @returns The number of children that this reached, and of operations that
   * it completed.
   *
   * @throws Any exception thrown by the executor of a child. The other children
   * are reached regardless; the next call tries again.
   *
   * @toro_linear{children and of pending operations}
   */
  std::size_t cancel(boost::asio::cancellation_type_t type =
                         boost::asio::cancellation_type::terminal)
  {
    core_type& core = this->get_core();
    if (type == boost::asio::cancellation_type::none)
      return 0;
    // Safety: what is cancelled may destroy the group.
    const detail::cancellation_node_pointer children =
        core.unguarded().children();
    const std::size_t ended = core.update_quietly(
        [](detail::task_group_core_state& state)
        {
          return state.stop();
        });
    return ended + children->cancel(type);
  }

  /// Admit no more children.
  /**
   * Operations that wait in async_spawn() complete with toro::error::closed.
   * Those that were granted a place start their coroutine. The children go on,
   * and so do joins. Closing a closed task_group does nothing.
   *
   * @returns The number of operations that this completed.
   *
   * @throws Any exception thrown while posting a completion. The task_group is
   * closed regardless; the completion is retried on the next call.
   *
   * @toro_linear{pending operations}
   */
  std::size_t close()
  {
    return this->get_core().update(
        [](detail::task_group_core_state& state)
        {
          return state.close();
        });
  }

  /// Tells whether the task_group is open.
  /**
   * @returns False once close() was called.
   *
   * @toro_constant
   */
  [[nodiscard]] bool is_open() const noexcept
  {
    return this->get_core().read(
        [](const detail::task_group_core_state& state)
        {
          return state.is_open();
        });
  }

  /// Gives the number of children.
  /**
   * @returns How many places are taken: by children that have not ended, and by
   * async_spawn() for children that it is about to start.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t size() const noexcept
  {
    return this->get_core().read(
        [](const detail::task_group_core_state& state)
        {
          return state.size();
        });
  }

  /// Gives the first failure so far.
  /**
   * @returns The exception of the child that failed first, with a
   * @c boost::system::system_error in it for an error code; null if none has.
   *
   * @toro_constant
   */
  [[nodiscard]] std::exception_ptr failure() const noexcept
  {
    return this->get_core().read(
        [](const detail::task_group_core_state& state)
        {
          return state.failure();
        });
  }

#if defined(TORO_DETAIL_HAS_CO_SPAWN)
  /// Start a coroutine as a child as soon as there is a place.
  /**
   * The coroutine is posted to the executor of the group right before the
   * handler is called with success. If the coroutine cannot start then, that is
   * a failure of the child. On an error the coroutine was not started, and
   * @p function is destroyed before the handler is called. If the executor of
   * the group runs functions at the same time, start coroutines on strands
   * instead, by spawn() or child(): a coroutine must not run while it is
   * cancelled.
   *
   * Completes immediately if a place is free and no other operation waits for
   * one, even if the deadline has passed. The group may have been cancelled:
   * then the child starts cancelled.
   *
   * @param function The coroutine, as for spawn(). With g++ 12, a lambda
   * expression that captures by value needs a name: @ref
   * getting_started_compilers.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code) @endcode
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot, by cancel(), or by the failure of a child; or the task_group was
   * destroyed or assigned to.
   * @li toro::error::closed The task_group is closed.
   *
   * @toro_executor{a member of the task_group}
   *
   * @toro_cancellation
   * The place goes to the next operation that waits for one.
   *
   * @toro_thread_safety
   *
   * @par Complexity
   * Constant, to start and to cancel. One allocation for the coroutine, and at
   * most one with the handler's associated allocator.
   *
   * @toro_exception_safety{the allocator\, a timer or the move of the handler
   * or of the function}
   */
  template <class Function,
            detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_spawn(Function function, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          std::declval<detail::spawn_request<Executor, Function>>(), token))
  {
    return this->template start<CompletionToken>(
        detail::spawn_request<Executor, Function>(std::move(function),
                                                  this->get_kept_executor()),
        token);
  }

  /// @copydoc async_spawn(Function, CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{a place is free}
   */
  template <class Function,
            detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_spawn(Function function, deadline limit,
                   CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          std::declval<detail::spawn_request<Executor, Function>>(), limit,
          token))
  {
    return this->template start<CompletionToken>(
        detail::spawn_request<Executor, Function>(std::move(function),
                                                  this->get_kept_executor()),
        limit, token);
  }
#endif // TORO_DETAIL_HAS_CO_SPAWN

  /// Start an asynchronous wait until all children have ended.
  /**
   * Completes with the first failure, or with null if no child has failed. Each
   * join reports the same failure. Completes immediately if there are no
   * children, even if the deadline has passed. A join does not close the group.
   *
   * If the deadline passes, the children go on. So for a graceful shutdown,
   * close the group, join it with a deadline, cancel it, and join it again.
   *
   * @param token The completion token that produces the completion handler.
   * With Boost before 1.84, a @c yield_context has to be inside of
   * @c as_tuple.
   *
   * @returns The value that the completion token determines.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(std::exception_ptr) @endcode
   *
   * @par Errors
   * The exception is null, the failure of a child, or a
   * @c boost::system::system_error with one of:
   * @li @c boost::asio::error::timed_out The deadline passed. Children may
   * still run; failure() gives the first failure so far.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot, or the task_group was destroyed or assigned to.
   *
   * @toro_executor{a member of the task_group}
   *
   * @par Per-Operation Cancellation
   * Supports @c partial and @c total, which end the wait without side effect:
   * the children go on. It then completes with @c operation_aborted. A
   * @c terminal cancellation is passed on to the children, as cancel() does;
   * the wait goes on until they have ended, and completes with the first
   * failure, or with @c operation_aborted if no child has failed. A
   * cancellation of several types counts as @c terminal if that is one of them.
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
   */
  template <detail::completion_token_for<void(std::exception_ptr)>
                CompletionToken = default_token>
  auto async_join(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::group_join_request<false>(), token))
  {
    detail::require_token_for_exception<CompletionToken>();
    return this->template start<CompletionToken>(
        detail::group_join_request<false>(), token);
  }

  /// @copydoc async_join(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{there are no
   * children}
   */
  template <detail::completion_token_for<void(std::exception_ptr)>
                CompletionToken = default_token>
  auto async_join(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::group_join_request<false>(), limit, token))
  {
    detail::require_token_for_exception<CompletionToken>();
    return this->template start<CompletionToken>(
        detail::group_join_request<false>(), limit, token);
  }

  /// Describes a task_group: its children, its waiters, and what has happened.
  /**
   * @param x The task_group.
   *
   * @returns For example @c "<task_group size=2 limit=2 spawners[1] joiners[1]
   * cancelled failed>".
   */
  [[nodiscard]] friend std::string to_string(const basic_task_group& x)
  {
    return x.get_core().describe();
  }

private:
  friend struct detail::task_group_access;

  static std::size_t checked(std::size_t limit)
  {
    if (limit == 0)
      boost::throw_exception(
          std::invalid_argument("toro: a task_group's limit is zero"));
    if (limit > unlimited)
      boost::throw_exception(
          std::invalid_argument("toro: a task_group's limit is too large"));
    return limit;
  }

  static std::string describe(const detail::task_group_core_state& state)
  {
    return detail::description("task_group")
        .figure("size", state.size())
        .figure_if_any("limit", state.limit() == unlimited ? 0 : state.limit())
        .count_if_any("spawners", state.spawners())
        .count_if_any("joiners", state.joiners())
        .word(state.is_open() ? "" : "closed")
        .word(state.is_cancelled() ? "cancelled" : "")
        .word(state.failure() ? "failed" : "")
        .str();
  }
};

/// The task_group on any executor, safe to share between threads.
using task_group = basic_task_group<>;

namespace detail {

// The parts of a task_group that with_task_group uses.
struct task_group_access
{
  template <class Group>
  static decltype(auto) core(Group& group) noexcept
  {
    return group.get_core();
  }

  template <class Group>
  static decltype(auto) executor(Group& group) noexcept
  {
    return group.get_kept_executor();
  }

  // Starts a wait for a place, which the handler gets.
  template <class Group, class CompletionToken>
  static auto wait_for_place(Group& group, deadline limit,
                             CompletionToken&& token)
  {
    using core_type = typename Group::core_type;
    using executor_type = typename Group::executor_type;
    return group.template start<CompletionToken>(
        plain_place_request<core_type, executor_type>(
            group.get_kept_executor()),
        limit, token);
  }

  // Starts a join that waits for the body as well.
  template <class Group, class Handler>
  static void join_whole(Group& group, Handler&& handler)
  {
    group.initiate()(std::forward<Handler>(handler),
                     group_join_request<true>());
  }
};

} // namespace detail

#if defined(TORO_DETAIL_HAS_CO_SPAWN)

namespace detail {

// Starts a coroutine on a strand of its own, since it must not run while it is
// cancelled, and the executor may run functions at the same time. Its own type
// of executor must allow that.
template <class CoroutineExecutor, class Executor, class Coroutine, class Token>
void spawn_on_strand(const Executor& executor, Coroutine&& coroutine,
                     Token&& token)
{
  using strand_type = boost::asio::strand<Executor>;
  if constexpr (!is_strand<Executor> &&
                std::is_convertible_v<strand_type, CoroutineExecutor>)
    boost::asio::co_spawn(strand_type(executor),
                          std::forward<Coroutine>(coroutine),
                          std::forward<Token>(token));
  else
    boost::asio::co_spawn(executor, std::forward<Coroutine>(coroutine),
                          std::forward<Token>(token));
}

// What with_task_group shares with its body, which may be destroyed later than
// its caller if their context is.
template <class Executor, class Body>
class group_scope
{
public:
  using group_type = basic_task_group<Executor>;
  using awaitable_type = std::invoke_result_t<Body&, group_type&>;
  using value_type = typename awaitable_type::value_type;
  using pointer = std::shared_ptr<group_scope>;

  group_scope(const Executor& executor, task_group_options options, Body&& body)
    : group_(executor, options),
      body_(std::in_place, std::move(body))
  {
  }

  // Starts the body and the join. If this throws, neither was started.
  template <class Handler>
  static void launch(const pointer& self, Handler&& handler)
  {
    // Order: the body is counted twice, so that the join does not complete
    // before it is known whether the body has started.
    const body_mark mark(self);
    task_group_access::join_whole(self->group_, std::forward<Handler>(handler));
    BOOST_TRY
    {
      detail::spawn_on_strand<typename awaitable_type::executor_type>(
          self->group_.get_executor(), run(self),
          child_place<body_handler, Executor>(
              self->core().unguarded().children(), body_handler(self),
              task_group_access::executor(self->group_)));
    }
    BOOST_CATCH(...)
    {
      self->fail(std::current_exception());
    }
    BOOST_CATCH_END
  }

  // Gives the result of the body, or throws: what the body has thrown, then
  // what the join reports. That the body was aborted by the cancellation of the
  // group comes last.
  value_type get(const std::exception_ptr& joined)
  {
    for (const std::exception_ptr& failure :
         {was_aborted_ ? nullptr : failure_, joined, failure_})
    {
      if (failure)
        std::rethrow_exception(failure);
    }
    if constexpr (!std::is_void_v<value_type>)
      return std::move(*result_);
  }

private:
  // The body is under way as long as this exists.
  class body_mark
  {
  public:
    explicit body_mark(pointer scope) noexcept
      : scope_(std::move(scope))
    {
      scope_->core().update_quietly(
          [](task_group_core_state& state)
          {
            state.enter_body();
          });
    }

    body_mark(body_mark&&) noexcept = default;

    ~body_mark()
    {
      if (scope_)
        scope_->core().update_quietly(
            [](task_group_core_state& state)
            {
              state.leave_body();
            });
    }

    // Null if the mark was moved from.
    group_scope* scope() const noexcept
    {
      return scope_.get();
    }

  private:
    pointer scope_;
  };

  class body_handler
  {
  public:
    explicit body_handler(pointer scope) noexcept
      : mark_(std::move(scope))
    {
    }

    body_handler(body_handler&&) noexcept = default;

    // A body that is destroyed before its end has no result.
    ~body_handler()
    {
      if (group_scope* const scope = mark_.scope())
        scope->end(detail::to_exception(boost::asio::error::operation_aborted));
    }

    void operator()(std::exception_ptr failure) noexcept
    {
      const body_mark mark = std::move(mark_);
      mark.scope()->end(std::move(failure));
    }

  private:
    body_mark mark_;
  };

  static boost::asio::awaitable<void, typename awaitable_type::executor_type>
  run(pointer self)
  {
    if constexpr (std::is_void_v<value_type>)
      co_await (*self->body_)(self->group_);
    else
      self->result_.emplace(co_await (*self->body_)(self->group_));
  }

  auto& core() noexcept
  {
    return task_group_access::core(group_);
  }

  // The body has ended. Its function is destroyed here, since what owns the
  // scope may be destroyed later than the caller goes on.
  void end(std::exception_ptr failure) noexcept
  {
    body_.reset();
    if (failure)
      fail(std::move(failure));
  }

  void fail(std::exception_ptr failure) noexcept
  {
    failure_ = std::move(failure);
    const bool was_cancelled = core().update_quietly(
        [](task_group_core_state& state)
        {
          const bool result = state.is_cancelled();
          state.stop();
          return result;
        });
    was_aborted_ = was_cancelled && detail::is_abortion(failure_);
    core().unguarded().cancel_children();
  }

  struct nothing
  {
  };

  group_type group_;

  // Null once the body has ended.
  std::optional<Body> body_;
  std::exception_ptr failure_;
  bool was_aborted_ = false;
  std::optional<
      std::conditional_t<std::is_void_v<value_type>, nothing, value_type>>
      result_;
};

// Starts a body and its join, for async_initiate.
template <class Scope>
struct group_scope_initiation
{
  typename Scope::pointer scope;

  template <class Handler>
  void operator()(Handler&& handler) const
  {
    Scope::launch(scope, std::forward<Handler>(handler));
  }
};

template <class Executor, class Body>
using group_body_awaitable =
    std::invoke_result_t<Body&, basic_task_group<Executor>&>;

} // namespace detail

/// Run a coroutine with a task_group, and always join the group.
/**
 * Calls @p body with a group on the executor of the calling coroutine, and
 * returns the result of @p body once the body and all children have ended, with
 * success or not. No child outlives the call.
 *
 * The body runs beside the children, with a cancellation state of its own, and
 * takes no place. The body is cancelled together with the group: if a child
 * fails (with failure_policy::cancel_all), by basic_task_group::cancel(), and
 * by a @c terminal cancellation of the calling coroutine. If the body throws,
 * the children are cancelled. The body may join the children and close the
 * group itself.
 *
 * @param options The limit, and what a failure does.
 *
 * @param body A function object that is called with a basic_task_group& and
 * returns an @c awaitable. It is kept until its coroutine has ended, and
 * destroyed before the calling coroutine goes on. With
 * g++ 12, a lambda expression that captures by value needs a name: @ref
 * getting_started_compilers.
 *
 * @returns What the body returns.
 *
 * @throws What the body has thrown. If it has thrown nothing, the first failure
 * of a child. If there is none, and a cancellation of the calling coroutine or
 * of the group has ended the body, a @c boost::system::system_error with
 * @c boost::asio::error::operation_aborted. The same if the body was destroyed
 * before its end, for example with the context of what it awaits. All children
 * have ended then. Also
 * std::invalid_argument if the limit is out of range; the body is not called
 * then.
 *
 * @tparam Executor The type of the executor of the group.
 *
 * @par Complexity
 * Constant, without the body and the children. It allocates what it shares with
 * the body, and the frames of two coroutines.
 *
 * @par Thread Safety
 * The body and the children run on the executor of the calling coroutine, the
 * body on a strand of its own, so that it does not run while it is cancelled.
 * They need a lock only if that executor runs functions at the same time. Then
 * give each child a strand as well, as basic_task_group::spawn() says.
 *
 * @par Example
 * For example:
 * @code
 * const int sum = co_await toro::with_task_group(
 *     {.limit = 2},
 *     [](toro::task_group& group) -> asio::awaitable<int>
 *     {
 *       int total = 0;
 *       for (int i = 1; i != 4; ++i)
 *         co_await group.async_spawn(
 *             [&total, i]() -> asio::awaitable<void>
 *             {
 *               total += i;
 *               co_return;
 *             },
 *             asio::use_awaitable);
 *       co_await group.async_join(asio::use_awaitable);
 *       co_return total;
 *     });
 * assert(sum == 6);
 * @endcode
 *
 * @sa task_group
 */
template <class Executor = boost::asio::any_io_executor, class Body>
boost::asio::awaitable<
    typename detail::group_body_awaitable<Executor, Body>::value_type,
    typename detail::group_body_awaitable<Executor, Body>::executor_type>
with_task_group(task_group_options options, Body body)
{
  namespace this_coro = boost::asio::this_coro;
  using scope_type = detail::group_scope<Executor, Body>;
  using awaitable_executor = typename scope_type::awaitable_type::executor_type;

  const Executor executor = co_await this_coro::executor_t();
  const auto scope =
      std::make_shared<scope_type>(executor, options, std::move(body));
  // Why a variable: g++ 12 destroys a temporary aggregate twice if it is part
  // of an operand of co_await.
  const detail::group_scope_initiation<scope_type> initiation{scope};
  // A cancellation of this coroutine goes to the join.
  const bool throws = co_await this_coro::throw_if_cancelled();
  co_await this_coro::throw_if_cancelled(false);
  std::exception_ptr not_started;
  std::exception_ptr joined;
  try
  {
    std::tie(joined) = co_await boost::asio::async_initiate<
        const boost::asio::as_tuple_t<
            boost::asio::use_awaitable_t<awaitable_executor>>,
        void(std::exception_ptr)>(
        initiation, boost::asio::as_tuple(
                        boost::asio::use_awaitable_t<awaitable_executor>()));
  }
  catch (...)
  {
    not_started = std::current_exception();
  }
  co_await this_coro::throw_if_cancelled(throws);
  if (not_started)
    std::rethrow_exception(not_started);
  co_return scope->get(joined);
}

#endif // TORO_DETAIL_HAS_CO_SPAWN

} // namespace toro

#endif // TORO_TASK_GROUP_HPP
