// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_QUEUE_HPP
#define TORO_QUEUE_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/format.hpp>
#include <toro/detail/io/io_object.hpp>
#include <toro/detail/io/queue_request.hpp>
#include <toro/detail/state/value_queue_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace toro {

namespace detail {

// What queues have in common, whatever their order.
template <class T, class Order, class Executor, class Threading>
class queue_base
  : public io_object<value_queue_state<T, Order>, Executor, Threading>
{
  static_assert(std::is_object_v<T> && !std::is_const_v<T> &&
                    !std::is_array_v<T>,
                "the items of a queue are objects");
  static_assert(std::is_nothrow_move_constructible_v<T>,
                "the items of a queue must be nothrow move-constructible");
  static_assert(std::is_nothrow_destructible_v<T>,
                "the items of a queue must be nothrow destructible");

  using state_type = value_queue_state<T, Order>;
  using base = io_object<state_type, Executor, Threading>;
  using default_token = detail::default_token<Executor>;

public:
  /// The type of the items.
  using value_type = T;

  bool try_put(T&& item)
  {
    struct ticket
    {
      bool can_put;
      std::unique_ptr<value_node<T>> node;
    };
    ticket t = this->shared().update_quietly(
        [](state_type& state)
        {
          return state.can_put() ? ticket{true, state.take_spare()}
                                 : ticket{false, nullptr};
        });
    if (!t.can_put)
      return false;
    if (!t.node)
      t.node = std::make_unique<value_node<T>>();
    return_to back{t.node, item};
    t.node->value.emplace(std::move(item));
    // Another thread may have filled the queue in between.
    return this->shared().update_quietly(
        [&](state_type& state)
        {
          if (!state.can_put())
            return false;
          state.put(*t.node);
          static_cast<void>(t.node.release());
          return true;
        });
  }

  bool try_put(const T& item) requires std::copy_constructible<T>
  {
    return try_put(T(item));
  }

  std::optional<T> try_get()
  {
    auto n = own_node<T>(this->shared().update_quietly(
        [](state_type& state)
        {
          return state.try_get();
        }));
    if (!n)
      return std::nullopt;
    std::optional<T> item(std::move(n->value));
    recycle(this->shared(), std::move(n));
    return item;
  }

  std::size_t size() const noexcept
  {
    return figures().size;
  }

  std::size_t max_size() const noexcept
  {
    return figures().max_size;
  }

  bool empty() const noexcept
  {
    return size() == 0;
  }

  bool full() const noexcept
  {
    const queue_figures f = figures();
    return f.max_size != 0 && f.size >= f.max_size;
  }

  std::size_t getters() const noexcept
  {
    return figures().getters;
  }

  std::size_t putters() const noexcept
  {
    return figures().putters;
  }

  std::size_t unfinished() const noexcept
  {
    return figures().unfinished;
  }

  bool is_open() const noexcept
  {
    return figures().open;
  }

  std::size_t close()
  {
    return this->shared().update(
        [](state_type& state)
        {
          return state.close();
        });
  }

  void task_done(boost::system::error_code& ec)
  {
    const bool counted = this->shared().update(
        [](state_type& state)
        {
          return state.task_done();
        });
    ec = counted ? boost::system::error_code() : error::task_underflow;
  }

  void task_done()
  {
    boost::system::error_code ec;
    task_done(ec);
    if (ec)
      boost::throw_exception(boost::system::system_error(ec, "task_done"));
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_put(T item, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          put_request<T>(std::move(item)), token))
  {
    return this->template start<CompletionToken>(
        put_request<T>(std::move(item)), token);
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_put(T item, deadline limit,
                 CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(
          put_request<T>(std::move(item)), limit, token))
  {
    return this->template start<CompletionToken>(
        put_request<T>(std::move(item)), limit, token);
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code,
                                                   delivered<T>)>
                CompletionToken = default_token>
  auto async_get(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(get_request<T>(),
                                                        token))
  {
    return this->template start<CompletionToken>(get_request<T>(), token);
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code,
                                                   delivered<T>)>
                CompletionToken = default_token>
  auto async_get(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(get_request<T>(), limit,
                                                        token))
  {
    return this->template start<CompletionToken>(get_request<T>(), limit,
                                                 token);
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_join(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(join_request(), token))
  {
    return this->template start<CompletionToken>(join_request(), token);
  }

  template <boost::asio::completion_token_for<void(boost::system::error_code)>
                CompletionToken = default_token>
  auto async_join(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(join_request(), limit,
                                                        token))
  {
    return this->template start<CompletionToken>(join_request(), limit, token);
  }

protected:
  queue_base(const Executor& executor, std::size_t max_size, Order order)
    : base(executor, std::move(order), checked(max_size))
  {
  }

  queue_base(queue_base&&) noexcept = default;
  queue_base& operator=(queue_base&&) noexcept = default;

  template <class OtherExecutor>
  explicit queue_base(queue_base<T, Order, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  ~queue_base() = default;

  std::string describe(const char* name) const
  {
    const queue_figures f = figures();
    return description(name)
        .figure("maxsize", f.max_size)
        .figure_if_any("size", f.size)
        .crowd("getters", f.getters)
        .crowd("putters", f.putters)
        .crowd("joiners", f.joiners)
        .figure_if_any("tasks", f.unfinished)
        .word(f.open ? "" : "closed")
        .str();
  }

private:
  // Puts an item back into the hands of the caller where it was not taken.
  struct return_to
  {
    std::unique_ptr<value_node<T>>& node;
    T& item;

    ~return_to()
    {
      if (!node)
        return;
      std::destroy_at(std::addressof(item));
      std::construct_at(std::addressof(item), std::move(*node->value));
    }
  };

  static std::size_t checked(std::size_t max_size)
  {
    if (max_size > max_count)
      boost::throw_exception(
          std::invalid_argument("toro: a queue's size is too large"));
    return max_size;
  }

  queue_figures figures() const noexcept
  {
    return this->shared().read(
        [](const state_type& state)
        {
          return state.figures();
        });
  }
};

} // namespace detail

/// Items from those who put to those who get, first in, first out.
template <class T, class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class basic_queue
  : public detail::queue_base<T, detail::fifo_order, Executor, Threading>
{
  using base = detail::queue_base<T, detail::fifo_order, Executor, Threading>;

public:
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_queue<T, OtherExecutor, Threading>;
  };

  explicit basic_queue(const Executor& executor, std::size_t max_size = 0)
    : base(executor, max_size, detail::fifo_order())
  {
  }

  template <detail::execution_context_like Context>
  explicit basic_queue(Context& context, std::size_t max_size = 0)
    : basic_queue(Executor(context.get_executor()), max_size)
  {
  }

  basic_queue(basic_queue&&) noexcept = default;
  basic_queue& operator=(basic_queue&&) noexcept = default;

  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_queue(basic_queue<T, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  friend std::string to_string(const basic_queue& x)
  {
    return x.describe("queue");
  }

  friend std::ostream& operator<<(std::ostream& out, const basic_queue& x)
  {
    return out << to_string(x);
  }
};

/// The queue on any executor, safe to share between threads.
template <class T>
using queue = basic_queue<T>;

} // namespace toro

#endif // TORO_QUEUE_HPP
