// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_FUZZ_LEDGERS_HPP
#define TORO_TEST_ROBUSTNESS_FUZZ_LEDGERS_HPP

#include <algorithm>
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
    const auto which =
        guards_.begin() + static_cast<std::ptrdiff_t>(n % guards_.size());
    Guard result = std::move(*which);
    guards_.erase(which);
    return result;
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

// Items by number, from when their put started.
class item_ledger
{
public:
  using item = std::unique_ptr<int>;

  item make()
  {
    const int number = static_cast<int>(states_.size());
    states_.push_back(state::offered);
    return std::make_unique<int>(number);
  }

  void note_put(int number, error_code ec)
  {
    state& s = states_[static_cast<std::size_t>(number)];
    if (ec)
    {
      require(s == state::offered, "a put failed whose item was taken");
      s = state::refused;
      return;
    }
    require(s == state::offered || s == state::gone, "a put ended twice");
    ++entered;
    if (s == state::offered)
      s = state::in;
  }

  void note_get(error_code ec, item got)
  {
    require((got != nullptr) == !ec, "success is an item, an error none");
    if (!got)
      return;
    state& s = states_[static_cast<std::size_t>(*got)];
    require(s == state::offered || s == state::in, "an item came twice");
    // Its put may have to be delivered still.
    s = state::gone;
    ++taken;
  }

  // What was put and not taken.
  std::size_t left() const
  {
    return static_cast<std::size_t>(
        std::count(states_.begin(), states_.end(), state::in));
  }

  // How many puts and gets have succeeded.
  std::size_t entered = 0;
  std::size_t taken = 0;

private:
  enum class state
  {
    offered,
    in,
    refused,
    gone
  };

  std::vector<state> states_;
};

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_FUZZ_LEDGERS_HPP
