// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_QUEUE_REQUEST_HPP
#define TORO_DETAIL_OBJECT_QUEUE_REQUEST_HPP

#include <toro/detail/core/core.hpp>
#include <toro/detail/operation/request.hpp>
#include <toro/detail/state/value_queue_state.hpp>

#include <boost/config.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/system/error_code.hpp>
#include <boost/throw_exception.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace toro::detail {

// What the operations of a queue ask of it, and how items get into nodes and
// out of them.

// What a handler gets if there may be no value.
template <class T>
using delivered =
    std::conditional_t<std::is_default_constructible_v<T>, T, std::optional<T>>;

// Takes the empty node that is available without the lock, or null.
template <class Node, class Core>
std::unique_ptr<Node> take_free_node(Core& core) noexcept
{
  return std::unique_ptr<Node>(Core::threading::exchange(
      core.unguarded().free_node(), static_cast<Node*>(nullptr)));
}

// An empty node if the queue has no spare one: the one that is available
// without the lock, or a new one.
template <class Node, class Core>
std::unique_ptr<Node> new_node(Core& core)
{
  std::unique_ptr<Node> n = detail::take_free_node<Node>(core);
  return n ? std::move(n) : std::make_unique<Node>();
}

// An empty node, a spare one if there is one.
template <class Node, class Core>
std::unique_ptr<Node> find_node(Core& core)
{
  std::unique_ptr<Node> n = detail::take_free_node<Node>(core);
  if (!n)
    n = core.update_quietly(
        [](auto& state)
        {
          return state.take_spare();
        });
  return n ? std::move(n) : std::make_unique<Node>();
}

// Keeps a further empty node for later.
template <class Core, class Node>
BOOST_NOINLINE void keep(Core& core, std::unique_ptr<Node> n) noexcept
{
  core.update_quietly(
      [&](auto& state)
      {
        state.keep_spare(n);
      });
}

// Empties a node and keeps it for later.
template <class Core, class Node>
inline void recycle(Core& core, std::unique_ptr<Node>&& n) noexcept
{
  n->value.reset();
  Node* const kept =
      Core::threading::exchange(core.unguarded().free_node(), n.release());
  if (kept)
    detail::keep(core, std::unique_ptr<Node>(kept));
}

// Stores the weight of an item in its node, if nodes have one.
template <class Node>
void set_weight([[maybe_unused]] Node& n,
                [[maybe_unused]] std::size_t weight) noexcept
{
  if constexpr (std::is_base_of_v<weighted_node, Node>)
    n.weight = weight;
}

// What an item takes of the bound. Calls the function of the user.
template <class Order, class T>
std::size_t weigh([[maybe_unused]] const Order& order,
                  [[maybe_unused]] const T& item)
{
  if constexpr (!is_weighted<Order>)
  {
    return 1;
  }
  else
  {
    const auto weight = order.weigh(item);
    if constexpr (std::is_signed_v<decltype(weight)>)
    {
      if (weight < 0)
        boost::throw_exception(
            std::invalid_argument("toro: an item has a negative weight"));
    }
    return static_cast<std::size_t>(weight);
  }
}

// The node of an item that has left the queue.
template <class Node>
std::unique_ptr<Node> own_node(item_node* item) noexcept
{
  return std::unique_ptr<Node>(static_cast<Node*>(item));
}

// The item of a node as handlers get it.
template <class Node>
delivered<typename Node::value_type>&& item_of(Node& n) noexcept
{
  if constexpr (std::is_default_constructible_v<typename Node::value_type>)
    return std::move(*n.value);
  else
    return std::move(n.value);
}

// An item whose move may throw, on its way from its position in the queue to
// the handler. This completion moves the item only at the end of the way. If
// the move throws, the item returns to its position, and the exception leaves.
template <class Core, class Node>
class outgoing_item
{
public:
  using value_type = delivered<typename Node::value_type>;
  using travelling_type = outgoing_item;

  boost::system::error_code ec;

  explicit outgoing_item(boost::system::error_code failure) noexcept
    : ec(failure)
  {
  }

