// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_CORE_HPP
#define TORO_DETAIL_IO_CORE_HPP

#include <toro/detail/deadline/deadline_timer.hpp>
#include <toro/detail/deadline/time_source.hpp>
#include <toro/detail/io/delivery.hpp>
#include <toro/detail/io/executor_slot.hpp>
#include <toro/detail/io/operation.hpp>
#include <toro/detail/io/policy.hpp>
#include <toro/detail/io/shutdown_service.hpp>
#include <toro/detail/wait/wait_queue.hpp>

#include <boost/core/no_exceptions_support.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

namespace toro::detail {

// Implementation notes
//
// The block that a primitive shares with its guards, its operations and the
// slots of their handlers. Moving the primitive moves a pointer, and whichever
// of them goes last finds everything in place.
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
//   dispose    nobody refers to the block any more
template <class State, class Threading>
class core : public sleeper, public registered
{
public:
  using waiter_type = typename State::waiter_type;
  using operation_type = operation<waiter_type>;
  using timed_operation_type = timed_operation<waiter_type>;
  using pointer = boost::intrusive_ptr<core>;
  using threading = policy<Threading>;

  // What is left to do once the lock is released.
  class aftermath
  {
  public:
    aftermath() = default;
    aftermath(const aftermath&) = delete;
    aftermath& operator=(const aftermath&) = delete;

    // To be submitted, in this order.
    ready_list ready;

    // Whether this thread is to look after the timer.
    bool tend = false;

    // Whether this thread is among the borrowers.
    bool borrows = false;

    bool empty() const noexcept
    {
      return !tend && ready.empty();
    }
  };

  template <class... Args>
  explicit core(boost::asio::execution_context& context, Args&&... args)
    : state_(std::forward<Args>(args)...),
      time_(boost::asio::use_service<time_source>(context)),
      registry_(boost::asio::use_service<shutdown_service>(context).objects())
  {
  }

  core(const core&) = delete;
  core& operator=(const core&) = delete;

  // Makes the block known to its context, which may be shut down already.
  void enlist()
  {
    if (registry_->add(*this))
      return;
    inert_ = true;
    executors_.drop();
  }

  // Adds an executor that an operation may refer to while the block lives.
  template <class Executor>
  executor_slot<Executor>& add_executor(const Executor& executor)
  {
    auto slot = std::make_unique<executor_slot<Executor>>(executor);
    executor_slot<Executor>& result = *slot;
    const std::lock_guard lock(mutex_);
    executors_.push(std::move(slot));
    return result;
  }

  // Whether the context was shut down.
  bool is_inert() const noexcept
  {
    return inert_.load(std::memory_order_relaxed);
  }

  // Reads the state.
  template <class Function>
  auto read(Function function) const
  {
    const std::lock_guard lock(mutex_);
    return function(state_);
  }

  // The state where it does not change any more; no lock is needed then.
  const State& settled() const noexcept
  {
    return state_;
  }

  // Changes the state and submits what follows. Throws what the function
  // throws, with nothing changed, or what an executor throws, with the change
  // made and its operations kept.
  template <class Function>
  auto update(Function function)
  {
    return change(std::move(function),
                  [this](aftermath& after)
                  {
                    run(after);
                  });
  }

  // The same where nothing may be thrown, or a result would be lost.
  template <class Function>
  auto update_quietly(Function function)
  {
    return change(std::move(function),
                  [this](aftermath& after)
                  {
                    run_quietly(after);
                  });
  }

  // Starts an operation. Where this throws the operation is still the
  // caller's, unless it was released.
  template <bool Timed, class OperationPointer>
  void launch(OperationPointer op, deadline limit);

  // Makes a granted operation final, or finds that it was not granted. Returns
  // how it ended.
  outcome conclude(operation_type& op, aftermath& after) noexcept
  {
    const std::lock_guard lock(mutex_);
    if (op.stage == phase::granted)
      state_.commit(op);
    op.cut_link();
    borrow_locked(after);
    return op.how;
  }

  // Calls a function that uses the context, which waits for it; not where the
  // context was shut down.
  template <class Function>
  void use_context(Function function)
  {
    {
      const std::lock_guard lock(mutex_);
      if (inert_)
        return;
      ++borrowers_;
    }
    function();
    const std::lock_guard lock(mutex_);
    --borrowers_;
  }

  // Whether the operation is still to complete with success.
  bool is_granted(const operation_type& op) const noexcept
  {
    const std::lock_guard lock(mutex_);
    return op.stage == phase::granted;
  }

  // Submits an operation once more.
  void resubmit(operation_type& op) noexcept
  {
    aftermath after;
    after.ready.push_back(op);
    run_quietly(after);
  }

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
  declined decline(operation_type& op, Count seen)
  {
    aftermath after;
    {
      const std::lock_guard lock(mutex_);
      if (op.stage != phase::granted)
        return declined::ended;
      if (state_.notifications() != seen)
        return declined::outdated;
      state_.decline(op);
      register_deadline_locked(op);
      borrow_locked(after);
    }
    run_quietly(after);
    return declined::waits;
  }

