// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_CANCELLATION_NODE_HPP
#define TORO_DETAIL_OBJECT_CANCELLATION_NODE_HPP

#include <toro/detail/compat.hpp>
#include <toro/detail/config.hpp>
#include <toro/detail/core/context_use.hpp>
#include <toro/detail/core/registry.hpp>
#include <toro/detail/core/threading_policy.hpp>
#include <toro/detail/executor/embedded_memory.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/recycling_allocator.hpp>
#include <boost/config.hpp>
#include <boost/core/no_exceptions_support.hpp>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
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
// A thread that uses a cancellable without the mutex is counted, and the
// handler's call waits for such threads. Since a handler does not run, and is
// not destroyed, while an emission is being posted to its executor, the
// executor's context is alive. A thread must not wait for itself: the handler
// may be called or destroyed from within the emission. For this each thread has
// a list of its uses (context_use). The content of the slot stays until such an
// emission returns, and until the initiation is over.
//
// The memory of a cancellable is its node's, which keeps some of it for the
// operations to come, together with the memory of the slot. It is held by the
// operation, by its initiation, by an emission that is with an executor, and by
// each thread that uses it, and is free when all of them have left. The way of
// an emission, with copies of executors, goes with the operation. Its memory is
// the handler's if that has an allocator.

class cancellable;
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
  // and the last step that to the executor of its handler. Becomes a holder of
  // the operation.
  cancellation_emission(cancellable& op, bool is_last) noexcept
    : op_(&op),
      is_last_(is_last)
  {
  }

  cancellation_emission(cancellation_emission&& other) noexcept
    : op_(std::exchange(other.op_, nullptr)),
      is_last_(other.is_last_)
  {
  }

  cancellation_emission& operator=(cancellation_emission&&) = delete;

  // An executor may destroy the function without running it.
  inline ~cancellation_emission();

  inline void operator()();

private:
  // Invariant: null if it was moved from, or has run.
  cancellable* op_;
  bool is_last_;
};

// The executors by way of which the signal of an operation is emitted.
class emission_route
{
public:
  // Whether emissions have one step.
  const bool goes_directly;

  // Gives the emission to the next executor on its way. The route may be
  // destroyed meanwhile.
  virtual void dispatch(cancellation_emission&& emission, bool is_last) = 0;

  virtual void destroy() noexcept = 0;

protected:
  explicit emission_route(bool is_direct) noexcept
    : goes_directly(is_direct)
  {
  }

  ~emission_route() = default;
};

class cancellation_forwarder;

// An element of the list of a node: an operation, or how far a cancellation has
// come.
class cancellable_entry
  : public boost::intrusive::list_base_hook<
        boost::intrusive::link_mode<boost::intrusive::normal_link>>
{
public:
  // Invariant: that of the operation, or 0. The list is in the order of these.
  std::int64_t position = 0;
};

// An operation that a source reaches.
class cancellable : private cancellable_entry
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

  // Memory for most routes.
  using route_memory =
      embedded_memory<sizeof(boost::asio::any_io_executor) + 3 * sizeof(void*)>;

  cancellable(const cancellable&) = delete;
  cancellable& operator=(const cancellable&) = delete;

  boost::asio::cancellation_slot slot() noexcept
  {
    return signal_.slot();
  }

  // Requires that the operation is being initiated.
  void set_route(emission_route& route) noexcept
  {
    route_ = &route;
  }

  route_memory& memory() noexcept
  {
    return memory_;
  }

