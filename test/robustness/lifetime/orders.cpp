// SPDX-License-Identifier: BSL-1.0
// All that takes part in an operation, destroyed in every order.

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "robustness/lifetime/every_order.hpp"
#include "unit/conformance/fixture.hpp"

namespace asio = boost::asio;

using namespace std::chrono_literals;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(orders)

namespace {

using case_subject = subject;

template <class Operation>
using case_subject_of = plain_subject_of<Operation>;

// How far the operation is when the destruction begins.
enum class progress
{
  waiting,
  waiting_with_deadline,
  granted,
  delivered
};

enum class actor
{
  primitive,
  context,
  guard,
  signal,
  unlaunched
};

// Everything that takes part, and the end of each.
class cast_of_actors
{
public:
  cast_of_actors(const operation_kind<case_subject>& kind, progress how_far,
                 bool on_strand)
    : io_(std::in_place),
      signal_(std::in_place)
  {
    asio::any_io_executor executor = io_->get_executor();
    if (on_strand)
      executor = asio::make_strand(*io_);
    subject_ = kind.make(executor);
    lazy_ = subject_->defer();
    slotted handler = asio::bind_cancellation_slot(
        signal_->slot(), recording_handler(launched_));
    if (how_far == progress::waiting_with_deadline)
      subject_->start(1h, std::move(handler));
    else
      subject_->start(std::move(handler));
    subject_->start(recording_handler(second_));
    io_->poll();
    if (how_far == progress::granted || how_far == progress::delivered)
      subject_->grant();
    if (how_far == progress::delivered)
      io_->poll();
  }

  void destroy(actor who)
  {
    switch (who)
    {
    case actor::primitive:
      subject_->destroy_primitive();
      break;
    case actor::context:
      io_.reset();
      break;
    case actor::guard:
      subject_->drop_guard();
      launched_.let_go();
      second_.let_go();
      break;
    case actor::signal:
      signal_->emit(asio::cancellation_type::terminal);
      signal_.reset();
      break;
    case actor::unlaunched:
      lazy_({asio::cancellation_slot(), recording_handler(unlaunched_)});
      lazy_ = nullptr;
      break;
    }
  }

  void turn()
  {
    if (!io_)
      return;
    io_->restart();
    io_->poll();
  }

  // Whether each handler was called or destroyed, and that once.
  bool all_are_done() const
  {
    for (const call_record* t : {&launched_, &second_, &unlaunched_})
    {
      if (t->calls + t->dropped != 1)
        return false;
    }
    return true;
  }

private:
  // Order: what handlers refer to outlives the rest.
  call_record launched_;
  call_record second_;
  call_record unlaunched_;
  std::optional<asio::io_context> io_;
  std::optional<asio::cancellation_signal> signal_;
  std::unique_ptr<case_subject> subject_;
  launcher lazy_;
};

} // namespace

TORO_CONFORMANCE_CASE(case_subject, every_order_of_destruction)
{
  for (progress how_far : {progress::waiting, progress::waiting_with_deadline,
                           progress::granted, progress::delivered})
  {
    for (bool runs_in_between : {false, true})
    {
      const std::array<actor, 5> order = {actor::primitive, actor::context,
                                          actor::guard, actor::signal,
                                          actor::unlaunched};
      BOOST_TEST_INFO_SCOPE("progress " << static_cast<int>(how_far));
      const int orders = destroy_in_every_order(
          order, runs_in_between,
          [&](int number)
          {
            return cast_of_actors(kind, how_far, number % 2 == 1);
          });
      BOOST_TEST(orders == 120);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
