// SPDX-License-Identifier: BSL-1.0
#include <toro/async_result.hpp>
#include <toro/condition.hpp>
#include <toro/event.hpp>

#include <memory>
#include <string>

#include "robustness/fuzz/subject.hpp"

namespace toro_test {

namespace {

template <class Threading>
class event_subject
  : public subject_of<toro::basic_event<any_executor, Threading>>
{
  using base = subject_of<toro::basic_event<any_executor, Threading>>;

public:
  using base::base;

  void act() override
  {
    if (!this->is_there())
      return;
    switch (this->in_.below(4))
    {
    case 0:
      this->object().set();
      is_set_ = true;
      break;
    case 1:
      this->object().clear();
      is_set_ = false;
      break;
    default:
      this->begin(
          [this](auto&&... how)
          {
            this->object().async_wait(std::forward<decltype(how)>(how)...);
          },
          [](error_code) {});
    }
    require(this->object().is_set() == is_set_, "an event has changed");
    require(!is_set_ || this->object().waiters() == 0,
            "a wait is left although the event is set");
  }

  void balance() override
  {
    require(!this->is_there() || this->object().waiters() == 0,
            "a wait is left");
  }

private:
  bool is_set_ = false;
};

template <class Threading>
class condition_subject
  : public subject_of<toro::basic_condition<any_executor, Threading>>
{
  using base = subject_of<toro::basic_condition<any_executor, Threading>>;

public:
  using base::base;

  void act() override
  {
    if (!this->is_there())
      return;
    switch (this->in_.below(6))
    {
    case 0:
      offered_ += this->object().notify(this->in_.below(3));
      return;
    case 1:
      offered_ += this->object().notify_all();
      return;
    case 2:
      level_ = this->in_.below(3);
      return;
    case 3:
      return wait_for_level();
    default:
      this->begin(
          [this](auto&&... how)
          {
            this->object().async_wait(std::forward<decltype(how)>(how)...);
          },
          [this](error_code ec)
          {
            woken_ += !ec;
            require(woken_ <= offered_, "more are woken than were notified");
          });
    }
  }

  void balance() override
  {
    require(!this->is_there() || this->object().waiters() == 0,
            "a wait is left");
  }

private:
  // The predicate throws now and then.
  void wait_for_level()
  {
    const std::size_t wanted = this->in_.below(3);
    const auto held = std::make_shared<bool>(false);
    const auto reached = [this, wanted, held]
    {
      if (this->in_.below(16) == 1)
        throw user_exception();
      return *held = level_ >= wanted;
    };
    this->begin(
        [&](auto&&... how)
        {
          this->object().async_wait(reached,
                                    std::forward<decltype(how)>(how)...);
        },
        [held](error_code ec)
        {
          require(ec || *held, "a predicate did not hold");
        });
  }

  std::size_t offered_ = 0;
  std::size_t woken_ = 0;
  std::size_t level_ = 0;
};

template <class Threading>
class result_subject
  : public subject_of<
        toro::basic_async_result<std::string, any_executor, Threading>>
{
  using base = subject_of<
      toro::basic_async_result<std::string, any_executor, Threading>>;

public:
  using base::base;

  void act() override
  {
    if (!this->is_there())
      return;
    if (this->in_.below(8) == 0)
    {
      error_code ec;
      this->object().set("a value that is not short", ec);
      require(!ec == !is_set_, "a result is set twice, or not at all");
      is_set_ = true;
      return;
    }
    this->begin(
        [this](auto&&... how)
        {
          this->object().async_get(std::forward<decltype(how)>(how)...);
        },
        [](error_code ec, std::string value)
        {
          require(ec || value == "a value that is not short",
                  "a reader got something else");
        });
  }

  void balance() override
  {
    if (!this->is_there())
      return;
    require(this->object().ready() == is_set_, "a result has changed");
    require(this->object().waiters() == 0, "a wait is left");
  }

private:
  bool is_set_ = false;
};

template <class Threading>
subject_pointer make(std::size_t kind, surroundings& around)
{
  switch (kind)
  {
  case 0:
    return std::make_unique<event_subject<Threading>>(around);
  case 1:
    return std::make_unique<condition_subject<Threading>>(around);
  default:
    return std::make_unique<result_subject<Threading>>(around);
  }
}

} // namespace

subject_pointer make_signal(std::size_t kind, bool shared, surroundings& around)
{
  return shared ? make<toro::thread_safe>(kind, around)
                : make<toro::strand_bound>(kind, around);
}

} // namespace toro_test
