// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_STRESS_GOODS_HPP
#define TORO_TEST_ROBUSTNESS_STRESS_GOODS_HPP

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "worker_threads.hpp"

namespace toro_test {

// Can be in one place only, and is written to where it goes.
using item = std::unique_ptr<int>;

struct smaller
{
  bool operator()(const item& a, const item& b) const
  {
    return *a < *b;
  }
};

enum class ending
{
  when_done, // closed after the last put
  early      // closed in the middle of everything
};

// A put that loses against a timer may have been taken, and || does not tell,
// so that these end in the other ways.
inline way any_way_to_put(worker& self)
{
  return static_cast<way>(self.below(4));
}

// The numbers of the items that a worker put and had.
struct account
{
  std::vector<int> sent;
  std::vector<int> got;
};

// All items were put once, and all but so many were had once.
inline void compare(const std::vector<account>& accounts, std::size_t dropped)
{
  account all;
  for (const account& a : accounts)
  {
    all.sent.insert(all.sent.end(), a.sent.begin(), a.sent.end());
    all.got.insert(all.got.end(), a.got.begin(), a.got.end());
  }
  std::sort(all.sent.begin(), all.sent.end());
  std::sort(all.got.begin(), all.got.end());
  BOOST_TEST(all.sent.size() == all.got.size() + dropped);
  BOOST_TEST(std::includes(all.sent.begin(), all.sent.end(), all.got.begin(),
                           all.got.end()));
}

} // namespace toro_test

#endif // TORO_TEST_ROBUSTNESS_STRESS_GOODS_HPP
