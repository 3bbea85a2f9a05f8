// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_IO_EXECUTOR_WORK_HPP
#define TORO_DETAIL_IO_EXECUTOR_WORK_HPP

#include <toro/detail/io/compat.hpp>
#include <toro/detail/io/embedded_memory.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution/allocator.hpp>
#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/require.hpp>
#include <boost/asio/strand.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

namespace toro::detail {

template <class T>
struct is_std_allocator : std::false_type
{
};

template <class T>
struct is_std_allocator<std::allocator<T>> : std::true_type
{
};

// Whether an executor is one of Asio's own, of which it is known that they
// count work without throwing and call nobody.
template <class Executor>
struct is_known_executor : std::false_type
{
};

template <>
struct is_known_executor<boost::asio::io_context::executor_type>
  : std::true_type
{
};

template <>
struct is_known_executor<
    boost::asio::strand<boost::asio::io_context::executor_type>>
  : std::true_type
{
};

template <class Executor>
inline constexpr bool may_be_known_executor =
    is_known_executor<Executor>::value ||
    std::is_same_v<Executor, boost::asio::any_io_executor>;

// Calls a function, which returns a bool, with the executor if it is known, or
// with the known one behind it. Returns false where there is none.
template <class Executor, class Function>
bool with_known_executor(const Executor& executor, Function function)
{
  if constexpr (is_known_executor<Executor>::value)
  {
    return function(executor);
  }
  else
  {
    using io_type = boost::asio::io_context::executor_type;
    using strand_type = boost::asio::strand<io_type>;
    if (const auto* io = executor.template target<io_type>())
      return function(*io);
    if (const auto* strand = executor.template target<strand_type>())
      return function(*strand);
    return false;
  }
}

template <class Executor>
bool is_executor_of_asio(const Executor& executor)
{
  if constexpr (may_be_known_executor<Executor>)
    return with_known_executor(executor,
                               [](const auto&)
                               {
                                 return true;
                               });
  else
    return false;
}

template <class T>
inline constexpr bool is_strand = false;

template <class Inner>
inline constexpr bool is_strand<boost::asio::strand<Inner>> = true;

template <class Executor>
bool is_strand_of_asio(const Executor& executor)
{
  if constexpr (may_be_known_executor<Executor>)
    return with_known_executor(
        executor,
        [](const auto& known)
        {
          return is_strand<std::decay_t<decltype(known)>>;
        });
  else
    return false;
}

// Whether an executor allocates once for a function. A strand does so twice.
template <class Executor>
inline constexpr bool can_embed =
    std::is_same_v<Executor, boost::asio::io_context::executor_type>;

// The executor of the io_context behind an executor, if that is known.
template <class Executor>
std::optional<boost::asio::io_context::executor_type>
context_executor(const Executor& executor)
{
  std::optional<boost::asio::io_context::executor_type> result;
  if constexpr (may_be_known_executor<Executor>)
    with_known_executor(
        executor,
        [&](const auto& known)
        {
          if constexpr (is_strand<std::decay_t<decltype(known)>>)
            result.emplace(known.get_inner_executor());
          else
            result.emplace(known);
          return true;
        });
  return result;
}

// Runs a function with the executor's own memory or with the handler's.
template <class Executor, class Function, class Allocator>
void execute_with(const Executor& executor, Function&& function,
                  const Allocator& allocator)
{
  if constexpr (is_std_allocator<Allocator>::value)
  {
    executor.execute(std::forward<Function>(function));
  }
  else
  {
    boost::asio::prefer(executor, boost::asio::execution::allocator(allocator))
        .execute(std::forward<Function>(function));
  }
}

// Implementation notes
//
// The executor that an operation completes on. While the operation waits, the
// executor is told of it (outstanding work); an operation that ends at once
// needs no such note, since the posted function is one.
//
// Functions are handed over with execute() on the executor that never blocks,
// derived without counting work. Why not asio::post(ex, f): where f has an
// associated executor it copies the executor with tracked work and dispatches
// a second time.
template <class Executor>
class executor_work
{
public:
  explicit executor_work(const Executor& executor)
    : executor_(executor)
  {
  }

  static constexpr bool is_known() noexcept
  {
    return is_known_executor<Executor>::value;
  }

  // Tells the executor that an operation is outstanding. Idempotent.
  void track()
  {
    if (const Executor* plain = std::get_if<0>(&executor_))
      executor_.template emplace<1>(
          holder{boost::asio::prefer(*plain, tracked)});
  }

