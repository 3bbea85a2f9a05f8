// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_BROADCAST_HPP
#define TORO_BROADCAST_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/format.hpp>
#include <toro/detail/object/initiation.hpp>
#include <toro/detail/object/io_object.hpp>
#include <toro/detail/object/queue_request.hpp>
#include <toro/detail/operation/pinned_value.hpp>
#include <toro/detail/state/broadcast_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/assert.hpp>
#include <boost/system/error_code.hpp>
#include <boost/throw_exception.hpp>

#include <atomic>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace toro {

/// What a put of a broadcast does if a subscription is full.
enum class overflow : unsigned char
{
  /// The subscription loses its oldest item. No put waits.
  drop_oldest,

  /// The new item is dropped, for all subscriptions. No put waits.
  drop_newest,

  /// The put waits until the slowest subscription has room.
  wait
};

namespace detail {

// The nodes and records here are used and freed without the lock.

// Frees what a subscription keeps for its gets.
inline void free_records(returned_item* first) noexcept
{
  while (first)
    delete std::exchange(first, first->next);
}

// A subscription as its operations share it. It keeps one record for the next
// get, so that a get in the steady state does not allocate.
template <class Threading>
class shared_subscriber : public subscriber
{
  using policy = threading_policy<Threading>;

public:
  ~shared_subscriber()
  {
    detail::free_records(free_record_.load(std::memory_order_relaxed));
    detail::free_records(take_spares());
  }

  returned_item* make_record()
  {
    returned_item* const kept =
        policy::exchange(free_record_, static_cast<returned_item*>(nullptr));
    return kept ? kept : new returned_item;
  }

  // Keeps the first record of a chain, and frees the others.
  void keep_record(returned_item* record) noexcept
  {
    if (!record)
      return;
    detail::free_records(std::exchange(record->next, nullptr));
    detail::free_records(policy::exchange(free_record_, record));
  }

private:
  std::atomic<returned_item*> free_record_ = nullptr;
};

// A record that a get has from its start until its end.
template <class Threading>
class record_of_get
{
public:
  using subscriber_pointer = std::shared_ptr<shared_subscriber<Threading>>;

  explicit record_of_get(subscriber_pointer reader)
    : reader_(std::move(reader)),
      record_(reader_->make_record())
  {
  }

  record_of_get(record_of_get&& other) noexcept
    : reader_(std::move(other.reader_)),
      record_(std::exchange(other.record_, nullptr))
  {
  }

  ~record_of_get()
  {
    if (reader_)
      reader_->keep_record(record_);
  }

  shared_subscriber<Threading>& reader() const noexcept
  {
    return *reader_;
  }

  returned_item*& record() noexcept
  {
    return record_;
  }

  // Gives it to the waiter of the get.
  returned_item* lend() noexcept
  {
    return std::exchange(record_, nullptr);
  }

  // Takes the rest of its chain back from the waiter. A second call does
  // nothing.
  void take_back(returned_item*& lent) noexcept
  {
    if (lent)
      record_ = std::exchange(lent, nullptr);
  }

private:
  // Invariant: null if this was moved from.
  subscriber_pointer reader_;
  returned_item* record_;
};

// Destroys the values of items that have lost their last owner under the lock.
template <class Core>
void destroy_dropped(Core& core) noexcept
{
  using node = typename Core::state_type::node;
  if (!core.unguarded().has_garbage())
    return;
  broadcast_item_list dropped = core.update_quietly(
      [](auto& state)
      {
        return state.take_garbage();
      });
  while (!dropped.empty())
  {
    std::unique_ptr<node> n(static_cast<node*>(&dropped.front()));
    dropped.pop_front();
    detail::recycle(core, std::move(n));
  }
}

// An item that was got, while it is copied. If the copy throws, the item
// returns to its subscription.
template <class Core, class Threading>
class item_being_copied
{
  using node = typename Core::state_type::node;

public:
  item_being_copied(Core& core, broadcast_item& item,
                    record_of_get<Threading>& by) noexcept
    : core_(core),
      item_(&item),
      by_(by)
  {
  }

  item_being_copied(const item_being_copied&) = delete;
  item_being_copied& operator=(const item_being_copied&) = delete;

