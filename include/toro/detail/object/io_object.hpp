// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_IO_OBJECT_HPP
#define TORO_DETAIL_OBJECT_IO_OBJECT_HPP

#include <toro/error.hpp>

#include <toro/detail/compat.hpp>
#include <toro/detail/core/core.hpp>
#include <toro/detail/object/initiation.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>
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

/// What every primitive is besides its own operations: an Asio I/O object.
/**
 * Moving a primitive moves its waits, and costs a pointer. A moved-from one may
 * only be destroyed or assigned to: that is the precondition of every member.
 *
 * An operation that was prepared and not launched (@c deferred) keeps what it
 * needs: the primitive may move or end before. Where it has ended, the
 * operation completes with @c boost::asio::error::operation_aborted; where the
 * context has been destroyed, the handler is destroyed un-invoked.
 *
 * A grant is an offer until the handler runs. Until then a cancellation of any
 * type gives back what was granted; a deadline that passes does not. What is
 * not guaranteed stands in the README.
 *
 * @tparam State The rules of the primitive.
 *
 * @tparam Executor The type of its executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe with thread_safe, unsafe with strand_bound, where
 * all calls, the emission of cancellation signals and the end of guards happen
 * on the executor or while nothing runs. Moving is never safe beside another
 * call.
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
   * @returns The executor that handlers without one of their own run on.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] const executor_type& get_executor() const noexcept
  {
    check_not_moved_from();
    return executor_->get();
  }

  /// Cancel all pending operations.
  /**
   * Those that wait leave first, then all grants that no handler has seen are
   * taken back, so that none of them is granted anew. Their handlers complete
   * with @c boost::asio::error::operation_aborted and will not be invoked from
   * within this function. The state of the primitive stays as it is.
   *
   * @returns How many operations that ended. A put whose item was taken
   * already is not among them.
   *
   * @throws What an executor throws that a completion is handed to; the
   * operations have been cancelled and are handed over later.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of pending operations, and other threads that call the
   * object meanwhile wait for all of it; as the class.
   */
  std::size_t cancel()
  {
    return shared().cancel();
  }

  /// Counts the operations that wait.
  /**
   * @returns The exact number at this moment. Grants on their way to a handler
   * are not among them.
   *
   * @par Complexity and Thread Safety
   * Constant; as the class.
   */
  [[nodiscard]] std::size_t waiters() const noexcept
  {
    return shared().read(
        [](const State& state)
        {
          return state.waiters();
        });
  }

  /// Give the object a name for dump().
  /**
   * @param name The name. Copied.
   *
   * @throws std::bad_alloc With nothing changed.
   *
   * @par Complexity and Thread Safety
   * Linear in the length of the name; as the class.
   */
  void set_name(std::string_view name)
  {
    shared().set_name(name);
  }

  /// Write what is known of the object.
  /**
   * Its state and name, who holds it, and each wait: the operation, its
   * deadline and, where diagnostics are on, its name and for how long it has
   * waited.
   *
   * @param out The stream.
   *
   * @throws std::bad_alloc or what the stream throws.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of waits; as the class.
   *
   * @sa enable_diagnostics
   */
  void dump(std::ostream& out) const
  {
    dump_text text(shared().now());
    shared().inspect(text);
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
    : core_(make_core(executor, describe, std::forward<Args>(args)...)),
      executor_(&core_->add_executor(executor))
  {
    core_->enlist();
  }

  io_object(io_object&&) noexcept = default;

  // Adds the same executor under its new type; operations that were prepared
  // before still find the old one.
  template <class OtherExecutor>
  requires convertible_executor<Executor, OtherExecutor>
  explicit io_object(io_object<State, OtherExecutor, Threading>&& other)
    : executor_(&other.shared().add_executor(Executor(other.get_executor())))
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

  core_type& shared() const noexcept
  {
    check_not_moved_from();
    return *core_;
  }

  core_pointer share_core() const noexcept
  {
    return shared().share();
  }

  // Changes the state by a function that returns how many waits it granted, or
  // nothing, with nothing changed, if that was misuse. Returns the number; zero
  // for misuse, which ec reports.
  template <class Function>
  std::size_t update(Function function, error misuse,
                     boost::system::error_code& ec)
  {
    const std::optional<std::size_t> granted = shared().update(function);
    ec = granted ? boost::system::error_code() : misuse;
    return granted.value_or(0);
  }

  static void throw_if(const boost::system::error_code& ec, const char* what)
  {
    if (ec)
      boost::throw_exception(boost::system::system_error(ec, what));
  }

  initiation_type initiate() const
  {
    return initiation_type(share_core(), *executor_);
  }

  // What a function without a deadline, or with one, gives back.
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

  template <class... Args>
  static core_pointer make_core(const Executor& executor, Args&&... args)
  {
    // Why not query the executor in the call: io_context would be asked for
    // the service as one of its own.
    boost::asio::execution_context& context =
        boost::asio::query(executor, boost::asio::execution::context);
    return core_pointer(
        new core_block<core_type>(context, std::forward<Args>(args)...));
  }

  void check_not_moved_from() const noexcept
  {
    BOOST_ASSERT_MSG(
        core_, "a moved-from object may only be destroyed or assigned to");
  }

  void retire() noexcept
  {
    if (core_)
      core_->retire();
  }

  // Invariant: null in a moved-from object only.
  core_pointer core_;
  executor_slot<Executor>* executor_;
};

template <class State, class Executor, class Threading>
std::string describe(const io_object<State, Executor, Threading>& x)
{
  return x.shared().describe();
}

/// Writes what to_string() gives.
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
