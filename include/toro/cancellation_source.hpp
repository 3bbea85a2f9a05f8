// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_CANCELLATION_SOURCE_HPP
#define TORO_CANCELLATION_SOURCE_HPP

#include <toro/deadline.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/format.hpp>
#include <toro/detail/object/cancellation_adapter.hpp>
#include <toro/detail/object/cancellation_node.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/quietly.hpp>
#include <toro/detail/state/event_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/assert.hpp>
#include <boost/system/error_code.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#if defined(__cpp_lib_jthread)
#include <stop_token>
#endif

namespace toro {

namespace detail {

TORO_DETAIL_SEPARATE_CORE(event_state)

struct cancellation_wait_request : plain_request
{
  static constexpr const char* name = "cancellation_source::async_wait";

  static bool start(event_state& state, waiter& w, bool may_wait) noexcept
  {
    return state.start_wait(w, may_wait);
  }
};

// What the handles of a source share: the waits for its cancellation, which are
// those of an event, and the node that reaches the operations. The last handle
// ends the waits. Operations and children own the node.
template <class Threading>
class shared_source final : public cancellation_waits
{
public:
  using core_type = core<event_state, Threading>;
  using pointer = std::shared_ptr<shared_source>;

  template <class Executor>
  explicit shared_source(const Executor& executor)
    : core_(core_type::make(executor, &shared_source::describe))
  {
  }

  shared_source(const shared_source&) = delete;
  shared_source& operator=(const shared_source&) = delete;

  ~shared_source()
  {
    core_->retire();
  }

  void set_node(cancellation_node_pointer node) noexcept
  {
    node_ = std::move(node);
  }

  core_type& get_core() const noexcept
  {
    return *core_;
  }

  const cancellation_node_pointer& node() const noexcept
  {
    return node_;
  }

  void wake() override
  {
    core_->update(
        [](event_state& state)
        {
          return state.set();
        });
  }

private:
  static std::string describe(const event_state& state)
  {
    return detail::description("cancellation_source")
        .word(state.is_set() ? "cancelled" : "active")
        .count_if_any("waiters", state.waiters())
        .str();
  }

  typename core_type::pointer core_;

  // Does not change once there is a handle.
  cancellation_node_pointer node_;
};

} // namespace detail

/// Cancels a source at the end of a scope.
/**
 * cancellation_source::drop_guard() makes such a guard. The guard is not a
 * handle of the source. If the last handle was destroyed, the guard still
 * cancels the operations that are bound to the source.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Unsafe.
 */
class [[nodiscard]] TORO_DETAIL_VISIBLE drop_guard
{
public:
  /// Constructs an empty guard.
  drop_guard() noexcept = default;

  /// Constructs a guard that cancels a source.
  /**
   * @param source The source.
   *
   * @param type The type of the cancellation.
   */
  template <class Executor, class Threading>
  explicit drop_guard(
      const basic_cancellation_source<Executor, Threading>& source,
      boost::asio::cancellation_type_t type =
          boost::asio::cancellation_type::terminal) noexcept
    : node_(source.share_node()),
      type_(type)
  {
  }

  /// Takes over the source of another guard, which is empty afterwards.
  /**
   * @param other The other guard.
   */
  drop_guard(drop_guard&& other) noexcept = default;

  /// Cancels, then takes over the source of another guard.
  /**
   * @param other The other guard. It is empty afterwards.
   *
   * @returns This guard.
   */
  drop_guard& operator=(drop_guard&& other) noexcept
  {
    if (this != &other)
    {
      reset();
      node_ = std::move(other.node_);
      type_ = other.type_;
    }
    return *this;
  }

  /// Cancels, unless the guard is empty.
  ~drop_guard()
  {
    reset();
  }

  /// Cancel now, and make the guard empty.
  /**
   * Exceptions of executors are dropped. The next cancellation reaches the
   * operations of these executors.
   *
   * @par Complexity and Thread Safety
   * As basic_cancellation_source::cancel(); as the class.
   */
  void reset() noexcept
  {
    if (const auto node = std::move(node_))
      detail::quietly(
          [&]
          {
            node->cancel(type_);
          });
  }

  /// Make the guard empty without cancelling.
  /**
   * @toro_constant
   */
  void detach() noexcept
  {
    node_.reset();
  }

