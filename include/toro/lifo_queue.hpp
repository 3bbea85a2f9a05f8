// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_LIFO_QUEUE_HPP
#define TORO_LIFO_QUEUE_HPP

#include <toro/fwd.hpp>
#include <toro/queue.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <utility>

namespace toro {

/// A queue that gives out the newest item first.
template <class T, class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class basic_lifo_queue
  : public detail::queue_base<T, detail::lifo_order, Executor, Threading>
{
  using base = detail::queue_base<T, detail::lifo_order, Executor, Threading>;

public:
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_lifo_queue<T, OtherExecutor, Threading>;
  };

  explicit basic_lifo_queue(const Executor& executor, std::size_t max_size = 0)
    : base(executor, max_size, detail::lifo_order())
  {
  }

  template <detail::execution_context_like Context>
  explicit basic_lifo_queue(Context& context, std::size_t max_size = 0)
    : basic_lifo_queue(Executor(context.get_executor()), max_size)
  {
  }

  basic_lifo_queue(basic_lifo_queue&&) noexcept = default;
  basic_lifo_queue& operator=(basic_lifo_queue&&) noexcept = default;

  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_lifo_queue(basic_lifo_queue<T, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  friend std::string to_string(const basic_lifo_queue& x)
  {
    return x.describe("lifo_queue");
  }

  friend std::ostream& operator<<(std::ostream& out, const basic_lifo_queue& x)
  {
    return out << to_string(x);
  }
};

/// The lifo_queue on any executor, safe to share between threads.
template <class T>
using lifo_queue = basic_lifo_queue<T>;

} // namespace toro

#endif // TORO_LIFO_QUEUE_HPP
