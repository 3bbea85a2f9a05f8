// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_CORE_BASE_HPP
#define TORO_DETAIL_CORE_CORE_BASE_HPP

#include <toro/detail/config.hpp>
#include <toro/detail/core/context_use.hpp>
#include <toro/detail/core/shutdown_service.hpp>
#include <toro/detail/core/threading_policy.hpp>
#include <toro/detail/deadline/deadline_timer.hpp>
#include <toro/detail/deadline/time_source.hpp>
#include <toro/detail/diagnosis.hpp>
#include <toro/detail/executor/embedded_memory.hpp>
#include <toro/detail/executor/object_executor.hpp>
#include <toro/detail/quietly.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/assert.hpp>
#include <boost/config.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

namespace toro::detail {

// Implementation notes
//
// The part of the core that does not depend on the state of the primitive:
// owner counts, membership in the execution context, the mutex, the timer, the
// executors, and what is noted for dumps.
//
// There are two counts. Owners may enter the core. Memory owners only keep its
// memory: all owners together are one of them, and the timer's handler and the
// posted check are others. A memory owner becomes an owner by try_add_owner(),
// which fails once there is no owner left.
//
// The count of owners has two parts. The upper one counts the owners that are
// threads using the context (one_use). The shutdown of the context waits for
// those.
template <class Threading>
class core_base : public timer_client, public registered
{
public:
  using threading = threading_policy<Threading>;

  core_base(const core_base&) = delete;
  core_base& operator=(const core_base&) = delete;

  // Registers the core with its context. If the context was shut down already,
  // the core counts as shut down.
  void enlist();

  // Adds an executor. Operations may refer to what this returns
  // while the core lives.
  template <class Executor>
  kept_executor<Executor>& add_executor(const Executor& executor);

  // The executor that operations share if its kind is known. Requires that the
  // shutdown of the context waits for this thread.
  const object_executor& get_object_executor() const noexcept
  {
    return object_executor_;
  }

  // Whether an operation on the object's executor may be delivered together
  // with others.
  bool can_batch() const noexcept
  {
    return can_batch_;
  }

  // Whether the context was shut down.
  bool is_shut_down() const noexcept
  {
    return is_shut_down_.load(std::memory_order_relaxed);
  }

  // Calls a function that uses the context, unless the context was shut down.
  template <class Function>
  void use_context(Function function);

  // Asserts that this thread may wait for an operation of the object.
  void check_may_block() const
  {
    BOOST_ASSERT_MSG(!is_submitting(),
                     "toro::blocking in a function that the object calls while "
                     "it submits completions, which would wait for itself");
  }

  // The time. May be called while the context is destroyed.
  deadline::time_point now();

  void set_name(std::string_view name)
  {
    const std::lock_guard lock(mutex_);
    diagnosis_.set_name(name);
  }

  // Gives an ownership a name, or another one.
  void name_ownership(diagnosis::ownership*& ownership, std::string_view how,
                      std::string_view name);

  // Requires lock.
  void restate_ownership_locked(diagnosis::ownership* ownership,
                                std::string_view how) noexcept
  {
    if (ownership)
      diagnosis::restate_ownership(*ownership, how);
  }

  // Requires lock.
  void remove_ownership_locked(diagnosis::ownership* ownership) noexcept
  {
    if (ownership)
      diagnosis_.remove_ownership(*ownership);
  }

protected:
  using mutex_type = typename threading::mutex_type;
  using lock_type = entry_lock<mutex_type>;

  static constexpr deadline::time_point never = deadline_timer::never;

  explicit core_base(boost::asio::execution_context& context)
    : time_(boost::asio::use_service<time_source>(context)),
      registry_(boost::asio::use_service<shutdown_service>(context).objects())
  {
  }

  ~core_base() = default;

  // This thread uses the context without the lock. Owns the core.
  class use : public context_use
  {
  public:
    // Requires lock.
    TORO_DETAIL_FORCEINLINE explicit use(core_base& core) noexcept
      : context_use(&core),
        core_(core)
    {
      core_.owners_.add(one_use);
    }

