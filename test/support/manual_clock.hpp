// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_MANUAL_CLOCK_HPP
#define TORO_TEST_SUPPORT_MANUAL_CLOCK_HPP

#include <toro/testing/manual_clock.hpp>

#include <toro/detail/deadline/time_source.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "support/faults.hpp"

namespace toro_test {

// The clock of the test kit, for the tests that count what the library asks of
// it, or make an alarm fail. Install it in a context before the first primitive
// is made there; it has to outlive the context.
class manual_clock : public toro::detail::manual_time
{
public:
  using time_point = toro::deadline::time_point;
  using duration = toro::deadline::duration;

  manual_clock() = default;
  manual_clock(const manual_clock&) = delete;
  manual_clock& operator=(const manual_clock&) = delete;

  void install(boost::asio::execution_context& context)
  {
    boost::asio::make_service<toro::detail::time_source>(context, *this);
  }

  time_point now() override
  {
    ++readings_;
    return time_->now() - set_back_;
  }

  // Moves time and posts the wake-ups that fall due, the earliest first.
  void advance(duration by)
  {
    time_->advance(by);
    const time_point now = time_->now();
    for (alarm* a : alarms_)
      a->is_set_ = a->is_set_ && a->when_ > now;
  }

  // Moves time back. What was set before comes as late as without that.
  void set_back(duration by)
  {
    set_back_ += by;
  }

  // How often the library has asked for the time.
  std::size_t readings() const
  {
    return readings_;
  }

  // How often the library has set an alarm.
  std::size_t settings() const
  {
    return settings_;
  }

  // How many alarms the library has made and not destroyed.
  std::size_t alarms() const
  {
    return alarms_.size();
  }

  // How many of them are set.
  std::size_t pending() const
  {
    return static_cast<std::size_t>(std::ranges::count_if(alarms_,
                                                          [](const alarm* a)
                                                          {
                                                            return a->is_set_;
                                                          }));
  }

private:
  class alarm final : public toro::detail::client_timer
  {
  public:
    alarm(manual_clock& clock, std::unique_ptr<client_timer> timer)
      : clock_(clock),
        timer_(std::move(timer))
    {
      clock_.alarms_.push_back(this);
    }

    ~alarm() override
    {
      std::erase(clock_.alarms_, this);
    }

    void set(time_point when, toro::detail::timer_handler call) override
    {
      faults.call(failing::alarm);
      ++clock_.settings_;
      when_ = when + clock_.set_back_;
      timer_->set(when_, std::move(call));
      is_set_ = true;
    }

    void unset() noexcept override
    {
      timer_->unset();
      is_set_ = false;
    }

    manual_clock& clock_;
    std::unique_ptr<client_timer> timer_;
    time_point when_;
    bool is_set_ = false;
  };

  std::unique_ptr<toro::detail::client_timer>
  make_timer(const boost::asio::any_io_executor& executor) override
  {
    faults.call(failing::alarm);
    return std::make_unique<alarm>(*this, time_->make_timer(executor));
  }

  const std::shared_ptr<toro::testing::detail::manual_alarms> time_ =
      std::make_shared<toro::testing::detail::manual_alarms>();
  duration set_back_ = duration::zero();
  std::size_t readings_ = 0;
  std::size_t settings_ = 0;
  std::vector<alarm*> alarms_;
};

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_MANUAL_CLOCK_HPP
