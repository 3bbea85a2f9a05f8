// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_DETAIL_ENGINE_HPP
#define TORO_TESTING_DETAIL_ENGINE_HPP

#include <toro/deadline.hpp>
#include <toro/testing/detail/ready_list.hpp>
#include <toro/testing/schedule.hpp>

#include <toro/detail/deadline/deadline_set.hpp>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <ostream>
#include <thread>
#include <type_traits>
#include <utility>

namespace toro::testing::detail {

// Implementation notes
//
// The part of a simulation that knows nothing of Asio: the functions that are
// ready, the clock, the alarms, and the loop that runs all of it.
//
// A function is ready, or it waits in a strand for those before it. An alarm
// that is due makes functions ready. Time moves only if nothing is ready.
//
// Everything runs in one thread. Functions from other threads are kept apart
// and never run; their arrival ends the loop with an exception.

class engine;
class strand_line;

// A function that runs once.
class task
{
public:
  // Ends the task in any case.
  virtual void run() = 0;
  virtual void destroy() noexcept = 0;

protected:
  // Virtual for the compilers that warn of friends, who could call it.
  virtual ~task() = default;

private:
  friend class engine;
  friend class strand_line;

  task* next_ = nullptr;
  boost::intrusive_ptr<strand_line> line_;
};

template <class Function>
class task_of final : public task
{
public:
  template <class Source>
  explicit task_of(Source&& source)
    : function_(std::forward<Source>(source))
  {
  }

  void run() override
  {
    // Order: the memory is free when the function is called.
    Function function = take();
    std::move(function)();
  }

  void destroy() noexcept override
  {
    delete this;
  }

private:
  ~task_of() = default;

  Function take()
  {
    struct deletion
    {
      ~deletion()
      {
        delete self;
      }

      task_of* self;
    };
    const deletion at_end{this};
    return Function(std::move(function_));
  }

  Function function_;
};

// The functions of one strand, of which only the first is ready.
class strand_line
{
public:
  // Whether one of its functions runs now.
  bool is_running() const noexcept
  {
    return running_;
  }

  friend void intrusive_ptr_add_ref(strand_line* line) noexcept
  {
    line->owners_.fetch_add(1, std::memory_order_relaxed);
  }

  friend void intrusive_ptr_release(strand_line* line) noexcept
  {
    if (line->owners_.fetch_sub(1, std::memory_order_acq_rel) == 1)
      delete line;
  }

private:
  friend class engine;

  // Executors may be copied in other threads.
  std::atomic<std::size_t> owners_{0};

  task* first_ = nullptr;
  task* last_ = nullptr;
  bool running_ = false;
};

using strand_pointer = boost::intrusive_ptr<strand_line>;

// What is due at an instant: the wake-up of a timer, or an operation of the kit
// that waits.
class alarm : public toro::detail::deadline_entry,
              public boost::intrusive::list_base_hook<>
{
public:
  using time_point = toro::deadline::time_point;

  explicit alarm(engine& owner) noexcept
    : owner_(owner)
  {
  }

  // Sets the alarm, or sets it anew. An alarm that is never due is listed all
  // the same.
  void arm(time_point when) noexcept;
  void disarm() noexcept;

  bool is_armed() const noexcept
  {
    return is_linked();
  }

  engine& owner() const noexcept
  {
    return owner_;
  }

  // Is due. The alarm is no longer set. If this throws, it may be gone.
  virtual void ring() = 0;

  // The simulation ends. The alarm is no longer set.
  virtual void abandon() noexcept = 0;

  // A line for a dump, or nothing.
  virtual void describe(std::ostream& out) const = 0;

protected:
  // Virtual for the same reason.
  virtual ~alarm()
  {
    disarm();
  }

private:
  friend class engine;

  engine& owner_;
};

class engine
{
public:
  using time_point = toro::deadline::time_point;
  using duration = toro::deadline::duration;

  explicit engine(schedule rule)
    : schedule_(std::move(rule))
  {
  }

  ~engine()
  {
    end();
  }

  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  time_point now() const noexcept
  {
    return now_;
  }

  bool is_own_thread() const noexcept
  {
    return std::this_thread::get_id() == thread_;
  }

  // Whether a function of this strand, or any if it is null, runs now in this
  // thread.
  bool is_running(const strand_line* line) const noexcept
  {
    return is_own_thread() && (line ? line->is_running() : depth_ != 0);
  }

