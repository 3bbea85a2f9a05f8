// SPDX-License-Identifier: BSL-1.0
#include "model/differential/player.hpp"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>
#include <stdexcept>
#include <utility>

namespace toro_test {

namespace {

using tick = std::chrono::seconds;

// What the clock of a program shows at its start.
constexpr tick start_of_time(100);

// That of an operation that is not cancelled.
const boost::asio::cancellation_slot no_slot;

std::unique_ptr<subject> make_subject(const object& what, threading policy,
                                      boost::asio::io_context& context)
{
  for (subject_factory* make :
       {make_signal, make_lock, make_rw_lock, make_queue})
  {
    if (auto made = make(what, policy, context))
      return made;
  }
  throw std::invalid_argument("no such primitive: " + what.kind);
}

template <class Range, class Function>
std::string join(const Range& range, const char* separator, Function function)
{
  std::string text;
  const char* before = "";
  for (const auto& element : range)
  {
    text += before + function(element);
    before = separator;
  }
  return text;
}

std::string state_of(const subject& what)
{
  const auto as_text = [](std::size_t number)
  {
    return std::to_string(number);
  };
  return "[" + join(what.state(), ",", as_text) + "]";
}

// Adds the objects that have an operation which the steps cancel.
void add_cancelled(std::set<std::size_t>& targets,
                   const std::vector<step>& steps)
{
  for (const step& s : steps)
  {
    if (s.kind == step_kind::cancel)
      targets.insert(s.target);
    add_cancelled(targets, s.body);
  }
}

} // namespace

player::player(const program& played, threading policy)
  : program_(played)
{
  origin_ = clock_.now() - start_of_time;
  add_cancelled(cancelled_, played.steps);
  for (const object& what : played.objects)
    subjects_.push_back(make_subject(what, policy, context_));
}

std::string player::play()
{
  std::string history = take_all(program_.steps);
  history += " " + run(step_kind::run);
  return history + end();
}

// Takes the steps and returns their words.
std::string player::take_all(const std::vector<step>& steps)
{
  const auto word_for = [this](const step& s)
  {
    return take(s);
  };
  return join(steps, " ", word_for);
}

std::string player::take(const step& s)
{
  if (s.kind == step_kind::run || s.kind == step_kind::one)
    return run(s.kind);
  if (s.kind == step_kind::advance)
  {
    const std::string word = run(step_kind::run);
    clock_.advance(tick(s.value));
    return word;
  }
  subject& target = *subjects_.at(s.target);
  std::string answer;
  if (s.kind == step_kind::wait)
    answer = start(target, s);
  else if (s.kind == step_kind::cancel)
    answer = cancel(s);
  else
    answer = target.call(s);
  return answer + state_of(target);
}

std::string player::start(subject& target, const step& s)
{
  const std::size_t number = operations_.size();
  const toro::deadline limit = limit_of(s);
  const auto now = clock_.now();
  operations_.push_back({s, limit.resolve(now) <= now});
  const auto slot = signals_.emplace_back().slot();
  const bool has_slot = cancelled_.contains(s.target);
  target.start(s, limit, completion(*this, number, has_slot ? slot : no_slot));
  return "#" + std::to_string(number);
}

// Cancels the operation that so many of the same object were started after.
std::string player::cancel(const step& s)
{
  auto later = static_cast<std::size_t>(s.value);
  for (std::size_t number = operations_.size(); number-- != 0;)
  {
    if (operations_[number].origin.target != s.target || later-- != 0)
      continue;
    signals_[number].emit(boost::asio::cancellation_type::total);
    return "ok";
  }
  return "none";
}

toro::deadline player::limit_of(const step& s) const
{
  if (!s.limit)
    return {};
  const tick time(s.limit->ticks);
  if (s.limit->is_relative)
    return time;
  return origin_ + time;
}

// Lets the loop run, and returns what ended and what can be seen after it.
std::string player::run(step_kind how_far)
{
  run_handlers(how_far);
  std::string words;
  std::set<std::size_t> late;
  const auto add = [&](const std::string& word)
  {
    words += (words.empty() ? "" : " ") + word;
  };
  for (const std::size_t number : ended_)
  {
    const operation& op = operations_[number];
    if (op.is_ended_by_clock())
      late.insert(op.origin.target);
    else
      add(op.word);
  }
  for (const std::size_t target : late)
    add(line_of(target));
  words = "(" + words + ")";
  for (const auto& what : subjects_)
    words += state_of(*what);
  return words;
}

void player::run_handlers(step_kind how_far)
{
  const auto is_far_enough = [&]
  {
    return how_far == step_kind::one && !ended_.empty() &&
           !operations_[ended_.back()].is_ended_by_clock();
  };
  ended_.clear();
  context_.restart();
  may_call_handlers_ = true;
  while (!is_far_enough() && context_.poll_one() != 0)
  {
  }
  may_call_handlers_ = false;
}

// What ended of one primitive in this run, with a mark where the clock did it.
std::string player::line_of(std::size_t target) const
{
  std::vector<std::size_t> numbers;
  std::copy_if(ended_.begin(), ended_.end(), std::back_inserter(numbers),
               [&](std::size_t number)
               {
                 return operations_[number].origin.target == target;
               });
  const auto marked = [this](std::size_t number)
  {
    const bool is_late = operations_[number].is_ended_by_clock();
    return std::to_string(number) + (is_late ? "!" : "");
  };
  return std::to_string(target) + ":" + join(numbers, ",", marked);
}

bool player::operation::is_ended_by_clock() const
{
  return ending == boost::asio::error::timed_out && !was_late;
}

void player::ended(std::size_t number, const boost::system::error_code& ec,
                   const std::string& outcome)
{
  std::string word = "#" + std::to_string(number) + "=" + outcome;
  if (!std::exchange(may_call_handlers_, false))
    word += "-inline";
  ended_.push_back(number);
  operations_[number].ending = ec;
  const std::vector<step>& body = operations_[number].origin.body;
  if (!ec && !body.empty())
    word += "{" + take_all(body) + "}";
  operations_[number].word = word;
  may_call_handlers_ = true;
}

// Destroys the primitives. Whoever still waits must hear of it, and nobody
// else. Returns a complaint, if there is one.
std::string player::end()
{
  std::size_t waiting = 0;
  for (const operation& op : operations_)
    waiting += !op.ending;
  subjects_.clear();
  run_handlers(step_kind::run);

  const auto aborted =
      std::count_if(ended_.begin(), ended_.end(),
                    [this](std::size_t number)
                    {
                      return operations_[number].ending ==
                             boost::asio::error::operation_aborted;
                    });
  if (static_cast<std::size_t>(aborted) == waiting && ended_.size() == waiting)
    return {};
  return " " + std::to_string(waiting) + " waited at the end, " +
         std::to_string(ended_.size()) + " heard of it";
}

} // namespace toro_test
