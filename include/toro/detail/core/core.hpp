// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_CORE_HPP
#define TORO_DETAIL_CORE_CORE_HPP

#include <toro/deadline.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/core/context_use.hpp>
#include <toro/detail/core/core_base.hpp>
#include <toro/detail/core/fast_waiter_store.hpp>
#include <toro/detail/core/threading_policy.hpp>
#include <toro/detail/deadline/deadline_set.hpp>
#include <toro/detail/diagnosis.hpp>
#include <toro/detail/executor/embedded_memory.hpp>
#include <toro/detail/operation/delivery.hpp>
#include <toro/detail/operation/operation.hpp>
#include <toro/detail/operation/predicate_op.hpp>
#include <toro/detail/quietly.hpp>
#include <toro/detail/state/claim.hpp>
#include <toro/detail/state/state_base.hpp>
#include <toro/detail/wait/wait_queue.hpp>

#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>
#include <boost/assert.hpp>
#include <boost/core/no_exceptions_support.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <algorithm>
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
// The core is the memory that a primitive shares with its guards, its
// operations and the cancellation slots of their handlers. The state is in it.
// Moving the primitive moves a pointer to the core. The core lives until its
// last owner is gone.
//
// This file declares the members. They are defined in
//
//   core_base    what does not depend on the state: owners, the context, the
//                mutex, the timer, diagnostics
//   entries      how an operation starts, completes and is cancelled
//   fast_path    the same for an operation that completes immediately and has
//                no memory of its own
//   submission   what a thread does after it has unlocked
//   batch        how the waits of a broadcast are collected and delivered
//   deadlines    how a deadline ends a wait
//   lifetime     how a core ends, and what a dump shows of it
//
// and use
//
//   context_use                 a thread uses the context without the lock
//   fast_waiter_store           the fast waiters that are not in use
//   registry, shutdown_service  the objects of a context, and its end
//   threading_policy            thread_safe and strand_bound: the mutex
//                               (futex_mutex) and the counts
//
// A function that locks the mutex and changes the state is an entry. By caller:
//
//   the primitive, guards  update(), update_quietly(), cancel(), retire()
//   an initiation          launch(), start_fast(), try_now()
//   a delivery             commit(), park_again(), drop(), commit_fast(),
//                          abandon_fast()
//   a cancellation slot    emit()
//   the timer              on_timer()
//   the context            shut_down()
//
// Every entry has the same steps:
//
//   1. lock mutex_
//   2. change state_, which grants waits or decides their outcomes
//   3. collect what follows from that (the deferred actions)
//   4. unlock
//   5. run the deferred actions: submit operations, service the timer, destroy
//      dropped operations
//
// Steps 3 to 5 are follow_up(), which gets the lock. So an entry reads
//
//   lock_type lock(mutex_);
//   state_.cancel_all();
//   follow_up(std::move(lock));
//
// No foreign code (executors, timers, handlers, destructors of values) runs
// under the lock. The exception is the comparison of a priority_queue. The
// operations among the deferred actions belong to the thread that has collected
// them. If all there is to do is to submit one operation, the usual case, an
// entry makes no deferred_actions object.
//
// A core has three ends. The last one comes after the others:
//
//   retire     the primitive is destroyed or assigned over: its waits are
//              cancelled; guards and prepared operations may still use the core
//   shut_down  the context is destroyed: pending handlers are destroyed without
//              a call, and no executor and no timer is used from then on
//   end        the last owner is gone: the core leaves its context, and its
//              memory is freed once no timer handler refers to it (core_base)
template <wait_state State, class Threading>
class core final : public core_base<Threading>, private deliverable
{
  using base = core_base<Threading>;

public:
  using state_type = State;
  using waiter_type = typename State::waiter_type;
  using operation_type = operation<State>;
  using timed_operation_type = timed_operation<State>;
  using pointer = boost::intrusive_ptr<core>;
  using typename base::threading;

  // The waiter of an operation that has no memory of its own (fast_op).
  class fast_waiter final : public waiter_type
  {
  public:
    explicit fast_waiter(core& its_owner) noexcept
      : owner(its_owner)
    {
    }

    core& owner;

    // Memory for the operation once it has begun, with 56 bytes for the request
    // and the handler, and for its delivery.
    embedded_memory<56 + 2 * sizeof(void*)> for_operation;
    delivery_memory for_delivery;
  };

  // A function that makes and posts the delivery of an operation that has begun
  // with a fast waiter. It is known by its address, so that the entry that
  // calls it is compiled once for all types of handlers.
  struct fast_post
  {
    void (*function)(void* argument, fast_waiter&);
    void* argument;
  };

