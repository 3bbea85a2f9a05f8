// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/core/registry.hpp>
#include <toro/detail/diagnosis.hpp>

#include <cstddef>
#include <thread>
#include <vector>

namespace toro::detail {

namespace {

struct release
{
  void operator()(registered* object) const noexcept
  {
    object->release_owner();
  }
};

using holder = std::unique_ptr<registered, release>;

} // namespace

void yield() noexcept
{
  std::this_thread::yield();
}

std::shared_ptr<registry> registry::make()
{
  return std::make_shared<registry>();
}

bool registry::add(registered& object)
{
  const std::lock_guard lock(mutex_);
  if (closed_)
    return false;
  objects_.push_back(object);
  object.diagnostics_enabled_.store(diagnostics_enabled_,
                                    std::memory_order_relaxed);
  return true;
}

void registry::enable_diagnostics(bool on) noexcept
{
  const std::lock_guard lock(mutex_);
  diagnostics_enabled_ = on;
  for (registered& object : objects_)
    object.diagnostics_enabled_.store(on, std::memory_order_relaxed);
}

void registry::unregister(registered& object) noexcept
{
  const std::lock_guard lock(mutex_);
  object.unregistered_ = true;
}

void registry::inspect(dump_text& out)
{
  std::vector<holder> held;
  std::size_t elsewhere = 0;
  {
    const std::lock_guard lock(mutex_);
    held.reserve(objects_.size());
    for (registered& object : objects_)
    {
      if (object.unregistered_)
        continue;
      if (!object.running_in_this_thread())
        ++elsewhere;
      else if (object.try_add_owner())
        held.emplace_back(&object);
    }
  }
  for (const holder& object : held)
    object->inspect(out);
  out.elsewhere(elsewhere);
}

void registry::remove(registered& object) noexcept
{
  const std::lock_guard lock(mutex_);
  if (object.is_linked())
    objects_.erase(objects_.iterator_to(object));
}

void registry::shut_down() noexcept
{
  for (;;)
  {
    bool is_done = false;
    if (registered* const object = next(is_done))
    {
      object->shut_down();
      object->release_owner();
    }
    else if (is_done)
    {
      return;
    }
    else
    {
      yield();
    }
  }
}

registered* registry::next(bool& is_done) noexcept
{
  const std::lock_guard lock(mutex_);
  closed_ = true;
  is_done = true;
  for (registered& object : objects_)
  {
    if (object.try_add_owner())
    {
      objects_.erase(objects_.iterator_to(object));
      return &object;
    }
    is_done = is_done && object.ending_in_this_thread();
  }
  return nullptr;
}

} // namespace toro::detail
