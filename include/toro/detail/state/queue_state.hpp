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

// A put, a get or a join.
class queue_waiter : public waiter
{
public:
  // A put's item until it is taken, or the item granted to a get.
  item_node* item = nullptr;

protected:
  ~queue_waiter() = default;
};

// What a queue shows of itself.
struct queue_figures
{
  std::size_t max_size;
  std::size_t size;
  std::size_t getters;
  std::size_t putters;
  std::size_t joiners;
  std::size_t unfinished;
  bool open;
};

// Implementation notes
//
// Every item, from the start of its put until the handler of its get, keeps
// one place in the order in which the queue gives items out, and a number that
// tells places apart. The stock is the part of it that anyone may get, sorted
// by these numbers. So a get that is rolled back returns its item to the very
// place it came from without a comparison, and so does a blocked put enter: the
// only comparison is made when the put starts, where it may throw.
//
//   outside --put--> stocked --get--> reserved --commit--> outside
//      |                ^ |               |
//      +--> blocked ----+ |<--roll back---+
//
// A put that has been admitted can be withdrawn as long as its item is in
// stock; once the item is reserved or taken the put is committed. What users
// count is logical: a reserved item is gone and its room is free, so a
// roll-back may leave a bounded queue over its bound until it drains.
//
// An item whose move may throw is moved without the lock, in two steps. On its
// way in it has room in the queue, and no place until the move has succeeded.
// On its way out it is reserved, and keeps its place until then, but the get
// that it is for is over already: nobody can take the item back.
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

  // The order has to outlive the state.
  queue_state(item_order& order, std::size_t max_size) noexcept
    : queue_state(&order, false, max_size)
  {
  }

  queue_figures figures() const noexcept
  {
    return {max_size_,
            available_count_,
            getters_.size(),
            putters_.size(),
            joiners_.size(),
            unfinished_,
            open_};
  }

  std::size_t waiters() const noexcept
  {
    return getters_.size() + putters_.size() + joiners_.size();
  }

  // Calls a function with each wait, what it waits for, and for how much.
  template <class Function>
  void visit_waits(Function function) const
  {
    for (const waiter& w : getters_)
      function(w, "async_get", 1);
    for (const waiter& w : putters_)
      function(w, "async_put", 1);
    for (const waiter& w : joiners_)
      function(w, "async_join", 1);
  }

  bool has_getters() const noexcept
  {
    return !getters_.empty();
  }

  // Whether a put would not have to wait.
  bool can_put() const noexcept
  {
    return open_ && putters_.empty() && has_room();
  }

  // Takes an item in. Requires can_put(). Throws what a comparison throws.
  void put(item_node& item);

  // Keeps room for an item that is to be put. Requires can_put(). One of the
  // next two follows.
  void begin_put() noexcept;

  // Takes in the item that room was kept for, even if the queue was closed in
  // the meantime. Throws what a comparison throws, and nothing has changed
  // then.
  void finish_put(item_node& item);

  // The item that room was kept for does not come.
  void undo_put() noexcept;

  // Gives an item out, or null where there is none for a newcomer.
  item_node* try_get() noexcept;

  // The same, but the item keeps its place until one of the last two of these.
  item_node* begin_get() noexcept;

  // Makes a grant final, but the item of a get keeps its place, as that of
  // begin_get() does.
  void commit_keeping_position(queue_waiter& w) noexcept;

  // The item that was given out leaves its place.
  void finish_get(item_node& item) noexcept;

  // The item that was given out is for anyone to get again, in its place.
  void undo_get(item_node& item) noexcept;

  // The waiter owns its item unless the put succeeds. Throws what a comparison
  // throws, and nothing has changed then.
  bool start_put(queue_waiter& w, bool may_wait);

  bool start_get(queue_waiter& w, bool may_wait) noexcept;
  bool start_join(queue_waiter& w, bool may_wait) noexcept;

  // Counts one item as done. Returns how many joins that granted, or nothing,
  // with nothing changed, if no task is unfinished.
  std::optional<std::size_t> task_done() noexcept;

  // Takes no further items. Returns how many waits that ended.
  std::size_t close() noexcept;

  // Gives out an item that nobody will get, or null. Only for emptying a queue
  // that no longer serves.
  item_node* discard() noexcept;

  std::size_t cancel_all() noexcept;

  void grant_waiters() noexcept
  {
    if (waiters() != 0)
      grant_all();
  }

private:
  friend state_base<queue_state>;

  enum queue_index : unsigned char
  {
    get_queue,
    put_queue,
    join_queue
  };

  queue_state(item_order* order, bool newest_first,
              std::size_t max_size) noexcept
    : order_(order),
      line_(newest_first),
      max_size_(max_size),
      limit_(max_size != 0 ? max_size : SIZE_MAX)
  {
  }

  wait_queue& queue_of(waiter& w) noexcept;
  void forget(waiter& w) noexcept;
  bool give_back(waiter& w) noexcept;
  void take(waiter& w) noexcept;

  bool has_room() const noexcept
  {
    return available_count_ < limit_;
  }

  void grant_all() noexcept;
  std::size_t close_getters_if_drained() noexcept;
  inline void enter(item_node& item);
  inline void append(item_node& item);
  inline void leave(item_node& item) noexcept;
  inline void make_available(item_node& item) noexcept;
  inline void make_unavailable(item_node& item) noexcept;
  inline item_node& take_first() noexcept;
  void admit_blocked_put() noexcept;
  inline item_node& pop_available() noexcept;
  void reserve(item_node& item, queue_waiter& get) noexcept;
  inline void detach_put(item_node& item) noexcept;
  inline void keep_position(item_node& item) noexcept;

  // What the order is where that is not the line's, or null.
  item_order* const order_;

  item_line line_;
  const std::size_t max_size_;

  // Invariant: the bound, if there is one, less the room that is kept.
  std::size_t limit_;

  // Invariant: the number of stocked items.
  std::size_t available_count_ = 0;

  // Invariant: empty unless the stock is.
  wait_queue getters_;

  // Invariant: empty unless the queue is full.
  wait_queue putters_;

  // Invariant: empty unless tasks are unfinished.
  wait_queue joiners_;

  std::size_t unfinished_ = 0;

  // Invariant: the number of reserved items, and of those that room is kept
  // for: all that may come into stock although the queue is closed.
  std::size_t reserved_ = 0;

  bool open_ = true;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_QUEUE_STATE_HPP
