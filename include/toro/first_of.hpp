// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_FIRST_OF_HPP
#define TORO_FIRST_OF_HPP

#include <toro/detail/object/first_of_op.hpp>

#include <boost/asio/async_result.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

namespace toro {

namespace detail {

template <class... Results>
struct first_of_signature;

template <class... Results>
struct first_of_signature<std::tuple<Results...>>
{
  using type = void(std::size_t, Results...);
};

template <class... Ops>
using first_of_signature_t =
    typename first_of_signature<decltype(std::tuple_cat(
        std::declval<typename operand_of<Ops>::results_type>()...))>::type;

struct first_of_initiation
{
  template <class Handler, class... Ops>
  void operator()(Handler&& handler, Ops... operands) const
  {
    using op_type = first_of_op<std::decay_t<Handler>, operand_of<Ops>...>;
    std::decay_t<Handler> own(std::forward<Handler>(handler));
    op_type::start(std::move(own), operands...);
  }
};

// Splits the arguments of async_first_of() into the operands and the token,
// which is the last one.
template <class... Args, std::size_t... I>
auto start_first_of(std::index_sequence<I...>, std::tuple<Args...> args)
{
  using arguments = std::tuple<Args...>;
  static_assert(
      (async_operation<std::decay_t<std::tuple_element_t<I, arguments>>> &&
       ...),
      "the operands of async_first_of are deferred operations, such as "
      "q.async_get(asio::deferred); the completion token is the last argument");
  using token_type = std::tuple_element_t<sizeof...(I), arguments>;
  using signature =
      first_of_signature_t<std::decay_t<std::tuple_element_t<I, arguments>>...>;
  auto&& token = std::get<sizeof...(I)>(args);
  return boost::asio::async_initiate<token_type, signature>(
      first_of_initiation(), token, std::get<I>(std::move(args))...);
}

} // namespace detail

/// Start operations, and complete with the first that completes.
/**
 * Selects among waits: for an item of one queue or of another one, a lock, an
 * event, a timer, a coroutine. The operations are started in order. The first
 * one to complete, with success or with an error, cancels the others. The
 * handler is called once all have ended.
 *
 * Of this library's operations at most one takes effect, even if their objects
 * belong to different strands and thread pools: only the first to complete gets
 * an item, a permit or a lock, or puts an item. If another operation was
 * granted something, that goes to the next waiter of its object. A put that is
 * not the first puts nothing. So nothing is lost even if operands complete in
 * different threads at the same time. In that case @c || and a
 * @c parallel_group have two effects and report one. A get may let a put into
 * the same full queue. If the put is the first then, the item of the get
 * returns, and the queue holds one item more than its bound.
 *
 * If an operation of this library completes immediately, those behind it are
 * not started. So if several operations could complete immediately, the first
 * of them in order does. To be fair, change the order from call to call.
 *
 * This applies to operations that are operands themselves. It does not apply to
 * an operation within a composed operation, within a coroutine, or behind an
 * adapter such as <tt>bind_executor(executor, asio::deferred)</tt>, nor to
 * timers, sockets and other operations. Such an operation may take effect
 * although it was not the first; its results tell. An arrival at a latch stays
 * counted, wait_group::async_close leaves the wait_group closed, and an arrival
 * at a barrier stays once the phase is complete. A task_group::async_join that
 * is not the first cancels the children, and waits for them. An async_first_of
 * may be an operand.
 *
 * @param operations_and_token The operations, and behind them the completion
 * token. An operation is what a function returns for the token
 * <tt>boost::asio::deferred</tt>. There must be at least one. A put can be an
 * operand: once granted, it reserves room in its queue, and it puts its item
 * only if it is the first. Otherwise the item is destroyed.
 *
 * @returns What the token makes of the operation.
 *
 * @par Completion Signature
 * The handler is called with:
 * @code void(std::size_t index, Results... results) @endcode
 * The index is that of the first operation that completed. The results are the
 * arguments of all completion handlers in order, as those of @c parallel_group
 * are. If an operation was not started, an error code or an exception says
 * @c operation_aborted, and the rest is default-constructed; a result that
 * cannot be is a @c std::optional. Of an async_first_of that was not started,
 * all error codes and exceptions say so.
 *
 * @par Errors
 * Those of the operations, in the results. Operations that were not the first
 * have @c boost::asio::error::operation_aborted, unless they could not be
 * cancelled.
 *
 * @par Executor
 * The handler runs on its associated executor or, if it has none, on that of
 * the first operation's object. If the first operation is an async_first_of,
 * that is the object of the first operation within it. If the first operation
 * does not tell its executor, as those of Boost.Beast do not (Boost 1.81), a
 * handler without an executor runs on the @c system_executor. The handler does
 * not run inside this function, unless it has an immediate executor of its own
 * that runs it there. Operations of thread_safe objects complete on the
 * executor of the handler, others on that of their own object.
 *
 * @par Per-Operation Cancellation
 * Each type is passed on to all operations that have not ended. Once the first
 * operation has completed, a cancellation does not change its result: if it got
 * an item, the handler will get the item. The cancellation of an operation of
 * another library, or of a strand_bound object, is dispatched to the executor
 * of that object, or to that of the handler if the operation does not tell its
 * own, as those of Boost.Beast do not (Boost 1.81).
 *
 * @par Thread Safety
 * The operations may complete in different threads. Starting them is subject to
 * the rules of their objects. Emitting a cancellation signal is subject to
 * Asio's rules.
 *
 * @par Complexity
 * Linear in the number of operations. One allocation with the handler's
 * associated allocator, beside those of the operations. If that is the default
 * allocator, this one allocation has the memory of this library's operations.
 * Each result whose move may throw has two allocations more: for its default
 * value when the operations start, and for the value when it arrives.
 *
 * @par Exception Safety
 * If the start of an operation throws, those that were started are cancelled,
 * none of this library's takes effect, the exception is rethrown, and the
 * handler is destroyed once they have ended. But if one has already taken
 * effect in another thread, it is the first, and the exception is dropped. If
 * the handler of an operation is destroyed, for example because its context was
 * destroyed, and no other operation was the first, the others are cancelled and
 * the handler of this function is destroyed as well. If the executor of the
 * handler throws, the handler is destroyed.
 *
 * A result whose move may throw is moved once, when its operation completes;
 * the handler gets it from there. If that move throws and the operation was the
 * first, the handler is destroyed, and the exception leaves through the
 * function that runs the executor; an item of a queue returns to its position.
 * This also applies to operations within an async_first_of that is an operand.
 * If a completion token moves the item, or a handler takes it by value, and
 * that move throws, the item is lost.
 *
 * @par Example
 * For example:
 * @code
 * toro::queue<int> orders(executor), returns(executor);
 * co_await returns.async_put(7, asio::use_awaitable);
 * auto [index, ec1, order, ec2, returned] = co_await toro::async_first_of(
 *     orders.async_get(asio::deferred), returns.async_get(asio::deferred),
 *     asio::use_awaitable);
 * assert(index == 1 && !ec2 && returned == 7);
 * @endcode
 *
 * @sa cancellation_source, task_group
 */
template <class... OperationsAndToken>
auto async_first_of(OperationsAndToken&&... operations_and_token)
{
  static_assert(sizeof...(OperationsAndToken) > 1,
                "async_first_of needs at least one operation, and a completion "
                "token behind it");
  return detail::start_first_of(
      std::make_index_sequence<sizeof...(OperationsAndToken) - 1>(),
      std::tuple<OperationsAndToken&&...>(
          std::forward<OperationsAndToken>(operations_and_token)...));
}

} // namespace toro

#endif // TORO_FIRST_OF_HPP
