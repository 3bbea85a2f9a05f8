// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_SIMULATION_HPP
#define TORO_TESTING_SIMULATION_HPP

#include <toro/deadline.hpp>
#include <toro/diagnostics.hpp>
#include <toro/testing/detail/engine.hpp>
#include <toro/testing/detail/simulated_time.hpp>
#include <toro/testing/failure.hpp>
#include <toro/testing/schedule.hpp>

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

namespace toro::testing {

namespace detail {

class trial;

} // namespace detail

/// An execution context with virtual time, for tests.
/**
 * Takes the place of an @c io_context: programs run on its executor unchanged,
 * in one thread, without sleeping. Time stands still while handlers are ready,
 * and then jumps to the next deadline. So hours take milliseconds, and the same
 * program has the same history in each run.
 *
 * The deadlines of this library and of testing::timer are on virtual time. A
 * timer, a socket or a resolver of Asio must not be used: it runs in real time
 * in a thread of Asio's own. run() does not wait for that thread, so stuck() is
 * true afterwards; once the thread has submitted a handler, the next call of
 * run() throws. An object that is never used does no harm.
 *
 * The history depends on the program and the schedule only, unless the program
 * depends on addresses, on the order of a hash table, on a real clock, on other
 * threads, or on an order of evaluation that C++ leaves open.
 *
 * @par Schedules
 * A simulation without a seed runs ready handlers in the order of their
 * submission, as an @c io_context does. One with a seed selects among them by
 * the seed. Deadlines of one instant are ready together. A function in an @c
 * asio::strand is not a handler of its own: the strand runs several in one. The
 * strands of make_strand() schedule each.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Unsafe. All calls belong to the thread that made it.
 *
 * @par Destruction and Shutdown
 * As that of an @c io_context: handlers that have not run are destroyed. Timers
 * and pipes may outlive it.
 *
 * @par Example
 * For example:
 * @code
 * toro::testing::simulation simulation;
 * toro::event done(simulation);
 * bool late = false;
 * done.async_wait(std::chrono::hours(1),
 *                 [&](boost::system::error_code ec)
 *                 {
 *                   late = ec == boost::asio::error::timed_out;
 *                 });
 * simulation.run();
 * assert(late);
 * @endcode
 *
 * @sa explore, explore_all, timer, pipe
 */
class TORO_DETAIL_VISIBLE simulation : public boost::asio::execution_context
{
public:
  class executor_type;
  template <class T>
  class basic_allocator;

  /// The allocator of the simulation, whose calls can be made to fail.
  using allocator_type = basic_allocator<void>;

  /// The clock of virtual time.
  using clock_type = deadline::clock_type;

  /// A point in virtual time.
  using time_point = deadline::time_point;

  /// The resolution of virtual time.
  using duration = deadline::duration;

  /// Constructs a simulation that runs handlers in the order of submission.
  simulation()
    : simulation(detail::schedule())
  {
  }

  /// Constructs a simulation that selects ready handlers by a seed.
  /**
   * @param seed The seed. The same one makes the same selections with every
   * compiler.
   */
  explicit simulation(std::uint64_t seed)
    : simulation(detail::schedule(seed))
  {
  }

  /// Constructs a simulation that replays a schedule.
  /**
   * @param schedule The decisions, as the message of a failure prints them.
   */
  explicit simulation(choices schedule)
    : simulation(detail::schedule(std::move(schedule), 0))
  {
  }

  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;

  /// Destroys the handlers that have not run.
  ~simulation()
  {
    // Order: as in Asio's contexts, services learn of the end first.
    shutdown();
    engine_->end();
    destroy();
  }

  /// Get the executor.
  /**
   * @returns An executor that satisfies what an @c any_io_executor requires. It
   * dispatches inside of handlers, as that of an @c io_context does.
   */
  executor_type get_executor() noexcept;

  /// Make a strand whose functions are scheduled one by one.
  /**
   * @returns An executor of the same type. Its functions run in the order of
   * their submission, never one inside another. Functions of other executors
   * run between any two of them.
   */
  executor_type make_strand();

