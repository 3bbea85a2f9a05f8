// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_STATE_WATCH_STATE_HPP
#define TORO_DETAIL_STATE_WATCH_STATE_HPP

#include <toro/detail/state/state_base.hpp>

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace toro::detail {

struct watch_position;

// Links the waits of a reader. A wait leaves the list without the reader, and
// so has no pointer to it, which would be memory for each of 100 000 waits.
using watch_position_hook = boost::intrusive::list_base_hook<
    boost::intrusive::tag<watch_position>,
    boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

// A wait of a reader for the next value.
class watch_waiter : public waiter, public watch_position_hook
{
protected:
  ~watch_waiter() = default;
};

// What a reader has seen. Its operations share it.
struct watch_position
{
  explicit watch_position(std::uint64_t version) noexcept
    : seen(version)
  {
  }

  // The version that was seen last. Changes under the lock only.
  std::atomic<std::uint64_t> seen;

  // Whether the reader was destroyed.
  bool is_over = false;

  // Invariant: its waits that wait or are granted.
  boost::intrusive::list<watch_waiter,
                         boost::intrusive::base_hook<watch_position_hook>,
                         boost::intrusive::constant_time_size<false>>
      waits;
};

// Implementation notes
//
// Every value has a version, a number. A reader has news if it has not seen the
// version of the present value. A wait for news is granted by a broadcast. A
// grant reserves no value: the wait gets the newest one at its commit, and only
// then has the reader seen it.
//
// A reader that waits has seen everything. So a close can end all waits.
class watch_state_base : public state_base<watch_state_base>
{
public:
  using waiter_type = watch_waiter;

  // May be called without the lock.
  std::uint64_t version() const noexcept
  {
    return version_.load(std::memory_order_acquire);
  }

  bool is_open() const noexcept
  {
    return open_;
  }

  std::size_t waiters() const noexcept
  {
    return waiting_.size();
  }

  // Calls a function with each wait, the name of its operation, and how much it
  // asks for.
  template <class Function>
  void visit_waits(Function function) const
  {
    for (const waiter& w : waiting_)
      function(w, "async_next", 1);
  }

  // A predicate that was false for an earlier version has to be asked again.
  std::uint64_t notifications() const noexcept
  {
    return version();
  }

  // May be called without the lock.
  bool has_news(const watch_position& reader) const noexcept
  {
    return reader.seen.load(std::memory_order_relaxed) != version();
  }

  // The reader has seen a version. The versions that it sees only grow.
  static void note_seen(watch_position& reader, std::uint64_t version) noexcept
  {
    if (reader.seen.load(std::memory_order_relaxed) < version)
      reader.seen.store(version, std::memory_order_relaxed);
  }

  // There is a new value. Returns how many waits this granted.
  std::size_t publish() noexcept;

  // Takes no further values. Returns how many waits ended.
  std::size_t close() noexcept;

  // Ends the waits of a reader. Returns how many.
  std::size_t end_reader(watch_position& reader) noexcept;

  bool start_next(watch_waiter& w, watch_position& reader,
                  bool may_wait) noexcept;

  // A wait whose predicate has accepted a value, or is to be asked again.
  bool start_accepted(watch_waiter& w, watch_position& reader) noexcept;

  // A granted wait, whose predicate has rejected the value, waits again.
  void decline(watch_waiter& w) noexcept;

  std::size_t cancel_all() noexcept;

private:
  friend state_base<watch_state_base>;

  wait_queue& queue_of(waiter&) noexcept
  {
    return waiting_;
  }

  void forget(waiter& w) noexcept;
  bool give_back(waiter& w) noexcept;
  void commit_grant(waiter& w) noexcept;

  // Invariant: the readers of these have seen everything, and it is open.
  wait_queue waiting_;

  std::atomic<std::uint64_t> version_ = 0;
  bool open_ = true;
};

// The same with values. They are never changed, so they can be read without the
// lock by all who share them.
template <class T>
class watch_state : public watch_state_base
{
public:
  explicit watch_state(std::shared_ptr<const T>&& initial) noexcept
    : newest_(std::move(initial))
  {
  }

  const std::shared_ptr<const T>& newest() const noexcept
  {
    return newest_;
  }

  // Leaves the old value to the caller, who destroys it without the lock.
  std::size_t publish(std::shared_ptr<const T>& value) noexcept
  {
    newest_.swap(value);
    return watch_state_base::publish();
  }

private:
  // Invariant: not null.
  std::shared_ptr<const T> newest_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_STATE_WATCH_STATE_HPP
