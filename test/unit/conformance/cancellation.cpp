// SPDX-License-Identifier: BSL-1.0
// How operations are cancelled, one by one and all together: R16 to R19, R21.

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "unit/conformance/bench.hpp"

namespace asio = boost::asio;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(cancellation)

namespace {

// A slot that is none of Asio's: it has what the requirements name, no more.
class home_made_slot
{
public:
  using store = std::function<void(asio::cancellation_type_t)>;

  home_made_slot() = default;

  explicit home_made_slot(store& place)
    : place_(&place)
  {
  }

  template <class Handler, class... Args>
  Handler& emplace(Args&&... args)
  {
    auto handler = std::make_shared<Handler>(std::forward<Args>(args)...);
    *place_ = [handler](asio::cancellation_type_t type)
    {
      (*handler)(type);
    };
    return *handler;
  }

  template <class Handler>
  std::decay_t<Handler>& assign(Handler&& handler)
  {
    return emplace<std::decay_t<Handler>>(std::forward<Handler>(handler));
  }

  void clear()
  {
    if (place_)
      *place_ = nullptr;
  }

  bool is_connected() const
  {
    return place_ != nullptr;
  }

  bool has_handler() const
  {
    return place_ && *place_;
  }

private:
  store* place_ = nullptr;
};

using home_made =
    asio::cancellation_slot_binder<recording_handler, home_made_slot>;

class stage : public subject
{
public:
  using subject::start;

  virtual void start(home_made handler) = 0;
};

template <class Operation>
class stage_of : public subject_base<Operation, stage>
{
public:
  using subject_base<Operation, stage>::subject_base;
  using subject_base<Operation, stage>::start;

  void start(home_made handler) override
  {
    this->it.start(std::move(handler));
  }
};

slotted with(asio::cancellation_signal& signal, call_record& report)
{
  return asio::bind_cancellation_slot(signal.slot(), recording_handler(report));
}

constexpr std::initializer_list<asio::cancellation_type_t> all_types = {
    asio::cancellation_type::total, asio::cancellation_type::partial,
    asio::cancellation_type::terminal, asio::cancellation_type::all};

} // namespace

TORO_CONFORMANCE_CASE(stage, slot_is_filled_when_the_operation_begins)
{
  bench<stage> b(kind);
  asio::cancellation_signal signal;
  BOOST_TEST(!signal.slot().has_handler());
  b.subject->start(with(signal, b.first));
  BOOST_TEST(signal.slot().has_handler());
}

TORO_CONFORMANCE_CASE(stage, every_type_of_cancellation_is_honoured)
{
  for (asio::cancellation_type_t type : all_types)
  {
    bench<stage> b(kind);
    asio::cancellation_signal signal;
    b.subject->start(with(signal, b.first));
    b.turn();
    signal.emit(asio::cancellation_type::none);
    BOOST_TEST(b.subject->waiters() == 1u);
    signal.emit(type);
    BOOST_TEST(b.subject->waiters() == 0u);
    BOOST_TEST(b.first.is_pending());
    b.turn();
    BOOST_TEST(b.first.has(aborted()));
    b.subject->grant();
    BOOST_TEST(b.subject->is_whole());
  }
}

TORO_CONFORMANCE_CASE(stage, cancellation_before_the_handler_takes_a_grant_back)
{
  if (kind.grant_is_final)
    return;
  for (asio::cancellation_type_t type : all_types)
  {
    bench<stage> b(kind);
    asio::cancellation_signal signal;
    b.subject->start(with(signal, b.first));
    b.turn();
    b.subject->grant();
    BOOST_TEST(b.subject->waiters() == 0u);
    signal.emit(asio::cancellation_type::none);
    signal.emit(type);
    BOOST_TEST(b.subject->is_whole());
    b.turn();
    BOOST_TEST(b.first.has(aborted()));
    BOOST_TEST(b.subject->is_whole());
  }
}

TORO_CONFORMANCE_CASE(stage, cancellation_takes_back_success_at_once)
{
  if (kind.never_ready)
    return;
  bench<stage> b(kind);
  asio::cancellation_signal signal;
  b.subject->grant();
  b.subject->start(with(signal, b.first));
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(b.subject->is_whole());
  b.turn();
  BOOST_TEST(b.first.has(aborted()));
}

TORO_CONFORMANCE_CASE(stage, final_grant_is_not_taken_back)
{
  if (!kind.grant_is_final)
    return;
  bench<stage> b(kind);
  asio::cancellation_signal signal;
  b.subject->start(with(signal, b.first));
  b.subject->start(recording_handler(b.second));
  b.subject->grant();
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(b.subject->waiters() == 1u);
  BOOST_TEST(b.subject->cancel() == 1u);
  b.turn();
  BOOST_TEST(b.first.succeeded());
  BOOST_TEST(b.second.has(aborted()));
}

