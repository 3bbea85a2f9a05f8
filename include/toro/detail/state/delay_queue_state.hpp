// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_DELAY_QUEUE_STATE_HPP
#define TORO_DETAIL_STATE_DELAY_QUEUE_STATE_HPP

#include <toro/deadline.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/state/state_base.hpp>
#include <toro/detail/state/value_queue_state.hpp>
#include <toro/detail/wait/tree_node.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace toro::detail {

// An item of a delay_queue without its value. Its position follows from when it
// is due and, among those that are due at the same time, from its number.
class delay_node : public tree_node<delay_node>
{
public:
  // Invariant: neither changes while the item is in a set.
  deadline::time_point due = deadline::time_point::max();
  std::uint64_t number = 0;

protected:
  ~delay_node() = default;

private:
  friend class delay_set;
};

// Items in the order in which they are due. Each call takes logarithmic time at
// most.
class delay_set
{
public:
  delay_set() noexcept;

  bool empty() const noexcept
  {
    return header_.left_ == &header_;
  }

  // Requires that the set is not empty.
  delay_node& first() noexcept
  {
    return *header_.left_;
  }

  // When the first item is due; never if there is none.
  deadline::time_point first_due() const noexcept
  {
    return header_.left_->due;
  }

  void insert(delay_node& item) noexcept;
  void erase(delay_node& item) noexcept;

  // The item with that number, or null.
  delay_node* find(deadline::time_point due, std::uint64_t number) noexcept;

private:
  struct header_node final : delay_node
  {
  };

  // The header of the tree: links to the root, the first and the last item.
  // Invariant: never due.
  header_node header_;
};

// A get.
class delay_waiter : public waiter
{
public:
  // The item granted to it.
  delay_node* item = nullptr;

protected:
  ~delay_waiter() = default;
};

// The numbers of the queues of a process. Visible, since a key must name
// nothing in a queue of another shared object, which may have a copy of the
// library.
class TORO_DETAIL_VISIBLE delay_queue_ids
{
public:
  static std::uint64_t next() noexcept
  {
    return last_.fetch_add(1, std::memory_order_relaxed) + 1;
  }

private:
  inline static constinit std::atomic<std::uint64_t> last_ = 0;
};

// Implementation notes
//
// An item is stored until it is due and there is a get for it. Then it is
// reserved by the get, and it leaves the queue at the commit, or with a move
// that may throw when that has succeeded. A revoked get returns the item to its
// position, which is its own and needs no comparison with what came meanwhile.
//
//   outside --begin_put--> coming --finish_put--> stored
//                                                  ^ |
//              outside <--commit-- reserved <------+-+
//
// The rules read no clock. They are told the time, which does not go back, and
// tell the layer above at which instant they want to be told it again: when the
// first item is due, but only while a get waits. So a queue without gets keeps
// no timer and no context running.
class delay_queue_state : public state_base<delay_queue_state>
{
public:
  using waiter_type = delay_waiter;
  using instant = deadline::time_point;

  static constexpr instant never = instant::max();

  // Unique among all queues that there have ever been. Never zero.
  std::uint64_t id() const noexcept
  {
    return id_;
  }

  // How many items are stored, due or not.
  std::size_t size() const noexcept
  {
    return size_;
  }

  bool is_open() const noexcept
  {
    return open_;
  }

  std::size_t waiters() const noexcept
  {
    return getters_.size();
  }

  // Calls a function with each wait, the name of its operation, and how much it
  // asks for.
  template <class Function>
  void visit_waits(Function function) const
  {
    for (const waiter& w : getters_)
      function(w, "async_get", 1);
  }

  // When pass_time() has to be called; never while no get waits.
  instant next_instant() const noexcept
  {
    return getters_.empty() ? never : items_.first_due();
  }

  // The same as if a get waited.
  instant first_instant() const noexcept
  {
    return items_.first_due();
  }