  ~item_being_copied()
  {
    if (!item_)
      return;
    core_.update_quietly(
        [this](auto& state)
        {
          state.undo_get(by_.reader(), *item_, by_.record());
        });
    detail::destroy_dropped(core_);
  }

  const auto& value() const noexcept
  {
    return *static_cast<const node*>(item_)->value;
  }

  // The copy was made.
  void finish() noexcept
  {
    broadcast_item* const item = std::exchange(item_, nullptr);
    if (item->release(Core::threading::is_shared))
      detail::recycle(core_, std::unique_ptr<node>(static_cast<node*>(item)));
    detail::destroy_dropped(core_);
  }

private:
  Core& core_;
  broadcast_item* item_;
  record_of_get<Threading>& by_;
};

template <class T, class Threading>
class subscription_get : public request<delivered<T>>
{
public:
  static constexpr const char* name = "broadcast::async_get";

  explicit subscription_get(record_of_get<Threading>&& record) noexcept
    : by_(std::move(record))
  {
  }

  void bind(broadcast_waiter& w) noexcept
  {
    w.reader = &by_.reader();
    w.record = by_.lend();
  }

  static bool start(broadcast_state_base& state, broadcast_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_get(w, may_wait);
  }

  static bool starts_alone(const broadcast_state_base& state) noexcept
  {
    return state.get_starts_alone();
  }

  void take(broadcast_waiter& w) noexcept
  {
    item_ = std::exchange(w.item, nullptr);
    by_.take_back(w.record);
  }

  // The item is copied here, for this get. After that it cannot return.
  template <class Core>
  completion<delivered<T>, kept_value<delivered<T>>>
  complete(boost::intrusive_ptr<Core>& core, outcome how)
  {
    using kept_type = kept_value<delivered<T>>;
    if (how != outcome::success)
    {
      dispose(*core);
      return {failure_code(how), kept_type()};
    }
    item_being_copied<Core, Threading> item(*core, *item_, by_);
    completion<delivered<T>, kept_type> result{{}, kept_type(item.value())};
    item.finish();
    return result;
  }

  static void dispose(auto& core) noexcept
  {
    detail::destroy_dropped(core);
  }

private:
  record_of_get<Threading> by_;
  broadcast_item* item_ = nullptr;
};

// A get before its launch. A copy of it can be launched again.
template <class T, class Threading>
class subscription_get_request : public request<delivered<T>>
{
  using subscriber_pointer =
      typename record_of_get<Threading>::subscriber_pointer;

public:
  static constexpr const char* name = "broadcast::async_get";

  explicit subscription_get_request(subscriber_pointer reader) noexcept
    : reader_(std::move(reader))
  {
  }

  subscription_get<T, Threading> prepare(auto& /*core*/) &&
  {
    return subscription_get<T, Threading>(
        record_of_get<Threading>(std::move(reader_)));
  }

private:
  subscriber_pointer reader_;
};

// A put whose item is in a node. The operation owns the node unless the
// broadcast stores it.
template <class T>
class broadcast_put : public request<void>
{
  using node = broadcast_node<T>;

public:
  static constexpr unsigned char kind = 2;

  static constexpr const char* name = "broadcast::async_put";

  explicit broadcast_put(std::unique_ptr<node> n) noexcept
    : node_(std::move(n))
  {
  }

  void bind(broadcast_waiter& w) noexcept
  {
    w.item = node_.release();
  }

  static bool start(broadcast_state_base& state, broadcast_waiter& w,
                    bool may_wait) noexcept
  {
    return state.start_put(w, may_wait);
  }

  static bool starts_alone(const broadcast_state_base& state) noexcept
  {
    return state.put_starts_alone();
  }

  void take(broadcast_waiter& w) noexcept
  {
    node_.reset(static_cast<node*>(std::exchange(w.item, nullptr)));
  }

  completion<void> complete(auto& core, outcome how) noexcept
  {
    dispose(*core);
    return {to_error_code(how)};
  }

  void dispose(auto& core) noexcept
  {
    if (node_)
      detail::recycle(core, std::move(node_));
    detail::destroy_dropped(core);
  }

private:
  std::unique_ptr<node> node_;
};

// A put before its launch. A copy of it can be launched again.
template <class T>
class broadcast_put_request : public request<void>
{
public:
  static constexpr const char* name = "broadcast::async_put";

