// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_MODEL_DIFFERENTIAL_PLAYER_HPP
#define TORO_TEST_MODEL_DIFFERENTIAL_PLAYER_HPP

#include <toro/deadline.hpp>
#include <toro/testing/manual_clock.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/differential/program.hpp"
#include "model/differential/subject.hpp"

namespace toro_test {

// Plays one program on the library and writes the history that player.py
// writes of Toro.
class player : private listener
{
public:
  player(const program& played, threading policy);

  std::string play();

private:
  // An operation that was started.
  struct operation
  {
    const step& origin;

    // Whether its deadline had passed by then.
    bool was_late;

    // How it ended, if it has, and the word for that.
    std::optional<boost::system::error_code> ending = {};
    std::string word = {};

    bool is_ended_by_clock() const;
  };

  std::string take_all(const std::vector<step>& steps);
  std::string take(const step& s);
  std::string start(subject& target, const step& s);
  std::string cancel(const step& s);
  std::string run(step_kind how_far);
  void run_handlers(step_kind how_far);
  std::string end();
  std::string line_of(std::size_t target) const;
  toro::deadline limit_of(const step& s) const;
  void ended(std::size_t number, const boost::system::error_code& ec,
             const std::string& outcome) override;

  // Those of the operations, by their numbers. They outlive the handlers.
  std::deque<boost::asio::cancellation_signal> signals_;

  boost::asio::io_context context_;
  toro::testing::manual_clock clock_{context_};
  toro::deadline::time_point origin_;
  const program& program_;

  // The objects that have an operation which the program cancels. Operations of
  // others have no slots.
  std::set<std::size_t> cancelled_;

  std::vector<std::unique_ptr<subject>> subjects_;
  std::vector<operation> operations_;

  // The numbers of those that ended in this run.
  std::vector<std::size_t> ended_;

  // Not from within a function of the library, nor from within a handler.
  bool may_call_handlers_ = false;
};

} // namespace toro_test

#endif // TORO_TEST_MODEL_DIFFERENTIAL_PLAYER_HPP
