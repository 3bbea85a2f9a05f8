// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_DEADLINE_TIME_SOURCE_HPP
#define TORO_DETAIL_DEADLINE_TIME_SOURCE_HPP

#include <toro/deadline.hpp>

#include <toro/detail/config.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/wait_traits.hpp>
#include <boost/system/error_code.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace toro::detail {

// An object that a timer calls, and that may have ended by then.
class timer_client
{
public:
  // Which wake-up is due. The client chooses the numbers.
  using wake_id = std::uint64_t;

  // That of a thread that sees to a deadline itself. No timer has it.
  static constexpr wake_id of_thread = ~wake_id();

  // Requires that the memory of the client is there, which a timer_handler
  // ensures. The client itself may have ended.
  virtual void on_timer(wake_id number) noexcept = 0;

  virtual void keep_memory() noexcept = 0;
  virtual void free_memory() noexcept = 0;

protected:
  ~timer_client() = default;
};

// A later call of timer_client::on_timer. It keeps the memory of the client,
// but not the client.
class timer_handler
{
public:
  timer_handler(timer_client& whom, timer_client::wake_id number) noexcept
    : whom_(&whom),
      number_(number)
  {
    whom.keep_memory();
  }

  timer_handler(timer_handler&& other) noexcept
    : whom_(std::exchange(other.whom_, nullptr)),
      number_(other.number_)
  {
  }

  ~timer_handler()
  {
    if (whom_)
      whom_->free_memory();
  }

  void operator()() noexcept
  {
    whom_->on_timer(number_);
  }

private:
  timer_client* whom_;
  timer_client::wake_id number_;
};

// A timer of one client. Not thread-safe.
class client_timer
{
public:
  virtual ~client_timer() = default;

  // Replaces the previous wake-up, which may still come if it was due.
  virtual void set(deadline::time_point when, timer_handler call) = 0;

  // Drops the wake-up, which may still come if it was due.
  virtual void unset() noexcept = 0;
};

// A replacement for the steady clock and its timers, for tests.
class manual_time
{
public:
  virtual deadline::time_point now() = 0;

  virtual std::unique_ptr<client_timer>
  make_timer(const boost::asio::any_io_executor& executor) = 0;

  // Whether this thread runs everything that uses the context, one function at
  // a time.
  virtual bool runs_all_here() const noexcept
  {
    return false;
  }

protected:
  ~manual_time() = default;
};

// The clock of a context. All primitives get the time and their timers from it.
// A program gets the steady clock. A test that moves time by hand makes the
// service with its own source before any other.
class TORO_DETAIL_VISIBLE time_source final
  : public boost::asio::execution_context::service
{
public:
  using key_type = time_source;

  inline static boost::asio::execution_context::id id;

  explicit time_source(boost::asio::execution_context& context)
    : service(context)
  {
  }

  // The source has to outlive the context.
  time_source(boost::asio::execution_context& context, manual_time& manual)
    : service(context),
      manual_(&manual)
  {
  }

  deadline::time_point now()
  {
    return manual_ ? manual_->now() : deadline::clock_type::now();
  }

  bool runs_all_here() const noexcept
  {
    return manual_ && manual_->runs_all_here();
  }

  // Why a template: a file that only includes this does not compile the timer.
  template <class Executor>
  std::unique_ptr<client_timer> make_timer(const Executor& executor)
  {
    if (manual_)
      return manual_->make_timer(executor);
    return std::make_unique<steady_client_timer<Executor>>(executor);
  }

private:
  template <class Executor>
  class steady_client_timer final : public client_timer
  {
  public:
    explicit steady_client_timer(const Executor& executor)
      : timer_(executor)
    {
    }

    void set(deadline::time_point when, timer_handler call) override
    {
      timer_.expires_at(when);
      timer_.async_wait(
          [call = std::move(call)](boost::system::error_code ec) mutable
          {
            if (!ec)
              call();
          });
    }

    void unset() noexcept override
    {
      // Safety: cancelling does not fail on any platform that Asio supports.
      timer_.cancel();
    }

  private:
    boost::asio::basic_waitable_timer<
        deadline::clock_type, boost::asio::wait_traits<deadline::clock_type>,
        Executor>
        timer_;
  };

  void shutdown() override
  {
  }

  manual_time* manual_ = nullptr;
};

} // namespace toro::detail

#endif // TORO_DETAIL_DEADLINE_TIME_SOURCE_HPP
