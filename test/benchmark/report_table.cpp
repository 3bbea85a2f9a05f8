// SPDX-License-Identifier: BSL-1.0

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <ostream>
#include <sstream>

#include "report.hpp"

namespace bench {

namespace {

// Three digits that count, as far as figures like these go.
std::string shown(double value)
{
  const double size = std::abs(value);
  std::ostringstream text;
  text << std::fixed
       << std::setprecision(size < 10    ? 2
                            : size < 100 ? 1
                                         : 0)
       << value;
  return text.str();
}

std::string shown_unless_zero(double value)
{
  return value < 0.005 ? "." : shown(value);
}

std::string verdict(const result& line)
{
  if (!line.is.reached)
    return "";
  return "<= " + shown(*line.what.target()) +
         (*line.is.reached ? "  reached" : "  MISSED");
}

} // namespace

std::string title_of(const std::string& workload)
{
  static constexpr std::pair<const char*, const char*> titles[] = {
      {"W0", "the parts"},
      {"W1", "acquire and release what is free"},
      {"W2", "pass a lock on, which is held for one post"},
      {"W3", "put into a queue and get from it"},
      {"W4", "wake all who wait, each of them"},
      {"W5", "deadlines"},
      {"W6", "two threads"},
      {"W7", "cancel one wait and wait again"},
      {"W8", "select among two operations"},
      {"W9", "start coroutines and wait for their ends"},
      {"W10", "an item for many subscriptions"},
  };
  const auto* const found = std::ranges::find(
      titles, workload, &std::pair<const char*, const char*>::first);
  return found == std::end(titles) ? "" : found->second;
}

const char* name_of(unit u) noexcept
{
  switch (u)
  {
  case unit::nanoseconds:
    return "ns";
  case unit::posts_beyond:
    return "posts more";
  case unit::times_base:
    return "times";
  case unit::bytes:
    return "bytes";
  case unit::posts:
    break;
  }
  return "posts";
}

void table::write_heading(const work& what)
{
  if (what.workload != workload_)
    out_ << "\n\n"
         << what.workload << ": " << title_of(what.workload) << "\n\n"
         << std::left << std::setw(22) << "" << std::right << std::setw(9)
         << "median"
         << "  " << std::left << std::setw(10) << "" << std::right
         << std::setw(8) << "min" << std::setw(8) << "max" << std::setw(9)
         << "ns" << std::setw(8) << "allocs" << std::setw(8) << "bytes"
         << std::setw(8) << "heap" << std::setw(8) << "epoll" << std::setw(8)
         << "timerfd" << std::setw(9) << "instr"
         << "  target\n";
  if (what.workload != workload_ || what.variant != variant_)
    out_ << what.variant << '\n';
  workload_ = what.workload;
  variant_ = what.variant;
}

void table::write(const result& line)
{
  write_heading(line.what.what);
  const figures& is = line.is;
  out_ << "  " << std::left << std::setw(20) << name_of(line.what.who)
       << std::right << std::setw(9) << shown(is.median) << "  " << std::left
       << std::setw(10) << name_of(line.what.what.told_in) << std::right
       << std::setw(8) << shown(is.least) << std::setw(8) << shown(is.most)
       << std::setw(9) << shown(is.nanoseconds);
  for (const double per :
       {is.allocations_per, is.requested_bytes_per, is.heap_bytes_per,
        is.epoll_waits_per, is.timer_sets_per})
    out_ << std::setw(8) << shown_unless_zero(per);
  out_ << std::setw(9)
       << (is.instructions_per ? shown(*is.instructions_per) : "") << "  "
       << verdict(line) << '\n'
       << std::flush;
}

void table::write_summary(const results& all)
{
  const auto has_target = [](const result& r)
  {
    return r.is.reached.has_value();
  };
  const auto missed = [](const result& r)
  {
    return r.is.reached && !*r.is.reached;
  };
  const auto of = std::ranges::count_if(all, has_target);
  const auto not_reached = std::ranges::count_if(all, missed);
  out_ << "\n\n" << of - not_reached << " of " << of << " targets reached\n";
  for (const result& r : all)
    if (missed(r))
      out_ << "  missed: " << r.what.name() << ": " << shown(r.is.median)
           << " with " << shown(r.is.allocations_per)
           << " allocations, instead of " << shown(*r.what.target()) << '\n';
}

} // namespace bench
