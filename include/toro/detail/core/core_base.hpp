// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_CORE_BASE_HPP
#define TORO_DETAIL_CORE_CORE_BASE_HPP

#include <toro/detail/core/context_use.hpp>
#include <toro/detail/core/shutdown_service.hpp>
#include <toro/detail/core/threading_policy.hpp>
#include <toro/detail/deadline/deadline_timer.hpp>
#include <toro/detail/deadline/time_source.hpp>
#include <toro/detail/diagnosis.hpp>
#include <toro/detail/executor/embedded_memory.hpp>
#include <toro/detail/executor/executor_slot.hpp>
#include <toro/detail/executor/object_executor.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/config.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

namespace toro::detail {

// Implementation notes
//
// What is shared of a primitive whatever its rules: memory that owners are
// counted for, a part of an execution context, a lock, a timer, and what is
// noted for dumps.
//
// Two counts: owners may enter, holders of memory find it. All owners together
// are one holder; the timer's handler and the posted check are others, which
// become owners if there still are any. Some owners are threads that use the
// context, for which its end waits.
template <class Threading>
class core_base : public timer_client, public registered
{
public:
  using threading = threading_policy<Threading>;

  core_base(const core_base&) = delete;
  core_base& operator=(const core_base&) = delete;

  // Makes the core known to its context, which may be shut down already.
  void enlist();

  // Adds an executor that an operation may refer to while the core lives.
  template <class Executor>
  executor_slot<Executor>& add_executor(const Executor& executor);

  // Where operations complete that have no executor to themselves. Not for
  // threads that the context does not wait for.
  const object_executor& get_object_executor() const noexcept
  {
    return object_executor_;
  }

  // Whether an operation on the executor of the core may be delivered together
  // with others.
  bool can_batch() const noexcept
  {
    return can_batch_;
  }

  // Whether the context was shut down.
  bool is_inert() const noexcept
  {
    return inert_.load(std::memory_order_relaxed);
  }

  // Calls a function that uses the context, unless the context was shut down.
  template <class Function>
  void use_context(Function function);

  // The time, for what may be called beside the end of the context.
  deadline::time_point now();

  void set_name(std::string_view name)
  {
    const std::lock_guard lock(mutex_);
    diagnosis_.set_name(name);
  }

  // Gives a hold a name, or another one.
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

  static constexpr deadline::time_point never = deadline_timer::never;

  explicit core_base(boost::asio::execution_context& context)
    : time_(boost::asio::use_service<time_source>(context)),
      registry_(boost::asio::use_service<shutdown_service>(context).objects())
  {
  }

  ~core_base() = default;

  // A use of the context by this thread without the lock. It owns the core.
  class use : public context_use
  {
  public:
    // Requires lock.
    BOOST_FORCEINLINE explicit use(core_base& core) noexcept
      : context_use(&core),
        core_(core)
    {
      core_.owners_.add(one_use);
    }

    BOOST_FORCEINLINE ~use()
    {
      core_.disown(is_over() ? one_owner : one_use);
    }

  private:
    core_base& core_;
  };

  // Leaves what is to be submitted to a submission of this thread further up.
  // Returns false if there is none.
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

  // Waits for those who use the context, and refers to nothing of it any more.
  void leave_context() noexcept;

  // Looks after the timer, also for a deadline that is to come. Requires that
  // this thread was told to tend, and uses the context.
  void service_timer(deadline::time_point coming);
  void service_timer_quietly() noexcept;

  // Notes since when an operation waits, if memory is there.
  void note_wait(const void* wait, std::string_view name) noexcept;

  mutable mutex_type mutex_;
  diagnosis diagnosis_;

  // Invariant: has the deadlines of the waiting operations.
  deadline_timer timer_;

  time_source& time_;
  std::shared_ptr<registry> registry_;

  // Invariant: the executor where it is known.
  object_executor object_executor_;

  // Changed under the lock.
  std::atomic<bool> inert_ = false;

private:
  // Destroys the values of users that nobody will get any more.
  virtual void destroy_contents() noexcept = 0;

  // The destructor is that of a type derived from this one, by free_memory().
  virtual void destroy_core() noexcept = 0;

  using count_type = typename threading::count_type;

  // What an owner counts for, and one that uses the context.
  static constexpr typename count_type::value_type one_owner = 1;
  static constexpr typename count_type::value_type one_use =
      one_owner + (std::uint64_t(1) << 32);

  // Whether a thread uses the context.
  bool is_in_use() const noexcept
  {
    return owners_.read() >= one_use;
  }

  BOOST_FORCEINLINE void disown(typename count_type::value_type amount) noexcept
  {
    if (owners_.subtract(amount))
      end();
  }

  // Nobody can enter any more; a timer may still look for someone to wake.
  BOOST_NOINLINE void end() noexcept
  {
    {
      // An executor that owns its context ends it here.
      const context_use ending(this);
      timer_.drop();
      object_executor_.drop();
      executors_.drop();
      // Order: the context waits for this. What users left may end the context.
      registry_->remove(*this);
    }
    destroy_contents();
    free_memory();
  }

  bool ending_in_this_thread() const noexcept override
  {
    return context_use::running_in_this_thread(this);
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
    return threading::is_shared || executors_.first().running_in_this_thread();
  }

  void post_check(const any_executor_slot& executor, wake_id number);

  executor_slots executors_;

  embedded_memory<96> check_memory_;

  // Whether deliveries may be shared, since the executor runs one function at a
  // time.
  bool can_batch_ = false;

  // Who may enter, and who may find the memory: all owners count as one holder.
  count_type owners_{0};
  count_type memory_owners_{1};
};

} // namespace toro::detail

#include <toro/detail/core/core_base_members.hpp>

#endif // TORO_DETAIL_CORE_CORE_BASE_HPP