private:
  friend class cancellable_start;
  friend class cancellation_emission;
  friend class cancellation_forwarder;
  friend class cancellation_node;

  using lock_type = entry_lock<cancellation_mutex>;

  // Marks a thread that uses the operation without the mutex.
  class use;

  // The content of a slot without an operation.
  struct nothing
  {
    void operator()(types) const noexcept
    {
    }
  };

  cancellable() noexcept = default;
  ~cancellable() = default;

  static cancellable& make()
  {
    boost::asio::recycling_allocator<cancellable> allocator;
    return *::new (static_cast<void*>(allocator.allocate(1))) cancellable;
  }

  void destroy() noexcept
  {
    this->~cancellable();
    boost::asio::recycling_allocator<cancellable>().deallocate(this, 1);
  }

  inline cancellation_mutex& mutex() const noexcept;

  // No signal will be emitted any more, and none is being emitted by another
  // thread.
  inline void end() noexcept;

  // Takes the operation off the list. Requires lock.
  inline void unlist() noexcept;

  // Destroys what the operation has put into its slot. Why not clear(): the
  // memory is kept.
  void clear_slot() noexcept
  {
    if (auto slot = signal_.slot(); slot.has_handler())
      slot.emplace<nothing>();
  }

  // A holder leaves. Requires lock.
  TORO_DETAIL_FORCEINLINE void leave(lock_type lock) noexcept
  {
    if (--holders_ == 0)
      put_back(std::move(lock));
  }

  // Gives the memory back, since the last holder has left. Requires lock.
  inline void put_back(lock_type lock) noexcept;

  // A holder leaves, unless the caller has to see to an emission. Then the
  // operation has not ended. Requires lock, which is released otherwise.
  TORO_DETAIL_FORCEINLINE bool leave_unless_due(lock_type& lock) noexcept
  {
    if (is_due())
    {
      --holders_;
      return true;
    }
    leave(std::move(lock));
    return false;
  }

  // Emits the pending types. Requires lock.
  inline void emit(lock_type lock);

  // The same by way of the executors. Requires lock.
  inline void submit(lock_type lock, bool is_last);

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
    return pending_ != types::none && listed_ && !starting_ &&
           emitting_ == types::none;
  }

  boost::asio::cancellation_signal signal_;

  // Invariant: null if there are no holders.
  cancellation_node_pointer node_;

  // Invariant: null before the operation is initiated, and once it has ended.
  emission_route* route_ = nullptr;
  route_memory memory_;

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

  // Whether the node lists the operation: it has not ended.
  bool listed_ = false;

  // How many uses there are by threads that the end has to wait for.
  std::uint32_t uses_ = 0;

  // How many need the memory.
  std::uint32_t holders_ = 0;
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

  // Lists an operation that is about to be initiated. The caller has to make a
  // cancellable_start for it.
  static cancellable::pointer add(cancellation_node_pointer node)
  {
    cancellation_node& self = *node;
    lock_type lock(self.mutex());
    cancellable& op = self.take_spare(lock);
    op.node_ = std::move(node);
    op.position = self.next_position();
    op.pending_ = self.emitted_locked();
    op.emitting_ = types::none;
    op.starting_ = true;
    op.listed_ = true;
    op.holders_ = 2;
    self.operations_.push_back(op);
    return cancellable::pointer(&op);
  }

