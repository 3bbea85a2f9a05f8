// SPDX-License-Identifier: BSL-1.0

#include "trial.hpp"

#include <stdexcept>

namespace bench {

void trial::start() noexcept
{
  counts_at_start_ = counted();
  started_ = now();
}

void trial::stop() noexcept
{
  elapsed_ += now() - started_;
  used_ += counted();
  used_ -= counts_at_start_;
}

double trial::nanoseconds_per_operation() const noexcept
{
  return std::chrono::duration<double, std::nano>(elapsed_).count() /
         static_cast<double>(operations_);
}

std::chrono::nanoseconds trial::now() const noexcept
{
  timespec time{};
  ::clock_gettime(clock_, &time);
  return std::chrono::seconds(time.tv_sec) +
         std::chrono::nanoseconds(time.tv_nsec);
}

bool trial::turn() noexcept
{
  switch (phase_)
  {
  case phase::warming_up:
    phase_ = phase::measured;
    left_ = operations_;
    start();
    return true;
  case phase::measured:
    stop();
    phase_ = phase::over;
    break;
  case phase::over:
    break;
  }
  // Whoever else asks turns here again.
  left_ = 1;
  return false;
}

void require(bool done)
{
  if (!done)
    throw std::logic_error("a workload has left out some of its work");
}

} // namespace bench
