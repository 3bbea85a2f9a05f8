// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_WATCH_HPP
#define TORO_WATCH_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/core/threading_policy.hpp>
#include <toro/detail/format.hpp>
#include <toro/detail/object/initiation.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/object/queue_request.hpp>
#include <toro/detail/state/watch_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/assert.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/system/error_code.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace toro {

namespace detail {

// What a reader has seen, with a count of those who share it: the reader and
// its operations.
//
// Why not std::shared_ptr: its pointers and its counts take 24 bytes more for a
// reader that waits. The count is atomic with strand_bound as well, since an
// operation may end on the executor of its handler.
class shared_position : public watch_position
{
public:
  using pointer = boost::intrusive_ptr<shared_position>;

  using watch_position::watch_position;

private:
  friend void intrusive_ptr_add_ref(shared_position* p) noexcept
  {
    p->owners_.add(1);
  }

  friend void intrusive_ptr_release(shared_position* p) noexcept
  {
    if (p->owners_.subtract(1))
      delete p;
  }

  atomic_count owners_{0};
};

template <class T, class Threading>
class watch_next_request : public request<delivered<T>>
{
  using core_type = core<watch_state<T>, Threading>;

public:
  static constexpr const char* name = "watch::async_next";

  explicit watch_next_request(shared_position::pointer reader) noexcept
    : reader_(std::move(reader))
  {
  }

  bool start(watch_state<T>& state, watch_waiter& w, bool may_wait) noexcept
  {
    return state.start_next(w, *reader_, may_wait);
  }

  void at_commit(watch_state<T>& state, watch_waiter& /*w*/) noexcept
  {
    value_ = state.newest();
    state.note_seen(*reader_, state.version());
  }

  // The value is copied here, for this wait.
  completion<delivered<T>> complete(typename core_type::pointer& /*core*/,
                                    outcome how) const
  {
    if (how != outcome::success)
      return {failure_code(how), delivered<T>()};
    return {{}, delivered<T>(*value_)};
  }

private:
  shared_position::pointer reader_;

  // Invariant: null until the commit.
  std::shared_ptr<const T> value_;
};

template <class T, class Threading, class Predicate>
class watch_predicate_request : public request<delivered<T>>
{
  using core_type = core<watch_state<T>, Threading>;

public:
  static constexpr const char* name = "watch::async_next";
  static constexpr bool has_predicate = true;

  watch_predicate_request(core_type& owner, shared_position::pointer reader,
                          Predicate predicate)
    : core_(&owner),
      reader_(std::move(reader)),
      predicate_(std::move(predicate))
  {
  }

  // The predicate is about to be called for the first time.
  void begin(const watch_state<T>& /*state*/) const noexcept
  {
  }

  // Calls the predicate with the newest value, unless this wait knows it. Not
  // under the lock. A value that is rejected counts as seen.
  bool ask()
  {
    if (!std::exchange(was_asked_, true))
      known_version_ = reader_->seen.load(std::memory_order_relaxed);
    std::uint64_t version = 0;
    std::shared_ptr<const T> value = core_->read(
        [&](const watch_state<T>& state)
        {
          version = state.version();
          return version != known_version_ ? state.newest() : nullptr;
        });
    if (!value.get())
      return false;
    if (static_cast<bool>(predicate_(*value)))
    {
      accepted_ = std::move(value);
      accepted_version_ = version;
      return true;
    }
    known_version_ = version;
    core_->update_quietly(
        [&](watch_state<T>& state)
        {
          state.note_seen(*reader_, version);
        });
    return false;
  }

  // Whether the predicate accepted a value before the wait could be parked.
  bool is_satisfied() const noexcept
  {
    return is_satisfied_;
  }

  bool start(watch_state<T>& state, watch_waiter& w, bool may_wait) noexcept
  {
    if (accepted_)
    {
      is_satisfied_ = true;
      return state.start_accepted(w, *reader_);
    }
    if (!was_asked_)
      return false;
    // A value that came after the predicate was called grants the wait, and the
    // predicate is asked again.
    if (state.version() != known_version_)
      return state.start_accepted(w, *reader_);
    return state.start_next(w, *reader_, may_wait);
  }

