// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_OPERATION_CANCELLATION_LINK_HPP
#define TORO_DETAIL_OPERATION_CANCELLATION_LINK_HPP

#include <toro/detail/operation/operation.hpp>
#include <toro/detail/wait/waiter.hpp>

#include <boost/asio/cancellation_type.hpp>

#include <type_traits>

namespace toro::detail {

// What the cancellation slot of a handler contains. The operation may be gone,
// and the core with it. With thread_safe the link therefore owns the core,
// whose lock guards it. Types are the types of cancellation that it passes on.
template <class Core, boost::asio::cancellation_type_t Types>
class cancellation_link : public slot_link<typename Core::state_type>
{
public:
  using operation_type = typename Core::operation_type;

  cancellation_link(Core& core, operation_type& target) noexcept
    : core_(&core)
  {
    this->op = &target;
    target.link = this;
  }

  cancellation_link(const cancellation_link&) = delete;
  cancellation_link& operator=(const cancellation_link&) = delete;

  ~cancellation_link()
  {
    if (can_enter())
      core_->unlink(*this);
  }

  void operator()(boost::asio::cancellation_type_t type)
  {
    if ((type & Types) == boost::asio::cancellation_type::none || !can_enter())
      return;
    // Safety: the deferred actions of the cancellation may destroy this link.
    const typename Core::pointer core(&*core_);
    core->emit(*this,
               [](auto& state, operation_type& target)
               {
                 state.decide_early(target, outcome::cancelled);
               });
  }

protected:
  Core& get_core() const noexcept
  {
    return *core_;
  }

  bool can_enter() const noexcept
  {
    return Core::threading::is_shared || this->op;
  }

private:
  // Why not always own: without a lock the count is not atomic either, and once
  // the operation has ended the slot may be destroyed in another thread.
  using core_pointer = std::conditional_t<Core::threading::is_shared,
                                          typename Core::pointer, Core*>;

  core_pointer core_;
};

// The link of a request: its own, if it does not just end when it is cancelled.
template <class Core, class Request>
struct cancellation_link_of
{
  using type = cancellation_link<Core, Request::cancellation_types>;
};

template <class Core, class Request>
requires requires
{
  typename Request::template link_type<Core>;
}
struct cancellation_link_of<Core, Request>
{
  using type = typename Request::template link_type<Core>;
};

} // namespace toro::detail

#endif // TORO_DETAIL_OPERATION_CANCELLATION_LINK_HPP
