// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_WAIT_GROUP_HPP
#define TORO_WAIT_GROUP_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/format.hpp>
#include <toro/detail/object/guard_base.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/state/wait_group_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace toro {

namespace detail {

TORO_DETAIL_SEPARATE_CORE(wait_group_state)

// One that is counted in a wait_group.
struct work_ownership
{
  static void give_back(wait_group_state& state) noexcept
  {
    state.leave_held();
  }

  static void detach(wait_group_state& state) noexcept
  {
    state.detach();
  }

  static const char* describe() noexcept
  {
    return "entered";
  }
};

struct work_access;

} // namespace detail

/// One count of a wait_group, which ends when this object is destroyed.
/**
 * Move-only; may be empty. Work may outlive the wait_group and its context; it
 * then has nothing to count down. A detached work is counted down by
 * basic_wait_group::leave().
 *
 * @tparam Threading The policy of the wait_group.
 *
 * @toro_class_thread_safety
 *
 * @sa basic_wait_group
 */
template <class Threading>
class [[nodiscard]] TORO_DETAIL_VISIBLE basic_work
  : public detail::guard_base<detail::core<detail::wait_group_state, Threading>,
                              detail::work_ownership>
{
  using core_type = detail::core<detail::wait_group_state, Threading>;
  using base = detail::guard_base<core_type, detail::work_ownership>;

public:
  /// Constructs an empty work.
  basic_work() noexcept = default;

private:
  friend struct detail::work_access;

  explicit basic_work(typename core_type::pointer&& core) noexcept
    : base(std::move(core), detail::work_ownership())
  {
  }
};

/// The work of a wait_group that is safe to share between threads.
using work = basic_work<thread_safe>;

namespace detail {

// Makes works that were counted.
struct work_access
{
  template <class Threading>
  static basic_work<Threading>
  make(typename core<wait_group_state, Threading>::pointer&& core) noexcept
  {
    return basic_work<Threading>(std::move(core));
  }
};

struct wait_group_wait_request : plain_request
{
  static constexpr const char* name = "wait_group::async_wait";

  static bool start(wait_group_state& state, wait_group_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_wait(w, may_wait);
  }
};

struct wait_group_close_request : plain_request
{
  static constexpr const char* name = "wait_group::async_close";

  static constexpr boost::asio::cancellation_type_t cancellation_types =
      detail::either(boost::asio::cancellation_type::terminal,
                     boost::asio::cancellation_type::partial);

  // An initiation that throws must not have closed the group, so that must not
  // depend on an executor that may find no memory.
  static bool starts_alone(const wait_group_state&) noexcept
  {
    return false;
  }

  static bool start(wait_group_state& state, wait_group_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_close(w, may_wait);
  }
};

} // namespace detail