  void at_commit(watch_state<T>& state, watch_waiter& /*w*/) noexcept
  {
    state.note_seen(*reader_, accepted_version_);
  }

  completion<delivered<T>> complete(typename core_type::pointer& /*core*/,
                                    outcome how) const
  {
    if (how != outcome::success)
      return {failure_code(how), delivered<T>()};
    return {{}, delivered<T>(*accepted_)};
  }

private:
  core_type* core_;
  shared_position::pointer reader_;
  [[no_unique_address]] Predicate predicate_;
  std::shared_ptr<const T> accepted_;
  std::uint64_t accepted_version_ = 0;

  // What the reader had seen when the wait began, or what the predicate has
  // rejected since. Another wait of the reader may have seen more.
  std::uint64_t known_version_ = 0;
  bool was_asked_ = false;
  bool is_satisfied_ = false;
};

// What async_next accepts as a predicate: it takes a value, and is no
// completion token.
template <class Predicate, class T>
concept value_predicate = std::copy_constructible<std::decay_t<Predicate>> &&
                          std::predicate < std::decay_t<Predicate>
&, const T& > ;

struct reader_access;

} // namespace detail

/// A reader of a watch, which remembers the value that it has seen.
/**
 * A copy has seen the same value as the original, and both go on independently.
 * Destroying a reader ends its waits. A reader may outlive its watch and the
 * context.
 *
 * A moved-from reader may only be destroyed or assigned to.
 *
 * @tparam T The type of the value.
 *
 * @tparam Threading The policy of the watch.
 *
 * @tparam Executor The executor type of the watch.
 *
 * @toro_class_thread_safety
 *
 * @sa basic_watch
 */
template <class T, class Threading,
          class Executor = boost::asio::any_io_executor>
class TORO_DETAIL_VISIBLE basic_reader
{
  using state_type = detail::watch_state<T>;
  using core_type = detail::core<state_type, Threading>;
  using core_pointer = typename core_type::pointer;
  using initiation_type = detail::initiation<core_type, Executor>;
  using default_token = detail::default_token<Executor>;
  using request_type = detail::watch_next_request<T, Threading>;
  using signature = typename request_type::signature;

  template <class Predicate>
  using predicate_request =
      detail::watch_predicate_request<T, Threading, std::decay_t<Predicate>>;

public:
  /// The type of the value.
  using value_type = T;

  /// The type of the executor associated with the reader.
  using executor_type = Executor;

  /// Constructs a reader that has seen what another one has seen.
  /**
   * @param other The reader to copy.
   *
   * @throws std::bad_alloc Nothing changes then.
   */
  basic_reader(const basic_reader& other)
    : core_(other.core_),
      executor_(other.executor_),
      position_(new detail::shared_position(
          other.position().seen.load(std::memory_order_relaxed)))
  {
  }

  /// Moves a reader together with its waits.
  basic_reader(basic_reader&&) noexcept = default;

  /// Ends the waits of this reader, then copies or moves another one in.
  /**
   * @param other The reader to take.
   *
   * @returns This reader.
   */
  basic_reader& operator=(basic_reader other) noexcept
  {
    std::swap(core_, other.core_);
    std::swap(executor_, other.executor_);
    std::swap(position_, other.position_);
    return *this;
  }

  /// Ends the waits of this reader with @c operation_aborted.
  /**
   * Their handlers will not be invoked from within this function.
   *
   * @toro_linear{waits that this completes}
   */
  ~basic_reader()
  {
    if (position_)
      core_->update_quietly(
          [this](state_type& state)
          {
            return state.end_reader(*position_);
          });
  }

  /// Gives the executor associated with the reader.
  /**
   * Must not be called once the executor's context has been destroyed.
   *
   * @returns The executor of the watch.
   *
   * @toro_constant
   */
  [[nodiscard]] const executor_type& get_executor() const noexcept
  {
    check_not_moved_from();
    return executor_->get();
  }

