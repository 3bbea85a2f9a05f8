// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_PROBE_OPERATION_HPP
#define TORO_TEST_SUPPORT_PROBE_OPERATION_HPP

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/system/error_code.hpp>

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace toro_test {

// An operation on an executor, which records the emissions to it. It completes,
// or its handler is destroyed, when the test says so.
template <class Executor>
class probe_operation
{
public:
  explicit probe_operation(Executor executor)
    : executor_(std::move(executor))
  {
  }

  template <class Token>
  auto async_run(Token&& token)
  {
    return boost::asio::async_initiate<Token, void(boost::system::error_code)>(
        initiation(*this), token);
  }

  // The handler is called in this call.
  void complete(boost::system::error_code ec = {})
  {
    std::exchange(handler_, nullptr)->call(ec);
  }

  void destroy_handler()
  {
    handler_ = nullptr;
  }

  std::vector<boost::asio::cancellation_type_t> emitted;

  // What the function in the slot owns.
  std::weak_ptr<int> in_slot;

  // Called after an emission, and in the initiation.
  std::function<void()> on_emit = [] {};
  std::function<void()> on_start = [] {};

private:
  class initiation
  {
  public:
    using executor_type = Executor;

    explicit initiation(probe_operation& owner)
      : owner_(&owner)
    {
    }

    executor_type get_executor() const noexcept
    {
      return owner_->executor_;
    }

    template <class Handler>
    void operator()(Handler&& handler) const
    {
      owner_->start(std::decay_t<Handler>(std::forward<Handler>(handler)));
    }

  private:
    probe_operation* owner_;
  };

  template <class Handler>
  void start(Handler handler)
  {
    auto slot = boost::asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected())
    {
      const auto content = std::make_shared<int>();
      in_slot = content;
      slot.assign(
          [this, content](boost::asio::cancellation_type_t type)
          {
            emitted.push_back(type);
            on_emit();
          });
    }
    handler_ = std::make_unique<holder<Handler>>(std::move(handler));
    on_start();
  }

  struct pending
  {
    virtual ~pending() = default;
    virtual void call(boost::system::error_code ec) = 0;
  };

  template <class Handler>
  struct holder final : pending
  {
    explicit holder(Handler&& h)
      : handler(std::move(h))
    {
    }

    void call(boost::system::error_code ec) override
    {
      std::move(handler)(std::move(ec));
    }

    Handler handler;
  };

  Executor executor_;
  std::unique_ptr<pending> handler_;
};

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_PROBE_OPERATION_HPP
