// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_QUEUE_REQUEST_HPP
#define TORO_DETAIL_IO_QUEUE_REQUEST_HPP

#include <toro/detail/io/core.hpp>
#include <toro/detail/io/request.hpp>
#include <toro/detail/state/value_queue_state.hpp>

#include <boost/config.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace toro::detail {

// What a handler gets where there may be no value to give.
template <class T>
using delivered =
    std::conditional_t<std::is_default_constructible_v<T>, T, std::optional<T>>;

// The empty node that is at hand without the lock, or null.
template <class Node, class Core>
std::unique_ptr<Node> take_free_node(Core& block) noexcept
{
  return std::unique_ptr<Node>(Core::threading::exchange(
      block.unguarded().free_node(), static_cast<Node*>(nullptr)));
}

// An empty node where none is spare: the one at hand, or a new one.
template <class Node, class Core>
std::unique_ptr<Node> new_node(Core& block)
{
  std::unique_ptr<Node> n = detail::take_free_node<Node>(block);
  return n ? std::move(n) : std::make_unique<Node>();
}

// An empty node, a spare one where there is one.
template <class Node, class Core>
std::unique_ptr<Node> find_node(Core& block)
{
  std::unique_ptr<Node> n = detail::take_free_node<Node>(block);
  if (!n)
    n = block.update_quietly(
        [](auto& state)
        {
          return state.take_spare();
        });
  return n ? std::move(n) : std::make_unique<Node>();
}

// Keeps a second empty node for later.
template <class Core, class Node>
BOOST_NOINLINE void keep(Core& block, std::unique_ptr<Node> n) noexcept
{
  block.update_quietly(
      [&](auto& state)
      {
        state.keep_spare(n);
      });
}

// Empties a node and keeps it for later.
template <class Core, class Node>
inline void recycle(Core& block, std::unique_ptr<Node>&& n) noexcept
{
  n->value.reset();
  Node* const kept =
      Core::threading::exchange(block.unguarded().free_node(), n.release());
  if (kept)
    detail::keep(block, std::unique_ptr<Node>(kept));
}

// The node of an item that has left the queue.
template <class Node>
std::unique_ptr<Node> own_node(item_node* item) noexcept
{
  return std::unique_ptr<Node>(static_cast<Node*>(item));
}

template <class Node>
class get_request : public request<delivered<typename Node::value_type>>
{
public:
  using value_type = delivered<typename Node::value_type>;

  static constexpr const char* name = "queue::async_get";

  static bool start(queue_state& state, queue_waiter& w, bool may_wait) noexcept
  {
    return state.start_get(w, may_wait);
  }

  void take(queue_waiter& w) noexcept
  {
    item_ = std::exchange(w.item, nullptr);
  }

  completion<value_type> complete(auto& block, outcome how)
  {
    if (how != outcome::success)
      return {failure_code(how), value_type()};
    auto n = detail::own_node<Node>(item_);
    completion<value_type> result{{}, std::move(*n->value)};
    detail::recycle(*block, std::move(n));
    return result;
  }

private:
  // Invariant: owned by the operation once it was granted for good.
  item_node* item_ = nullptr;
};

// A put whose item has a node. The operation owns it unless the put succeeds.
template <class Node>
class admission_request : public request<void>
{
public:
  static constexpr unsigned char kind = 2;

  static constexpr const char* name = "queue::async_put";

  explicit admission_request(std::unique_ptr<Node> n) noexcept
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
    node_ = detail::own_node<Node>(std::exchange(w.item, nullptr));
  }

  completion<void> complete(auto& block, outcome how) noexcept
  {
    dispose(*block);
    return {to_error_code(how)};
  }

  void dispose(auto& block) noexcept
  {
    if (node_)
      detail::recycle(block, std::move(node_));
  }

private:
  std::unique_ptr<Node> node_;
};

// A put that has not been launched. A copy of it can be launched again.
template <class Node>
class put_request : public request<void>
{
  using item_type = typename Node::value_type;

public:
  static constexpr const char* name = "queue::async_put";

  explicit put_request(item_type item) noexcept
    : item_(std::move(item))
  {
  }

  admission_request<Node> prepare(auto& block) &&
  {
    std::unique_ptr<Node> n = detail::find_node<Node>(block);
    n->value.emplace(std::move(item_));
    return admission_request<Node>(std::move(n));
  }

private:
  item_type item_;
};

class join_request : public plain_request
{
public:
  static constexpr unsigned char kind = 4;

  static constexpr const char* name = "queue::async_join";

  static bool start(queue_state& state, queue_waiter& w, bool may_wait) noexcept
  {
    return state.start_join(w, may_wait);
  }
};

} // namespace toro::detail

#endif // TORO_DETAIL_IO_QUEUE_REQUEST_HPP