  /// Tells whether the guard will cancel a source.
  /**
   * @returns Whether it is not empty.
   *
   * @toro_constant
   */
  [[nodiscard]] explicit operator bool() const noexcept
  {
    return node_ != nullptr;
  }

private:
  detail::cancellation_node_pointer node_;
  boost::asio::cancellation_type_t type_ =
      boost::asio::cancellation_type::terminal;
};

/// Cancels any number of operations of any kind, from any thread.
/**
 * A @c boost::asio::cancellation_signal reaches the one operation that used its
 * slot last, and must not be emitted while another thread starts or completes
 * that operation. A source reaches
 * all operations that bind_cancellation() binds to it: those of timers,
 * sockets, coroutines and of this library. Each cancellation is emitted on the
 * executor of the operation, so that cancel() may be called anywhere.
 *
 * The object is a handle. Copies refer to the same source.
 *
 * | Source | cancel(type) | an operation that is bound | async_wait() |
 * | ------ | ------------ | -------------------------- | ------------ |
 * | active | emits to all, becomes cancelled | starts | waits |
 * | cancelled | emits to all | starts, and is cancelled with every type that
 * was emitted | succeeds immediately |
 *
 * A source stays cancelled. For a fresh start make a new one.
 *
 * child() makes a source that is cancelled with this one. Cancelling the child
 * does not affect this one.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Operations are reached in the order in which they started, then the children
 * in the order in which they were made.
 *
 * @par Memory Ordering
 * A handler of async_wait() that is called with success, and a caller of
 * cancelled() that gets true, see everything that was written before cancel().
 *
 * @toro_class_thread_safety With strand_bound, a stop request of the
 * @c stop_token that the source follows counts as a call of cancel().
 *
 * @par Destruction and Shutdown
 * Destroying the last handle of a source completes the waits of async_wait()
 * with @c operation_aborted; the handlers are posted. It does not cancel the
 * operations that are bound to the source. A cancellation of the source's
 * parent still reaches these operations. Destroying the context destroys the
 * handlers without invoking them. Sources, operations and contexts may be
 * destroyed in any order.
 *
 * @par Example
 * For example:
 * @code
 * toro::cancellation_source shutdown(executor);
 * asio::steady_timer timer(executor, std::chrono::hours(1));
 * timer.async_wait(toro::bind_cancellation(shutdown,
 *     [](boost::system::error_code ec)
 *     {
 *       assert(ec == asio::error::operation_aborted);
 *     }));
 * assert(shutdown.cancel() == 1);
 * co_await shutdown.async_wait(asio::use_awaitable);
 * @endcode
 *
 * @sa bind_cancellation, drop_guard
 */
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_cancellation_source
{
  using default_token = detail::default_token<Executor>;
  using shared_type = detail::shared_source<Threading>;
  using initiation_type =
      detail::initiation<typename shared_type::core_type, Executor>;

public:
  /// The type of the executor associated with the source.
  using executor_type = Executor;

  /// The type of cancellations.
  using types = boost::asio::cancellation_type_t;

  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_cancellation_source<OtherExecutor, Threading>;
  };

  /// Constructs a source that is active.
  /**
   * @param executor The executor for handlers that have no associated executor,
   * and on which to emit to operations that have no executor at all.
   */
  explicit basic_cancellation_source(const Executor& executor)
    : basic_cancellation_source(executor, nullptr)
  {
    shared_->set_node(detail::cancellation_node::make(shared_));
  }

  /// Constructs a source that is active, on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   */
  template <detail::execution_context_like Context>
  explicit basic_cancellation_source(Context& context)
    : basic_cancellation_source(Executor(context.get_executor()))
  {
  }

#if defined(__cpp_lib_jthread)
  /// Constructs a source that follows a stop_token.
  /**
   * A stop request cancels the source, with type @c terminal, in the thread
   * that makes the request. If stop was requested already, the source is
   * cancelled from the start. Exceptions of executors at a stop request are
   * dropped.
   *
   * @param executor The executor, as above.
   *
   * @param token The token to follow. Without a stop state it is ignored.
   */
  basic_cancellation_source(const Executor& executor, std::stop_token token)
    : basic_cancellation_source(executor)
  {
    node().follow(std::move(token));
  }

  /// @copydoc basic_cancellation_source(const Executor&, std::stop_token)
  /**
   * @param context The context whose executor it is.
   */
  template <detail::execution_context_like Context>
  basic_cancellation_source(Context& context, std::stop_token token)
    : basic_cancellation_source(Executor(context.get_executor()),
                                std::move(token))
  {
  }
#endif

  /// Makes another handle of the same source.
  basic_cancellation_source(const basic_cancellation_source&) noexcept =
      default;
  /// Moves a handle.
  basic_cancellation_source(basic_cancellation_source&&) noexcept = default;
  /// Drops this handle, then makes another handle of the same source.
  /**
   * @returns This handle.
   */
  basic_cancellation_source&
  operator=(const basic_cancellation_source&) noexcept = default;
  /// Drops this handle, then moves another one in.
  /**
   * @returns This handle.
   */
  basic_cancellation_source&
  operator=(basic_cancellation_source&&) noexcept = default;

