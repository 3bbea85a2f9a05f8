// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_CANCELLATION_NODE_HPP
#define TORO_DETAIL_OBJECT_CANCELLATION_NODE_HPP

#include <toro/detail/compat.hpp>
#include <toro/detail/core/context_use.hpp>
#include <toro/detail/core/registry.hpp>
#include <toro/detail/core/threading_policy.hpp>
#include <toro/detail/wait/ordered_set.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/core/no_exceptions_support.hpp>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <version>

#if defined(__cpp_lib_jthread)
#include <stop_token>
#endif

namespace toro::detail {

// Implementation notes
//
// A cancellation_source is a node of a tree, and the operations that are bound
// to it are cancellables. Each cancellable has a cancellation signal of its
// own, to whose slot the operation is connected. A signal is not thread-safe.
// Therefore it is emitted in one thread at a time, on the executor of the
// operation's handler, and never while the operation is being initiated.
//
// One mutex guards a whole tree: that of its root. It is held for a few pointer
// writes. Executors, signals, and handlers of slots are used without it.
//
// The memory of a cancellable is the handler's, and is freed before the handler
// is called. An emission that is posted does not own it, but knows its
// position, which no other cancellable of the tree ever has. A thread that uses
// a cancellable without the mutex is counted, and the handler's call waits for
// such threads. Since a handler does not run, and is not destroyed, while an
// emission is being posted to its executor, the executor's context is alive.
//
// A thread must not wait for itself: the handler may be called or destroyed
// from within the emission. Then the signal is needed until the emission
// returns, but the handler's allocator may be gone with the handler. So the
// signal is in other memory if the handler has an allocator, and otherwise the
// whole cancellable is destroyed at the end of the emission. For this each
// thread has a list of its uses (context_use).

class cancellation_node;

using cancellation_node_pointer = boost::intrusive_ptr<cancellation_node>;

// The mutex of a tree.
using cancellation_mutex = threading_policy<thread_safe>::mutex_type;

// The waits for the cancellation of a source.
class cancellation_waits
{
public:
  // Lets them succeed.
  virtual void wake() = 0;

protected:
  ~cancellation_waits() = default;
};

// What an executor runs to emit the signal of one operation.
class cancellation_emission
{
public:
  // The first step is that to the executor of the operation, if there is one,
  // and the last step that to the executor of its handler.
  cancellation_emission(cancellation_node_pointer node, std::int64_t position,
                        bool is_last) noexcept
    : node_(std::move(node)),
      position_(position),
      is_last_(is_last)
  {
  }

  cancellation_emission(cancellation_emission&&) noexcept = default;
  cancellation_emission& operator=(cancellation_emission&&) = delete;

  // An executor may destroy the function without running it.
  inline ~cancellation_emission();

  inline void operator()();

private:
  // Invariant: null if it was moved from, or has run.
  cancellation_node_pointer node_;
  std::int64_t position_;
  bool is_last_;
};

class cancellation_forwarder;

// An operation that a source reaches.
class cancellable : public ordered_node
{
public:
  using types = boost::asio::cancellation_type_t;

  struct deleter
  {
    void operator()(cancellable* op) const noexcept
    {
      op->end();
    }
  };

  // Ends the operation: before its handler is called, or with the handler.
  using pointer = std::unique_ptr<cancellable, deleter>;

  boost::asio::cancellation_slot slot() noexcept
  {
    return signal_.slot();
  }

protected:
  using signal_type = boost::asio::cancellation_signal;

  // Whether the operation may stay until the emission that it has ended in
  // returns. If not, the signal has to.
  cancellable(cancellation_node_pointer node, signal_type& signal,
              bool goes_directly, bool may_stay) noexcept
    : node_(std::move(node)),
      signal_(signal),
      goes_directly_(goes_directly),
      may_stay_(may_stay)
  {
  }

  ~cancellable() = default;

private:
  friend class cancellation_emission;
  friend class cancellation_forwarder;
  friend class cancellation_node;

  using lock_type = std::unique_lock<cancellation_mutex>;

  // Marks a thread that uses the operation without the mutex.
  class use;

  // Gives the emission to the next executor on its way.
  virtual void dispatch(cancellation_emission&& emission, bool is_last) = 0;

  virtual void destroy() noexcept = 0;

  // The signal. Owns it, unless the operation may stay.
  virtual std::shared_ptr<signal_type> share_signal() noexcept = 0;

  inline cancellation_mutex& mutex() const noexcept;

  // No signal will be emitted any more, and none is being emitted by another
  // thread.
  inline void end() noexcept;

