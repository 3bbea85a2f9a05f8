// SPDX-License-Identifier: BSL-1.0
// Where the memory of operations comes from, when it goes back, and that
// handlers are asked only while they can answer: R13 to R15.

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <memory>
#include <new>
#include <utility>

#include "support/counting_allocator.hpp"
#include "unit/conformance/fixture.hpp"

namespace asio = boost::asio;

namespace toro_test {

BOOST_AUTO_TEST_SUITE(memory)

namespace {

using counted =
    asio::allocator_binder<recording_handler, counting_allocator<void>>;

// A handler that can be asked for what is associated with it only until it is
// moved from, as those of Asio's parallel_group.
class fragile
{
public:
  struct parts
  {
    asio::io_context::executor_type executor;
    asio::cancellation_slot slot;
    counting_allocator<void> allocator;
    recording_handler handler;
  };

  using executor_type = asio::io_context::executor_type;
  using cancellation_slot_type = asio::cancellation_slot;
  using allocator_type = counting_allocator<void>;

  explicit fragile(parts p)
    : parts_(std::make_unique<parts>(std::move(p)))
  {
  }

  executor_type get_executor() const noexcept
  {
    return parts_->executor;
  }

  cancellation_slot_type get_cancellation_slot() const noexcept
  {
    return parts_->slot;
  }

  allocator_type get_allocator() const noexcept
  {
    return parts_->allocator;
  }

  template <class... Args>
  void operator()(Args&&... args)
  {
    std::move(parts_->handler)(std::forward<Args>(args)...);
  }

private:
  std::unique_ptr<parts> parts_;
};

// A primitive whose executor has its type.
class native_subject
{
public:
  virtual ~native_subject() = default;

  // Starts the operation, which is granted at once.
  virtual void serve(counted handler) = 0;
};

template <class Operation>
class native_subject_of final : public native_subject
{
public:
  explicit native_subject_of(io_executor executor)
    : it_(executor)
  {
  }

  void serve(counted handler) override
  {
    it_.start(std::move(handler));
    it_.grant();
  }

private:
  subject_of<Operation, io_executor> it_;
};

class case_subject : public subject
{
public:
  using subject::start;

  virtual void start(counted handler) = 0;
  virtual void start(fragile handler) = 0;

  virtual std::unique_ptr<native_subject> make_native(io_executor executor) = 0;
};

template <class Operation>
class case_subject_of : public subject_base<Operation, case_subject>
{
public:
  using subject_base<Operation, case_subject>::subject_base;
  using subject_base<Operation, case_subject>::start;

  void start(counted handler) override
  {
    this->it.start(std::move(handler));
  }

  void start(fragile handler) override
  {
    this->it.start(std::move(handler));
  }

  std::unique_ptr<native_subject> make_native(io_executor executor) override
  {
    return std::unique_ptr<native_subject>(
        new native_subject_of<Operation>(executor));
  }
};

counted with(allocations& book, call_record& report)
{
  return asio::bind_allocator(counting_allocator<void>(book),
                              recording_handler(report));
}

} // namespace

TORO_CONFORMANCE_CASE(case_subject,
                      memory_is_the_handlers_and_free_when_it_runs)
{
  for (ending how : all_endings)
  {
    allocations book;
    fixture<case_subject> f(kind);
    std::size_t live_inside = 1;
    f.first.on_call = [&]
    {
      live_inside = book.live;
    };
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   s.start(with(book, f.first));
                 });
    BOOST_TEST(book.live > 0u);
    f.turn();
    BOOST_TEST(f.first.has(result_of(kind, how)));
    BOOST_TEST(book.made > 0u);
    BOOST_TEST(live_inside == 0u);
    BOOST_TEST(book.live == 0u);
  }
}

// An executor with a type of its own takes its part from the handler as well.
TORO_CONFORMANCE_CASE(case_subject, executor_uses_the_memory_of_the_handler_too)
{
  allocations book;
  fixture<case_subject> f(kind);
  std::size_t live_inside = 1;
  f.first.on_call = [&]
  {
    live_inside = book.live;
  };
  const auto native = f.subject->make_native(f.io.get_executor());
  native->serve(with(book, f.first));
  f.turn();
  BOOST_TEST(f.first.succeeded());
  BOOST_TEST(book.made == 2u);
  BOOST_TEST(live_inside == 0u);
}