private:
  friend class cancellable;
  friend class cancellation_emission;
  friend class cancellation_forwarder;

  using lock_type = cancellable::lock_type;

  using children_type =
      boost::intrusive::list<cancellation_node,
                             boost::intrusive::constant_time_size<false>>;

  using entries_type =
      boost::intrusive::list<cancellable_entry,
                             boost::intrusive::constant_time_size<false>>;

  // How many operations that have ended a node keeps the memory of.
  static constexpr std::size_t most_spare = 64;

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

  ~cancellation_node()
  {
    spare_.clear_and_dispose(
        [](cancellable_entry* entry)
        {
          static_cast<cancellable*>(entry)->destroy();
        });
  }

  friend void intrusive_ptr_add_ref(cancellation_node* node) noexcept
  {
    node->owners_.add(1);
  }

  friend void intrusive_ptr_release(cancellation_node* node) noexcept
  {
    if (node->owners_.subtract(1))
      destroy(node);
  }

  // A loop, since a chain of nodes may be long.
  BOOST_NOINLINE static void destroy(cancellation_node* node) noexcept
  {
    cancellation_node* parent = nullptr;
    do
    {
      parent = node->parent_;
      if (parent)
      {
        const std::lock_guard lock(parent->mutex());
        parent->children_.erase(children_type::s_iterator_to(*node));
      }
      delete node;
      node = parent;
    } while (node && node->owners_.subtract(1));
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

  // Requires lock. Releases it in between if there is no spare memory.
  cancellable& take_spare(lock_type& lock)
  {
    if (spare_count_ == 0)
    {
      lock.unlock();
      cancellable& result = cancellable::make();
      lock.lock(mutex());
      return result;
    }
    --spare_count_;
    cancellable_entry& entry = spare_.front();
    spare_.pop_front();
    return static_cast<cancellable&>(entry);
  }

  // Returns false if there is enough spare memory. Requires lock.
  bool keep_spare(cancellable& op) noexcept
  {
    if (spare_count_ == most_spare)
      return false;
    ++spare_count_;
    spare_.push_front(op);
    return true;
  }

  // The first operation behind an entry, or null. Requires lock.
  cancellable* operation_behind(cancellable_entry& entry) noexcept
  {
    auto next = ++entries_type::s_iterator_to(entry);
    while (next != operations_.end() && next->position == 0)
      ++next;
    return next == operations_.end() ? nullptr
                                     : static_cast<cancellable*>(&*next);
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
  entries_type operations_;
  entries_type spare_;
  std::size_t spare_count_ = 0;

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
  // Requires that the operation is about to be initiated.
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
    entry_lock lock(node->mutex());
    if (!op_)
      return;
    op_->request(type);
    if (op_->can_emit())
      op_->emit(std::move(lock));
  }

private:
  friend class cancellable;

  const cancellation_node_pointer node_;

  // Null once the operation has ended.
  cancellable* op_;
};

// The initiation of an operation, which nothing is emitted to meanwhile. The
// operation may end before that is over.
class cancellable_start
{
public:
  explicit cancellable_start(cancellable& op) noexcept
    : op_(&op)
  {
  }

  cancellable_start(const cancellable_start&) = delete;
  cancellable_start& operator=(const cancellable_start&) = delete;

  // The initiation has thrown, so that the operation is not bound. Its handler
  // may still exist.
  ~cancellable_start()
  {
    if (!op_)
      return;
    cancellable& op = *op_;
    cancellable::lock_type lock(op.mutex());
    if (op.listed_)
    {
      op.unlist();
      op.starting_ = false;
    }
    else
      clear_slot(lock);
    op.leave(std::move(lock));
  }

  // The initiation has returned.
  TORO_DETAIL_FORCEINLINE void end()
  {
    cancellable::lock_type lock(op_->mutex());
    if (!op_->listed_) [[unlikely]]
      clear_slot(lock);
    cancellable& op = *std::exchange(op_, nullptr);
    op.starting_ = false;
    if (op.leave_unless_due(lock))
      op.submit(std::move(lock), op.route_->goes_directly);
  }

private:
  // The operation has ended meanwhile. Requires lock, which is released in
  // between.
  void clear_slot(cancellable::lock_type& lock) noexcept
  {
    lock.unlock();
    op_->clear_slot();
    lock.lock(op_->mutex());
  }

  // Null once the initiation is over.
  cancellable* op_;
};

class cancellable::use : public context_use
{
public:
  // Requires lock.
  use(cancellable& op, bool emits) noexcept
    : context_use(&op),
      op_(op),
      emits_(emits)
  {
    ++op_.uses_;
    ++op_.holders_;
  }

  // Requires !lock, unless leave() was called.
  ~use()
  {
    if (has_left_)
      return;
    if (is_over() && emits_)
      op_.clear_slot();
    leave(lock_type(op_.mutex()));
  }

