// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_ROBUSTNESS_GROWTH_ROW_HPP
#define TORO_TEST_ROBUSTNESS_GROWTH_ROW_HPP

#include <cstddef>
#include <initializer_list>
#include <vector>

namespace growth {

// Work that grows with n: something n times, or once among n.
struct row
{
  // Unique.
  const char* name;

  // How many times the instructions of n those of 8 n may be.
  double limit;

  // Does the work. Only what it does within counted() counts.
  void (*work)(std::size_t n);

  // The smaller n.
  std::size_t n = 1000;
};

// Limits, with slack for what differs a little. For O(log^2 n) it is 2.5.
inline constexpr double once = 1.3;
inline constexpr double once_log_squared = 2.5;
inline constexpr double n_times = 8 * once;
inline constexpr double n_times_log_squared = 8 * once_log_squared;

// How often something is done among n.
inline constexpr int times = 500;

// A handler of no interest.
inline constexpr auto ignore = [](auto&&...) {};

// All rows of the program.
std::vector<row>& all_rows();

// Adds rows to the program, as a variable at namespace scope.
class rows
{
public:
  rows(std::initializer_list<row> list)
  {
    all_rows().insert(all_rows().end(), list);
  }
};

// Calls a function with its argument, and Callgrind counts meanwhile.
extern "C" void toro_growth_counted(void (*function)(void*), void* argument);

// Calls a function whose instructions count.
template <class Function>
void counted(Function function)
{
  toro_growth_counted(
      [](void* argument)
      {
        (*static_cast<Function*>(argument))();
      },
      &function);
}

} // namespace growth

#endif // TORO_TEST_ROBUSTNESS_GROWTH_ROW_HPP
