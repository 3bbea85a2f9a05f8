// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_ROOM_HPP
#define TORO_ROOM_HPP

#include <toro/fwd.hpp>

#include <toro/detail/config.hpp>
#include <toro/detail/core/core.hpp>
#include <toro/detail/object/guard_base.hpp>
#include <toro/detail/object/queue_request.hpp>
#include <toro/detail/object/room_request.hpp>
#include <toro/detail/state/value_queue_state.hpp>

#include <boost/throw_exception.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace toro {

namespace detail {

// Room in a queue, with the empty node of its item.
template <class Node>
struct room_ownership
{
  std::unique_ptr<Node> node;
  std::size_t weight = 1;

  // A node that is not kept is destroyed without the lock, by the guard.
  void give_back(auto& state) noexcept
  {
    state.undo_put(weight);
    state.keep_spare(node);
  }

  void detach(auto& state) noexcept
  {
    state.detach_room();
    state.keep_spare(node);
  }

  static const char* describe() noexcept
  {
    return "reserved";
  }
};

// Takes the item of a node back if it is not put.
template <class Node>
struct item_on_its_way
{
  using value_type = typename Node::value_type;

  Node* node;
  value_type& item;

  ~item_on_its_way()
  {
    if (!node)
      return;
    if constexpr (std::is_nothrow_move_constructible_v<value_type>)
      detail::move_back(*node->value, item);
    node->value.reset();
  }
};

} // namespace detail

/// Room for one item of a queue, given back if this object ends without a put.
/**
 * Move-only; may be empty. Room counts as an item that is on its way: full()
 * includes it, and gets of a closed queue wait until no room is left. An item
 * can be put into room after the queue was closed. Room may outlive the queue
 * and its context. Once the queue has been destroyed or assigned to, put()
 * destroys the item.
 *
 * @tparam T The type of the items.
 *
 * @tparam Order The order of the queue.
 *
 * @tparam Threading The policy of the queue.
 *
 * @toro_class_thread_safety
 *
 * @sa basic_queue
 */
template <class T, class Order, class Threading>
class [[nodiscard]] TORO_DETAIL_VISIBLE basic_room
  : public detail::guard_base<
        detail::core<detail::value_queue_state<T, Order>, Threading>,
        detail::room_ownership<
            typename detail::value_queue_state<T, Order>::node>>
{
  using state_type = detail::value_queue_state<T, Order>;
  using core_type = detail::core<state_type, Threading>;
  using node_type = typename state_type::node;
  using ownership_type = detail::room_ownership<node_type>;
  using base = detail::guard_base<core_type, ownership_type>;

public:
  /// Constructs an object without room.
  basic_room() noexcept = default;

  /// Put an item into the room.
  /**
   * Does not wait and does not allocate, and works if the queue was closed. The
   * room is used up: this object is empty afterwards. The item gets its
   * position in the order of the queue now. If a waiting get receives the item,
   * its handler will not be invoked from within this function.
   *
   * @param item The item. It is destroyed if the queue has been destroyed.
   *
   * @throws std::logic_error This object is empty.
   * @throws std::invalid_argument The item is heavier than the room, in a
   * weighted_queue. The room is kept, and the item is unchanged.
   * @throws Any exception from a comparison, from weighing the item, or from
   * its move. The room is kept then. The item is unchanged, unless its move
   * threw, or a comparison threw and the item's move is not @c noexcept.
   *
   * @par Complexity and Thread Safety
   * Constant, plus the search for the item's position in a priority_queue.
   * Different threads may use distinct objects if they may use the queue.
   */
  void put(T&& item) &&
  {
    if (!static_cast<bool>(*this))
      boost::throw_exception(std::logic_error("toro: a put without room"));
    node_type* const node = this->held().node.get();
    if constexpr (detail::is_weighted<Order>)
      detail::set_weight(*node, weigh(item));
    node->value.emplace(std::move(item));
    detail::item_on_its_way<node_type> on_its_way{node, item};
    this->spend(
        [&](core_type& core, state_type& state, ownership_type& room)
        {
          if (core.is_retired_locked())
          {
            state.undo_put(room.weight);
          }
          else
          {
            state.finish_put(*node, room.weight);
            static_cast<void>(room.node.release());
          }
          on_its_way.node = nullptr;
        });
  }

  /// Put a copy of an item into the room.
  /**
   * @param item The item.
   *
   * @throws Any exception from the copy, with nothing changed, and what the
   * other overload throws.
   *
   * @par Complexity and Thread Safety
   * As the overload above.
   */
  void put(const T& item) && requires std::copy_constructible<T>
  {
    std::move(*this).put(T(item));
  }

  /// Give up the room without giving it back.
  /**
   * This object is empty afterwards. The bound of the queue is smaller by this
   * room from now on. Gets of a closed queue do not wait for it any more; their
   * handlers will not be invoked from within this function.
   *
   * @par Complexity and Thread Safety
   * Linear in the number of gets that this completes; as reset().
   */
  void detach() noexcept
  {
    base::detach();
  }

private:
  friend struct detail::room_access;

  basic_room(typename core_type::pointer&& core,
             std::unique_ptr<node_type> node, std::size_t weight) noexcept
    : base(std::move(core), ownership_type{std::move(node), weight})
  {
  }

  std::size_t weigh(const T& item) const
  {
    const std::size_t weight =
        detail::weigh(this->get_core().unguarded().order(), item);
    if (weight > this->held().weight)
      boost::throw_exception(
          std::invalid_argument("toro: an item is heavier than its room"));
    return weight;
  }
};

} // namespace toro

#endif // TORO_ROOM_HPP
