// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_SHUTDOWN_SERVICE_HPP
#define TORO_DETAIL_CORE_SHUTDOWN_SERVICE_HPP

#include <toro/detail/config.hpp>
#include <toro/detail/core/registry.hpp>

#include <boost/asio/execution_context.hpp>

#include <atomic>
#include <memory>

namespace toro::detail {

// Tells the objects of a context that it is being destroyed. Without it a
// handler that owns the object it waits on would never be destroyed, and
// operations would end outstanding work on executors that are gone.
class TORO_DETAIL_VISIBLE shutdown_service final
  : public boost::asio::execution_context::service
{
public:
  using key_type = shutdown_service;

  inline static boost::asio::execution_context::id id;

  explicit shutdown_service(boost::asio::execution_context& context)
    : service(context),
      registry_(registry::make())
  {
  }

  // A service that is made during the shutdown is not shut down.
  ~shutdown_service() override
  {
    registry_->shut_down();
  }

  const std::shared_ptr<registry>& objects() const noexcept
  {
    return registry_;
  }

private:
  void shutdown() override
  {
    registry_->shut_down();
  }

  std::shared_ptr<registry> registry_;
};

// The same, but made after the first timer, and so shut down before Asio's
// reactor. The reactor must not be used from then on.
class TORO_DETAIL_VISIBLE reactor_shutdown_service final
  : public boost::asio::execution_context::service
{
public:
  using key_type = reactor_shutdown_service;

  inline static boost::asio::execution_context::id id;

  explicit reactor_shutdown_service(boost::asio::execution_context& context)
    : service(context),
      registry_(boost::asio::use_service<shutdown_service>(context).objects())
  {
  }

  // One that is made during the shutdown is not shut down. The service of the
  // timer was made before it, and is destroyed after it.
  ~reactor_shutdown_service() override
  {
    if (belongs_to_context_.load(std::memory_order_relaxed))
      registry_->shut_down();
  }

  // Makes one, unless the context has one. If several threads do this at the
  // same time, each of them makes one, and Asio destroys all but the first.
  static void make_in(boost::asio::execution_context& context)
  {
    boost::asio::use_service<reactor_shutdown_service>(context)
        .belongs_to_context_.store(true, std::memory_order_relaxed);
  }

private:
  void shutdown() override
  {
    registry_->shut_down();
  }

  std::shared_ptr<registry> registry_;
  std::atomic<bool> belongs_to_context_ = false;
};

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_SHUTDOWN_SERVICE_HPP
