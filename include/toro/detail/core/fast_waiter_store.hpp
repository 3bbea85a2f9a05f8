// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_CORE_FAST_WAITER_STORE_HPP
#define TORO_DETAIL_CORE_FAST_WAITER_STORE_HPP

#include <toro/detail/wait/waiter.hpp>

#include <boost/intrusive/slist.hpp>

#include <cstddef>

namespace toro::detail {

// Fast waiters that are not in use. Some are kept, so that the usual number of
// grants under way needs no allocation.
template <class FastWaiter>
class fast_waiter_store
{
public:
  fast_waiter_store() = default;
  fast_waiter_store(const fast_waiter_store&) = delete;
  fast_waiter_store& operator=(const fast_waiter_store&) = delete;

  ~fast_waiter_store()
  {
    while (!spare_.empty())
      delete &pop();
  }

  bool empty() const noexcept
  {
    return spare_.empty();
  }

  FastWaiter& pop() noexcept
  {
    FastWaiter& w = spare_.front();
    spare_.pop_front();
    --size_;
    return w;
  }

  // Takes a fast waiter back. Returns it, to be deleted, if there are enough.
  FastWaiter* push(FastWaiter& w) noexcept
  {
    if (size_ == max_size)
      return &w;
    w.stage = phase::starting;
    w.how = outcome::success;
    spare_.push_front(w);
    ++size_;
    return nullptr;
  }

private:
  static constexpr std::size_t max_size = 64;

  boost::intrusive::slist<FastWaiter,
                          boost::intrusive::base_hook<ready_list_hook>,
                          boost::intrusive::constant_time_size<false>>
      spare_;
  std::size_t size_ = 0;
};

} // namespace toro::detail

#endif // TORO_DETAIL_CORE_FAST_WAITER_STORE_HPP
