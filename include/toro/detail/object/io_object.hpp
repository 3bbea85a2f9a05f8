// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_IO_OBJECT_HPP
#define TORO_DETAIL_OBJECT_IO_OBJECT_HPP

#include <toro/error.hpp>

#include <toro/detail/compat.hpp>
#include <toro/detail/core/core.hpp>
#include <toro/detail/object/initiation.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/assert.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>

#include <concepts>
#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace toro::detail {

template <class Context>
concept execution_context_like =
    std::convertible_to<Context&, boost::asio::execution_context&>;

// Whether a primitive may be converted to another executor type.
template <class Executor, class OtherExecutor>
concept convertible_executor =
    std::convertible_to<const OtherExecutor&, Executor> &&
    !std::same_as<Executor, OtherExecutor>;

/// The Asio I/O object that every primitive is.
/**
 * Moving a primitive moves its waits, at the cost of a pointer. A moved-from
 * primitive may only be destroyed or assigned to; no other member may be
 * called.
 *
 * The primitive may be moved or destroyed before a prepared operation
 * (@c deferred) is launched. If it has been destroyed, the operation completes
 * with @c boost::asio::error::operation_aborted. If the context has been
 * destroyed, the handler is destroyed without being invoked.
 *
 * A grant can be revoked until the handler runs: a cancellation of any type
 * that the operation supports returns it to the primitive. A deadline that
 * passes does not. The grants of three operations are final, since others rely
 * on them: a put whose item was taken, a put of a broadcast that drops items,
 * and an arrival at a barrier whose phase is complete. The README says what is
 * not guaranteed.
 *
 * @tparam State The rules of the primitive.
 *
 * @tparam Executor The type of its executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe with thread_safe, unsafe with strand_bound: all
 * calls, the emission of cancellation signals and the destruction of guards
 * must happen on the executor or while nothing runs. Moving is never safe
 * during another call.
 */
template <class State, class Executor, class Threading>
class io_object
{
public:
  /// The type of the executor associated with the object.
  using executor_type = Executor;

  /// Gives the executor associated with the object.
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

  /// Cancel all pending operations.
  /**
   * First all waits are cancelled. Then all grants whose handlers have not run
   * are revoked, so that none of them is granted again. The operations complete
   * with @c boost::asio::error::operation_aborted; their handlers will not be
   * invoked from within this function. The state of the primitive stays as it
   * is.
   *
   * @returns The number of operations that this cancelled. A put whose item was
   * already taken, and an arrival at a barrier whose phase is complete, are not
   * included.
   *
   * @throws Any exception thrown while posting a completion. The operations are
   * cancelled regardless; the completion is retried on the next call.
   *
   * @toro_linear{pending operations}
   */
  std::size_t cancel()
  {
    return get_core().cancel();
  }

  /// Gives the number of operations that wait.
  /**
   * @returns The exact number at this moment. Operations that were granted, and
   * whose handlers have not run yet, are not included.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t waiters() const noexcept
  {
    return get_core().read(
        [](const State& state)
        {
          return state.waiters();
        });
  }

  /// Give the object a name for dump().
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

  /// Write the state and the waits of the object.
  /**
   * Writes the state and name of the object, its owners, and for each wait the
   * operation and its deadline. If diagnostics are on, it also writes the name
   * of each wait and how long it has waited.
   *
   * @param out The stream.
   *
   * @throws std::bad_alloc or any exception from the stream.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits; as the class.
   *
   * @sa enable_diagnostics
   */
  void dump(std::ostream& out) const
  {
    dump_text text(get_core().now());
    get_core().inspect(text);
    out << text.str();
  }

  /// @cond
protected:
  using core_type = core<State, Threading>;
  using core_pointer = typename core_type::pointer;
  using initiation_type = initiation<core_type, Executor>;

  template <class... Args>
  explicit io_object(const Executor& executor,
                     typename core_type::describer describe, Args&&... args)
    : core_(core_type::make(executor, describe, std::forward<Args>(args)...)),
      executor_(&core_->add_executor(executor))
  {
    core_->enlist();
  }

