// SPDX-License-Identifier: BSL-1.0
#include <toro/testing/detail/engine.hpp>
#include <toro/testing/failure.hpp>

#include <stdexcept>
#include <string>

namespace toro::testing::detail {

// A function runs. Afterwards the next one of its strand is ready.
class engine::running
{
public:
  running(engine& owner, strand_pointer line) noexcept
    : owner_(owner),
      line_(std::move(line))
  {
    ++owner_.depth_;
    if (line_)
      line_->running_ = true;
  }

  running(const running&) = delete;
  running& operator=(const running&) = delete;

  ~running()
  {
    --owner_.depth_;
    if (!line_)
      return;
    line_->running_ = false;
    if (line_->first_)
      owner_.ready_.add(*line_->first_);
  }

private:
  engine& owner_;
  const strand_pointer line_;
};

void alarm::arm(time_point when) noexcept
{
  disarm();
  expiry = when;
  owner_.alarms_.insert(*this);
  owner_.listed_.push_back(*this);
}

void alarm::disarm() noexcept
{
  if (!is_armed())
    return;
  owner_.alarms_.erase(*this);
  owner_.listed_.erase(owner_.listed_.iterator_to(*this));
}

void engine::add(task& added, const strand_pointer& line) noexcept
{
  if (ended_)
  {
    added.destroy();
    return;
  }
  ++tasks_;
  if (!line)
  {
    ready_.add(added);
    return;
  }
  added.line_ = line;
  const bool is_first = !line->first_;
  (is_first ? line->first_ : line->last_->next_) = &added;
  line->last_ = &added;
  if (is_first && !line->running_)
    ready_.add(added);
}

void engine::add_from_elsewhere(task& added) noexcept
{
  added.next_ = from_elsewhere_.load(std::memory_order_relaxed);
  while (!from_elsewhere_.compare_exchange_weak(added.next_, &added,
                                                std::memory_order_release,
                                                std::memory_order_relaxed))
  {
  }
}

// Runs the function that the schedule selects. Returns false if none is ready.
bool engine::run_one()
{
  if (from_elsewhere_.load(std::memory_order_relaxed))
    report_other_thread();
  ring_due();
  if (ready_.empty())
    return false;
  if (at_this_instant_ == limit_)
    report_loop();
  task& next = ready_.take(schedule_.choose(ready_.size()));
  --tasks_;
  strand_pointer line = std::move(next.line_);
  if (line)
    line->first_ = next.next_;
  ++at_this_instant_;
  ++handlers_;
  ended_stuck_ = false;
  const running here(*this, std::move(line));
  next.run();
  return true;
}

void engine::ring_due()
{
  // What the kit does for itself is not made to fail.
  struct suspension
  {
    ~suspension()
    {
      place = failing;
    }

    std::size_t& place;
    const std::size_t failing = std::exchange(place, 0);
  };
  if (alarms_.earliest() > now_)
    return;
  const suspension here{failing_};
  while (auto* const due = static_cast<alarm*>(alarms_.pop_due(now_)))
  {
    listed_.erase(listed_.iterator_to(*due));
    due->ring();
  }
}

bool engine::jump(time_point limit) noexcept
{
  const time_point next = alarms_.earliest();
  if (next == never || next > limit)
    return false;
  advance_to(next);
  return true;
}

void engine::advance_to(time_point when) noexcept
{
  if (when <= now_ || when == never)
    return;
  now_ = when;
  at_this_instant_ = 0;
}

std::size_t engine::poll()
{
  was_run_ = true;
  std::size_t count = 0;
  while (run_one())
    ++count;
  return end_of_run(count);
}

std::size_t engine::run()
{
  std::size_t count = poll();
  while (!time_held_ && jump(never))
    count += poll();
  return end_of_run(count);
}

std::size_t engine::run_until(time_point end)
{
  std::size_t count = poll();
  while (jump(end))
    count += poll();
  advance_to(end);
  return end_of_run(count);
}

std::size_t engine::end_of_run(std::size_t count) noexcept
{
  ended_stuck_ = is_stuck();
  return count;
}

void engine::count_down()
{
  if (--failing_ != 0)
    return;
  failed_ = true;
  throw injected_failure();
}

void engine::describe_waits(std::ostream& out) const
{
  for (const alarm& waiting : listed_)
    waiting.describe(out);
}

task* engine::take_any() noexcept
{
  if (task* const other = from_elsewhere_.load(std::memory_order_acquire))
  {
    from_elsewhere_.store(other->next_, std::memory_order_relaxed);
    return other;
  }
  if (ready_.empty())
    return nullptr;
  task& next = ready_.take(0);
  if (const strand_pointer line = std::move(next.line_))
  {
    line->first_ = next.next_;
    if (line->first_)
      ready_.add(*line->first_);
  }
  return &next;
}

void engine::end() noexcept
{
  ended_ = true;
  // Order: the functions may own what waits, and the other way round.
  while (!listed_.empty())
  {
    alarm& waiting = listed_.front();
    waiting.disarm();
    waiting.abandon();
  }
  while (task* const next = take_any())
    next->destroy();
}

void engine::report_other_thread()
{
  throw std::logic_error(
      "toro::testing::simulation: another thread has submitted work. A timer, "
      "a socket or a resolver of Asio runs in real time in a thread of Asio's "
      "own: use toro::testing::timer and toro::testing::pipe in its place. "
      "Threads of the program must not use the simulation either");
}

void engine::report_loop() const
{
  throw std::runtime_error(
      "toro::testing::simulation: " + std::to_string(limit_) +
      " handlers have run at one instant, and " +
      std::to_string(ready_.size()) +
      " are ready: a loop of ready handlers? See limit_handlers()");
}

} // namespace toro::testing::detail