/// Counts work that is under way, and lets operations wait until none is.
/**
 * A server that shuts down must wait for its sessions, whose number changes all
 * the time. Each session enters the group and owns a guard as long as it runs;
 * the group does not own the sessions. A session may enter while operations
 * wait. A closed group admits no more, so that a wait for it ends.
 *
 * | State | enter() | async_wait() | async_close() |
 * | ----- | ------- | ------------ | ------------- |
 * | open, something inside | counts | waits | closes, waits |
 * | open, empty | counts | succeeds | closes, succeeds |
 * | closed, something inside | @c closed | waits | waits |
 * | closed, empty | @c closed | succeeds | succeeds |
 *
 * A closed group stays closed.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Waits are woken in the order in which they started, all of them as soon as
 * nothing is inside. They succeed also if something enters before their
 * handlers run.
 *
 * @par Memory Ordering
 * A handler that is called with success sees everything that was written before
 * each guard counted down, and before each call of leave().
 *
 * @toro_class_thread_safety
 *
 * @toro_destruction_with_guards{a wait_group}
 *
 * @par Example
 * For example:
 * @code
 * toro::wait_group sessions(executor);
 * asio::co_spawn(
 *     executor,
 *     [work = sessions.enter()]() -> asio::awaitable<void>
 *     {
 *       co_await asio::post(asio::use_awaitable);
 *     },
 *     asio::detached);
 * co_await sessions.async_close(std::chrono::seconds(5), asio::use_awaitable);
 * assert(!sessions.is_open() && sessions.count() == 0);
 * @endcode
 *
 * @sa latch, task_group, joinable_queue
 */
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_wait_group
  : public detail::io_object<detail::wait_group_state, Executor, Threading>
{
  using base = detail::io_object<detail::wait_group_state, Executor, Threading>;
  using default_token = detail::default_token<Executor>;

public:
  /// The type of the guard that is counted.
  using work_type = basic_work<Threading>;

  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_wait_group<OtherExecutor, Threading>;
  };

  /// Constructs an open wait_group with nothing inside.
  /**
   * @param executor The executor for handlers that have no associated executor.
   */
  explicit basic_wait_group(const Executor& executor)
    : base(executor, &basic_wait_group::describe)
  {
  }

  /// Constructs an open wait_group on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   */
  template <detail::execution_context_like Context>
  explicit basic_wait_group(Context& context)
    : basic_wait_group(Executor(context.get_executor()))
  {
  }

  /// Moves a wait_group together with its waits and with what is inside.
  basic_wait_group(basic_wait_group&&) noexcept = default;
  /// Cancels the waits of this wait_group, then moves another one in.
  /**
   * @returns This wait_group.
   */
  basic_wait_group& operator=(basic_wait_group&&) noexcept = default;

  /// Moves a wait_group from another type of executor.
  /**
   * @param other The wait_group to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_wait_group(basic_wait_group<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Count one more.
  /**
   * @param ec Set to toro::error::closed if the wait_group is closed; nothing
   * changes then.
   *
   * @returns The guard, which counts down at its end. Empty on an error.
   *
   * @toro_constant
   */
  [[nodiscard]] work_type enter(boost::system::error_code& ec) noexcept
  {
    work_type result = try_enter();
    ec = result ? boost::system::error_code() : error::closed;
    return result;
  }

  /// @copybrief enter(boost::system::error_code&)
  /**
   * @returns The guard, which counts down at its end. Never empty.
   *
   * @throws boost::system::system_error With toro::error::closed if the
   * wait_group is closed; nothing changes then.
   *
   * @toro_constant
   */
  [[nodiscard]] work_type enter()
  {
    boost::system::error_code ec;
    work_type result = enter(ec);
    this->throw_if(ec, "enter");
    return result;
  }

  /// Try to count one more.
  /**
   * @returns The guard, which counts down at its end, or an empty guard if the
   * wait_group is closed.
   *
   * @toro_constant
   */
  [[nodiscard]] work_type try_enter() noexcept
  {
    const bool entered = this->get_core().update_quietly(
        [](detail::wait_group_state& state)
        {
          return state.enter();
        });
    if (!entered)
      return work_type();
    return detail::work_access::make<Threading>(this->share_core());
  }

  /// Count down for a guard that was detached.
  /**
   * If nothing is inside any more, all operations that wait are woken. Their
   * handlers will not be invoked from within this function. @toro_batches
   *
   * @param ec Set to toro::error::task_underflow if nothing is inside, or if
   * guards own all of it; nothing changes then.
   *
   * @returns The number of waits that this woke. Zero on an error.
   *
   * @throws Any exception thrown while posting a completion. The count falls
   * regardless; the completion is retried on the next call.
   *
   * @toro_linear_in_batches{waits}
   */
  std::size_t leave(boost::system::error_code& ec)
  {
    return this->update(
        [](detail::wait_group_state& state)
        {
          return state.leave();
        },
        error::task_underflow, ec);
  }

  /// @copybrief leave(boost::system::error_code&)
  /**
   * @returns The number of waits that this woke.
   *
   * @throws boost::system::system_error With toro::error::task_underflow if the
   * overload above would set it. Also any exception thrown while posting a
   * completion; the count falls regardless.
   *
   * @toro_linear_in_batches{waits}
   */
  std::size_t leave()
  {
    boost::system::error_code ec;
    const std::size_t granted = leave(ec);
    this->throw_if(ec, "leave");
    return granted;
  }

  /// Admit no more.
  /**
   * What is inside stays, and so do the waits for it. Closing a closed
   * wait_group does nothing.
   *
   * @returns How much is inside: count().
   *
   * @toro_constant
   */
  std::size_t close() noexcept
  {
    return this->get_core().update_quietly(
        [](detail::wait_group_state& state)
        {
          return state.close();
        });
  }

  /// Gives the count.
  /**
   * @returns How much is inside: what guards own, and what was detached and has
   * not left.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t count() const noexcept
  {
    return this->get_core().read(
        [](const detail::wait_group_state& state)
        {
          return state.count();
        });
  }

  /// Tells whether the wait_group is open.
  /**
   * @returns False once close() or async_close() was called.
   *
   * @toro_constant
   */
  [[nodiscard]] bool is_open() const noexcept
  {
    return this->get_core().read(
        [](const detail::wait_group_state& state)
        {
          return state.is_open();
        });
  }

  /// Start an asynchronous wait until nothing is inside.
  /**
   * Completes immediately if nothing is inside, even if the deadline has
   * passed. Does not close the wait_group.
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
   * slot or by cancel(), or the wait_group was destroyed or assigned to.
   *
   * @toro_executor{leave() or a member of a guard}
   *
   * @toro_cancellation
   * The count does not change.
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::wait_group_wait_request(), token))
  {
    return this->template start<CompletionToken>(
        detail::wait_group_wait_request(), token);
  }

  /// @copydoc async_wait(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{nothing is inside}
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::wait_group_wait_request(), limit, token))
  {
    return this->template start<CompletionToken>(
        detail::wait_group_wait_request(), limit, token);
  }

  /// Start an asynchronous shutdown: close, and wait until nothing is inside.
  /**
   * Closes when the operation starts, in one step with its wait. The wait_group
   * stays closed if the deadline passes, also if that has passed at the start,
   * and if the wait is cancelled. A closed wait_group may be closed again.
   *
   * Completes immediately if nothing is inside, even if the deadline has
   * passed.
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
   * @li @c boost::asio::error::timed_out The deadline passed. The wait_group
   * is closed.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot or by cancel(), and the wait_group is closed; or the wait_group was
   * destroyed or assigned to.
   *
   * @toro_executor{leave() or a member of a guard}
   *
   * @toro_cancellation_of_wait_only
   * The wait_group stays closed.
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_close(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::wait_group_close_request(), token))
  {
    return this->template start<CompletionToken>(
        detail::wait_group_close_request(), token);
  }

  /// @copydoc async_close(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{nothing is inside}
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_close(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          detail::wait_group_close_request(), limit, token))
  {
    return this->template start<CompletionToken>(
        detail::wait_group_close_request(), limit, token);
  }

  /// Describes a wait_group: its count, its waiters and whether it is closed.
  /**
   * @param x The wait_group.
   *
   * @returns For example @c "<wait_group count=2 waiters[1] closed>".
   */
  [[nodiscard]] friend std::string to_string(const basic_wait_group& x)
  {
    return x.get_core().describe();
  }

private:
  static std::string describe(const detail::wait_group_state& state)
  {
    return detail::description("wait_group")
        .figure("count", state.count())
        .count_if_any("waiters", state.waiters())
        .word(state.is_open() ? "" : "closed")
        .str();
  }
};

/// The wait_group on any executor, safe to share between threads.
using wait_group = basic_wait_group<>;

} // namespace toro

#endif // TORO_WAIT_GROUP_HPP
