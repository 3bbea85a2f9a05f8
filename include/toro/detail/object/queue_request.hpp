// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_QUEUE_REQUEST_HPP
#define TORO_DETAIL_OBJECT_QUEUE_REQUEST_HPP

#include <toro/detail/core/core.hpp>
#include <toro/detail/operation/completion.hpp>
#include <toro/detail/operation/pinned_value.hpp>
#include <toro/detail/operation/request.hpp>
#include <toro/detail/state/item_line.hpp>
#include <toro/detail/state/value_queue_state.hpp>

#include <boost/config.hpp>
#include <boost/core/no_exceptions_support.hpp>
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
#include <vector>

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
  if (!n.get())
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

// Moves an item back to the object from which it came. That object may be a
// base of another one, which must stay what it is.
template <class T>
void move_back(T& from, T& item) noexcept
{
  if constexpr (std::is_nothrow_move_assignable_v<T>)
  {
    item = std::move(from);
  }
  else
  {
    item.T::~T();
    std::construct_at(std::addressof(item), std::move(from));
  }
}

// The node of an item that has left the queue.
template <class Node, class Item>
std::unique_ptr<Node> own_node(Item* item) noexcept
{
  return std::unique_ptr<Node>(static_cast<Node*>(item));
}

// The item of a node as handlers get it.
template <class Value, class Node>
Value&& item_of(Node& n) noexcept
{
  if constexpr (std::is_same_v<Value, typename Node::value_type>)
    return std::move(*n.value);
  else
    return std::move(n.value);
}

// An item whose move may throw, on its way from its position in the queue to
// the handler. This completion moves the item only at the end of the way. If
// the move throws, the item returns to its position, and the exception leaves.
template <class Core, class Node,
          class Value = delivered<typename Node::value_type>>
class outgoing_item
{
public:
  using value_type = Value;
  using travelling_type = outgoing_item;

  boost::system::error_code ec;

  explicit outgoing_item(boost::system::error_code failure) noexcept
    : ec(failure)
  {
  }

  // The state has given out the item, which is still at its position.
  template <class Item>
  outgoing_item(typename Core::pointer&& core, Item* item) noexcept
    : core_(std::move(core)),
      node_(detail::own_node<Node>(item))
  {
  }

  outgoing_item(outgoing_item&&) noexcept = default;

