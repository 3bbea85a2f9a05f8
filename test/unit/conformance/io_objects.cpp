// SPDX-License-Identifier: BSL-1.0
// Primitives as I/O objects: on executors of any type, moved, assigned over,
// and outliving their context: R11, R12, R20 to R22. The other executable,
// lifetime, has every order of destruction.

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>

#include "unit/conformance/fixture.hpp"

namespace asio = boost::asio;

using namespace std::chrono_literals;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(io_objects)

namespace {

using pool_executor = asio::thread_pool::executor_type;

// An operation of a primitive that has an executor type of its own.
class native_subject
{
public:
  virtual ~native_subject() = default;
  virtual void start(recording_handler handler) = 0;
  virtual void grant() = 0;
};

template <class Operation, class Executor>
class native_subject_of final : public native_subject
{
public:
  explicit native_subject_of(const Executor& executor)
    : it_(executor)
  {
  }

  void start(recording_handler handler) override
  {
    it_.start(std::move(handler));
  }

  void grant() override
  {
    it_.grant();
  }

private:
  subject_of<Operation, Executor> it_;
};

class case_subject : public subject
{
public:
  // A new case_subject that has the primitive; this one has what is left of it.
  virtual std::unique_ptr<case_subject> move_out() = 0;

  // Takes the primitive of a case_subject of the same kind.
  virtual void move_in(case_subject& other) = 0;

  // The same operation of a new primitive on an executor of its own type.
  virtual std::unique_ptr<native_subject> make_native(io_executor executor) = 0;
  virtual std::unique_ptr<native_subject>
  make_native(pool_executor executor) = 0;

  // Starts the operation on a primitive with an executor type of its own, then
  // converts that to any executor. Returns how many operations the result had.
  virtual std::size_t convert(io_executor executor, call_record& waiting) = 0;

  virtual bool is_on(const asio::any_io_executor& executor) const = 0;
};

template <class Operation>
class case_subject_of : public subject_base<Operation, case_subject>
{
public:
  using subject_base<Operation, case_subject>::subject_base;

  explicit case_subject_of(subject_of<Operation>&& from)
    : case_subject_of(from.object.get_executor())
  {
    this->it = std::move(from);
  }

  std::unique_ptr<case_subject> move_out() override
  {
    return std::unique_ptr<case_subject>(
        new case_subject_of(std::move(this->it)));
  }

  void move_in(case_subject& other) override
  {
    this->it = std::move(static_cast<case_subject_of&>(other).it);
  }

  std::unique_ptr<native_subject> make_native(io_executor executor) override
  {
    return std::unique_ptr<native_subject>(
        new native_subject_of<Operation, io_executor>(executor));
  }

  std::unique_ptr<native_subject> make_native(pool_executor executor) override
  {
    return std::unique_ptr<native_subject>(
        new native_subject_of<Operation, pool_executor>(executor));
  }

  std::size_t convert(io_executor executor, call_record& waiting) override
  {
    using native = subject_of<Operation, io_executor>;
    using general = subject_of<Operation>;
    using native_object = typename native::object_type;
    using general_object = typename general::object_type;

    static_assert(
        std::same_as<typename native_object::executor_type, io_executor>);
    static_assert(std::same_as<typename native_object::template rebind_executor<
                                   asio::any_io_executor>::other,
                               general_object>);
    static_assert(std::is_nothrow_move_constructible_v<native_object>);
    static_assert(std::is_nothrow_move_assignable_v<native_object>);
    static_assert(!std::is_copy_constructible_v<native_object>);

    native before(executor);
    before.start(recording_handler(waiting));
    general_object after(std::move(before.object));
    return after.get_executor() == executor ? after.waiters() : 0;
  }

  bool is_on(const asio::any_io_executor& executor) const override
  {
    static_assert(noexcept(this->it.object.get_executor()));
    static_assert(std::same_as<decltype(this->it.object.get_executor()),
                               const asio::any_io_executor&>);
    return this->it.object.get_executor() == executor;
  }
};

// Has one operation of a primitive with this type of executor granted, and
// destroys the primitive while another one is under way.
template <class Executor>
void serve(const operation_kind<case_subject>& kind, Executor executor,
           call_record& granted, call_record& orphaned)
{
  asio::io_context io;
  asio::post(executor,
             [s = kind.make(io.get_executor())->make_native(executor), executor,
              once = kind.serves_once, &granted, &orphaned]() mutable
             {
               s->start(recording_handler(granted));
               s->grant();
               asio::post(executor,
                          [s = std::move(s), once, &orphaned]
                          {
                            if (!once)
                              s->start(recording_handler(orphaned));
                          });
             });
}

} // namespace

TORO_CONFORMANCE_CASE(case_subject, waits_and_grants_move_along)
{
  for (bool granted : {false, true})
  {
    fixture<case_subject> f(kind);
    f.subject->start(recording_handler(f.first));
    f.subject->start(1h, recording_handler(f.second));
    if (granted)
      f.subject->grant();
    f.subject = f.subject->move_out();
    if (!granted)
    {
      BOOST_TEST(f.subject->waiters() == 2u);
      f.subject->grant();
    }
    f.turn();
    BOOST_TEST(f.first.succeeded());
    f.first.let_go();
    f.subject->grant();
    f.turn();
    BOOST_TEST(f.second.succeeded());
  }
}

