// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_REPORT_FILES_HPP
#define TORO_EXAMPLE_WEB_SPIDER_REPORT_FILES_HPP

#include <cstddef>
#include <deque>
#include <fstream>
#include <functional>
#include <iosfwd>
#include <string>

#include "options.hpp"
#include "report.hpp"

namespace spider {

/// Where the report goes to, as the command line says.
class report_files
{
public:
  /// Open the files, before a crawl that may take long.
  /** @throws std::runtime_error if that is impossible. */
  explicit report_files(const options& chosen);

  /** @throws std::runtime_error if not all could be written. */
  void write(const crawl_report& report);

private:
  using writer = std::function<void(std::ostream&, const crawl_report&)>;

  struct file
  {
    std::string name;
    writer write;
    std::ofstream out;
  };

  void add(const std::string& name, writer write);

  std::deque<file> files_;
  writer to_standard_output_;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_REPORT_FILES_HPP