  // Describes the state, for to_string() and dumps.
  using describer = std::string (*)(const State&);

  template <class... Args>
  explicit core(boost::asio::execution_context& context, describer how,
                Args&&... args)
    : base(context),
      state_(std::forward<Args>(args)...),
      describe_(how)
  {
  }

  // Makes a core for the context of an executor.
  template <class Executor, class... Args>
  static pointer make(const Executor& executor, Args&&... args)
  {
    // Why not query the executor in the call: an io_context would be passed as
    // its own type, and use_service has an overload for that, for Asio's
    // services only.
    boost::asio::execution_context& context =
        boost::asio::query(executor, boost::asio::execution::context);
    return pointer(new core(context, std::forward<Args>(args)...));
  }

  // Of this very type, so that no template in a user's namespace is a better
  // match.
  friend void intrusive_ptr_add_ref(core* which) noexcept
  {
    which->base::add_owner();
  }

  friend void intrusive_ptr_release(core* which) noexcept
  {
    which->base::release_owner();
  }

  // Why not copy a pointer: the copy tests for null, and g++ 12 then warns
  // about the null case.
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

  // Whether the primitive was destroyed or assigned over. Requires lock.
  bool is_retired_locked() const noexcept
  {
    return retired_;
  }

  // The state without the lock: for members that need none, and for what no
  // longer changes.
  State& unguarded() noexcept
  {
    return state_;
  }

  // Changes the state and submits what follows. If the function throws, it must
  // have changed nothing. If an executor throws, the change stands and the
  // operations are kept for the next entry. Forced inline, since each function
  // has one caller.
  template <class Function>
  TORO_DETAIL_FORCEINLINE auto update(Function function)
  {
    return change<false>(function);
  }

  // The same, but what an executor throws is swallowed: the caller would lose a
  // result.
  template <class Function>
  TORO_DETAIL_FORCEINLINE auto update_quietly(Function function)
  {
    return change<true>(function);
  }

  // The same as update_quietly() for a change after which the state may ask for
  // an instant. If the timer cannot be set for it, this throws, and nothing has
  // changed.
  template <class Function>
  auto update_at(deadline::time_point instant, Function function);

  // Starts an operation. If this throws, the operation is destroyed, unless the
  // core has taken it.
  void launch(operation_pointer<State> op, deadline limit,
              launch_traits<State> traits);

  // Starts an operation that completes immediately, with a fast waiter. Returns
  // false, with nothing changed, if the operation cannot complete this way.
  template <class Request>
  bool start_fast(Request& what, fast_post post);

  // commit() and drop() for a fast waiter.
  template <class Request>
  outcome commit_fast(fast_waiter& w, Request& what) noexcept;
  template <class Request>
  void abandon_fast(fast_waiter& w, Request& what) noexcept;

  // Does what the request asks if that needs no wait. Returns the outcome, or
  // nothing, with nothing changed.
  template <class Request>
  std::optional<outcome> try_now(Request& what);

  // Whether the last operation of a kind had to wait. The next one probably has
  // to as well.
  bool expects_wait(unsigned char kind) const noexcept
  {
    return (waiting_kinds_.load(std::memory_order_relaxed) & kind) != 0;
  }

  // Calls the predicate of a request for the first time, unless the operation
  // ends in any case.
  template <class Request>
  void ask(Request& what);

  // Commits the operation if it is granted and gets its claim; without the
  // claim the grant is revoked. Returns its outcome.
  template <class Claim, class Request>
  outcome commit(operation_type& op, Claim its_claim, Request& what) noexcept;

  // Whether the operation still is to complete with success.
  bool is_granted(const operation_type& op) const noexcept
  {
    const std::lock_guard lock(mutex_);
    return op.stage == phase::granted;
  }

  // Submits an operation again.
  void resubmit(operation_type& op) noexcept;

  auto notifications() const noexcept requires state_with_notifications<State>
  {
    const std::lock_guard lock(mutex_);
    return state_.notifications();
  }

  // Parks a granted operation at its old position, unless a notification has
  // come since its predicate was called. The operation would miss that one.
  template <class Count>
  park_result park_again(operation_type& op, Count seen);

  // A cancellation signal was emitted. The function changes the state and the
  // operation accordingly.
  template <class Function>
  void emit(slot_link<State>& link, Function function) noexcept;

  // The cancellation slot destroys its side of a link.
  void unlink(slot_link<State>& link) noexcept;

