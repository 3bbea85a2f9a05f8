// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_CORE_HPP
#define TORO_DETAIL_CORE_CORE_HPP

#include <toro/deadline.hpp>

#include <toro/detail/core/context_use.hpp>
#include <toro/detail/core/core_base.hpp>
#include <toro/detail/core/fast_waiter_store.hpp>
#include <toro/detail/core/threading_policy.hpp>
#include <toro/detail/diagnosis.hpp>
#include <toro/detail/executor/embedded_memory.hpp>
#include <toro/detail/operation/delivery.hpp>
#include <toro/detail/operation/operation.hpp>
#include <toro/detail/wait/wait_queue.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/config.hpp>
#include <boost/core/no_exceptions_support.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace toro::detail {

// Implementation notes
//
// The core that a primitive shares with its guards, its operations and the
// slots of their handlers, with the state in it. Moving the primitive moves a
// pointer, and whichever of them goes last finds everything in place.
//
// Every entry has the same shape: change the state under the lock, collect
// what follows from it (the aftermath), unlock, and only then call foreign
// code: executors, timers, handlers. The operations in an aftermath belong to
// the thread that carries it.
//
// Three ways to the end:
//   retire     the primitive is gone: waits are aborted, guards are harmless
//   shut_down  the context is going: handlers are destroyed, and from then on
//              no executor and no timer is touched
//   end        nobody refers to the core any more
template <class State, class Threading>
class core : public core_base<Threading>, private deliverable
{
  using base = core_base<Threading>;

public:
  using waiter_type = typename State::waiter_type;
  using operation_type = operation<waiter_type>;
  using timed_operation_type = timed_operation<waiter_type>;
  using pointer = boost::intrusive_ptr<core>;
  using typename base::threading;

  // What the state knows of an operation that has no memory of its own.
  class fast_waiter final : public waiter_type
  {
  public:
    explicit fast_waiter(core& its_owner) noexcept
      : owner(its_owner)
    {
    }

    core& owner;

    // For the function that stands for the operation.
    embedded_memory<96> memory;
  };

  // What the object shows of itself.
  using describer = std::string (*)(const State&);

  template <class... Args>
  explicit core(boost::asio::execution_context& context, describer how,
                Args&&... args)
    : base(context),
      state_(std::forward<Args>(args)...),
      describe_(how)
  {
  }

  // Of this very type, so that no template of a user's namespace fits better.
  friend void intrusive_ptr_add_ref(core* which) noexcept
  {
    which->base::add_owner();
  }

  friend void intrusive_ptr_release(core* which) noexcept
  {
    which->base::release_owner();
  }

  // Why not copy a pointer: that asks whether it is null, and g++ 12 then warns
  // of what would follow if it were.
  pointer share() noexcept
  {
    base::add_owner();
    return pointer(this, false);
  }

  // Reads the state.
  template <class Function>
  auto read(Function function) const
  {
    const std::lock_guard lock(mutex_);
    return function(state_);
  }

  std::string describe() const
  {
    const std::lock_guard lock(mutex_);
    return describe_(state_);
  }

  void inspect(dump_text& out) const override;

  // The state where it does not change any more; no lock is needed then.
  const State& settled() const noexcept
  {
    return state_;
  }

  // The state, for what needs no lock.
  State& unguarded() noexcept
  {
    return state_;
  }

  // Changes the state and submits what follows. Throws what the function
  // throws, with nothing changed, or what an executor throws, with the change
  // made and its operations kept. Inlined by force: a function has one place.
  template <class Function>
  BOOST_FORCEINLINE auto update(Function function)
  {
    return change<false>(function);
  }

  // The same where nothing may be thrown, or a result would be lost.
  template <class Function>
  BOOST_FORCEINLINE auto update_quietly(Function function)
  {
    return change<true>(function);
  }

  // Starts an operation. Where this throws the operation is still the
  // caller's, unless it was released.
  template <bool Timed, class OperationPointer>
  void launch(OperationPointer op, deadline limit);

  // Starts an operation that ends at once, in the name of a record, and calls a
  // function with the record, which hands the completion to its executor.
  // Returns false, with nothing changed, where it does not end at once.
  template <class Request, class Post>
  bool start_fast(Request& what, Post post);

