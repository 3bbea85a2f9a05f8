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

#include "unit/conformance/fixture.hpp"

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

class case_subject : public subject
{
public:
  using subject::start;

  virtual void start(home_made handler) = 0;
};

template <class Operation>
class case_subject_of : public subject_base<Operation, case_subject>
{
public:
  using subject_base<Operation, case_subject>::subject_base;
  using subject_base<Operation, case_subject>::start;

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

bool is_supported(const operation_facts& kind, asio::cancellation_type_t type)
{
  return type != asio::cancellation_type::total || !kind.keeps_effect;
}

} // namespace

TORO_CONFORMANCE_CASE(case_subject, slot_is_filled_when_the_operation_begins)
{
  fixture<case_subject> f(kind);
  asio::cancellation_signal signal;
  BOOST_TEST(!signal.slot().has_handler());
  f.subject->start(with(signal, f.first));
  BOOST_TEST(signal.slot().has_handler());
}

TORO_CONFORMANCE_CASE(case_subject, every_supported_cancellation_is_honoured)
{
  for (asio::cancellation_type_t type : all_types)
  {
    if (!is_supported(kind, type))
      continue;
    fixture<case_subject> f(kind);
    asio::cancellation_signal signal;
    f.subject->start(with(signal, f.first));
    f.turn();
    signal.emit(asio::cancellation_type::none);
    BOOST_TEST(f.subject->waiters() == 1u);
    signal.emit(type);
    BOOST_TEST(f.subject->waiters() == 0u);
    BOOST_TEST(f.first.is_pending());
    f.turn();
    BOOST_TEST(f.first.has(aborted()));
    f.subject->grant();
    BOOST_TEST(f.subject->is_whole());
  }
}

TORO_CONFORMANCE_CASE(case_subject,
                      cancellation_before_the_handler_takes_a_grant_back)
{
  if (kind.grant_is_final)
    return;
  for (asio::cancellation_type_t type : all_types)
  {
    if (!is_supported(kind, type))
      continue;
    fixture<case_subject> f(kind);
    asio::cancellation_signal signal;
    f.subject->start(with(signal, f.first));
    f.turn();
    f.subject->grant();
    BOOST_TEST(f.subject->waiters() == 0u);
    signal.emit(asio::cancellation_type::none);
    signal.emit(type);
    BOOST_TEST(f.subject->is_whole());
    f.turn();
    BOOST_TEST(f.first.has(aborted()));
    BOOST_TEST(f.subject->is_whole());
  }
}

TORO_CONFORMANCE_CASE(case_subject,
                      total_cancellation_finds_no_operation_with_an_effect)
{
  if (!kind.keeps_effect)
    return;
  for (bool late : {false, true})
  {
    fixture<case_subject> f(kind);
    asio::cancellation_signal signal;
    f.subject->start(with(signal, f.first));
    if (late)
      f.subject->grant();
    signal.emit(asio::cancellation_type::total);
    BOOST_TEST(f.subject->waiters() == (late ? 0u : 1u));
    if (!late)
      f.subject->grant();
    f.turn();
    BOOST_TEST(f.first.succeeded());
  }
}

TORO_CONFORMANCE_CASE(case_subject, cancellation_takes_back_success_at_once)
{
  if (kind.never_ready || kind.start_is_final)
    return;
  fixture<case_subject> f(kind);
  asio::cancellation_signal signal;
  f.subject->grant();
  f.subject->start(with(signal, f.first));
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(f.subject->is_whole());
  f.turn();
  BOOST_TEST(f.first.has(aborted()));
}

TORO_CONFORMANCE_CASE(case_subject, final_success_at_once_is_not_taken_back)
{
  if (!kind.start_is_final)
    return;
  fixture<case_subject> f(kind);
  asio::cancellation_signal signal;
  f.subject->grant();
  f.subject->start(with(signal, f.first));
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(f.subject->cancel() == 0u);
  f.turn();
  BOOST_TEST(f.first.succeeded());
}

TORO_CONFORMANCE_CASE(case_subject, final_grant_is_not_taken_back)
{
  if (!kind.grant_is_final)
    return;
  fixture<case_subject> f(kind);
  asio::cancellation_signal signal;
  f.subject->start(with(signal, f.first));
  f.subject->start(recording_handler(f.second));
  f.subject->grant();
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(f.subject->waiters() == cancellable(kind, 2));
  BOOST_TEST(f.subject->cancel() == cancellable(kind, 2));
  f.turn();
  BOOST_TEST(f.first.succeeded());
  BOOST_TEST(f.second.has(late_result_behind(kind)));
}

