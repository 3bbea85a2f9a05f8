// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_BROADCAST_STATE_HPP
#define TORO_DETAIL_STATE_BROADCAST_STATE_HPP

#include <toro/detail/state/state_base.hpp>
#include <toro/detail/wait/ordered_set.hpp>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace toro::detail {

class broadcast_waiter;

// What a put does if a subscription is full.
enum class overflow_rule : unsigned char
{
  drop_oldest,
  drop_newest,
  wait
};

// An item without its value, which the node of the broadcast adds.
// Safety: linked by address, so neither copied nor moved.
class broadcast_item
  : public ordered_node,
    public boost::intrusive::list_base_hook<
        boost::intrusive::link_mode<boost::intrusive::normal_link>>
{
public:
  // Under the lock, or with the only owner that is left.
  void add_owners(std::size_t count, bool is_shared) noexcept
  {
    if (is_shared)
      owners_.fetch_add(count, std::memory_order_relaxed);
    else
      owners_.store(owners_.load(std::memory_order_relaxed) + count,
                    std::memory_order_relaxed);
  }

  // One owner fewer, also without the lock. Returns whether it was the last.
  bool release(bool is_shared) noexcept
  {
    if (is_shared)
      return owners_.fetch_sub(1, std::memory_order_acq_rel) == 1;
    const std::size_t left = owners_.load(std::memory_order_relaxed) - 1;
    owners_.store(left, std::memory_order_relaxed);
    return left == 0;
  }

  // The put of the item, as long as it can still withdraw the item.
  broadcast_waiter* put = nullptr;

  // How many subscriptions get this item next, apart from what was returned to
  // them.
  // Invariant: zero unless the item is stored.
  std::size_t readers = 0;

  bool is_stored = false;

protected:
  ~broadcast_item() = default;

private:
  // The store, the gets that were granted the item, and those that copy it.
  std::atomic<std::size_t> owners_ = 0;
};

using broadcast_item_list =
    boost::intrusive::list<broadcast_item,
                           boost::intrusive::constant_time_size<false>>;

// An item that a revoked get has returned to its subscription. Each get has one
// of these from its start, since nothing can be allocated when it is revoked.
class returned_item final : public ordered_node
{
public:
  broadcast_item* item = nullptr;

  // Of records that are not in use.
  returned_item* next = nullptr;
};

struct subscriber_tag;
struct hungry_tag;
struct irregular_tag;

template <class Tag>
using subscriber_hook = boost::intrusive::list_base_hook<
    boost::intrusive::tag<Tag>,
    boost::intrusive::link_mode<boost::intrusive::normal_link>>;

// A put, or a get of a subscription.
class broadcast_waiter : public waiter, public subscriber_hook<subscriber_tag>
{
public:
  // Of a get.
  class subscriber* reader = nullptr;

  // Of a get, until its item returns to the subscription.
  returned_item* record = nullptr;

  // The item of a put until it can no longer be withdrawn, or the item granted
  // to a get.
  broadcast_item* item = nullptr;

  // Whether room is kept for the item of a put, which is stored at the commit.
  bool is_promised = false;

protected:
  ~broadcast_waiter() = default;
};

// A subscription as the rules see it. Its operations share it. A subscription
// is hungry if gets of it wait, and irregular if items were returned to it.
class subscriber : public subscriber_hook<subscriber_tag>,
                   public subscriber_hook<hungry_tag>,
                   public subscriber_hook<irregular_tag>
{
public:
  subscriber() noexcept = default;
  subscriber(const subscriber&) = delete;
  subscriber& operator=(const subscriber&) = delete;

  // The records that are not in use any more. The next get takes them along.
  returned_item* take_spares() noexcept
  {
    returned_item* const result = spares_;
    spares_ = nullptr;
    return result;
  }

protected:
  ~subscriber() = default;

private:
  friend class broadcast_state_base;

  // Invariant: empty if there is an item that the subscription can get.
  wait_queue getters_;

  // Invariant: its gets that wait or are granted, in the order of their start.
  boost::intrusive::list<
      broadcast_waiter,
      boost::intrusive::base_hook<subscriber_hook<subscriber_tag>>,
      boost::intrusive::constant_time_size<false>>
      waits_;

  // Invariant: how many gets are granted.
  std::size_t reserved_ = 0;

  // The next item is the first one that is stored at this position or behind
  // it.
  std::int64_t cursor_ = 0;

  // How many items are before the cursor, not counting what was withdrawn.
  std::uint64_t passed_ = 0;

  // Items before the cursor. They are next.
  ordered_set returned_;
  std::size_t returned_count_ = 0;

  returned_item* spares_ = nullptr;
  std::size_t lost_ = 0;
  bool is_over_ = false;
};