TORO_CONFORMANCE_CASE(case_subject, failed_allocation_leaves_all_as_it_was)
{
  fixture<case_subject> f(kind);
  allocations book;
  book.fail = true;
  BOOST_CHECK_THROW(f.subject->start(with(book, f.first)), std::bad_alloc);
  BOOST_TEST(f.first.was_dropped());
  BOOST_TEST(f.subject->waiters() == 0u);
  BOOST_TEST(book.live == 0u);
  f.subject->grant();
  BOOST_TEST(f.subject->is_whole());
  BOOST_CHECK_THROW(f.subject->start(with(book, f.second)), std::bad_alloc);
  BOOST_TEST(f.second.was_dropped());
  BOOST_TEST(f.subject->is_whole());
  f.subject->start(recording_handler(f.third));
  if (kind.never_ready)
    f.subject->grant();
  f.turn();
  BOOST_TEST(f.third.succeeded());
}

TORO_CONFORMANCE_CASE(case_subject, memory_is_free_when_the_context_is_gone)
{
  for (bool granted : {false, true})
  {
    call_record report;
    allocations book;
    {
      asio::io_context io;
      const auto s = kind.make(io.get_executor());
      s->start(with(book, report));
      if (granted)
        s->grant();
    }
    BOOST_TEST(report.was_dropped());
    BOOST_TEST(book.made > 0u);
    BOOST_TEST(book.live == 0u);
  }
}

TORO_CONFORMANCE_CASE(case_subject,
                      handler_is_not_asked_after_it_was_moved_from)
{
  for (ending how : all_endings)
  {
    allocations book;
    asio::io_context there;
    asio::cancellation_signal signal;
    fixture<case_subject> f(kind);
    std::size_t live_inside = 1;
    f.first.on_call = [&]
    {
      live_inside = book.live;
    };
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   s.start(fragile({there.get_executor(), signal.slot(),
                                    counting_allocator<void>(book),
                                    recording_handler(f.first)}));
                 });
    BOOST_TEST(signal.slot().has_handler());
    f.turn();
    BOOST_TEST(f.first.is_pending());
    there.poll();
    BOOST_TEST(f.first.has(result_of(kind, how)));
    BOOST_TEST(live_inside == 0u);
    signal.emit(asio::cancellation_type::terminal);
    f.turn();
  }
}

TORO_CONFORMANCE_CASE(case_subject, fragile_handler_is_dropped_with_its_context)
{
  for (bool granted : {false, true})
  {
    call_record report;
    allocations book;
    asio::cancellation_signal signal;
    {
      asio::io_context there;
      asio::io_context io;
      const auto s = kind.make(io.get_executor());
      s->start(
          fragile({there.get_executor(), signal.slot(),
                   counting_allocator<void>(book), recording_handler(report)}));
      if (granted)
        s->grant();
    }
    BOOST_TEST(report.was_dropped());
    BOOST_TEST(book.live == 0u);
    signal.emit(asio::cancellation_type::terminal);
  }
}

// The handler gets its memory back before it is called, so that the next
// operation can have it; and it may do away with the primitive.
TORO_CONFORMANCE_CASE(case_subject,
                      handler_may_start_the_next_or_destroy_the_primitive)
{
  for (ending how : {ending::at_once, ending::granted, ending::cancelled,
                     ending::cancelled_late})
  {
    if (how != ending::cancelled && kind.serves_once)
      continue;
    allocations book;
    fixture<case_subject> f(kind);
    f.first.on_call = [&]
    {
      f.first.let_go();
      f.subject->start(with(book, f.second));
      f.subject->grant();
    };
    f.second.on_call = [&]
    {
      f.subject.reset();
    };
    bring_to_end(kind, f, how,
                 [&](case_subject& s)
                 {
                   s.start(with(book, f.first));
                 });
    f.turn();
    BOOST_TEST(f.first.has(result_of(kind, how)));
    BOOST_TEST(f.second.succeeded());
    BOOST_TEST(book.live == 0u);
    BOOST_TEST(!f.subject);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace toro_test