  explicit broadcast_put_request(T&& item) noexcept(
      std::is_nothrow_move_constructible_v<T>)
    : item_(std::move(item))
  {
  }

  broadcast_put<T> prepare(auto& core) &&
  {
    auto n = detail::find_node<broadcast_node<T>>(core);
    n->value.emplace(std::move(item_));
    return broadcast_put<T>(std::move(n));
  }

private:
  T item_;
};

struct subscription_access;

} // namespace detail

/// A subscription to a broadcast, which receives every item.
/**
 * Items that the subscription has not got yet wait for it, up to the capacity
 * of the broadcast. It ends with this object. It may outlive its broadcast and
 * the context.
 *
 * A moved-from subscription may only be destroyed or assigned to.
 *
 * @tparam T The type of the items.
 *
 * @tparam Threading The policy of the broadcast.
 *
 * @tparam Executor The executor type of the broadcast.
 *
 * @toro_class_thread_safety
 *
 * @sa basic_broadcast
 */
template <class T, class Threading,
          class Executor = boost::asio::any_io_executor>
class [[nodiscard]] TORO_DETAIL_VISIBLE basic_subscription
{
  using state_type = detail::broadcast_state<T>;
  using core_type = detail::core<state_type, Threading>;
  using core_pointer = typename core_type::pointer;
  using initiation_type = detail::initiation<core_type, Executor>;
  using default_token = detail::default_token<Executor>;
  using request_type = detail::subscription_get_request<T, Threading>;
  using signature = typename request_type::signature;
  using shared_type = detail::shared_subscriber<Threading>;

public:
  /// The type of the items.
  using value_type = T;

  /// The type of the executor associated with the subscription.
  using executor_type = Executor;

  /// Moves a subscription together with its waits.
  basic_subscription(basic_subscription&&) noexcept = default;

  /// Ends this subscription and its waits, then moves another one in.
  /**
   * @param other The subscription to take.
   *
   * @returns This subscription.
   */
  basic_subscription& operator=(basic_subscription&& other) noexcept
  {
    if (this != &other)
    {
      end();
      core_ = std::move(other.core_);
      executor_ = other.executor_;
      reader_ = std::move(other.reader_);
    }
    return *this;
  }

  /// Ends the subscription, and its waits with @c operation_aborted.
  /**
   * Puts that wait for this subscription go on. Handlers will not be invoked
   * from within this function.
   *
   * @toro_linear{waits that this completes and of items that it drops}
   */
  ~basic_subscription()
  {
    end();
  }

  /// Gives the executor associated with the subscription.
  /**
   * Must not be called once the executor's context has been destroyed.
   *
   * @returns The executor of the broadcast.
   *
   * @toro_constant
   */
  [[nodiscard]] const executor_type& get_executor() const noexcept
  {
    check_not_moved_from();
    return executor_->get();
  }

  /// Start an asynchronous operation to get the next item.
  /**
   * Completes immediately if there is an item. On success the handler receives
   * a copy of the item. Several gets of one subscription may wait; each
   * receives another item, in the order in which they started.
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
   * @li @c boost::asio::error::timed_out The deadline passed. No item was
   * taken.
   * @li @c boost::asio::error::operation_aborted The get was cancelled by its
   * slot or by cancel(), or the subscription or the broadcast was destroyed or
   * assigned to. No item was taken.
   * @li @c toro::error::closed The broadcast was closed, the subscription has
   * got all items, and none can return to it from another get.
   *
   * @toro_executor{a function that puts an item}
   *
   * @toro_cancellation
   * An item that was already granted to the get goes to the next get of the
   * subscription, or is its oldest again. If the subscription is full by then,
   * the item is lost, and lost() counts it. A deadline that passes never has
   * this effect.
   *
   * @toro_thread_safety
   * @par Complexity
   * Constant to start if no item is there, otherwise logarithmic in the number
   * of stored items. Cancelling a granted get is logarithmic in the number of
   * items that have returned to the subscription. At most one allocation with
   * the handler's associated allocator; and one more if other gets of the
   * subscription are pending. A copy whose move may throw is allocated as well.
   *
   * @toro_exception_safety
   * If the copy of the item throws, the exception leaves through @c run(), or
   * through @c co_await with toro::eager, and the handler is destroyed. The
   * item returns to the subscription, as after a cancellation. The copy is not
   * moved on its way to the handler; if the token moves it, and that move
   * throws, the subscription does not get the item again.
   */
  template <
      detail::completion_token_for<signature> CompletionToken = default_token>
  auto async_get(CompletionToken&& token = default_token())
      -> decltype(boost::asio::async_initiate<CompletionToken, signature>(
          std::declval<initiation_type>(), token, std::declval<request_type>()))
  {
    return boost::asio::async_initiate<CompletionToken, signature>(
        initiate(), token, request_type(share()));
  }

