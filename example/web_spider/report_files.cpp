// SPDX-License-Identifier: BSL-1.0

#include "report_files.hpp"

#include <iostream>
#include <stdexcept>
#include <utility>

namespace spider {

report_files::report_files(const options& chosen)
{
  const std::size_t slowest = chosen.slowest;
  to_standard_output_ = [slowest](std::ostream& out, const crawl_report& report)
  {
    write_table(out, report, slowest);
  };
  add(chosen.json_file,
      [slowest](std::ostream& out, const crawl_report& report)
      {
        write_json(out, report, slowest);
      });
  add(chosen.csv_file, write_csv);
  add(chosen.junit_file, write_junit);
}

void report_files::add(const std::string& name, writer write)
{
  if (name == "-")
    to_standard_output_ = std::move(write);
  else if (!name.empty())
  {
    file& opened = files_.emplace_back();
    opened.name = name;
    opened.write = std::move(write);
    opened.out.open(name, std::ios::binary);
    if (!opened.out)
      throw std::runtime_error("cannot write " + name);
  }
}

void report_files::write(const crawl_report& report)
{
  to_standard_output_(std::cout, report);
  if (!std::cout.flush())
    throw std::runtime_error("cannot write to standard output");
  for (file& each : files_)
  {
    each.write(each.out, report);
    if (!each.out.flush())
      throw std::runtime_error("cannot write " + each.name);
  }
}

} // namespace spider
