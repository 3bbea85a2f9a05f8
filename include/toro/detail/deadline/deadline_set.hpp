// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_DETAIL_DEADLINE_DEADLINE_SET_HPP
#define TORO_DETAIL_DEADLINE_DEADLINE_SET_HPP

#include <toro/deadline.hpp>

#include <toro/detail/wait/tree_node.hpp>

namespace toro::detail {

// The deadline of a wait, as an element of a deadline_set.
class deadline_entry : public tree_node<deadline_entry>
{
public:
  // Invariant: not changed while the entry is in a set.
  deadline::time_point expiry = deadline::time_point::max();

protected:
  ~deadline_entry() = default;

private:
  friend class deadline_set;
};

// The deadlines of the waits of one primitive, in order. Inserting the latest
// one takes amortized constant time, and so does erasing any.
class deadline_set
{
public:
  static constexpr deadline::time_point never = deadline::time_point::max();

  deadline_set() noexcept;

  bool empty() const noexcept
  {
    return end_.left_ == &end_;
  }

  // The first deadline to pass, or never.
  deadline::time_point earliest() const noexcept
  {
    return end_.left_->expiry;
  }

  void insert(deadline_entry& entry) noexcept;
  void erase(deadline_entry& entry) noexcept;

  // Removes and returns the first entry if it is due; else returns null.
  deadline_entry* pop_due(deadline::time_point now) noexcept
  {
    deadline_entry* const first = end_.left_;
    if (first == &end_ || first->expiry > now)
      return nullptr;
    erase(*first);
    return first;
  }

private:
  struct end_entry final : deadline_entry
  {
  };

  // The header of the tree: links to the root, the first and the last entry.
  // Invariant: never expires.
  end_entry end_;
};

} // namespace toro::detail

#endif // TORO_DETAIL_DEADLINE_DEADLINE_SET_HPP