  // The operation ends without a call of its handler. The slot and the
  // diagnostics forget it.
  void unlink(operation_type& op) noexcept
  {
    const std::lock_guard lock(mutex_);
    leave_locked(op);
  }

  // The operation goes on to another executor than the object's.
  void end_object_work(operation_type& op) noexcept
  {
    const std::lock_guard lock(mutex_);
    object_executor_.end(op.work);
  }

  // An executor destroyed the delivery without running it.
  void drop(operation_type& op) noexcept;

  // Keeps an operation that could not be submitted. The next entry tries again.
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

private:
  using base::diagnosis_;
  using base::is_shut_down_;
  using base::mutex_;
  using base::never;
  using base::object_executor_;
  using base::registry_;
  using base::time_;
  using base::timer_;

  using typename base::lock_type;
  using typename base::mutex_type;
  using typename base::use;
  using typename timer_client::wake_id;

  // How many operations are collected, or delivered in one turn, before other
  // threads may enter. So many are still in the cache when they are submitted.
  static constexpr int most_at_once = 64;

  class unwinding;

  // What an entry has to do after it has unlocked.
  struct deferred_actions
  {
    bool empty() const noexcept
    {
      return !service_timer && !posts_turn && !has_more() && ready.empty() &&
             dropped.empty();
    }

    // Whether this thread is to lock again and collect more.
    bool has_more() const noexcept
    {
      return more_of_broadcast || !rest.empty();
    }

    // Operations to submit, in this order.
    ready_list ready;

    // Operations that follow these, once they have been collected under the
    // lock.
    ready_list rest;

    // Operations that executors have refused, which are kept, and dropped,
    // which are destroyed.
    ready_list refused;
    ready_list dropped;

    // The first exception.
    std::exception_ptr failure;

    // Whether this thread is to service the timer.
    bool service_timer = false;

    // Whether this thread is to post a turn for the batch.
    bool posts_turn = false;

    // Whether this thread is to collect more waits of a broadcast, to submit
    // them one by one.
    bool more_of_broadcast = false;
  };

  // What an executor did with an operation that was submitted.
  enum class submit_result
  {
    accepted,
    refused, // the executor threw: the operation is kept
    dropped  // the executor destroyed the delivery without running it
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

  void destroy_core() noexcept override
  {
    delete this;
  }

  // The entry behind update() and update_quietly().
  template <bool Quietly, class Function>
  auto change(Function& function);

  // Unlocks, and runs the deferred actions. The second swallows what an
  // executor throws.
  void follow_up(lock_type lock);
  void follow_up_quietly(lock_type lock) noexcept;
  void unlock_and_submit(lock_type& lock);

  // The same if there may be more to do than to submit one operation.
  void follow_up_all(use& here, lock_type lock);

  // What is left after the only operation was submitted: it was not accepted,
  // or the executor has thrown or entered the object.
  void submit_rest(use& here, operation_type& op, submit_result got,
                   std::exception_ptr failure);

  // Collects the deferred actions. Returns whether there are any. Requires
  // lock.
  bool collect_locked(deferred_actions& deferred) noexcept
  {
    return has_pending_work() && collect_all_locked(deferred);
  }

  // Whether there may be deferred actions. Requires lock.
  bool has_pending_work() noexcept
  {
    return !state_.ready().empty() || state_.has_pending_work() ||
           instant_changed_locked();
  }

  // Whether the state asks for another instant than before. Requires lock.
  bool instant_changed_locked() const noexcept
  {
    if constexpr (state_with_instants<State>)
      return state_.next_instant() != instant_.expiry;
    else
      return false;
  }

  // Pops the operation to submit if that is all there is to do, the usual case.
  // Returns null otherwise. Requires lock.
  TORO_DETAIL_FORCEINLINE operation_type* pop_only_locked() noexcept
  {
    ready_list& ready = state_.ready();
    if (state_.has_pending_work() || turn_posted_ || !has_one(ready) ||
        instant_changed_locked())
      return nullptr;
    operation_type& op = to_operation(ready.front());
    ready.clear();
    note_decided_locked(op);
    return &op;
  }

  // An operation has left the lists of the state. Requires lock.
  TORO_DETAIL_FORCEINLINE void
  note_collected_locked(operation_type& op) noexcept
  {
    // Order: no earlier, since a broadcast touches none of its waits.
    if (std::exchange(op.deadline_registered, false))
      timer_.erase(to_timed(op));
    note_decided_locked(op);
  }

