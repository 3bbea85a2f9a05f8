// SPDX-License-Identifier: BSL-1.0

#include "measure.hpp"

#include <algorithm>
#include <vector>

#include "workloads.hpp"

namespace bench {

namespace {

constexpr std::size_t posts = 50'000;
constexpr double sample_nanoseconds = 10e6;
constexpr std::size_t most_operations = 20'000'000;

// What is below this cannot be told from nothing.
constexpr double noise = 0.1;

// What a trial allocates once, shared among its operations, is no more.
constexpr double few_allocations = 0.005;

struct sample
{
  double value = 0;
  double nanoseconds = 0;
  counts used;
  counts used_by_base;
};

trial run(const procedure& work, std::size_t operations)
{
  trial t(operations);
  work(t);
  return t;
}

double time_of(const procedure& work, std::size_t operations)
{
  return run(work, operations).nanoseconds_per_operation();
}

std::size_t calibrated(const row& what)
{
  std::size_t operations = whole_batches(what, 100);
  for (;;)
  {
    const double one = time_of(what.run, operations);
    const double all = one * static_cast<double>(operations);
    if (all > sample_nanoseconds / 10 || operations >= most_operations)
    {
      const auto wanted = static_cast<std::size_t>(
          std::min(sample_nanoseconds / std::max(one, 0.1),
                   static_cast<double>(most_operations)));
      return whole_batches(what, wanted);
    }
    operations = whole_batches(what, operations * 8);
  }
}

// A sample in the unit of its row.
double value_of(const row& what, const trial& own, const trial& base,
                double post)
{
  const double time = own.nanoseconds_per_operation();
  const double base_time = base.nanoseconds_per_operation();
  switch (what.what.told_in)
  {
  case unit::nanoseconds:
    return time;
  case unit::posts_beyond:
    return (time - base_time) / post;
  case unit::times_base:
    return time / base_time;
  case unit::bytes:
    return static_cast<double>(own.used().heap) /
           static_cast<double>(own.operations());
  case unit::posts:
    break;
  }
  return time / post;
}

sample taken(const row& what, std::size_t operations)
{
  const double before = time_of(bare_post, posts);
  const trial base = what.base ? run(what.base, operations) : trial(operations);
  const trial own = run(what.run, operations);
  const double after = time_of(bare_post, posts);
  return {value_of(what, own, base, (before + after) / 2),
          own.nanoseconds_per_operation(), own.used(), base.used()};
}

double median(std::vector<sample>& samples, double sample::*of)
{
  const auto middle =
      samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
  std::ranges::nth_element(samples, middle, {}, of);
  return (*middle).*of;
}

void summarise(std::vector<sample>& samples, figures& f)
{
  const auto [least, most] = std::ranges::minmax(samples, {}, &sample::value);
  f.least = least.value;
  f.most = most.value;
  f.median = median(samples, &sample::value);
  f.nanoseconds = median(samples, &sample::nanoseconds);
}

void divide(const counts& used, const counts& by_base, std::size_t operations,
            figures& f)
{
  const auto per = [&](std::int64_t count)
  {
    return static_cast<double>(count) / static_cast<double>(operations);
  };
  f.allocations_per = per(used.allocations);
  f.base_allocations_per = per(by_base.allocations);
  f.requested_bytes_per = per(used.requested);
  f.heap_bytes_per = per(used.heap);
  f.epoll_waits_per = per(used.epoll_waits);
  f.timer_sets_per = per(used.timer_sets);
}

// A target is reached without allocations, unless the row allows some or counts
// bytes.
bool is_reached(const row& what, const figures& is)
{
  const unit in = what.what.told_in;
  const double tolerated = in == unit::posts_beyond ? noise : 0;
  const std::optional<double>& beyond_base = what.what.at_most.allocations;
  const double allowed =
      beyond_base ? is.base_allocations_per + *beyond_base : 0;
  return is.median <= *what.target() + tolerated &&
         (in == unit::bytes || is.allocations_per < allowed + few_allocations);
}

} // namespace

std::size_t whole_batches(const row& what, std::size_t wanted)
{
  const std::size_t batch = what.what.batch;
  return std::max<std::size_t>((wanted + batch - 1) / batch, 1) * batch;
}

figures measure(const row& what, effort how)
{
  figures f;
  f.operations =
      how.operations ? whole_batches(what, *how.operations) : calibrated(what);

  std::vector<sample> samples;
  counts used;
  counts used_by_base;
  for (std::size_t i = 0; i != how.samples; ++i)
  {
    samples.push_back(taken(what, f.operations));
    used += samples.back().used;
    used_by_base += samples.back().used_by_base;
  }

  summarise(samples, f);
  divide(used, used_by_base, f.operations * how.samples, f);
  if (what.target())
    f.reached = is_reached(what, f);
  return f;
}

} // namespace bench