  /// Tells whether there is a value that the reader has not seen.
  /**
   * @returns Whether async_next() would complete immediately with a value.
   *
   * @par Complexity and Thread Safety
   * Constant, without the lock; as the class.
   */
  [[nodiscard]] bool has_news() const noexcept
  {
    return get_core().unguarded().has_news(position());
  }

  /// Gives the newest value, which counts as seen then.
  /**
   * @returns A copy of the value.
   *
   * @throws Any exception thrown by the copy. The value counts as seen
   * regardless.
   *
   * @par Complexity and Thread Safety
   * Constant, plus a copy that is made without the lock; as the class.
   */
  [[nodiscard]] T get()
  {
    const std::shared_ptr<const T> value = get_core().update_quietly(
        [this](state_type& state)
        {
          state.note_seen(position(), state.version());
          return state.newest();
        });
    return *value;
  }

  /// Start an asynchronous wait for a value that the reader has not seen.
  /**
   * Completes immediately if has_news(), even if the deadline has passed. The
   * handler receives a copy of the value that is the newest one right before
   * the handler runs. Values in between are skipped. The value counts as seen
   * then. Of several waits of one reader, each receives the newest value.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, T) @endcode
   * If @p T has no default constructor, with an <tt>std::optional<T></tt>,
   * which is empty on an error.
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot or by cancel(), or the reader or the watch was destroyed or assigned
   * to.
   * @li @c toro::error::closed The watch was closed, and the reader has seen
   * the last value.
   *
   * @toro_executor{a function that sets a value}
   *
   * @toro_cancellation
   * The value does not count as seen.
   *
   * @toro_thread_safety
   * @toro_async_constant
   * @toro_exception_safety
   * If the copy of the value throws, the exception leaves through @c run(), and
   * the handler is destroyed.
   */
  template <
      detail::completion_token_for<signature> CompletionToken = default_token>
  auto async_next(CompletionToken&& token = default_token())
      -> decltype(boost::asio::async_initiate<CompletionToken, signature>(
          std::declval<initiation_type>(), token, std::declval<request_type>()))
  {
    return boost::asio::async_initiate<CompletionToken, signature>(
        initiate(), token, request_type(position_));
  }

  /// @copydoc async_next(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{has_news()}
   */
  template <
      detail::completion_token_for<signature> CompletionToken = default_token>
  auto async_next(deadline limit, CompletionToken&& token = default_token())
      -> decltype(boost::asio::async_initiate<CompletionToken, signature>(
          std::declval<initiation_type>(), token, std::declval<request_type>(),
          limit))
  {
    return boost::asio::async_initiate<CompletionToken, signature>(
        initiate(), token, request_type(position_), limit);
  }

  /// Start an asynchronous wait for a value that a predicate accepts.
  /**
   * The predicate is called with the newest value, if the reader has not seen
   * it, and with each newest value that comes later, until it returns true. A
   * value that it rejects counts as seen. The handler receives a copy of the
   * value that the predicate has accepted. If several operations of one reader
   * wait, each calls its own predicate.
   *
   * @param predicate A function object that is called with a
   * <tt>const T&</tt> and returns @c bool. It is called within this function
   * or on the executor of the handler, and never under the lock.
   *
   * @param token The completion token that produces the completion handler.
   *
   * @returns The value that the completion token determines.
   *
   * @par Completion Signature
   * The handler is called with:
   * @code void(boost::system::error_code, T) @endcode
   * as without a predicate.
   *
   * @par Errors
   * The error code is one of:
   * @li @c boost::asio::error::timed_out The deadline passed.
   * @li @c boost::asio::error::operation_aborted The wait was cancelled by its
   * slot or by cancel(), or the reader or the watch was destroyed or assigned
   * to.
   * @li @c toro::error::closed The watch was closed, and the last value was
   * seen or rejected.
   *
   * @toro_executor{a function that sets a value}
   *
   * @toro_cancellation
   * Values that were rejected count as seen.
   *
   * @toro_thread_safety
   * @par Complexity
   * Constant, to start and to cancel, plus one call of the predicate for each
   * value that it is asked about. One allocation with the handler's associated
   * allocator.
   *
   * @toro_exception_safety{the allocator\, a timer\, the predicate's copy\, its
   * first call or the handler's move}
   * If a later call of the predicate throws, the exception leaves through
   * @c run(), and the operation continues to wait. If the copy of the value
   * throws, the handler is destroyed.
   */
  template <
      detail::value_predicate<T> Predicate,
      detail::completion_token_for<signature> CompletionToken = default_token>
  auto async_next(Predicate&& predicate,
                  CompletionToken&& token = default_token())
      -> decltype(boost::asio::async_initiate<CompletionToken, signature>(
          std::declval<initiation_type>(), token,
          std::declval<predicate_request<Predicate>>()))
  {
    return boost::asio::async_initiate<CompletionToken, signature>(
        initiate(), token,
        predicate_request<Predicate>(get_core(), position_,
                                     std::forward<Predicate>(predicate)));
  }