  // The same as conclude() and drop(), for a record.
  template <class Request>
  outcome commit_fast(fast_waiter& w, Request& what) noexcept;
  template <class Request>
  void abandon_fast(fast_waiter& w, Request& what) noexcept;

  // Does what is asked if it can be done at once. Returns how it ended, or
  // nothing, with nothing changed.
  template <class Request>
  std::optional<outcome> try_now(Request& what);

  // Whether the last operation of a kind had to wait, so that the next one
  // probably has to.
  bool expects_wait(unsigned char kind) const noexcept
  {
    return (waiting_kinds_.load(std::memory_order_relaxed) & kind) != 0;
  }

  // Makes a granted operation final, or finds that it was not granted. Returns
  // how it ended.
  outcome commit(operation_type& op) noexcept;

  // Whether the operation is still to complete with success.
  bool is_granted(const operation_type& op) const noexcept
  {
    const std::lock_guard lock(mutex_);
    return op.stage == phase::granted;
  }

  // Submits an operation once more.
  void resubmit(operation_type& op) noexcept;

  // What became of a granted operation that was to wait again.
  enum class declined
  {
    waits,   // it is back in its place, and may be gone by now
    ended,   // it was cancelled in the meantime
    outdated // there was a notification in the meantime
  };

  auto notifications() const noexcept
  {
    const std::lock_guard lock(mutex_);
    return state_.notifications();
  }

  // Puts a granted operation back into its place, unless there was a
  // notification since its predicate was asked, which it would miss.
  template <class Count>
  declined decline(operation_type& op, Count seen);

  // A cancellation signal was emitted.
  void emit(slot_link<waiter_type>& link) noexcept;

  // The slot's end of a link goes.
  void unlink(slot_link<waiter_type>& link) noexcept;

  // The operation's end of a link goes.
  void unlink(operation_type& op) noexcept
  {
    const std::lock_guard lock(mutex_);
    leave_locked(op);
  }

  // The operation goes on to an executor elsewhere.
  void end_object_work(operation_type& op) noexcept
  {
    const std::lock_guard lock(mutex_);
    object_executor_.end(op.work);
  }

  // A delivery was destroyed without having been run.
  void drop(operation_type& op) noexcept;

  // Keeps an operation that could not be submitted for the next entry.
  void keep(operation_type& op) noexcept;

  // The primitive is destroyed or assigned over.
  void retire() noexcept;

  std::size_t cancel()
  {
    return update(
        [](State& state)
        {
          return state.cancel_all();
        });
  }

protected:
  ~core() = default;

private:
  using base::diagnosis_;
  using base::inert_;
  using base::mutex_;
  using base::never;
  using base::object_executor_;
  using base::registry_;
  using base::time_;
  using base::timer_;

  using typename base::mutex_type;
  using typename base::use;
  using typename timer_client::wake_id;

  // So many operations are collected, or delivered in one turn, before others
  // may enter. They are still in the cache then when they are submitted.
  static constexpr int most_at_once = 64;

  class unwinding;

  // What is left to do once the lock is released.
  struct deferred_actions
  {
    bool empty() const noexcept
    {
      return !service_timer && !posts_batch && !has_more() && ready.empty() &&
             dropped.empty();
    }

    // Whether this thread is to lock again and collect what is left.
    bool has_more() const noexcept
    {
      return more_of_broadcast || !rest.empty();
    }

    // To be submitted, in this order.
    ready_list ready;

    // The same after these, when they have been looked at under the lock.
    ready_list rest;

    // What executors have refused, which is kept, and what they have dropped,
    // which is destroyed.
    ready_list refused;
    ready_list dropped;

    // What was thrown first.
    std::exception_ptr failure;

    // Whether this thread is to look after the timer.
    bool service_timer = false;

    // Whether this thread is to post the batch.
    bool posts_batch = false;

    // Whether there is more of the crowd that has to be submitted one by one.
    bool more_of_broadcast = false;
  };

  // What became of an operation that was handed to an executor.
  enum class receipt
  {
    accepted,
    refused, // the executor threw: the operation is to be submitted again
    dropped  // the executor destroyed the delivery: the operation is over
  };

