// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_RECIPES_PROMISE_HPP
#define TORO_EXAMPLE_RECIPES_PROMISE_HPP

#include <toro/async_result.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <utility>

namespace recipes {

/// What a job owes. One that is dropped on its way says so by its destructor.
template <class T>
class promise
{
public:
  promise() noexcept = default;

  explicit promise(std::shared_ptr<toro::async_result<T>> to)
    : to_(std::move(to))
  {
  }

  promise(promise&&) noexcept = default;
  promise& operator=(promise&&) = delete;

  ~promise()
  {
    if (to_)
      break_off(boost::asio::error::operation_aborted);
  }

  void keep(T value)
  {
    to_->set(std::move(value));
  }

  /// Tell why there will be no value, unless there is one.
  void break_off(boost::system::error_code why)
  {
    boost::system::error_code was_kept;
    to_->set_error(why, was_kept);
  }

private:
  std::shared_ptr<toro::async_result<T>> to_;
};

} // namespace recipes

#endif // TORO_EXAMPLE_RECIPES_PROMISE_HPP