  /// @copydoc async_next(Predicate&&, CompletionToken&&)
  /**
   * @param limit When the wait expires.
   * @toro_expires_unless{the predicate accepts the newest value}
   */
  template <
      detail::value_predicate<T> Predicate,
      detail::completion_token_for<signature> CompletionToken = default_token>
  auto async_next(Predicate&& predicate, deadline limit,
                  CompletionToken&& token = default_token())
      -> decltype(boost::asio::async_initiate<CompletionToken, signature>(
          std::declval<initiation_type>(), token,
          std::declval<predicate_request<Predicate>>(), limit))
  {
    return boost::asio::async_initiate<CompletionToken, signature>(
        initiate(), token,
        predicate_request<Predicate>(get_core(), position_,
                                     std::forward<Predicate>(predicate)),
        limit);
  }

private:
  friend struct detail::reader_access;

  basic_reader(core_pointer core, detail::kept_executor<Executor>& executor,
               std::uint64_t version)
    : core_(std::move(core)),
      executor_(&executor),
      position_(new detail::shared_position(version))
  {
  }

  void check_not_moved_from() const noexcept
  {
    BOOST_ASSERT_MSG(
        position_, "a moved-from reader may only be destroyed or assigned to");
  }

  core_type& get_core() const noexcept
  {
    check_not_moved_from();
    return *core_;
  }

  detail::watch_position& position() const noexcept
  {
    check_not_moved_from();
    return *position_;
  }

  initiation_type initiate() const
  {
    check_not_moved_from();
    return initiation_type(core_, *executor_);
  }

  core_pointer core_;
  detail::kept_executor<Executor>* executor_;

  // Invariant: null in a moved-from reader only.
  detail::shared_position::pointer position_;
};

/// A reader of a watch that is safe to share between threads.
template <class T>
using reader = basic_reader<T, thread_safe>;

namespace detail {

struct reader_access
{
  template <class T, class Threading, class Executor>
  static basic_reader<T, Threading, Executor>
  make(typename core<watch_state<T>, Threading>::pointer core,
       kept_executor<Executor>& executor, std::uint64_t version)
  {
    return basic_reader<T, Threading, Executor>(std::move(core), executor,
                                                version);
  }
};

} // namespace detail

/// A value that changes, whose readers wait for the newest one.
/**
 * A configuration, the health of a service, the progress of a job: readers want
 * the newest value and may skip those in between. Each reader remembers which
 * value it has seen, and waits for a newer one. If no value may be skipped, use
 * a queue for each reader.
 *
 * | State | set() | reader::async_next() |
 * | ----- | ----- | -------------------- |
 * | open, the reader has seen the newest value | wakes the reader | waits |
 * | open, the reader has not seen it | replaces the value | succeeds |
 * | closed, the reader has not seen the last value | @c closed | succeeds |
 * | closed, the reader has seen the last value | @c closed | @c closed |
 *
 * Values are never changed in place: each set() makes a new value, which is
 * shared and copied without the lock.
 *
 * @tparam T The type of the value. Requirements: copy constructible.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Waits are woken in the order in which they started, all of them by each
 * value.
 *
 * @par Memory Ordering
 * A reader that gets a value sees everything that was written before that value
 * was set.
 *
 * @toro_class_thread_safety
 *
 * @par Destruction and Shutdown
 * Destroying a watch completes the waits of its readers with
 * @c operation_aborted. Readers that outlive it can still get the last value.
 * Destroying the context destroys the handlers without calling them.
 *
 * @par Example
 * For example:
 * @code
 * toro::watch<int> level(executor, 1);
 * auto reader = level.read();
 * level.set(2);
 * level.set(3);
 * assert(co_await reader.async_next(asio::use_awaitable) == 3);
 * assert(!reader.has_news());
 * @endcode
 *
 * @sa event, async_result
 */
