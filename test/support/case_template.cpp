// SPDX-License-Identifier: BSL-1.0
#include "support/case_template.hpp"

#include <boost/core/demangle.hpp>

#include <string>

namespace toro_test {

void add_case_of_type(const char* name, const std::type_info& type,
                      const char* file, std::size_t line, void (*body)())
{
  namespace utf = boost::unit_test;
  const std::string full_name =
      std::string(name) + '<' + boost::core::demangle(type.name()) + '>';
  utf::framework::current_auto_test_suite().add(
      utf::make_test_case(body, full_name, file, line));
}

} // namespace toro_test