  class submitting;

  static operation_type& to_operation(waiter& w) noexcept
  {
    return static_cast<operation_type&>(static_cast<waiter_type&>(w));
  }

  static const operation_type& to_operation(const waiter& w) noexcept
  {
    return static_cast<const operation_type&>(
        static_cast<const waiter_type&>(w));
  }

  static timed_operation_type& to_timed(waiter& w) noexcept
  {
    return static_cast<timed_operation_type&>(to_operation(w));
  }

  void shut_down() noexcept override;
  void destroy_contents() noexcept override;

  // The entry of update() and update_quietly().
  template <bool Quietly, class Function>
  auto change(Function& function);

  // Unlocks, and does what is to be done.
  void follow_up(mutex_type* locked);
  void follow_up_quietly(mutex_type* locked) noexcept;

  // The same where that may be more than an operation to be submitted.
  void follow_up_all(use& here, mutex_type* locked);

  // The rest, after an operation that was not only accepted.
  void submit_rest(use& here, operation_type& op, receipt got,
                   std::exception_ptr failure);

  // Moves what is to be done into an aftermath. Returns whether there is
  // anything. Requires lock.
  bool collect_locked(deferred_actions& deferred) noexcept
  {
    return has_pending_work() && collect_all_locked(deferred);
  }

  // Whether there may be anything to be done. Requires lock.
  bool has_pending_work() noexcept
  {
    return !state_.ready().empty() || state_.has_pending_work();
  }

  // The operation to be submitted where that is all there is to do, the usual
  // case, or null. Requires lock.
  BOOST_FORCEINLINE operation_type* pop_only_locked() noexcept
  {
    ready_list& ready = state_.ready();
    if (state_.has_pending_work() || batch_posted_ || !has_one(ready))
      return nullptr;
    operation_type& op = to_operation(ready.front());
    ready.clear();
    note_decided_locked(op);
    return &op;
  }

  // An operation leaves the lists of the state. Requires lock.
  BOOST_FORCEINLINE void note_collected_locked(operation_type& op) noexcept
  {
    // Order: as late as this, since a broadcast touches none of its waits.
    if (std::exchange(op.timed, false))
      timer_.erase(to_timed(op));
    note_decided_locked(op);
  }

  // An operation is about to be submitted. Requires lock.
  void note_decided_locked(operation_type& op) noexcept
  {
    if (op.stage == phase::decided)
      op.cut_link();
    if (op.posts_directly)
      object_executor_.end(op.work);
  }

  // An operation has come to its end. Requires lock.
  void leave_locked(operation_type& op) noexcept
  {
    op.cut_link();
    diagnosis_.remove_wait(&op);
    object_executor_.end(op.work);
  }

  bool collect_all_locked(deferred_actions& deferred) noexcept;

  // Collects up to so many of the crowd. Requires lock.
  void collect_broadcast_locked(deferred_actions& deferred, int room) noexcept;
  BOOST_FORCEINLINE operation_type& collect_first_locked() noexcept;

  // Keeps operations that could not be submitted for the next entry.
  void keep(ready_list& list) noexcept;

  // Destroys operations that nobody refers to any more.
  static void destroy_all(ready_list& list) noexcept;

  // The same for operations whose grants may still stand, after a shutdown.
  void revoke_and_destroy_all(ready_list& list) noexcept;

  // Submits what a change led to, and what comes of that. What an executor
  // refuses is kept, the rest goes on, and the first exception is noted.
  void run(deferred_actions& deferred, use& here) noexcept;
  void run_and_throw(deferred_actions& deferred, use& here);

  // Hands an operation to its executor. The first exception is noted.
  receipt try_submit(operation_type& op, std::exception_ptr& failure) noexcept;
  void note_receipt(operation_type& op, receipt got,
                    deferred_actions& deferred) noexcept;

  // Requires lock.
  bool is_waiting_locked(const waiter_type& w) const noexcept
  {
    return state_.phase_of(w) == phase::waiting;
  }

  // Requires lock.
  template <class Operation>
  bool attempt_locked(Operation& op, bool may_wait);

  // Unlocks, and submits an operation that ended in its initiation.
  template <class Operation>
  void finish(Operation& op, mutex_type* locked);