  /// Moves a handle from another type of executor.
  /**
   * @param other The handle to move from. Each such move keeps one more
   * executor for as long as the source lives.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_cancellation_source(
      basic_cancellation_source<OtherExecutor, Threading>&& other)
    : executor_(&other.get_shared().get_core().add_executor(
          Executor(other.get_executor())))
  {
    shared_ = std::move(other.shared_);
  }

  /// Gives the executor associated with the source.
  /**
   * Must not be called once the executor's context has been destroyed.
   *
   * @returns The executor for handlers that have no associated executor.
   *
   * @toro_constant
   */
  [[nodiscard]] const executor_type& get_executor() const noexcept
  {
    check_not_moved_from();
    return executor_->get();
  }

  /// Cancel all operations that are bound to the source or to its descendants.
  /**
   * Emits @p type to each of these operations, on its executor: within this
   * call if this thread runs that executor, otherwise later. Operations that
   * are bound from now on are cancelled as soon as they have started. The waits
   * of async_wait() are woken. No handler is invoked from within this function,
   * unless the operation itself does that in an emission.
   * @toro_batches_of{async_wait()}
   *
   * Does nothing if @p type is @c none. Whether an operation ends depends on
   * the types that it supports. A second call emits again.
   *
   * @param type The type of the cancellation, or several.
   *
   * @returns The number of operations that were reached: those that were bound
   * and had not completed. Waits of async_wait() are not included.
   *
   * @throws Any exception thrown while submitting an emission or posting a
   * completion. The other operations are reached regardless; the next call
   * tries again.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of operations and descendants. The lock is not held
   * for more than one of them; as the class.
   */
  std::size_t cancel(types type = types::terminal)
  {
    return node().cancel(type);
  }

  /// Tells whether the source was cancelled.
  /**
   * @returns Whether cancel() was called, with any type but @c none, on this
   * source or on one that it descends from.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of sources that it descends from; as the class.
   */
  [[nodiscard]] bool cancelled() const noexcept
  {
    return node().emitted() != types::none;
  }

  /// Make a source that is cancelled with this one.
  /**
   * A cancellation of this source cancels the child, its operations, its waits
   * and its own children. The child of a source that was cancelled is cancelled
   * from the start. A cancellation of the child has no effect on this source.
   *
   * A child keeps memory of this source, but is not a handle of it.
   *
   * @returns The child. It has the same executor.
   *
   * @throws std::bad_alloc Nothing changes then.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of sources that it descends from; as the class.
   */
  [[nodiscard]] basic_cancellation_source child() const
  {
    basic_cancellation_source result(get_executor(), nullptr);
    result.shared_->set_node(node().make_child(result.shared_));
    if (result.cancelled())
      result.shared_->wake();
    return result;
  }

  /// Make a guard that cancels the source at the end of a scope.
  /**
   * @param type The type of the cancellation.
   *
   * @returns The guard.
   *
   * @toro_constant
   */
  [[nodiscard]] toro::drop_guard
  drop_guard(types type = types::terminal) const noexcept
  {
    return toro::drop_guard(*this, type);
  }

  /// Gives the number of operations that wait for the cancellation.
  /**
   * @returns The exact number at this moment, of async_wait() only. Operations
   * that were granted, and whose handlers have not run yet, are not included.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t waiters() const noexcept
  {
    return get_core().read(
        [](const detail::event_state& state)
        {
          return state.waiters();
        });
  }

  /// Give the source a name for dump().
  /**
   * @param name The name. It is copied.
   *
   * @throws std::bad_alloc Nothing changes then.
   *
   * @par Complexity and Thread Safety
   * Linear in the length of the name; as the class.
   */
  void set_name(std::string_view name)
  {
    get_core().set_name(name);
  }

  /// Write the state and the waits of the source.
  /**
   * @param out The stream.
   *
   * @throws std::bad_alloc or any exception from the stream.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits of async_wait(); as the class.
   *
   * @sa enable_diagnostics
   */
  void dump(std::ostream& out) const
  {
    detail::dump_text text(get_core().now());
    get_core().inspect(text);
    out << text.str();
  }