// The counts that a broadcast shows.
struct broadcast_figures
{
  std::size_t capacity;
  std::size_t subscriptions;
  std::size_t items;
  std::size_t getters;
  std::size_t putters;
  bool open;
};

// Implementation notes
//
// The items are stored once, in one list, with increasing positions. Each
// subscription has a cursor, a position in that list; and the items that gets
// of it have returned, which are before the cursor.
//
//   outside --put--> stored --get--> granted --commit--> taken
//      ^                |              |
//      +---withdrawn----+              +--revoked--> returned --> granted
//
// An item knows how many cursors are at it (readers), so a put finds the
// slowest subscription without asking any of them: it is at the first item that
// has readers. A put touches only subscriptions that wait, and those that have
// returned items. All others have the new item behind their cursor. So the
// cursors at an item need not be known when the item is dropped or withdrawn:
// its readers are added to those of the next item, which is the first one
// behind their cursor then. The subscription finds it by a search, and counts
// what it has lost.
//
// Items are withdrawn only with the rule to wait, and dropped only without it.
// So the positions have no gaps where items are counted by position.
//
// An item is stored while a subscription can get it, or while it is one of the
// last ones, which are replayed. A put that can still be withdrawn does not
// push an item out of the replay.
//
// A granted item belongs to its get, and its room is free. So it may find no
// room when it is revoked. It is lost then.
//
// A put with a claim keeps room at its grant, and stores its item at its
// commit.
class broadcast_state_base : public state_base<broadcast_state_base>
{
public:
  using waiter_type = broadcast_waiter;

  // Shared: whether owners of items are counted by several threads.
  broadcast_state_base(std::size_t capacity, overflow_rule rule,
                       std::size_t replay, bool is_shared) noexcept
    : capacity_(capacity),
      replay_(replay),
      rule_(rule),
      is_shared_(is_shared)
  {
  }

  broadcast_figures figures() const noexcept
  {
    return {capacity_, subscribers_.size(), size_,
            getters_,  putters_.size(),     open_};
  }

  bool is_open() const noexcept
  {
    return open_;
  }

  std::size_t waiters() const noexcept
  {
    return getters_ + putters_.size();
  }

  // Calls a function with each wait, the name of its operation, and how much it
  // asks for.
  template <class Function>
  void visit_waits(Function function) const
  {
    for (const subscriber& s : hungry_)
    {
      for (const waiter& w : s.getters_)
        function(w, "async_get", 1);
    }
    for (const waiter& w : putters_)
      function(w, "async_put", 1);
  }

  // Whether a put that starts changes nothing but what its revocation restores.
  bool put_starts_alone() const noexcept
  {
    return rule_ == overflow_rule::wait && hungry_.empty();
  }

  // The same for a get.
  bool get_starts_alone() const noexcept
  {
    return putters_.empty();
  }

  // May be called without the lock.
  overflow_rule rule() const noexcept
  {
    return rule_;
  }

  // May be called without the lock.
  bool is_shared() const noexcept
  {
    return is_shared_;
  }

  // Puts an item. Returns how many subscriptions it is for, or nothing if the
  // broadcast was closed. Leaves the item to the caller if nobody needs it.
  // Requires a rule that does not wait.
  std::optional<std::size_t> put(broadcast_item*& item) noexcept;

  // Keeps room for an item, or returns false, with nothing changed. The caller
  // calls finish_put() or undo_put() later.
  bool begin_put() noexcept;

