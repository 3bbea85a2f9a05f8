// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_PRIORITY_QUEUE_HPP
#define TORO_PRIORITY_QUEUE_HPP

#include <toro/fwd.hpp>
#include <toro/queue.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <utility>

namespace toro {

/// A queue that gives out the smallest item first.
template <class T, class Compare = std::less<T>,
          class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class basic_priority_queue
  : public detail::queue_base<T, detail::sorted_order<T, Compare>, Executor,
                              Threading>
{
  using base = detail::queue_base<T, detail::sorted_order<T, Compare>, Executor,
                                  Threading>;

public:
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_priority_queue<T, Compare, OtherExecutor, Threading>;
  };

  explicit basic_priority_queue(const Executor& executor,
                                std::size_t max_size = 0,
                                Compare compare = Compare())
    : base(executor, max_size,
           detail::sorted_order<T, Compare>(std::move(compare)))
  {
  }

  template <detail::execution_context_like Context>
  explicit basic_priority_queue(Context& context, std::size_t max_size = 0,
                                Compare compare = Compare())
    : basic_priority_queue(Executor(context.get_executor()), max_size,
                           std::move(compare))
  {
  }

  basic_priority_queue(basic_priority_queue&&) noexcept = default;
  basic_priority_queue& operator=(basic_priority_queue&&) noexcept = default;

  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_priority_queue(
      basic_priority_queue<T, Compare, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  friend std::string to_string(const basic_priority_queue& x)
  {
    return x.describe("priority_queue");
  }

  friend std::ostream& operator<<(std::ostream& out,
                                  const basic_priority_queue& x)
  {
    return out << to_string(x);
  }
};

/// The priority_queue on any executor, safe to share between threads.
template <class T, class Compare = std::less<T>>
using priority_queue = basic_priority_queue<T, Compare>;

} // namespace toro

#endif // TORO_PRIORITY_QUEUE_HPP
