// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_FOR_EACH_HPP
#define TORO_FOR_EACH_HPP

#include <toro/deadline.hpp>
#include <toro/task_group.hpp>

#include <toro/detail/compat.hpp>
#include <toro/detail/config.hpp>
#include <toro/detail/executor/posting.hpp>
#include <toro/detail/object/io_object.hpp>

#if defined(TORO_DETAIL_HAS_CO_SPAWN)

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associator.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/executor.hpp>
#include <boost/asio/is_executor.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>

#include <atomic>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace toro {

namespace detail {

template <class Range>
using element_of =
    std::ranges::range_reference_t<std::remove_reference_t<Range>>;

template <class Range, class Function>
using for_each_awaitable = std::invoke_result_t<Function&, element_of<Range>>;

template <class Range, class Function>
using for_each_value = typename for_each_awaitable<Range, Function>::value_type;

// What a loop over a range can be made of.
template <class Range, class Function>
concept for_each_arguments =
    std::ranges::input_range<std::remove_reference_t<Range>> && requires
{
  typename for_each_value<Range, Function>;
};

// What may be given in the place of an executor, as for co_spawn.
template <class T>
concept executor_or_context =
    execution_context_like<std::remove_reference_t<T>> ||
    boost::asio::is_executor<std::remove_cvref_t<T>>::value ||
    boost::asio::execution::is_executor<std::remove_cvref_t<T>>::value;

template <executor_or_context T>
auto executor_of(T& object)
{
  if constexpr (execution_context_like<T>)
    return object.get_executor();
  else
    return object;
}

template <class T>
using executor_of_t =
    std::decay_t<decltype(detail::executor_of(std::declval<T&>()))>;

// Cancels the coroutine of a loop on its strand, wherever that is asked for.
// co_spawn would emit in the thread that asks, or post a pointer into the slot,
// which may be gone by then.
template <class Strand>
class loop_signal : public std::enable_shared_from_this<loop_signal<Strand>>
{
public:
  explicit loop_signal(const Strand& strand)
    : strand_(strand)
  {
  }

  boost::asio::cancellation_slot slot() noexcept
  {
    return signal_.slot();
  }

  // Whether the loop is to stop. This is known before the coroutine is, and
  // even before it has started.
  bool is_wanted() const noexcept
  {
    return is_wanted_.load(std::memory_order_relaxed);
  }