  // A cancellation signal was emitted.
  void emit(slot_link<waiter_type>& link) noexcept
  {
    aftermath after;
    {
      const std::lock_guard lock(mutex_);
      if (!link.op)
        return;
      operation_type& op = *link.op;
      if (state_.abort(op, outcome::aborted))
        op.cut_link();
      borrow_locked(after);
    }
    run_quietly(after);
  }

  // The slot's end of a link goes.
  void unlink(slot_link<waiter_type>& link) noexcept
  {
    const std::lock_guard lock(mutex_);
    if (link.op)
      link.op->link = nullptr;
    link.op = nullptr;
  }

  // The operation's end of a link goes.
  void unlink(operation_type& op) noexcept
  {
    const std::lock_guard lock(mutex_);
    op.cut_link();
  }

  // A delivery was destroyed without having been run.
  void drop(operation_type& op) noexcept
  {
    const pointer self(this);
    aftermath after;
    forsake(op, after);
    run_quietly(after);
    op.destroy();
  }

  // Keeps an operation that could not be submitted for the next entry.
  void keep(operation_type& op) noexcept
  {
    aftermath after;
    after.ready.push_back(op);
    keep(after);
  }

  // Submits what a change led to. What an executor refuses is kept, the rest
  // goes on, and the first exception leaves in the end.
  void run(aftermath& after)
  {
    aftermath refused;
    ready_list dropped;
    std::exception_ptr failure;
    do
    {
      if (std::exchange(after.tend, false))
        tend_quietly();
      while (!after.ready.empty())
      {
        operation_type& op = to_operation(after.ready.front());
        after.ready.pop_front();
        const submission current(op);
        BOOST_TRY
        {
          op.submit(current);
          if (current.dropped())
          {
            forsake(op, after);
            dropped.push_back(op);
          }
        }
        BOOST_CATCH(...)
        {
          if (!failure)
            failure = std::current_exception();
          if (current.dropped())
            refused.ready.push_back(op);
        }
        BOOST_CATCH_END
      }
    } while (after.tend);
    give_back(after);
    keep(refused);
    destroy_all(dropped);
    if (failure)
      std::rethrow_exception(failure);
  }

  void run_quietly(aftermath& after) noexcept
  {
    BOOST_TRY
    {
      run(after);
    }
    BOOST_CATCH(...)
    {
    }
    BOOST_CATCH_END
  }

  // The primitive is destroyed or assigned over.
  void retire() noexcept
  {
    aftermath after;
    {
      const std::lock_guard lock(mutex_);
      retired_ = true;
      state_.abort_all();
      borrow_locked(after);
    }
    run_quietly(after);
    destroy_contents();
  }

  std::size_t cancel()
  {
    return update(
        [](State& state)
        {
          return state.abort_all();
        });
  }

  friend void intrusive_ptr_add_ref(core* block) noexcept
  {
    block->owners_.increment();
  }

  friend void intrusive_ptr_release(core* block) noexcept
  {
    block->let_go();
  }

private:
  // The destructor is that of a type derived from this one, through free.
  virtual void destroy_block() noexcept = 0;

protected:
  ~core() = default;

private:
  static constexpr deadline::time_point never = deadline_timer::never;

  // Looks after the timer where an initiation ends by an exception.
  class unwinding
  {
  public:
    explicit unwinding(core& block) noexcept
      : block_(&block)
    {
    }

    unwinding(const unwinding&) = delete;
    unwinding& operator=(const unwinding&) = delete;

    ~unwinding()
    {
      if (block_)
        block_->look_after_timer();
    }

    void commit() noexcept
    {
      block_ = nullptr;
    }

  private:
    core* block_;
  };

  static operation_type& to_operation(waiter& w) noexcept
  {
    return static_cast<operation_type&>(static_cast<waiter_type&>(w));
  }

  static timed_operation_type& to_timed(waiter& w) noexcept
  {
    return static_cast<timed_operation_type&>(to_operation(w));
  }

  bool try_hold() noexcept override
  {
    return owners_.try_increment();
  }

  void let_go() noexcept override
  {
    if (!owners_.decrement())
      return;
    dispose();
    free_memory();
  }

  void keep_memory() noexcept override
  {
    users_.increment();
  }

  void free_memory() noexcept override
  {
    if (users_.decrement())
      destroy_block();
  }

  // Nobody can enter any more; a timer may still look for someone to wake.
  void dispose() noexcept
  {
    timer_.drop();
    executors_.drop();
    // Order: the context waits for this. What users left may end the context.
    registry_->remove(*this);
    destroy_contents();
  }

  // Destroys the values of users that nobody will get any more.
  void destroy_contents() noexcept
  {
    if constexpr (requires { state_.pop_content(); })
    {
      for (;;)
      {
        std::unique_lock lock(mutex_);
        const auto content = state_.pop_content();
        lock.unlock();
        if (!content)
          return;
      }
    }
  }

  void shut_down() noexcept override;