  // Runs a function later.
  template <class Function, class Allocator>
  void post(Function&& function, const Allocator& allocator) const
  {
    if constexpr (is_embedded<Allocator> && !can_embed<Executor>)
      post(std::forward<Function>(function), std::allocator<void>());
    else if (const Executor* plain = std::get_if<0>(&executor_))
      post_on(*plain, std::forward<Function>(function), allocator);
    else
      post_on(boost::asio::prefer(std::get<1>(executor_).executor, untracked),
              std::forward<Function>(function), allocator);
  }

  // Runs a function now where the executor is the running one, else later.
  // Requires that the executor was told of the operation.
  template <class Function, class Allocator>
  void dispatch(Function&& function, const Allocator& allocator) const
  {
    const auto target =
        boost::asio::prefer(std::get<1>(executor_).executor, untracked,
                            boost::asio::execution::blocking.possibly);
    execute_with(target, std::forward<Function>(function), allocator);
  }

private:
  static constexpr auto tracked =
      boost::asio::execution::outstanding_work_t::tracked;
  static constexpr auto untracked =
      boost::asio::execution::outstanding_work_t::untracked;

  // The type with work may be the same as without.
  struct holder
  {
    std::decay_t<decltype(boost::asio::prefer(std::declval<const Executor&>(),
                                              tracked))>
        executor;
  };

  template <class E, class Function, class Allocator>
  static void post_on(const E& executor, Function&& function,
                      const Allocator& allocator)
  {
    if constexpr (boost::asio::can_require_v<
                      E, boost::asio::execution::blocking_t::never_t>)
    {
      // Safety: a copy, since the operation may be gone before this returns.
      const auto target = boost::asio::require(
          executor, boost::asio::execution::blocking.never);
      execute_with(target, std::forward<Function>(function), allocator);
    }
    else
    {
      static_assert(!sizeof(E*), "an executor that may block cannot post");
    }
  }

  std::variant<Executor, holder> executor_;
};

// The default executor is unwrapped once, here, so that the usual ones behind
// it are called directly.
template <>
class executor_work<boost::asio::any_io_executor>
{
  using any_type = boost::asio::any_io_executor;
  using io_type = boost::asio::io_context::executor_type;
  using strand_type = boost::asio::strand<io_type>;

public:
  explicit executor_work(const any_type& executor)
    : work_(unwrap(executor))
  {
  }

  bool is_known() const noexcept
  {
    return work_.index() != 2;
  }

  void track()
  {
    std::visit(
        [](auto& work)
        {
          work.track();
        },
        work_);
  }

  template <class Function, class Allocator>
  void post(Function&& function, const Allocator& allocator) const
  {
    std::visit(
        [&](const auto& work)
        {
          work.post(std::forward<Function>(function), allocator);
        },
        work_);
  }

  template <class Function, class Allocator>
  void dispatch(Function&& function, const Allocator& allocator) const
  {
    std::visit(
        [&](const auto& work)
        {
          work.dispatch(std::forward<Function>(function), allocator);
        },
        work_);
  }

private:
  // Any executor as it is.
  class wrapped
  {
  public:
    explicit wrapped(const any_type& executor)
      : executor_(executor)
    {
    }

    void track()
    {
      executor_ = boost::asio::prefer(
          executor_, boost::asio::execution::outstanding_work_t::tracked);
    }

    template <class Function, class Allocator>
    void post(Function&& function, const Allocator&) const
    {
      boost::asio::require(untracked(), boost::asio::execution::blocking.never)
          .execute(std::forward<Function>(function));
    }

    template <class Function, class Allocator>
    void dispatch(Function&& function, const Allocator&) const
    {
      boost::asio::prefer(untracked(),
                          boost::asio::execution::blocking.possibly)
          .execute(std::forward<Function>(function));
    }

  private:
    any_type untracked() const
    {
      return boost::asio::prefer(
          executor_, boost::asio::execution::outstanding_work_t::untracked);
    }

    any_type executor_;
  };

  using work_type =
      std::variant<executor_work<io_type>, executor_work<strand_type>, wrapped>;

  static work_type unwrap(const any_type& executor)
  {
    if (const io_type* io = executor.target<io_type>())
      return work_type(std::in_place_index<0>, *io);
    if (const strand_type* strand = executor.target<strand_type>())
      return work_type(std::in_place_index<1>, *strand);
    return work_type(std::in_place_index<2>, executor);
  }

  work_type work_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_IO_EXECUTOR_WORK_HPP
