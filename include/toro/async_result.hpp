// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_ASYNC_RESULT_HPP
#define TORO_ASYNC_RESULT_HPP

#include <toro/deadline.hpp>
#include <toro/error.hpp>
#include <toro/fwd.hpp>

#include <toro/detail/format.hpp>
#include <toro/detail/io/io_object.hpp>
#include <toro/detail/io/queue_request.hpp>
#include <toro/detail/state/result_state.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>

#include <concepts>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace toro {

namespace detail {

// What a reader's handler gets.
template <class T>
struct result_value
{
  using type = delivered<T>;
};

template <>
struct result_value<void>
{
  using type = void;
};

template <class T>
class result_request : public request<typename result_value<T>::type>
{
public:
  static constexpr const char* name = "async_result::async_get";

  static bool start(event_state& state, waiter& w, bool may_wait) noexcept
  {
    return state.start_wait(w, may_wait);
  }

  // The value is copied here, for this reader.
  static completion<typename result_value<T>::type>
  complete(auto& block, waiter&, boost::system::error_code ec)
  {
    const auto& state = block->settled();
    if (!ec)
      ec = state.error();
    if constexpr (std::is_void_v<T>)
      return {ec};
    else if (ec)
      return {ec, delivered<T>()};
    else
      return {ec, delivered<T>(state.value())};
  }
};

// What results have in common, with a value or without.
template <class T, class Executor, class Threading>
class result_base : public io_object<result_state<T>, Executor, Threading>
{
  using state_type = result_state<T>;
  using base = io_object<state_type, Executor, Threading>;
  using default_token = detail::default_token<Executor>;

public:
  /// The type of the value.
  using value_type = T;

  bool ready() const noexcept
  {
    return this->shared().read(
        [](const state_type& state)
        {
          return state.is_set();
        });
  }

  void set_error(boost::system::error_code failure,
                 boost::system::error_code& ec)
  {
    if (!failure)
      boost::throw_exception(
          std::invalid_argument("toro: set_error needs an error"));
    settle(
        [&](state_type& state)
        {
          return state.set_error(failure);
        },
        ec);
  }

  void set_error(boost::system::error_code failure)
  {
    boost::system::error_code ec;
    set_error(failure, ec);
    throw_if(ec, "set_error");
  }

  template <
      boost::asio::completion_token_for<typename result_request<T>::signature>
          CompletionToken = default_token>
  auto async_get(CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(result_request<T>(),
                                                        token))
  {
    return this->template start<CompletionToken>(result_request<T>(), token);
  }

  template <
      boost::asio::completion_token_for<typename result_request<T>::signature>
          CompletionToken = default_token>
  auto async_get(deadline limit, CompletionToken&& token = default_token())
      -> decltype(this->template start<CompletionToken>(result_request<T>(),
                                                        limit, token))
  {
    return this->template start<CompletionToken>(result_request<T>(), limit,
                                                 token);
  }

protected:
  using base::base;

  result_base(result_base&&) noexcept = default;
  result_base& operator=(result_base&&) noexcept = default;

  template <class OtherExecutor>
  explicit result_base(result_base<T, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  ~result_base() = default;

  template <class Function>
  void settle(Function function, boost::system::error_code& ec)
  {
    const bool settled = this->shared().update(function);
    ec = settled ? boost::system::error_code() : error::already_set;
  }

  // The error of the result, or not_ready. Once it is ready the result does
  // not change any more.
  boost::system::error_code status() const
  {
    return this->shared().read(
        [](const state_type& state)
        {
          return state.is_set() ? state.error()
                                : make_error_code(error::not_ready);
        });
  }

  static void throw_if(boost::system::error_code ec, const char* what)
  {
    if (ec)
      boost::throw_exception(boost::system::system_error(ec, what));
  }

  std::string describe() const
  {
    return description("async_result")
        .word(!ready()   ? "unset"
              : status() ? "error"
                         : "set")
        .crowd("waiters", this->waiters())
        .str();
  }
};

} // namespace detail

/// A value, or an error, that any number of operations wait for.
template <class T, class Executor = boost::asio::any_io_executor,
          class Threading = thread_safe>
class basic_async_result : public detail::result_base<T, Executor, Threading>
{
  static_assert(std::is_object_v<T> && !std::is_const_v<T> &&
                    !std::is_array_v<T>,
                "the value of an async_result is an object");
  static_assert(
      std::is_nothrow_move_constructible_v<T>,
      "the value of an async_result must be nothrow move-constructible");
  static_assert(
      std::copy_constructible<T>,
      "the value of an async_result is copied to each of its readers");

