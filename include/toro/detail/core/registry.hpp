// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_REGISTRY_HPP
#define TORO_DETAIL_CORE_REGISTRY_HPP

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <atomic>
#include <memory>
#include <mutex>

namespace toro::detail {

class dump_text;

// An object that ends with its execution context.
class registered : public boost::intrusive::list_base_hook<
                       boost::intrusive::link_mode<boost::intrusive::safe_link>>
{
public:
  // Keeps the object alive; false where it is being destroyed.
  virtual bool try_add_owner() noexcept = 0;
  virtual void release_owner() noexcept = 0;

  // The context is going: destroys all pending handlers un-invoked.
  virtual void shut_down() noexcept = 0;

  // Whether this thread may look at the object, and hold it.
  virtual bool running_in_this_thread() const noexcept = 0;

  // Whether this thread is destroying the object.
  virtual bool ending_in_this_thread() const noexcept = 0;

  virtual void inspect(dump_text& out) const = 0;

  // Whether diagnostics are on.
  bool diagnostics_enabled() const noexcept
  {
    return diagnostics_enabled_.load(std::memory_order_relaxed);
  }

protected:
  // Nobody destroys an object by this type. Virtual all the same, since friends
  // could, and compilers warn of that (-Wnon-virtual-dtor).
  virtual ~registered() = default;

private:
  friend class registry;

  std::atomic<bool> diagnostics_enabled_ = false;

  // Guarded by the registry: whether the object is gone for its users, and is
  // not to be asked where it is.
  bool unregistered_ = false;
};

// The objects of one context. Shared with them, since an object that dies in
// another thread while the context does has to find the mutex.
class registry
{
public:
  static std::shared_ptr<registry> make();

  // Returns false where the context has been shut down.
  bool add(registered& object);

  // Turns the diagnostics of all objects on or off.
  void enable_diagnostics(bool on) noexcept;

  // Keeps an object from being looked at.
  void unregister(registered& object) noexcept;

  // Writes what is known of all objects, each as it is when its turn comes.
  void inspect(dump_text& out);

  void remove(registered& object) noexcept;

  // Ends all objects, and waits for those that end in other threads. One that
  // ends in this thread goes on to do so when this returns.
  // Order: one at a time and without the mutex, because the handlers that one
  // object destroys may own other objects.
  void shut_down() noexcept;

private:
  registered* next(bool& is_done) noexcept;

  // The same however Asio is configured, as the library does not know that.
  std::mutex mutex_;

  boost::intrusive::list<registered,
                         boost::intrusive::constant_time_size<false>>
      objects_;
  bool closed_ = false;
  bool diagnostics_enabled_ = false;
};

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_REGISTRY_HPP