  void emit(boost::asio::cancellation_type_t type)
  {
    if (type == boost::asio::cancellation_type::none)
      return;
    is_wanted_.store(true, std::memory_order_relaxed);
    detail::dispatch_on(
        strand_,
        [self = this->shared_from_this(), type]
        {
          self->signal_.emit(type);
        },
        std::allocator<void>());
  }

private:
  Strand strand_;
  boost::asio::cancellation_signal signal_;
  std::atomic<bool> is_wanted_ = false;
};

// Implementation notes
//
// The loop is a coroutine on a strand of its own, which waits for a place in a
// task_group, pulls the next element, and spawns the function with it. So
// nothing is pulled before it can be used. Elements that the range does not
// keep are kept with their coroutine. The loop, its coroutines, and what they
// refer to own each other, since the context may destroy them in any order.
//
// Range is an lvalue reference to a range of the caller's, or a range. Collects
// tells whether the results are kept.
template <class Executor, class Range, class Function, bool Collects>
class for_each_loop : public std::enable_shared_from_this<
                          for_each_loop<Executor, Range, Function, Collects>>
{
  using range_type = std::remove_reference_t<Range>;
  using reference = element_of<Range>;
  using awaitable_type = for_each_awaitable<Range, Function>;
  using value_type = typename awaitable_type::value_type;
  using group_type = basic_task_group<Executor>;

  // An iterator of a single pass may overwrite the element that it refers to.
  static constexpr bool keeps_elements =
      !std::is_reference_v<reference> ||
      !std::ranges::forward_range<range_type>;

  using kept_type = std::conditional_t<
      std::is_reference_v<reference>,
      std::conditional_t<keeps_elements, std::ranges::range_value_t<range_type>,
                         reference>,
      std::remove_cv_t<reference>>;

  struct nothing
  {
  };

public:
  using loop_executor = boost::asio::any_io_executor;
  using signal_type = loop_signal<boost::asio::strand<Executor>>;

  for_each_loop(const Executor& executor, Range&& range, std::size_t at_once,
                Function&& function, deadline limit)
    : group_(executor, {.limit = at_once}),
      range_(std::forward<Range>(range)),
      function_(std::move(function)),
      limit_(limit.is_never() ? limit
                              : deadline(limit.resolve(
                                    task_group_access::core(group_).now())))
  {
  }

  // What stops the loop. Requires that it has not started.
  void set_signal(std::shared_ptr<signal_type> signal) noexcept
  {
    signal_ = std::move(signal);
  }

  // The loop. Throws its failure.
  static boost::asio::awaitable<void, loop_executor>
  run(std::shared_ptr<for_each_loop> self)
  {
    co_await self->drive();
    self->throw_failure();
  }

  // The same, with the results in the order of the elements.
  static boost::asio::awaitable<std::vector<value_type>, loop_executor>
  collect(std::shared_ptr<for_each_loop> self) requires Collects
  {
    co_await self->drive();
    self->throw_failure();
    std::vector<value_type> results;
    results.reserve(self->results_.size());
    for (std::optional<value_type>& result : self->results_)
      results.push_back(std::move(*result));
    co_return results;
  }

private:
  using token_type =
      boost::asio::as_tuple_t<boost::asio::use_awaitable_t<loop_executor>>;

  using results_type =
      std::conditional_t<Collects, std::deque<std::optional<value_type>>,
                         nothing>;

  // A function object that is spawned for an element. The coroutine keeps this
  // object, and the element with it. So both are destroyed before the place is
  // left.
  class call
  {
    using coroutine_type =
        boost::asio::awaitable<void, typename awaitable_type::executor_type>;

  public:
    call(std::shared_ptr<for_each_loop> loop,
         std::ranges::iterator_t<range_type>& it)
      : loop_(std::move(loop)),
        element_(pull(it))
    {
      if constexpr (Collects)
        result_ = &loop_->results_.emplace_back();
    }

    coroutine_type operator()()
    {
      return run(std::move(*this));
    }

  private:
    static kept_type pull(std::ranges::iterator_t<range_type>& it)
    {
      if constexpr (std::is_constructible_v<kept_type, reference>)
        return static_cast<kept_type>(*it);
      else
        return kept_type(std::ranges::iter_move(it));
    }

    static coroutine_type run(call self)
    {
      if constexpr (Collects)
        self.result_->emplace(co_await self.invoke());
      else
        static_cast<void>(co_await self.invoke());
      self.loop_->completed_.fetch_add(1, std::memory_order_relaxed);
    }

    awaitable_type invoke()
    {
      return std::invoke(loop_->function_, static_cast<reference&&>(element_));
    }

    std::shared_ptr<for_each_loop> loop_;
    kept_type element_;
    std::optional<std::conditional_t<std::is_void_v<value_type>, nothing,
                                     value_type>>* result_ = nullptr;
  };

  // Completes when all that was started has ended.
  boost::asio::awaitable<void, loop_executor> drive()
  {
    namespace this_coro = boost::asio::this_coro;
    co_await this_coro::reset_cancellation_state(
        boost::asio::enable_total_cancellation());
    co_await this_coro::throw_if_cancelled(false);
    try
    {
      co_await start_all();
    }
    catch (...)
    {
      fail(std::current_exception());
    }
    for (;;)
    {
      co_await group_.async_join(limit_, token_type());
      const auto state = co_await this_coro::cancellation_state_t();
      if (is_cancelled(state))
        stop(boost::asio::error::operation_aborted);
      if (group_.size() == 0)
        break;
      stop(boost::asio::error::timed_out);
      // The deadline has ended the wait; what it has cancelled is awaited.
      limit_ = deadline();
    }
  }

  // Starts the function for one element after the other, until something ends
  // the loop.
  boost::asio::awaitable<void, loop_executor> start_all()
  {
    const auto state = co_await boost::asio::this_coro::cancellation_state_t();
    std::optional<std::ranges::iterator_t<range_type>> it;
    for (;;)
    {
      auto [ec, place] = co_await task_group_access::wait_for_place(
          group_, limit_, token_type());
      if (ec)
      {
        stop(ec);
        co_return;
      }
      // Order: an empty range succeeds in any case, and nothing is pulled in
      // vain from one that is not.
      const bool is_first = !it.has_value();
      if (!is_first && is_over(state))
        co_return;
      if (is_first)
        it.emplace(std::ranges::begin(range_));
      else
        ++*it;
      if (*it == std::ranges::end(range_))
        co_return;
      if (is_first && is_over(state))
        co_return;
      call function(this->shared_from_this(), *it);
      ++started_;
      detail::spawn_on_strand<typename awaitable_type::executor_type>(
          group_.get_executor(), std::move(function), std::move(place));
    }
  }

  bool is_cancelled(const boost::asio::cancellation_state& state) const
  {
    return state.cancelled() != boost::asio::cancellation_type::none ||
           (signal_ && signal_->is_wanted());
  }

  // Whether nothing may be started any more.
  bool is_over(const boost::asio::cancellation_state& state)
  {
    auto& core = task_group_access::core(group_);
    if (is_cancelled(state))
      stop(boost::asio::error::operation_aborted);
    else if (!limit_.is_never() && limit_.resolve(core.now()) <= core.now())
      stop(boost::asio::error::timed_out);
    return core.read(
        [](const task_group_state& rules)
        {
          return rules.is_cancelled();
        });
  }

  // Cancels what runs. The first reason counts, unless something has failed.
  void stop(const boost::system::error_code& reason) noexcept
  {
    if (!reason_)
      reason_ = reason;
    auto& core = task_group_access::core(group_);
    core.update_quietly(
        [](task_group_state& state)
        {
          return state.stop();
        });
    core.unguarded().cancel_children();
  }

  // The loop has failed, as if it were a child.
  void fail(std::exception_ptr failure) noexcept
  {
    auto& core = task_group_access::core(group_);
    core.update_quietly(
        [&](task_group_state& state)
        {
          return state.fail(failure, false);
        });
    core.unguarded().cancel_children();
  }

  void throw_failure() const
  {
    if (const std::exception_ptr failure = group_.failure())
      std::rethrow_exception(failure);
    if (reason_)
      boost::throw_exception(boost::system::system_error(reason_));
    // A coroutine that was destroyed before its end has no result.
    if (completed_.load(std::memory_order_relaxed) != started_)
      boost::throw_exception(
          boost::system::system_error(boost::asio::error::operation_aborted));
  }

  group_type group_;
  Range range_;
  Function function_;
  deadline limit_;
  boost::system::error_code reason_;

  // Null if nothing can cancel the loop.
  std::shared_ptr<signal_type> signal_;

  // How many coroutines were started, and how many have come to their ends.
  std::size_t started_ = 0;
  std::atomic<std::size_t> completed_ = 0;
  [[no_unique_address]] results_type results_;
};

// What the cancellation slot of a loop's handler contains. It may outlive the
// loop and its context, so it owns neither the signal nor the strand.
template <class Strand>
class loop_canceller
{
public:
  explicit loop_canceller(
      const std::shared_ptr<loop_signal<Strand>>& signal) noexcept
    : signal_(signal)
  {
  }

