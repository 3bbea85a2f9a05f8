// SPDX-License-Identifier: BSL-1.0

#include "fibers.hpp"
#include "lock_users.hpp"
#include "workloads.hpp"

namespace bench {

namespace {

constexpr std::size_t few = 2;
constexpr std::size_t many = 1024;

// What a crowd may cost more than a few do.
constexpr targets flat{1.1, 1.1};

void add_callbacks(rows& all, const work& what, sharing how)
{
  for_each_lock<io_executor>(
      [&]<class Lock>()
      {
        all.push_back({what, Lock::who, callbacks<stay::lasting, Lock>(how)});
      });
}

void add_coroutines(rows& all, const work& what, sharing how)
{
  for_each_lock<any_executor>(
      [&]<class Lock>()
      {
        all.push_back({what, Lock::who, coroutines<stay::lasting, Lock>(how)});
      });
  all.push_back(
      {what, timer_lock::who, coroutines<stay::lasting, timer_lock>(how)});
}

void add_growth(rows& all)
{
  const work growth{.workload = "W2",
                    .variant = "callback, 1024 users against 2",
                    .at_most = flat,
                    .told_in = unit::times_base,
                    .countable = false};
  for_each_lock<io_executor>(
      [&]<class Lock>()
      {
        all.push_back({growth, Lock::who,
                       callbacks<stay::lasting, Lock>({.users = many}),
                       callbacks<stay::lasting, Lock>({.users = few})});
      });
}

} // namespace

void add_handoff(rows& all)
{
  for (const std::size_t users : {few, std::size_t(32), many})
  {
    const std::string crowd = std::to_string(users) + " users";
    add_callbacks(all, {"W2", "callback, " + crowd, {2.7, 3.2}}, {users});
    const work awaiting{"W2", "use_awaitable, " + crowd, {8.1, 8.8}};
    add_coroutines(all, awaiting, {users});
    add_fibers(all, awaiting, fibers_with_lock(users));
  }
  add_growth(all);

  const sharing beside_reactor{.users = few, .beside_reactor = true};
  add_callbacks(all, {"W2", "callback, 2 users, beside a reactor"},
                beside_reactor);
  add_coroutines(all, {"W2", "use_awaitable, 2 users, beside a reactor"},
                 beside_reactor);
}

} // namespace bench
