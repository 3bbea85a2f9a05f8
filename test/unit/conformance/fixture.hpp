// SPDX-License-Identifier: BSL-1.0
#ifndef TORO_TEST_UNIT_CONFORMANCE_FIXTURE_HPP
#define TORO_TEST_UNIT_CONFORMANCE_FIXTURE_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/manual_clock.hpp"
#include "support/recording_handler.hpp"
#include "unit/conformance/operations.hpp"

namespace toro_test {

// A handler with a cancellation slot, which need not be connected.
using slotted =
    boost::asio::cancellation_slot_binder<recording_handler,
                                          boost::asio::cancellation_slot>;

using io_executor = boost::asio::io_context::executor_type;
using io_strand = boost::asio::strand<io_executor>;

// A handler with an executor.
template <class Executor>
using on = boost::asio::executor_binder<recording_handler, Executor>;

// An operation that has not been launched; each call launches a copy of it.
using launcher = std::function<void(slotted)>;

class primitive;

// A primitive with one of its operations, whatever they are.
//
// Why not templates of cases: there are many cases and many operations, and
// nearly all of a case is the same for each of them. What differs, the types of
// the handlers, is in the case_subject of a file: a class derived from this one
// with a function for each type of handler that its cases start operations
// with. What all of them do is compiled once, in subjects.cpp and in
// starts.cpp.
class bare_subject
{
public:
  bare_subject();
  virtual ~bare_subject();

  void grant();
  bool is_whole() const;
  std::size_t cancel();
  std::size_t waiters() const;
  std::string text() const;

  // Has the primitive move to another one, which this becomes.
  void move();

  // Assigns another primitive over this one.
  void assign_over(const boost::asio::any_io_executor& executor);

  // Destroys the primitive; what it has given out stays.
  void destroy_primitive();

  // Gives back what keeps the operation waiting, where that is held.
  void drop_guard();

protected:
  // Makes the subject of an operation, by its place in the list. Returns where
  // it is.
  void* make(std::size_t place, const boost::asio::any_io_executor& executor);

  std::size_t place() const
  {
    return place_;
  }

  void* address() const
  {
    return address_;
  }

private:
  std::unique_ptr<primitive> primitive_;
  std::size_t place_ = 0;
  void* address_ = nullptr;
};

// The same with the handlers that most cases start operations with.
class subject : public bare_subject
{
public:
  void start(recording_handler handler);
  void start(toro::deadline limit, recording_handler handler);
  void start(slotted handler);
  void start(toro::deadline limit, slotted handler);
  void start(on<io_strand> handler);
  void start(on<boost::asio::any_io_executor> handler);

