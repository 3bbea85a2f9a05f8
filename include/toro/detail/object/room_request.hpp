// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OBJECT_ROOM_REQUEST_HPP
#define TORO_DETAIL_OBJECT_ROOM_REQUEST_HPP

#include <toro/detail/object/queue_request.hpp>
#include <toro/detail/operation/request.hpp>
#include <toro/detail/state/queue_state.hpp>

#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <cstddef>
#include <memory>
#include <utility>

namespace toro::detail {

// Makes rooms of what was reserved.
struct room_access
{
  template <class Room, class Core, class Node>
  static Room make(boost::intrusive_ptr<Core>&& core,
                   std::unique_ptr<Node> node, std::size_t weight) noexcept
  {
    return Room(std::move(core), std::move(node), weight);
  }
};

// A wait for room. The operation owns the node of the item to come.
template <class Room, class Node>
class room_request : public request<Room>
{
public:
  // As a put, which waits for the same.
  static constexpr unsigned char kind = 2;

  static constexpr const char* name = "queue::async_reserve";

  static constexpr bool brings_guard = true;

  room_request(std::unique_ptr<Node> n, std::size_t weight) noexcept
    : node_(std::move(n)),
      weight_(weight)
  {
  }

  void bind(queue_waiter& w) const noexcept
  {
    w.weight = weight_;
  }

  static bool start(queue_state& state, queue_waiter& w, bool may_wait) noexcept
  {
    return state.start_reserve(w, may_wait);
  }

  bool try_start(queue_state& state) const noexcept
  {
    if (!state.can_put(weight_))
      return false;
    state.begin_put(weight_);
    return true;
  }

  template <class Core>
  completion<Room> complete(boost::intrusive_ptr<Core>& core,
                            outcome how) noexcept
  {
    if (how == outcome::success)
      return {
          {},
          room_access::make<Room>(std::move(core), std::move(node_), weight_)};
    dispose(*core);
    return {failure_code(how), Room()};
  }

  void dispose(auto& core) noexcept
  {
    if (node_)
      detail::recycle(core, std::move(node_));
  }

private:
  std::unique_ptr<Node> node_;
  std::size_t weight_;
};

// The same before its launch. A copy of it can be launched again.
template <class Room, class Node>
class reserve_request : public request<Room>
{
public:
  static constexpr const char* name = "queue::async_reserve";

  explicit reserve_request(std::size_t weight = 1) noexcept
    : weight_(weight)
  {
  }

  room_request<Room, Node> prepare(auto& core) const
  {
    return room_request<Room, Node>(detail::find_node<Node>(core), weight_);
  }

private:
  std::size_t weight_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_OBJECT_ROOM_REQUEST_HPP
