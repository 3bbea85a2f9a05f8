// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_QUEUE_STATE_HPP
#define TORO_DETAIL_STATE_QUEUE_STATE_HPP

#include <toro/detail/state/item_line.hpp>
#include <toro/detail/state/item_node.hpp>
#include <toro/detail/state/state_base.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace toro::detail {

// What a get asks for. The rules are the same for all of them.
enum class get_form : unsigned char
{
  item,
  next,
  some
};

// A put, a get, a join, or a wait for room or for an item.
class queue_waiter : public waiter
{
public:
  // For dumps.
  get_form form = get_form::item;

  // The item of a put until it is taken, or the item granted to a get. Null if
  // a get asks for no item.
  item_node* item = nullptr;

  // How much room a wait for room asks for.
  std::size_t weight = 1;

protected:
  ~queue_waiter() = default;
};

// The counts that a queue shows.
struct queue_figures
{
  std::size_t max_size;
  std::size_t size;
  std::size_t getters;
  std::size_t putters;
  std::size_t joiners;
  std::size_t unfinished;
  bool open;

  // The room that is kept for items on their way in.
  std::size_t room_kept;

  // The largest size so far.
  std::size_t peak;

  // What counts against the bound: the size, or the weight of the items.
  std::size_t load;
  // Those who wait for an item that they do not take.
  std::size_t watchers;
};

// Implementation notes
//
// An item has one position in the order of the queue, from the start of its put
// until the handler of its get runs. The available items are sorted by
// position. So a revoked get returns its item to its old position without a
// comparison, and a blocked put is admitted without one. The only comparison is
// made when the put starts, and it may throw there.
//
//   outside --put--> available --get--> reserved --commit--> outside
//      |                 ^ ^                |
//      +--> blocked -----+ +-----revoke-----+
//
// A put that has been admitted can be revoked as long as its item is available;
// once the item is reserved or taken, the put is committed. For users a
// reserved item has left the queue, and its room is free. So a revoked get may
// leave a bounded queue over its bound until enough items have been taken.
//
// A put with a claim gets room at its grant, and its item becomes available at
// its commit: no get may take an item whose put may be refused. The item has
// its position from the start of the put all the same.
//
//   outside --put--> promised --commit--> available
//      ^  |              ^  |
//      |  +--> blocked --+  |
//      +------refused-------+
//
// A wait for room stands among the puts, and has no item. Its grant keeps room,
// which becomes the guard's at the commit. The guard puts an item into it, or
// gives it back. The item gets its position then.
//
// A put that does not wait for room, at the bound, displaces an available item.
// That is reserved until it has been moved to the caller.
//
// The items of a weighted queue have weights, and the bound is one of their
// sum. An item that is heavier than the bound has room in an empty queue.
// Otherwise each item has a weight of one.
//
// An item whose move may throw is moved without the lock, in two steps. On its
// way in it has room in the queue, and gets its position when the move has
// succeeded. On its way out it is reserved, and keeps its position until the
// move has succeeded; its get is already committed and can no longer be
// revoked.
class queue_state : public state_base<queue_state>
{
public:
  using waiter_type = queue_waiter;

  // A size of zero means unbounded.
  queue_state(const fifo_order&, std::size_t max_size) noexcept
    : queue_state(nullptr, false, max_size)
  {
  }

  queue_state(const lifo_order&, std::size_t max_size) noexcept
    : queue_state(nullptr, true, max_size)
  {
  }

  // The bound is one of the sum of weights.
  queue_state(const weighted_order_base&, std::size_t max_weight) noexcept
    : queue_state(nullptr, false, max_weight)
  {
    weighted_ = true;
  }

  // The order has to outlive the state.
  queue_state(item_order& order, std::size_t max_size) noexcept
    : queue_state(&order, false, max_size)
  {
  }

  queue_figures figures() const noexcept
  {
    return {max_size_,       available_count_,
            getters_.size(), putters_.size(),
            joiners_.size(), unfinished_,
            open_,           room_kept(),
            peak_,           weighted_ ? weight_ : available_count_,
            watchers_.size()};
  }

  std::size_t waiters() const noexcept
  {
    return getters_.size() + putters_.size() + joiners_.size() +
           watchers_.size();
  }