TORO_CONFORMANCE_CASE(stage, what_is_taken_back_goes_to_the_next)
{
  if (kind.grant_is_final)
    return;
  bench<stage> b(kind);
  asio::cancellation_signal signal;
  b.subject->start(with(signal, b.first));
  b.subject->start(recording_handler(b.second));
  b.subject->start(recording_handler(b.third));
  b.subject->grant();
  BOOST_TEST(b.subject->waiters() == (kind.grants_all ? 0u : 2u));
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(b.subject->waiters() == (kind.grants_all ? 0u : 1u));
  b.turn();
  BOOST_TEST(b.first.has(aborted()));
  BOOST_TEST(b.second.succeeded());
  BOOST_TEST(b.third.is_pending() != kind.grants_all);
}

TORO_CONFORMANCE_CASE(stage, waiter_in_the_middle_leaves_the_others_in_order)
{
  bench<stage> b(kind);
  asio::cancellation_signal signal;
  b.subject->start(recording_handler(b.first));
  b.subject->start(with(signal, b.second));
  b.subject->start(recording_handler(b.third));
  signal.emit(asio::cancellation_type::partial);
  BOOST_TEST(b.subject->waiters() == 2u);
  b.turn();
  BOOST_TEST(b.second.has(aborted()));
  b.subject->grant();
  b.turn();
  BOOST_TEST(b.first.succeeded());
  b.first.let_go();
  b.subject->grant();
  b.turn();
  BOOST_TEST(b.third.succeeded());
}

TORO_CONFORMANCE_CASE(stage, second_emission_finds_nothing)
{
  bench<stage> b(kind);
  asio::cancellation_signal signal;
  b.subject->start(with(signal, b.first));
  b.subject->grant();
  signal.emit(asio::cancellation_type::terminal);
  signal.emit(asio::cancellation_type::terminal);
  b.turn();
  signal.emit(asio::cancellation_type::terminal);
  b.turn();
  BOOST_TEST(b.first.has(late_result(kind)));
}

TORO_CONFORMANCE_CASE(stage, emission_in_or_after_the_handler_finds_nothing)
{
  bench<stage> b(kind);
  asio::cancellation_signal signal;
  b.first.on_call = [&]
  {
    signal.emit(asio::cancellation_type::terminal);
  };
  b.subject->start(with(signal, b.first));
  b.subject->start(recording_handler(b.second));
  b.subject->grant();
  b.turn();
  BOOST_TEST(b.first.succeeded());
  BOOST_TEST(b.second.is_pending() != kind.grants_all);
  signal.emit(asio::cancellation_type::terminal);
  b.turn();
  BOOST_TEST(b.first.calls == 1);
  BOOST_TEST(b.second.is_pending() != kind.grants_all);
}

TORO_CONFORMANCE_CASE(stage, signal_may_die_before_the_operation)
{
  for (ending how : all_endings)
  {
    bench<stage> b(kind);
    std::optional<asio::cancellation_signal> signal(std::in_place);
    bring_to_end(kind, b, how,
                 [&](stage& s)
                 {
                   s.start(with(*signal, b.first));
                   signal.reset();
                 });
    b.turn();
    BOOST_TEST(b.first.has(result_of(kind, how)));
  }
}

TORO_CONFORMANCE_CASE(stage, signal_may_die_between_the_end_and_the_handler)
{
  for (ending how : all_endings)
  {
    bench<stage> b(kind);
    std::optional<asio::cancellation_signal> signal(std::in_place);
    bring_to_end(kind, b, how,
                 [&](stage& s)
                 {
                   s.start(with(*signal, b.first));
                 });
    signal.reset();
    b.turn();
    BOOST_TEST(b.first.has(result_of(kind, how)));
  }
}

TORO_CONFORMANCE_CASE(stage, slot_serves_the_operation_that_came_last)
{
  bench<stage> b(kind);
  asio::cancellation_signal signal;
  b.subject->start(with(signal, b.first));
  b.subject->start(with(signal, b.second));
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(b.subject->waiters() == 1u);
  b.turn();
  BOOST_TEST(b.second.has(aborted()));
  b.subject->grant();
  b.turn();
  BOOST_TEST(b.first.succeeded());
}

TORO_CONFORMANCE_CASE(stage, cleared_slot_leaves_the_operation_alone)
{
  bench<stage> b(kind);
  asio::cancellation_signal signal;
  b.subject->start(with(signal, b.first));
  signal.slot().clear();
  signal.emit(asio::cancellation_type::total);
  BOOST_TEST(b.subject->waiters() == 1u);
  b.subject->grant();
  b.turn();
  BOOST_TEST(b.first.succeeded());
}

