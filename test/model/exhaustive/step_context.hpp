// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_EXHAUSTIVE_STEP_CONTEXT_HPP
#define TORO_TEST_MODEL_EXHAUSTIVE_STEP_CONTEXT_HPP

#include <toro/detail/operation/delivery.hpp>

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/execution_context.hpp>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <type_traits>
#include <utility>

namespace toro_test {

// Runs one function at a time, when it is told to, or destroys one instead.
// It tells completions of operations from what the library does for itself.
class step_context : public boost::asio::execution_context
{
public:
  step_context() = default;

  // Order: as in Asio's contexts, services learn of the end first.
  ~step_context()
  {
    shutdown();
    while (!tasks_.empty())
      tasks_.pop_front();
    destroy();
  }

  template <class Function>
  void add(Function&& function)
  {
    using function_type = std::decay_t<Function>;
    tasks_.push_back(std::make_unique<task_of<function_type>>(
        std::forward<Function>(function)));
    tasks_.back()->completes =
        std::is_same_v<function_type, toro::detail::delivery>;
  }

  // How many completions are there.
  std::size_t completions() const
  {
    return static_cast<std::size_t>(
        std::count_if(tasks_.begin(), tasks_.end(), is_completion));
  }

  // Runs the next completion or the k-th one after it, or destroys it.
  void complete_one(std::size_t k = 0)
  {
    take_completion(k)->run();
  }

  void drop_one(std::size_t k = 0)
  {
    take_completion(k);
  }

  // Runs the next function that is no completion. Returns false where there is
  // none.
  bool run_internal()
  {
    const task_pointer next = take_first(
        [](const task_pointer& t)
        {
          return !is_completion(t);
        });
    if (next)
      next->run();
    return next != nullptr;
  }

private:
  class task
  {
  public:
    virtual ~task() = default;
    virtual void run() = 0;

    bool completes = false;
  };

  using task_pointer = std::unique_ptr<task>;

  template <class Function>
  class task_of final : public task
  {
  public:
    template <class Source>
    explicit task_of(Source&& source)
      : function_(std::forward<Source>(source))
    {
    }

    void run() override
    {
      function_();
    }

  private:
    Function function_;
  };

  static bool is_completion(const task_pointer& t)
  {
    return t->completes;
  }

  task_pointer take_completion(std::size_t k)
  {
    return take_first(
        [&k](const task_pointer& t)
        {
          return is_completion(t) && k-- == 0;
        });
  }

  template <class Filter>
  task_pointer take_first(Filter selects)
  {
    const auto place = std::find_if(tasks_.begin(), tasks_.end(), selects);
    if (place == tasks_.end())
      return nullptr;
    task_pointer result = std::move(*place);
    tasks_.erase(place);
    return result;
  }

  std::deque<task_pointer> tasks_;
};

class step_executor
{
public:
  explicit step_executor(step_context& context) noexcept
    : context_(&context)
  {
  }

  boost::asio::execution_context&
  query(boost::asio::execution::context_t) const noexcept
  {
    return *context_;
  }

  static constexpr boost::asio::execution::blocking_t
  query(boost::asio::execution::blocking_t) noexcept
  {
    return boost::asio::execution::blocking.never;
  }

  step_executor
  require(boost::asio::execution::blocking_t::never_t) const noexcept
  {
    return *this;
  }

  template <class Function>
  void execute(Function&& function) const
  {
    context_->add(std::forward<Function>(function));
  }

  friend bool operator==(const step_executor&,
                         const step_executor&) noexcept = default;

private:
  step_context* context_;
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_EXHAUSTIVE_STEP_CONTEXT_HPP