  // If this is destroyed without an exception, the item has been moved.
  ~outgoing_item()
  {
    if (!core_.get())
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
    return detail::item_of<value_type>(*node_);
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

  bool has_item() const noexcept
  {
    return node_.get() != nullptr;
  }

  // Takes the item out of its position, so that it need not be moved again. One
  // that has departed stays in its node.
  pinned_value<value_type> pin()
  {
    if (!has_item())
      return {};
    if (!core_.get())
    {
      value_type&& value = take();
      return {std::move(node_), value};
    }
    pinned_value<value_type> value(take());
    arrive();
    return value;
  }

  template <class Handler>
  void operator()(Handler&& handler)
  {
    if constexpr (std::is_base_of_v<moves_items_itself, std::decay_t<Handler>>)
      return std::forward<Handler>(handler).take_over(std::move(*this));
    if (!has_item())
      return std::forward<Handler>(handler)(std::move(ec), value_type());
    if (!core_.get())
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

// A get that says by an empty value that no item will come any more.
template <class Node>
class next_request : public request<std::optional<typename Node::value_type>>
{
  static constexpr bool moves_safely =
      std::is_nothrow_move_constructible_v<typename Node::value_type>;

public:
  using value_type = std::optional<typename Node::value_type>;

  static constexpr const char* name = "queue::async_next";

  static void bind(queue_waiter& w) noexcept
  {
    w.form = get_form::next;
  }

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
    using result_type =
        std::conditional_t<moves_safely, completion<value_type>,
                           outgoing_item<Core, Node, value_type>>;
    const boost::system::error_code ec = how == outcome::closed
                                             ? boost::system::error_code()
                                             : to_error_code(how);
    if constexpr (!moves_safely)
    {
      return how == outcome::success ? result_type(std::move(core), item_)
                                     : result_type(ec);
    }
    else
    {
      if (how != outcome::success)
        return result_type{ec, std::nullopt};
      auto n = detail::own_node<Node>(item_);
      result_type result{{}, std::move(*n->value)};
      detail::recycle(*core, std::move(n));
      return result;
    }
  }

private:
  // Invariant: as that of a get_request.
  item_node* item_ = nullptr;
};

// Keeps empty nodes for later, or frees them.
template <class Node>
void free_nodes(item_list& nodes) noexcept
{
  nodes.clear_and_dispose(
      [](item_node* n)
      {
        detail::own_node<Node>(n).reset();
      });
}

// Items on their way from their positions in the queue to somewhere. When this
// ends, those that have been moved have left the queue, and the others are back
// at their positions.
template <class Core, class Node>
class outgoing_items
{
public:
  using item_type = typename Node::value_type;

  explicit outgoing_items(typename Core::pointer&& core) noexcept
    : core_(std::move(core))
  {
  }

  // The state has set the items aside.
  outgoing_items(typename Core::pointer&& core, item_list& items) noexcept
    : core_(std::move(core))
  {
    left_.swap(items);
  }

  outgoing_items(const outgoing_items&) = delete;
  outgoing_items& operator=(const outgoing_items&) = delete;

  ~outgoing_items()
  {
    if (moved_.empty() && left_.empty())
      return;
    core_->update_quietly(
        [this](auto& state)
        {
          leave_positions(state);
          state.undo_some(left_);
        });
    detail::free_nodes<Node>(moved_);
  }

  // Sets further items aside. Requires that all before were moved. Returns
  // whether there are any.
  bool set_aside(std::size_t most) noexcept
  {
    const std::size_t count = core_->update_quietly(
        [&](auto& state)
        {
          leave_positions(state);
          return state.set_aside(left_, most);
        });
    detail::free_nodes<Node>(moved_);
    return count != 0;
  }

  // The next item, to be moved from, or null.
  item_type* front() noexcept
  {
    if (left_.empty())
      return nullptr;
    if constexpr (!std::is_base_of_v<line_node, Node>)
      hide_front();
    return std::addressof(*static_cast<Node&>(left_.front()).value);
  }

  // The next item has been moved.
  void pop() noexcept
  {
    item_node& n = left_.front();
    static_cast<Node&>(n).value.reset();
    left_.pop_front();
    moved_.push_back(n);
  }

private:
  // The item must not be compared any more. The others are compared, since they
  // may return.
  void hide_front() noexcept
  {
    core_->update_quietly(
        [this](auto& state)
        {
          leave_positions(state);
          state.hide(left_.front());
        });
    detail::free_nodes<Node>(moved_);
  }

  void leave_positions(auto& state) noexcept
  {
    state.finish_some(moved_);
    state.keep_spares(moved_);
  }

  const typename Core::pointer core_;

  // Invariant: the values of these nodes are gone; their positions are kept.
  item_list moved_;

  item_list left_;
};

// A get of several items, with the memory for the first of them. The others
// are set aside at the commit, and keep their positions until there is memory
// for them as well.
template <class Node>
class collecting_request
  : public request<std::vector<typename Node::value_type>>
{
  using item_type = typename Node::value_type;

  static constexpr bool moves_safely =
      std::is_nothrow_move_constructible_v<item_type>;

public:
  using value_type = std::vector<item_type>;

  static constexpr const char* name = "queue::async_get_some";

  explicit collecting_request(std::size_t most)
    : most_(most)
  {
    if (most != 0)
      items_.reserve(1);
  }

  static void bind(queue_waiter& w) noexcept
  {
    w.form = get_form::some;
  }

  bool start(queue_state& state, queue_waiter& w, bool may_wait) const noexcept
  {
    return most_ == 0 ? state.start_get_none(w) : state.start_get(w, may_wait);
  }

  void at_commit(queue_state& state, queue_waiter& w) noexcept
  {
    if (w.item == nullptr)
      return;
    others_ = state.set_aside(rest_, most_ - 1);
  }

  void take(queue_waiter& w) noexcept
  {
    item_ = std::exchange(w.item, nullptr);
  }

  template <class Core>
  completion<value_type> complete(boost::intrusive_ptr<Core>& core, outcome how)
  {
    if (how != outcome::success)
      return {failure_code(how), value_type()};
    if (item_ != nullptr)
    {
      if constexpr (moves_safely)
        collect(*core);
      else
        collect_one_by_one<Core>(std::move(core));
    }
    return {{}, std::move(items_)};
  }

private:
  // Finds memory for all items, or leaves it at that for the first. Returns for
  // how many there is memory.
  std::size_t make_room() noexcept
  {
    BOOST_TRY
    {
      items_.reserve(1 + others_);
      return 1 + others_;
    }
    BOOST_CATCH(...)
    {
      return 1;
    }
    BOOST_CATCH_END
  }

  template <class Core>
  void collect(Core& core) noexcept
  {
    if (others_ != 0)
      leave_positions(core, make_room() == 1);
    rest_.push_front(*item_);
    for (item_node& n : rest_)
    {
      std::optional<item_type>& value = static_cast<Node&>(n).value;
      items_.push_back(std::move(*value));
      value.reset();
    }
    if (items_.size() == 1)
    {
      rest_.clear();
      return detail::recycle(core, detail::own_node<Node>(item_));
    }
    core.update_quietly(
        [this](auto& state)
        {
          state.keep_spares(rest_);
        });
    detail::free_nodes<Node>(rest_);
  }

  // Order: before a value changes, since others may be compared with it.
  template <class Core>
  void leave_positions(Core& core, bool returns) noexcept
  {
    core.update_quietly(
        [&](auto& state)
        {
          if (returns)
            state.undo_some(rest_);
          else
            state.finish_some(rest_);
        });
  }

  // Each item keeps its position until it has been moved. A move that throws
  // ends this; the exception leaves only if it was the first.
  template <class Core>
  void collect_one_by_one(typename Core::pointer&& core)
  {
    rest_.push_front(*item_);
    const std::size_t room = make_room();
    outgoing_items<Core, Node> outgoing(std::move(core), rest_);
    while (items_.size() != room)
    {
      BOOST_TRY
      {
        items_.push_back(std::move(*outgoing.front()));
      }
      BOOST_CATCH(...)
      {
        if (items_.empty())
          BOOST_RETHROW
        return;
      }
      BOOST_CATCH_END
      outgoing.pop();
    }
  }

  // Invariant: there is memory for one item, unless none is asked for.
  value_type items_;

  std::size_t most_;

  // Invariant: the operation owns it once the grant is final, unless the move
  // of the item may throw.
  item_node* item_ = nullptr;

  // Invariant: the items that were set aside at the commit, and their number.
  item_list rest_;
  std::size_t others_ = 0;
};

// A get of several items before its launch. A copy of it can be launched again.
template <class Node>
class get_some_request : public request<std::vector<typename Node::value_type>>
{
public:
  static constexpr const char* name = "queue::async_get_some";

  explicit get_some_request(std::size_t most) noexcept
    : most_(most)
  {
  }

  collecting_request<Node> prepare(auto& /*core*/) &&
  {
    return collecting_request<Node>(most_);
  }

private:
  std::size_t most_;
};

// A wait for an item that it does not take.
class item_wait_request : public plain_request
{
public:
  static constexpr unsigned char kind = 8;

  static constexpr const char* name = "queue::async_wait";

  static bool start(queue_state& state, queue_waiter& w, bool may_wait) noexcept
  {
    return state.start_wait(w, may_wait);
  }
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