template <class T, class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_watch
  : public detail::io_object<detail::watch_state<T>, Executor, Threading>
{
  static_assert(std::is_copy_constructible_v<T>,
                "a watch gives each reader a copy of its value");

  using state_type = detail::watch_state<T>;
  using base = detail::io_object<state_type, Executor, Threading>;

public:
  /// The type of the value.
  using value_type = T;

  /// The type of a reader.
  using reader_type = basic_reader<T, Threading, Executor>;

  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_watch<T, OtherExecutor, Threading>;
  };

  /// Constructs a watch.
  /**
   * @param executor The executor for handlers that have no associated executor.
   *
   * @param initial The first value.
   */
  explicit basic_watch(const Executor& executor, T initial = T())
    : base(executor, &basic_watch::describe,
           std::make_shared<const T>(std::move(initial)))
  {
  }

  /// Constructs a watch on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   *
   * @param initial The first value.
   */
  template <detail::execution_context_like Context>
  explicit basic_watch(Context& context, T initial = T())
    : basic_watch(Executor(context.get_executor()), std::move(initial))
  {
  }

  /// Moves a watch together with its waits.
  basic_watch(basic_watch&&) noexcept = default;
  /// Cancels the waits of this watch, then moves another one in.
  /**
   * @returns This watch.
   */
  basic_watch& operator=(basic_watch&&) noexcept = default;

  /// Moves a watch from another type of executor.
  /**
   * Readers of the other watch read this one.
   *
   * @param other The watch to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_watch(basic_watch<T, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Replace the value, and wake all readers that wait.
  /**
   * Their handlers will not be invoked from within this function. @toro_batches
   *
   * @param value The new value.
   *
   * @param ec Set to toro::error::closed if the watch was closed; nothing
   * changes then.
   *
   * @returns The number of waits that this granted. Zero on an error.
   *
   * @throws std::bad_alloc, or what the move of the value throws; nothing
   * changes then. Also any exception thrown while posting a completion; the
   * value is set regardless.
   *
   * @toro_linear_in_batches{waits}
   */
  std::size_t set(T value, boost::system::error_code& ec)
  {
    auto next = std::make_shared<const T>(std::move(value));
    return base::update(
        [&](state_type& state) -> std::optional<std::size_t>
        {
          if (!state.is_open())
            return std::nullopt;
          return state.publish(next);
        },
        error::closed, ec);
  }

  /// @copybrief set(T, boost::system::error_code&)
  /**
   * @param value The new value.
   *
   * @returns The number of waits that this granted.
   *
   * @throws boost::system::system_error With toro::error::closed if the
   * overload above would set it. Also any exception that the overload above
   * throws.
   *
   * @toro_linear_in_batches{waits}
   */
  std::size_t set(T value)
  {
    boost::system::error_code ec;
    const std::size_t granted = set(std::move(value), ec);
    this->throw_if(ec, "set");
    return granted;
  }

  /// Change the value, and wake all readers that wait.
  /**
   * Calls a function with a copy of the value, without the lock. If another
   * value was set meanwhile, calls it again, with a copy of that one. So no
   * change is lost.
   *
   * @param function A function object that is called with a <tt>T&</tt> and
   * returns whether it has changed it.
   *
   * @param ec Set to toro::error::closed if the watch was closed; nothing
   * changes then.
   *
   * @returns Whether the value was replaced.
   *
   * @throws Any exception thrown by the function, a copy or an allocation;
   * nothing changes then. Also any exception thrown while posting a completion;
   * the value is set regardless.
   *
   * @toro_linear_in_batches{waits}
   */
  template <class Function>
  requires std::predicate<Function&, T&>
  bool update(Function function, boost::system::error_code& ec)
  {
    ec = {};
    for (;;)
    {
      const std::shared_ptr<const T> seen = newest();
      auto next = std::make_shared<T>(*seen);
      if (!static_cast<bool>(function(*next)))
        return false;
      std::shared_ptr<const T> value = std::move(next);
      bool is_open = true;
      const bool done = this->get_core().update(
          [&](state_type& state)
          {
            is_open = state.is_open();
            if (!is_open || state.newest() != seen)
              return false;
            state.publish(value);
            return true;
          });
      if (!is_open)
        ec = error::closed;
      if (done || !is_open)
        return done;
    }
  }

  /// @copybrief update(Function, boost::system::error_code&)
  /**
   * @param function As above.
   *
   * @returns Whether the value was replaced.
   *
   * @throws boost::system::system_error With toro::error::closed if the
   * overload above would set it. Also any exception that the overload above
   * throws.
   *
   * @toro_linear_in_batches{waits}
   */
  template <class Function>
  requires std::predicate<Function&, T&>
  bool update(Function function)
  {
    boost::system::error_code ec;
    const bool done = update(std::move(function), ec);
    this->throw_if(ec, "update");
    return done;
  }

  /// Gives the newest value.
  /**
   * @returns A copy of the value.
   *
   * @throws Any exception thrown by the copy.
   *
   * @par Complexity and Thread Safety
   * Constant, plus a copy that is made without the lock; as the class.
   */
  [[nodiscard]] T get() const
  {
    return *newest();
  }

  /// Gives the number of values that were set.
  /**
   * @returns Zero for the first value, and one more with each value that
   * replaces it.
   *
   * @toro_constant
   */
  [[nodiscard]] std::uint64_t version() const noexcept
  {
    return this->get_core().unguarded().version();
  }

  /// Close the watch: there will be no further value.
  /**
   * Readers can still get the last value. Waits of readers that have seen it
   * complete with toro::error::closed. A second call does nothing. Handlers
   * will not be invoked from within this function.
   *
   * @returns The number of waits that this completed.
   *
   * @throws Any exception thrown while posting a completion. The watch is
   * closed regardless; the completion is retried on the next call.
   *
   * @toro_linear{waits that this completes}
   */
  std::size_t close()
  {
    return this->get_core().update(
        [](state_type& state)
        {
          return state.close();
        });
  }

  /// Tells whether values can be set.
  /**
   * @returns False after close().
   *
   * @toro_constant
   */
  [[nodiscard]] bool is_open() const noexcept
  {
    return this->get_core().read(
        [](const state_type& state)
        {
          return state.is_open();
        });
  }

  /// Makes a reader that has seen the present value.
  /**
   * @returns The reader.
   *
   * @throws std::bad_alloc Nothing changes then.
   *
   * @toro_constant
   */
  [[nodiscard]] reader_type read() const
  {
    return detail::reader_access::make<T, Threading, Executor>(
        this->share_core(), this->get_kept_executor(), version());
  }

  /// Describes a watch: its version and the number of waiters.
  /**
   * @param x The watch.
   *
   * @returns For example @c "<watch version=3 waiters[2]>".
   */
  [[nodiscard]] friend std::string to_string(const basic_watch& x)
  {
    return x.get_core().describe();
  }

private:
  std::shared_ptr<const T> newest() const
  {
    return this->get_core().read(
        [](const state_type& state)
        {
          return state.newest();
        });
  }

  static std::string describe(const state_type& state)
  {
    return detail::description("watch")
        .word(state.is_open() ? "" : "closed")
        .figure("version", state.version())
        .count_if_any("waiters", state.waiters())
        .str();
  }
};

/// The watch on any executor, safe to share between threads.
template <class T>
using watch = basic_watch<T>;

} // namespace toro

#endif // TORO_WATCH_HPP