TORO_CONFORMANCE_CASE(stage, emission_finds_a_wait_that_moved)
{
  for (bool late : {false, true})
  {
    bench<stage> b(kind);
    asio::cancellation_signal signal;
    b.subject->start(with(signal, b.first));
    if (late)
      b.subject->grant();
    b.subject->move();
    signal.emit(asio::cancellation_type::total);
    BOOST_TEST(b.subject->waiters() == 0u);
    b.turn();
    BOOST_TEST(b.first.has(late ? late_result(kind) : aborted()));
    if (!late)
      b.subject->grant();
    BOOST_TEST((b.subject->is_whole() || (late && kind.grant_is_final)));
  }
}

TORO_CONFORMANCE_CASE(stage, emission_after_the_primitive_is_gone)
{
  for (bool late : {false, true})
  {
    bench<stage> b(kind);
    asio::cancellation_signal signal;
    b.subject->start(with(signal, b.first));
    if (late)
      b.subject->grant();
    b.subject.reset();
    signal.emit(asio::cancellation_type::total);
    b.turn();
    signal.emit(asio::cancellation_type::total);
    b.turn();
    BOOST_TEST(b.first.has(late ? late_result(kind) : aborted()));
  }
}

TORO_CONFORMANCE_CASE(stage, emission_after_the_context_is_gone)
{
  for (bool late : {false, true})
  {
    asio::cancellation_signal signal;
    call_record report;
    std::unique_ptr<stage> survivor;
    {
      asio::io_context io;
      survivor = kind.make(io.get_executor());
      survivor->start(with(signal, report));
      if (late)
        survivor->grant();
    }
    BOOST_TEST(report.was_dropped());
    signal.emit(asio::cancellation_type::terminal);
    BOOST_TEST(report.calls == 0);
    survivor.reset();
    signal.emit(asio::cancellation_type::terminal);
    BOOST_TEST(report.was_dropped());
  }
}

TORO_CONFORMANCE_CASE(stage, slot_need_not_be_one_of_asio)
{
  for (bool late : {false, true})
  {
    bench<stage> b(kind);
    home_made_slot::store place;
    b.subject->start(
        home_made(home_made_slot(place), recording_handler(b.first)));
    BOOST_TEST(static_cast<bool>(place));
    if (late)
      b.subject->grant();
    place(asio::cancellation_type::total);
    b.turn();
    BOOST_TEST(b.first.has(late ? late_result(kind) : aborted()));
    place(asio::cancellation_type::total);
  }
}

TORO_CONFORMANCE_CASE(stage, cancel_ends_and_counts_everything)
{
  bench<stage> b(kind);
  BOOST_TEST(b.subject->cancel() == 0u);
  b.subject->start(recording_handler(b.first));
  b.subject->start(recording_handler(b.second));
  b.subject->start(recording_handler(b.third));
  BOOST_TEST(b.subject->waiters() == 3u);
  b.subject->grant();
  BOOST_TEST(b.subject->waiters() == (kind.grants_all ? 0u : 2u));
  BOOST_TEST(b.subject->cancel() == (kind.grant_is_final ? 2u : 3u));
  BOOST_TEST(b.subject->waiters() == 0u);
  BOOST_TEST((b.subject->is_whole() || kind.grant_is_final));
  BOOST_TEST(b.subject->cancel() == 0u);
  b.turn();
  BOOST_TEST(b.first.has(late_result(kind)));
  BOOST_TEST(b.second.has(aborted()));
  BOOST_TEST(b.third.has(aborted()));
}

TORO_CONFORMANCE_CASE(stage, primitive_serves_on_after_cancel)
{
  bench<stage> b(kind);
  b.subject->start(recording_handler(b.first));
  BOOST_TEST(b.subject->cancel() == 1u);
  b.subject->start(recording_handler(b.second));
  BOOST_TEST(b.subject->waiters() == 1u);
  b.subject->grant();
  b.turn();
  BOOST_TEST(b.first.has(aborted()));
  BOOST_TEST(b.second.succeeded());
  BOOST_TEST(b.subject->cancel() == 0u);
}

// A handler that cancels sees the operations behind its own.
TORO_CONFORMANCE_CASE(stage, handler_may_cancel_the_rest)
{
  bench<stage> b(kind);
  std::size_t ended = 0;
  b.first.on_call = [&]
  {
    ended = b.subject->cancel();
  };
  b.subject->start(recording_handler(b.first));
  b.subject->start(recording_handler(b.second));
  b.subject->start(recording_handler(b.third));
  b.subject->grant();
  b.turn();
  BOOST_TEST(b.first.succeeded());
  BOOST_TEST(ended == 2u);
  BOOST_TEST(b.second.has(aborted()));
  BOOST_TEST(b.third.has(aborted()));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