  // Emits what is pending. Requires lock: taken, and released afterwards.
  inline void emit(lock_type& lock);

  // The same by way of the executors. Requires lock, which is released
  // afterwards.
  inline void submit(lock_type& lock, bool is_last);

  // Notes what is to be emitted. An emission that is under way is enough: one
  // that calls cancel() would go on forever. Returns whether the caller has to
  // see to it.
  bool request(types type) noexcept
  {
    pending_ = pending_ | (type & ~emitting_);
    return is_due();
  }

  // Whether an emission is due that no thread will make.
  bool is_due() const noexcept
  {
    return can_emit() && !submitted_;
  }

  bool can_emit() const noexcept
  {
    return pending_ != types::none && !starting_ && emitting_ == types::none;
  }

  const cancellation_node_pointer node_;
  signal_type& signal_;

  // Whether emissions have one step.
  const bool goes_directly_;

  const bool may_stay_;

  // What is in the slot of the handler itself.
  cancellation_forwarder* forwarder_ = nullptr;

  // The fields below are guarded by the mutex.

  // The types that are still to be emitted.
  types pending_ = types::none;

  // The types that a thread emits, or has emitted without a pause before that.
  types emitting_ = types::none;

  // Whether the operation is being initiated, so that its slot may be in use.
  bool starting_ = true;

  // Whether an emission is with the executor.
  bool submitted_ = false;

  // Whether the node lists the operation.
  bool listed_ = false;