  /// @copydoc async_get(CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{there is an item}
   */
  template <
      detail::completion_token_for<signature> CompletionToken = default_token>
  auto async_get(deadline limit, CompletionToken&& token = default_token())
      -> decltype(boost::asio::async_initiate<CompletionToken, signature>(
          std::declval<initiation_type>(), token, std::declval<request_type>(),
          limit))
  {
    return boost::asio::async_initiate<CompletionToken, signature>(
        initiate(), token, request_type(share()), limit);
  }

  /// Try to get the next item without waiting.
  /**
   * If this admits a waiting put, its handler will not be invoked from within
   * this function.
   *
   * @returns A copy of the item, or nothing if there is none.
   *
   * @throws std::bad_alloc, with nothing changed, or any exception thrown by
   * the copy. The item has then returned to the subscription, as after the
   * cancellation of a get.
   *
   * @par Complexity and Thread Safety
   * Logarithmic in the number of stored items, plus a copy that is made without
   * the lock; as the class.
   */
  [[nodiscard]] std::optional<T> try_get()
  {
    detail::record_of_get<Threading> by(share());
    detail::broadcast_item* const item = get_core().update_quietly(
        [&](state_type& state)
        {
          return state.try_get(by.reader());
        });
    if (!item)
    {
      detail::destroy_dropped(get_core());
      return std::nullopt;
    }
    // Safety: the copy may end the subscription.
    const core_pointer core = core_;
    detail::item_being_copied<core_type, Threading> taken(*core, *item, by);
    std::optional<T> result(taken.value());
    taken.finish();
    return result;
  }

  /// Gives the number of items that can be got.
  /**
   * @returns How many items wait for this subscription. Not included are items
   * that were granted to a get whose handler has not run yet.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t size() const noexcept
  {
    return get_core().update_quietly(
        [this](state_type& state)
        {
          return state.available(reader());
        });
  }

  /// Gives the number of items that the subscription has lost.
  /**
   * An item is lost if it is overwritten because the subscription is full, or
   * if a cancelled get returns it and finds the subscription full. What
   * toro::overflow::drop_newest drops is not counted: put() tells that.
   *
   * @returns How many items were lost since this function was last called, or
   * since the subscription began.
   *
   * @toro_constant
   */
  std::size_t lost() noexcept
  {
    return get_core().update_quietly(
        [this](state_type& state)
        {
          return state.take_lost(reader());
        });
  }

  /// Skip all items that can be got, except the newest.
  /**
   * The next get receives the item that was put last. If this admits waiting
   * puts, their handlers will not be invoked from within this function.
   *
   * @returns The number of items that were skipped. lost() does not count them.
   * Items of puts whose handlers have not run are among them, even if such a
   * put is cancelled later.
   *
   * @par Complexity and Thread Safety
   * Logarithmic in the number of stored items, and linear in the number of
   * items and puts that this drops and admits; as the class.
   */
  std::size_t skip_to_newest() noexcept
  {
    const std::size_t count = get_core().update_quietly(
        [this](state_type& state)
        {
          return state.skip_to_newest(reader());
        });
    detail::destroy_dropped(get_core());
    return count;
  }

private:
  friend struct detail::subscription_access;

  basic_subscription(core_pointer core,
                     detail::kept_executor<Executor>& executor)
    : core_(std::move(core)),
      executor_(&executor),
      reader_(std::make_shared<shared_type>())
  {
    core_->update_quietly(
        [this](state_type& state)
        {
          state.subscribe(*reader_);
        });
  }