  /// Get the allocator.
  /**
   * @returns An allocator that takes memory from the heap, and whose calls
   * fail_call() counts.
   */
  allocator_type get_allocator() const noexcept;

  /// Run all handlers, and move time from deadline to deadline.
  /**
   * Ends when nothing is ready and nothing is due, or if time is held, when
   * nothing is ready. If operations still wait then, stuck() is true. A program
   * with a periodic timer never ends: use run_for().
   *
   * @returns How many handlers have run.
   *
   * @throws std::logic_error if another thread has submitted work.
   * @throws std::runtime_error if too many handlers run at one instant; see
   * limit_handlers().
   * @throws schedule_mismatch if a replay differs.
   * @throws Any exception of a handler. The call can be repeated.
   */
  std::size_t run()
  {
    return noting_stuck(engine_->run());
  }

  /// Run handlers for a time.
  /**
   * Runs what is due until then, the end included, and leaves the clock at the
   * end. Also if time is held.
   *
   * @param time How long. Unit: the clock's ticks.
   *
   * @returns How many handlers have run.
   *
   * @throws As run().
   */
  std::size_t run_for(deadline time)
  {
    return noting_stuck(engine_->run_until(time.resolve(now())));
  }

  /// Run the handlers that are ready, without moving time.
  /**
   * @returns How many handlers have run, with those that others made ready.
   *
   * @throws As run().
   */
  std::size_t poll()
  {
    return noting_stuck(engine_->poll());
  }

  /// Run as run() does, and throw if operations still wait.
  /**
   * @returns How many handlers have run.
   *
   * @throws stuck_error if stuck() is true at the end.
   * @throws As run().
   */
  std::size_t run_to_completion()
  {
    const std::size_t count = run();
    if (stuck())
      throw stuck_error(stuck_text());
    return count;
  }

  /// Move time without running handlers.
  /**
   * What falls due is ready afterwards. In a handler this stands for work that
   * takes time.
   *
   * @param time How far.
   */
  void advance(deadline time) noexcept
  {
    engine_->advance_to(time.resolve(now()));
  }

  /// Get the virtual time.
  /**
   * @returns The time, which begins at the same point in each simulation.
   */
  time_point now() const noexcept
  {
    return engine_->now();
  }

  /// Let time pass by advance() and run_for() only.
  /**
   * @param on Whether run() leaves time where it is.
   */
  void hold_time(bool on = true) noexcept
  {
    engine_->hold_time(on);
  }

  /// Tell whether operations wait for nothing.
  /**
   * @returns True if nothing is ready and nothing is due, but outstanding work
   * is left: a deadlock, a lost notification, or a forgotten work guard.
   */
  bool stuck() const noexcept
  {
    return engine_->is_stuck();
  }

  /// Get how many handlers have run.
  /**
   * @returns The number since the construction.
   */
  std::size_t handlers() const noexcept
  {
    return engine_->handlers();
  }

  /// Write what waits, and since when.
  /**
   * Writes the primitives of this library as toro::dump() does, with the
   * diagnostics on, then the timers and pipes that wait.
   *
   * @param out The stream.
   */
  void dump(std::ostream& out);

  /// Limit how many handlers may run at one instant.
  /**
   * A larger number is taken for a loop of handlers that are always ready,
   * which would run forever.
   *
   * @param at_one_instant The number. It is 1 000 000 unless it is set.
   */
  void limit_handlers(std::size_t at_one_instant) noexcept
  {
    engine_->limit_handlers(at_one_instant);
  }

  /// Make a call of the executor or the allocator fail.
  /**
   * Counts the submissions to the executor, of its strands as well, and the
   * allocations by get_allocator(). One of them throws injected_failure.
   *
   * @param n Which call from now on, counted from 1; 0 for none.
   *
   * @sa for_each_failure
   */
  void fail_call(std::size_t n) noexcept
  {
    engine_->fail_call(n);
  }