  // The operation through asio::deferred.
  launcher defer();
  launcher defer(toro::deadline limit);
};

// The place of an operation in the list, from when the cases are added.
template <class Operation>
inline std::size_t place_of = 0;

// The operation of a case_subject.
template <class Operation, class Subject>
class subject_base : public Subject
{
public:
  explicit subject_base(const boost::asio::any_io_executor& executor)
    : it(*static_cast<subject_of<Operation>*>(
          this->make(place_of<Operation>, executor)))
  {
  }

protected:
  subject_of<Operation>& it;
};

// For cases that need no more types of handlers than those.
template <class Operation>
class plain_subject_of final : public subject_base<Operation, subject>
{
public:
  using subject_base<Operation, subject>::subject_base;
};

// What the cases have to know of an operation.
struct operation_facts
{
  std::string name;
  bool never_ready;
  bool grants_all;
  bool grant_is_final;
  bool start_is_final;
  bool keeps_effect;
  bool serves_once;
  bool reads_clock;
  bool thread_safe;
};

// Of all operations of the list, in its order.
const std::vector<operation_facts>& all_operation_facts();

// An operation of the list as the cases of a file see it.
template <class Subject>
struct operation_kind : operation_facts
{
  std::unique_ptr<Subject> (*make)(
      const boost::asio::any_io_executor& executor);
};

template <class Subject, class SubjectOfOperation>
std::unique_ptr<Subject>
make_subject(const boost::asio::any_io_executor& executor)
{
  // Not make_unique(): one type of pointer serves all operations.
  return std::unique_ptr<Subject>(new SubjectOfOperation(executor));
}

template <template <class> class SubjectOf, class Subject, class... Operation>
std::vector<operation_kind<Subject>> all_kinds(std::tuple<Operation...>*)
{
  std::size_t place = 0;
  ((place_of<Operation> = place++), ...);
  std::vector<operation_kind<Subject>> kinds;
  auto facts = all_operation_facts().begin();
  for (auto make : {&make_subject<Subject, SubjectOf<Operation>>...})
    kinds.push_back({*facts++, make});
  return kinds;
}

// Adds a case for each operation of the list.
template <template <class> class SubjectOf, class Subject>
class registration
{
public:
  registration(const char* name, void (*body)(const operation_kind<Subject>&),
               const char* file, std::size_t line)
  {
    namespace ut = boost::unit_test;
    auto* const suite = new ut::test_suite(name, file, line);
    ut::framework::current_auto_test_suite().add(suite);
    for (const operation_kind<Subject>& kind :
         all_kinds<SubjectOf, Subject>(static_cast<all_operations*>(nullptr)))
    {
      suite->add(ut::make_test_case(
          [body, kind]
          {
            body(kind);
          },
          kind.name, file, line));
    }
  }
};

// A case that runs for each operation: the first argument is the class of what
// the case can do to them, and the same name with _of is the template that
// implements it. The body sees the operation as kind.
#define TORO_CONFORMANCE_CASE(subject_type, case_name)                         \
  void case_name(const ::toro_test::operation_kind<subject_type>& kind);       \
  const ::toro_test::registration<subject_type##_of, subject_type>             \
      case_name##_registration(#case_name, &case_name, __FILE__, __LINE__);    \
  void case_name(                                                              \
      [[maybe_unused]] const ::toro_test::operation_kind<subject_type>& kind)

// Notes what a handler is given with an error.
template <class Value>
void note_failure(call_record& report, error_code ec)
{
  if constexpr (std::is_void_v<Value>)
    report.note(ec);
  else
    report.note(ec, Value());
}

// One primitive on one context, with handlers that tell what became of them.
template <class Subject>
struct fixture
{
  explicit fixture(const operation_kind<Subject>& kind)
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
  call_record first;
  call_record second;
  call_record third;
  manual_clock clock;
  boost::asio::io_context io;
  std::unique_ptr<Subject> subject;
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
template <class Subject>
error_code late_result(const operation_kind<Subject>& kind)
{
  return kind.grant_is_final ? error_code() : aborted();
}

// What cancelling makes of an operation that completed immediately.
inline error_code late_result_at_once(const operation_facts& kind)
{
  return kind.start_is_final ? error_code() : aborted();
}

// What cancelling makes of an operation behind one that was granted.
template <class Subject>
error_code late_result_behind(const operation_kind<Subject>& kind)
{
  return kind.grants_all ? late_result(kind) : aborted();
}

// How many of these operations can be cancelled after one grant.
inline std::size_t cancellable(const operation_facts& kind, std::size_t count)
{
  if (!kind.grant_is_final)
    return count;
  return kind.grants_all ? 0 : count - 1;
}

template <class Subject>
error_code result_of(const operation_kind<Subject>& kind, ending how)
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
template <class Subject, class Start>
void bring_to_end(const operation_kind<Subject>& kind, fixture<Subject>& f,
                  ending how, Start start)
{
  if (how == ending::at_once)
    f.subject->grant();
  start(*f.subject);
  if (how == ending::granted || how == ending::cancelled_late ||
      how == ending::destroyed_late ||
      (how == ending::at_once && kind.never_ready))
    f.subject->grant();
  if (how == ending::cancelled || how == ending::cancelled_late)
    f.subject->cancel();
  if (how == ending::destroyed || how == ending::destroyed_late)
    f.subject.reset();
}

// Looks for a result and tells the call_record of it.
using collector = std::function<void()>;

// Starts an operation with a token and checks each of its ends.
template <class Subject, class Start>
void check_token(const operation_kind<Subject>& kind, Start start)
{
  for (ending how : all_endings)
  {
    fixture<Subject> f(kind);
    collector collect;
    bring_to_end(kind, f, how,
                 [&](Subject& s)
                 {
                   collect = start(f, s);
                 });
    BOOST_TEST(f.first.is_pending());
    f.turn();
    if (collect)
      collect();
    f.turn();
    BOOST_TEST(f.first.has(result_of(kind, how)));
    BOOST_TEST(f.io.stopped());
  }
}

} // namespace toro_test

#endif // TORO_TEST_UNIT_CONFORMANCE_FIXTURE_HPP
