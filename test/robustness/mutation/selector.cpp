// SPDX-License-Identifier: BSL-1.0
#include "robustness/mutation/selector.hpp"

#include <boost/test/framework.hpp>
#include <boost/test/tree/observer.hpp>
#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

namespace toro_test {

constinit unsigned chosen_mutant = 0;

namespace {

namespace utf = boost::unit_test;

constexpr unsigned most_mutants = 1 << 16;

std::atomic<bool> reached[most_mutants];

// The first of all dynamic initialisations, as others call the library.
[[gnu::constructor(101)]] void choose_mutant()
{
  const char* const number = std::getenv("TORO_MUTANT");
  if (number)
    chosen_mutant = std::getenv("TORO_MUTANTS_REACHED")
                        ? all_mutants
                        : static_cast<unsigned>(std::atoi(number));
}

// Writes for each test case its name, its time of the processor in
// microseconds, and which mutants it reaches. Those that are reached before all
// tests belong to the first one.
class reach_report : public utf::test_observer
{
public:
  explicit reach_report(const char* file)
    : file_(file)
  {
  }

  void test_unit_start(const utf::test_unit&) override
  {
    begin_ = std::clock();
  }

  void test_unit_finish(const utf::test_unit& unit, unsigned long) override
  {
    if (unit.p_type != utf::TUT_CASE)
      return;
    file_ << unit.full_name() << '\t'
          << (std::clock() - begin_) * (1'000'000 / CLOCKS_PER_SEC) << '\t';
    for (unsigned i = 0; i != most_mutants; ++i)
    {
      if (reached[i].exchange(false, std::memory_order_relaxed))
        file_ << i << ' ';
    }
    file_ << std::endl;
  }

private:
  std::ofstream file_;
  std::clock_t begin_ = 0;
};

struct reporting
{
  reporting()
  {
    const char* const file = std::getenv("TORO_MUTANTS_REACHED");
    if (!file)
      return;
    static reach_report report(file);
    utf::framework::register_observer(report);
  }
};

BOOST_TEST_GLOBAL_FIXTURE(reporting);

} // namespace

void note_reached(unsigned number) noexcept
{
  if (number < most_mutants)
    reached[number].store(true, std::memory_order_relaxed);
}

} // namespace toro_test