  void end() noexcept
  {
    if (!reader_)
      return;
    const core_pointer core = std::move(core_);
    const std::shared_ptr<shared_type> reader = std::move(reader_);
    core->update_quietly(
        [&](state_type& state)
        {
          state.end_subscription(*reader);
        });
    detail::destroy_dropped(*core);
  }

  void check_not_moved_from() const noexcept
  {
    BOOST_ASSERT_MSG(reader_, "a moved-from subscription may only be destroyed "
                              "or assigned to");
  }

  core_type& get_core() const noexcept
  {
    check_not_moved_from();
    return *core_;
  }

  const std::shared_ptr<shared_type>& share() const noexcept
  {
    check_not_moved_from();
    return reader_;
  }

  shared_type& reader() const noexcept
  {
    return *share();
  }

  initiation_type initiate() const
  {
    check_not_moved_from();
    return initiation_type(core_, *executor_);
  }

  core_pointer core_;
  detail::kept_executor<Executor>* executor_;

  // Invariant: null in a moved-from subscription only.
  std::shared_ptr<shared_type> reader_;
};

/// A subscription to a broadcast that is safe to share between threads.
template <class T>
using subscription = basic_subscription<T, thread_safe>;

namespace detail {

struct subscription_access
{
  template <class T, class Threading, class Executor>
  static basic_subscription<T, Threading, Executor>
  make(typename core<broadcast_state<T>, Threading>::pointer core,
       kept_executor<Executor>& executor)
  {
    return basic_subscription<T, Threading, Executor>(std::move(core),
                                                      executor);
  }
};

} // namespace detail

/// Every item for every subscription.
/**
 * Chat messages, quotes, events for connected clients: each subscription gets
 * all items that are put while it exists, in order, at its own speed. A slow
 * one must not hold back the others for ever, so what happens to it is chosen
 * in the constructor. If each item is for one receiver only, use a queue. If
 * only the newest item counts, use a watch.
 *
 * | State | put() | async_put() | async_get() |
 * | ----- | ----- | ----------- | ----------- |
 * | no subscription is full | stores | stores | takes, or waits |
 * | one is full, @c drop_oldest | overwrites | overwrites | takes |
 * | one is full, @c drop_newest | drops the item | drops it | takes |
 * | one is full, @c wait | @c std::logic_error | waits | takes |
 * | closed | @c closed | @c closed | takes the rest, then @c closed |
 *
 * A subscription is full if as many items wait for it as the capacity says. An
 * item is stored once, and copied for each get, without the lock. It is dropped
 * when no subscription needs it, unless it is one of the last items, which new
 * subscriptions are to receive.
 *
 * @tparam T The type of the items. Requirements: copy constructible, with a
 * destructor that does not throw.
 *
 * @tparam Executor The type of the executor.
 *
 * @tparam Threading toro::thread_safe or toro::strand_bound.
 *
 * @par Fairness
 * Puts are served in the order in which they started, and so are the gets of
 * one subscription. try_put() and try_get() do not overtake waiters.
 *
 * @par Memory Ordering
 * Putting an item synchronizes with each get that receives it.
 *
 * @toro_class_thread_safety
 *
 * @par Memory
 * Nodes of items are used again. A broadcast keeps up to 128 that are empty,
 * and a subscription keeps one small record.
 *
 * @par Destruction and Shutdown
 * Destroying a broadcast, or assigning to it, completes its waits and those of
 * its subscriptions with @c operation_aborted and destroys its items; the
 * handlers are posted. Subscriptions that outlive it get no further items.
 * Destroying the context destroys the handlers without invoking them.
 *
 * @par Example
 * For example:
 * @code
 * toro::broadcast<std::string> room(executor, 100);
 * auto alice = room.subscribe();
 * auto bob = room.subscribe();
 * assert(room.put("hello") == 2);
 * assert(co_await alice.async_get(asio::use_awaitable) == "hello");
 * assert(co_await bob.async_get(asio::use_awaitable) == "hello");
 * @endcode
 *
 * @sa watch, queue
 */
