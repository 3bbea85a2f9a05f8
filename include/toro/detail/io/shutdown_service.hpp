// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_SHUTDOWN_SERVICE_HPP
#define TORO_DETAIL_IO_SHUTDOWN_SERVICE_HPP

#include <toro/detail/diagnosis.hpp>
#include <toro/detail/io/compat.hpp>

#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace toro::detail {

// An object that ends with its execution context.
class registered : public boost::intrusive::list_base_hook<
                       boost::intrusive::link_mode<boost::intrusive::safe_link>>
{
public:
  // Keeps the object alive; false where it is being destroyed.
  virtual bool try_hold() noexcept = 0;
  virtual void let_go() noexcept = 0;

  // The context is going: destroys all pending handlers un-invoked.
  virtual void shut_down() noexcept = 0;

  // Whether this thread may look at the object, and hold it.
  virtual bool is_here() const noexcept = 0;

  virtual void inspect(dump_text& out) const = 0;

  // Whether diagnostics are on.
  bool is_watched() const noexcept
  {
    return watched_.load(std::memory_order_relaxed);
  }

protected:
  ~registered() = default;

private:
  friend class registry;

  std::atomic<bool> watched_ = false;

  // Guarded by the registry: whether the object is gone for its users, and is
  // not to be asked where it is.
  bool hidden_ = false;
};

// The objects of one context. Shared with them, since an object that dies in
// another thread while the context does has to find the mutex.
class registry
{
public:
  // Returns false where the context has been shut down.
  bool add(registered& object)
  {
    const std::lock_guard lock(mutex_);
    if (closed_)
      return false;
    objects_.push_back(object);
    object.watched_.store(watching_, std::memory_order_relaxed);
    return true;
  }

  // Turns the diagnostics of all objects on or off.
  void watch(bool on) noexcept
  {
    const std::lock_guard lock(mutex_);
    watching_ = on;
    for (registered& object : objects_)
      object.watched_.store(on, std::memory_order_relaxed);
  }

  // Keeps an object from being looked at.
  void hide(registered& object) noexcept
  {
    const std::lock_guard lock(mutex_);
    object.hidden_ = true;
  }

  // Writes what is known of all objects, each as it is when its turn comes.
  void inspect(dump_text& out)
  {
    std::vector<holder> held;
    std::size_t elsewhere = 0;
    {
      const std::lock_guard lock(mutex_);
      held.reserve(objects_.size());
      for (registered& object : objects_)
      {
        if (object.hidden_)
          continue;
        if (!object.is_here())
          ++elsewhere;
        else if (object.try_hold())
          held.emplace_back(&object);
      }
    }
    for (const holder& object : held)
      object->inspect(out);
    out.elsewhere(elsewhere);
  }

  void remove(registered& object) noexcept
  {
    const std::lock_guard lock(mutex_);
    if (object.is_linked())
      objects_.erase(objects_.iterator_to(object));
  }

  // Ends all objects, and waits for those that are ending in other threads.
  // Order: one at a time and without the mutex, because the handlers that one
  // object destroys may own other objects.
  void shut_down() noexcept
  {
    for (;;)
    {
      bool is_empty = false;
      if (registered* const object = next(is_empty))
      {
        object->shut_down();
        object->let_go();
      }
      else if (is_empty)
      {
        return;
      }
      else
      {
        std::this_thread::yield();
      }
    }
  }

private:
  struct release
  {
    void operator()(registered* object) const noexcept
    {
      object->let_go();
    }
  };

  using holder = std::unique_ptr<registered, release>;

  registered* next(bool& is_empty) noexcept
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    is_empty = objects_.empty();
    for (registered& object : objects_)
    {
      if (!object.try_hold())
        continue;
      objects_.erase(objects_.iterator_to(object));
      return &object;
    }
    return nullptr;
  }

  system_mutex mutex_;
  boost::intrusive::list<registered,
                         boost::intrusive::constant_time_size<false>>
      objects_;
  bool closed_ = false;
  bool watching_ = false;
};

// Tells a context's objects that it is being destroyed. Without it a handler
// that owns the object it waits on would never be destroyed, and operations
// would give work back to executors that are gone.
class shutdown_service final : public boost::asio::execution_context::service
{
public:
  using key_type = shutdown_service;

  inline static boost::asio::execution_context::id id;

  explicit shutdown_service(boost::asio::execution_context& context)
    : service(context),
      registry_(std::make_shared<registry>())
  {
  }

  // A service that comes into being during the shutdown is not shut down.
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

// The same, made after the first timer and so shut down before Asio's reactor,
// which must not be touched from then on.
class reactor_shutdown_service final
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

private:
  void shutdown() override
  {
    registry_->shut_down();
  }

  std::shared_ptr<registry> registry_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_IO_SHUTDOWN_SERVICE_HPP