  // It is so late. Grants what is due.
  void pass_time(instant now) noexcept
  {
    if (now_ < now)
      now_ = now;
    grant_waiters();
  }

  // An item will be put, or undo_put() is called. Returns false if the queue is
  // closed; nothing changes then.
  bool begin_put() noexcept
  {
    if (!open_)
      return false;
    ++coming_;
    return true;
  }

  // Puts the item, even if the queue was closed meanwhile. Returns its number.
  std::uint64_t finish_put(delay_node& item) noexcept;

  void undo_put() noexcept;

  // Gets the first item, or null if none is due, or if gets wait for it.
  delay_node* try_get() noexcept;

  // The same, but the item has not left the queue until finish_get() or
  // undo_get().
  delay_node* begin_get() noexcept;

  // Makes a grant final, but its item has not left the queue until finish_get()
  // or undo_get().
  void commit_keeping_item(delay_waiter& w) noexcept;

  void finish_get(delay_node& item) noexcept;

  // The item is stored again, at its position.
  void undo_get(delay_node& item) noexcept;

  // Removes an item that is stored. Returns null if it is not.
  delay_node* erase(instant due, std::uint64_t number) noexcept;

  bool start_get(delay_waiter& w, bool may_wait) noexcept;

  // Takes no further items. Returns how many waits were decided.
  std::size_t close() noexcept;

  // Removes an item, or returns null if there is none. Only for emptying a
  // queue that has ended.
  delay_node* discard() noexcept;

  std::size_t cancel_all() noexcept;

  void grant_waiters() noexcept;

private:
  friend state_base<delay_queue_state>;

  wait_queue& queue_of(waiter&) noexcept
  {
    return getters_;
  }

  bool give_back(waiter& w) noexcept;
  void commit_grant(waiter& w) noexcept;

  bool has_due() const noexcept
  {
    return size_ != 0 && items_.first_due() <= now_;
  }

  void store(delay_node& item) noexcept;
  delay_node& take(delay_node& item) noexcept;
  void reserve(delay_waiter& get) noexcept;
  std::size_t close_getters_if_drained() noexcept;

  const std::uint64_t id_ = delay_queue_ids::next();

  delay_set items_;
  std::size_t size_ = 0;

  // Invariant: empty unless no item is due.
  wait_queue getters_;

  // The latest time that the rules were told.
  instant now_ = instant::min();

  std::uint64_t last_number_ = 0;

  // Invariant: the number of items that are being put, and of items that are
  // granted or being moved to a get. These may be stored even if the queue is
  // closed.
  std::size_t coming_ = 0;

  bool open_ = true;
};

// The rules of a delay_queue together with its items. A node is freed when its
// item has left the queue, except one.
template <class T>
class value_delay_queue_state : public delay_queue_state
{
public:
  using value_type = T;
  using node = value_node<T, delay_node>;

  // Makes a grant final. An item whose move may throw has not left the queue
  // until finish_get() or undo_get().
  void commit(delay_waiter& w) noexcept
  {
    if constexpr (std::is_nothrow_move_constructible_v<T>)
      delay_queue_state::commit(w);
    else
      this->commit_keeping_item(w);
  }

  // One empty node that can be taken without the lock.
  std::atomic<node*>& free_node() noexcept
  {
    return free_node_;
  }

  // There are no further ones.
  static std::unique_ptr<node> take_spare() noexcept
  {
    return nullptr;
  }

  static void keep_spare(std::unique_ptr<node>&) noexcept
  {
  }

  // Removes a node of a queue that has ended. Returns null if there is none.
  std::unique_ptr<node> pop_content() noexcept
  {
    if (delay_node* const item = discard())
      return std::unique_ptr<node>(static_cast<node*>(item));
    return std::unique_ptr<node>(free_node_.exchange(nullptr));
  }

private:
  std::atomic<node*> free_node_ = nullptr;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_DELAY_QUEUE_STATE_HPP
