// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_SUPPORT_FAULTS_HPP
#define TORO_TEST_SUPPORT_FAULTS_HPP

#include <exception>

namespace toro_test {

// The calls into the code of users that can be made to fail.
enum class failing : unsigned
{
  memory,       // an allocation for a handler, of an item or of a result
  execution,    // an executor that throws
  delivery,     // an executor that destroys what it is given
  alarm,        // a timer that cannot be made or set
  handler,      // a handler that throws
  handler_move, // the move of a handler
  copy,         // of an item, a result or a predicate
  move,         // of an item
  comparison,   // of two items
  predicate     // a predicate that throws
};

inline constexpr failing all_failing[] = {
    failing::memory,   failing::execution, failing::delivery,
    failing::alarm,    failing::handler,   failing::handler_move,
    failing::copy,     failing::move,      failing::comparison,
    failing::predicate};

inline const char* name_of(failing what)
{
  static constexpr const char* names[] = {
      "memory",       "execution", "delivery", "alarm",      "handler",
      "handler_move", "copy",      "move",     "comparison", "predicate"};
  return names[static_cast<unsigned>(what)];
}

// What a call throws that was made to fail.
class injected : public std::exception
{
public:
  const char* what() const noexcept override
  {
    return "injected";
  }
};

// Which call is to fail: of one kind the n-th.
class fault_plan
{
public:
  void plan(failing what, int n) noexcept
  {
    what_ = what;
    left_ = n;
    has_struck_ = false;
  }

  // Nothing fails from now on.
  void spare_all() noexcept
  {
    left_ = 0;
  }

  // Called by what can fail: whether it does.
  bool strikes(failing what) noexcept
  {
    if (what != what_ || left_ == 0 || --left_ != 0)
      return false;
    has_struck_ = true;
    return true;
  }

  // The same for what fails by an exception.
  void call(failing what)
  {
    if (strikes(what))
      throw injected();
  }

  // Whether the call that was to fail was made.
  bool has_struck() const noexcept
  {
    return has_struck_;
  }

  failing what() const noexcept
  {
    return what_;
  }

private:
  failing what_ = failing::memory;
  int left_ = 0;
  bool has_struck_ = false;
};

// Why one for all: operator new, items and predicates know of nothing else.
inline constinit fault_plan faults;

// Suspends the plan, for what is no part of a test.
class fault_pause
{
public:
  fault_pause() noexcept
    : plan_(faults)
  {
    faults.spare_all();
  }

  fault_pause(const fault_pause&) = delete;
  fault_pause& operator=(const fault_pause&) = delete;

  ~fault_pause()
  {
    faults = plan_;
  }

private:
  fault_plan plan_;
};

} // namespace toro_test

#endif // TORO_TEST_SUPPORT_FAULTS_HPP
