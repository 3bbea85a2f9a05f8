// SPDX-License-Identifier: BSL-1.0
#include "model/actions/task_group.hpp"

#include <toro/detail/state/task_group_state.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <exception>

#include "model/state/library.hpp"

#ifdef BOOST_ASIO_DETAIL_CONFIG_HPP
#error "the rules know nothing of Asio"
#endif

namespace {

using namespace toro_test;
using toro::detail::task_group_state;
using toro::detail::task_group_waiter;

// The failures of children, known by their numbers.
class failure_table
{
public:
  failure_table()
  {
    for (std::exception_ptr& failure : failures_)
      failure = std::make_exception_ptr(0);
  }

  const std::exception_ptr& operator[](std::size_t number) const
  {
    return failures_.at(number - 1);
  }

  // Zero for none.
  std::size_t number_of(const std::exception_ptr& failure) const
  {
    for (std::size_t i = 0; failure && i != failures_.size(); ++i)
    {
      if (failures_[i] == failure)
        return i + 1;
    }
    return 0;
  }

private:
  std::array<std::exception_ptr, 16> failures_;
};

const failure_table failures;

template <bool Shares>
class task_group_library
  : public state_library<task_group_state, task_group_waiter, Shares>
{
  using base = state_library<task_group_state, task_group_waiter, Shares>;
  using base::state;

public:
  task_group_library(std::size_t limit, bool failure_cancels)
    : base(limit, failure_cancels)
  {
  }

  std::size_t enter()
  {
    return static_cast<std::size_t>(state.enter());
  }

  void leave()
  {
    state.leave();
  }

  bool fail(bool aborted)
  {
    std::exception_ptr failure = failures[++failed_];
    const bool cancels = state.fail(failure, aborted);
    state.leave();
    return cancels;
  }

  std::size_t stop()
  {
    return state.stop();
  }

  std::size_t close()
  {
    return state.close();
  }

  void enter_body()
  {
    state.enter_body();
  }

  void leave_body()
  {
    state.leave_body();
  }

  // As the core does: the first attempt is not allowed to wait.
  void start_spawn(patience how_long)
  {
    auto& w = this->add();
    if (!state.start_spawn(w, false))
      this->started(w, state.start_spawn(w, how_long != none));
  }

  void start_join(patience how_long)
  {
    auto& w = this->add();
    if (!state.start_join(w, false))
      this->started(w, state.start_join(w, how_long != none));
  }

  void start_whole_join()
  {
    auto& w = this->add();
    if (!state.start_whole_join(w, false))
      this->started(w, state.start_whole_join(w, true));
  }

  void pass_on(std::size_t w)
  {
    state.pass_on(this->waits[w]);
  }

  void deliver()
  {
    const auto* const w = this->deliver_next();
    if (!w || w->queue_index == 0)
      return;
    this->told.value = failures.number_of(state.failure());
    if (this->told.value == task_group_model::no_failure && w->passed_on)
      this->told.value = task_group_model::aborted;
  }

  void look(view& v) const
  {
    v.add("size", state.size());
    v.add("open", state.is_open());
    v.add("failure", failures.number_of(state.failure()));
    v.add("waiters", state.waiters());
  }

private:
  std::size_t failed_ = 0;
};

template <bool Shares = false>
void test_task_group(const char* name, std::size_t limit, bool failure_cancels)
{
  test_all_sequences<task_group_machine<task_group_library<Shares>>>(
      name, state_lengths(), limit, failure_cancels);
}

} // namespace

BOOST_AUTO_TEST_CASE(task_group_state_follows_the_model)
{
  test_task_group("task_group of 1", 1, true);
  test_task_group("task_group of 2", 2, true);
  test_task_group("task_group of 1 that keeps going", 1, false);
}

BOOST_AUTO_TEST_CASE(task_group_state_follows_the_model_with_shared_deliveries)
{
  test_task_group<true>("task_group of 1, shared", 1, true);
}
