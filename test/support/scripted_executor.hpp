// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_SCRIPTED_EXECUTOR_HPP
#define TORO_TEST_SUPPORT_SCRIPTED_EXECUTOR_HPP

#include <boost/asio/execution/blocking.hpp>
#include <boost/asio/execution/context.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace toro_test {

// A function that an executor was given, whatever its type.
class task
{
public:
  template <class Function>
  explicit task(Function function)
    : function_(std::make_unique<holder<Function>>(std::move(function)))
  {
  }

  // Runs the function, which is moved out first, as Asio's executors do.
  void operator()()
  {
    std::exchange(function_, nullptr)->run();
  }

private:
  struct base
  {
    virtual ~base() = default;
    virtual void run() = 0;
  };

  template <class Function>
  struct holder final : base
  {
    explicit holder(Function&& f)
      : function(std::move(f))
    {
    }

    void run() override
    {
      Function mine(std::move(function));
      mine();
    }

    Function function;
  };

  std::unique_ptr<base> function_;
};

// An executor of an io_context that does with a function what a test says.
// Copies share what it does, and own the context if the test does not.
class scripted_executor
{
public:
  using script = std::function<void(task)>;

  scripted_executor(std::shared_ptr<boost::asio::io_context> context,
                    script what)
    : context_(std::move(context)),
      script_(std::make_shared<script>(std::move(what)))
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

  scripted_executor
  require(boost::asio::execution::blocking_t::never_t) const noexcept
  {
    return *this;
  }

  template <class Function>
  void execute(Function&& function) const
  {
    (*script_)(task(std::forward<Function>(function)));
  }

  friend bool operator==(const scripted_executor& a,
                         const scripted_executor& b) noexcept
  {
    return a.script_ == b.script_;
  }

private:
  std::shared_ptr<boost::asio::io_context> context_;
  std::shared_ptr<script> script_;
};

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_SCRIPTED_EXECUTOR_HPP
