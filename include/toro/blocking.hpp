// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_BLOCKING_HPP
#define TORO_BLOCKING_HPP

#include <toro/detail/config.hpp>
#include <toro/detail/executor/waiting_thread.hpp>
#include <toro/detail/operation/completion.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/config.hpp>
#include <boost/core/no_exceptions_support.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <boost/throw_exception.hpp>

#include <concepts>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace toro {

/// A completion token for threads that run no loop.
/**
 * A worker thread, a callback of a C library or @c main itself often runs no
 * @c io_context, and still has to wait. With this token an operation waits in
 * the calling thread, and returns as a function does:
 *
 * @code
 * auto job = jobs.async_get(1s, toro::blocking);
 * jobs.async_put("next", toro::blocking(ec));
 * @endcode
 *
 * The call returns what the handler would get after its error code: nothing,
 * one value, or a @c std::tuple of several. An error code is thrown as a
 * @c boost::system::system_error, and an @c exception_ptr is rethrown. With
 * <tt>toro::blocking(ec)</tt> the code is stored in @c ec, also that of a
 * @c system_error, and the call returns the value that came with it.
 *
 * The handler is called in the waiting thread, and its memory is on the stack
 * of that thread. So with an object of this library nobody has to run the
 * object's context, not even for a deadline: the context may never have been
 * run, or may have been stopped. While the thread waits, the operation counts
 * as work of that context. If the handler is destroyed without being invoked,
 * since the context is destroyed or for another reason, the call ends with
 * @c boost::asio::error::operation_aborted.
 *
 * Its limits:
 * @li An object that is strand_bound does not compile, since the thread is not
 * on the strand.
 * @li An operation of another library, such as a timer or a socket, works, but
 * needs a context that another thread runs.
 * @li A thread that runs the object's context must not block on it: the context
 * could not go on. A debug build asserts that. In a coroutine use @c co_await.
 * @li A function that the object calls while it gives a completion to an
 * executor must not block on the object: an executor that runs functions at
 * once or drops them calls or destroys handlers there. A debug build asserts
 * that.
 * @li It locks mutexes and must not be used in a signal handler: use
 * @c boost::asio::signal_set there.
 * @li If an executor is bound to the handler (@c bind_executor), the handler is
 * called there, so another thread has to run that executor.
 *
 * Adapters such as @c as_tuple, @c redirect_error, @c bind_cancellation_slot
 * and toro::bind_name work with it. If a predicate throws, the wait ends, and
 * the exception leaves the call. With @c bind_cancellation_slot around the
 * token the wait goes on, and the exception leaves the call when the wait ends.
 * If the move of an item of a queue throws, the exception leaves the call, and
 * the item returns to its position; behind an adapter, or with async_first_of,
 * it may be lost.
 *
 * @par Thread Safety
 * @e Distinct @e objects: Safe. @n
 * @e Shared @e objects: Safe, unless they store errors in the same variable.
 *
 * @par Complexity
 * The operation is not allocated, unless adapters make the handler large. If
 * there is a predicate, Asio allocates for its cancellation slot, and if there
 * is a deadline, for the timer of the object when that is set. A thread that
 * has to wait sleeps on a @c std::condition_variable.
 *
 * @par Example
 * For example:
 * @code
 * asio::io_context context; // Nobody runs it.
 * toro::queue<std::string> jobs(context, 1);
 * std::thread worker(
 *     [&]
 *     {
 *       boost::system::error_code ec;
 *       while (true)
 *       {
 *         const std::string job = jobs.async_get(toro::blocking(ec));
 *         if (ec)
 *           break;
 *         assert(job == "first" || job == "second");
 *       }
 *       assert(ec == toro::error::closed);
 *     });
 * jobs.async_put("first", toro::blocking);
 * jobs.async_put("second", std::chrono::seconds(5), toro::blocking);
 * jobs.close();
 * worker.join();
 * @endcode
 */
class TORO_DETAIL_VISIBLE blocking_t
{
public:
  /// Constructs the token.
  constexpr blocking_t() = default;

  /// Makes a token that stores the error instead of throwing it.
  /**
   * @param ec Where to store the error code of the operation, or success. It
   * has to live until the call returns.
   *
   * @returns The token.
   *
   * @toro_constant
   */
  [[nodiscard]] constexpr blocking_t
  operator()(boost::system::error_code& ec) const noexcept
  {
    blocking_t result;
    result.ec_ = &ec;
    return result;
  }

  /// @cond
  constexpr boost::system::error_code* target() const noexcept
  {
    return ec_;
  }
  /// @endcond

private:
  boost::system::error_code* ec_ = nullptr;
};

/// The token for threads that run no loop.
inline constexpr blocking_t blocking;

