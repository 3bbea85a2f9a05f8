// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TESTING_DETAIL_READY_LIST_HPP
#define TORO_TESTING_DETAIL_READY_LIST_HPP

#include <algorithm>
#include <cstddef>
#include <vector>

namespace toro::testing::detail {

class task;

// The functions that are ready to run, in order. Any of them can be taken.
class ready_list
{
public:
  std::size_t size() const noexcept
  {
    return tasks_.size() - first_;
  }

  bool empty() const noexcept
  {
    return size() == 0;
  }

  // After this, adding does not throw while there are no more than so many.
  // Invariant: half of the room is free, so that adding takes amortized
  // constant time.
  void make_room(std::size_t count)
  {
    if (tasks_.capacity() < 2 * count)
      tasks_.reserve(std::max<std::size_t>(16, 4 * count));
  }

  void add(task& added) noexcept
  {
    if (tasks_.size() == tasks_.capacity())
    {
      tasks_.erase(tasks_.begin(),
                   tasks_.begin() + static_cast<std::ptrdiff_t>(first_));
      first_ = 0;
    }
    tasks_.push_back(&added);
  }

  task& take(std::size_t position) noexcept
  {
    const auto begin = tasks_.begin() + static_cast<std::ptrdiff_t>(first_);
    const auto place = begin + static_cast<std::ptrdiff_t>(position);
    task& result = **place;
    std::move_backward(begin, place, place + 1);
    ++first_;
    return result;
  }

private:
  std::vector<task*> tasks_;

  // The elements before this one were taken.
  std::size_t first_ = 0;
};

} // namespace toro::testing::detail

#endif // TORO_TESTING_DETAIL_READY_LIST_HPP