  // Puts the item that room was kept for, even if the broadcast was closed
  // meanwhile. Leaves the item to the caller if nobody needs it.
  void finish_put(broadcast_item*& item) noexcept;

  // The item that room was kept for is not put.
  void undo_put() noexcept;

  // The waiter owns its item unless the put succeeds.
  bool start_put(broadcast_waiter& w, bool may_wait) noexcept;

  bool start_get(broadcast_waiter& w, bool may_wait) noexcept;

  // Gets an item, or null if there is none. The caller owns it together with
  // others.
  broadcast_item* try_get(subscriber& s) noexcept;

  // The owner of an item that was got could not copy it. Returns it, or counts
  // it as lost. Takes the record if it is needed.
  void undo_get(subscriber& s, broadcast_item& item,
                returned_item*& record) noexcept;

  // Begins a subscription.
  void subscribe(subscriber& s) noexcept;

  // Ends a subscription and its waits.
  void end_subscription(subscriber& s) noexcept;

  // How many items the subscription can get.
  std::size_t available(subscriber& s) noexcept;

  // How many items the subscription has lost since this was last asked.
  std::size_t take_lost(subscriber& s) noexcept;

  // Skips all items but the newest. Returns how many.
  std::size_t skip_to_newest(subscriber& s) noexcept;

  // Takes no further items. Returns how many waits ended.
  std::size_t close() noexcept;

  std::size_t cancel_all() noexcept;

  // Drops all items. Only for a broadcast that has ended.
  void clear() noexcept;

  void grant_waiters() noexcept
  {
    if (waiters() != 0)
      grant_all();
  }

  // Whether items have lost their last owner under the lock. May be called
  // without it.
  bool has_garbage() const noexcept
  {
    return has_garbage_.load(std::memory_order_relaxed);
  }

  // These items, whose values are to be destroyed without the lock.
  broadcast_item_list take_garbage() noexcept;

private:
  friend state_base<broadcast_state_base>;

  enum queue_index : unsigned char
  {
    get_queue,
    put_queue
  };

  wait_queue& queue_of(waiter& w) noexcept;
  void forget(waiter& w) noexcept;
  bool give_back(waiter& w) noexcept;
  bool give_back_put(broadcast_waiter& w) noexcept;
  void give_back_get(broadcast_waiter& w) noexcept;
  void commit_grant(waiter& w) noexcept;

  bool drops_oldest() const noexcept
  {
    return rule_ == overflow_rule::drop_oldest;
  }

  // How many items will come that room is kept for.
  std::size_t promised_room() const noexcept
  {
    return drops_oldest() ? 0 : promised_;
  }

  bool can_put() const noexcept
  {
    return open_ && putters_.empty() && has_room();
  }

  bool has_room() const noexcept
  {
    return drops_oldest() || most_available() + promised_ < capacity_;
  }

  std::size_t available_now(const subscriber& s) const noexcept;
  std::size_t most_available() const noexcept;
  void grant_all() noexcept;
  void end_promise() noexcept;
  std::size_t close_drained(subscriber& s) noexcept;
  std::size_t close_all_drained() noexcept;
  void admit_blocked_put() noexcept;
  void store_for(broadcast_waiter& put) noexcept;
  bool enter(broadcast_item& item) noexcept;
  void serve_hungry(broadcast_item& item) noexcept;
  void hand_over(subscriber& s, broadcast_item& item) noexcept;
  void drop_oldest_item() noexcept;
  broadcast_item* take_next(subscriber& s) noexcept;
  void catch_up(subscriber& s) noexcept;
  void return_item(subscriber& s, broadcast_item& item,
                   returned_item*& record) noexcept;
  broadcast_item& take_returned(subscriber& s) noexcept;
  void drop_returned(subscriber& s) noexcept;
  void withdraw(broadcast_item& item) noexcept;
  void detach_put(broadcast_item& item) noexcept;
  void leave_store(broadcast_item& item) noexcept;
  void disown(broadcast_item& item) noexcept;
  void add_readers_behind(broadcast_item& item, std::size_t count) noexcept;
  broadcast_item& next_of(const subscriber& s) noexcept;
  broadcast_item* behind(broadcast_item& item) noexcept;
  void set_cursor(subscriber& s, std::int64_t position) noexcept;
  void find_slowest() noexcept;
  void trim() noexcept;

