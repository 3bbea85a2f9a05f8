// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_CONFORMANCE_BENCH_HPP
#define TORO_TEST_CONFORMANCE_BENCH_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "conformance/operations.hpp"
#include "support/manual_clock.hpp"
#include "support/witness.hpp"

namespace toro_test {

// A handler with a cancellation slot, which need not be connected.
using slotted =
    boost::asio::cancellation_slot_binder<witness,
                                          boost::asio::cancellation_slot>;

// An operation that has not been launched; each call launches a copy of it.
using launcher = std::function<void(slotted)>;

// A primitive with one of its operations, whatever they are.
//
// Why not templates of cases: there are many cases and many operations, and
// nearly all of a case is the same for each of them. What differs, the types of
// the handlers, is in the stage of a file: a class derived from this one with a
// function for each type of handler that its cases start operations with.
class bare_subject
{
public:
  virtual ~bare_subject() = default;

  virtual void grant() = 0;
  virtual bool is_whole() const = 0;
  virtual std::size_t cancel() = 0;
  virtual std::size_t waiters() const = 0;
  virtual std::string text() const = 0;

  // Has the primitive move to another one, which this becomes.
  virtual void move() = 0;

  // Assigns another primitive over this one.
  virtual void assign_over(const boost::asio::any_io_executor& executor) = 0;

  // Destroys the primitive; what it has given out stays.
  virtual void destroy_primitive() = 0;

  // Gives back what keeps the operation waiting, where that is held.
  virtual void drop_guard() = 0;
};

// The same with what most stages start.
class subject : public bare_subject
{
public:
  virtual void start(witness handler) = 0;
  virtual void start(toro::deadline limit, witness handler) = 0;
  virtual void start(slotted handler) = 0;
  virtual void start(toro::deadline limit, slotted handler) = 0;

  // The operation through asio::deferred.
  virtual launcher defer() = 0;
  virtual launcher defer(toro::deadline limit) = 0;
};

// What all stages start, by the operation's place in the list and with its
// subject; compiled once for all of them, in starts.cpp.
void start_plain(std::size_t place, void* subject, witness handler);
void start_plain(std::size_t place, void* subject, toro::deadline limit,
                 witness handler);
void start_slotted(std::size_t place, void* subject, slotted handler);
void start_slotted(std::size_t place, void* subject, toro::deadline limit,
                   slotted handler);
launcher defer(std::size_t place, void* subject);
launcher defer(std::size_t place, void* subject, toro::deadline limit);

template <class Operation, class... Listed>
constexpr std::size_t place_of(std::tuple<Listed...>*)
{
  std::size_t place = 0;
  static_cast<void>(
      ((std::is_same_v<Operation, Listed> ? false : (++place, true)) && ...));
  return place;
}

// The operation behind a stage.
template <class Operation, class Stage>
class bare_subject_base : public Stage
{
public:
  using executor_type = boost::asio::any_io_executor;

  explicit bare_subject_base(const executor_type& executor)
    : it(executor)
  {
  }

  void grant() override
  {
    it.grant();
  }

  bool is_whole() const override
  {
    return it.is_whole();
  }

  std::size_t cancel() override
  {
    return it.object.cancel();
  }

  std::size_t waiters() const override
  {
    return it.object.waiters();
  }

  std::string text() const override
  {
    return to_string(it.object);
  }

  void move() override
  {
    subject_of<Operation> other(std::move(it));
    it = std::move(other);
  }

  void assign_over(const executor_type& executor) override
  {
    it.object = std::move(subject_of<Operation>(executor).object);
  }

  void destroy_primitive() override
  {
    const auto victim = std::move(it.object);
  }

  void drop_guard() override
  {
    if constexpr (requires { it.held; })
      it.held.reset();
  }

  subject_of<Operation> it;
};

// The same with what most stages start.
template <class Operation, class Stage>
class subject_base : public bare_subject_base<Operation, Stage>
{
  static constexpr std::size_t place =
      place_of<Operation>(static_cast<all_operations*>(nullptr));

public:
  using bare_subject_base<Operation, Stage>::bare_subject_base;

  using Stage::start;

  void start(witness handler) override
  {
    start_plain(place, &this->it, std::move(handler));
  }

  void start(toro::deadline limit, witness handler) override
  {
    start_plain(place, &this->it, limit, std::move(handler));
  }

  void start(slotted handler) override
  {
    start_slotted(place, &this->it, std::move(handler));
  }

  void start(toro::deadline limit, slotted handler) override
  {
    start_slotted(place, &this->it, limit, std::move(handler));
  }

  launcher defer() override
  {
    return toro_test::defer(place, &this->it);
  }

