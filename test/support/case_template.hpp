// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_CASE_TEMPLATE_HPP
#define TORO_TEST_SUPPORT_CASE_TEMPLATE_HPP

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <typeinfo>

namespace toro_test {

// Adds a case to the suite that is being declared, under the name that
// Boost.Test gives a case of a type.
void add_case_of_type(const char* name, const std::type_info& type,
                      const char* file, std::size_t line, void (*body)());

template <class Case>
void run_case()
{
  Case().test_method();
}

// Returns a value, so that a variable can be initialized with the call.
template <template <class> class Case, class... T>
bool add_cases(std::type_identity<std::tuple<T...>>, const char* name,
               const char* file, std::size_t line)
{
  (add_case_of_type(name, typeid(T), file, line, &run_case<Case<T>>), ...);
  return true;
}

} // namespace toro_test

// A case for each type of a std::tuple, as BOOST_AUTO_TEST_CASE_TEMPLATE adds
// it. Why not that one: what it instantiates for each type took a tenth of the
// compiler's time.
#define TORO_TEST_CASE_TEMPLATE(name, T, types)                                \
  template <class T>                                                           \
  struct name : BOOST_AUTO_TEST_CASE_FIXTURE                                   \
  {                                                                            \
    void test_method();                                                        \
  };                                                                           \
  [[maybe_unused]] static const bool name##_was_added =                        \
      ::toro_test::add_cases<name>(std::type_identity<types>(), #name,         \
                                   __FILE__, __LINE__);                        \
  template <class T>                                                           \
  void name<T>::test_method()

#endif // TORO_TEST_SUPPORT_CASE_TEMPLATE_HPP