  // An operation is about to be submitted. Requires lock.
  TORO_DETAIL_FORCEINLINE void note_decided_locked(operation_type& op) noexcept
  {
    if (op.stage == phase::decided)
      op.cut_link();
    if (op.posts_directly)
      object_executor_.end(op.work);
  }

  // Makes a grant final. Requires lock.
  template <class Request>
  TORO_DETAIL_FORCEINLINE void commit_locked(waiter_type& w,
                                             Request& what) noexcept
  {
    state_.commit(w);
    take_at_commit(w, what);
  }

  // What a request takes when its grant has become final. Requires lock.
  template <class Request>
  TORO_DETAIL_FORCEINLINE void take_at_commit(waiter_type& w,
                                              Request& what) noexcept
  {
    if constexpr (requires { what.at_commit(state_, w); })
      what.at_commit(state_, w);
  }

  // An operation has ended. Requires lock.
  void leave_locked(operation_type& op) noexcept
  {
    op.cut_link();
    diagnosis_.remove_wait(&op);
    object_executor_.end(op.work);
  }

  bool collect_all_locked(deferred_actions& deferred) noexcept;

  // Collects up to so many waits of a broadcast. Requires lock.
  void collect_broadcast_locked(deferred_actions& deferred, int room) noexcept;
  TORO_DETAIL_FORCEINLINE operation_type& collect_first_locked() noexcept;

  // The same for a list.
  void keep(ready_list& list) noexcept;

  // The handler of a collected operation will never be called: its grant is
  // revoked. Requires lock.
  void abandon_locked(waiter& w) noexcept
  {
    state_.revoke_or_commit(static_cast<waiter_type&>(w));
    to_operation(w).cut_link();
  }

  // Abandons operations and destroys them. Requires that no list and no
  // executor refers to them.
  void drop(ready_list& list) noexcept;

  // Destroys operations that were abandoned.
  static void destroy(ready_list& list) noexcept;

  // Runs the deferred actions, and those that follow from them. An operation
  // that an executor refuses is kept, the others are submitted, and the first
  // exception is noted.
  void run_deferred(deferred_actions& deferred, use& here) noexcept;
  void run_deferred_and_throw(deferred_actions& deferred, use& here);

  // Submits an operation. The first exception is noted.
  submit_result try_submit(operation_type& op,
                           std::exception_ptr& failure) noexcept;
  void note_submitted(operation_type& op, submit_result got,
                      deferred_actions& deferred) noexcept;

  // Requires lock.
  bool is_waiting_locked(const waiter_type& w) const noexcept
  {
    return state_.phase_of(w) == phase::waiting;
  }

  // Requires lock.
  bool attempt_locked(operation_type& op, bool may_wait);

  // Ends an initiation: unlocks, and runs the deferred actions.
  void finish(operation_type& op, lock_type lock, launch_traits<State> traits);

  // The same if the operation completes through an immediate executor, which it
  // does after all deferred actions.
  void finish_immediately(operation_type& op, lock_type lock,
                          launch_traits<State> traits);

  // Tries an operation again, and parks it if it has to wait. One that has a
  // limit is a timed_operation. Returns the lock that it has acquired, or none
  // if the context was shut down in the meantime.
  lock_type stand_in_line(operation_type& op, deadline limit);

  // Requires lock.
  template <class Request>
  bool start_locked(fast_waiter& w, Request& what);

  // Allocates a fast waiter. Does not require the lock.
  void add_fast_waiter();

  // Unlocks.
  template <class Request>
  bool start_fast_locked(Request& what, fast_post post, lock_type lock);
  template <class Request>
  bool post_after_others(fast_waiter& w, Request& what, fast_post post,
                         use& here, lock_type lock);