namespace detail {

// How the arguments of a handler become the result of a call: an error is
// thrown or stored, and the values are returned.
template <class... Values>
struct blocking_values
{
  using type = std::tuple<Values...>;
};

template <>
struct blocking_values<>
{
  using type = void;
};

template <class Value>
struct blocking_values<Value>
{
  using type = Value;
};

template <class... Args>
struct blocking_result
{
  static constexpr std::size_t count = sizeof...(Args);
  using error_type = void;
  using type = typename blocking_values<Args...>::type;
};

template <class... Values>
struct blocking_result<boost::system::error_code, Values...>
{
  static constexpr std::size_t count = sizeof...(Values);
  using error_type = boost::system::error_code;
  using type = typename blocking_values<Values...>::type;
};

template <class... Values>
struct blocking_result<std::exception_ptr, Values...>
{
  static constexpr std::size_t count = sizeof...(Values);
  using error_type = std::exception_ptr;
  using type = typename blocking_values<Values...>::type;
};

// Whether a type is a request of this library, and whether that has a
// predicate.
template <class T>
concept is_request = requires
{
  typename T::signature;
  T::has_predicate;
};

template <class T>
inline constexpr bool has_predicate = false;

template <is_request T>
inline constexpr bool has_predicate<T> = T::has_predicate;

// An item on its way out of a queue whose move may throw. It stays at its
// position until the call returns it, by one move; if that throws, it returns
// there.
template <class Value>
class kept_item
{
public:
  kept_item() noexcept = default;
  kept_item(const kept_item&) = delete;
  kept_item& operator=(const kept_item&) = delete;

  ~kept_item()
  {
    if (item_)
      std::destroy_at(item_);
  }

  template <class Item>
  void keep(Item&& item) noexcept
  {
    static_assert(sizeof(holder<Item>) <= sizeof(memory_) &&
                  alignof(holder<Item>) <= alignof(std::max_align_t));
    item_ = ::new (static_cast<void*>(memory_)) holder<Item>(std::move(item));
  }

  bool has_value() const noexcept
  {
    return item_ != nullptr;
  }

  Value take()
  {
    // Order: it leaves its position when the result has been made.
    const departure leaving{*this};
    return Value(item_->take());
  }

private:
  class any_holder
  {
  public:
    virtual ~any_holder() = default;
    virtual Value&& take() noexcept = 0;
  };

  template <class Item>
  class holder final : public any_holder
  {
  public:
    explicit holder(Item&& item) noexcept
      : item_(std::move(item))
    {
    }

    Value&& take() noexcept override
    {
      return item_.take();
    }

  private:
    Item item_;
  };

  struct departure
  {
    kept_item& self;

    ~departure()
    {
      std::destroy_at(std::exchange(self.item_, nullptr));
    }
  };

  any_holder* item_ = nullptr;
  alignas(std::max_align_t) std::byte memory_[12 * sizeof(void*)];
};

// For values that are not items, or whose moves do not throw.
struct no_kept_item
{
  static constexpr bool has_value() noexcept
  {
    return false;
  }
};

template <class... Args>
struct kept_item_of
{
  using type = no_kept_item;
};

template <class Value>
requires(!std::is_nothrow_move_constructible_v<Value>) struct kept_item_of<
    boost::system::error_code, Value>
{
  using type = kept_item<Value>;
};

// A call that waits for an operation.
template <class... Args>
class blocking_call
{
  using result = blocking_result<Args...>;
  using kept_type = typename kept_item_of<Args...>::type;

public:
  using return_type = typename result::type;

  explicit blocking_call(boost::system::error_code* target) noexcept
    : target_(target)
  {
  }

  // Asserts that this thread does not run what it is to wait for.
  template <class Executor>
  void check_not_in_context_of(const Executor& executor)
  {
    thread_executor(thread_).check_not_in_context_of(executor);
  }

  // Starts the operation and waits for its end. If the operation may call a
  // predicate, an exception that the predicate throws ends it.
  template <bool HasPredicate, class Function>
  return_type run(Function start)
  {
    if constexpr (HasPredicate)
      signal_.emplace();
    std::exception_ptr at_start;
    std::exception_ptr later;
    catch_into(at_start,
               [&]
               {
                 start(handler(*this));
               });
    while (catch_into(later,
                      [this]
                      {
                        thread_.wait();
                      }))
    {
      if (signal_)
        signal_->emit(boost::asio::cancellation_type::terminal);
    }
    if (later)
      std::rethrow_exception(later);
    if (failure_)
      std::rethrow_exception(failure_);
    // Order: last, since what did not end the operation has to do with another
    // one, whose completion an executor refused.
    if (at_start && !args_.has_value() && !item_.has_value())
      std::rethrow_exception(at_start);
    return get_result();
  }

private:
  // Tells the call when it was called or destroyed.
  class handler : public moves_items_itself
  {
  public:
    using executor_type = thread_executor;
    using allocator_type = thread_allocator<void>;
    using cancellation_slot_type = boost::asio::cancellation_slot;

