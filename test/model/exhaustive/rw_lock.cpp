// SPDX-License-Identifier: BSL-1.0
#include "model/actions/rw_lock.hpp"

#include <toro/rw_lock.hpp>
#include <toro/threading.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <string>
#include <utility>

#include "model/exhaustive/library.hpp"

namespace {

using namespace toro_test;

template <class Threading>
class rw_lock_library
  : public public_library<rw_lock_library<Threading>,
                          toro::basic_rw_lock<step_executor, Threading>>
{
  using primitive = toro::basic_rw_lock<step_executor, Threading>;
  using read_guard = toro::basic_read_guard<Threading>;
  using write_guard = toro::basic_write_guard<Threading>;

public:
  explicit rw_lock_library(std::size_t max_readers)
    : max_readers_(max_readers)
  {
    this->make_object();
  }

  primitive make()
  {
    return primitive(this->executor(), max_readers_);
  }

  void start_acquire(side s, patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  if (s == side::reading)
                    this->object().async_acquire_read(
                        std::forward<decltype(args)>(args)...);
                  else
                    this->object().async_acquire_write(
                        std::forward<decltype(args)>(args)...);
                });
  }

  void start_upgrade(patience how_long)
  {
    this->start(how_long,
                [&](auto&&... args)
                {
                  begin_upgrade(std::forward<decltype(args)>(args)...);
                });
  }

  bool try_upgrade()
  {
    read_guard held = pop(read_guards_);
    if (hold(write_guards_, this->object().try_upgrade(held)))
      return true;
    read_guards_.insert(read_guards_.begin(), std::move(held));
    return false;
  }

  bool try_acquire(side s)
  {
    return s == side::reading
               ? hold(read_guards_, this->object().try_acquire_read())
               : hold(write_guards_, this->object().try_acquire_write());
  }

  std::size_t release(side s)
  {
    error_code ec;
    const std::size_t granted = s == side::reading
                                    ? this->object().release_read(ec)
                                    : this->object().release_write(ec);
    if (!ec)
      --detached(s);
    return count_of(granted, ec);
  }

  void reset_guard(side s)
  {
    if (s == side::reading)
      pop(read_guards_).reset();
    else
      pop(write_guards_).reset();
  }

  void detach_guard(side s)
  {
    ++detached(s);
    if (s == side::reading)
      pop(read_guards_).detach();
    else
      pop(write_guards_).detach();
  }

  bool downgrade()
  {
    write_guard held = pop(write_guards_);
    try
    {
      return hold(read_guards_, std::move(held).downgrade());
    }
    catch (const boost::system::system_error&)
    {
      hold(write_guards_, std::move(held));
      return false;
    }
  }

  void look(view& v) const
  {
    v.add("readers", this->object().readers());
    v.add("write locked", this->object().write_locked());
    v.add("locked", this->object().locked());
    v.add("waiters", this->object().waiters());
  }

  // Those inside are those who were let in and have not left.
  bool balances() const
  {
    return this->object().readers() ==
               read_guards_.size() + upgrading_ + detached_readers_ &&
           this->object().write_locked() ==
               write_guards_.size() + detached_writers_;
  }

  std::size_t keep(std::size_t, read_guard g)
  {
    hold(read_guards_, std::move(g));
    return static_cast<std::size_t>(side::reading);
  }

  std::size_t keep(std::size_t, write_guard g)
  {
    hold(write_guards_, std::move(g));
    return static_cast<std::size_t>(side::writing);
  }

private:
  // A reader whose guard is in an operation.
  class upgrading_reader
  {
  public:
    explicit upgrading_reader(std::size_t& count) noexcept
      : count_(&count)
    {
      ++*count_;
    }

    upgrading_reader(upgrading_reader&& other) noexcept
      : count_(std::exchange(other.count_, nullptr))
    {
    }

    ~upgrading_reader()
    {
      if (count_)
        --*count_;
    }

  private:
    std::size_t* count_;
  };

  // The listener hears of the writer's guard. The reader's comes back with an
  // error only.
  template <class Listener>
  auto splitting(Listener listener)
  {
    const auto slot = listener.get_cancellation_slot();
    return boost::asio::bind_cancellation_slot(
        slot,
        [this, reader = upgrading_reader(upgrading_),
         heard = std::move(listener)](error_code ec, write_guard writing,
                                      read_guard reading) mutable
        {
          hold(read_guards_, std::move(reading));
          heard(ec, std::move(writing));
        });
  }

  template <class Listener>
  void begin_upgrade(Listener listener)
  {
    this->object().async_upgrade(pop(read_guards_),
                                 splitting(std::move(listener)));
  }

  template <class Listener>
  void begin_upgrade(toro::deadline limit, Listener listener)
  {
    this->object().async_upgrade(pop(read_guards_), limit,
                                 splitting(std::move(listener)));
  }

  template <class Guard>
  static bool hold(row<Guard>& guards, Guard g)
  {
    if (!g)
      return false;
    guards.push_back(std::move(g));
    return true;
  }

  template <class Guard>
  static Guard pop(row<Guard>& guards)
  {
    Guard g = std::move(guards.front());
    guards.erase(guards.begin());
    return g;
  }

  std::size_t& detached(side s)
  {
    return s == side::reading ? detached_readers_ : detached_writers_;
  }

  row<read_guard> read_guards_;
  row<write_guard> write_guards_;
  std::size_t upgrading_ = 0;
  std::size_t detached_readers_ = 0;
  std::size_t detached_writers_ = 0;
  std::size_t max_readers_;
};

template <class Threading>
void test_rw_lock(const std::string& name, std::size_t max_readers)
{
  test_all_sequences<rw_lock_machine<rw_lock_library<Threading>>>(
      name, public_lengths(), max_readers);
}

} // namespace

BOOST_AUTO_TEST_CASE(rw_lock_follows_the_model)
{
  test_rw_lock<toro::thread_safe>("rw_lock of 2", 2);
  test_rw_lock<toro::thread_safe>("rw_lock of 0", 0);
  test_rw_lock<toro::strand_bound>("strand_bound rw_lock of 1", 1);
  test_rw_lock<toro::strand_bound>("strand_bound rw_lock", PTRDIFF_MAX);
}