  /// Start an asynchronous wait until the source is cancelled.
  /**
   * Completes immediately if the source is cancelled, even if the deadline has
   * passed. The wait is not bound to the source: a cancellation lets it
   * succeed.
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
   * slot, or the last handle of the source was destroyed or assigned to.
   *
   * @toro_executor{cancel()}
   *
   * @toro_cancellation
   * The source is not cancelled by that.
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(CompletionToken&& token = default_token())
      -> decltype(boost::asio::async_initiate<CompletionToken,
                                              void(boost::system::error_code)>(
          std::declval<initiation_type>(), token,
          detail::cancellation_wait_request()))
  {
    return boost::asio::async_initiate<CompletionToken,
                                       void(boost::system::error_code)>(
        initiate(), token, detail::cancellation_wait_request());
  }

  /// @copydoc async_wait(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{the source is
   * cancelled}
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_wait(deadline limit, CompletionToken&& token = default_token())
      -> decltype(boost::asio::async_initiate<CompletionToken,
                                              void(boost::system::error_code)>(
          std::declval<initiation_type>(), token,
          detail::cancellation_wait_request(), limit))
  {
    return boost::asio::async_initiate<CompletionToken,
                                       void(boost::system::error_code)>(
        initiate(), token, detail::cancellation_wait_request(), limit);
  }

  /// Tells whether two handles refer to the same source.
  /**
   * @param a A handle.
   *
   * @param b Another handle.
   *
   * @returns Whether cancelling one cancels the other, both ways.
   */
  [[nodiscard]] friend bool
  operator==(const basic_cancellation_source& a,
             const basic_cancellation_source& b) noexcept
  {
    return a.shared_ == b.shared_;
  }

  /// Describes a source: whether it is cancelled, and the number of waiters.
  /**
   * @param x The source.
   *
   * @returns For example @c "<cancellation_source active waiters[2]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_cancellation_source& x)
  {
    return x.get_core().describe();
  }

  /// Writes the result of to_string().
  /**
   * @param out The stream.
   *
   * @param x The source.
   *
   * @returns The stream.
   */
  friend std::ostream& operator<<(std::ostream& out,
                                  const basic_cancellation_source& x)
  {
    return out << x.get_core().describe();
  }

  /// @cond
protected:
  typename shared_type::core_type& get_core() const noexcept
  {
    return get_shared().get_core();
  }

  /// @endcond

private:
  template <class, class>
  friend class basic_cancellation_source;

  template <class>
  friend class detail::cancellation_origin;

  friend class toro::drop_guard;

  // Makes a source without a node.
  basic_cancellation_source(const Executor& executor, std::nullptr_t)
    : shared_(std::make_shared<shared_type>(executor)),
      executor_(&shared_->get_core().add_executor(executor))
  {
    shared_->get_core().enlist();
  }

  void check_not_moved_from() const noexcept
  {
    BOOST_ASSERT_MSG(
        shared_, "a moved-from object may only be destroyed or assigned to");
  }

  shared_type& get_shared() const noexcept
  {
    check_not_moved_from();
    return *shared_;
  }

  detail::cancellation_node& node() const noexcept
  {
    return *get_shared().node();
  }

  detail::cancellation_node_pointer share_node() const noexcept
  {
    return get_shared().node();
  }

  initiation_type initiate() const
  {
    return initiation_type(get_core().share(), *executor_);
  }

  // Invariant: null in a moved-from handle only.
  typename shared_type::pointer shared_;
  detail::kept_executor<Executor>* executor_;
};

/// The source on any executor, safe to share between threads.
using cancellation_source = basic_cancellation_source<>;

/// A completion token that is bound to a source of cancellation.
/**
 * bind_cancellation() returns it.
 *
 * @tparam Source The type of the source, or @c std::stop_token.
 *
 * @tparam T The type of the token.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Unsafe.
 */
template <class Source, class T>
class TORO_DETAIL_VISIBLE cancellation_binder
{
public:
  /// The type of the token inside.
  using target_type = T;

  /// Constructs a token that is bound to a source.
  /**
   * @param source The source.
   *
   * @param target The token.
   */
  template <class OtherSource, class OtherT>
  cancellation_binder(OtherSource&& source, OtherT&& target)
    : source_(std::forward<OtherSource>(source)),
      target_(std::forward<OtherT>(target))
  {
  }

  /// Gives the source.
  /**
   * @returns A reference.
   */
  const Source& source() const& noexcept
  {
    return source_;
  }

  /// @copydoc source()
  Source&& source() && noexcept
  {
    return std::move(source_);
  }

  /// Gives the token inside.
  /**
   * @returns A reference.
   */
  T& get() noexcept
  {
    return target_;
  }

  /// @copydoc get()
  const T& get() const noexcept
  {
    return target_;
  }

private:
  Source source_;
  T target_;
};