template <class T, class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class TORO_DETAIL_VISIBLE basic_broadcast
  : public detail::io_object<detail::broadcast_state<T>, Executor, Threading>
{
  static_assert(std::is_copy_constructible_v<T>,
                "a broadcast gives each subscription a copy of an item");
  static_assert(std::is_nothrow_destructible_v<T>,
                "the items of a broadcast must be nothrow destructible");

  using state_type = detail::broadcast_state<T>;
  using base = detail::io_object<state_type, Executor, Threading>;
  using node_type = typename state_type::node;
  using default_token = detail::default_token<Executor>;
  using put_type = detail::broadcast_put_request<T>;

public:
  /// The type of the items.
  using value_type = T;

  /// The type of a subscription.
  using subscription_type = basic_subscription<T, Threading, Executor>;

  /// The same primitive with another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_broadcast<T, OtherExecutor, Threading>;
  };

  /// Constructs a broadcast.
  /**
   * @param executor The executor for handlers that have no associated executor.
   *
   * @param capacity How many items may wait for one subscription. Unit: items.
   * Range: 1 to @c PTRDIFF_MAX.
   *
   * @param when_full What a put does if a subscription is full.
   *
   * @param replay How many of the last items a new subscription receives. Unit:
   * items. Range: 0 to the capacity.
   *
   * @throws std::invalid_argument An argument is out of range.
   */
  explicit basic_broadcast(const Executor& executor, std::size_t capacity,
                           overflow when_full = overflow::drop_oldest,
                           std::size_t replay = 0)
    : base(executor, &basic_broadcast::describe, checked(capacity, replay),
           static_cast<detail::overflow_rule>(when_full), replay,
           base::core_type::threading::is_shared)
  {
  }

  /// Constructs a broadcast on the executor of a context.
  /**
   * @param context The context, for example an @c io_context.
   *
   * @param capacity How many items may wait for one subscription. Unit: items.
   * Range: 1 to @c PTRDIFF_MAX.
   *
   * @param when_full What a put does if a subscription is full.
   *
   * @param replay How many of the last items a new subscription receives. Unit:
   * items. Range: 0 to the capacity.
   *
   * @throws std::invalid_argument An argument is out of range.
   */
  template <detail::execution_context_like Context>
  explicit basic_broadcast(Context& context, std::size_t capacity,
                           overflow when_full = overflow::drop_oldest,
                           std::size_t replay = 0)
    : basic_broadcast(Executor(context.get_executor()), capacity, when_full,
                      replay)
  {
  }

  // Not an integer, so not a size.
  template <class Where, std::floating_point Number, class... Rest>
  basic_broadcast(Where&&, Number, Rest&&...) = delete;

  /// Moves a broadcast together with its waits and subscriptions.
  basic_broadcast(basic_broadcast&&) noexcept = default;
  /// Cancels the waits of this broadcast, then moves another one in.
  /**
   * @returns This broadcast.
   */
  basic_broadcast& operator=(basic_broadcast&&) noexcept = default;

  /// Moves a broadcast from another type of executor.
  /**
   * Subscriptions to the other broadcast are to this one.
   *
   * @param other The broadcast to move from.
   */
  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_broadcast(basic_broadcast<T, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  /// Begin a subscription.
  /**
   * @returns A subscription that receives what is put from now on, after the
   * last items, as many as the constructor says. Fewer, if room is kept for
   * items of puts that have not been completed.
   *
   * @throws std::bad_alloc Nothing changes then.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of items that are replayed; as the class.
   */
  [[nodiscard]] subscription_type subscribe()
  {
    return detail::subscription_access::make<T, Threading, Executor>(
        this->share_core(), this->get_kept_executor());
  }

  /// Put an item.
  /**
   * Handlers of gets will not be invoked from within this function.
   *
   * @param item The item.
   *
   * @param ec Set to toro::error::closed if the broadcast was closed; nothing
   * changes then.
   *
   * @returns The number of subscriptions that the item is for. Zero if
   * toro::overflow::drop_newest has dropped it, and on an error.
   *
   * @throws std::logic_error The broadcast was made with toro::overflow::wait.
   * Also @c std::bad_alloc, or what the move of the item throws. Nothing
   * changes then. Also any exception thrown while posting a completion; the
   * item is put regardless.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of subscriptions whose gets wait, and of those to
   * which a cancelled get has returned an item; as the class.
   */
  std::size_t put(T item, boost::system::error_code& ec)
  {
    if (this->get_core().unguarded().rule() == detail::overflow_rule::wait)
      boost::throw_exception(
          std::logic_error("toro: a put of this broadcast may have to wait"));
    node_holder holder(this->share_core());
    holder.node->value.emplace(std::move(item));
    return holder.core->update(
        [&](state_type& state)
        {
          detail::broadcast_item* left = holder.node.release();
          const std::optional<std::size_t> takers = state.put(left);
          holder.node.reset(static_cast<node_type*>(left));
          ec = takers ? boost::system::error_code() : error::closed;
          return takers.value_or(0);
        });
  }

  /// @copybrief put(T, boost::system::error_code&)
  /**
   * @param item The item.
   *
   * @returns The number of subscriptions that the item is for. Zero if
   * toro::overflow::drop_newest has dropped it.
   *
   * @throws boost::system::system_error With toro::error::closed if the
   * overload above would set it. Also any exception that the overload above
   * throws.
   *
   * @par Complexity and Thread Safety
   * As the overload above.
   */
  std::size_t put(T item)
  {
    boost::system::error_code ec;
    const std::size_t takers = put(std::move(item), ec);
    this->throw_if(ec, "put");
    return takers;
  }

  /// Try to put an item without waiting.
  /**
   * Handlers of gets will not be invoked from within this function.
   *
   * @param item The item. Unchanged if the broadcast does not take it.
   *
   * @returns True if the item was put, even if there is no subscription. False
   * if the broadcast was closed; or, unless it drops the oldest item, if a
   * subscription is full or another put waits.
   *
   * @throws Any exception from an allocation or the item's move. The broadcast
   * is unchanged then, and so is the item, unless its move threw.
   *
   * @par Complexity and Thread Safety
   * As put().
   */
  [[nodiscard]] bool try_put(T&& item)
  {
    node_holder holder(this->share_core(), nullptr);
    holder.has_room = holder.core->update_quietly(
        [&](state_type& state)
        {
          if (!state.begin_put())
            return false;
          holder.node = state.take_spare();
          return true;
        });
    if (!holder.has_room)
      return false;
    if (!holder.node.get())
      holder.node = detail::new_node<node_type>(*holder.core);
    holder.node->value.emplace(std::move(item));
    holder.core->update_quietly(
        [&](state_type& state)
        {
          detail::broadcast_item* left = holder.node.release();
          state.finish_put(left);
          holder.node.reset(static_cast<node_type*>(left));
          holder.has_room = false;
        });
    return true;
  }

  /// @copydoc try_put(T&&)
  [[nodiscard]] bool try_put(const T& item)
  {
    return try_put(T(item));
  }

  /// Start an asynchronous operation to put an item.
  /**
   * Waits, with toro::overflow::wait, until the slowest subscription has room.
   * Otherwise completes immediately, and does what put() does. If the put
   * fails, its item is destroyed before the handler runs.
   *
   * @param item The item.
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
   * @li @c boost::asio::error::timed_out The deadline passed. The item was not
   * put.
   * @li @c boost::asio::error::operation_aborted The put was cancelled by its
   * slot or by cancel(), or the broadcast was destroyed or assigned to. The
   * item was not put.
   * @li @c toro::error::closed The broadcast was closed before the put started
   * or while it waited. The item was not put.
   *
   * @toro_executor{a function that gets an item}
   *
   * @toro_cancellation
   * If the item is already stored, it is withdrawn from all subscriptions. But
   * if a subscription has taken the item, or was granted it, the put succeeds,
   * and a cancellation has no effect. The same applies to a put that does not
   * wait, since it may have dropped an item.
   *
   * @toro_thread_safety
   * @par Complexity
   * As put(), to start. Constant to cancel a put that waits. Withdrawing an
   * item is logarithmic in the number of stored items, and linear in the number
   * of subscriptions if one of them began behind the item or skipped it. At
   * most one allocation with the handler's associated allocator, and one for
   * the item if there is no spare node.
   *
   * @toro_exception_safety{an allocation\, a timer\, the item's move or the
   * handler's move}
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_put(T item, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          put_type(std::move(item)), token))
  {
    return this->template start<CompletionToken>(put_type(std::move(item)),
                                                 token);
  }

  /// @copydoc async_put(T, CompletionToken&&)
  /**
   * @param limit When the wait expires. @toro_expires_unless{there is room}
   */
  template <detail::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_put(T item, deadline limit,
                 CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          put_type(std::move(item)), limit, token))
  {
    return this->template start<CompletionToken>(put_type(std::move(item)),
                                                 limit, token);
  }

  /// Close the broadcast: it takes no further items.
  /**
   * Subscriptions can still get the items that wait for them. Waiting puts
   * complete with toro::error::closed. Gets complete with it once their
   * subscription has no item left. A second call does nothing. Handlers will
   * not be invoked from within this function.
   *
   * @returns The number of waits that this completed.
   *
   * @throws Any exception thrown while posting a completion. The broadcast is
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

  /// Tells whether the broadcast takes new items.
  /**
   * @returns False after close().
   *
   * @toro_constant
   */
  [[nodiscard]] bool is_open() const noexcept
  {
    return figures().open;
  }

  /// Gives how many items may wait for one subscription.
  /**
   * @returns The number that the constructor was given.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t capacity() const noexcept
  {
    return figures().capacity;
  }

  /// Gives the number of subscriptions.
  /**
   * @returns The exact number at this moment.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t subscriptions() const noexcept
  {
    return figures().subscriptions;
  }

  /// Gives the number of stored items.
  /**
   * @returns How many items are stored for the slowest subscription, or to be
   * replayed. Each is counted once, whatever the number of subscriptions.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t size() const noexcept
  {
    return figures().items;
  }

  /// Gives the number of waiting gets of all subscriptions.
  /**
   * @returns The exact number at this moment.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t getters() const noexcept
  {
    return figures().getters;
  }

  /// Gives the number of waiting puts.
  /**
   * @returns The exact number at this moment.
   *
   * @toro_constant
   */
  [[nodiscard]] std::size_t putters() const noexcept
  {
    return figures().putters;
  }

  /// Describes a broadcast: its capacity, subscriptions, items and waiters.
  /**
   * @param x The broadcast.
   *
   * @returns For example @c "<broadcast capacity=8 subscriptions=2 size=3>".
   */
  [[nodiscard]] friend std::string to_string(const basic_broadcast& x)
  {
    return x.get_core().describe();
  }