  // Calls a function with each wait, the name of its operation, and how much it
  // asks for.
  template <class Function>
  void visit_waits(Function function) const
  {
    for (const waiter& w : getters_)
      function(w, name_of(static_cast<const queue_waiter&>(w).form), 1);
    for (const waiter& w : putters_)
      visit_put(function, static_cast<const queue_waiter&>(w));
    for (const waiter& w : joiners_)
      function(w, "async_join", 1);
    for (const waiter& w : watchers_)
      function(w, "async_wait", 1);
  }

  bool is_open() const noexcept
  {
    return open_;
  }

  // Whether an item that is put grants another wait.
  bool has_getters() const noexcept
  {
    return !getters_.empty() || !watchers_.empty();
  }

  // Whether a put would not have to wait.
  bool can_put(std::size_t weight = 1) const noexcept
  {
    return open_ && putters_.empty() && has_room(weight);
  }

  // Puts an item. Requires can_put(). Throws what a comparison throws.
  void put(item_node& item);

  // Keeps room for an item. Requires can_put(). The caller calls finish_put()
  // or undo_put() later.
  void begin_put(std::size_t weight = 1) noexcept;

  // Puts the item that room was kept for, even if the queue was closed
  // meanwhile. Throws what a comparison throws; nothing has changed then. The
  // weight is that of begin_put(); the item may be lighter.
  void finish_put(item_node& item, std::size_t weight = 1);

  // The item that room was kept for is not put.
  void undo_put(std::size_t weight = 1) noexcept;

  // Room stays kept for good, for no item that would be on its way.
  void detach_room() noexcept;

  // Puts an item without waiting for room. At the bound this displaces an item:
  // the oldest one, or the last one of an order; it may be the item itself.
  // Returns that, or null. It keeps its position until finish_drop() or
  // undo_get(). Requires that the queue is open, or begin_force_put(). Throws
  // what a comparison throws; nothing has changed then.
  item_node* force_put(item_node& item);

  // An item is on its way in, without room. The caller calls finish_force_put()
  // or undo_force_put() later.
  void begin_force_put() noexcept
  {
    ++reserved_;
  }

  // force_put() of that item, even if the queue was closed meanwhile.
  item_node* finish_force_put(item_node& item);

  void undo_force_put() noexcept;

  // The item that was displaced leaves the queue, and its task is done.
  void finish_drop(item_node& item) noexcept;

  // Removes all available items, whose tasks are done. Returns how many.
  std::size_t clear(item_list& dropped) noexcept;

  // Gets an item, or null if none is available.
  item_node* try_get() noexcept;

  // The same, but the item keeps its position until finish_get() or undo_get().
  item_node* begin_get() noexcept;

  // Makes a grant final, but the item of a get keeps its position until
  // finish_get() or undo_get().
  void commit_keeping_position(queue_waiter& w) noexcept;

  // The item leaves the queue.
  void finish_get(item_node& item) noexcept;

  // The item is available again, at its position.
  void undo_get(item_node& item) noexcept;

  // Takes up to so many available items, in order. They keep their positions
  // until finish_some() or undo_some(), and are compared until hide().
  // Requires that the list is empty. Returns how many they are.
  std::size_t set_aside(item_list& taken, std::size_t most) noexcept;

  // The value of an item that keeps its position is about to change.
  void hide(item_node& item) noexcept
  {
    if (order_)
      order_->hide(item);
  }

  // The items leave the queue. The list stays as it is.
  void finish_some(item_list& taken) noexcept;

  // The items are available again, at their positions. Empties the list.
  void undo_some(item_list& taken) noexcept;

  // The waiter owns its item unless the put succeeds. Throws what a comparison
  // throws; nothing has changed then.
  bool start_put(queue_waiter& w, bool may_wait);

  // On success room is kept, as by begin_put().
  bool start_reserve(queue_waiter& w, bool may_wait) noexcept;

  bool start_get(queue_waiter& w, bool may_wait) noexcept;

  // A get that asks for no item.
  bool start_get_none(queue_waiter& w) noexcept;

  // A wait for an item, which stays in the queue.
  bool start_wait(queue_waiter& w, bool may_wait) noexcept;

  bool start_join(queue_waiter& w, bool may_wait) noexcept;

  // Counts one task as done. Returns how many joins were granted. If no task is
  // unfinished, changes and returns nothing.
  std::optional<std::size_t> task_done() noexcept;

  // Takes no further items. Returns how many waits were decided.
  std::size_t close() noexcept;

  // Removes an item, or returns null if none is available. Only for emptying
  // the queue: no put is admitted, and no task is done.
  item_node* discard() noexcept;

  std::size_t cancel_all() noexcept;

