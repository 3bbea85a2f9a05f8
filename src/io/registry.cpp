// SPDX-License-Identifier: BSL-1.0
#include <toro/detail/diagnosis.hpp>
#include <toro/detail/io/registry.hpp>
#include <toro/detail/io/yield.hpp>

#include <cstddef>
#include <vector>

namespace toro::detail {

namespace {

struct release
{
  void operator()(registered* object) const noexcept
  {
    object->let_go();
  }
};

using holder = std::unique_ptr<registered, release>;

} // namespace

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
  object.watched_.store(watching_, std::memory_order_relaxed);
  return true;
}

void registry::watch(bool on) noexcept
{
  const std::lock_guard lock(mutex_);
  watching_ = on;
  for (registered& object : objects_)
    object.watched_.store(on, std::memory_order_relaxed);
}

void registry::hide(registered& object) noexcept
{
  const std::lock_guard lock(mutex_);
  object.hidden_ = true;
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
      object->let_go();
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
    if (object.try_hold())
    {
      objects_.erase(objects_.iterator_to(object));
      return &object;
    }
    is_done = is_done && object.ends_here();
  }
  return nullptr;
}

} // namespace toro::detail