  void operator()(boost::asio::cancellation_type_t type) const
  {
    if (const auto signal = signal_.lock())
      signal->emit(type);
  }

private:
  // Null once the handler was called or destroyed.
  std::weak_ptr<loop_signal<Strand>> signal_;
};

// The handler of a loop, with the signal that cancels the loop.
template <class Handler, class Strand>
class loop_handler
{
public:
  using target_type = Handler;

  loop_handler(Handler&& handler, std::shared_ptr<loop_signal<Strand>> signal)
    : handler_(std::move(handler)),
      signal_(std::move(signal))
  {
  }

  const Handler& get() const noexcept
  {
    return handler_;
  }

  // Not connected if the handler has no slot.
  boost::asio::cancellation_slot slot() const noexcept
  {
    return signal_ ? signal_->slot() : boost::asio::cancellation_slot();
  }

  template <class... Args>
  void operator()(Args&&... args)
  {
    signal_.reset();
    std::move(handler_)(std::forward<Args>(args)...);
  }

private:
  Handler handler_;
  std::shared_ptr<loop_signal<Strand>> signal_;
};

// The range of a loop before it starts, as an argument of an initiation.
template <class Range>
struct range_holder
{
  Range range;
};

template <class Executor, bool Collects>
class for_each_initiation
{
public:
  using executor_type = Executor;

