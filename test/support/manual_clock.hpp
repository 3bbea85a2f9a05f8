// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_MANUAL_CLOCK_HPP
#define TORO_TEST_SUPPORT_MANUAL_CLOCK_HPP

#include <toro/detail/deadline/time_source.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "support/faults.hpp"

namespace toro_test {

// Time that stands still until a test moves it. Install it in a context before
// the first primitive is made there; it has to outlive the context.
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
    return now_;
  }

  // Moves time and posts the wake-ups that fall due, the earliest first.
  void advance(duration by)
  {
    now_ += by;
    while (alarm* next = first_due())
      next->ring();
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
    std::size_t count = 0;
    for (const alarm* a : alarms_)
      count += a->call_.has_value();
    return count;
  }

private:
  class alarm final : public toro::detail::client_timer
  {
  public:
    alarm(manual_clock& clock, const boost::asio::any_io_executor& executor)
      : clock_(clock),
        executor_(executor)
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
      when_ = when;
      call_.reset();
      call_.emplace(std::move(call));
      work_ = boost::asio::prefer(
          executor_, boost::asio::execution::outstanding_work_t::tracked);
    }

    void unset() noexcept override
    {
      call_.reset();
      work_ = {};
    }

    void ring()
    {
      toro::detail::timer_handler call = std::move(*call_);
      call_.reset();
      boost::asio::post(executor_, std::move(call));
      work_ = {};
    }

    manual_clock& clock_;
    boost::asio::any_io_executor executor_;
    boost::asio::any_io_executor work_;
    time_point when_;
    std::optional<toro::detail::timer_handler> call_;
  };

  std::unique_ptr<toro::detail::client_timer>
  make_timer(const boost::asio::any_io_executor& executor) override
  {
    faults.call(failing::alarm);
    return std::make_unique<alarm>(*this, executor);
  }

  alarm* first_due()
  {
    alarm* first = nullptr;
    for (alarm* a : alarms_)
    {
      if (a->call_ && a->when_ <= now_ && (!first || a->when_ < first->when_))
        first = a;
    }
    return first;
  }

  time_point now_ = time_point(std::chrono::hours(1));
  std::size_t readings_ = 0;
  std::size_t settings_ = 0;
  std::vector<alarm*> alarms_;
};

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_MANUAL_CLOCK_HPP