  /// Tell whether the call that fail_call() selected has failed.
  /**
   * @returns True after it has thrown.
   */
  bool has_failed() const noexcept
  {
    return engine_->has_failed();
  }

private:
  friend class detail::trial;

  explicit simulation(detail::schedule rule)
    : engine_(std::make_shared<detail::engine>(std::move(rule))),
      time_(*engine_)
  {
    boost::asio::make_service<detail::engine_service>(*this, engine_);
    boost::asio::make_service<toro::detail::time_source>(*this, time_);
    toro::enable_diagnostics(*this);
  }

  std::size_t noting_stuck(std::size_t count)
  {
    if (keeps_stuck_text_ && engine_->ended_stuck())
      last_stuck_text_ = stuck_text();
    return count;
  }

  std::string stuck_text()
  {
    std::ostringstream out;
    out << "nothing is ready and nothing is due, but operations wait "
           "(outstanding work: "
        << engine_->work() << "; what is of Asio's own is not shown):\n";
    dump(out);
    std::string text = std::move(out).str();
    // The text ends a sentence of others.
    text.pop_back();
    return text;
  }

  // Shared with timers and pipes, which may outlive the context.
  const std::shared_ptr<detail::engine> engine_;
  detail::simulated_time time_;

  // The text of the last run that ended stuck, which an exploration asks for
  // when all objects are gone.
  bool keeps_stuck_text_ = false;
  std::string last_stuck_text_;
};

/// The executor of a simulation, or one of its strands.
class TORO_DETAIL_VISIBLE simulation::executor_type
{
public:
  /// Copies the executor. A copy with tracked work tracks work as well.
  /**
   * @param other The executor to copy.
   */
  executor_type(const executor_type& other) noexcept
    : executor_type(*other.context_, other.line_, other.may_run_inside_,
                    other.tracks_work_)
  {
  }

  /// Assigns another executor.
  /**
   * @param other The executor to copy.
   *
   * @returns This executor.
   */
  executor_type& operator=(executor_type other) noexcept
  {
    std::swap(context_, other.context_);
    line_.swap(other.line_);
    std::swap(may_run_inside_, other.may_run_inside_);
    std::swap(tracks_work_, other.tracks_work_);
    return *this;
  }

  /// Ends the work that this copy tracks.
  ~executor_type()
  {
    if (tracks_work_)
      context_->engine_->work_finished();
  }

  /// Get the simulation.
  /**
   * @returns The simulation.
   */
  simulation& query(boost::asio::execution::context_t) const noexcept
  {
    return *context_;
  }

  /// Tell whether a function may run inside execute().
  /**
   * @returns The property's value.
   */
  boost::asio::execution::blocking_t
  query(boost::asio::execution::blocking_t) const noexcept
  {
    if (may_run_inside_)
      return boost::asio::execution::blocking.possibly;
    return boost::asio::execution::blocking.never;
  }

  /// Tell whether this copy tracks work.
  /**
   * @returns The property's value.
   */
  boost::asio::execution::outstanding_work_t
  query(boost::asio::execution::outstanding_work_t) const noexcept
  {
    if (tracks_work_)
      return boost::asio::execution::outstanding_work.tracked;
    return boost::asio::execution::outstanding_work.untracked;
  }

  /// Get an executor that never runs a function inside execute().
  /**
   * @returns The executor.
   */
  executor_type
  require(boost::asio::execution::blocking_t::never_t) const noexcept
  {
    return {*context_, line_, false, tracks_work_};
  }

  /// Get an executor that runs a function inside of a handler at once.
  /**
   * @returns The executor.
   */
  executor_type
  require(boost::asio::execution::blocking_t::possibly_t) const noexcept
  {
    return {*context_, line_, true, tracks_work_};
  }

  /// Get an executor that tracks work.
  /**
   * @returns The executor.
   */
  executor_type
  require(boost::asio::execution::outstanding_work_t::tracked_t) const noexcept
  {
    return {*context_, line_, may_run_inside_, true};
  }

