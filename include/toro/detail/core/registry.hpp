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

// Lets other threads run. Why not inline: <thread> is long.
void yield() noexcept;

// An object that ends with its execution context.
class registered : public boost::intrusive::list_base_hook<
                       boost::intrusive::link_mode<boost::intrusive::safe_link>>
{
public:
  // Keeps the object alive. Returns false if the object is being destroyed.
  virtual bool try_add_owner() noexcept = 0;
  virtual void release_owner() noexcept = 0;

  // The context is destroyed: destroys all pending handlers un-invoked.
  virtual void shut_down() noexcept = 0;

  // Whether this thread may inspect and own the object.
  virtual bool running_in_this_thread() const noexcept = 0;

  // Whether this thread is destroying the object. Requires that try_add_owner()
  // has failed.
  virtual bool ending_in_this_thread() const noexcept = 0;

  virtual void inspect(dump_text& out) const = 0;

  // Whether diagnostics are on.
  bool diagnostics_enabled() const noexcept
  {
    return diagnostics_enabled_.load(std::memory_order_relaxed);
  }

protected:
  // No object is destroyed through this type. Virtual all the same, since
  // friends could do so, and compilers warn about that (-Wnon-virtual-dtor).
  virtual ~registered() = default;

private:
  friend class registry;

  std::atomic<bool> diagnostics_enabled_ = false;

  // Whether the primitive is gone, so that running_in_this_thread() must not be
  // called any more. Guarded by the registry.
  bool unregistered_ = false;
};

// The objects of one context. Shared with them: an object may end in another
// thread while the context is destroyed, and still needs the mutex.
class registry
{
public:
  static std::shared_ptr<registry> make();

  // Returns false if the context has been shut down.
  bool add(registered& object);

  // Turns the diagnostics of all objects on or off.
  void enable_diagnostics(bool on) noexcept;

  // The object will not be inspected any more.
  void unregister(registered& object) noexcept;

  // Writes what is known of all objects, each at the moment of its turn.
  void inspect(dump_text& out);

  void remove(registered& object) noexcept;

  // Shuts down all objects, and waits for those that end in other threads. An
  // object that is ending in this thread continues when this returns.
  // Order: one at a time and without the mutex, since the handlers that one
  // object destroys may own other objects.
  void shut_down() noexcept;

private:
  registered* next(bool& is_done) noexcept;

  // Why not Asio's mutex: that depends on how Asio is configured, which the
  // library does not know.
  std::mutex mutex_;

  boost::intrusive::list<registered,
                         boost::intrusive::constant_time_size<false>>
      objects_;
  bool closed_ = false;
  bool diagnostics_enabled_ = false;
};

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_REGISTRY_HPP