  // The same for one that completes through an immediate executor, after what
  // else is to be done.
  template <class Operation>
  void finish_immediately(Operation& op, mutex_type* locked);

  // Queues an operation that did not succeed at once. Locks, and leaves the
  // lock locked. Returns false where the context was shut down meanwhile.
  template <bool Timed, class Operation>
  bool stand_in_line(Operation& op, std::unique_lock<mutex_type>& lock,
                     deadline limit);

  // Requires lock.
  template <class Request>
  bool start_locked(fast_waiter& w, Request& what);

  // Makes a record.
  void add_fast_waiter();

  // Requires lock, which it releases if it starts the operation.
  template <class Request, class Post>
  bool start_fast_locked(Request& what, Post& post, entry<mutex_type>& lock);
  template <class Request, class Post>
  bool post_after_others(fast_waiter& w, Request& what, Post& post, use& here,
                         mutex_type* locked);

  // Notes whether an operation of a kind had to wait. Requires lock.
  BOOST_FORCEINLINE void note_wait_locked(unsigned char kind,
                                          bool waits) noexcept
  {
    if (expects_wait(kind) == waits)
      return;
    const unsigned char seen = waiting_kinds_.load(std::memory_order_relaxed);
    waiting_kinds_.store(static_cast<unsigned char>(seen ^ kind),
                         std::memory_order_relaxed);
  }

  // Requires lock.
  void register_deadline_locked(operation_type& op) noexcept;

  // Whether completions on the object's executor have to come behind others
  // that share a delivery. Requires lock.
  bool has_batch_locked() const noexcept
  {
    return batch_posted_ || !batch_.empty() ||
           !state_.broadcast_waits().empty();
  }

  // Whether an operation that is ready comes behind others in the batch.
  // Requires lock.
  bool joins_batch_locked(const operation_type& op) const noexcept
  {
    return (batch_posted_ || !batch_.empty()) && !inert_ &&
           op.share == sharing::possible && op.stage == phase::granted;
  }

  // Whether the executor is to be asked for a turn. Requires lock.
  bool lacks_turn_locked() const noexcept
  {
    return !batch_posted_ && !inert_ &&
           (!batch_.empty() || (state_.broadcast_can_batch() &&
                                !state_.broadcast_waits().empty()));
  }

  // Takes the next operation for a turn, or null. Requires lock.
  operation_type* pop_batch_locked() noexcept;

  class batch_turn;

  // Hands a turn, which keeps the core, to the executor.
  void post_batch(std::exception_ptr& failure) noexcept;

  // Delivers some of the batch and has the rest delivered later.
  void deliver() override;
  void on_drop() noexcept override;

  // A turn was destroyed without having been run.
  void drop_batch() noexcept;

  void on_timer(wake_id number) noexcept override;
  void expire_locked(deadline::time_point now) noexcept;

  State state_;
  describer describe_;

  // Whether a turn is under way.
  bool batch_posted_ = false;

  // The thread that collects the crowd where it has to be submitted one by one,
  // by what the thread carries, or null.
  // Invariant: that thread will lock again.
  const deferred_actions* collector_ = nullptr;

  // How many it collects before another thread may take its place.
  std::size_t collector_quota_ = 0;

  // The operations that were collected and share a delivery, in the order of
  // grant. All of them were granted before those in the crowd.
  ready_list batch_;

  bool retired_ = false;

  // The kinds of operations of which the last had to wait. Changed under the
  // lock.
  std::atomic<unsigned char> waiting_kinds_ = 0;

  fast_waiter_store<fast_waiter> fast_waiters_;
};

// A core as it is made.
template <class Core>
class core_block final : public Core
{
public:
  using Core::Core;

private:
  void destroy_core() noexcept override
  {
    delete this;
  }
};

} // namespace toro::detail

#include <toro/detail/core/batch.hpp>
#include <toro/detail/core/deadlines.hpp>
#include <toro/detail/core/entries.hpp>
#include <toro/detail/core/fast_path.hpp>
#include <toro/detail/core/lifetime.hpp>
#include <toro/detail/core/submission.hpp>

#endif // TORO_DETAIL_CORE_CORE_HPP