  const std::size_t capacity_;
  const std::size_t replay_;
  const overflow_rule rule_;
  const bool is_shared_;
  bool open_ = true;

  // The stored items, in order and by position.
  broadcast_item_list items_;
  ordered_set positions_;
  std::size_t size_ = 0;

  // The position of the next item that is put.
  std::int64_t head_ = 0;

  // How many items were put, not counting what was withdrawn.
  std::uint64_t end_ = 0;

  // Items before this position were dropped.
  std::int64_t floor_ = 0;

  // No cursor is behind this.
  std::int64_t largest_cursor_ = 0;

  // The first item that has readers, or null.
  broadcast_item* slowest_ = nullptr;

  // Invariant: the number of items from there on.
  std::size_t backlog_ = 0;

  // Invariant: how many cursors are behind the last item.
  std::size_t at_end_ = 0;

  // Invariant: how many items can be withdrawn.
  std::size_t withdrawable_ = 0;

  // Invariant: the items that room is kept for.
  std::size_t promised_ = 0;

  // Whether there was room kept that is not any more. The gets of a closed
  // broadcast may have to end then.
  bool promises_ended_ = false;

  boost::intrusive::list<
      subscriber, boost::intrusive::base_hook<subscriber_hook<subscriber_tag>>,
      boost::intrusive::constant_time_size<true>>
      subscribers_;

  boost::intrusive::list<
      subscriber, boost::intrusive::base_hook<subscriber_hook<hungry_tag>>,
      boost::intrusive::constant_time_size<true>>
      hungry_;

  boost::intrusive::list<
      subscriber, boost::intrusive::base_hook<subscriber_hook<irregular_tag>>,
      boost::intrusive::constant_time_size<false>>
      irregular_;

  // Invariant: how many gets wait.
  std::size_t getters_ = 0;

  // Invariant: empty unless the rule is to wait.
  wait_queue putters_;

  broadcast_item_list garbage_;
  std::atomic<bool> has_garbage_ = false;
};

// An item with its value. The value is made before the item is put and
// destroyed when nobody needs it, never under the lock.
template <class T>
class broadcast_node : public broadcast_item
{
public:
  using value_type = T;

  std::optional<T> value;
};

// The rules together with the nodes. They are recycled, so that a broadcast in
// its steady state does not allocate.
template <class T>
class broadcast_state : public broadcast_state_base
{
public:
  using value_type = T;
  using node = broadcast_node<T>;

  using broadcast_state_base::broadcast_state_base;

  // One empty node that can be taken without the lock.
  std::atomic<node*>& free_node() noexcept
  {
    return free_node_;
  }

  // An empty node that was used before, or null.
  std::unique_ptr<node> take_spare() noexcept
  {
    if (spare_.empty())
      return nullptr;
    --spares_;
    return pop(spare_);
  }

  // Keeps an empty node for later, unless there are enough.
  void keep_spare(std::unique_ptr<node>& n) noexcept
  {
    if (spares_ == max_spares)
      return;
    spare_.push_front(*n.release());
    ++spares_;
  }

  // Removes a node of a broadcast that has ended. Returns null if there is
  // none.
  std::unique_ptr<node> pop_content() noexcept
  {
    clear();
    broadcast_item_list dropped = this->take_garbage();
    dropped_.splice(dropped_.end(), dropped);
    if (!dropped_.empty())
      return pop(dropped_);
    if (node* const free = free_node_.exchange(nullptr))
      return std::unique_ptr<node>(free);
    return take_spare();
  }

private:
  static constexpr std::size_t max_spares = 128;

  static std::unique_ptr<node> pop(broadcast_item_list& list) noexcept
  {
    node& n = static_cast<node&>(list.front());
    list.pop_front();
    return std::unique_ptr<node>(&n);
  }

  std::atomic<node*> free_node_ = nullptr;
  broadcast_item_list spare_;
  std::size_t spares_ = 0;
  broadcast_item_list dropped_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_BROADCAST_STATE_HPP
