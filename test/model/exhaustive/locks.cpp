// SPDX-License-Identifier: BSL-1.0
#include <toro/bounded_semaphore.hpp>
#include <toro/lock.hpp>
#include <toro/semaphore.hpp>
#include <toro/threading.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <utility>

#include "model/actions/semaphore.hpp"
#include "model/exhaustive/library.hpp"

namespace {

using namespace toro_test;

// What the three have in common; derived classes say what differs.
template <class Derived, class Primitive, class Guard>
class permits_library : public public_library<Derived, Primitive>
{
public:
  explicit permits_library(std::size_t value)
    : value_(value),
      bound_(value),
      total_(value)
  {
    this->make_object();
  }

  Primitive make()
  {
    return Derived::make_with(this->executor(), value_);
  }

  bool try_acquire(std::size_t n)
  {
    Guard g = Derived::try_take(this->object(), n);
    if (!g)
      return false;
    guards_.push_back(std::move(g));
    return true;
  }

  std::size_t release(std::size_t n)
  {
    error_code ec;
    const std::size_t granted = Derived::release_to(this->object(), n, ec);
    if (!ec)
      total_ += n;
    return count_of(granted, ec);
  }

  void reset_guard()
  {
    guards_.front().reset();
    guards_.erase(guards_.begin());
  }

  void detach_guard()
  {
    total_ -= Derived::count(guards_.front());
    guards_.front().detach();
    guards_.erase(guards_.begin());
  }

  void give_back(std::size_t n)
  {
    guards_.front().give_back(n);
    if (!guards_.front())
      guards_.erase(guards_.begin());
  }

  void split(std::size_t n)
  {
    guards_.push_back(guards_.front().split(n));
  }

  void merge()
  {
    guards_[1].merge(std::move(guards_.front()));
    guards_.erase(guards_.begin());
  }

  std::size_t close()
  {
    return this->object().close();
  }

  std::size_t resize(std::size_t n)
  {
    if constexpr (requires { this->object().resize(n); })
    {
      total_ += n - std::exchange(bound_, n);
      return this->object().resize(n);
    }
    return nothing;
  }

  void look(view& v) const
  {
    v.add("value", Derived::value(this->object()));
    v.add("waiters", this->object().waiters());
  }

  // No permit is lost, and none is there twice.
  bool balances() const
  {
    std::size_t owned = 0;
    for (const Guard& g : guards_)
      owned += Derived::count(g);
    return Derived::value(this->object()) == left_of(total_, owned);
  }

  using public_library<Derived, Primitive>::keep;

  std::size_t keep(std::size_t, Guard g)
  {
    const std::size_t n = Derived::count(g);
    if (n != 0)
      guards_.push_back(std::move(g));
    return n;
  }

private:
  row<Guard> guards_;
  std::size_t value_;
  std::size_t bound_;

  // What may be free or held; what was detached may not. Below zero if a
  // smaller bound leaves less than that.
  std::size_t total_;
};

template <template <class, class> class Semaphore, class Threading>
class semaphore_library
  : public permits_library<semaphore_library<Semaphore, Threading>,
                           Semaphore<step_executor, Threading>,
                           toro::basic_permit<Threading>>
{
  using primitive = Semaphore<step_executor, Threading>;
  using permit = toro::basic_permit<Threading>;

public:
  static constexpr bool is_lock = false;

  semaphore_library(std::size_t value, bool)
    : semaphore_library::permits_library(value)
  {
  }

  void start_acquire(std::size_t n, patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_acquire(
                      n, std::forward<decltype(args)>(args)...);
                });
  }

  void start_acquire_some(std::size_t least, std::size_t most,
                          patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_acquire_some(
                      least, most, std::forward<decltype(args)>(args)...);
                });
  }

  void start_watch(patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_wait(
                      std::forward<decltype(args)>(args)...);
                });
  }

  static primitive make_with(const step_executor& executor, std::size_t value)
  {
    return primitive(executor, value);
  }

  static permit try_take(primitive& object, std::size_t n)
  {
    return object.try_acquire(n);
  }

  static std::size_t release_to(primitive& object, std::size_t n,
                                error_code& ec)
  {
    return object.release(n, ec);
  }

  static std::size_t count(const permit& p)
  {
    return p.count();
  }

  static std::size_t value(const primitive& object)
  {
    return object.value();
  }
};

template <class Threading>
class lock_library
  : public permits_library<lock_library<Threading>,
                           toro::basic_lock<step_executor, Threading>,
                           toro::basic_guard<Threading>>
{
  using primitive = toro::basic_lock<step_executor, Threading>;
  using guard = toro::basic_guard<Threading>;

public:
  static constexpr bool is_lock = true;

  lock_library(std::size_t value, bool)
    : lock_library::permits_library(value)
  {
  }

  void start_acquire(std::size_t, patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  this->object().async_acquire(
                      std::forward<decltype(args)>(args)...);
                });
  }

  static primitive make_with(const step_executor& executor, std::size_t)
  {
    return primitive(executor);
  }

  static guard try_take(primitive& object, std::size_t)
  {
    return object.try_acquire();
  }

  static std::size_t release_to(primitive& object, std::size_t, error_code& ec)
  {
    return object.release(ec);
  }

  static std::size_t count(const guard& g)
  {
    return static_cast<bool>(g);
  }

  static std::size_t value(const primitive& object)
  {
    return !object.locked();
  }
};

template <class Library, bool Changing = false>
void test_permits(const std::string& name, std::size_t value, bool bounded)
{
  test_all_sequences<semaphore_machine<Library, Changing>>(
      name, public_lengths(), value, bounded);
}

using toro::strand_bound;
using toro::thread_safe;

} // namespace

BOOST_AUTO_TEST_CASE(lock_follows_the_model)
{
  test_permits<lock_library<thread_safe>>("lock", 1, true);
  test_permits<lock_library<strand_bound>>("strand_bound lock", 1, true);
}

BOOST_AUTO_TEST_CASE(semaphore_follows_the_model)
{
  using toro::basic_semaphore;
  test_permits<semaphore_library<basic_semaphore, thread_safe>>(
      "semaphore of 1", 1, false);
  test_permits<semaphore_library<basic_semaphore, strand_bound>>(
      "strand_bound semaphore of 2", 2, false);
}

BOOST_AUTO_TEST_CASE(bounded_semaphore_follows_the_model)
{
  using toro::basic_bounded_semaphore;
  test_permits<semaphore_library<basic_bounded_semaphore, thread_safe>>(
      "bounded_semaphore of 2", 2, true);
  test_permits<semaphore_library<basic_bounded_semaphore, strand_bound>>(
      "strand_bound bounded_semaphore of 1", 1, true);
}

BOOST_AUTO_TEST_CASE(changing_semaphores_follow_the_model)
{
  test_permits<semaphore_library<toro::basic_semaphore, strand_bound>, true>(
      "changing semaphore of 2", 2, false);
  test_permits<semaphore_library<toro::basic_bounded_semaphore, thread_safe>,
               true>("changing bounded_semaphore of 2", 2, true);
}