  // Requires lock.
  void leave(lock_type lock) noexcept
  {
    has_left_ = true;
    if (!is_over())
    {
      if (emits_)
        op_.emitting_ = types::none;
      --op_.uses_;
    }
    op_.leave(std::move(lock));
  }

private:
  cancellable& op_;
  const bool emits_;
  bool has_left_ = false;
};

inline cancellation_mutex& cancellable::mutex() const noexcept
{
  return node_->mutex();
}

inline void cancellable::unlist() noexcept
{
  node_->operations_.erase(
      cancellation_node::entries_type::s_iterator_to(*this));
  listed_ = false;
}

inline void cancellable::end() noexcept
{
  cancellation_mutex& mutex = node_->mutex();
  lock_type lock(mutex);
  if (listed_) [[likely]]
    unlist();
  if (forwarder_)
    std::exchange(forwarder_, nullptr)->op_ = nullptr;
  context_use::end_all(this,
                       [this]
                       {
                         --uses_;
                       });
  while (uses_ != 0)
  {
    lock.unlock();
    detail::yield();
    lock.lock(mutex);
  }
  // Safety: otherwise the slot is in use, by an emission of this thread or by
  // the initiation, in any thread. That clears it later.
  const bool clears = emitting_ == types::none && !starting_;
  lock.unlock();
  if (route_)
    std::exchange(route_, nullptr)->destroy();
  if (clears)
    clear_slot();
  leave(lock_type(mutex));
}

inline void cancellable::put_back(lock_type lock) noexcept
{
  // Safety: the node has the mutex, and may end here.
  const cancellation_node_pointer owner = std::move(node_);
  const bool is_kept = owner->keep_spare(*this);
  lock.unlock();
  if (!is_kept)
    destroy();
}

inline void cancellable::emit(lock_type lock)
{
  use here(*this, true);
  cancellation_mutex& mutex = node_->mutex();
  do
  {
    const types type = std::exchange(pending_, types::none);
    emitting_ = emitting_ | type;
    lock.unlock();
    signal_.emit(type);
    if (here.is_over())
      return;
    lock.lock(mutex);
  } while (pending_ != types::none && listed_);
  here.leave(std::move(lock));
}

inline void cancellable::submit(lock_type lock, bool is_last)
{
  use here(*this, false);
  submitted_ = true;
  ++holders_;
  cancellation_emission emission(*this, is_last);
  lock.unlock();
  route_->dispatch(std::move(emission), is_last);
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
    lock.lock(mutex());
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
  // Operations come and go while the mutex is released.
  cancellable_entry reached;
  operations_.push_front(reached);
  for (cancellable* op; (op = operation_behind(reached)) && op->position < end;
       ++count)
  {
    operations_.splice(++entries_type::s_iterator_to(*op), operations_,
                       entries_type::s_iterator_to(reached));
    if (op->request(type))
      attempt(
          [&]
          {
            op->submit(std::move(lock), op->route_->goes_directly);
          });
    else
      lock.unlock();
    lock.lock(mutex());
  }
  operations_.erase(entries_type::s_iterator_to(reached));
  if (auto waits = waits_.lock())
  {
    lock.unlock();
    attempt(
        [&]
        {
          waits->wake();
        });
    waits.reset();
    lock.lock(mutex());
  }
  return count;
}

inline cancellation_emission::~cancellation_emission()
{
  if (!op_)
    return;
  cancellable::lock_type lock(op_->mutex());
  op_->submitted_ = false;
  op_->leave(std::move(lock));
}

inline void cancellation_emission::operator()()
{
  cancellable& op = *std::exchange(op_, nullptr);
  cancellable::lock_type lock(op.mutex());
  op.submitted_ = false;
  if (!op.leave_unless_due(lock))
    return;
  if (is_last_)
    op.emit(std::move(lock));
  else
    op.submit(std::move(lock), true);
}

} // namespace toro::detail

#endif // TORO_DETAIL_OBJECT_CANCELLATION_NODE_HPP
