// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_DIFFERENTIAL_PROGRAM_HPP
#define TORO_TEST_MODEL_DIFFERENTIAL_PROGRAM_HPP

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace toro_test {

// What a program does, one step at a time. program.py has the text form.

// An absolute time, or one that counts from the call.
struct time_limit
{
  int ticks = 0;
  bool is_relative = false;
};

enum class step_kind
{
  run,     // the loop, until it is idle
  one,     // the loop, until it has run a handler whose wait no clock ended
  advance, // the loop, until it is idle, and then the clock, by the value
  wait,    // a call that starts an asynchronous operation
  cancel,  // one of the operations of an object, counted from the last one
  call     // any other call
};

struct step
{
  step_kind kind = step_kind::run;
  std::size_t target = 0;
  std::string verb;
  int value = 0;
  std::optional<time_limit> limit;

  // What the handler does if the operation succeeds.
  std::vector<step> body;
};

// A primitive to make.
struct object
{
  std::string kind;
  std::optional<std::size_t> size;
};

struct program
{
  std::vector<object> objects;
  std::vector<step> steps;
};

// Throws std::invalid_argument for what is none.
program parse_program(std::string_view text);

} // namespace toro_test

#endif // TORO_TEST_MODEL_DIFFERENTIAL_PROGRAM_HPP