  using base = detail::result_base<T, Executor, Threading>;

public:
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_async_result<T, OtherExecutor, Threading>;
  };

  explicit basic_async_result(const Executor& executor)
    : base(executor)
  {
  }

  template <detail::execution_context_like Context>
  explicit basic_async_result(Context& context)
    : basic_async_result(Executor(context.get_executor()))
  {
  }

  basic_async_result(basic_async_result&&) noexcept = default;
  basic_async_result& operator=(basic_async_result&&) noexcept = default;

  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_async_result(basic_async_result<T, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  void set(T value, boost::system::error_code& ec)
  {
    auto kept = std::make_unique<const T>(std::move(value));
    this->settle(
        [&](detail::result_state<T>& state)
        {
          return state.set_value(kept);
        },
        ec);
  }

  void set(T value)
  {
    boost::system::error_code ec;
    set(std::move(value), ec);
    this->throw_if(ec, "set");
  }

  std::optional<T> get(boost::system::error_code& ec) const
  {
    ec = this->status();
    if (ec)
      return std::nullopt;
    return this->shared().settled().value();
  }

  T get() const
  {
    this->throw_if(this->status(), "get");
    return this->shared().settled().value();
  }

  std::optional<T> try_get() const
  {
    if (!this->ready())
      return std::nullopt;
    return get();
  }

  friend std::string to_string(const basic_async_result& x)
  {
    return x.describe();
  }

  friend std::ostream& operator<<(std::ostream& out,
                                  const basic_async_result& x)
  {
    return out << to_string(x);
  }
};

/// Success, or an error, that any number of operations wait for.
template <class Executor, class Threading>
class basic_async_result<void, Executor, Threading>
  : public detail::result_base<void, Executor, Threading>
{
  using base = detail::result_base<void, Executor, Threading>;

public:
  /// The same primitive on another executor type.
  template <class OtherExecutor>
  struct rebind_executor
  {
    /// The rebound type.
    using other = basic_async_result<void, OtherExecutor, Threading>;
  };

  explicit basic_async_result(const Executor& executor)
    : base(executor)
  {
  }

  template <detail::execution_context_like Context>
  explicit basic_async_result(Context& context)
    : basic_async_result(Executor(context.get_executor()))
  {
  }

  basic_async_result(basic_async_result&&) noexcept = default;
  basic_async_result& operator=(basic_async_result&&) noexcept = default;

  template <class OtherExecutor>
  requires detail::convertible_executor<Executor, OtherExecutor>
  basic_async_result(basic_async_result<void, OtherExecutor, Threading>&& other)
    : base(std::move(other))
  {
  }

  void set(boost::system::error_code& ec)
  {
    this->settle(
        [](detail::result_state<void>& state)
        {
          return state.set();
        },
        ec);
  }

  void set()
  {
    boost::system::error_code ec;
    set(ec);
    this->throw_if(ec, "set");
  }

  void get(boost::system::error_code& ec) const
  {
    ec = this->status();
  }

  void get() const
  {
    this->throw_if(this->status(), "get");
  }

  bool try_get() const
  {
    if (!this->ready())
      return false;
    get();
    return true;
  }

  friend std::string to_string(const basic_async_result& x)
  {
    return x.describe();
  }

  friend std::ostream& operator<<(std::ostream& out,
                                  const basic_async_result& x)
  {
    return out << to_string(x);
  }
};

/// The result on any executor, safe to share between threads.
template <class T>
using async_result = basic_async_result<T>;

} // namespace toro

#endif // TORO_ASYNC_RESULT_HPP