  // How many uses there are by threads that the end has to wait for, and by the
  // thread that has ended the operation.
  std::uint32_t uses_ = 0;
  std::uint32_t inner_uses_ = 0;
};

// A source without its executor, as a node of a tree.
class cancellation_node
  : public boost::intrusive::list_base_hook<
        boost::intrusive::link_mode<boost::intrusive::normal_link>>
{
public:
  using types = cancellable::types;

  using waits_pointer = std::weak_ptr<cancellation_waits>;

  // Makes a root. A cancellation wakes the waits, if there are any.
  static cancellation_node_pointer make(waits_pointer waits = {})
  {
    return cancellation_node_pointer(new cancellation_node(std::move(waits)));
  }

  // Makes a node that this one reaches.
  cancellation_node_pointer make_child(waits_pointer waits = {})
  {
    cancellation_node_pointer child(
        new cancellation_node(std::move(waits), *this));
    const std::lock_guard lock(mutex());
    child->position_ = next_position();
    children_.push_back(*child);
    child->parent_ = share().detach();
    return child;
  }

#if defined(__cpp_lib_jthread)
  // Makes the node follow a stop_token. Requires that nobody else knows it, and
  // that it has an owner.
  void follow(std::stop_token token)
  {
    follower_.emplace(std::move(token), stop_function{this});
  }
#endif

  cancellation_node_pointer share() noexcept
  {
    return cancellation_node_pointer(this);
  }

  // All types that this node and those above were cancelled with.
  types emitted() const noexcept
  {
    const std::lock_guard lock(mutex());
    return emitted_locked();
  }

  // Emits to all operations of this node and those below, and wakes all waits.
  // Returns how many operations that were. If executors throw, the rest is
  // still reached; the first exception leaves through the call.
  inline std::size_t cancel(types type);

  // Lists an operation. Returns its position.
  std::int64_t add(cancellable& op) noexcept
  {
    const std::lock_guard lock(mutex());
    op.position = next_position();
    op.pending_ = op.pending_ | emitted_locked();
    op.listed_ = true;
    operations_.insert(op);
    return op.position;
  }

  // The initiation of an operation has returned. It may have ended by now.
  void started(std::int64_t position)
  {
    lock_type lock(mutex());
    if (cancellable* const op = find(position))
    {
      op->starting_ = false;
      if (op->is_due())
        op->submit(lock, op->goes_directly_);
    }
  }

private:
  friend class cancellable;
  friend class cancellation_emission;
  friend class cancellation_forwarder;

  using lock_type = cancellable::lock_type;

  using children_type =
      boost::intrusive::list<cancellation_node,
                             boost::intrusive::constant_time_size<false>>;

#if defined(__cpp_lib_jthread)
  struct stop_function
  {
    // Safety: the destructor of the node waits for this call.
    void operator()() const noexcept
    {
      if (!node->owners_.try_add(1))
        return;
      const cancellation_node_pointer owner(node, false);
      BOOST_TRY
      {
        owner->cancel(types::terminal);
      }
      BOOST_CATCH(...)
      {
      }
      BOOST_CATCH_END
    }

    cancellation_node* node;
  };
#endif

  explicit cancellation_node(waits_pointer&& waits) noexcept
    : root_(*this),
      waits_(std::move(waits))
  {
  }

  cancellation_node(waits_pointer&& waits, cancellation_node& parent) noexcept
    : root_(parent.root_),
      waits_(std::move(waits))
  {
  }

  ~cancellation_node() = default;

  friend void intrusive_ptr_add_ref(cancellation_node* node) noexcept
  {
    node->owners_.add(1);
  }

  // A loop, since a chain of nodes may be long.
  friend void intrusive_ptr_release(cancellation_node* node) noexcept
  {
    while (node && node->owners_.subtract(1))
    {
      cancellation_node* const parent = node->parent_;
      if (parent)
      {
        const std::lock_guard lock(parent->mutex());
        parent->children_.erase(children_type::s_iterator_to(*node));
      }
      delete node;
      node = parent;
    }
  }

  cancellation_mutex& mutex() const noexcept
  {
    return root_.mutex_;
  }

  std::int64_t next_position() noexcept
  {
    return ++root_.last_position_;
  }

  types emitted_locked() const noexcept
  {
    types result = types::none;
    for (const cancellation_node* each = this; each; each = each->parent_)
      result = result | each->emitted_;
    return result;
  }

  cancellable* find(std::int64_t position) noexcept
  {
    cancellable* const op = first_after(position - 1);
    return op && op->position == position ? op : nullptr;
  }

  cancellable* first_after(std::int64_t position) noexcept
  {
    return static_cast<cancellable*>(operations_.first_after(position));
  }

  // The part of cancel() that concerns this node. Requires lock. Releases it in
  // between, so that it is never held for long.
  inline std::size_t emit(lock_type& lock, types type, std::int64_t end,
                          std::exception_ptr& failure) noexcept;

  // The next node in a walk through the tree below a node, or null. Leaves out
  // what was added later than a position: that was born cancelled. Requires
  // lock.
  static cancellation_node_pointer next(cancellation_node& node,
                                        const cancellation_node& top,
                                        std::int64_t end) noexcept
  {
    if (auto child = own_first(node.children_.begin(), node.children_, end))
      return child;
    for (cancellation_node* last = &node; last != &top; last = last->parent_)
    {
      children_type& siblings = last->parent_->children_;
      if (auto sibling =
              own_first(++children_type::s_iterator_to(*last), siblings, end))
        return sibling;
    }
    return nullptr;
  }

  // The first node that is not being destroyed.
  static cancellation_node_pointer own_first(children_type::iterator node,
                                             children_type& siblings,
                                             std::int64_t end) noexcept
  {
    for (; node != siblings.end() && node->position_ < end; ++node)
    {
      if (node->owners_.try_add(1))
        return cancellation_node_pointer(&*node, false);
    }
    return nullptr;
  }

  // The root's mutex guards the tree.
  mutable cancellation_mutex mutex_;
  cancellation_node& root_;

  // Of the root only.
  std::int64_t last_position_ = 0;

  // Invariant: owned, and does not change once others know the node.
  cancellation_node* parent_ = nullptr;

  std::int64_t position_ = 0;
  types emitted_ = types::none;
  ordered_set operations_;

  // Invariant: in the order of their positions.
  children_type children_;

  const waits_pointer waits_;
  atomic_count owners_{0};

#if defined(__cpp_lib_jthread)
  // Order: destroyed first, since it may be calling the function.
  std::optional<std::stop_callback<stop_function>> follower_;
#endif
};

// What the cancellation slot of the handler itself contains: it passes on what
// is emitted there. The operation may be gone.
class cancellation_forwarder
{
public:
  // Requires that nobody else knows the operation.
  explicit cancellation_forwarder(cancellable& op) noexcept
    : node_(op.node_),
      op_(&op)
  {
    op.forwarder_ = this;
  }

  cancellation_forwarder(const cancellation_forwarder&) = delete;
  cancellation_forwarder& operator=(const cancellation_forwarder&) = delete;

  ~cancellation_forwarder()
  {
    const std::lock_guard lock(node_->mutex());
    if (op_)
      op_->forwarder_ = nullptr;
  }

  void operator()(boost::asio::cancellation_type_t type)
  {
    // Safety: the emission may destroy this object.
    const cancellation_node_pointer node = node_;
    std::unique_lock lock(node->mutex());
    if (!op_)
      return;
    op_->request(type);
    if (op_->can_emit())
      op_->emit(lock);
  }

private:
  friend class cancellable;

  const cancellation_node_pointer node_;