TORO_CONFORMANCE_CASE(case_subject, what_is_taken_back_goes_to_the_next)
{
  if (kind.grant_is_final)
    return;
  fixture<case_subject> f(kind);
  asio::cancellation_signal signal;
  f.subject->start(with(signal, f.first));
  f.subject->start(recording_handler(f.second));
  f.subject->start(recording_handler(f.third));
  f.subject->grant();
  BOOST_TEST(f.subject->waiters() == (kind.grants_all ? 0u : 2u));
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(f.subject->waiters() == (kind.grants_all ? 0u : 1u));
  f.turn();
  BOOST_TEST(f.first.has(aborted()));
  BOOST_TEST(f.second.succeeded());
  BOOST_TEST(f.third.is_pending() != kind.grants_all);
}

TORO_CONFORMANCE_CASE(case_subject,
                      waiter_in_the_middle_leaves_the_others_in_order)
{
  fixture<case_subject> f(kind);
  asio::cancellation_signal signal;
  f.subject->start(recording_handler(f.first));
  f.subject->start(with(signal, f.second));
  f.subject->start(recording_handler(f.third));
  signal.emit(asio::cancellation_type::partial);
  BOOST_TEST(f.subject->waiters() == 2u);
  f.turn();
  BOOST_TEST(f.second.has(aborted()));
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.first.succeeded());
  f.first.let_go();
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.third.succeeded());
}

TORO_CONFORMANCE_CASE(case_subject, second_emission_finds_nothing)
{
  fixture<case_subject> f(kind);
  asio::cancellation_signal signal;
  f.subject->start(with(signal, f.first));
  f.subject->grant();
  signal.emit(asio::cancellation_type::terminal);
  signal.emit(asio::cancellation_type::terminal);
  f.turn();
  signal.emit(asio::cancellation_type::terminal);
  f.turn();
  BOOST_TEST(f.first.has(late_result(kind)));
}

TORO_CONFORMANCE_CASE(case_subject,
                      emission_in_or_after_the_handler_finds_nothing)
{
  fixture<case_subject> f(kind);
  asio::cancellation_signal signal;
  f.first.on_call = [&]
  {
    signal.emit(asio::cancellation_type::terminal);
  };
  f.subject->start(with(signal, f.first));
  f.subject->start(recording_handler(f.second));
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.first.succeeded());
  BOOST_TEST(f.second.is_pending() != kind.grants_all);
  signal.emit(asio::cancellation_type::terminal);
  f.turn();
  BOOST_TEST(f.first.calls == 1);
  BOOST_TEST(f.second.is_pending() != kind.grants_all);
}

TORO_CONFORMANCE_CASE(case_subject, signal_may_die_before_the_operation)
{
  for (ending how : all_endings)
  {
    fixture<case_subject> f(kind);
    std::optional<asio::cancellation_signal> signal(std::in_place);
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   s.start(with(*signal, f.first));
                   signal.reset();
                 });
    f.turn();
    BOOST_TEST(f.first.has(result_of(kind, how)));
  }
}

TORO_CONFORMANCE_CASE(case_subject,
                      signal_may_die_between_the_end_and_the_handler)
{
  for (ending how : all_endings)
  {
    fixture<case_subject> f(kind);
    std::optional<asio::cancellation_signal> signal(std::in_place);
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   s.start(with(*signal, f.first));
                 });
    signal.reset();
    f.turn();
    BOOST_TEST(f.first.has(result_of(kind, how)));
  }
}

TORO_CONFORMANCE_CASE(case_subject, slot_serves_the_operation_that_came_last)
{
  fixture<case_subject> f(kind);
  asio::cancellation_signal signal;
  f.subject->start(with(signal, f.first));
  f.subject->start(with(signal, f.second));
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(f.subject->waiters() == 1u);
  f.turn();
  BOOST_TEST(f.second.has(aborted()));
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.first.succeeded());
}

TORO_CONFORMANCE_CASE(case_subject, cleared_slot_leaves_the_operation_alone)
{
  fixture<case_subject> f(kind);
  asio::cancellation_signal signal;
  f.subject->start(with(signal, f.first));
  signal.slot().clear();
  signal.emit(asio::cancellation_type::terminal);
  BOOST_TEST(f.subject->waiters() == 1u);
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.first.succeeded());
}

