// SPDX-License-Identifier: BSL-1.0
#include <toro/bounded_semaphore.hpp>
#include <toro/lock.hpp>
#include <toro/semaphore.hpp>
#include <toro/threading.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <type_traits>

#include "model/differential/guard_shelf.hpp"
#include "model/differential/one_by_one.hpp"
#include "model/differential/subject.hpp"

namespace toro_test {

namespace {

using boost::asio::any_io_executor;
using boost::system::error_code;

// A lock, or a semaphore of either kind.
template <class Primitive>
class lock_subject final : public subject
{
public:
  lock_subject(boost::asio::io_context& context, auto... size)
    : primitive_(one_by_one(context), size...)
  {
  }

  std::string call(const step& s) override
  {
    if (s.verb == "drop")
      return guards_.drop();
    if (s.verb == "drop_again")
      return guards_.drop_again();
    if (s.verb == "try_acquire")
      return try_acquire();
    if (s.verb != "release")
      refuse(s);
    error_code ec;
    primitive_.release(ec);
    return word_of(ec);
  }

  void start(const step& s, toro::deadline limit, completion done) override
  {
    if constexpr (counts)
    {
      if (s.verb == "wait")
      {
        primitive_.async_wait(limit, std::move(done));
        return;
      }
    }
    primitive_.async_acquire(
        limit,
        [this, keep = s.verb == "hold",
         done = std::move(done)](const error_code& ec, guard_type guard) mutable
        {
          if (!ec && keep)
            guards_.keep(std::move(guard));
          else if (!ec)
            guard.detach();
          done(ec);
        });
  }

  std::vector<std::size_t> state() const override
  {
    if constexpr (counts)
      return {primitive_.value(), primitive_.locked(), primitive_.waiters()};
    else
      return {primitive_.locked(), primitive_.waiters()};
  }

private:
  using guard_type = decltype(std::declval<Primitive&>().try_acquire());

  static constexpr bool counts = requires(const Primitive& p)
  {
    p.value();
  };

  std::string try_acquire()
  {
    guard_type guard = primitive_.try_acquire();
    if (!guard)
      return "no";
    guard.detach();
    return "ok";
  }

  guard_shelf<guard_type> guards_;
  Primitive primitive_;
};

template <class Threading>
std::unique_ptr<subject> make_lock(const object& what,
                                   boost::asio::io_context& context)
{
  using lock = toro::basic_lock<any_io_executor, Threading>;
  using semaphore = toro::basic_semaphore<any_io_executor, Threading>;
  using bounded = toro::basic_bounded_semaphore<any_io_executor, Threading>;

  if (what.kind == "lock")
    return std::make_unique<lock_subject<lock>>(context);
  if (what.kind == "semaphore")
    return std::make_unique<lock_subject<semaphore>>(context,
                                                     what.size.value());
  if (what.kind == "bounded")
    return std::make_unique<lock_subject<bounded>>(context, what.size.value());
  return nullptr;
}

} // namespace

std::unique_ptr<subject> make_lock(const object& what, threading policy,
                                   boost::asio::io_context& context)
{
  return policy == threading::thread_safe
             ? make_lock<toro::thread_safe>(what, context)
             : make_lock<toro::strand_bound>(what, context);
}

} // namespace toro_test