  // The state has given out the item, which is still at its position.
  outgoing_item(typename Core::pointer&& core, item_node* item) noexcept
    : core_(std::move(core)),
      node_(detail::own_node<Node>(item))
  {
  }

  outgoing_item(outgoing_item&&) noexcept = default;

  // If this is destroyed without an exception, the item has been moved.
  ~outgoing_item()
  {
    if (!core_)
      return;
    if (std::uncaught_exceptions() == exceptions_)
    {
      arrive();
      return;
    }
    core_->update_quietly(
        [this](auto& state)
        {
          state.undo_get(*node_.release());
        });
  }

  // The item, to be moved from. Requires that there is one.
  value_type&& take() noexcept
  {
    return detail::item_of(*node_);
  }

  // Takes the item out of its position as it is, so that the core may go. The
  // handler moves the item: nothing can fail in this library any more.
  outgoing_item depart() noexcept
  {
    if (core_)
      leave_position();
    core_.reset();
    return std::move(*this);
  }

  template <class Handler>
  void operator()(Handler&& handler)
  {
    if (!node_)
      return std::forward<Handler>(handler)(std::move(ec), value_type());
    if (!core_)
      return std::forward<Handler>(handler)(std::move(ec), take());
    value_type value(take());
    arrive();
    std::forward<Handler>(handler)(std::move(ec), std::move(value));
  }

private:
  void leave_position() noexcept
  {
    core_->update_quietly(
        [this](auto& state)
        {
          state.finish_get(*node_);
        });
  }

  void arrive() noexcept
  {
    leave_position();
    detail::recycle(*core_, std::move(node_));
    core_.reset();
  }

  // Invariant: null unless the item is at its position. The queue owns the node
  // then.
  typename Core::pointer core_;

  // Invariant: null if there is no item.
  std::unique_ptr<Node> node_;
  int exceptions_ = std::uncaught_exceptions();
};

template <class Node>
class get_request : public request<delivered<typename Node::value_type>>
{
  static constexpr bool moves_safely =
      std::is_nothrow_move_constructible_v<typename Node::value_type>;

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

  template <class Core>
  auto complete(boost::intrusive_ptr<Core>& core, outcome how)
  {
    using result_type = std::conditional_t<moves_safely, completion<value_type>,
                                           outgoing_item<Core, Node>>;
    if constexpr (!moves_safely)
    {
      return how == outcome::success ? result_type(std::move(core), item_)
                                     : result_type(failure_code(how));
    }
    else
    {
      if (how != outcome::success)
        return result_type{failure_code(how), value_type()};
      auto n = detail::own_node<Node>(item_);
      result_type result{{}, std::move(*n->value)};
      detail::recycle(*core, std::move(n));
      return result;
    }
  }

private:
  // Invariant: the operation owns it once the grant is final, unless the move
  // of the item may throw.
  item_node* item_ = nullptr;
};

// A put whose item is in a node. The operation owns the node unless the put
// succeeds.
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

  completion<void> complete(auto& core, outcome how) noexcept
  {
    dispose(*core);
    return {to_error_code(how)};
  }

  void dispose(auto& core) noexcept
  {
    if (node_)
      detail::recycle(core, std::move(node_));
  }

private:
  std::unique_ptr<Node> node_;
};

// A put before its launch. A copy of it can be launched again.
template <class Node>
class put_request : public request<void>
{
  using item_type = typename Node::value_type;

public:
  static constexpr const char* name = "queue::async_put";

  explicit put_request(item_type&& item, std::size_t weight = 1) noexcept(
      std::is_nothrow_move_constructible_v<item_type>)
    : item_(std::move(item)),
      weight_(weight)
  {
  }

  admission_request<Node> prepare(auto& core) &&
  {
    std::unique_ptr<Node> n = detail::find_node<Node>(core);
    n->value.emplace(std::move(item_));
    detail::set_weight(*n, weight_);
    return admission_request<Node>(std::move(n));
  }

private:
  item_type item_;
  std::size_t weight_;
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

#endif // TORO_DETAIL_OBJECT_QUEUE_REQUEST_HPP