TORO_CONFORMANCE_CASE(case_subject, emission_finds_a_wait_that_moved)
{
  for (bool late : {false, true})
  {
    fixture<case_subject> f(kind);
    asio::cancellation_signal signal;
    f.subject->start(with(signal, f.first));
    if (late)
      f.subject->grant();
    f.subject->move();
    signal.emit(asio::cancellation_type::terminal);
    BOOST_TEST(f.subject->waiters() == 0u);
    f.turn();
    BOOST_TEST(f.first.has(late ? late_result(kind) : aborted()));
    if (!late)
      f.subject->grant();
    BOOST_TEST((f.subject->is_whole() || (late && kind.grant_is_final)));
  }
}

TORO_CONFORMANCE_CASE(case_subject, emission_after_the_primitive_is_gone)
{
  for (bool late : {false, true})
  {
    fixture<case_subject> f(kind);
    asio::cancellation_signal signal;
    f.subject->start(with(signal, f.first));
    if (late)
      f.subject->grant();
    f.subject.reset();
    signal.emit(asio::cancellation_type::terminal);
    f.turn();
    signal.emit(asio::cancellation_type::terminal);
    f.turn();
    BOOST_TEST(f.first.has(late ? late_result(kind) : aborted()));
  }
}

TORO_CONFORMANCE_CASE(case_subject, emission_after_the_context_is_gone)
{
  for (bool late : {false, true})
  {
    asio::cancellation_signal signal;
    call_record report;
    std::unique_ptr<case_subject> survivor;
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

TORO_CONFORMANCE_CASE(case_subject, slot_need_not_be_one_of_asio)
{
  for (bool late : {false, true})
  {
    fixture<case_subject> f(kind);
    home_made_slot::store place;
    f.subject->start(
        home_made(home_made_slot(place), recording_handler(f.first)));
    BOOST_TEST(static_cast<bool>(place));
    if (late)
      f.subject->grant();
    place(asio::cancellation_type::terminal);
    f.turn();
    BOOST_TEST(f.first.has(late ? late_result(kind) : aborted()));
    place(asio::cancellation_type::terminal);
  }
}

TORO_CONFORMANCE_CASE(case_subject, cancel_ends_and_counts_everything)
{
  fixture<case_subject> f(kind);
  BOOST_TEST(f.subject->cancel() == 0u);
  f.subject->start(recording_handler(f.first));
  f.subject->start(recording_handler(f.second));
  f.subject->start(recording_handler(f.third));
  BOOST_TEST(f.subject->waiters() == 3u);
  f.subject->grant();
  BOOST_TEST(f.subject->waiters() == (kind.grants_all ? 0u : 2u));
  BOOST_TEST(f.subject->cancel() == cancellable(kind, 3));
  BOOST_TEST(f.subject->waiters() == 0u);
  BOOST_TEST((f.subject->is_whole() || kind.grant_is_final));
  BOOST_TEST(f.subject->cancel() == 0u);
  f.turn();
  BOOST_TEST(f.first.has(late_result(kind)));
  BOOST_TEST(f.second.has(late_result_behind(kind)));
  BOOST_TEST(f.third.has(late_result_behind(kind)));
}

TORO_CONFORMANCE_CASE(case_subject, primitive_serves_on_after_cancel)
{
  fixture<case_subject> f(kind);
  f.subject->start(recording_handler(f.first));
  BOOST_TEST(f.subject->cancel() == 1u);
  f.subject->start(recording_handler(f.second));
  BOOST_TEST(f.subject->waiters() == 1u);
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.first.has(aborted()));
  BOOST_TEST(f.second.succeeded());
  BOOST_TEST(f.subject->cancel() == 0u);
}

// A handler that cancels sees the operations behind its own.
TORO_CONFORMANCE_CASE(case_subject, handler_may_cancel_the_rest)
{
  fixture<case_subject> f(kind);
  std::size_t ended = 0;
  f.first.on_call = [&]
  {
    ended = f.subject->cancel();
  };
  f.subject->start(recording_handler(f.first));
  f.subject->start(recording_handler(f.second));
  f.subject->start(recording_handler(f.third));
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.first.succeeded());
  BOOST_TEST(ended == (kind.grants_all ? cancellable(kind, 2) : 2u));
  BOOST_TEST(f.second.has(late_result_behind(kind)));
  BOOST_TEST(f.third.has(late_result_behind(kind)));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
