// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_MANUAL_CLOCK_HPP
#define TORO_TESTING_MANUAL_CLOCK_HPP

#include <toro/deadline.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/deadline/deadline_set.hpp>
#include <toro/detail/deadline/time_source.hpp>
#include <toro/detail/executor/posting.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/prefer.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

namespace toro::testing {

namespace detail {

// The time of a manual_clock, and the alarms of the primitives. Shared by the
// clock, its context and the alarms.
class manual_alarms final : public toro::detail::manual_time,
                            public std::enable_shared_from_this<manual_alarms>
{
public:
  using time_point = toro::deadline::time_point;

  time_point now() override
  {
    const std::lock_guard lock(mutex_);
    return now_;
  }

  // Moves time, and posts the wake-ups that fall due, the earliest first.
  void advance(toro::deadline by)
  {
    std::unique_lock lock(mutex_);
    const time_point then = by.resolve(now_);
    if (then != time_point::max() && then > now_)
      now_ = then;
    while (auto* const due = static_cast<alarm*>(set_.pop_due(now_)))
    {
      std::unique_ptr<wake_up> next = due->take();
      lock.unlock();
      next->post();
      next.reset();
      lock.lock();
    }
  }

  std::unique_ptr<toro::detail::client_timer>
  make_timer(const boost::asio::any_io_executor& executor) override
  {
    return std::make_unique<alarm>(shared_from_this(), executor);
  }

private:
  // A call that is due, and the executor that it is outstanding work of.
  class wake_up
  {
  public:
    wake_up(boost::asio::any_io_executor work,
            toro::detail::timer_handler call) noexcept
      : work_(std::move(work)),
        call_(std::move(call))
    {
    }

    void post()
    {
      toro::detail::post_on(work_, std::move(call_), std::allocator<void>());
    }

  private:
    boost::asio::any_io_executor work_;
    toro::detail::timer_handler call_;
  };

  class alarm final : public toro::detail::client_timer,
                      public toro::detail::deadline_entry
  {
  public:
    alarm(std::shared_ptr<manual_alarms> owner,
          const boost::asio::any_io_executor& executor)
      : owner_(std::move(owner)),
        executor_(executor)
    {
    }

    ~alarm() override
    {
      unset();
    }

    void set(time_point when, toro::detail::timer_handler call) override
    {
      // Order: what is replaced ends without the lock.
      auto next = std::make_unique<wake_up>(
          boost::asio::prefer(executor_,
                              boost::asio::execution::outstanding_work.tracked),
          std::move(call));
      const std::lock_guard lock(owner_->mutex_);
      if (next_)
        owner_->set_.erase(*this);
      expiry = when;
      owner_->set_.insert(*this);
      next_.swap(next);
    }

    void unset() noexcept override
    {
      // Order: what is dropped ends without the lock.
      std::unique_ptr<wake_up> dropped;
      const std::lock_guard lock(owner_->mutex_);
      if (next_)
        owner_->set_.erase(*this);
      dropped.swap(next_);
    }

    // Requires lock.
    std::unique_ptr<wake_up> take() noexcept
    {
      return std::move(next_);
    }

  private:
    const std::shared_ptr<manual_alarms> owner_;
    const boost::asio::any_io_executor executor_;
    std::unique_ptr<wake_up> next_;
  };

  std::mutex mutex_;
  time_point now_ = time_point(std::chrono::hours(24));
  toro::detail::deadline_set set_;
};

// Keeps the time as long as the context, which refers to it.
class TORO_DETAIL_VISIBLE manual_alarms_service final
  : public boost::asio::execution_context::service
{
public:
  using key_type = manual_alarms_service;

  inline static boost::asio::execution_context::id id;

  // Asio can make a service without arguments.
  explicit manual_alarms_service(boost::asio::execution_context& context)
    : service(context)
  {
  }

  manual_alarms_service(boost::asio::execution_context& context,
                        std::shared_ptr<manual_alarms> kept) noexcept
    : service(context),
      kept_(std::move(kept))
  {
  }

private:
  void shutdown() override
  {
  }

  std::shared_ptr<manual_alarms> kept_;
};

} // namespace detail

/// The clock of this library's deadlines in an @c io_context, moved by hand.
/**
 * For tests of programs that need sockets or threads, and so cannot run in a
 * simulation. It moves the deadlines of this library only: the timers of Asio
 * go on in real time.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe.
 *
 * @par Example
 * For example:
 * @code
 * boost::asio::io_context context;
 * toro::testing::manual_clock clock(context);
 * toro::event done(context);
 * bool late = false;
 * done.async_wait(std::chrono::hours(1),
 *                 [&](boost::system::error_code ec)
 *                 {
 *                   late = ec == boost::asio::error::timed_out;
 *                 });
 * context.poll();
 * clock.advance(std::chrono::hours(1));
 * context.run();
 * assert(late);
 * @endcode
 *
 * @sa simulation
 */
class TORO_DETAIL_VISIBLE manual_clock
{
public:
  /// A point in the time of the clock.
  using time_point = deadline::time_point;

  /// The resolution of the clock.
  using duration = deadline::duration;

  /// Constructs the clock of a context.
  /**
   * The clock and the context may be destroyed in any order.
   *
   * @param context The context, which has no primitive yet.
   *
   * @throws boost::asio::service_already_exists if the context has had a
   * primitive, or a clock.
   */
  explicit manual_clock(boost::asio::execution_context& context)
    : alarms_(std::make_shared<detail::manual_alarms>())
  {
    boost::asio::make_service<detail::manual_alarms_service>(context, alarms_);
    boost::asio::make_service<toro::detail::time_source>(context, *alarms_);
  }

  manual_clock(const manual_clock&) = delete;
  manual_clock& operator=(const manual_clock&) = delete;

  /// Get the time.
  /**
   * @returns The time, which stands still between two calls of advance().
   */
  time_point now() const
  {
    return alarms_->now();
  }

  /// Move the time, and post what is due.
  /**
   * The waits expire when the context runs.
   *
   * @param time How far.
   */
  void advance(deadline time)
  {
    alarms_->advance(time);
  }

private:
  const std::shared_ptr<detail::manual_alarms> alarms_;
};

} // namespace toro::testing

#endif // TORO_TESTING_MANUAL_CLOCK_HPP