  // Null once the operation has ended.
  cancellable* op_;
};

class cancellable::use : public context_use
{
public:
  // Requires lock.
  use(cancellable& op, bool emits) noexcept
    : context_use(&op),
      op_(&op),
      mutex_(op.mutex()),
      emits_(emits),
      may_stay_(op.may_stay_)
  {
    ++op.uses_;
  }

  // Requires !lock, unless leave() was called.
  ~use()
  {
    if (!op_)
      return;
    if (!is_over())
    {
      const std::lock_guard lock(mutex_);
      leave();
    }
    // Safety: otherwise the operation is gone.
    else if (may_stay_ && --op_->inner_uses_ == 0)
    {
      op_->destroy();
    }
  }

  // Requires lock and !is_over().
  void leave() noexcept
  {
    if (emits_)
      op_->emitting_ = types::none;
    --op_->uses_;
    op_ = nullptr;
  }

private:
  cancellable* op_;

  // Safety: that of the node, which the user of an operation owns.
  cancellation_mutex& mutex_;

  const bool emits_;
  const bool may_stay_;
};

inline cancellation_mutex& cancellable::mutex() const noexcept
{
  return node_->mutex();
}

inline void cancellable::end() noexcept
{
  {
    lock_type lock(mutex());
    if (listed_)
      node_->operations_.erase(*this);
    listed_ = false;
    if (forwarder_)
      forwarder_->op_ = nullptr;
    context_use::end_all(this,
                         [this]
                         {
                           --uses_;
                           ++inner_uses_;
                         });
    while (uses_ != 0)
    {
      lock.unlock();
      detail::yield();
      lock.lock();
    }
    if (may_stay_ && inner_uses_ != 0)
      return;
  }
  destroy();
}

inline void cancellable::emit(lock_type& lock)
{
  const std::shared_ptr<signal_type> signal = share_signal();
  use here(*this, true);
  do
  {
    const types type = std::exchange(pending_, types::none);
    emitting_ = emitting_ | type;
    lock.unlock();
    signal->emit(type);
    if (here.is_over())
      return;
    lock.lock();
  } while (pending_ != types::none && listed_);
  here.leave();
  lock.unlock();
}

inline void cancellable::submit(lock_type& lock, bool is_last)
{
  use here(*this, false);
  submitted_ = true;
  lock.unlock();
  dispatch(cancellation_emission(node_, position, is_last), is_last);
}

inline std::size_t cancellation_node::cancel(types type)
{
  if (type == types::none)
    return 0;
  // Safety: what is reached may destroy the source.
  const cancellation_node_pointer self = share();
  cancellation_node_pointer current = self;
  std::size_t count = 0;
  std::exception_ptr failure;
  lock_type lock(mutex());
  emitted_ = emitted_ | type;
  const std::int64_t end = next_position();
  for (;;)
  {
    count += current->emit(lock, type, end, failure);
    cancellation_node_pointer following = next(*current, *this, end);
    lock.unlock();
    current = std::move(following);
    if (!current)
      break;
    lock.lock();
  }
  if (failure)
    std::rethrow_exception(failure);
  return count;
}

inline std::size_t cancellation_node::emit(lock_type& lock, types type,
                                           std::int64_t end,
                                           std::exception_ptr& failure) noexcept
{
  const auto attempt = [&](auto function)
  {
    BOOST_TRY
    {
      function();
    }
    BOOST_CATCH(...)
    {
      if (!failure)
        failure = std::current_exception();
    }
    BOOST_CATCH_END
  };
  std::size_t count = 0;
  std::int64_t last = 0;
  for (cancellable* op; (op = first_after(last)) && op->position < end; ++count)
  {
    last = op->position;
    if (!op->request(type))
      continue;
    attempt(
        [&]
        {
          op->submit(lock, op->goes_directly_);
        });
    lock.lock();
  }
  if (auto waits = waits_.lock())
  {
    lock.unlock();
    attempt(
        [&]
        {
          waits->wake();
        });
    waits.reset();
    lock.lock();
  }
  return count;
}

inline cancellation_emission::~cancellation_emission()
{
  if (!node_)
    return;
  const std::lock_guard lock(node_->mutex());
  if (cancellable* const op = node_->find(position_))
    op->submitted_ = false;
}

inline void cancellation_emission::operator()()
{
  const cancellation_node_pointer node = std::move(node_);
  std::unique_lock lock(node->mutex());
  cancellable* const op = node->find(position_);
  if (!op)
    return;
  op->submitted_ = false;
  if (!op->is_due())
    return;
  if (is_last_)
    op->emit(lock);
  else
    op->submit(lock, true);
}

} // namespace toro::detail

#endif // TORO_DETAIL_OBJECT_CANCELLATION_NODE_HPP
