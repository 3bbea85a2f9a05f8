// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_BOUNDED_SEMAPHORE_HPP
#define TORO_BOUNDED_SEMAPHORE_HPP

#include <toro/fwd.hpp>
#include <toro/semaphore.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <utility>

namespace toro {

/// A semaphore whose permits never become more than there were at first.
template <class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class basic_bounded_semaphore
  : public detail::semaphore_base<Executor, Threading>
{
  using base = detail::semaphore_base<Executor, Threading>;

public:
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_bounded_semaphore<OtherExecutor, Threading>;
  };

  explicit basic_bounded_semaphore(const Executor& executor,
                                   std::size_t value = 1)
    : base(executor, value, value)
  {
  }

  template <detail::execution_context_like Context>
  explicit basic_bounded_semaphore(Context& context, std::size_t value = 1)
    : basic_bounded_semaphore(Executor(context.get_executor()), value)
  {
  }

  basic_bounded_semaphore(basic_bounded_semaphore&&) noexcept = default;
  basic_bounded_semaphore&
  operator=(basic_bounded_semaphore&&) noexcept = default;

  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_bounded_semaphore(
      basic_bounded_semaphore<OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  friend std::string to_string(const basic_bounded_semaphore& x)
  {
    return x.describe("bounded_semaphore");
  }

  friend std::ostream& operator<<(std::ostream& out,
                                  const basic_bounded_semaphore& x)
  {
    return out << to_string(x);
  }
};

/// The bounded semaphore on any executor, safe to share between threads.
using bounded_semaphore = basic_bounded_semaphore<>;

} // namespace toro

#endif // TORO_BOUNDED_SEMAPHORE_HPP