  io_object(io_object&&) noexcept = default;

  // Adds the same executor with its new type. Operations that were prepared
  // before still refer to the old one.
  template <class OtherExecutor>
  requires convertible_executor<Executor, OtherExecutor>
  explicit io_object(io_object<State, OtherExecutor, Threading>&& other)
    : executor_(&other.get_core().add_executor(Executor(other.get_executor())))
  {
    core_ = std::move(other.core_);
  }

  io_object& operator=(io_object&& other) noexcept
  {
    if (this != &other)
    {
      retire();
      core_ = std::move(other.core_);
      executor_ = other.executor_;
    }
    return *this;
  }

  ~io_object()
  {
    retire();
  }

  core_type& get_core() const noexcept
  {
    check_not_moved_from();
    return *core_;
  }

  core_pointer share_core() const noexcept
  {
    return get_core().share();
  }

  // Changes the state by a function. It returns how many waits it granted or,
  // with nothing changed, nothing if the call is misuse. Returns that number;
  // after misuse zero, and sets ec.
  template <class Function>
  std::size_t update(Function function, error misuse,
                     boost::system::error_code& ec)
  {
    const std::optional<std::size_t> granted = get_core().update(function);
    ec = granted ? boost::system::error_code() : misuse;
    return granted.value_or(0);
  }

  static void throw_if(const boost::system::error_code& ec, const char* what)
  {
    if (ec)
      boost::throw_exception(boost::system::system_error(ec, what));
  }

  // The executor as the operations keep it. It lives as long as the core.
  kept_executor<Executor>& get_kept_executor() const noexcept
  {
    check_not_moved_from();
    return *executor_;
  }

  initiation_type initiate() const
  {
    return initiation_type(share_core(), *executor_);
  }

  // Starts an operation without a deadline, or with one.
  template <class CompletionToken, class Request>
  auto start(Request&& what, std::type_identity_t<CompletionToken>& token) const
      -> decltype(boost::asio::async_initiate<
                  CompletionToken, typename std::decay_t<Request>::signature>(
          std::declval<initiation_type>(), token, std::forward<Request>(what)))
  {
    return boost::asio::async_initiate<
        CompletionToken, typename std::decay_t<Request>::signature>(
        initiate(), token, std::forward<Request>(what));
  }

  template <class CompletionToken, class Request>
  auto start(Request&& what, deadline limit,
             std::type_identity_t<CompletionToken>& token) const
      -> decltype(boost::asio::async_initiate<
                  CompletionToken, typename std::decay_t<Request>::signature>(
          std::declval<initiation_type>(), token, std::forward<Request>(what),
          limit))
  {
    return boost::asio::async_initiate<
        CompletionToken, typename std::decay_t<Request>::signature>(
        initiate(), token, std::forward<Request>(what), limit);
  }

  /// @endcond

private:
  template <class, class, class>
  friend class io_object;

  template <class S, class E, class T>
  friend std::string describe(const io_object<S, E, T>& x);

  void check_not_moved_from() const noexcept
  {
    BOOST_ASSERT_MSG(
        core_.get(),
        "a moved-from object may only be destroyed or assigned to");
  }

  void retire() noexcept
  {
    if (core_)
      core_->retire();
  }

  // Invariant: null in a moved-from object only.
  core_pointer core_;
  kept_executor<Executor>* executor_;
};

template <class State, class Executor, class Threading>
std::string describe(const io_object<State, Executor, Threading>& x)
{
  return x.get_core().describe();
}

/// Writes the result of to_string().
/**
 * @param out The stream.
 *
 * @param x The primitive.
 *
 * @returns The stream.
 */
template <class Primitive>
requires requires(const Primitive& x)
{
  detail::describe(x);
}
std::ostream& operator<<(std::ostream& out, const Primitive& x)
{
  return out << detail::describe(x);
}

} // namespace toro::detail

#endif // TORO_DETAIL_OBJECT_IO_OBJECT_HPP
