// SPDX-License-Identifier: BSL-1.0
#include <toro/async_result.hpp>
#include <toro/barrier.hpp>
#include <toro/condition.hpp>
#include <toro/event.hpp>
#include <toro/latch.hpp>
#include <toro/threading.hpp>
#include <toro/wait_group.hpp>

#include <boost/system/errc.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <optional>
#include <utility>

#include "model/actions/barrier.hpp"
#include "model/actions/condition.hpp"
#include "model/actions/event.hpp"
#include "model/actions/latch.hpp"
#include "model/actions/wait_group.hpp"
#include "model/exhaustive/library.hpp"

namespace {

using namespace toro_test;
using toro::strand_bound;
using toro::thread_safe;

// One that is made of an executor and nothing else.
template <class Derived, class Primitive>
class plain_library : public public_library<Derived, Primitive>
{
public:
  Primitive make()
  {
    return Primitive(this->executor());
  }

protected:
  plain_library()
  {
    this->make_object();
  }
};

template <class Threading>
class event_library
  : public plain_library<event_library<Threading>,
                         toro::basic_event<step_executor, Threading>>
{
public:
  void start_wait(patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_wait(
                      std::forward<decltype(args)>(args)...);
                });
  }

  std::size_t set()
  {
    return this->object().set();
  }

  void clear()
  {
    this->object().clear();
  }

  void look(view& v) const
  {
    v.add("is set", this->object().is_set());
    v.add("waiters", this->object().waiters());
  }
};

template <class Threading>
class latch_library
  : public public_library<latch_library<Threading>,
                          toro::basic_latch<step_executor, Threading>>
{
  using primitive = toro::basic_latch<step_executor, Threading>;

public:
  explicit latch_library(std::size_t expected)
    : expected_(expected)
  {
    this->make_object();
  }

  primitive make()
  {
    return primitive(this->executor(), expected_);
  }

  void start_wait(patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_wait(
                      std::forward<decltype(args)>(args)...);
                });
  }

  void start_arrive(patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_arrive(
                      std::forward<decltype(args)>(args)...);
                });
  }

  std::size_t count_down(std::size_t n)
  {
    error_code ec;
    return count_of(this->object().count_down(n, ec), ec);
  }

  void look(view& v) const
  {
    v.add("count", this->object().count());
    v.add("waiters", this->object().waiters());
  }

private:
  std::size_t expected_;
};

template <class Threading>
class barrier_library
  : public public_library<barrier_library<Threading>,
                          toro::basic_barrier<step_executor, Threading>>
{
  using primitive = toro::basic_barrier<step_executor, Threading>;

public:
  explicit barrier_library(std::size_t parties)
    : parties_(parties)
  {
    this->make_object();
  }

  primitive make()
  {
    return primitive(this->executor(), parties_);
  }

  void start_arrive(patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_arrive(
                      std::forward<decltype(args)>(args)...);
                });
  }

  std::size_t drop()
  {
    error_code ec;
    return count_of(this->object().drop(ec), ec);
  }

  static std::size_t keep(std::size_t, bool is_last)
  {
    return is_last;
  }

  void look(view& v) const
  {
    v.add("parties", this->object().parties());
    v.add("phase", this->object().phase());
    v.add("arrived", this->object().arrived());
  }

private:
  std::size_t parties_;
};

template <class Threading>
class wait_group_library
  : public public_library<wait_group_library<Threading>,
                          toro::basic_wait_group<step_executor, Threading>>
{
  using primitive = toro::basic_wait_group<step_executor, Threading>;

public:
  wait_group_library()
  {
    this->make_object();
  }

  primitive make()
  {
    return primitive(this->executor());
  }

  bool enter()
  {
    auto work = this->object().try_enter();
    if (!work)
      return false;
    works_.push_back(std::move(work));
    return true;
  }

  void reset_guard()
  {
    works_.front().reset();
    works_.erase(works_.begin());
  }

  void detach_guard()
  {
    works_.front().detach();
    works_.erase(works_.begin());
    ++detached_;
  }

  std::size_t leave()
  {
    error_code ec;
    const std::size_t granted = this->object().leave(ec);
    if (!ec)
      --detached_;
    return count_of(granted, ec);
  }

  std::size_t close()
  {
    return this->object().close();
  }

  void start_wait(patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_wait(
                      std::forward<decltype(args)>(args)...);
                });
  }

  void start_close(patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_close(
                      std::forward<decltype(args)>(args)...);
                });
  }

  void look(view& v) const
  {
    v.add("count", this->object().count());
    v.add("open", this->object().is_open());
    v.add("waiters", this->object().waiters());
  }

  bool balances() const
  {
    return this->object().count() == works_.size() + detached_;
  }