  /// Get an executor that does not track work.
  /**
   * @returns The executor.
   */
  executor_type require(
      boost::asio::execution::outstanding_work_t::untracked_t) const noexcept
  {
    return {*context_, line_, may_run_inside_, false};
  }

  /// Run a function, later or inside of this call.
  /**
   * @param function The function, called once without arguments.
   *
   * @throws injected_failure if a test makes this call fail, or any exception
   * of the function if it runs inside of this call.
   */
  template <class Function>
  void execute(Function&& function) const
  {
    if (may_run_inside_ && context_->engine_->is_running(line_.get()))
    {
      std::decay_t<Function> local(std::forward<Function>(function));
      std::move(local)();
      return;
    }
    context_->engine_->submit(std::forward<Function>(function), line_);
  }

  /// Tell whether a function of this executor calls this.
  /**
   * @returns True inside of a function that this executor, or its strand, runs.
   */
  bool running_in_this_thread() const noexcept
  {
    return context_->engine_->is_running(line_.get());
  }

  /// Compare two executors.
  friend bool operator==(const executor_type& a,
                         const executor_type& b) noexcept
  {
    return a.context_ == b.context_ && a.line_ == b.line_ &&
           a.may_run_inside_ == b.may_run_inside_;
  }

private:
  friend class simulation;

  executor_type(simulation& context, detail::strand_pointer line,
                bool may_run_inside, bool tracks_work) noexcept
    : context_(&context),
      line_(std::move(line)),
      may_run_inside_(may_run_inside),
      tracks_work_(tracks_work)
  {
    if (tracks_work_)
      context_->engine_->work_started();
  }

  simulation* context_;

  // Null unless it is a strand.
  detail::strand_pointer line_;

  bool may_run_inside_;
  bool tracks_work_;
};

/// An allocator whose calls a simulation can make fail.
/**
 * @sa simulation::get_allocator, simulation::fail_call
 */
template <class T>
class TORO_DETAIL_VISIBLE simulation::basic_allocator
{
public:
  /// The type of the objects.
  using value_type = T;

  /// The allocator of another type.
  template <class U>
  struct rebind
  {
    /// The type.
    using other = basic_allocator<U>;
  };

  /// Converts the allocator of another type.
  /**
   * @param other The allocator.
   */
  template <class U>
  basic_allocator(const basic_allocator<U>& other) noexcept
    : engine_(other.engine_)
  {
  }

  /// Allocate memory.
  /**
   * @param count For how many objects.
   *
   * @returns The memory.
   *
   * @throws injected_failure if a test makes this call fail.
   */
  T* allocate(std::size_t count)
  {
    engine_->count_call();
    return std::allocator<T>().allocate(count);
  }

  /// Free memory.
  /**
   * @param memory The memory.
   *
   * @param count For how many objects it was allocated.
   */
  void deallocate(T* memory, std::size_t count) noexcept
  {
    std::allocator<T>().deallocate(memory, count);
  }

  /// Compare two allocators.
  template <class U>
  friend bool operator==(const basic_allocator& a,
                         const basic_allocator<U>& b) noexcept
  {
    return a.engine_ == b.engine_;
  }

private:
  friend class simulation;
  template <class U>
  friend class basic_allocator;

  explicit basic_allocator(std::shared_ptr<detail::engine> owner) noexcept
    : engine_(std::move(owner))
  {
  }

  // Owned, since memory may be freed after the simulation.
  std::shared_ptr<detail::engine> engine_;
};

inline simulation::executor_type simulation::get_executor() noexcept
{
  return {*this, nullptr, true, false};
}

inline simulation::executor_type simulation::make_strand()
{
  return {*this, detail::strand_pointer(new detail::strand_line), true, false};
}

inline simulation::allocator_type simulation::get_allocator() const noexcept
{
  return allocator_type(engine_);
}

inline void simulation::dump(std::ostream& out)
{
  toro::dump(*this, out);
  engine_->describe_waits(out);
}

} // namespace toro::testing

#include <toro/testing/explore.hpp>

#endif // TORO_TESTING_SIMULATION_HPP