  explicit for_each_initiation(const Executor& executor)
    : executor_(executor)
  {
  }

  const executor_type& get_executor() const noexcept
  {
    return executor_;
  }

  template <class Handler, class Range, class Function>
  void operator()(Handler&& handler, range_holder<Range> holder,
                  std::size_t at_once, Function function, deadline limit) const
  {
    using loop_type = for_each_loop<Executor, Range, Function, Collects>;
    auto loop = std::make_shared<loop_type>(
        executor_, std::forward<Range>(holder.range), at_once,
        std::move(function), limit);
    using strand_type = boost::asio::strand<Executor>;
    const strand_type strand(executor_);
    std::shared_ptr<loop_signal<strand_type>> signal;
    auto slot = boost::asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected())
    {
      signal = std::make_shared<loop_signal<strand_type>>(strand);
      loop->set_signal(signal);
      slot.template emplace<loop_canceller<strand_type>>(signal);
    }
    loop_handler<std::decay_t<Handler>, strand_type> whole(
        std::decay_t<Handler>(std::forward<Handler>(handler)),
        std::move(signal));
    if constexpr (Collects)
      boost::asio::co_spawn(strand, loop_type::collect(std::move(loop)),
                            std::move(whole));
    else
      boost::asio::co_spawn(strand, loop_type::run(std::move(loop)),
                            std::move(whole));
  }

private:
  Executor executor_;
};

inline std::size_t checked_at_once(std::size_t at_once)
{
  if (at_once == 0)
    boost::throw_exception(std::invalid_argument("toro: at_once is zero"));
  if (at_once > max_count)
    boost::throw_exception(std::invalid_argument("toro: at_once is too large"));
  return at_once;
}

template <class Range, class Function>
using map_signature = void(std::exception_ptr,
                           std::vector<for_each_value<Range, Function>>);

// What async_for_each and async_map do.
template <bool Collects, class Signature, class CompletionToken, class Executor,
          class Range, class Function>
auto start_for_each(const Executor& executor, Range&& range,
                    std::size_t at_once, Function& function, deadline limit,
                    CompletionToken& token)
    -> decltype(boost::asio::async_initiate<CompletionToken, Signature>(
        std::declval<for_each_initiation<Executor, Collects>>(), token,
        std::declval<range_holder<Range>>(), std::declval<std::size_t>(),
        std::move(function), std::declval<deadline>()))
{
  detail::require_token_for_exception<CompletionToken>();
  return boost::asio::async_initiate<CompletionToken, Signature>(
      for_each_initiation<Executor, Collects>(executor), token,
      range_holder<Range>{std::forward<Range>(range)},
      detail::checked_at_once(at_once), std::move(function), std::move(limit));
}

} // namespace detail

} // namespace toro

