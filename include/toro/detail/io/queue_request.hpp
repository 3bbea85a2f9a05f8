// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_QUEUE_REQUEST_HPP
#define TORO_DETAIL_IO_QUEUE_REQUEST_HPP

#include <toro/detail/io/core.hpp>
#include <toro/detail/io/request.hpp>
#include <toro/detail/state/value_queue_state.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace toro::detail {

// What a handler gets where there may be no value to give.
template <class T>
using delivered =
    std::conditional_t<std::is_default_constructible_v<T>, T, std::optional<T>>;

// Makes a node for a value, of a spare one where there is one.
template <class Core, class T>
auto make_node(Core& block, T&& value)
{
  using node = value_node<std::decay_t<T>>;
  std::unique_ptr<node> n(Core::threading::exchange(
      block.unguarded().free_node(), static_cast<node*>(nullptr)));
  if (!n)
    n = block.update_quietly(
        [](auto& state)
        {
          return state.take_spare();
        });
  if (!n)
    n = std::make_unique<node>();
  n->value.emplace(std::forward<T>(value));
  return n;
}

// Empties a node and keeps it for later.
template <class Core, class Node>
void recycle(Core& block, std::unique_ptr<Node> n) noexcept
{
  n->value.reset();
  n.reset(
      Core::threading::exchange(block.unguarded().free_node(), n.release()));
  if (!n)
    return;
  block.update_quietly(
      [&](auto& state)
      {
        state.keep_spare(n);
      });
}

// The node of an item that has left the queue.
template <class T>
std::unique_ptr<value_node<T>> own_node(item_node* item) noexcept
{
  return std::unique_ptr<value_node<T>>(static_cast<value_node<T>*>(item));
}

template <class T>
class get_request : public request<delivered<T>>
{
public:
  static constexpr const char* name = "queue::async_get";

  static bool start(queue_state& state, queue_waiter& w, bool may_wait) noexcept
  {
    return state.start_get(w, may_wait);
  }

  void take(queue_waiter& w) noexcept
  {
    item_ = std::exchange(w.item, nullptr);
  }

  completion<delivered<T>> complete(auto& block, outcome how)
  {
    if (how != outcome::success)
      return {failure_code(how), delivered<T>()};
    auto n = own_node<T>(item_);
    completion<delivered<T>> result{{}, std::move(*n->value)};
    recycle(*block, std::move(n));
    return result;
  }

private:
  // Invariant: owned by the operation once it was granted for good.
  item_node* item_ = nullptr;
};

// A put whose item has a node. The operation owns it unless the put succeeds.
template <class T>
class admission_request : public request<void>
{
public:
  static constexpr unsigned char crowd = 2;

  static constexpr const char* name = "queue::async_put";

  explicit admission_request(std::unique_ptr<value_node<T>> n) noexcept
    : node_(std::move(n))
  {
  }

  void bind(queue_waiter& w) noexcept
  {
    w.item = node_.release();
  }

  static bool start(queue_state& state, queue_waiter& w, bool may_wait)
  {
    return state.start_put(w, may_wait);
  }

  static bool starts_alone(const queue_state& state) noexcept
  {
    return !state.has_getters();
  }

  void take(queue_waiter& w) noexcept
  {
    node_ = own_node<T>(std::exchange(w.item, nullptr));
  }

  completion<void> complete(auto& block, outcome how) noexcept
  {
    dispose(*block);
    return {to_error_code(how)};
  }

  void dispose(auto& block) noexcept
  {
    if (node_)
      recycle(block, std::move(node_));
  }

private:
  std::unique_ptr<value_node<T>> node_;
};

// A put that has not been launched. A copy of it can be launched again.
template <class T>
class put_request : public request<void>
{
public:
  static constexpr const char* name = "queue::async_put";

  explicit put_request(T item) noexcept
    : item_(std::move(item))
  {
  }

  admission_request<T> prepare(auto& block) &&
  {
    return admission_request<T>(make_node(block, std::move(item_)));
  }

private:
  T item_;
};

class join_request : public plain_request
{
public:
  static constexpr unsigned char crowd = 4;

  static constexpr const char* name = "queue::async_join";

  static bool start(queue_state& state, queue_waiter& w, bool may_wait) noexcept
  {
    return state.start_join(w, may_wait);
  }
};

} // namespace toro::detail

#endif // TORO_DETAIL_IO_QUEUE_REQUEST_HPP