  // Takes a function. From another thread, it is kept until the end.
  template <class Function>
  void submit(Function&& function, const strand_pointer& line)
  {
    using task_type = task_of<std::decay_t<Function>>;
    const bool is_own = is_own_thread();
    if (is_own)
      make_room();
    task& added = *new task_type(std::forward<Function>(function));
    if (is_own)
      add(added, line);
    else
      add_from_elsewhere(added);
  }

  void work_started() noexcept
  {
    work_.fetch_add(1, std::memory_order_relaxed);
  }

  void work_finished() noexcept
  {
    work_.fetch_sub(1, std::memory_order_relaxed);
  }

  std::size_t work() const noexcept
  {
    return work_.load(std::memory_order_relaxed);
  }

  // Runs what is ready, and returns how many functions that were. The others
  // move time as well: to each alarm, or to each until a time point.
  std::size_t poll();
  std::size_t run();
  std::size_t run_until(time_point end);

  void advance_to(time_point when) noexcept;

  void hold_time(bool on) noexcept
  {
    time_held_ = on;
  }

  // Whether nothing is ready, nothing will be, and something waits for it.
  bool is_stuck() const noexcept
  {
    return ready_.empty() && alarms_.earliest() == never && work() != 0;
  }

  // Whether the last call of a function that runs handlers ended like that.
  bool ended_stuck() const noexcept
  {
    return ended_stuck_;
  }

  // Whether a function that runs handlers was called.
  bool was_run() const noexcept
  {
    return was_run_;
  }

  std::size_t handlers() const noexcept
  {
    return handlers_;
  }

  bool has_ready() const noexcept
  {
    return !ready_.empty();
  }

  void limit_handlers(std::size_t at_one_instant) noexcept
  {
    limit_ = at_one_instant;
  }

  const schedule& decisions() const noexcept
  {
    return schedule_;
  }

  // The n-th call from now of count_call() throws injected_failure.
  void fail_call(std::size_t n) noexcept
  {
    failing_ = n;
    failed_ = false;
  }

  bool has_failed() const noexcept
  {
    return failed_;
  }

  // A call of the simulation's executor or allocator in its thread.
  void count_call()
  {
    if (failing_ != 0)
      count_down();
  }

  void describe_waits(std::ostream& out) const;

  // Destroys all functions, and those that are submitted from now on.
  void end() noexcept;

  bool has_ended() const noexcept
  {
    return ended_;
  }

private:
  friend class alarm;

  class running;

  static constexpr time_point never = toro::detail::deadline_set::never;

  using alarm_list =
      boost::intrusive::list<alarm,
                             boost::intrusive::constant_time_size<false>>;

  // Counts the call, and ensures that add() does not throw.
  void make_room()
  {
    count_call();
    ready_.make_room(tasks_ + 1);
  }

  void add(task& added, const strand_pointer& line) noexcept;
  void add_from_elsewhere(task& added) noexcept;
  bool run_one();
  void ring_due();
  bool jump(time_point limit) noexcept;
  std::size_t end_of_run(std::size_t count) noexcept;
  task* take_any() noexcept;
  void count_down();
  [[noreturn]] void report_other_thread();
  [[noreturn]] void report_loop() const;

  const std::thread::id thread_ = std::this_thread::get_id();
  schedule schedule_;

  ready_list ready_;

  // How many functions there are, in ready_ and in strands.
  std::size_t tasks_ = 0;

  time_point now_ = time_point(std::chrono::hours(24));
  toro::detail::deadline_set alarms_;
  alarm_list listed_;

  // How many functions run, one inside the other.
  std::size_t depth_ = 0;

  std::size_t handlers_ = 0;
  std::size_t at_this_instant_ = 0;
  std::size_t limit_ = 1'000'000;
  std::size_t failing_ = 0;
  bool failed_ = false;
  bool time_held_ = false;
  bool was_run_ = false;
  bool ended_stuck_ = false;
  bool ended_ = false;

  std::atomic<std::size_t> work_ = 0;

  // Functions from other threads, newest first.
  std::atomic<task*> from_elsewhere_ = nullptr;
};

} // namespace toro::testing::detail

#endif // TORO_TESTING_DETAIL_ENGINE_HPP