    TORO_DETAIL_FORCEINLINE ~use()
    {
      core_.disown(is_over() ? one_owner : one_use);
    }

  private:
    core_base& core_;
  };

  // Leaves the submission of operations to a use further up the stack of this
  // thread. Returns false if there is none.
  bool leave_to_outer() const noexcept
  {
    return context_use::leave_to_outer(this);
  }

  bool is_submitting() const noexcept
  {
    return context_use::is_submitting(this);
  }

  void add_owner() noexcept
  {
    owners_.add(one_owner);
  }

  bool try_add_owner() noexcept override
  {
    return owners_.try_add(one_owner);
  }

  void release_owner() noexcept override
  {
    disown(one_owner);
  }

  // Waits for the threads that use the context. Nothing in the core refers to
  // the context afterwards.
  void leave_context() noexcept;

  // Services the timer, for a coming deadline as well. Requires that
  // timer_.start_service() has chosen this thread, and that this thread uses
  // the context.
  void service_timer(deadline::time_point coming);

  // Notes that an operation waits from now on. Does nothing if there is no
  // memory.
  void note_wait(const void* wait, std::string_view name) noexcept;

  mutable mutex_type mutex_;
  diagnosis diagnosis_;

  // Invariant: has the deadlines of the operations that wait, or that a
  // broadcast has granted and that are still to be collected.
  deadline_timer timer_;

  time_source& time_;
  std::shared_ptr<registry> registry_;

  // Invariant: set if the kind of the primitive's executor is known.
  object_executor object_executor_;

  // Changed under the lock.
  std::atomic<bool> is_shut_down_ = false;

private:
  // Destroys the values of users that no operation will get any more.
  virtual void destroy_contents() noexcept = 0;

  // Destroys the core as the type that it was made as. Called by free_memory().
  virtual void destroy_core() noexcept = 0;

  using count_type = typename threading::count_type;

  // What an owner adds to the count, and an owner that uses the context.
  static constexpr typename count_type::value_type one_owner = 1;
  static constexpr typename count_type::value_type one_use =
      one_owner + (std::uint64_t(1) << 32);

  // Whether a thread uses the context.
  bool is_in_use() const noexcept
  {
    return owners_.read() >= one_use;
  }

  TORO_DETAIL_FORCEINLINE void
  disown(typename count_type::value_type amount) noexcept
  {
    if (owners_.subtract(amount))
      end();
  }

  // The last owner is gone. No thread can enter any more, but a timer handler
  // may still try to.
  BOOST_NOINLINE void end() noexcept
  {
    {
      // An executor that owns its context ends the context here.
      const context_use ending(this);
      timer_.drop();
      object_executor_.drop();
      executors_.drop();
      // Order: before the values of users, which may end the context. The
      // shutdown of the context waits until the core is removed.
      registry_->remove(*this);
    }
    destroy_contents();
    free_memory();
  }

  bool ending_in_this_thread() const noexcept override
  {
    return context_use::is_used_by_this_thread(this);
  }

  void keep_memory() noexcept override
  {
    memory_owners_.add(1);
  }

  void free_memory() noexcept override
  {
    if (memory_owners_.subtract(1))
      destroy_core();
  }

  bool running_in_this_thread() const noexcept override
  {
    return threading::is_shared || time_.runs_all_here() ||
           executors_.first().running_in_this_thread();
  }

  void carry_out(const deadline_timer::step& step);
  void post_check(const any_kept_executor& executor, wake_id number);

  kept_executors executors_;

  embedded_memory<96> check_memory_;

  // Whether operations may share a delivery, since the executor runs one
  // function at a time.
  bool can_batch_ = false;

  // How many may enter, and how many keep the memory.
  // Invariant: all owners together are one memory owner.
  count_type owners_{0};
  count_type memory_owners_{1};
};

} // namespace toro::detail

#include <toro/detail/core/core_base_members.hpp>

#endif // TORO_DETAIL_CORE_CORE_BASE_HPP
