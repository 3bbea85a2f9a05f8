// SPDX-License-Identifier: BSL-1.0
// Which mutant a program is: each copy of a file of the library includes this.
#ifndef TORO_TEST_ROBUSTNESS_MUTATION_SELECTOR_HPP
#define TORO_TEST_ROBUSTNESS_MUTATION_SELECTOR_HPP

#include <type_traits>

namespace toro_test {

// The number of the mutant, from TORO_MUTANT in the environment. Zero is the
// library as it is.
extern unsigned chosen_mutant;

// Notes which mutants a test reaches instead of choosing one.
inline constexpr unsigned all_mutants = ~0u;

void note_reached(unsigned number) noexcept;

} // namespace toro_test

[[gnu::always_inline]] inline constexpr bool
toro_mutant(unsigned number) noexcept
{
  if (std::is_constant_evaluated())
    return false;
  if (toro_test::chosen_mutant == toro_test::all_mutants)
    toro_test::note_reached(number);
  return toro_test::chosen_mutant == number;
}

#endif // TORO_TEST_ROBUSTNESS_MUTATION_SELECTOR_HPP