/// Bind an operation to a source, which can cancel it from any thread.
/**
 * Works with any asynchronous operation, and with any completion token:
 *
 * @code
 * std::size_t n = co_await socket.async_read_some(
 *     buffer, toro::bind_cancellation(shutdown, asio::use_awaitable));
 * @endcode
 *
 * The order of @c bind_cancellation, @c bind_executor, @c bind_allocator,
 * @c bind_cancellation_slot, @c as_tuple and @c redirect_error does not matter.
 * If there are other adapters, let @c bind_cancellation be the outermost.
 * If the handler has a cancellation slot of its own, cancellations that are
 * emitted there reach the operation as well. An operation that is bound to
 * several sources is reached by each of them.
 *
 * If the source was cancelled before, the operation starts, and all types that
 * were emitted so far are emitted to it right after its initiation. Whether it
 * ends depends on the operation, as with a cancellation signal.
 *
 * @param source The source. An operation that was prepared by @c deferred, and
 * not initiated yet, is a handle of the source. Once initiated, the operation
 * is not: it keeps neither the source nor the waits for it alive.
 *
 * @param token The completion token.
 *
 * @returns A completion token.
 *
 * @par Executor
 * Cancellations are emitted on the associated executor of the handler; if it
 * has none, on that of the operation; if that has none either, on that of the
 * source. If the executor of the handler is not one of Asio's contexts or
 * strands, the emission is posted by way of the operation's executor, as
 * completions are. A coroutine that @c co_spawn or @c spawn starts is cancelled
 * on its own executor, wherever its handler runs. An emission never runs during
 * the initiation, during the handler's call, or after it: if another thread
 * emits when the handler is to be called, that call waits until the emission
 * has returned. Other uses of the I/O object, and steps of a composed
 * operation, are safe if the executor serializes them.
 *
 * @par Complexity and Thread Safety
 * Binding adds to an operation four short locks of the source and those of its
 * family (parent, children), and one allocation. The first lock is held for a
 * step for each source that this one descends from. The memory is the source's,
 * which keeps that of 64 operations that have ended for others to come. If the
 * handler has an allocator, there is a second allocation with that, whose
 * memory is freed before the handler is called, even within an emission. If it
 * has none, executors that are large, or that are two, as for @c use_future,
 * take a second allocation as well. As the class of the source.
 *
 * @par Exception Safety
 * Strong guarantee, as without the binding: if the initiation throws, the
 * operation has not started, and is not bound to the source.
 *
 * @sa basic_cancellation_source
 */
template <class Executor, class Threading, class CompletionToken>
[[nodiscard]] cancellation_binder<
    basic_cancellation_source<Executor, Threading>,
    std::decay_t<CompletionToken>>
bind_cancellation(const basic_cancellation_source<Executor, Threading>& source,
                  CompletionToken&& token)
{
  return {source, std::forward<CompletionToken>(token)};
}

#if defined(__cpp_lib_jthread)
/// Bind an operation to a stop_token, whose stop request cancels it.
/**
 * As bind_cancellation() of a source. A stop request emits @c terminal.
 *
 * @param source The token. If it has no stop state, nothing cancels the
 * operation this way.
 *
 * @param token The completion token.
 *
 * @returns A completion token.
 *
 * @par Executor
 * As for a source, except that there is no executor of a source: it does not
 * compile if neither the handler nor the operation has one.
 *
 * @par Complexity and Thread Safety
 * As for a source, and one more allocation; safe.
 *
 * @par Exception Safety
 * As for a source. Exceptions of executors at a stop request are dropped.
 *
 * @sa basic_cancellation_source
 */
template <class CompletionToken>
[[nodiscard]] cancellation_binder<std::stop_token,
                                  std::decay_t<CompletionToken>>
bind_cancellation(std::stop_token source, CompletionToken&& token)
{
  return {std::move(source), std::forward<CompletionToken>(token)};
}
#endif

namespace detail {

template <class Executor, class Threading>
class cancellation_origin<basic_cancellation_source<Executor, Threading>>
{
public:
  static constexpr bool has_executor = true;

  explicit cancellation_origin(
      const basic_cancellation_source<Executor, Threading>& source) noexcept
    : source_(source)
  {
  }

  cancellation_node_pointer node() const noexcept
  {
    return source_.share_node();
  }

  bool is_shut_down() const noexcept
  {
    return source_.get_core().is_shut_down();
  }

  const Executor& executor() const noexcept
  {
    return source_.get_executor();
  }

private:
  const basic_cancellation_source<Executor, Threading>& source_;
};

} // namespace detail

} // namespace toro

#endif // TORO_CANCELLATION_SOURCE_HPP