TORO_CONFORMANCE_CASE(case_subject, moved_from_primitive_can_be_assigned_to)
{
  fixture<case_subject> f(kind);
  f.subject->start(recording_handler(f.first));
  const auto moved = f.subject->move_out();
  const auto other = kind.make(f.io.get_executor());
  other->start(recording_handler(f.second));
  f.subject->move_in(*other);
  BOOST_TEST(f.subject->waiters() == 1u);
  f.subject->grant();
  moved->grant();
  f.turn();
  BOOST_TEST(f.first.succeeded());
  BOOST_TEST(f.second.succeeded());
}

TORO_CONFORMANCE_CASE(case_subject, assignment_ends_what_it_replaces)
{
  for (bool granted : {false, true})
  {
    fixture<case_subject> f(kind);
    const auto other = kind.make(f.io.get_executor());
    f.subject->start(recording_handler(f.first));
    other->start(recording_handler(f.second));
    if (granted)
    {
      f.subject->grant();
      other->grant();
    }
    f.subject->move_in(*other);
    BOOST_TEST(f.first.is_pending());
    if (!granted)
      f.subject->grant();
    f.turn();
    BOOST_TEST(f.first.has(granted ? late_result(kind) : aborted()));
    BOOST_TEST(f.second.succeeded());
    BOOST_TEST(f.subject->waiters() == 0u);
  }
}

TORO_CONFORMANCE_CASE(case_subject, assignment_to_itself_changes_nothing)
{
  fixture<case_subject> f(kind);
  f.subject->start(recording_handler(f.first));
  f.subject->move_in(*f.subject);
  f.subject->start(recording_handler(f.second));
  f.subject->grant();
  f.turn();
  BOOST_TEST(f.first.calls == 1);
}

TORO_CONFORMANCE_CASE(case_subject, handlers_go_with_the_context_uncalled)
{
  call_record waiting;
  call_record granted;
  call_record late;
  {
    asio::io_context io;
    const auto s = kind.make(io.get_executor());
    const auto t = kind.make(io.get_executor());
    s->start(recording_handler(waiting));
    s->start(1h, recording_handler(late));
    t->start(recording_handler(granted));
    t->grant();
  }
  BOOST_TEST(waiting.was_dropped());
  BOOST_TEST(late.was_dropped());
  BOOST_TEST(granted.was_dropped());
}

TORO_CONFORMANCE_CASE(case_subject, primitive_without_a_context_is_inert)
{
  call_record waiting;
  call_record granted;
  std::unique_ptr<case_subject> first;
  std::unique_ptr<case_subject> second;
  {
    asio::io_context io;
    first = kind.make(io.get_executor());
    second = kind.make(io.get_executor());
    first->start(recording_handler(waiting));
    second->start(recording_handler(granted));
    second->grant();
  }
  BOOST_TEST(waiting.was_dropped());
  BOOST_TEST(granted.was_dropped());
  for (auto* s : {&first, &second})
  {
    call_record again;
    (*s)->start(recording_handler(again));
    BOOST_TEST(again.was_dropped());
    call_record timed;
    (*s)->start(1h, recording_handler(timed));
    BOOST_TEST(timed.was_dropped());
    call_record passed;
    (*s)->start(-1s, recording_handler(passed));
    BOOST_TEST(passed.was_dropped());
    BOOST_TEST((*s)->waiters() == 0u);
    BOOST_TEST((*s)->cancel() == 0u);
    (*s)->grant();
    call_record ready;
    (*s)->start(recording_handler(ready));
    BOOST_TEST(ready.was_dropped());
  }
  first->move_in(*second);
}

TORO_CONFORMANCE_CASE(case_subject, primitive_on_a_context)
{
  call_record granted;
  call_record orphaned;
  asio::io_context io;
  serve(kind, io.get_executor(), granted, orphaned);
  io.run();
  BOOST_TEST(granted.succeeded());
  BOOST_TEST((kind.serves_once || orphaned.has(late_result_at_once(kind))));
}

TORO_CONFORMANCE_CASE(case_subject, primitive_on_a_thread_pool)
{
  call_record granted;
  call_record orphaned;
  asio::thread_pool pool(1);
  serve(kind, pool.get_executor(), granted, orphaned);
  pool.join();
  BOOST_TEST(granted.succeeded());
  BOOST_TEST((granted.thread != std::this_thread::get_id()));
  BOOST_TEST((kind.serves_once || orphaned.has(late_result_at_once(kind))));
}

TORO_CONFORMANCE_CASE(case_subject,
                      primitive_on_another_context_in_its_executor)
{
  for (bool strand : {false, true})
  {
    fixture<case_subject> f(kind);
    asio::any_io_executor executor = f.io.get_executor();
    if (strand)
      executor = asio::make_strand(f.io);
    f.subject = kind.make(executor);
    BOOST_TEST(f.subject->is_on(executor));
    f.subject->start(recording_handler(f.first));
    f.subject->grant();
    f.turn();
    BOOST_TEST(f.first.succeeded());
  }
}

TORO_CONFORMANCE_CASE(case_subject, conversion_takes_the_waits_along)
{
  fixture<case_subject> f(kind);
  BOOST_TEST(f.subject->convert(f.io.get_executor(), f.first) == 1u);
  f.turn();
  BOOST_TEST(f.first.has(aborted()));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