private:
  row<toro::basic_work<Threading>> works_;
  std::size_t detached_ = 0;
};

// The error that stands for a zero.
error_code an_error()
{
  return make_error_code(boost::system::errc::io_error);
}

template <class Threading>
class result_library
  : public plain_library<
        result_library<Threading>,
        toro::basic_async_result<std::size_t, step_executor, Threading>>
{
  using base = plain_library<
      result_library,
      toro::basic_async_result<std::size_t, step_executor, Threading>>;

public:
  void start_get(patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_get(
                      std::forward<decltype(args)>(args)...);
                });
  }

  std::size_t set(std::size_t value)
  {
    error_code ec;
    if (value == 0)
      return count_of(this->object().set_error(an_error(), ec), ec);
    return count_of(this->object().set(value, ec), ec);
  }

  void look(view& v) const
  {
    error_code ec;
    const auto value = this->object().get(ec);
    v.add("set to", ec == an_error() ? 0 : value.value_or(nothing));
    v.add("waiters", this->object().waiters());
  }

  // The error that was set is what success brings.
  static std::optional<ending> ending_with(error_code ec)
  {
    return ec == an_error() ? ending::success : ending_of(ec);
  }

  static std::size_t keep(std::size_t, std::size_t value)
  {
    return value;
  }
};

template <class Threading>
class condition_library
  : public plain_library<condition_library<Threading>,
                         toro::basic_condition<step_executor, Threading>>
{
public:
  void start_wait(patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_wait(
                      std::forward<decltype(args)>(args)...);
                });
  }

  void start_wait_for_flag(patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_wait(
                      [this]
                      {
                        return flag_;
                      },
                      std::forward<decltype(args)>(args)...);
                });
  }

  void turn_flag()
  {
    flag_ = !flag_;
  }

  std::size_t notify(std::size_t n)
  {
    return this->object().notify(n);
  }

  std::size_t notify_all()
  {
    return this->object().notify_all();
  }

  void look(view& v) const
  {
    v.add("waiters", this->object().waiters());
  }

private:
  bool flag_ = false;
};

} // namespace

BOOST_AUTO_TEST_CASE(event_follows_the_model)
{
  test_all_sequences<event_machine<event_library<thread_safe>>>(
      "event", public_lengths());
  test_all_sequences<event_machine<event_library<strand_bound>>>(
      "strand_bound event", public_lengths());
}

BOOST_AUTO_TEST_CASE(latch_follows_the_model)
{
  for (const std::size_t expected : {1u, 3u})
  {
    test_all_sequences<latch_machine<latch_library<thread_safe>>>(
        "latch", public_lengths(), expected);
    test_all_sequences<latch_machine<latch_library<strand_bound>>>(
        "strand_bound latch", public_lengths(), expected);
  }
}

BOOST_AUTO_TEST_CASE(barrier_follows_the_model)
{
  for (const std::size_t parties : {1u, 2u, 3u})
  {
    test_all_sequences<barrier_machine<barrier_library<thread_safe>>>(
        "barrier", public_lengths(), parties);
    test_all_sequences<barrier_machine<barrier_library<strand_bound>>>(
        "strand_bound barrier", public_lengths(), parties);
  }
}

BOOST_AUTO_TEST_CASE(wait_group_follows_the_model)
{
  test_all_sequences<wait_group_machine<wait_group_library<thread_safe>>>(
      "wait_group", public_lengths());
  test_all_sequences<wait_group_machine<wait_group_library<strand_bound>>>(
      "strand_bound wait_group", public_lengths());
}

BOOST_AUTO_TEST_CASE(async_result_follows_the_model)
{
  test_all_sequences<result_machine<result_library<thread_safe>>>(
      "async_result", public_lengths());
  test_all_sequences<result_machine<result_library<strand_bound>>>(
      "strand_bound async_result", public_lengths());
}

BOOST_AUTO_TEST_CASE(condition_follows_the_model)
{
  test_all_sequences<condition_machine<condition_library<thread_safe>>>(
      "condition", public_lengths());
  test_all_sequences<condition_machine<condition_library<strand_bound>>>(
      "strand_bound condition", public_lengths());
}
