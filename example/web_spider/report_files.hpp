// SPDX-License-Identifier: BSL-1.0

#ifndef TORO_EXAMPLE_WEB_SPIDER_REPORT_FILES_HPP
#define TORO_EXAMPLE_WEB_SPIDER_REPORT_FILES_HPP

#include <fstream>

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
  const options& chosen_;
  std::ofstream json_;
};

} // namespace spider

#endif // TORO_EXAMPLE_WEB_SPIDER_REPORT_FILES_HPP
