// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_FUZZ_JOURNAL_HPP
#define TORO_TEST_ROBUSTNESS_FUZZ_JOURNAL_HPP

#include <boost/asio/cancellation_signal.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <utility>

namespace toro_test {

using boost::system::error_code;

// A promise that does not hold ends the program, so that the fuzzer keeps what
// led to it.
inline void require(bool holds, const char* what)
{
  if (holds)
    return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

// What handlers, predicates and comparisons throw.
struct user_exception
{
};

// Every operation that was started, and what became of its handler.
class journal
{
public:
  struct entry
  {
    boost::asio::cancellation_signal signal;
    std::function<void()> reaction;
    int calls = 0;
    int drops = 0;
  };

  std::size_t size() const
  {
    return entries_.size();
  }

  entry& operator[](std::size_t n)
  {
    return entries_[n];
  }

  entry& add()
  {
    return entries_.emplace_back();
  }

  bool all_are_over() const
  {
    for (const entry& e : entries_)
    {
      if (e.calls + e.drops != 1)
        return false;
    }
    return true;
  }

  // Handlers are called only where the world runs some, and destroyed un-called
  // only where a call may fail, or where their context ends.
  bool may_call = false;
  bool may_drop = false;

private:
  std::deque<entry> entries_;
};

// A handler that notes its end, tells of its result, and then does what its
// entry says, which may be to throw.
template <class Tell>
class visitor
{
public:
  using cancellation_slot_type = boost::asio::cancellation_slot;

  visitor(journal& all, journal::entry& mine, Tell tell)
    : all_(all),
      mine_(&mine),
      tell_(std::move(tell))
  {
  }

  visitor(visitor&& other) noexcept
    : all_(other.all_),
      mine_(std::exchange(other.mine_, nullptr)),
      tell_(std::move(other.tell_))
  {
  }

  ~visitor()
  {
    if (!mine_)
      return;
    ++mine_->drops;
    require(all_.may_drop, "a handler was dropped");
  }

  cancellation_slot_type get_cancellation_slot() const noexcept
  {
    return mine_->signal.slot();
  }

  template <class... Values>
  void operator()(error_code ec, Values... values)
  {
    journal::entry& mine = *std::exchange(mine_, nullptr);
    require(all_.may_call, "a handler was called inline");
    ++mine.calls;
    tell_(ec, std::move(values)...);
    if (mine.reaction)
      std::exchange(mine.reaction, nullptr)();
  }

private:
  journal& all_;
  journal::entry* mine_;
  Tell tell_;
};

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_FUZZ_JOURNAL_HPP
