// SPDX-License-Identifier: BSL-1.0
#include "model/differential/program.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace toro_test {

namespace {

bool is_wait(std::string_view verb)
{
  static constexpr std::string_view waits[] = {
      "wait", "get",  "next",      "put",        "join", "acquire",
      "hold", "read", "hold_read", "hold_write", "write"};
  return std::ranges::find(waits, verb) != std::end(waits);
}

step_kind kind_of(std::string_view verb)
{
  if (verb == "cancel")
    return step_kind::cancel;
  return is_wait(verb) ? step_kind::wait : step_kind::call;
}

class parser
{
public:
  explicit parser(std::string_view text)
    : rest_(text)
  {
  }

  program parse()
  {
    program result;
    while (skip_spaces(), !take('|'))
      result.objects.push_back(parse_object());
    result.steps = parse_steps();
    if (!rest_.empty())
      fail();
    return result;
  }

private:
  object parse_object()
  {
    object result = {.kind = std::string(take_word()), .size = {}};
    if (take(':'))
      result.size = static_cast<std::size_t>(take_number());
    return result;
  }

  // Up to the end of the text or of a body.
  std::vector<step> parse_steps()
  {
    std::vector<step> steps;
    while (skip_spaces(), !rest_.empty() && rest_.front() != '}')
      steps.push_back(parse_step());
    return steps;
  }

  step parse_step()
  {
    step result;
    if (take('+'))
    {
      result.kind = step_kind::advance;
      result.value = take_number();
    }
    else if (rest_.starts_with("run") || rest_.starts_with("one"))
    {
      result.kind = take_word() == "one" ? step_kind::one : step_kind::run;
    }
    else
    {
      parse_call(result);
    }
    return result;
  }

  void parse_call(step& result)
  {
    result.target = static_cast<std::size_t>(take_number());
    if (!take('.'))
      fail();
    result.verb = take_word();
    result.kind = kind_of(result.verb);
    if (take('='))
      result.value = take_number();
    if (take('@'))
      result.limit = {.ticks = take_number(), .is_relative = false};
    else if (take('~'))
      result.limit = {.ticks = take_number(), .is_relative = true};
    if (take('{'))
    {
      result.body = parse_steps();
      if (!take('}'))
        fail();
    }
  }

  void skip_spaces()
  {
    while (take(' '))
    {
    }
  }

  bool take(char c)
  {
    if (!rest_.starts_with(c))
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view take_word()
  {
    const std::size_t length = std::min(
        rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), rest_.size());
    if (length == 0)
      fail();
    const std::string_view word = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return word;
  }

  int take_number()
  {
    int number = 0;
    const char* const begin = rest_.data();
    const auto [end, error] =
        std::from_chars(begin, begin + rest_.size(), number);
    if (error != std::errc())
      fail();
    rest_.remove_prefix(static_cast<std::size_t>(end - begin));
    return number;
  }

  [[noreturn]] void fail() const
  {
    throw std::invalid_argument("no program: " + std::string(rest_));
  }

  std::string_view rest_;
};

} // namespace

program parse_program(std::string_view text)
{
  return parser(text).parse();
}

} // namespace toro_test