  launcher defer(toro::deadline limit) override
  {
    return toro_test::defer(place, &this->it, limit);
  }
};

// For cases that start nothing but what all stages do.
template <class Operation>
class subject_stage_of final : public subject_base<Operation, subject>
{
public:
  using subject_base<Operation, subject>::subject_base;
};

// An operation of the list as the cases of a stage see it.
template <class Stage>
struct operation_kind
{
  std::string name;
  bool never_ready;
  bool grants_all;
  bool grant_is_final;
  bool thread_safe;
  std::function<std::unique_ptr<Stage>(const boost::asio::any_io_executor&)>
      make;
};

template <class Policy>
const char* policy_name()
{
  return std::is_same_v<Policy, toro::thread_safe> ? "thread_safe"
                                                   : "strand_bound";
}

template <template <class> class StageOf, class Stage>
class operation_kinds
{
public:
  using kind = operation_kind<Stage>;

  template <class Function>
  static void for_each(Function function)
  {
    add(function, static_cast<all_operations*>(nullptr));
  }

private:
  template <class Function, class... Operation>
  static void add(Function& function, std::tuple<Operation...>*)
  {
    (function(make_kind<Operation>(static_cast<Operation*>(nullptr))), ...);
  }

  template <class Operation, template <class> class Family, class Policy>
  static kind make_kind(Family<Policy>*)
  {
    return {std::string(Operation::name) + " " + policy_name<Policy>(),
            Operation::never_ready,
            Operation::grants_all,
            Operation::grant_is_final,
            std::is_same_v<Policy, toro::thread_safe>,
            [](const boost::asio::any_io_executor& executor)
            {
              return std::make_unique<StageOf<Operation>>(executor);
            }};
  }
};

// Adds a case for each operation of the list.
template <template <class> class StageOf, class Stage>
class registration
{
public:
  registration(const char* name, void (*body)(const operation_kind<Stage>&),
               const char* file, std::size_t line)
  {
    namespace ut = boost::unit_test;
    auto* const suite = new ut::test_suite(name, file, line);
    ut::framework::current_auto_test_suite().add(suite);
    operation_kinds<StageOf, Stage>::for_each(
        [&](const operation_kind<Stage>& kind)
        {
          suite->add(ut::make_test_case(
              [body, kind]
              {
                body(kind);
              },
              kind.name, file, line));
        });
  }
};

// A case that runs for each operation: stage is the class of what it can do to
// them, and stage_of the template that implements it. The body sees the
// operation as kind.
#define TORO_CONFORMANCE_CASE(stage, case_name)                                \
  void case_name(const ::toro_test::operation_kind<stage>& kind);              \
  const ::toro_test::registration<stage##_of, stage> case_name##_registration( \
      #case_name, &case_name, __FILE__, __LINE__);                             \
  void case_name(                                                              \
      [[maybe_unused]] const ::toro_test::operation_kind<stage>& kind)

// One primitive on one context, with handlers that tell what became of them.
template <class Stage>
struct bench
{
  explicit bench(const operation_kind<Stage>& kind)
  {
    clock.install(io);
    subject = kind.make(io.get_executor());
  }

  // Runs what is ready.
  void turn()
  {
    io.restart();
    io.poll();
  }

  // Order: what handlers refer to outlives the context.
  testimony first;
  testimony second;
  testimony third;
  manual_clock clock;
  boost::asio::io_context io;
  std::unique_ptr<Stage> subject;
};

// The ways to the end of an operation that need no deadline.
enum class ending
{
  at_once,
  granted,
  cancelled,
  cancelled_late,
  destroyed,
  destroyed_late
};

inline constexpr std::initializer_list<ending> all_endings = {
    ending::at_once,        ending::granted,   ending::cancelled,
    ending::cancelled_late, ending::destroyed, ending::destroyed_late};

// What cancelling makes of an operation that was granted.
template <class Stage>
error_code late_result(const operation_kind<Stage>& kind)
{
  return kind.grant_is_final ? error_code() : aborted();
}

template <class Stage>
error_code result_of(const operation_kind<Stage>& kind, ending how)
{
  switch (how)
  {
  case ending::at_once:
  case ending::granted:
    return {};
  case ending::cancelled:
  case ending::destroyed:
    return aborted();
  case ending::cancelled_late:
  case ending::destroyed_late:
    return late_result(kind);
  }
  return {};
}

// Starts an operation and decides how it ends; the delivery is still to come.
template <class Stage, class Start>
void bring_to_end(const operation_kind<Stage>& kind, bench<Stage>& b,
                  ending how, Start start)
{
  if (how == ending::at_once)
    b.subject->grant();
  start(*b.subject);
  if (how == ending::granted || how == ending::cancelled_late ||
      how == ending::destroyed_late ||
      (how == ending::at_once && kind.never_ready))
    b.subject->grant();
  if (how == ending::cancelled || how == ending::cancelled_late)
    b.subject->cancel();
  if (how == ending::destroyed || how == ending::destroyed_late)
    b.subject.reset();
}

} // namespace toro_test

#endif // TORO_TEST_CONFORMANCE_BENCH_HPP