private:
  // The node of an item that is being put, and room for it if it is kept.
  struct node_holder
  {
    using core_pointer = typename base::core_pointer;

    explicit node_holder(core_pointer its_core)
      : core(std::move(its_core)),
        node(detail::find_node<node_type>(*core))
    {
    }

    node_holder(core_pointer its_core, std::nullptr_t) noexcept
      : core(std::move(its_core))
    {
    }

    node_holder(const node_holder&) = delete;
    node_holder& operator=(const node_holder&) = delete;

    ~node_holder()
    {
      if (has_room)
        core->update_quietly(
            [](state_type& state)
            {
              state.undo_put();
            });
      if (node)
        detail::recycle(*core, std::move(node));
      detail::destroy_dropped(*core);
    }

    core_pointer core;
    std::unique_ptr<node_type> node;
    bool has_room = false;
  };

  static std::size_t checked(std::size_t capacity, std::size_t replay)
  {
    if (capacity == 0 || capacity > detail::max_count)
      boost::throw_exception(std::invalid_argument(
          "toro: a broadcast's capacity is zero or too large"));
    if (replay > capacity)
      boost::throw_exception(std::invalid_argument(
          "toro: a broadcast cannot replay more than its capacity"));
    return capacity;
  }

  detail::broadcast_figures figures() const noexcept
  {
    return this->get_core().read(
        [](const state_type& state)
        {
          return state.figures();
        });
  }

  static std::string describe(const state_type& state)
  {
    const detail::broadcast_figures f = state.figures();
    return detail::description("broadcast")
        .word(f.open ? "" : "closed")
        .figure("capacity", f.capacity)
        .figure("subscriptions", f.subscriptions)
        .figure_if_any("size", f.items)
        .count_if_any("getters", f.getters)
        .count_if_any("putters", f.putters)
        .str();
  }
};

/// The broadcast on any executor, safe to share between threads.
template <class T>
using broadcast = basic_broadcast<T>;

} // namespace toro

#endif // TORO_BROADCAST_HPP