  // Notes whether an operation of a kind had to wait. Requires lock.
  TORO_DETAIL_FORCEINLINE void note_wait_locked(unsigned char kind,
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

  // Whether completions on the object's executor have to come behind waits that
  // share a delivery or were granted by a broadcast. Requires lock.
  bool has_batch_locked() const noexcept
  {
    return turn_posted_ || !batch_.empty() || !state_.broadcast_waits().empty();
  }

  // Whether an operation that is ready has to join the batch, behind others.
  // Requires lock.
  bool joins_batch_locked(const operation_type& op) const noexcept
  {
    return (turn_posted_ || !batch_.empty()) && !is_shut_down_ &&
           op.can_batch && op.stage == phase::granted;
  }

  // Whether a turn has to be posted. Requires lock.
  bool lacks_turn_locked() const noexcept
  {
    return !turn_posted_ && !is_shut_down_ &&
           (!batch_.empty() || (state_.broadcast_can_batch() &&
                                !state_.broadcast_waits().empty()));
  }

  // Pops the next operation for a turn, or returns null. Requires lock.
  operation_type* pop_batch_locked() noexcept;

  class batch_turn;

  // Posts a turn, which owns the core.
  void post_turn(std::exception_ptr& failure) noexcept;

  // The executor runs a turn: delivers some of the batch, and has the rest
  // delivered later.
  void deliver() override;
  void on_drop() noexcept override;

  // An executor destroyed a turn without running it.
  void drop_turn() noexcept;

  void on_timer(wake_id number) noexcept override;
  void expire_locked(deadline::time_point now) noexcept;

  // Registers the instant that the state asks for. Requires lock.
  void note_instant_locked() noexcept;

  // The first time for which the timer is needed by a wait with a deadline.
  // Requires lock.
  deadline::time_point coming_locked(deadline::time_point expiry) const noexcept
  {
    if constexpr (state_with_instants<State>)
      return std::min(expiry, state_.first_instant());
    else
      return expiry;
  }

  // An instant of the state as one of the deadlines.
  struct own_instant final : deadline_entry
  {
  };

  struct no_instant
  {
  };

  State state_;

  // Invariant: registered unless it is never.
  [[no_unique_address]] std::conditional_t<state_with_instants<State>,
                                           own_instant, no_instant>
      instant_;

  describer describe_;

  // Whether a turn is posted or running.
  bool turn_posted_ = false;

  // The thread that collects the waits of a broadcast, if they have to be
  // submitted one by one; null if there is none. Known by its deferred actions.
  // Invariant: that thread will lock again.
  const deferred_actions* collector_ = nullptr;

  // How many waits it collects before another thread may take over.
  std::size_t collector_quota_ = 0;

  // The operations that were collected and share a delivery, in the order of
  // grant.
  // Invariant: all of them were granted before the waits of a broadcast that
  // are still to be collected.
  ready_list batch_;

  bool retired_ = false;

  // The kinds of operations of which the last had to wait. Changed under the
  // lock.
  std::atomic<unsigned char> waiting_kinds_ = 0;

  fast_waiter_store<fast_waiter> fast_waiters_;
};
} // namespace toro::detail

#include <toro/detail/core/batch.hpp>
#include <toro/detail/core/deadlines.hpp>
#include <toro/detail/core/entries.hpp>
#include <toro/detail/core/fast_path.hpp>
#include <toro/detail/core/lifetime.hpp>
#include <toro/detail/core/submission.hpp>

// What depends on no handler can be compiled once for a whole program, in the
// file that includes toro/src.hpp. The keyword is extern, or nothing there.
#define TORO_DETAIL_CORE_INSTANCES(Keyword, State)                             \
  Keyword template class core<State, thread_safe>;                             \
  Keyword template class core<State, strand_bound>;

// With any_io_executor, which is that of a primitive if nothing else is said.
#define TORO_DETAIL_SHARED_INSTANCES(Keyword)                                  \
  Keyword template class core_base<thread_safe>;                               \
  Keyword template class core_base<strand_bound>;                              \
  Keyword template kept_executor<boost::asio::any_io_executor>&                \
  core_base<thread_safe>::add_executor(const boost::asio::any_io_executor&);   \
  Keyword template kept_executor<boost::asio::any_io_executor>&                \
  core_base<strand_bound>::add_executor(const boost::asio::any_io_executor&);  \
  Keyword template class executor_work<boost::asio::any_io_executor>;          \
  Keyword template void executor_work<boost::asio::any_io_executor>::dispatch( \
      delivery&&, const std::allocator<void>&) const;                          \
  Keyword template void executor_work<boost::asio::any_io_executor>::post(     \
      delivery&&, const delivery_allocator&) const;                            \
  Keyword template void object_executor::post(                                 \
      delivery&&, const delivery_allocator&) const;                            \
  Keyword template void post_on_known(const boost::asio::any_io_executor&,     \
                                      delivery&&, const delivery_allocator&);

#if defined(TORO_SEPARATE_COMPILATION)
#define TORO_DETAIL_SEPARATE_CORE(State)                                       \
  TORO_DETAIL_CORE_INSTANCES(extern, State)

namespace toro::detail {

TORO_DETAIL_SHARED_INSTANCES(extern)

} // namespace toro::detail
#else
#define TORO_DETAIL_SEPARATE_CORE(State)
#endif

#endif // TORO_DETAIL_CORE_CORE_HPP
