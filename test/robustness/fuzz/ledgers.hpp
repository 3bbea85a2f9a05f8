// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_FUZZ_LEDGERS_HPP
#define TORO_TEST_ROBUSTNESS_FUZZ_LEDGERS_HPP

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "robustness/fuzz/journal.hpp"

namespace toro_test {

// Implementation notes
//
// What the owner of a primitive knows of it from results alone. When no
// operation is under way, the primitive has to agree.

// Takes any of several out.
template <class Container>
auto take_any(Container& from, std::size_t n)
{
  const auto which =
      from.begin() + static_cast<std::ptrdiff_t>(n % from.size());
  auto result = std::move(*which);
  from.erase(which);
  return result;
}

// Guards or permits, and holds without one.
template <class Guard>
class guard_ledger
{
public:
  void note(error_code ec, Guard guard)
  {
    require(!ec || !guard, "an error came with a hold");
    if (guard)
      guards_.push_back(std::move(guard));
  }

  Guard take(std::size_t n)
  {
    return take_any(guards_, n);
  }

  template <class Count>
  std::size_t sum(Count count) const
  {
    std::size_t result = detached;
    for (const Guard& g : guards_)
      result += count(g);
    return result;
  }

  bool empty() const
  {
    return guards_.empty();
  }

  // Held without a guard, in what the guards count.
  std::size_t detached = 0;

private:
  std::deque<Guard> guards_;
};

// Items by number, from when their put started. Each one tells of its end.
class item_ledger
{
public:
  class end_of_item
  {
  public:
    end_of_item() = default;

    explicit end_of_item(item_ledger& ledger)
      : ledger_(&ledger)
    {
    }

    void operator()(const int* number) const
    {
      ledger_->note_end(*number);
      delete number;
    }

  private:
    item_ledger* ledger_ = nullptr;
  };

  using item = std::unique_ptr<const int, end_of_item>;

  item_ledger() = default;
  item_ledger(const item_ledger&) = delete;
  item_ledger& operator=(const item_ledger&) = delete;

  item make()
  {
    const int number = static_cast<int>(entries_.size());
    entries_.emplace_back();
    return item(new int(number), end_of_item(*this));
  }

  // The item stays with its owner.
  void note_refusal(int number)
  {
    entry& e = at(number);
    require(e.now == state::offered && (!e.has_ended || is_over_),
            "an item was refused that had entered");
    e.now = state::refused;
  }

  // The put of the operation that owned the item ended.
  void note_put(int number, error_code ec)
  {
    entry& e = at(number);
    if (ec)
    {
      require(e.now == state::offered, "a put failed whose item was taken");
      require(e.has_ended, "the item of a put that failed is there still");
      e.now = state::refused;
      return;
    }
    require(e.now == state::offered || e.now == state::gone,
            "a put ended twice");
    ++entered;
    if (e.now == state::gone)
      return;
    require(!e.has_ended || is_over_, "an item was lost on its way in");
    e.now = e.has_ended ? state::gone : state::in;
  }

  void note_get(error_code ec, const item& got)
  {
    require((got != nullptr) == !ec, "success is an item, an error none");
    if (!got)
      return;
    leave(*got);
    ++taken;
  }

  // An item came back that was in the queue, or whose put succeeded.
  void note_drop(int number)
  {
    leave(number);
    ++dropped;
  }

  // Calls a function that may destroy what is in the queue.
  template <class Function>
  auto while_dropping(Function function)
  {
    is_dropping_ = true;
    const auto result = function();
    is_dropping_ = false;
    return result;
  }

  // The queue or its context ends with all items.
  void end()
  {
    is_over_ = true;
  }

  bool is_in(int number) const
  {
    return entries_[static_cast<std::size_t>(number)].now == state::in;
  }

  // What was put and not taken.
  std::vector<int> left() const
  {
    std::vector<int> result;
    for (std::size_t n = 0; n != entries_.size(); ++n)
    {
      if (entries_[n].now == state::in)
        result.push_back(static_cast<int>(n));
    }
    return result;
  }

  // How many items have been made.
  std::size_t size() const
  {
    return entries_.size();
  }

  // How many puts and gets have succeeded, and how many items were dropped.
  std::size_t entered = 0;
  std::size_t taken = 0;
  std::size_t dropped = 0;

private:
  enum class state
  {
    offered,
    in,
    refused,
    gone
  };

  struct entry
  {
    state now = state::offered;
    bool has_ended = false;
  };

  entry& at(int number)
  {
    return entries_[static_cast<std::size_t>(number)];
  }

  // Its put may have to be delivered still.
  void leave(int number)
  {
    entry& e = at(number);
    require(e.now == state::offered || e.now == state::in,
            "an item came twice");
    require(!e.has_ended, "an item came that had been destroyed");
    e.now = state::gone;
  }

  void note_end(int number)
  {
    entry& e = at(number);
    if (is_dropping_)
      note_drop(number);
    require(e.now != state::in || is_over_, "an item was lost");
    e.has_ended = true;
  }

  std::vector<entry> entries_;
  bool is_dropping_ = false;
  bool is_over_ = false;
};

// Room in a queue, with how much it is.
template <class Room>
class room_ledger
{
public:
  struct entry
  {
    Room room;
    std::size_t weight;
  };

  void note(error_code ec, Room room, std::size_t weight)
  {
    require(!ec == static_cast<bool>(room), "success is room, an error none");
    if (room)
      rooms_.push_back({std::move(room), weight});
  }

  bool empty() const
  {
    return rooms_.empty();
  }

  entry take(std::size_t n)
  {
    return take_any(rooms_, n);
  }

  // What is held, and what was detached.
  std::size_t weight() const
  {
    std::size_t result = detached;
    for (const entry& e : rooms_)
      result += e.weight;
    return result;
  }

  std::size_t detached = 0;

private:
  std::deque<entry> rooms_;
};

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_FUZZ_LEDGERS_HPP