    explicit handler(blocking_call& call) noexcept
      : call_(&call)
    {
    }

    handler(handler&& other) noexcept
      : call_(std::exchange(other.call_, nullptr))
    {
    }

    ~handler()
    {
      if (call_)
        call_->thread_.finish();
    }

    executor_type get_executor() const noexcept
    {
      return executor_type(call_->thread_);
    }

    allocator_type get_allocator() const noexcept
    {
      return allocator_type(call_->thread_);
    }

    cancellation_slot_type get_cancellation_slot() const noexcept
    {
      return call_->signal_ ? call_->signal_->slot() : cancellation_slot_type();
    }

    void operator()(Args... args)
    {
      handler ending(std::move(*this));
      ending.call_->store(std::forward<Args>(args)...);
    }

    template <class Item>
    void take_over(Item&& item)
    {
      if (!item.has_item())
        return operator()(item.ec, typename Item::value_type());
      const handler ending(std::move(*this));
      ending.call_->item_.keep(std::move(item));
    }

  private:
    blocking_call* call_;
  };

  // Returns whether the function threw.
  template <class Function>
  static bool catch_into(std::exception_ptr& failure,
                         Function function) noexcept
  {
    BOOST_TRY
    {
      function();
      return false;
    }
    BOOST_CATCH(...)
    {
      failure = std::current_exception();
      return true;
    }
    BOOST_CATCH_END
  }

  void store(Args&&... args) noexcept
  {
    catch_into(failure_,
               [&]
               {
                 args_.emplace(std::forward<Args>(args)...);
               });
  }

  return_type get_result()
  {
    if constexpr (!std::is_same_v<kept_type, no_kept_item>)
    {
      if (item_.has_value())
      {
        if (target_)
          *target_ = {};
        return item_.take();
      }
    }
    const boost::system::error_code ec =
        args_ ? get_error() : boost::asio::error::operation_aborted;
    if (target_)
      *target_ = ec;
    else if (ec)
      boost::throw_exception(boost::system::system_error(ec));
    if (args_)
      return get_values(std::make_index_sequence<result::count>());
    if constexpr (std::is_void_v<return_type> ||
                  std::is_default_constructible_v<return_type>)
      return return_type();
    else
      boost::throw_exception(boost::system::system_error(ec));
  }

  boost::system::error_code get_error() const
  {
    if constexpr (std::is_void_v<typename result::error_type>)
      return {};
    else
      return to_code(std::get<0>(*args_));
  }

  boost::system::error_code to_code(boost::system::error_code ec) const noexcept
  {
    return ec;
  }

  // Only a system_error has a code that can be stored.
  boost::system::error_code to_code(const std::exception_ptr& failure) const
  {
    if (!failure)
      return {};
#if !defined(BOOST_NO_EXCEPTIONS)
    if (target_)
    {
      // Why not BOOST_CATCH: it declares no variable without exceptions.
      try
      {
        std::rethrow_exception(failure);
      }
      catch (const boost::system::system_error& e)
      {
        return e.code();
      }
    }
#endif
    std::rethrow_exception(failure);
  }

  template <std::size_t... I>
  return_type get_values(std::index_sequence<I...>)
  {
    constexpr std::size_t skipped = sizeof...(Args) - sizeof...(I);
    return return_type(std::get<I + skipped>(std::move(*args_))...);
  }

  std::optional<boost::asio::cancellation_signal> signal_;
  std::optional<std::tuple<std::decay_t<Args>...>> args_;
  [[no_unique_address]] kept_type item_;

  // What the move of an argument has thrown.
  std::exception_ptr failure_;

  boost::system::error_code* const target_;
  waiting_thread thread_;
};

} // namespace detail

} // namespace toro

namespace boost::asio {

/// @cond
template <class R, class... Args>
class async_result<toro::blocking_t, R(Args...)>
{
  using call_type = toro::detail::blocking_call<Args...>;

public:
  using return_type = typename call_type::return_type;

  template <class Initiation, class... InitArgs>
  static return_type initiate(Initiation&& initiation, toro::blocking_t token,
                              InitArgs&&... args)
  {
    using namespace toro::detail;
    constexpr bool is_foreign = !(is_request<std::decay_t<InitArgs>> || ...);
    call_type call(token.target());
    // The operations of this library check it when they start.
    if constexpr (is_foreign && requires { initiation.get_executor(); })
      call.check_not_in_context_of(initiation.get_executor());
    return call.template run<(has_predicate<std::decay_t<InitArgs>> || ...)>(
        [&](auto&& handler)
        {
          std::forward<Initiation>(initiation)(std::move(handler),
                                               std::forward<InitArgs>(args)...);
        });
  }
};
/// @endcond

} // namespace boost::asio

#endif // TORO_BLOCKING_HPP
