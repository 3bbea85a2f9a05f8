// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_TEST_BENCHMARK_REPORT_HPP
#define TORO_TEST_BENCHMARK_REPORT_HPP

#include <iosfwd>
#include <string>
#include <vector>

#include "measure.hpp"

namespace bench {

using results = std::vector<result>;

/// What a workload is about.
std::string title_of(const std::string& workload);

/// The short name of a unit.
const char* name_of(unit u) noexcept;

/// Write a line of the table, below a heading where a workload begins.
class table
{
public:
  explicit table(std::ostream& out)
    : out_(out)
  {
  }

  void write(const result& line);

  /// Write how many targets are reached, and which are not.
  void write_summary(const results& all);

private:
  void write_heading(const work& what);

  std::ostream& out_;
  std::string workload_;
  std::string variant_;
};

void write_json(std::ostream& out, const results& all);

/// Draw the rows that tell most, as bars.
void write_svg(std::ostream& out, const results& all);

} // namespace bench

#endif // TORO_TEST_BENCHMARK_REPORT_HPP
