// SPDX-License-Identifier: BSL-1.0
#include "model/actions/task_group.hpp"

#include <toro/task_group.hpp>
#include <toro/threading.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <exception>
#include <list>
#include <string>
#include <utility>
#include <vector>

#include "model/exhaustive/library.hpp"

namespace toro_test {

// A place comes with a success only; it cannot say whether it is one.
template <class Handler, class Executor>
bool is_something(const toro::detail::child_place<Handler, Executor>&)
{
  return false;
}

} // namespace toro_test

namespace {

using namespace toro_test;
using types = boost::asio::cancellation_type;

// Children are places that are kept until they end. The wait for a place is
// that of async_for_each, whose handler gets the place.
template <class Threading>
class task_group_library
  : public public_library<task_group_library<Threading>,
                          toro::basic_task_group<step_executor, Threading>>
{
  using primitive = toro::basic_task_group<step_executor, Threading>;
  using base = public_library<task_group_library, primitive>;
  using place_type = typename primitive::child_token_type::place_type;

public:
  task_group_library(std::size_t limit, bool failure_cancels)
  {
    options_.limit = limit;
    if (!failure_cancels)
      options_.on_failure = toro::failure_policy::keep_going;
    this->make_object();
  }

  primitive make()
  {
    return primitive(this->executor(), options_);
  }

  std::size_t enter()
  {
    const auto token = this->object().child();
    const toro::detail::admission result = token.enter();
    if (result == toro::detail::admission::admitted)
      children_.push_back(token.place());
    return static_cast<std::size_t>(result);
  }

  void leave()
  {
    children_.pop_front();
  }

  void fail(bool aborted)
  {
    failures_.push_back(
        aborted ? std::make_exception_ptr(boost::system::system_error(
                      boost::asio::error::operation_aborted))
                : std::make_exception_ptr(0));
    place_type child = std::move(children_.front());
    children_.pop_front();
    child.start(
        [](auto handler, const std::exception_ptr& failure)
        {
          std::move(handler)(failure);
        },
        failures_.back());
  }

  std::size_t stop()
  {
    return this->object().cancel();
  }

  std::size_t close()
  {
    return this->object().close();
  }

  void start_spawn(patience how_long)
  {
    joins_.push_back(false);
    this->start(how_long,
                [&](auto&&... args)
                {
                  wait_for_place(std::forward<decltype(args)>(args)...);
                });
  }

  void start_join(patience how_long)
  {
    joins_.push_back(true);
    this->start(how_long,
                [&](auto&&... args)
                {
                  join(std::forward<decltype(args)>(args)...);
                });
  }

  // A join is cancelled in a way that ends it alone.
  void cancel(std::size_t w)
  {
    this->emit(w, joins_[w] ? types::partial : types::terminal);
  }

  void pass_on(std::size_t w)
  {
    this->emit(w, types::terminal);
  }

  void look(view& v) const
  {
    v.add("size", this->object().size());
    v.add("open", this->object().is_open());
    v.add("failure", number_of(this->object().failure()));
    v.add("waiters", this->object().waiters());
  }

  std::size_t keep(std::size_t, place_type&& place)
  {
    children_.push_back(std::move(place));
    return 0;
  }

  static std::size_t keep(std::size_t, std::size_t failure)
  {
    return failure;
  }

private:
  // Tells a listener of failures by their numbers.
  template <class Listener>
  struct join_handler
  {
    using cancellation_slot_type = boost::asio::cancellation_slot;

    cancellation_slot_type get_cancellation_slot() const noexcept
    {
      return listener.get_cancellation_slot();
    }

    void operator()(const std::exception_ptr& failure)
    {
      const std::size_t number = library->number_of(failure);
      if (!failure || number != 0)
        return std::move(listener)(error_code(), number);
      try
      {
        std::rethrow_exception(failure);
      }
      catch (const boost::system::system_error& e)
      {
        std::move(listener)(e.code(), std::size_t(0));
      }
    }

    task_group_library* library;
    Listener listener;
  };

  template <class Listener>
  void wait_for_place(Listener&& listener)
  {
    wait_for_place(toro::deadline(), std::forward<Listener>(listener));
  }

  template <class Listener>
  void wait_for_place(toro::deadline limit, Listener&& listener)
  {
    toro::detail::task_group_access::wait_for_place(
        this->object(), limit, std::forward<Listener>(listener));
  }

  template <class Listener>
  void join(Listener&& listener)
  {
    this->object().async_join(
        join_handler<Listener>{this, std::forward<Listener>(listener)});
  }

  template <class Listener>
  void join(toro::deadline limit, Listener&& listener)
  {
    this->object().async_join(
        limit, join_handler<Listener>{this, std::forward<Listener>(listener)});
  }

  // Zero for none, and for what is not the failure of a child.
  std::size_t number_of(const std::exception_ptr& failure) const
  {
    for (std::size_t i = 0; failure && i != failures_.size(); ++i)
    {
      if (failures_[i] == failure)
        return i + 1;
    }
    return 0;
  }

  toro::task_group_options options_;
  std::list<place_type> children_;
  std::vector<std::exception_ptr> failures_;
  std::vector<bool> joins_;
};

template <class Threading>
void test_task_group(const std::string& name, std::size_t limit,
                     bool failure_cancels)
{
  test_all_sequences<task_group_machine<task_group_library<Threading>>>(
      name, public_lengths(), limit, failure_cancels);
}

} // namespace

BOOST_AUTO_TEST_CASE(task_group_follows_the_model)
{
  test_task_group<toro::thread_safe>("task_group of 1", 1, true);
  test_task_group<toro::thread_safe>("task_group of 2", 2, true);
  test_task_group<toro::strand_bound>(
      "strand_bound task_group of 1 that keeps going", 1, false);
}