  template <class Function, class Finish>
  auto change(Function function, Finish finish)
  {
    aftermath after;
    std::unique_lock lock(mutex_);
    if constexpr (std::is_void_v<std::invoke_result_t<Function&, State&>>)
    {
      function(state_);
      if (!borrow_locked(after))
        return;
      lock.unlock();
      finish(after);
    }
    else
    {
      auto result = function(state_);
      if (!borrow_locked(after))
        return result;
      lock.unlock();
      finish(after);
      return result;
    }
  }

  // Moves what is to be done into an aftermath. Returns whether there is
  // anything. Requires lock.
  bool collect_locked(aftermath& after) noexcept
  {
    if (state_.ready().empty() && unsubmitted_.empty() && !timer_.is_used())
      return false;
    for (waiter& w : state_.ready())
    {
      if (w.timed)
        timer_.erase(to_timed(w));
      w.timed = false;
      if (w.stage == phase::ended)
        to_operation(w).cut_link();
    }
    append(after.ready, unsubmitted_);
    append(after.ready, state_.ready());
    after.tend = after.tend || (!inert_ && timer_.start_tending());
    return !after.empty();
  }

  // The same for a thread that the context may not know of: what it carries
  // refers to the context, which waits for it. Requires lock.
  bool borrow_locked(aftermath& after) noexcept
  {
    if (!collect_locked(after))
      return false;
    if constexpr (threading::is_shared)
    {
      if (!after.borrows && !inert_)
      {
        after.borrows = true;
        ++borrowers_;
      }
    }
    return true;
  }

  void give_back(aftermath& after) noexcept
  {
    if (!after.borrows)
      return;
    after.borrows = false;
    const std::lock_guard lock(mutex_);
    --borrowers_;
  }

  static void append(ready_list& list, ready_list& more) noexcept
  {
    if (more.empty())
      return;
    if (list.empty())
      list.swap(more);
    else
      list.splice(list.end(), more);
  }

  void keep(aftermath& after) noexcept
  {
    // Safety: without an operation the block may be gone.
    if (after.ready.empty())
      return;
    {
      const std::lock_guard lock(mutex_);
      if (!inert_)
      {
        // Order: these were decided before those that came in the meantime.
        append(after.ready, unsubmitted_);
        unsubmitted_.swap(after.ready);
        return;
      }
    }
    forsake_all(after.ready);
  }

  // The handler of an operation will not be called. The caller destroys it
  // when nothing else is left to do, as that may end the context.
  void forsake(operation_type& op, aftermath& after) noexcept
  {
    const std::lock_guard lock(mutex_);
    state_.abandon(op);
    op.cut_link();
    borrow_locked(after);
  }

  // Destroys operations that nobody refers to any more.
  static void destroy_all(ready_list& list) noexcept
  {
    while (!list.empty())
    {
      operation_type& op = to_operation(list.front());
      list.pop_front();
      op.destroy();
    }
  }

  // The same for operations whose grants may still stand, after a shutdown.
  void forsake_all(ready_list& list) noexcept
  {
    {
      const std::lock_guard lock(mutex_);
      for (waiter& w : list)
      {
        state_.abandon(static_cast<waiter_type&>(w));
        to_operation(w).cut_link();
      }
    }
    destroy_all(list);
  }

  // Requires lock.
  template <class Operation>
  bool attempt_locked(Operation& op, bool may_wait)
  {
    if (!retired_)
      return op.start(state_, may_wait);
    state_.end(op, outcome::aborted);
    return true;
  }

  // Requires lock.
  void register_deadline_locked(operation_type& op) noexcept
  {
    if (!op.has_deadline)
      return;
    timer_.insert(to_timed(op));
    op.timed = true;
  }

  void wake(request number) noexcept override;
  void expire_locked(deadline::time_point now) noexcept;
  void tend_for(deadline::time_point coming);
  void look_after_timer() noexcept;
  void tend(deadline::time_point coming);

  void tend_quietly() noexcept
  {
    BOOST_TRY
    {
      tend(never);
    }
    BOOST_CATCH(...)
    {
    }
    BOOST_CATCH_END
  }

  mutable typename threading::mutex_type mutex_;
  State state_;

  // Invariant: operations whose executor refused them, oldest first.
  ready_list unsubmitted_;

  // Invariant: has the deadlines of the waiting operations.
  deadline_timer timer_;

  time_source& time_;
  std::shared_ptr<registry> registry_;
  executor_slots executors_;

  // The number of threads that use the context without the lock, besides the
  // one that tends the timer.
  std::size_t borrowers_ = 0;

  bool retired_ = false;

  // Changed under the lock.
  std::atomic<bool> inert_ = false;

  // Who may enter, and who may find the memory: all owners count as one user.
  typename threading::count_type owners_{0};
  typename threading::count_type users_{1};
};

// The executor of a block, and the rest of it.
template <class Core>
class core_block final : public Core
{
public:
  using Core::Core;

private:
  void destroy_block() noexcept override
  {
    delete this;
  }
};

} // namespace toro::detail

#include <toro/detail/io/impl/core.hpp>

#endif // TORO_DETAIL_IO_CORE_HPP
