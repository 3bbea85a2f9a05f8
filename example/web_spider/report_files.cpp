// SPDX-License-Identifier: BSL-1.0

#include "report_files.hpp"

#include <iostream>
#include <stdexcept>

namespace spider {

report_files::report_files(const options& chosen)
  : chosen_(chosen)
{
  if (chosen.json_file.empty() || chosen.json_file == "-")
    return;
  json_.open(chosen.json_file);
  if (!json_)
    throw std::runtime_error("cannot write " + chosen.json_file);
}

void report_files::write(const crawl_report& report)
{
  if (chosen_.json_file == "-")
    write_json(std::cout, report, chosen_.slowest);
  else
    write_table(std::cout, report, chosen_.slowest);
  if (json_.is_open())
    write_json(json_, report, chosen_.slowest);
  if (!std::cout.flush())
    throw std::runtime_error("cannot write to standard output");
  if (!json_.flush())
    throw std::runtime_error("cannot write " + chosen_.json_file);
}

} // namespace spider