namespace boost::asio {

template <template <class, class> class Associator, class Handler, class Strand,
          class Default>
struct associator<Associator, toro::detail::loop_handler<Handler, Strand>,
                  Default> : Associator<Handler, Default>
{
  static typename Associator<Handler, Default>::type
  get(const toro::detail::loop_handler<Handler, Strand>& handler) noexcept
  {
    return Associator<Handler, Default>::get(handler.get());
  }

  static auto get(const toro::detail::loop_handler<Handler, Strand>& handler,
                  const Default& fallback) noexcept
      -> decltype(Associator<Handler, Default>::get(handler.get(), fallback))
  {
    return Associator<Handler, Default>::get(handler.get(), fallback);
  }
};

template <class Handler, class Strand, class Default>
struct associated_cancellation_slot<toro::detail::loop_handler<Handler, Strand>,
                                    Default>
{
  using type = cancellation_slot;

  static type
  get(const toro::detail::loop_handler<Handler, Strand>& handler) noexcept
  {
    return handler.slot();
  }

  static type get(const toro::detail::loop_handler<Handler, Strand>& handler,
                  const Default&) noexcept
  {
    return get(handler);
  }
};

} // namespace boost::asio

namespace toro {

/// Start a coroutine for each element of a range, a limited number at a time.
/**
 * Calls @p function with the elements in their order, each as soon as fewer
 * than @p at_once of its coroutines are under way, and completes when all of
 * them have ended. An empty range completes immediately, even if the deadline
 * has passed.
 *
 * The first failure, the deadline or a cancellation stops the loop: no more
 * elements are taken from the range, the coroutines that are under way are
 * cancelled with @c terminal, and the operation completes when they have ended.
 * A failure is an exception of a coroutine, of @p function or of the range. A
 * coroutine that was cancelled in this way and ends with @c operation_aborted
 * has not failed.
 *
 * An lvalue range must exist until the completion; an rvalue is moved into the
 * operation. Elements are taken one by one, each only when its coroutine can
 * start, so the range may be lazy. If the range can be traversed only once, or
 * if it makes its elements, an element is kept until its coroutine has ended;
 * otherwise @p function gets a reference into the range.
 *
 * @param executor The executor of the coroutines, each on a strand of its own,
 * and of handlers that have no associated executor; or a context, for example a
 * @c thread_pool, whose executor it is.
 *
 * @param range The range: any @c std::ranges::input_range.
 *
 * @param at_once How many coroutines may be under way. Unit: coroutines. Range:
 * 1 to PTRDIFF_MAX.
 *
 * @param function A function object that is called with an element, as
 * dereferencing an iterator gives it, and returns an @c awaitable. What that
 * returns is dropped. It is kept until the last coroutine has ended, so that it
 * may be a lambda expression with captures (with g++ 12, if it captures by
 * value and is awaited, one that has a name: @ref getting_started_compilers).
 * Its calls overlap if @p executor runs functions at the same time.
 *
 * @param token The completion token that produces the completion handler.
 * With Boost before 1.84, a @c yield_context has to be inside of @c as_tuple.
 *
 * @returns The value that the completion token determines.
 *
 * @throws std::invalid_argument The value of @p at_once is out of range.
 *
 * @par Completion Signature
 * The handler is called with:
 * @code void(std::exception_ptr) @endcode
 *
 * @par Errors
 * The exception is null, the first failure, or, if there was none, a
 * @c boost::system::system_error with one of:
 * @li @c boost::asio::error::timed_out The deadline passed.
 * @li @c boost::asio::error::operation_aborted The operation was cancelled, or
 * a coroutine was destroyed before its end, for example with the context of
 * what it awaits.
 *
 * @par Executor
 * The handler runs on its associated executor, or on @p executor if it has
 * none. It never runs inside this function. The first call of @p function may,
 * if this thread runs @p executor.
 *
 * @par Per-Operation Cancellation
 * Supports @c terminal, @c partial and @c total, which have the same effect:
 * the loop stops, as above. Coroutines that have ended by then have had their
 * effects. The loop is cancelled on a strand of its own, also if the signal is
 * emitted on @p executor, and that runs functions at the same time.
 *
 * @par Thread Safety
 * Safe. Emitting a cancellation signal is subject to Asio's rules.
 *
 * @par Complexity
 * Linear in the number of elements; the memory in @p at_once.
 *
 * @par Exception Safety
 * If this throws, @p function was not called.
 *
 * @par Example
 * For example:
 * @code
 * std::vector<int> numbers = {1, 2, 3};
 * co_await toro::async_for_each(
 *     executor, numbers, 2,
 *     [](int& number) -> asio::awaitable<void>
 *     {
 *       number *= 10;
 *       co_return;
 *     },
 *     asio::use_awaitable);
 * assert(numbers[2] == 30);
 * @endcode
 *
 * @sa async_map, task_group
 */
template <
    detail::executor_or_context ExecutorOrContext, class Range, class Function,
    detail::completion_token_for<void(std::exception_ptr)> CompletionToken =
        detail::default_token<detail::executor_of_t<ExecutorOrContext>>>
requires detail::for_each_arguments<Range, Function>
auto async_for_each(
    ExecutorOrContext&& executor, Range&& range, std::size_t at_once,
    Function function,
    CompletionToken&& token =
        detail::default_token<detail::executor_of_t<ExecutorOrContext>>())
    -> decltype(detail::start_for_each<false, void(std::exception_ptr),
                                       CompletionToken>(
        detail::executor_of(executor), std::forward<Range>(range), at_once,
        function, deadline(), token))
{
  return detail::start_for_each<false, void(std::exception_ptr),
                                CompletionToken>(
      detail::executor_of(executor), std::forward<Range>(range), at_once,
      function, deadline(), token);
}

/// @copydoc async_for_each
/**
 * @param limit When the loop stops. Clock: @c std::chrono::steady_clock. If the
 * deadline has passed, nothing is started, and the operation completes
 * immediately with @c timed_out, unless the range is empty.
 */
template <
    detail::executor_or_context ExecutorOrContext, class Range, class Function,
    detail::completion_token_for<void(std::exception_ptr)> CompletionToken =
        detail::default_token<detail::executor_of_t<ExecutorOrContext>>>
requires detail::for_each_arguments<Range, Function>
auto async_for_each(
    ExecutorOrContext&& executor, Range&& range, std::size_t at_once,
    Function function, deadline limit,
    CompletionToken&& token =
        detail::default_token<detail::executor_of_t<ExecutorOrContext>>())
    -> decltype(detail::start_for_each<false, void(std::exception_ptr),
                                       CompletionToken>(
        detail::executor_of(executor), std::forward<Range>(range), at_once,
        function, limit, token))
{
  return detail::start_for_each<false, void(std::exception_ptr),
                                CompletionToken>(
      detail::executor_of(executor), std::forward<Range>(range), at_once,
      function, limit, token);
}

/// Start a coroutine for each element of a range, and collect the results.
/**
 * Does what async_for_each() does, and completes with what the coroutines have
 * returned, in the order of the elements.
 *
 * @param executor The executor of the coroutines, or a context, as for
 * async_for_each().
 *
 * @param range The range, as for async_for_each().
 *
 * @param at_once How many coroutines may be under way. Unit: coroutines. Range:
 * 1 to PTRDIFF_MAX.
 *
 * @param function A function object, as for async_for_each(). Its coroutines
 * return a value, which need be neither copyable nor default-constructible.
 *
 * @param token The completion token that produces the completion handler.
 * With Boost before 1.84, a @c yield_context has to be inside of @c as_tuple.
 * With Boost 1.81, @c co_await does not compile with @c deferred, the default,
 * unless that is inside of @c as_tuple: use @c use_awaitable.
 *
 * @returns The value that the completion token determines.
 *
 * @throws std::invalid_argument The value of @p at_once is out of range.
 *
 * @par Completion Signature
 * The handler is called with:
 * @code void(std::exception_ptr, std::vector<R>) @endcode
 * R is the type of the values.
 *
 * @par Errors
 * As for async_for_each(). The vector is empty if the exception is not null.
 *
 * @par Executor
 * As for async_for_each().
 *
 * @par Per-Operation Cancellation
 * As for async_for_each().
 *
 * @par Thread Safety
 * Safe. Emitting a cancellation signal is subject to Asio's rules.
 *
 * @par Complexity
 * Linear in the number of elements, also in memory.
 *
 * @par Exception Safety
 * If this throws, @p function was not called.
 *
 * @par Example
 * For example:
 * @code
 * const std::vector<int> squares = co_await toro::async_map(
 *     executor, std::views::iota(1, 4), 2,
 *     [](int number) -> asio::awaitable<int>
 *     {
 *       co_return number * number;
 *     },
 *     asio::use_awaitable);
 * assert(squares[2] == 9);
 * @endcode
 *
 * @sa async_for_each
 */
template <
    detail::executor_or_context ExecutorOrContext, class Range, class Function,
    detail::completion_token_for<detail::map_signature<Range, Function>>
        CompletionToken =
            detail::default_token<detail::executor_of_t<ExecutorOrContext>>>
requires detail::for_each_arguments<Range, Function> &&
    (!std::is_void_v<detail::for_each_value<Range, Function>>)auto async_map(
        ExecutorOrContext&& executor, Range&& range, std::size_t at_once,
        Function function,
        CompletionToken&& token =
            detail::default_token<detail::executor_of_t<ExecutorOrContext>>())
        -> decltype(detail::start_for_each<
                    true, detail::map_signature<Range, Function>,
                    CompletionToken>(detail::executor_of(executor),
                                     std::forward<Range>(range), at_once,
                                     function, deadline(), token))
{
  return detail::start_for_each<true, detail::map_signature<Range, Function>,
                                CompletionToken>(
      detail::executor_of(executor), std::forward<Range>(range), at_once,
      function, deadline(), token);
}

/// @copydoc async_map
/**
 * @param limit When the loop stops. Clock: @c std::chrono::steady_clock. If the
 * deadline has passed, nothing is started, and the operation completes
 * immediately with @c timed_out, unless the range is empty.
 */
template <
    detail::executor_or_context ExecutorOrContext, class Range, class Function,
    detail::completion_token_for<detail::map_signature<Range, Function>>
        CompletionToken =
            detail::default_token<detail::executor_of_t<ExecutorOrContext>>>
requires detail::for_each_arguments<Range, Function> &&
    (!std::is_void_v<detail::for_each_value<Range, Function>>)auto async_map(
        ExecutorOrContext&& executor, Range&& range, std::size_t at_once,
        Function function, deadline limit,
        CompletionToken&& token =
            detail::default_token<detail::executor_of_t<ExecutorOrContext>>())
        -> decltype(detail::start_for_each<
                    true, detail::map_signature<Range, Function>,
                    CompletionToken>(detail::executor_of(executor),
                                     std::forward<Range>(range), at_once,
                                     function, limit, token))
{
  return detail::start_for_each<true, detail::map_signature<Range, Function>,
                                CompletionToken>(
      detail::executor_of(executor), std::forward<Range>(range), at_once,
      function, limit, token);
}

} // namespace toro

#endif // TORO_DETAIL_HAS_CO_SPAWN

#endif // TORO_FOR_EACH_HPP