  void grant_waiters() noexcept
  {
    if (waiters() != 0)
      grant_all();
    note_peak();
  }

private:
  friend state_base<queue_state>;

  enum queue_index : unsigned char
  {
    get_queue,
    put_queue,
    room_queue, // in putters_, too
    join_queue,
    watch_queue
  };

  static const char* name_of(get_form form) noexcept
  {
    switch (form)
    {
    case get_form::next:
      return "async_next";
    case get_form::some:
      return "async_get_some";
    default:
      return "async_get";
    }
  }

  queue_state(item_order* order, bool newest_first,
              std::size_t max_size) noexcept
    : order_(order),
      line_(newest_first),
      max_size_(max_size),
      limit_(max_size != 0 ? max_size : SIZE_MAX)
  {
  }

  // After a get has taken its item. If no operation waits, there are no more
  // items than before, and the peak stays.
  void grant_waiters_after_get() noexcept
  {
    if (waiters() != 0)
      grant_waiters();
  }

  wait_queue& queue_of(waiter& w) noexcept;
  void forget(waiter& w) noexcept;
  bool give_back(waiter& w) noexcept;
  void commit_grant(waiter& w) noexcept;

  bool has_room(std::size_t weight = 1) const noexcept
  {
    return weighted_ ? has_room_for(weight) : available_count_ < limit_;
  }

  // The same for a weight.
  bool has_room_for(std::size_t weight) const noexcept;

  // Whether the put at the front of those that wait would not have to wait.
  bool has_room_for_front() const noexcept
  {
    return has_room(weighted_ ? front_weight() : 1);
  }

  std::size_t front_weight() const noexcept;

  static std::size_t weight_of(const item_node& item) noexcept
  {
    return static_cast<const weighted_node&>(item).weight;
  }

  std::size_t room_kept() const noexcept
  {
    return weighted_ ? weight_kept_
                     : (max_size_ != 0 ? max_size_ : SIZE_MAX) - limit_;
  }

  template <class Function>
  void visit_put(Function& function, const queue_waiter& w) const
  {
    if (w.queue_index == room_queue)
      function(w, "async_reserve", w.weight);
    else
      function(w, "async_put", weighted_ ? weight_of(*w.item) : 1);
  }

  void keep_room(std::size_t weight) noexcept;
  void free_room(std::size_t weight) noexcept;

  // Order: after the grants, since an item that is handed to a get was not
  // stored.
  void note_peak() noexcept
  {
    if (available_count_ > peak_)
      peak_ = available_count_;
  }

  void grant_all() noexcept;
  std::size_t close_getters_if_drained() noexcept;
  inline void enter(item_node& item);
  inline void append(item_node& item);
  inline void leave(item_node& item) noexcept;
  void finish_tasks(std::size_t count) noexcept;
  inline void make_available(item_node& item) noexcept;
  inline void make_unavailable(item_node& item) noexcept;
  inline item_node& take_first() noexcept;
  void admit_blocked_put() noexcept;
  inline void promise(item_node& item) noexcept;
  void keep_promise(item_node& item) noexcept;
  inline item_node& pop_available() noexcept;
  void reserve(item_node& item, queue_waiter& get) noexcept;
  inline void detach_put(item_node& item) noexcept;
  inline void keep_position(item_node& item) noexcept;

  // The order of the queue, or null if line_ is the order.
  item_order* const order_;

  item_line line_;
  const std::size_t max_size_;

  // Invariant: the bound, if there is one, minus the room that is kept. Not
  // used if the queue is weighted.
  std::size_t limit_;

  // Invariant: the weight of the available items, and that of the room that is
  // kept. Zero unless the queue is weighted.
  std::size_t weight_ = 0;
  std::size_t weight_kept_ = 0;

  // Invariant: the number of available items.
  std::size_t available_count_ = 0;

  std::size_t peak_ = 0;

  // Invariant: empty unless no item is available.
  wait_queue getters_;

  // Invariant: empty unless no item is available.
  wait_queue watchers_;

  // Invariant: empty unless the queue is full.
  wait_queue putters_;

  // Invariant: empty unless tasks are unfinished.
  wait_queue joiners_;

  std::size_t unfinished_ = 0;

  // Invariant: the number of reserved and promised items, and of other items
  // that room is kept for, or that are on their way in without room.
  // These may become available even if the queue is closed.
  std::size_t reserved_ = 0;

  bool open_ = true;

  bool weighted_ = false;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_QUEUE_STATE_HPP
