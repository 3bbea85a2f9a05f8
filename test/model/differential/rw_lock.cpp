// SPDX-License-Identifier: BSL-1.0
#include <toro/rw_lock.hpp>
#include <toro/threading.hpp>

#include <boost/asio/any_io_executor.hpp>

#include "model/differential/guard_shelf.hpp"
#include "model/differential/one_by_one.hpp"
#include "model/differential/subject.hpp"

namespace toro_test {

namespace {

using boost::asio::any_io_executor;
using boost::system::error_code;

template <class Threading>
class rw_lock_subject final : public subject
{
public:
  rw_lock_subject(const object& what, boost::asio::io_context& context)
    : lock_(what.size ? lock_type(one_by_one(context), *what.size)
                      : lock_type(one_by_one(context)))
  {
  }

  std::string call(const step& s) override
  {
    if (s.verb == "drop")
      return guards_.drop();
    if (s.verb == "drop_again")
      return guards_.drop_again();
    if (s.verb == "try_read")
      return detach(lock_.try_acquire_read());
    if (s.verb == "try_write")
      return detach(lock_.try_acquire_write());
    error_code ec;
    if (s.verb == "release_read")
      lock_.release_read(ec);
    else if (s.verb == "release_write")
      lock_.release_write(ec);
    else
      refuse(s);
    return word_of(ec);
  }

  void start(const step& s, toro::deadline limit, completion done) override
  {
    auto handler =
        [this, keep = s.verb.starts_with("hold"),
         done = std::move(done)](const error_code& ec, auto guard) mutable
    {
      if (!ec && keep)
        guards_.keep(std::move(guard));
      else if (!ec)
        guard.detach();
      done(ec);
    };
    if (s.verb.ends_with("read"))
      lock_.async_acquire_read(limit, std::move(handler));
    else
      lock_.async_acquire_write(limit, std::move(handler));
  }

  std::vector<std::size_t> state() const override
  {
    return {lock_.readers(), lock_.write_locked(), lock_.locked(),
            lock_.waiters()};
  }

private:
  using lock_type = toro::basic_rw_lock<any_io_executor, Threading>;

  static std::string detach(auto guard)
  {
    if (!guard)
      return "no";
    guard.detach();
    return "ok";
  }

  guard_shelf<typename lock_type::read_guard_type,
              typename lock_type::write_guard_type>
      guards_;
  lock_type lock_;
};

} // namespace

std::unique_ptr<subject> make_rw_lock(const object& what, threading policy,
                                      boost::asio::io_context& context)
{
  if (what.kind != "rw_lock")
    return nullptr;
  if (policy == threading::thread_safe)
    return std::make_unique<rw_lock_subject<toro::thread_safe>>(what, context);
  return std::make_unique<rw_lock_subject<toro::strand_bound>>(what, context);
}

} // namespace toro_test
