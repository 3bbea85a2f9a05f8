// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_DETAIL_SIMULATED_TIME_HPP
#define TORO_TESTING_DETAIL_SIMULATED_TIME_HPP

#include <toro/testing/detail/engine.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/deadline/time_source.hpp>
#include <toro/detail/executor/posting.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/query.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace toro::testing::detail {

// How the primitives of a simulation get the time and their timers.
class simulated_time final : public toro::detail::manual_time
{
public:
  explicit simulated_time(engine& owner) noexcept
    : owner_(owner)
  {
  }

  toro::deadline::time_point now() override
  {
    return owner_.now();
  }

  bool runs_all_here() const noexcept override
  {
    return owner_.is_own_thread();
  }

  std::unique_ptr<toro::detail::client_timer>
  make_timer(const boost::asio::any_io_executor& executor) override
  {
    return std::make_unique<wake_up>(owner_, executor);
  }

private:
  // The wake-up is a handler of its own, so that it can be early or late among
  // those of the same instant.
  class wake_up final : public toro::detail::client_timer, public alarm
  {
  public:
    wake_up(engine& owner, const boost::asio::any_io_executor& executor)
      : alarm(owner),
        executor_(executor)
    {
    }

    void set(toro::deadline::time_point when,
             toro::detail::timer_handler call) override
    {
      call_.emplace(std::move(call));
      arm(when);
    }

    void unset() noexcept override
    {
      disarm();
      call_.reset();
    }

  private:
    void ring() override
    {
      toro::detail::post_on(executor_, *std::exchange(call_, std::nullopt),
                            std::allocator<void>());
    }

    void abandon() noexcept override
    {
      call_.reset();
    }

    // The primitive shows its waits.
    void describe(std::ostream&) const override
    {
    }

    const boost::asio::any_io_executor executor_;
    std::optional<toro::detail::timer_handler> call_;
  };

  engine& owner_;
};

// Leads from the context of an executor to the engine.
class TORO_DETAIL_VISIBLE engine_service final
  : public boost::asio::execution_context::service
{
public:
  using key_type = engine_service;

  inline static boost::asio::execution_context::id id;

  // Asio can make a service without arguments.
  explicit engine_service(boost::asio::execution_context& context)
    : service(context)
  {
  }

  engine_service(boost::asio::execution_context& context,
                 std::shared_ptr<engine> owner) noexcept
    : service(context),
      owner_(std::move(owner))
  {
  }

  const std::shared_ptr<engine>& owner() const noexcept
  {
    return owner_;
  }

private:
  void shutdown() override
  {
  }

  std::shared_ptr<engine> owner_;
};

// The engine of the simulation that an executor belongs to. Throws
// std::invalid_argument if it is no simulation.
template <class Executor>
std::shared_ptr<engine> engine_of(const Executor& executor)
{
  boost::asio::execution_context& context =
      boost::asio::query(executor, boost::asio::execution::context);
  if (!boost::asio::has_service<engine_service>(context))
    throw std::invalid_argument(
        "the executor belongs to no toro::testing::simulation");
  return boost::asio::use_service<engine_service>(context).owner();
}

} // namespace toro::testing::detail

#endif // TORO_TESTING_DETAIL_SIMULATED_TIME_HPP
